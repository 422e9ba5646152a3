# browser.sh - use the page in a browser.  Source it after gateway.sh.
#
#	chromium_needed		skip the test where there is no Chromium that
#				Python can drive
#	axe_get			$axe is axe-core's file; if it is not available,
#				it is empty, with a message; under CI the test
#				fails
#	film FILE		a Matroska file with two tracks, two chapters and a red
#				cover
#	browse NAME ARG...	tests/lib/NAME.py, by Debian's Python; each line
#				"ok WHAT" or "not WHAT" of it is a check,
#				and "# WHAT" is passed on

# shellcheck source=tests/lib/npm.sh
. "$tap_root/tests/lib/npm.sh"
browser_python=/usr/bin/python3

chromium_needed() {
	[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "too slow under valgrind"
	command -v chromedriver > /dev/null || skip_all "no chromedriver"
	"$browser_python" -c 'import selenium' 2> /dev/null ||
	    skip_all "no python3-selenium"
	gateway_needed
}

axe_get() {
	axe=
	if npm_get axe; then
		axe=$npm_to/node_modules/axe-core/axe.min.js
		return
	fi
	[ -z "${CI:-}" ] || give_up "$npm_why"
	echo "# SKIPPED: what axe finds: $npm_why" >&2
}

film() {
	printf '%s\n' ';FFMETADATA1' \
	    '[CHAPTER]' TIMEBASE=1/1 START=0 END=1 title=One \
	    '[CHAPTER]' TIMEBASE=1/1 START=1 END=2 'title=Zwei – 2' \
	    > .chapters
	ffmpeg -v error -nostdin -y -f lavfi -i "color=red:s=40x20" \
	    -frames:v 1 .cover.png &&
	ffmpeg -v error -nostdin -f lavfi -i "testsrc=s=64x48:r=5:d=2" \
	    -f lavfi -i "sine=d=2" -i .chapters -map 0 -map 1 -map 1 \
	    -map_metadata 2 -c:v mpeg4 -c:a aac \
	    -metadata:s:a:1 language=deu -attach .cover.png \
	    -metadata:s:t mimetype=image/png "$1" || exit 99
}

browse() {
	browse_name=$1
	shift
	timeout "${BROWSE_TIMEOUT:-500}" "$browser_python" \
	    "$tap_root/tests/lib/$browse_name.py" "$@" > .browse-out \
	    2> .browse-err
	browse_ended=$?
	while IFS= read -r browse_line; do
		case $browse_line in
		'#'*) echo "$browse_line"; continue ;;
		esac
		browse_what=${browse_line#* }
		[ "${browse_line%% *}" = ok ]
		tap_result $? "${browse_what%%	*}" ||
		    printf '%s\n' "${browse_what#*	}" | tap_show seen
	done < .browse-out
	[ $browse_ended -eq 0 ]
	tap_result $? "the browser was used to the end" ||
	    tap_show browser < .browse-err
}
