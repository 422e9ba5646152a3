#!/bin/sh
# The servers that tests build once and share are built, so that this takes no
# time of the tests that want them.
. "$(dirname "$0")/tap.sh"
. "$tap_root/tests/lib/npm.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
. "$tap_root/tests/lib/server-s3.sh"

# built WHAT COMMAND...: where it cannot be had, the command skips a test, which
# ends well, but under CI
built() {
	built_what=$1
	shift
	ok "$built_what can be built, or done without" in_a_test "$@"
}

in_a_test() (
	"$@" > log 2>&1 || { tap_show log < log; exit 1; }
)

built FerretDB mongodb_find
built dynalite npm_start dynalite
built tus-js-client npm_start tus-js
built axe-core npm_start axe
built moto s3_find

done_testing
