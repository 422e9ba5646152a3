#!/bin/sh
# A burst of noise in a file costs what it hits, as far as that can be told: the
# length stays, and so does the sound before and behind it.
#
# slow: 18 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

# Its level changes ten times a second.
make s.wav -f lavfi -i \
    "aevalsrc=sin(2764*t)*(0.05+0.03*mod(floor(t*10)*7\,11)):s=48000:d=4"
# spoilt MOST FILE [ARG...]: 600 bytes of noise in FILE, which ffmpeg makes by
# the arguments, change the level for no more than MOST ms
spoilt() {
	spoilt_most=$1 spoilt_file=$2
	shift 2
	make "$spoilt_file" -i s.wav "$@" || return 1
	v2m-convert --quiet --force "$spoilt_file" out.mp3 || return 1
	spoilt_wanted=$(measured '1000 * $2 / $1')
	mv out.mp3 good.mp3
	for spoilt_at in 55 62; do
		rm -f spoilt.*
		python3 "$forge" spoil "$spoilt_file" "spoilt.${spoilt_file#*.}" \
		    $spoilt_at 600
		becomes 0,3 "$spoilt_wanted" spoilt.* || return 1
		spoilt_ms=$(python3 "$tap_root/tests/lib/levels.py" good.mp3 \
		    out.mp3)
		[ "$spoilt_ms" -le "$spoilt_most" ] || {
			echo "at $spoilt_at %: other for $spoilt_ms ms"
			return 1
		}
	done
}
while read -r most file codec; do
	ok "$codec in ${file#*.}" spoilt "$most" $file -c:a "$codec"
done << 'END'
200 a.mp4 aac
300 b.mp4 libmp3lame
250 c.flv aac
300 d.avi libmp3lame
150 e.avi ac3
100 f.avi adpcm_ms
100 g.wav adpcm_ms
100 h.wav adpcm_ima_wav
150 i.m4a alac
200 j.flac flac
50 k.mkv pcm_s16le
50 l.mov pcm_s16le
1100 m.ogg libvorbis
1100 n.opus libopus
150 o.mp3 libmp3lame
100 p.mp2 mp2
100 q.ac3 ac3
100 r.eac3 eac3
END

# --- what was put in takes no sound away ---
# Frames of 384 bytes each, and nothing else.
make o.mp3 -i s.wav -c:a libmp3lame -b:a 128k -write_xing 0 -id3v2_version 0
v2m-convert --quiet --json --force o.mp3 out.mp3 > out.json
all=$(fact samples)
# inserted STATUS AT N BYTE: N bytes of this value there make no difference
inserted() {
	inserted_status=$1
	shift
	python3 "$forge" insert o.mp3 inserted.mp3 "$@" || return 1
	v2m-convert --json --force inserted.mp3 out.mp3 > out.json 2> told
	inserted_got=$?
	echo "status $inserted_got, $(fact samples) of $all samples"
	cat told
	[ "$inserted_got" -eq "$inserted_status" ] &&
	    [ "$(fact samples)" = "$all" ]
}
between=$((384 * 80)) within=$((384 * 80 + 200))
end=$(wc -c < o.mp3)
while read -r status at n byte what; do
	ok "$what" inserted "$status" "$at" "$n" "$byte"
done << END
0 $between 600 0 zeros between frames
0 $between 40000 0 many zeros between frames
0 $within 100 0 zeros within a frame
0 $end 20000 0 zeros behind the last
0 $between 33 65 33 bytes between frames
0 $within 33 65 33 bytes within a frame
3 $end 20000 65 other bytes behind the last
END
is "$(fact damaged_packets)" 1 "count as one packet"
# cut AT N: without N bytes there
cut_out() {
	{ head -c "$1" o.mp3 && tail -c +$(($1 + $2 + 1)) o.mp3; } > cut.mp3
	v2m-convert --json --force cut.mp3 out.mp3 > out.json 2> told
}
cut_out $((between + 134)) 250
is "$(fact samples)" $((all - 1152)) "a third of a frame takes no time"
is "$(fact damaged_packets)" 1 "and is told"

# A frame that leads to no other is not taken for louder than all before.
make soft.mp3 -f lavfi -i "aevalsrc=0.02*sin(2764*t):s=48000:d=2" \
    -c:a libmp3lame -b:a 128k -write_xing 0 -id3v2_version 0
python3 "$forge" insert soft.mp3 noisy.mp3 $((384 * 40 + 10)) 33 170
v2m-convert --quiet --json --force noisy.mp3 out.mp3 > out.json 2> told
peak=$(ffmpeg -nostdin -i out.mp3 -af volumedetect -f null - 2>&1 |
    sed -n 's/.*max_volume: \(-*[0-9]*\).*/\1/p')
echo "# at most $peak dB"
ok "noise in a soft piece is not heard" test "$peak" -lt -26

# Tiny frames do not make hours of silence of the noise behind them.
python3 -c 'import random, sys
tiny = b"\x0b\x77\0\3\x72\x87\xc0\0"
sys.stdout.buffer.write(open(sys.argv[1], "rb").read() + 400 * tiny +
    random.Random(1).randbytes(100000))' r.eac3 > tiny.eac3
cat r.eac3 >> tiny.eac3
v2m-convert --quiet --json --force tiny.eac3 out.mp3 > out.json 2> told
ok "noise behind frames of 8 bytes counts as at most a frame for 64" \
    test "$(fact damaged_packets)" -lt 1600

# --- what is damaged counts neither for the gain of a mix nor for loudness ---
# Two TS of the same shape, the second 5 dB louder; some of its packets, marked
# as damaged, in the place of the first one's.
for level in 0.25 0.45; do
	one="$level*sin(2764*t)"
	make level-$level.ts -f lavfi -i \
	    "aevalsrc=$one|$one|$one|$one|$one|$one:c=5.1:s=48000:d=4" \
	    -c:a ac3 -b:a 448k
done
python3 -c 'import sys
soft, loud = (open("level-%s.ts" % n, "rb").read() for n in ("0.25", "0.45"))
assert len(soft) == len(loud)
at = range(len(soft) // 2 // 188 * 188, len(soft) // 2 + 60 * 188, 188)
out = bytearray(soft)
for i in at:
    if out[i:i + 4] == loud[i:i + 4] and out[i + 1] & 0x1f == 1:
        out[i:i + 188] = loud[i:i + 188]
        out[i + 1] |= 0x80
open("marked.ts", "wb").write(out)'
# mixed FILE [OPTION]: the MP3 of it, and what is told of its levels
mixed() {
	mixed_file=$1
	shift
	v2m-convert --quiet --json --force "$@" "$mixed_file" \
	    "${mixed_file%.ts}.mp3" > out.json 2> told
	grep -oE '"(lufs|peak_db[a-z]*|gain_db)":-?[0-9]*\.[0-9]' out.json
}
for option in --threads=1 --loudness=-20; do
	soft=$(mixed level-0.25.ts $option)
	is "$(mixed marked.ts $option)" "$soft" \
	    "$option: damaged frames that are louder do not count"
	ok "though they are heard" [ "$(python3 \
	    "$tap_root/tests/lib/levels.py" level-0.25.mp3 marked.mp3)" -ge 50 ]
done

# --- an index that is wrong is not searched for each packet ---
make good.avi -f lavfi -i "aevalsrc=0.3*sin(2764*t):s=8000:d=40" \
    -af asetnsamples=2 -c:a pcm_s16le
python3 "$forge" avi-index good.avi bad.avi
for file in good bad; do
	v2m-convert --json --force $file.avi out.mp3 > out.json 2> "$ERR"
	eval "$file=$(fact cpu_ms)"
done
# shellcheck disable=SC2154 # set by eval
echo "# $good ms, and $bad ms with a bad index"
is "$(fact duration_ms)" 40000 "all of it comes"
ok "and takes no longer than that" test "$bad" -le $((good * 2 + 300))

done_testing
