#!/bin/sh
# Every length comes out exact: from one sample on, and around the places
# where the sound is cut.
# slow: some eighty conversions, each decoded by three programs
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/tunes.sh"
need ffmpeg sox mpg123 mp3val bc
build_seams

# cut FILE SAMPLES: so many of the tune
cut_tune() {
	sox "$1" cut.wav trim 0 "$2s"
}

# frames RATE CHANNELS HOW WHAT: none differs from those of one LAME
identical() {
	pcm cut.wav cut.raw
	like "$(./seams out.mp3 cut.raw "$1" "$2" "$3")" ' differ 0 ' "$4"
}

tune t44.wav 44100 2 40
tune t16.wav 16000 1 80

# From one sample to a little more than three frames.
for n in 1 2 575 576 577 1104 1105 1151 1152 1153 2303 2304 2305 3456 3457; do
	cut_tune t44.wav $n
	exact cut.wav "44.1 kHz stereo, $n samples, V2"
	cut_tune t16.wav $n
	if [ $n -gt 2 ]; then
		exact cut.wav "16 kHz mono, $n samples, 32k" -b 32k
		continue
	fi
	# FFmpeg loses count of what to skip where it is nearly two frames, all
	# there are.
	ok "16 kHz mono, $n samples, 32k" v2m-convert -b 32k --force cut.wav \
	    out.mp3
	is "$(mpg123 -q -s out.mp3 | wc -c | tr -d ' ')" $((2 * n)) \
	    "has as many"
done

# The first cut is behind 343 frames, with a constant bitrate 490; LAME wants
# 224 samples more, and a last segment has 98 frames or is none.
for n in 0 1 223 224 225 1152 112895 112896 112897; do
	cut_tune t44.wav $((343 * 1152 + n))
	exact cut.wav "44.1 kHz stereo, the first cut and $n samples, V2" &&
	    identical 44100 2 V2 "as one LAME has it"
	cut_tune t16.wav $((490 * 576 + n))
	exact cut.wav "16 kHz mono, the first cut and $n samples, 32k" \
	    -b 32k && identical 16000 1 32 "as one LAME has it"
done

# One less, and before the warm-up begins.
for n in 1 27423 27424 27425 27648 27649; do
	cut_tune t44.wav $((343 * 1152 - n))
	exact cut.wav "44.1 kHz stereo, the first cut less $n samples, V2" &&
	    identical 44100 2 V2 "as one LAME has it"
done
done_testing
