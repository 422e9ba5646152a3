#!/bin/sh
# The web page, in headless Firefox: an upload that goes on after a broken
# connection, listening, a download.  All else is shown in Chromium
# (gateway-page.t).
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/browser.sh"

[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "too slow under valgrind"
gateway_needed
firefox=$(command -v firefox-esr || command -v firefox) ||
    unavailable "no firefox-esr"

setup
gateway_start
background v2m-convert-worker --quiet 2> worker.log
mkdir files
clip files/large.mp4 10
v2m-convert --quiet files/large.mp4 files/large.mp3 > /dev/null
# A box that holds nothing: more than two pieces of an upload.
python3 -c 'import os, struct, sys
n = 20000000
with open(sys.argv[1], "ab") as f:
    f.write(struct.pack(">I4s", n + 8, b"free") + os.urandom(n))' \
    files/large.mp4

# Firefox sends what was cut off again of its own accord, but once.
background python3 "$tap_root/tests/lib/relay.py" "${URL##*:}" \
    12000000,2000000 > .relay
eventually "there is a network" test -s .relay
browse firefox "$firefox" "http://127.0.0.1:$(cat .relay)/" "$TMP/files"
like "$(cat "$GATEWAY_LOG")" 'method=HEAD path=/files/.* status=200' \
    "the page asked how far it was"
is "$(grep -c 'method=POST path=/files/' "$GATEWAY_LOG")" 1 \
    "and it was one upload"
is "$(v2m-status --json | python3 -c 'import json, sys
print(json.loads(sys.stdin.readline())["sha256"])')" \
    "$(sha256sum files/large.mp4 | cut -d ' ' -f 1)" "of the whole file"

done_testing
