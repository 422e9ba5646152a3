#!/bin/sh
# A hundred thousand jobs of one owner: time and memory to the first rows are at
# most twice those of a hundred, at the server and in Chromium.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/browser.sh"
chromium_needed

# many N: a state with so many jobs and a gateway, whose files are in N.*
many() {
	V2M_STATE=$TMP/state-$1
	setup
	is "$(finish "$(v2m-upload --quiet talk.mp4)")" "done" "a job"
	status 0 "$1 of them" python3 "$tap_root/tests/lib/crowd.py" \
	    "$V2M_STATE" "$1" records
	gateway_start
	echo "$URL/" > "$1.url"
	echo "$GATEWAY" > "$1.pid"
}

# anonymous PID: KiB that are its own
anonymous() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

clip talk.mp4
many 100
many 100000
mkdir files
browse page-many "$(cat 100.url)" "$(cat 100000.url)" "$TMP/files"
few=$(anonymous "$(cat 100.pid)")
all=$(anonymous "$(cat 100000.pid)")
echo "# the gateway: $few and $all KiB"
ok "the gateway's memory is at most twice as much" [ "$all" -le $((2 * few)) ]
done_testing
