#!/bin/sh
# A media program that has been taken over tries what it can from within its
# walls: each attempt fails as designed and costs its own job.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

evil=$V2M_BIN/../evil
[ -x "$evil/v2m-media" ] || skip_all "make units has not been run"
V2M_LIBEXECDIR=$(cd "$evil" && pwd)
export V2M_LIBEXECDIR
v2m-init --print-config > "$OUT" || exit 99
for word in open stat socket connect exec fork ptrace kill tgkill code handler \
    odd memory loop limit sleep output abort; do
	echo "$word" > "$word.mp4"
done

status 0 "the walls are told of" v2m --version --verbose
walls=$(cat "$OUT")
like "$walls" '^limits of time and output: up$' "some are always there"
off=$(V2M_SANDBOX=no v2m --version --verbose)
like "$off" '^filter of system calls: none, switched off$' \
    "nor does it tell of any that the configuration switches off"
unlike "$off" '^(filter|Landlock|limit of memory).*: up$' "not of one"
like "$(V2M_MEDIA_MEMORY=0 v2m --version --verbose)" \
    '^limit of memory: none, ' "nor of a limit that is none"
status 78 "a limit within which nothing works is none to begin with" \
    env V2M_MEDIA_MEMORY=1M v2m-convert abort.mp4 x.mp3
like "$(cat "$ERR")" 'media_memory is less than the 16M' "and it says so"

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
if echo "$walls" | grep -q '^limit of memory: up$'; then
	status 1 "100 GB of memory are not to be had" \
	    v2m-convert memory.mp4 x.mp3
	like "$(cat "$ERR")" 'wants too much memory' "and it says so"
	status 1 "an abort is told as one" v2m-convert abort.mp4 x.mp3
	like "$(cat "$ERR")" 'decoder crashed \(SIGABRT\)' "by its name"
fi

# --- by the filter ---
if ! echo "$walls" | grep -q '^filter of system calls: up$'; then
	echo "# not tried: $(echo "$walls" | grep '^filter')"
	done_testing
fi
for pair in open:open stat:newfstatat socket:socket connect:connect \
    exec:execve ptrace:ptrace kill:kill; do
	status 65 "${pair%:*}" v2m-convert "${pair%:*}.mp4" x.mp3
	like "$(cat "$ERR")" \
	    "do what is forbidden \(system call (${pair#*:}|openat)\)" \
	    "is told by its name"
done
# No name where nothing can be caught: glibc 2.41 blocks all signals to fork.
for word in tgkill code handler odd fork; do
	status 65 "$word" v2m-convert "$word.mp4" x.mp3
	like "$(cat "$ERR")" 'do what is forbidden' "$word is told"
done
ok "nothing came of it" test ! -e x.mp3

# --- in a container with a filter of its own ---
if cc -O -o deny "$tap_root/tests/lib/deny.c" -lseccomp 2> "$ERR"; then
	walls=$(./deny landlock_create_ruleset -- v2m --version --verbose)
	like "$walls" '^filter of system calls: up$' \
	    "a container that forbids Landlock leaves the rest"
	like "$walls" '^Landlock: none, ' "and this is told"
	status 78 "one that forbids more" \
	    ./deny capset -- v2m-convert open.mp4 x.mp3
	like "$(cat "$ERR")" \
	    'cannot put up the sandbox: .*\(sandbox = no .*does without' \
	    "is told, with the way out"
else
	skip "a container's own filter" "no cc or libseccomp"
fi

# --- in a worker, which lives on ---
setup
for word in open kill fork memory; do
	v2m-upload --no-check "$word.mp4"
done > ids
status 0 "a worker outlives them all" env V2M_MAX_ATTEMPTS=1 \
    v2m-convert-worker --once
like "$(cat "$ERR")" "event=failed .*forbidden \(system call open" \
    "an open is final, with its reason"
for id in $(cat ids); do
	is "$(state "$id")" failed "its job has failed"
	ok "at the first attempt" test \
	    "$(sql store "SELECT fence FROM record WHERE id = '$id'")" -eq 1
done
unset V2M_LIBEXECDIR
clip good.mp4
id=$(v2m-upload good.mp4)
status 0 "and a good one goes" v2m-convert-worker --once
is "$(state "$id")" "done" "to its end"

done_testing
