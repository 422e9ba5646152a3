# becomes.sh - convert a file and check the sound of the MP3.  Source it after
# media.sh.
#
#	becomes_needed	skips the test where a program is missing
#	becomes STATUS MS FILE [OPTION...]
#			converts FILE; true when the exit status is STATUS, or
#			one of those in 0,3, and the MP3 is MS long, 30 ms more
#			or less.  Leaves out.mp3, out.json and the messages in
#			told.
#	loud LEFT RIGHT	true when this is the level of out.mp3, in dB of full
#			scale, 0.5 dB more or less; what is below -60 counts as
#			-60
#	pitched HZ	true when this is its pitch, 5 % more or less
#	quiet MS [MOST]	true when so much of it is silence, 40 ms more or less,
#			or from MS to MOST
#	quiet_from MS	true when its first silence begins there, the same
#	said ERE	true when a line of the messages matches
#
# What is not true is printed on stdout.

becomes_needed() {
	need cc ffmpeg mpg123 python3
	cc -O2 -std=c17 -o level "$tap_root/tests/lib/level.c" -lm ||
	    give_up "level.c does not compile"
}

# near WHAT GOT WANTED MOST: numbers no further from each other than MOST
near() {
	awk -v "a=$2" -v "b=$3" -v "most=$4" \
	    'BEGIN { exit !(a != "" && a - b <= most && b - a <= most) }' &&
	    return 0
	echo "$1: $2, wanted $3"
	return 1
}

becomes() {
	becomes_status=$1 becomes_ms=$2
	shift 2
	rm -f out.mp3
	v2m-convert --quiet --json --force "$@" out.mp3 > out.json 2> told
	becomes_got=$?
	case ,$becomes_status, in
	*,$becomes_got,*) ;;
	*)
		echo "status $becomes_got, wanted $becomes_status"
		cat told
		return 1 ;;
	esac
	near "ms" "$(measured '1000 * $2 / $1')" "$becomes_ms" 30
}

# An awk expression on the output of level for out.mp3.
measured() {
	mpg123 -q --stereo -e f32 -w - out.mp3 2> .mpg123 | ./level |
	    awk "{ print $1 }"
}

loud() {
	near "left, in dB" "$(measured '$3 < -60 ? -60 : $3')" "$1" 0.5 &&
	    near "right, in dB" "$(measured '$4 < -60 ? -60 : $4')" "$2" 0.5
}

pitched() {
	near "Hz" "$(measured '$6')" "$1" $(($1 / 20))
}

silences() {
	ffmpeg -v info -nostdin -i out.mp3 -af silencedetect=n=-45dB:d=0.01 \
	    -f null - 2>&1 | sed -n 's/.*silence_\(start\|duration\): /\1 /p'
}

quiet() {
	near "ms of silence" "$(silences |
	    awk '$1 == "duration" { s += $2 } END { print 1000 * s }')" \
	    $((($1 + ${2:-$1}) / 2)) $(((${2:-$1} - $1) / 2 + 40))
}

quiet_from() {
	near "silence from, in ms" "$(silences |
	    awk '$1 == "start" { print 1000 * $2; exit }')" "$1" 40
}

said() {
	grep -Ei -e "$1" told
}
