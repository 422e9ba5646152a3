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

# peak CMD...: KiB of the largest among the process and all under it.  Its
# stdout is in $OUT.
peak() {
	python3 -c 'import resource, subprocess, sys
out = open(sys.argv.pop(1), "w")
done = subprocess.run(sys.argv[1:], stdout=out)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)' "$OUT" "$@"
}

# alike WHAT SMALL LARGE: the large file takes no more than a MiB more, and a
# twentieth.
alike() {
	echo "# $1: $2 KiB, and $3 KiB"
	[ "$2" -gt 0 ] && [ "$3" -le $(($2 + $2 / 20 + 1024)) ]
	tap_result $? "$1: 300 MB like 10 MB"
}

raw small.mov 6
raw large.mov 170
for size in small large; do
	peak v2m-upload --quiet $size.mov > $size.upload
	peak v2m-convert-worker --once --quiet --threads 1 > $size.worker
	peak v2m-convert --quiet --threads 1 $size.mov $size.mp3 \
	    > $size.convert
done
for command in upload worker convert; do
	alike v2m-$command "$(cat small.$command)" "$(cat large.$command)"
done
done_testing
