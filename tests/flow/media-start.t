#!/bin/sh
# A media program that does not start: 75 where it may the next time, and a
# supervisor tries again; 78 only where it cannot be loaded.
#
# slow: 25 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
token=$(v2m-user token ann@example.org)
export V2M_TOKEN="$token"
gateway=$V2M_BIN/../lib/v2m/gateway.so

# program NAME LINE...: a folder with a media program that does this.
program() {
	mkdir "$1"
	program_file=$1/v2m-media
	shift
	printf '%s\n' '#!/bin/sh' "$@" > "$program_file"
	chmod +x "$program_file"
}

# each FOLDER STATUS WORDS: what starts a media program ends so with this one.
each() {
	V2M_LIBEXECDIR=$TMP/$1
	export V2M_LIBEXECDIR
	status "$2" "$1: a worker" v2m-convert-worker --once
	like "$(cat "$ERR")" "$3" "says why"
	status "$2" "$1: an upload" v2m-upload talk.mp4
	like "$(cat "$ERR")" "$3" "says why"
	status "$2" "$1: a conversion" v2m-convert talk.mp4 x.mp3
	if [ -e "$gateway" ]; then
		status "$2" "$1: a gateway" v2m-gateway --listen 127.0.0.1:0
		like "$(cat "$ERR")" "$3" "says why"
	else
		skip "$1: a gateway" "built without"
	fi
	unset V2M_LIBEXECDIR
}

# shellcheck disable=SC2016 # $$ is the program's
program killed 'kill -9 $$'
each killed 75 'killed while it started \(signal 9\)'
program ended 'exit 1'
each ended 75 'ended while it started \(status 1\)'
# shellcheck disable=SC2016
program hello 'exec 3>&-; exec sleep 100'
each hello 75 'ended while it started'

mkdir alone
cp "$V2M_BIN/../libexec/v2m/v2m-media" alone/
each alone 78 'cannot be loaded: are its libraries installed'
mkdir none
each none 78 'cannot run .*/none/v2m-media: No such file'
program locked 'exit 0'
chmod -x locked/v2m-media
each locked 78 'cannot run .*/locked/v2m-media: Permission denied'

# As on a machine that is out of breath: all of them wait at a time.
program slow 'exec sleep 100'
V2M_LIBEXECDIR=$TMP/slow
export V2M_LIBEXECDIR
for command in "v2m-convert-worker --once" "v2m-upload talk.mp4" \
    "v2m-convert talk.mp4 x.mp3" "v2m-gateway --listen 127.0.0.1:0"; do
	name=${command%% *}
	[ "$name" != v2m-gateway ] || [ -e "$gateway" ] || continue
	# shellcheck disable=SC2086 # words of a command
	{ $command 2> "$name.err"; echo $? > "$name.status"; } &
done
wait
for file in *.status; do
	is "$(cat "$file")" 75 "slow: ${file%.status}"
	like "$(cat "${file%.status}.err")" 'does not start within 20 s' "says why"
done
unset V2M_LIBEXECDIR

status 0 "and where nothing is wrong, all is well" v2m-convert talk.mp4 x.mp3

done_testing
