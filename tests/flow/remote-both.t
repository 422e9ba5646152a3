#!/bin/sh
# The tests of the users' commands once more, through a gateway: what works
# here works there, with the same output and the same exit statuses.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
for module in http-client gateway; do
	[ -e "$V2M_BIN/../lib/v2m/$module.so" ] ||
	    skip_all "built without $module"
done

echo V2M_TEST_GATEWAY=yes > set
for test in upload-files fetch-files status-jobs job-pipe convert-options; do
	env V2M_TEST_SET="$TMP/set" sh "$tap_root/tests/flow/$test.t" \
	    > test.out 2>&1
	is "$? $(grep -c '^not ok' test.out)" "0 0" "$test.t" ||
	    grep -A 8 'not ok' test.out | tap_show "$test.t" >&2
done

done_testing
