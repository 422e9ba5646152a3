#!/bin/sh
# The parser of covers on what a fuzzer makes of honest ones: always the same
# seed, for a bounded time.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg pkg-config
unset ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

mkdir inputs
make inputs/a.jpg -f lavfi -i testsrc=s=64x48:d=0.04 -frames:v 1
make inputs/b.png -f lavfi -i testsrc=s=64x48:d=0.04 -frames:v 1

"$tap_root/tests/fuzz/run" picture build inputs -seed=1 -runs=500000 \
    -max_total_time=15 -timeout=5 -max_len=4096 \
    -artifact_prefix=found- > log 2>&1
status=$?
[ $status -ne 77 ] || {
	echo "# NOT FUZZED: $(tail -n 1 log)"
	skip_all "$(tail -n 1 log)"
}
is $status 0 "nothing is found" || tail -n 40 log | tap_show fuzzer
like "$(cat log)" '^Done [0-9]+ runs' "in many runs"
grep '^Done' log | sed 's/^/# /'

done_testing
