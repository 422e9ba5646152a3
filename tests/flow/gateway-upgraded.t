#!/bin/sh
# A gateway on a store that a newer v2m has upgraded: it does not start, and one
# that runs says so at /readyz.
#
# slow: 8 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup

upgrade() {
	sql store "UPDATE v2m_schema SET version = version $1
	    WHERE component = 'store'"
}

gateway_start --metrics-listen 127.0.0.1:0
http 200 "as it should be" "$URL/readyz"
upgrade "+ 1"
http 503 "upgraded under it" "$URL/readyz"
like "$(cat "$BODY")" 'made by another version of v2m$' "it says what is wrong"
unlike "$(cat "$BODY")" "$TMP" "and no path"
http 503 "where only administrators listen" \
    "http://127.0.0.1:$METRICS_PORT/readyz"
like "$(cat "$BODY")" "index.db' was made by a newer v2m" "all of it"
ok "and the log" logged 'event=not-ready .*was made by a newer v2m'
http 200 "it lives, though" "$URL/healthz"
status 78 "another does not start" \
    timeout 60 v2m-gateway --listen 127.0.0.1:0
like "$(cat "$ERR")" "^v2m-gateway: .*index.db' was made by a newer v2m" \
    "and says why"
upgrade "- 1"
http 200 "put back" "$URL/readyz"
ends_well

# --- not set up, and away ---
mv "$V2M_STATE/store" "$TMP/store"
status 78 "without a store" timeout 60 v2m-gateway --listen 127.0.0.1:0
like "$(cat "$ERR")" 'run v2m-init' "it says what to do"
mv "$TMP/store" "$V2M_STATE/store"
V2M_STORE=mongodb://127.0.0.1:9 gateway_start
http 503 "a store that is away" "$URL/readyz" --max-time 60
like "$(cat "$BODY")" 'does not answer$' "keeps no gateway from its start"
ends_well

done_testing
