#!/bin/sh
# Every rate, in mono and stereo, at the ends of the scales: sound MP3s.  All
# bitrates are in tests/long/engine-grid.t.
# slow: more than a hundred conversions, each decoded by three programs
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/tunes.sh"
need ffmpeg sox mpg123 mp3val bc

for rate in 8000 11025 12000 16000 22050 24000 32000 44100 48000; do
	for channels in 1 2; do
		# Two segments: the first cut is behind 490 frames or less.
		seconds=$((600 * 576 / rate + 1))
		[ $rate -ge 32000 ] && seconds=$((600 * 1152 / rate + 1))
		tune t.wav $rate $channels $seconds
		for how in "-q V0" "-q V9" "-b 8k" "-b 320k"; do
			# shellcheck disable=SC2086
			exact t.wav "$rate Hz, $channels, $how" $how
		done
	done
done
done_testing
