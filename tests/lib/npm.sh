# npm.sh - install packages of npm for tests: a folder of tests/lib with a
# package.json and package-lock.json.  Source it after tap.sh.
#
#	npm_start NAME		npm ci of tests/lib/NAME, once, into
#				build/tests/NAME, which is $npm_to then; where
#				there is no npm, or no registry, the test is
#				skipped, under CI it fails
#	npm_get NAME		the same, but false, with $npm_why, for a test
#				that can do without

npm_is_made() {
	cmp -s "$npm_from/package-lock.json" "$npm_to/made"
}

# In a subshell, one at a time.  The user's settings of npm (a registry, a
# proxy) are in the user's home, which is not the test's.
npm_make() (
	npm_is_made && exit 0
	mkdir -p "$npm_to" && exec 9> "$npm_to/lock" && flock 9 ||
	    exit 1
	npm_is_made && exit 0
	npm_home=$(getent passwd "$(id -u)" | cut -d : -f 6)
	export npm_config_userconfig="$npm_home/.npmrc"
	cp "$npm_from/package.json" "$npm_from/package-lock.json" \
	    "$npm_to" &&
	    npm ci --prefix "$npm_to" --no-audit --no-fund \
	    --ignore-scripts &&
	    cp "$npm_from/package-lock.json" "$npm_to/made"
) > "$TMP/.npm-log" 2>&1

npm_get() {
	npm_from=$tap_root/tests/lib/$1
	npm_to=$tap_root/build/tests/$1
	npm_why="there is no node"
	command -v node > /dev/null || return
	npm_why="there is no npm"
	npm_is_made || command -v npm > /dev/null || return
	npm_why="$1 cannot be installed"
	npm_make || { tap_show npm < "$TMP/.npm-log"; return 1; }
}

npm_start() {
	npm_get "$1" || unavailable "$npm_why"
}
