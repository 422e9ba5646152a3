#!/bin/sh
# The store and the life of a job on a second implementation of MongoDB, which is
# spoken to directly: its updates are atomic, as MongoDB's are.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_want_java
mongodb_start
servers_python=$mongodb_python

is "$(theirs race 4 200)" "$(printf '200\n200')" \
    "of 4 clients at 200 documents one wins each, by update and by modify"

# suite WHAT PROGRAM ARG...
suite() {
	suite_what=$1
	shift
	suite_program=$V2M_BIN/../tests/$1
	shift
	"$suite_program" "$@" > suite 2>&1
	is "$?" 0 "$suite_what" || grep -A 5 '^not ok' suite | tap_show suite
	theirs clean
}
suite "the suite of records" records_suite "$MONGODB"
suite "the suite of objects" objects_suite "$MONGODB"
suite "with the bytes in a folder" objects_suite "$MONGODB" "dir:$TMP/objects"
suite "uploads are received" upload_stream "$MONGODB"

# A test of the embedded set, unchanged.
on() {
	V2M_STORE=$MONGODB \
	    "$servers_python" "$tap_root/tests/lib/servers.py" fresh
	printf '%s\n' "servers_python=$servers_python" \
	    "export V2M_STORE=$MONGODB" > set
	env V2M_TEST_SET="$TMP/set" sh "$tap_root/tests/flow/$1.t" \
	    > test 2>&1
	is "$? $(grep -c '^not ok' test)" "0 0" "$1.t" && return
	grep -A 8 '^not ok' test | tap_show "$1.t"
}

for name in job-typed job-race notify-once notice-lost worker-frozen \
    lease-ahead upload-killed; do
	on $name
done

done_testing
