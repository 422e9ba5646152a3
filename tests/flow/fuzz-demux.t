#!/bin/sh
# Containers and decoders on thousands of files that a fuzzer makes of small
# honest ones: always the same seed, for a bounded time.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg pkg-config
. "$tap_root/tests/lib/fuzz.sh"

short="-f lavfi -i sine=d=0.1"
mkdir inputs
# shellcheck disable=SC2086 # arguments of ffmpeg
for pair in a.mp4:aac b.mkv:libvorbis c.ts:aac d.avi:ac3 e.flv:libmp3lame \
    f.ogg:libopus g.wma:wmav2 h.flac:flac i.wav:pcm_s16le j.caf:pcm_s16le \
    k.m4a:alac l.nut:aac m.wv:wavpack n.tta:tta o.aiff:pcm_s16be; do
	make "inputs/${pair%:*}" $short -c:a "${pair#*:}"
done

# Leaks are the libraries', and end with a child.
fuzz demux inputs 6000 25 -max_len=20000 -detect_leaks=0

done_testing
