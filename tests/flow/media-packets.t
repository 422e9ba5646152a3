#!/bin/sh
# Packets of unusual lengths: none for a while, very short and very long ones.
#
# slow: 5 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

tone="-f lavfi -i aevalsrc=0.3*sin(2764*t):s=48000:d=6"

# --- Opus that sends nothing while nobody speaks ---
# shellcheck disable=SC2086 # arguments of ffmpeg
make opus.mkv $tone -c:a libopus
# Of each 2 s: 0.4 s of sound, a packet that says that silence follows, 0.98 s
# without any, and 0.6 s of sound.
python3 "$tap_root/tests/lib/mkv.py" pauses opus.mkv pauses.mkv 100 20 70
ok "Opus with pauses" becomes 0 6000 pauses.mkv
ok "these are silent" quiet 2800 3060
ok "nothing is told" [ ! -s told ]

# --- packets of 40 samples, of one sample and of half a second ---
# shellcheck disable=SC2086
{
	make true.thd $tone -c:a truehd -strict -2
	make true.mka -i true.thd -c copy
	make low.wma $tone -ar 22050 -c:a wmav2 -b:a 24k
	make half.avi $tone -af asetnsamples=24000 -c:a pcm_s16le
	make one.mov -f lavfi -i "aevalsrc=0.3*sin(2764*t):s=8000:d=2" \
	    -af asetnsamples=1 -c:a pcm_s16le
}
for file in true.thd true.mka low.wma half.avi; do
	ok "all of $file" becomes 0 6000 $file
	ok "$file: no hole" quiet 0
done
ok "all of one.mov" becomes 0 2000 one.mov
ok "one.mov: no hole" quiet 0

# --- several packets in a block, as mkvmerge writes them ---
while read -r codec how ms ns; do
	# shellcheck disable=SC2086
	make plain.mka $tone -c:a $codec
	python3 "$tap_root/tests/lib/mkv.py" lace plain.mka laced.mka 1 8 \
	    $how $ns
	ok "laced, $how: $codec" becomes 0 "$ms" laced.mka
	ok "$codec: no hole" quiet 0
done << 'END'
libvorbis xiph 6000
libopus ebml 6000 20000000
libmp3lame xiph 6024 24000000
ac3 fixed 6000 32000000
aac ebml 6021 21333333
END

# --- one packet of minutes: it is not held as a whole ---
# shellcheck disable=SC2086
make pcm.mka $tone -c:a pcm_s16le
python3 "$tap_root/tests/lib/mkv.py" atrac3 pcm.mka minutes.mka 20000
status 0 "a packet of 464 s" v2m-convert --json --force minutes.mka out.mp3
cp "$OUT" out.json
peak=$(fact peak_kib)
echo "# $peak KiB"
ok "is all there" test "$(fact duration_ms)" -gt 464000
ok "and takes little memory" test "$peak" -lt 120000

done_testing
