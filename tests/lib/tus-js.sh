# tus-js.sh - the public tus client from npm.  Source it after tap.sh.
#
#	tus_js_start		npm ci, once, into build/tests/tus-js; where there
#				is no npm, or no registry, the test is skipped,
#				under CI it fails
#	tus_js TOKEN ARG...	tus-js/upload.mjs

tus_js_from=$tap_root/tests/lib/tus-js
tus_js_to=$tap_root/build/tests/tus-js

tus_js_missing() {
	[ -z "${CI:-}" ] || { echo "Bail out! $1"; exit 1; }
	echo "# SKIPPED: $1" >&2
	skip_all "$1"
}

tus_js_is_made() {
	cmp -s "$tus_js_from/package-lock.json" "$tus_js_to/made"
}

# In a subshell, one at a time.  What this user told npm (a registry, a proxy)
# is in his home, which is not the test's.
tus_js_make() (
	tus_js_is_made && exit 0
	mkdir -p "$tus_js_to" && exec 9> "$tus_js_to/lock" && flock 9 ||
	    exit 1
	tus_js_is_made && exit 0
	tus_js_home=$(getent passwd "$(id -u)" | cut -d : -f 6)
	export npm_config_userconfig="$tus_js_home/.npmrc"
	cp "$tus_js_from/package.json" "$tus_js_from/package-lock.json" \
	    "$tus_js_to" &&
	    npm ci --prefix "$tus_js_to" --no-audit --no-fund \
	    --ignore-scripts &&
	    cp "$tus_js_from/package-lock.json" "$tus_js_to/made"
) > "$TMP/.npm-log" 2>&1

tus_js_start() {
	command -v node > /dev/null || tus_js_missing "there is no node"
	tus_js_is_made || command -v npm > /dev/null ||
	    tus_js_missing "there is no npm"
	tus_js_make && return
	tap_show npm < "$TMP/.npm-log"
	tus_js_missing "tus-js-client cannot be installed"
}

tus_js() {
	tus_js_token=$1
	shift
	env TUS_JS="$tus_js_to" TOKEN="$tus_js_token" \
	    node "$tus_js_from/upload.mjs" "$@"
}
