#!/bin/sh
# Every state of the page in Chromium at 360, 768 and 1440 pixels, light and
# dark: axe finds nothing, nothing is wider than the window, nothing is cut off.
#
#	PICTURES	a folder for a picture of each
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/browser.sh"
chromium_needed
setup
axe_get
lonely=a.person.with.quite.a.long.name@a.department.of.an.institution.example.org
status 0 "somebody with a long address" v2m-user add --quiet \
    --password-file pw "$lonely"

mkdir files
film files/film.mkv
id=$(v2m-upload --quiet files/film.mkv)
is "$(finish "$id")" "done" "a job"
status 0 "one of each kind" \
    python3 "$tap_root/tests/lib/job-states.py" "$V2M_STATE"
V2M_MAX_USER_BYTES=12G
export V2M_MAX_USER_BYTES
gateway_start
BROWSE_TIMEOUT=3000
browse page-states "$URL/" "$TMP/files" "$axe" ${PICTURES:+"$PICTURES"}
done_testing
