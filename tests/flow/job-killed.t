#!/bin/sh
# kill -9 between each two steps of a job: the next worker or notifier does
# what is missing and nothing twice.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

# What must hold whenever, wherever somebody was killed.
check() {
	is "$(finish "$2")" done "$1: done in the end"
	is "$(mp3s)" 1 "$1: there is one MP3"
	is "$(sql store "SELECT count(*) FROM object, record WHERE
	    object.kind = 'mp3' AND object.id = record.mp3 AND
	    record.id = '$2'")" 1 "$1: the one that the record names"
	eventually "$1: no message is left" drained
	is "$(notices "$2")" 1 "$1: the owner was told once"
	ok "$1: it can be fetched" v2m-fetch -o - "$2"
	v2m-remove "$2" > /dev/null
	is "$(mp3s)" 0 "$1: removed, it leaves nothing"
}

# dies POINT CMD...: by SIGKILL, which the shell calls 137.
dies() {
	dies_at=$1
	shift
	status 137 "$*: dies at $dies_at" env V2M_FAULT="kill:$dies_at" "$@"
}

for point in claimed encoded store-written store-linked store-committed \
    stored committed end-publish queue-publish queue-published end-published; do
	id=$(v2m-upload talk.mp4) || exit 99
	dies $point v2m-convert-worker --once
	check "worker, $point" "$id"
done

for point in notice-claimed notice-recorded; do
	id=$(v2m-upload talk.mp4) || exit 99
	v2m-convert-worker --once
	dies $point v2m-notify --once
	check "notifier, $point" "$id"
done

# Who dies before the send has not tried, however often.
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
for turn in 1 2 3; do
	dies notice-claimed v2m-notify --once
	is "$(sql store "SELECT told, told_tries FROM record
	    WHERE id = '$id'")" 'sending|0' "no try is counted"
	sleep 1.1
done
check "notifier, notice-claimed three times" "$id"

# From the last write before it on, it may have been sent: once more.
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
dies notice-begun v2m-notify --once
is "$(sql store "SELECT told_tries FROM record WHERE id = '$id'")" 1 \
    "one try is counted"
sleep 1.1
dies notice-claimed v2m-notify --once
sleep 1.1
check "notifier, notice-begun, then notice-claimed" "$id"

# Here nobody can know whether the mail was accepted: once more, and no more.
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
dies notice-sent v2m-notify --once
is "$(finish "$id")" done "notifier, notice-sent: done in the end"
is "$(notices "$id")" 2 "told a second time, as it may be lost"
is "$(grep -i '^message-id:' mails | tail -n 2 | sort -u | wc -l)" 1 \
    "under the same Message-ID"
v2m-remove "$id" > "$OUT"
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
dies notice-sent v2m-notify --once
sleep 1.1
dies notice-sent v2m-notify --once
sleep 1.1
v2m-notify --once 2> "$ERR"
is "$(notices "$id")" 2 "killed at both: no third time"
is "$(sql store "SELECT told FROM record WHERE id = '$id'")" 'sent?' \
    "and the record says that nobody knows"

# The same job three times under workers that die: it ends, and is told.
id=$(v2m-upload talk.mp4) || exit 99
for turn in 1 2 3; do
	dies claimed v2m-convert-worker --once
	sleep 1.1
done
is "$(finish "$id")" failed "a job that kills three workers has failed"
like "$(v2m-status "$id")" 'its worker died three times' "with its reason"
is "$(grep "^$id" notices)" "$id failed" "and its owner is told"

done_testing
