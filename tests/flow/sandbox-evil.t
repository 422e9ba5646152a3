#!/bin/sh
# A media program that has been taken over tries what it can from within its
# sandbox: each attempt fails as designed and costs its own job.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

evil=$V2M_BIN/../evil
[ -x "$evil/v2m-media" ] || skip_all "make units has not been run"
V2M_LIBEXECDIR=$(cd "$evil" && pwd)
export V2M_LIBEXECDIR
v2m-init --print-config > "$OUT" || exit 99
names="open stat link access thread"
absent="openat2 code handler odd"
forbidden="create truncate unlink rename mkdir chmod mount unshare socket connect
    exec ptrace kill tgkill fork more"
for word in $names $absent $forbidden uname uid memory loop limit sleep output \
    abort; do
	echo "$word" > "$word.mp4"
done

status 0 "what the sandbox has is told of" v2m --version --verbose
sandbox=$(cat "$OUT")
like "$sandbox" '^limits of time and output: up$' "some are always there"
status 78 "the setting has three words" env V2M_SANDBOX=half v2m-convert \
    open.mp4 x.mp3
off=$(V2M_SANDBOX=no v2m --version --verbose)
like "$off" '^filter of system calls: none, switched off$' \
    "nor does it tell of any that the configuration switches off"
unlike "$off" '^(filter|Landlock|limit of memory).*: up$' "not of one"
like "$(V2M_MEDIA_MEMORY=0 v2m --version --verbose)" \
    '^limit of memory: none, ' "nor of a limit that is none"
status 78 "a limit within which nothing works is none to begin with" \
    env V2M_MEDIA_MEMORY=1M v2m-convert abort.mp4 x.mp3
like "$(cat "$ERR")" 'media_memory must be at least 17M' "and it says so"

# --- by limits, which every build has ---
status 1 "an endless loop ends" \
    env V2M_MEDIA_CPU=1s v2m-convert loop.mp4 x.mp3
like "$(cat "$ERR")" 'ran into its limit of CPU time' "and says so"
status 1 "also where it lifts its own limit" \
    env V2M_MEDIA_CPU=1s V2M_MAX_DURATION=1s v2m-convert limit.mp4 x.mp3
status 1 "doing nothing for ever ends" \
    env V2M_MEDIA_TIME=1s v2m-convert sleep.mp4 x.mp3
like "$(cat "$ERR")" 'ran into its limit of time' "and says so"
status 1 "endless output ends" \
    env V2M_MAX_DURATION=1s v2m-convert output.mp4 x.mp3
like "$(cat "$ERR")" 'becomes larger than it can be' "and says so"
if echo "$sandbox" | grep -q '^limit of memory: up$'; then
	status 1 "100 GB of memory are not to be had" \
	    v2m-convert memory.mp4 x.mp3
	like "$(cat "$ERR")" 'needs too much memory' "and it says so"
	status 1 "an abort is told as one" v2m-convert abort.mp4 x.mp3
	like "$(cat "$ERR")" 'decoder crashed \(SIGABRT\)' "by its name"
fi

# --- by the filter ---
if ! echo "$sandbox" | grep -q '^filter of system calls: up$'; then
	echo "# not tried: $(echo "$sandbox" | grep '^filter')"
	done_testing
fi
V2M_MEDIA_DEBUG=1
export V2M_MEDIA_DEBUG
# answered WORD ERROR: it gets this, is counted, and goes on.
answered() {
	status 74 "$1" v2m-convert "$1.mp4" x.mp3
	like "$(cat "$ERR")" "$1 failed: $2" "is answered"
	like "$(cat "$ERR")" '^v2m-media: 1 system calls refused, the first ' \
	    "and counted"
}
for word in $names; do
	answered $word "No such file"
done
for word in $absent; do
	answered $word "Function not implemented"
done
answered uname "Bad address"
status 70 "the user's own number" v2m-convert uid.mp4 x.mp3
like "$(cat "$ERR")" 'uid was let pass' "may be asked for"
like "$(cat "$ERR")" '^v2m-media: 2 system calls refused, the first getuid' \
    "which is counted"
unset V2M_MEDIA_DEBUG
# No name where nothing can be caught: glibc 2.41 blocks all signals to fork.
for pair in create:openat truncate:openat unlink:unlink rename:rename \
    mkdir:mkdir chmod:chmod mount:mount unshare:unshare socket:socket \
    connect:connect exec:execve ptrace:ptrace kill:kill tgkill:tgkill \
    'fork:(clone|\?)' 'more:(clone|\?)'; do
	status 70 "${pair%%:*}" v2m-convert "${pair%%:*}.mp4" x.mp3
	like "$(cat "$ERR")" "forbidden system call \(${pair#*:}(at|at2)?\): \
a fault of v2m, or an attack" "is told by its name"
done
ok "nothing came of it" test ! -e x.mp3

# --- in a container with a filter of its own ---
if cc -O -o deny "$tap_root/tests/lib/deny.c" -lseccomp 2> "$ERR"; then
	sandbox=$(./deny landlock_create_ruleset -- v2m --version --verbose)
	like "$sandbox" '^filter of system calls: up$' \
	    "a container that forbids Landlock leaves the rest"
	like "$sandbox" '^Landlock: none, ' "and this is told"
	status 78 "one that forbids more" \
	    ./deny capset -- v2m-convert open.mp4 x.mp3
	like "$(cat "$ERR")" \
	    'cannot start the sandbox: .*\(sandbox = no .*does without' \
	    "is told, with the way out"
	status 78 "one that forbids the filter" \
	    ./deny seccomp -- v2m-convert open.mp4 x.mp3
	like "$(cat "$ERR")" 'cannot start the sandbox: the system call filter: .*\(sandbox = partly .*does without it\)' \
	    "is told as well"
	status 78 "a worker does not start" ./deny seccomp -- \
	    v2m-convert-worker --once
	status 70 "as far as there is something" env V2M_SANDBOX=partly \
	    ./deny seccomp -- v2m-convert odd.mp4 x.mp3
	like "$(cat "$ERR")" 'odd was let pass' "it is asked for"
	sandbox=$(./deny seccomp -- v2m --version --verbose)
	like "$sandbox" '^filter of system calls: none, ' "and shown as missing"
	like "$sandbox" '^Landlock: up$|^Landlock: none, the kernel' \
	    "while Landlock is as it was"
else
	skip "a container's own filter" "no cc or libseccomp"
fi

# --- in a worker, which lives on ---
failed_at_last() {
	v2m-convert-worker --once
	is_state failed "$memory"
}
setup
for word in socket kill fork memory; do
	v2m-upload --no-check "$word.mp4"
done > ids
refused=$(cat ids)
status 75 "a worker outlives them all" v2m-convert-worker --once
like "$(cat "$ERR")" "event=failed .*forbidden system call \(socket\)" \
    "a socket is final, with its reason"
memory=$(tail -n 1 ids)
is "$(state "$memory")" queued "what may go another time is tried again"
sql store "UPDATE record SET due = 0, attempts = 2 WHERE id = '$memory'"
eventually "until it was tried often enough" failed_at_last
for id in $refused; do
	is "$(state "$id")" failed "its job has failed"
done
refused=$(sed '$d' ids)
for id in $refused; do
	is "$(sql store "SELECT fence || ',' || failure FROM record
	    WHERE id = '$id'")" 1,70 "at the first attempt, with 70"
done

# --- to the administrator ---
status 1 "v2m-check tells of them" v2m-check
is "$(grep -c '	failed: the sandbox ended .*an attack	v2m-requeue --failed=70 after an upgrade$' "$OUT")" 3 \
    "and what is to be done"
not_ok "but mends nothing" v2m-check --repair --yes
is "$(v2m-requeue --list --failed=70 | cut -f 1 | sort)" \
    "$(echo "$refused" | sort)" "v2m-requeue lists them"
is "$(v2m-requeue --list --failed=1 | cut -f 1)" "$memory" "and the others"
is "$(v2m-requeue --list --failed=70 --reason clone | wc -l)" \
    "$(v2m-requeue --list --reason clone | wc -l)" "by both if wanted"
status 64 "not with others" v2m-requeue --failed=70 --all
status 0 "they are taken again" v2m-requeue --failed=70
is "$(sort "$OUT")" "$(echo "$refused" | sort)" "they and no others"
is "$(state "${refused%%
*}")" queued "and wait"
sql queue "DELETE FROM message"

# --- at upload ---
status 0 "an upload is not refused for it" v2m-upload socket.mp4
like "$(cat "$ERR")" '^v2m-upload: socket.mp4: accepted unchecked: .*\(socket\)' \
    "but tells"
status 0 "nor one from a pipe" sh -c 'cat exec.mp4 | v2m-upload --name e.mp4 -'
like "$(cat "$ERR")" '^v2m-upload: e.mp4: accepted unchecked: .*\(execve\)' \
    "which tells as well"
status 0 "nor one that makes its check run on and on" v2m-upload loop.mp4
like "$(cat "$ERR")" 'loop.mp4: accepted unchecked: .*took longer' \
    "but says that it was not checked"
status 0 "nor one that makes it sleep" v2m-upload sleep.mp4
like "$(cat "$ERR")" 'sleep.mp4: accepted unchecked: .*took longer' \
    "nor was this one, as is said"
if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ] && command -v curl > /dev/null; then
	# shellcheck source=tests/lib/gateway.sh
	. "$tap_root/tests/lib/gateway.sh"
	gateway_start
	token=$(v2m-user token ann@example.org)
	is "$(curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $token" \
	    -T kill.mp4 "$URL/upload/kill.mp4")" 200 "nor at a gateway"
	like "$(cat "$GATEWAY_LOG")" 'event=unchecked reason="the sandbox ended' \
	    "whose log tells"
	status 0 "nor what goes through one" env V2M_URL="$URL" \
	    V2M_TOKEN="$token" v2m-upload fork.mp4
	like "$(cat "$ERR")" 'fork.mp4: sent unchecked' "which tells"
else
	skip "a gateway" "none was built, or there is no curl"
fi
unset V2M_LIBEXECDIR
clip good.mp4
id=$(v2m-upload good.mp4)
status 0 "and a good one goes" v2m-convert-worker --once
is "$(state "$id")" "done" "to its end"

done_testing
