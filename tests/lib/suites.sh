# suites.sh - run a driver's suite, and the whole life of a job.  Source it
# after flow.sh.
#
#	suite WHAT records|objects STORE [OBJECTS]
#			runs that suite on such a store
#	flow WHAT	upload, convert, notify, fetch, check, remove and prune,
#			with the current configuration

suite() {
	suite_what=$1
	suite_name=$2
	shift 2
	"$V2M_BIN/../tests/${suite_name}_suite" "$@" > suite 2>&1
	is "$?" 0 "$suite_what: the suite of $suite_name" || tap_show suite < suite
}

flow() {
	rm -rf "$V2M_STATE"
	setup
	clip talk.mp4 3
	status 0 "$1: an upload" v2m-upload talk.mp4
	flow_id=$(cat "$OUT")
	is "$(finish "$flow_id")" done "$1: is converted and told"
	status 0 "$1: is fetched" v2m-fetch --force -o out.mp3 "$flow_id"
	status 0 "$1: v2m-check --bytes" v2m-check --bytes
	status 0 "$1: v2m-remove" v2m-remove "$flow_id"
	status 0 "$1: v2m-prune" v2m-prune
	! by_url || gateway_stop
}
