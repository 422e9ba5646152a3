#!/bin/sh
# Copying, on thousands of streams that a fuzzer makes of small honest ones:
# nothing but sound frames come out, with figures that agree.  Always the same
# seed, for a bounded time.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg pkg-config python3
. "$tap_root/tests/lib/fuzz.sh"

# A byte for the cut, then each frame behind its head (tests/fuzz/copy.c).
cat > pack.py << 'END'
import subprocess, sys
sizes = subprocess.run(["ffprobe", "-v", "error", "-show_entries",
    "packet=size", "-of", "csv=p=0", sys.argv[1]], capture_output=True,
    text=True).stdout.replace(",", "").split()
data = open(sys.argv[1], "rb").read()
out, at = bytes([int(sys.argv[2])]), 0
for i, n in enumerate(map(int, sizes)):
    flags = (2 | 0x80) if i == 0 else 1
    out += bytes([n >> 8, n & 255, flags, 1]) + data[at:at + n]
    at += n
sys.stdout.buffer.write(out)
END
mkdir inputs
n=0
for how in "44100 2 -q:a 4" "48000 1 -b:a 64k" "32000 2 -b:a 320k" \
    "22050 1 -q:a 2" "24000 2 -b:a 32k" "11025 1 -q:a 6" "8000 2 -b:a 16k"; do
	# shellcheck disable=SC2086 # arguments of ffmpeg
	set -- $how
	make stream.mp3 -f lavfi -i "aevalsrc=random(0)*abs(sin(9*t)):d=0.4" \
	    -ar "$1" -ac "$2" -c:a libmp3lame "$3" "$4" -write_xing 0 \
	    -id3v2_version 0
	for cut in 0 4 82; do
		n=$((n + 1))
		python3 pack.py stream.mp3 $cut > inputs/$n
	done
done

fuzz copy inputs 60000 15 -max_len=20000

done_testing
