#!/bin/sh
# The repacker on thousands of streams that a fuzzer makes of small honest
# ones: what it lays out is whole and the same, or it refuses.  Always the
# same seed, for a bounded time.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg pkg-config
. "$tap_root/tests/lib/fuzz.sh"

# One byte for the target, then the stream.
mkdir inputs
n=0
for how in "44100 2 -q:a 4" "48000 1 -b:a 64k" "32000 2 -b:a 128k" \
    "22050 1 -q:a 2" "24000 2 -b:a 32k" "11025 1 -q:a 6" "8000 2 -b:a 16k"; do
	n=$((n + 1))
	# shellcheck disable=SC2086 # arguments of ffmpeg
	set -- $how
	make stream.mp3 -f lavfi -i "aevalsrc=random(0)*abs(sin(9*t)):d=0.4" \
	    -ar "$1" -ac "$2" -c:a libmp3lame "$3" "$4" -write_xing 0 \
	    -id3v2_version 0
	{
		printf '\0'
		cat stream.mp3
	} > inputs/$n
done

fuzz repack inputs 60000 15 -max_len=20000

done_testing
