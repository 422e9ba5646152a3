#!/bin/sh
# What a command needs of memory does not depend on how large the video is.
# slow: 20 s, stores a video of 300 MB
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v ffmpeg > "$OUT" || skip_all "no ffmpeg"
command -v python3 > "$OUT" || skip_all "no python3"
setup

# raw FILE FRAMES: a minute of sound, and so many raw pictures of 1.8 MiB.
raw() {
	ffmpeg -v error -nostdin -y -f lavfi \
	    -i "color=gray:s=1280x720:r=$2/60" -f lavfi \
	    -i "aevalsrc=random(0)*abs(sin(t)):d=60" -t 60 -c:v rawvideo \
	    -pix_fmt uyvy422 -c:a aac "$1" || exit 99
}

upload() {
	peak_kib v2m-upload --quiet "$1.mov"
	v2m-remove "$(cat "$OUT")" >> log
}

worker() {
	v2m-upload --quiet "$1.mov" >> log
	peak_kib v2m-convert-worker --once --quiet --threads 1
}

convert() {
	peak_kib v2m-convert --quiet --force --threads 1 "$1.mov" "$1.mp3"
}

# alike CMD: the large file takes no more than a MiB more, and a twentieth.  On
# a busy machine threads meet in another order, and one run of some takes more
# than the others; what depends on the size does so each time.
alike() {
	alike_small=$($1 small)
	for try in 1 2 3; do
		alike_large=$($1 large)
		echo "# v2m-$1: $alike_small KiB, and $alike_large KiB"
		[ "$alike_large" -gt \
		    $((alike_small + alike_small / 20 + 1024)) ] || break
	done
	[ "$alike_small" -gt 0 ] && [ "$alike_large" -gt 0 ] &&
	    [ "$alike_large" -le $((alike_small + alike_small / 20 + 1024)) ]
	tap_result $? "v2m-$1: 300 MB like 10 MB"
}

raw small.mov 6
raw large.mov 170
for command in upload worker convert; do
	alike $command
done
done_testing
