#!/bin/sh
# A minute of races at the same few uploads: begun, continued, asked for,
# finished, removed and broken off at random.  Nobody hears what he should not,
# and in the end all agrees.  Most is found with sanitizers:
# make check-long SAN=thread.
#
#	RACE_SECONDS	60
#	RACE_SEED	for the dice; the time, by itself
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
clip talk.mp4
export V2M_MAX_USER_JOBS=0 V2M_MAX_USER_UNFINISHED=0
gateway_start
status 0 "they race" python3 "$tap_root/tests/lib/gateway-race.py" "$PORT" \
    "$(header_of ann)" talk.mp4 "${RACE_SECONDS:-60}" ${RACE_SEED:-}
grep '^#' "$OUT"
sed -n 's/^seed/# seed/p' "$OUT"
is "$(grep -v '^#\|^seed' "$OUT")" "" "nobody hears of an error"
like "$(cat "$OUT")" '# PATCH 204' "some uploads went on"
like "$(cat "$OUT")" '# DELETE 204' "some were removed"
is "$(grep 'event=failed' "$GATEWAY_LOG")" "" "nor does the log"
ends_well
ok "what became of them is converted" v2m-convert-worker --once -j 2
is "$(sql store "SELECT count(*) FROM record WHERE state NOT IN (0, 4, 6)")" \
    0 "all are done, removed, or unfinished"
status 0 "all agrees" v2m-check
done_testing
