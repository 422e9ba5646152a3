#!/bin/sh
# A client that ends its half of the connection behind its request, as nc and
# some proxies do, has an answer, also where that takes a login's time.
#
#	HALF_LOGINS	80
#	HALF_THREADS	8
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
export V2M_LOGIN_CONCURRENCY=2 V2M_MAX_CONNECTIONS_PER_ADDRESS=100
export V2M_TRUSTED_PROXIES=127.0.0.1
gateway_start
logins=${HALF_LOGINS:-80}
status 0 "they log in" python3 "$tap_root/tests/lib/half-closed.py" "$PORT" \
    "ann@example.org:correct horse" "$logins" "${HALF_THREADS:-8}"
is "$(sed -n 2p "$OUT")" "200: $logins" "each is let in"
http 200 "the next one, too" -X POST "$URL/login" \
    -u "ann@example.org:correct horse"
ends_well "nothing of them is left"

done_testing
