#!/bin/sh
# Every rate, in mono and stereo, at every quality and bitrate: sound MP3s.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/tunes.sh"
need ffmpeg sox mpg123 mp3val bc

for rate in 8000 11025 12000 16000 22050 24000 32000 44100 48000; do
	bitrates='8 16 24 32 40 48 56 64 80 96 112 128 144 160'
	[ $rate -lt 16000 ] && bitrates='8 16 24 32 40 48 56 64'
	[ $rate -ge 32000 ] &&
	    bitrates='32 40 48 56 64 80 96 112 128 160 192 224 256 320'
	for channels in 1 2; do
		seconds=$((600 * 576 / rate + 1))
		[ $rate -ge 32000 ] && seconds=$((600 * 1152 / rate + 1))
		tune t.wav $rate $channels $seconds
		for q in 0 1 2 3 4 5 6 7 8 9; do
			exact t.wav "$rate Hz, $channels, V$q" -q V$q
		done
		for b in $bitrates; do
			exact t.wav "$rate Hz, $channels, ${b}k" -b ${b}k
		done
	done
done
done_testing
