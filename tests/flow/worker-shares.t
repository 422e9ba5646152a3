#!/bin/sh
# Many jobs of one owner do not keep the one of another from its turn.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/shares.sh"
setup
V2M_LEASE=1min		# whoever has a job keeps it
clip talk.mp4

forget() {
	sql store "DELETE FROM record"
	sql queue "DELETE FROM message"
}

upload ann 8 > ann.ids
upload bob 1 > bob.ids
ok "one worker takes what is there" v2m-convert-worker --once
is "$(whose)" abaaaaaaa "bob's one job runs after one of ann's eight"
v2m-notify --once
is "$(sort "$TMP/notices" | uniq -c | awk '$1 != 1' | wc -l) $(
    wc -l < "$TMP/notices")" "0 9" "each owner is told once of each"
is "$(sql queue "SELECT count(*) FROM message")" 0 "no message is left over"

forget
upload ann 4 > ann.ids
upload bob 3 > bob.ids
upload root 1 > root.ids
ok "three owners" v2m-convert-worker --once
is "$(whose)" abarabab "take turns"

forget
long_clip long.mp4
as ann v2m-upload long.mp4 long.mp4 > long.ids
upload ann 4 > ann.ids
upload bob 2 > bob.ids
ok "two at a time, and two long ones in front" v2m-convert-worker --once -j 2
is "$(whose | cut -c 1-2)" bb "bob has one of two slots"

# The one of ann's that was passed over does not wait for bob's end.
forget
upload ann 2 > ann.ids
as bob v2m-upload long.mp4 > bob.ids
ok "two short ones in front, and a long one" v2m-convert-worker --once -j 2
is "$(whose)" aab "a free slot takes the message that was passed over"
is "$(sql store "SELECT count(*) FROM record
    WHERE requeued_at >= queued_at AND requeued_at > created_at")" 1 \
    "which counts as a new one"

# One of ann's runs at another worker.
elsewhere() {
	forget
	upload ann 4 > ann.ids
	upload bob 1 > bob.ids
	sql store "UPDATE record SET state = $JOB_RUNNING, holder = 'x',
	    lease_ms = 90000,
	    until = created_at + 90000 WHERE id = '$(head -n 1 ann.ids)'"
	sql queue "DELETE FROM message WHERE body LIKE '%$(
	    head -n 1 ann.ids)%'"
}
elsewhere
v2m-convert-worker --once
is "$(whose)" baaa "what runs elsewhere counts"
elsewhere
V2M_MAX_USER_RUNNING=2 v2m-convert-worker --once
is "$(whose)" aaab "max_user_running is the share"

forget
upload ann 5 > ann.ids
upload bob 1 > bob.ids
sql store "UPDATE record SET fence = 1 WHERE owner = 'bob@example.org'"
ok "a job that was tried before" v2m-convert-worker --once
is "$(whose)" aaaaab "waits for its own message"

forget
upload ann 3 > ann.ids
upload bob 1 > bob.ids
sql store "UPDATE record SET sha256 = '' WHERE owner = 'bob@example.org'"
ok "a video of a foreign gateway's" v2m-convert-worker --once
is "$(whose)" aaab "waits for its own message, too"

forget
upload ann 3 > ann.ids
upload bob 1 > bob.ids
ok "a foreign converter" env V2M_CONVERTER=foreign v2m-convert-worker --once
is "$(whose)" aaab "may have others' jobs: none goes before its message"
done_testing
