#!/bin/sh
# v2m-upload has its check made by the engine of a worker beside it, where there
# is one, and by its own else: whatever happens to that worker, no upload fails
# by it.
#
# slow: 8 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
by_url && skip_all "uploads go through a gateway"
setup
clip talk.mp4
echo 'dear diary' > text.mp4
sock=$V2M_STATE/media.sock

# The same v2m-upload in a place where it has no engine of its own.
mkdir -p lone/bin && cp "$V2M_BIN/v2m-upload" lone/bin/ &&
    ln -s "$(cd "$V2M_BIN/../lib" && pwd)" lone/lib || exit 99
borrow() {
	env -u V2M_LIBEXECDIR "$TMP/lone/bin/v2m-upload" "$@"
}
lends() {
	borrow talk.mp4 > /dev/null 2>&1
}
engine_of() {
	cat "/proc/$1/task/$1/children"
}
is_gone() {
	! kill -0 "$1" 2> /dev/null
}

status 78 "without a worker there is nothing to borrow" borrow talk.mp4
v2m-convert-worker --once 2> "$ERR"
ok "one that ends by itself lends nothing" test ! -e "$sock"

background v2m-convert-worker
worker=$tap_pid
eventually "a worker lends its engine" lends
status 0 "a video is checked and accepted" borrow talk.mp4
status 65 "what is none is refused" borrow text.mp4
status 65 "from a pipe, too" sh -c "borrow() { env -u V2M_LIBEXECDIR \
    '$TMP/lone/bin/v2m-upload' \"\$@\"; }; borrow - < text.mp4"
is "$(stat -c %a "$sock")" 600 "nobody else can borrow it"
status 78 "nor is it there for whoever names a program of his own" \
    env V2M_LIBEXECDIR="$TMP" "$TMP/lone/bin/v2m-upload" talk.mp4

engine=$(engine_of "$worker")
kill -KILL "$engine"
status 0 "the worker starts another where it has died" borrow talk.mp4
new_engine=$(engine_of "$worker")
ok "which lives" test "$new_engine" != "$engine"

# --- frozen, killed, ended ---
# One that is stopped as it writes holds up everybody, whatever it lends.
converted() {
	[ -z "$(sql store "SELECT id FROM record WHERE state <> $JOB_DONE")" ]
}
eventually "the worker has nothing more to write" converted
kill -STOP "$worker"
status 78 "one that is stopped lends nothing" borrow talk.mp4
status 0 "and holds nobody up" timeout 60 v2m-upload talk.mp4
kill -CONT "$worker"
eventually "one that goes on lends again" lends

# It is stopped under who has borrowed it: the time of a check is waited for,
# and no child's end.
mkfifo more
background env V2M_MEDIA_TIME=2s v2m-upload --files-from more > more-ids
uploader=$tap_pid
exec 3> more
echo talk.mp4 >&3
eventually "a video is accepted" test -s more-ids
eventually "and converted" converted
kill -STOP "$worker"
begun=$(date +%s)
echo talk.mp4 >&3
exec 3>&-
ok "who borrowed it goes on with his own" wait "$uploader"
ok "and waits for a check, not for a child" test $(($(date +%s) - begun)) -lt 12
kill -CONT "$worker"
is "$(wc -l < more-ids)" 2 "and has both videos accepted"

# What is uploaded when it is killed: a check with it, one without.
mkfifo names
background v2m-upload --files-from names > ids
uploader=$tap_pid
exec 3> names
echo talk.mp4 >&3
eventually "a video is accepted" test -s ids
engine=$(engine_of "$worker")
kill -KILL "$worker"
wait "$worker" 2> /dev/null
eventually "a worker's engine dies with it" is_gone "$engine"
echo talk.mp4 >&3
exec 3>&-
ok "who borrowed it does so, too" wait "$uploader"
is "$(wc -l < ids)" 2 "and has both videos accepted"
ok "what is left of it is a name" test -S "$sock"
status 78 "that nobody answers by" borrow talk.mp4

background v2m-convert-worker
worker=$tap_pid
eventually "the next worker takes the name" lends
kill "$worker"
wait "$worker"
ok "and takes it away" test ! -e "$sock"

done_testing
