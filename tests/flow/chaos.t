#!/bin/sh
# 200 short jobs while processes are killed and frozen and the disk is filled:
# the books balance.  `make chaos JOBS=10000` has more of it.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
command -v python3 > /dev/null || skip_all "no python3"
command -v ffmpeg > /dev/null || skip_all "no ffmpeg"

ok "all that was accepted is accounted for" \
    python3 "$tap_root/tests/chaos/chaos.py" "$V2M_BIN" --jobs 200
tap_show ledger < "$OUT"

done_testing
