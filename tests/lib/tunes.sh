# tunes.sh - sound that is realistic for an encoder.  Source it after media.sh.
#
#	tune FILE RATE CHANNELS SECONDS	music-like: chords, drums, loud and quiet
#	talk FILE RATE CHANNELS SECONDS	speech, with pauses
#
# FILEs are WAVs of 32-bit floats; the same every time, as far as sox and
# espeak-ng are.
#
#	pcm FILE RAW		its samples, interleaved
#	build_seams		makes ./seams (tests/lib/seams.c)

tune_phrase() {
	sox -R -n -r 44100 -c 2 .chord.wav synth "$2" "$3" "$4" "$3" "$5" \
		"$3" "$6" "$3" "$7" remix 1,3 2,4 gain -n -6 repeat "$8"
	sox -R -n -r 44100 -c 2 .beat.wav synth "$2" pinknoise fade h 0 "$2" \
		"$(echo "$2 * 0.9" | bc -l)" gain -n -24 repeat "$8"
	sox -m .chord.wav .beat.wav "$1" reverb 20 gain -n "$9"
}

tune() {
	[ -f .tune.wav ] || {
		tune_phrase .1.wav 0.5 pluck C3 E3 G3 C4 15 -4
		tune_phrase .2.wav 0.8 sine A2 C3 E3 A3 9 -12
		tune_phrase .3.wav 0.3 pluck F2 A2 C3 F3 26 -6
		tune_phrase .4.wav 1.1 triangle G2 B2 D3 G3 6 -30
		tune_phrase .5.wav 0.4 pluck E3 G3 B3 E4 19 -8
		sox .[1-5].wav .tune.wav
		rm -f .[1-5].wav .chord.wav .beat.wav
	}
	sox .tune.wav -e floating-point -b 32 -r "$2" -c "$3" "$1" \
		repeat $(($4 / 40)) trim 0 "$4" gain -1 2> /dev/null
}

talk() {
	[ -f .talk.wav ] || {
		espeak-ng -w .1.wav "This is a talk about nothing in particular. \
It goes on for a while, with pauses, numbers such as 12, 345 and 6789, and \
words that hiss: six sizzling sausages."
		espeak-ng -v en+f3 -s 190 -p 70 -w .2.wav "Others find speech unfit \
for music. She sells sea shells on the sea shore, and went away."
		sox .1.wav -r 44100 .3.wav pad 0 0.9
		sox .2.wav -r 44100 .4.wav pad 0.3 0.4 gain -12
		sox .3.wav .4.wav .talk.wav
		rm -f .[1-4].wav
	}
	sox .talk.wav -e floating-point -b 32 -r "$2" -c "$3" "$1" \
		repeat $(($4 / 15)) trim 0 "$4" gain -1 2> /dev/null
}

pcm() {
	ffmpeg -v error -nostdin -y -i "$1" -f f32le "$2"
}

build_seams() {
	command -v cc > /dev/null || skip_all "no cc"
	build_lib=$tap_root/lib
	cc -O2 -std=c17 -D_GNU_SOURCE -I"$build_lib" -o seams \
	    "$tap_root/tests/lib/seams.c" "$build_lib/engine/bits.c" \
	    "$build_lib/engine/side.c" \
	    "$build_lib/engine/coded.c" "$build_lib/media/frame.c" \
	    "$build_lib/base/err.c" "$build_lib/base/text.c" -lmp3lame -lm \
	    || give_up "seams.c does not compile"
}
