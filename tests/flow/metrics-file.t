#!/bin/sh
# What processes count, in files for Prometheus' node exporter; the rules and
# the dashboard ask for nothing that is not in them.
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
echo 'no video' > text.mp4
mkdir figures

# figure FILE NAME [LABEL="VALUE"]: the number
figure() {
	sed -n "s/^$2{[^}]*${3:-process=\"$1\"}} //p" "figures/$1.prom"
}
measured() {
	figure_name=$1
	shift
	"$@" --metrics-file "$TMP/figures/$figure_name.prom"
}
in_form() {
	command -v promtool > /dev/null || {
		skip "$1: promtool finds no fault" "no promtool"
		return
	}
	ok "$1: promtool finds no fault" sh -c 'promtool check metrics < "$1" &&
	    test -z "$(promtool check metrics < "$1" 2>&1)"' sh "$2"
}

# A device such as /dev/null would be replaced in the same way.
mkfifo pipe
ln -s pipe link
for name in pipe link; do
	status 78 "metrics cannot go to a $name" \
	    timeout 60 v2m-prune --metrics-file "$TMP/$name"
	is "$(cat "$ERR")" "v2m-prune: metrics_file: '$TMP/$name' is not a\
 regular file" "a $name: it is told"
	ok "the $name stays" test -p $name
done

v2m-upload talk.mp4 talk.mp4 > ids
v2m-upload --no-check text.mp4 >> ids
measured worker v2m-convert-worker --once 2> log
is "$(figure worker v2m_worker_conversions_total)" 2 "two videos are counted"
is "$(figure worker v2m_worker_failures_total 'kind="data"')" 1 \
    "failures by kind"
is "$(figure worker v2m_worker_failures_total 'kind="bug"')" 0 \
    "of a kind that did not happen, too"
is "$(figure worker v2m_process_running)" 0 "it has ended"
is "$(figure worker v2m_process_exit_status)" 0 "it ended well"
is "$(stat -c %a figures/worker.prom)" 644 "others may read it"
v2m-upload talk.mp4 >> ids
measured worker v2m-convert-worker --once
is "$(figure worker v2m_worker_conversions_total)" 3 "the next run counts on"
measured notify v2m-notify --once
is "$(figure notify v2m_notifier_notices_total 'result="sent"')" 4 "notices that were sent"
is "$(figure notify v2m_jobs 'state="done"')" 3 "jobs by state"
is "$(figure notify v2m_job_oldest_seconds 'state="queued"')" 0 \
    "the age of the oldest job that waits, where none does"
is "$(figure notify v2m_up 'service="queue"')" 1 "services that answer"
is "$(figure notify v2m_queue_depth 'queue="mp3"')" 0 "messages in queues"
measured check v2m-check
is "$(figure check v2m_check_findings)" 0 "nothing found"
rm state/store/mp3s/*
measured check v2m-check > "$OUT"
is "$(figure check v2m_check_findings)" 3 "missing files"
is "$(figure check v2m_process_exit_status)" 1 "the status of v2m-check"
V2M_KEEP_RECORDS=1ms V2M_KEEP_FAILED=1ms measured prune v2m-prune
like "$(figure prune v2m_pruned_total 'what="video"')" '^[1-9]' \
    "what was removed"
measured backup v2m-backup --copy copy 2> "$ERR"
is "$(figure backup v2m_process_exit_status)" 74 "a backup without these files"
is "$(figure backup v2m_backup_copied_total)" \
    "$(find copy -path '*/videos/*' | wc -l)" "and with the others"
for name in worker notify check prune backup; do
	in_form "$name" "figures/$name.prom"
done

# --- a worker whose lease ran out ---
id=$(v2m-upload talk.mp4)
V2M_FAULT=kill:claimed v2m-convert-worker --once > "$OUT" 2>&1
sleep 1.2
measured worker v2m-convert-worker --once 2>> log
v2m-convert-worker --once 2>> log
is "$(figure worker v2m_worker_leases_lost_total)" 1 "a worker that died"

# --- a daemon ---
background env V2M_METRICS_FILE="$TMP/figures/daemon.prom" v2m-convert-worker \
    2>> log
runs() {
	[ "$(figure daemon v2m_process_running)" = 1 ]
}
eventually "a daemon writes at its start" runs
kill $tap_pid
wait $tap_pid
is $? 0 "it ends"
is "$(figure daemon v2m_process_running)" 0 "and says so"
is "$(find figures -name '.*')" "" "no file is left half written"
status 78 "a folder that is not there" \
    v2m-convert-worker --once --metrics-file "$TMP/none/x.prom"
like "$(cat "$ERR")" 'metrics_file: ' "is told of"
chmod 500 figures
if [ "$(id -u)" -ne 0 ]; then
	status 78 "one that cannot be written" \
	    v2m-convert-worker --once --metrics-file "$TMP/figures/x.prom"
fi
chmod 700 figures

# --- the gateway, the rules, the dashboard ---
rules=$tap_root/scripts/prometheus
cat figures/*.prom > all
if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ] && command -v curl > "$OUT"; then
	# shellcheck source=tests/lib/gateway.sh
	. "$tap_root/tests/lib/gateway.sh"
	gateway_start --metrics-listen 127.0.0.1:0
	curl -s "http://127.0.0.1:$METRICS_PORT/healthz" > "$OUT"
	curl -s "http://127.0.0.1:$METRICS_PORT/metrics" > gateway
	in_form "gateway" gateway
	gateway_stop
	cat gateway >> all
	is "$(for name in $(cat "$rules"/* | grep -o 'v2m_[a-z_]*' | sort -u)
	do
		grep -q "^${name}[{ ]" all || echo "$name"
	done)" "" "rules and dashboard name what there is"
fi
if command -v python3 > "$OUT"; then
	ok "the dashboard is JSON" \
	    python3 -m json.tool "$rules/v2m-dashboard.json"
fi
if command -v promtool > "$OUT"; then
	cp "$rules/v2m.rules.yml" "$tap_root/tests/lib/v2m.rules.test.yml" .
	ok "the rules are rules" promtool check rules v2m.rules.yml
	ok "they alert when they should, and else not" \
	    promtool test rules v2m.rules.test.yml
else
	skip "the rules are tested" "no promtool"
fi

done_testing
