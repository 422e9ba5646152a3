# tus-js.sh - the public tus client from npm.  Source it after tap.sh.
#
#	tus_js_start		as npm_start (npm.sh) has it
#	tus_js TOKEN ARG...	tus-js/upload.mjs

. "$tap_root/tests/lib/npm.sh"

tus_js_start() {
	npm_start tus-js
}

tus_js() {
	tus_js_token=$1
	shift
	env TUS_JS="$npm_to" TOKEN="$tus_js_token" \
	    node "$npm_from/upload.mjs" "$@"
}
