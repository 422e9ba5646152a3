#!/bin/sh
# Each system call of each command fails, or is its last, in an order of a seed
# for at most three hours.
#
#	FAULTS_SECONDS	10800
#	FAULTS_SEED	which order; else another each time
. "$(dirname "$0")/../lib/tap.sh"
for tool in python3 ffmpeg strace; do
	command -v $tool > /dev/null || skip_all "no $tool"
done
ok "nothing is lost, and each failure says why" \
    python3 "$tap_root/tests/faults/faults.py" "$V2M_BIN" \
    --seconds "${FAULTS_SECONDS:-10800}" \
    --seed "${FAULTS_SEED:-$(date +%s)}"
tap_show faults < "$OUT"

done_testing
