#!/bin/sh
# A list of twenty thousand jobs costs the memory of a short one: it is read
# page by page, by the commands and over HTTP.
# slow: 20,000 records
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v python3 > "$OUT" || skip_all "no python3"
setup
. "$tap_root/tests/lib/gateway.sh"
MANY=20000
clip talk.mp4

# alike WHAT FEW MANY: at most half as much again.
alike() {
	echo "# $1: $2 KiB, and $3 KiB"
	[ "${2:-0}" -gt 0 ] && [ "${3:-0}" -le $(($2 * 3 / 2)) ]
	tap_result $? "$1: the memory of many is that of few"
}

# hwm PID: KiB at most so far.
hwm() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# measure NAME: what the lists take, each in a file NAME.WHAT.
measure() {
	peak_kib v2m-status > "$1.status"
	cp "$OUT" "$1.lines"
	peak_kib v2m-status --json > "$1.json"
	peak_kib v2m-status --watch > "$1.watch"
	peak_kib env V2M_TOKEN="$root" v2m-status --all > "$1.all"
	peak_kib env V2M_URL="$URL" V2M_TOKEN="$ann" v2m-status > "$1.http"
	cp "$OUT" "$1.paged"
	# All are looked at, none of them will do: but the last, which is first.
	sql store "UPDATE record SET mp3 = '' WHERE id < '6b'"
	peak_kib v2m-upload --quiet --skip-existing talk.mp4 > "$1.skip"
	is "$(cat "$OUT")" "$first" "--skip-existing among $1"
	peak_kib env V2M_URL="$URL" V2M_TOKEN="$ann" v2m-upload --quiet \
	    --skip-existing talk.mp4 > "$1.skip-http"
	is "$(cat "$OUT")" "$first" "and over HTTP"
	hwm "$GATEWAY" > "$1.gateway"
}

gateway_needed
first=$(v2m-upload --quiet talk.mp4)
is "$(finish "$first")" "done" "a job"
gateway_start
ann=$(token ann)
root=$(token root)
python3 "$tap_root/tests/lib/crowd.py" "$V2M_STATE" 100 records || exit 99
measure few
python3 "$tap_root/tests/lib/crowd.py" "$V2M_STATE" $MANY records || exit 99
measure many
for what in status json watch all http skip skip-http gateway; do
	alike "$what" "$(cat few.$what)" "$(cat many.$what)"
done
cut -f 1 many.lines > ids
is "$(wc -l < ids)" $MANY "each job is a line"
ok "in the order of their IDs, each once" sort -C -u ids
is "$(cut -f 1-7 many.paged | sha256sum)" \
    "$(cut -f 1-7 many.lines | sha256sum)" "over HTTP the same"
done_testing
