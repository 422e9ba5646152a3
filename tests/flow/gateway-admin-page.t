#!/bin/sh
# The page for who keeps the service, in headless Chromium: who may see it, what
# its tables say, what its buttons do, and how it looks.
#
#	SCREENS		every: it is looked at on all of them, not on a few
#	PICTURES	a folder for a picture of each state
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/browser.sh"
chromium_needed
setup
axe_get

mkdir files
clip talk.mp4
id=$(v2m-upload --quiet talk.mp4)
is "$(finish "$id")" "done" "a job"
status 0 "some of each kind" \
    python3 "$tap_root/tests/lib/job-states.py" "$V2M_STATE" admin
V2M_MAX_USER_BYTES=12G
export V2M_MAX_USER_BYTES
gateway_start
browse admin-page "$URL/" "$TMP/files" "$axe" "${SCREENS:-few}" \
    ${PICTURES:+"$PICTURES"}

is "$(grep -c eyJ "$GATEWAY_LOG")" 0 "no token is in the gateway's log"
is "$(sql store "SELECT count(*) FROM record
    WHERE state = $JOB_FAILED AND failure = 75")" 1 \
    "what was queued again is"
is "$(sql store "SELECT count(*) FROM record WHERE state = $JOB_CANCELLED")" 3 \
    "what was dropped is"
done_testing
