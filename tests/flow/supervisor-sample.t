#!/bin/sh
# The sample for supervisord, under the real one with a socket of its own: jobs
# flow, a killed worker is replaced and its job resumed, stop drains.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

command -v supervisord > /dev/null || skip_all "no supervisord"
[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "too slow under valgrind"
sample=$tap_root/scripts/supervisor/v2m.conf
setup
V2M_LEASE=10min		# a worker that is only slow keeps its job
clip talk.mp4
long_clip long.mp4

# The sample as it is, but for folders, the user, and how long it drains: too
# short for a job to end.
mkdir logs run
sed -e "s,/usr/local/bin,$V2M_BIN,; s,/var/log/supervisor,$TMP/logs,
    s,\"/var/lib/v2m\",\"$V2M_STATE\",g;
    s,V2M_DRAIN_TIMEOUT=\"5s\",V2M_DRAIN_TIMEOUT=\"300ms\",; /^user=/d" \
    "$sample" > v2m.conf
cat > supervisord.conf <<END
[unix_http_server]
file=$TMP/run/socket

[supervisord]
nodaemon=true
logfile=$TMP/logs/supervisord.log
pidfile=$TMP/run/pid
childlogdir=$TMP/logs

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$TMP/run/socket

[include]
files=$TMP/v2m.conf
END

# Ends the daemon, and it its programs, before the folder goes.
trap '[ -z "$daemon" ] || { kill "$daemon"; wait "$daemon"; } 2> /dev/null
    tap_end' EXIT
supervisord -c supervisord.conf > logs/out 2>&1 &
daemon=$!

ctl() {
	supervisorctl -c "$TMP/supervisord.conf" "$@"
}
running() {
	[ "$(ctl status 'v2m:*' | grep -c RUNNING)" = 3 ]
}
worker() {
	ctl pid "v2m:v2m-convert-worker-$1"
}
# All processes of the programs, helpers included.
family() {
	for pid in $(worker 0) $(worker 1) $(ctl pid v2m:v2m-notify-0); do
		echo "$pid"
		ps -o pid= --ppid "$pid"
	done
}
left() {
	for pid in $family; do
		ps -p "$pid" | grep v2m
	done
}
told() {
	[ "$(notices "$1")" = 1 ]
}

eventually "two workers and a notifier run" running || {
	sed 's/^/# /' logs/*
	exit 1
}
ok "of the sample's names" ctl status v2m:v2m-convert-worker-0 \
    v2m:v2m-convert-worker-1 v2m:v2m-notify-0

id=$(v2m-upload talk.mp4)
eventually "a job is converted" is_state done "$id"
eventually "and its owner told" told "$id"
ok "the log has a line for it" grep -q "job=$id event=converted" logs/*worker*

# Which worker has the job?  The one whose helper program has a child.
id=$(v2m-upload long.mp4)
busy() {
	for n in 0 1; do
		pid=$(worker $n)
		helper=$(ps -o pid= --ppid "$pid" | tr -d ' ')
		[ -n "$helper" ] && ps --ppid "$helper" > "$OUT" || continue
		echo "$n $pid" > busy
		return 0
	done
	return 1
}
eventually "a long one is at work" busy || exit 1
read -r n pid < busy
is "$(state "$id")" converting "as its state says"
kill -9 "$pid"
restarted() {
	[ "$(worker "$n")" != "$pid" ] && running
}
eventually "killed, the worker is started again" restarted
is "$(state "$id")" converting "the job is its own for as long as its lease"
sql store "UPDATE record SET until = 1 WHERE id = '$id'"
sql queue "UPDATE message SET due_ms = 0"
eventually "the job is resumed after its lease, and done" is_state done "$id"
eventually "its owner told" told "$id"
is "$(mp3s)" 2 "there is one MP3 for each"
sleep 1
is "$(notices "$id")" 1 "and one notice"

# Stopped in the middle of a job: handed back, not lost.
id=$(v2m-upload long.mp4)
eventually "another one is at work" busy || exit 1
family=$(family)
ok "they have helpers" [ "$(echo "$family" | wc -l)" -ge 5 ]
status 0 "supervisord stops all" ctl stop 'v2m:*'
like "$(cat "$OUT")" 'v2m-notify-0: stopped' "says so"
is "$(grep -c 'stopped: v2m-[-a-z0-9]* (exit status 0)' logs/supervisord.log)" \
    3 "all exit with 0"
unlike "$(cat logs/supervisord.log)" 'killing|SIGKILL.*stop' "nobody is killed"
is "$(left)" "" "nothing is left running"
is "$(state "$id")" queued "the job is handed back"
is "$(sql store "SELECT lost FROM record WHERE id = '$id'")" 0 \
    "and counts as no lost one"
status 0 "start again" ctl start 'v2m:*'
eventually "the job gets done" is_state done "$id"
eventually "and its owner told" told "$id"

family=$(family)
kill "$daemon"
wait "$daemon"
daemon=
is "$(left)" "" "supervisord takes all with it"
is "$(mp3s)" 3 "one MP3 for each"

done_testing
