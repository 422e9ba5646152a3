#!/bin/sh
# A sample of system calls that fail, or are a command's last: nothing is lost.
# `make faults SECONDS=10800` tries them all.
#
# slow: 75 s
. "$(dirname "$0")/../lib/tap.sh"
for tool in python3 ffmpeg strace; do
	command -v $tool > /dev/null || skip_all "no $tool"
done
strace -o "$OUT" -e inject=write:error=EIO:when=99 true 2> "$ERR" ||
    skip_all "may not trace"

ok "nothing is lost, and each failure says why" \
    python3 "$tap_root/tests/faults/faults.py" "$V2M_BIN" --seconds 60
tap_show faults < "$OUT"

done_testing
