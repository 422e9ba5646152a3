#!/bin/sh
# The gateway on servers: MySQL, MongoDB, RabbitMQ and SMTP.  The same tests as
# on the embedded drivers.
# slow: 150 s, starts servers
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
servers_start

# A test of the embedded set, unchanged.
on() {
	use "$1"
	env V2M_TEST_SET="$TMP/set" sh "$tap_root/tests/flow/$2.t" \
	    > "$TMP/test" 2>&1
	is "$? $(grep -c '^not ok' "$TMP/test")" "0 0" "$1: $2.t" && return
	grep -A 8 'not ok' "$TMP/test" | tap_show "$2.t" >&2
}

on full gateway-routes
on full gateway-upload
on full gateway-broken

done_testing
