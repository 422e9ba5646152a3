#!/bin/sh
# The date on which it was recorded, as cameras, phones and other programs write
# it, and ffmpeg does not by itself.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

tone="-f lavfi -i aevalsrc=0.3*sin(2764*t):s=48000:d=2"
still="-f lavfi -i testsrc=s=64x64:r=25:d=2"
date="-metadata creation_time=2024-02-29T12:34:56Z"
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make date.mp4 $still $tone -c:v mpeg4 -c:a aac $date
	make date.mov $still $tone -c:v mpeg4 -c:a pcm_s16le $date
	make date.m4a $tone -c:a aac $date
	make date.3gp $still $tone -c:v mpeg4 -c:a aac $date
	make date.mkv $still $tone -c:v mpeg4 -c:a flac $date
	make date.webm $still $tone -c:v libvpx -deadline realtime \
	    -c:a libopus $date
	make date.mxf $still $tone -c:v mpeg2video $date
	make plain.mkv $still $tone -c:v mpeg4 -c:a aac
	make plain.mka $tone -c:a flac
}
for name in mkv mka; do
	python3 "$tap_root/tests/lib/mkv.py" mkvmerge plain.$name \
	    mkvmerge.$name
done

listed() {
	[ "$(v2m-convert --list-tracks "$1" | wc -l)" -eq 1 ]
}
for file in date.* mkvmerge.*; do
	right "$file" becomes 0 2000 "$file"
	right "$file: without a word" [ ! -s told ]
	right "$file: its tracks" listed "$file"
done

done_testing
