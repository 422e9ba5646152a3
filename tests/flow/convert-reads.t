#!/bin/sh
# A conversion reads the sound and little else of a video.
# slow: 15 s, makes a video of 190 MB
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/reads.sh"
command -v ffmpeg > "$OUT" || skip_all "no ffmpeg"
command -v python3 > "$OUT" || skip_all "no python3"

# The child says how much it has read.
for seconds in 0.1 1; do
	wide_clip wide.mp4 25 $seconds
	status 0 "25 Mbit/s, sound every $seconds s" env V2M_MEDIA_DEBUG=1 \
	    v2m-convert --force wide.mp4 out.mp3
	at_most "of it is read" \
	    "$(sed -n 's/.* read \([0-9]*\) of .*/\1/p' "$ERR")" \
	    "$(wc -c < wide.mp4)" 15
done

done_testing
