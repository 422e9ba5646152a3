# fuzz.sh - run a target of tests/fuzz on mutations of valid inputs, always with
# the same seed, for a limited time.
# shellcheck shell=sh
#
#	. "$tap_root/tests/lib/fuzz.sh"
#	fuzz repack inputs 60000 15 -max_len=20000

# They are for our commands.
unset ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS

# fuzz TARGET FOLDER RUNS SECONDS [ARGUMENT ...]: two checks.  Skips the test
# where there is no fuzzer.
fuzz() {
	fuzz_target=$1 fuzz_inputs=$2 fuzz_runs=$3 fuzz_seconds=$4
	shift 4
	"$tap_root/tests/fuzz/run" "$fuzz_target" build "$fuzz_inputs" \
	    -seed=1 -runs="$fuzz_runs" -max_total_time="$fuzz_seconds" \
	    -timeout=20 -rss_limit_mb=2048 \
	    "-artifact_prefix=found-$fuzz_target-" "$@" > log 2>&1
	fuzz_status=$?
	[ $fuzz_status -ne 77 ] || {
		echo "# NOT FUZZED: $(tail -n 1 log)"
		skip_all "$(tail -n 1 log)"
	}
	is $fuzz_status 0 "$fuzz_target: nothing is found" ||
	    tail -n 40 log | tap_show fuzzer
	like "$(cat log)" '^Done [0-9]+ runs' "$fuzz_target: in many runs"
	grep '^Done' log | sed "s/^/# $fuzz_target: /"
}
