# known.sh - checks that may fail, as long as tests/known.tsv says why.  Source
# it after tap.sh.
#
#	right WHAT CMD...	passes when CMD succeeds; if the list has
#				"TEST: WHAT", a failure of CMD does not fail the
#				test, but a success does, until it is removed
#				from the list

known=$tap_root/tests/known.tsv
known_test=$(basename "$0" .t)

right() {
	right_name=$1
	shift
	right_why=$(awk -F '\t' -v "name=$known_test: $right_name" \
	    '$1 == name { print $2 }' "$known")
	if [ -z "$right_why" ]; then
		ok "$right_name" "$@"
	elif "$@" > "$OUT" 2> "$ERR"; then
		tap_result 1 "$right_name: take it off the list of what is known"
	else
		todo "$right_name" "$right_why"
	fi
}
