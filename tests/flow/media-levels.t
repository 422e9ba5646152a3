#!/bin/sh
# The level of more than two channels mixed to two: as players have it, by ITU-R
# BS.775, and never clipped.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

# A sine of 0.3 in one channel, or of N in all: -13.5 dB where it is at unity.
sine() {
	echo "$1*sin(2764*t)"
}
# only LAYOUT CHANNELS N: the file x.wav with a sine in the Nth channel
only() {
	only_exprs=$(seq "$2" | while read -r n; do
		[ "$n" -eq "$3" ] && sine 0.3 || echo 0
	done | paste -sd '|')
	make x.wav -f lavfi -i "aevalsrc=$only_exprs:c=$1:s=48000:d=2"
}
all() {
	all_exprs=$(seq "$2" | while read -r _; do sine "$3"; done |
	    paste -sd '|')
	make x.wav -f lavfi -i "aevalsrc=$all_exprs:c=$1:s=48000:d=2"
}
# mixed WHAT LEFT RIGHT
mixed() {
	right "$1" becomes 0 2000 "${file:-x.wav}"
	right "$1: its level" loud "$2" "$3"
}

only mono 1 1
mixed "mono" -13.5 -13.5
only stereo 2 2
mixed "stereo, right" -60 -13.5
while read -r layout channels n left right what; do
	only "$layout" "$channels" "$n"
	mixed "$layout, $what" "$left" "$right"
done <<'END'
5.1 6 1 -13.5 -60 left
5.1 6 2 -60 -13.5 right
5.1 6 3 -16.5 -16.5 centre
5.1 6 4 -60 -60 LFE
5.1 6 5 -16.5 -60 surround left
5.1(side) 6 6 -60 -16.5 surround right
7.1 8 5 -16.5 -60 back left
7.1 8 8 -60 -16.5 side right
quad 4 3 -16.5 -60 back left
3.0 3 3 -16.5 -16.5 centre
END

# As AC-3 and AAC bring it.
only '5.1' 6 3
for codec in ac3 aac flac; do
	file=x.mka
	make $file -i x.wav -c:a $codec
	mixed "5.1 as $codec" -16.5 -16.5
done
file=

# Near full scale and past it: 0.3 + 2 * 0.21 is 0.72, 0.6 + 2 * 0.42 is 1.45.
all 5.1 6 0.3
mixed "all of 5.1" -5.8 -5.8
all 5.1 6 0.6
mixed "past full scale: a peak of -0.1 dBFS" -3.1 -3.1
# What LAME makes of a tone that breaks off goes past its peak by 6 %.
unclipped() {
	mpg123 -q -e f32 -s out.mp3 2> /dev/null | python3 -c '
import array, sys
a = array.array("f", sys.stdin.buffer.read())
sys.exit(max(map(abs, a)) > 1.1)'
}
right "past full scale: not clipped" unclipped
right "past full scale: told" \
    grep -E '"downmix":\{"peak_dbfs":3\.[12][0-9]*,"gain_db":-3\.' out.json

done_testing
