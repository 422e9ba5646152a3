#!/bin/sh
# Sound that goes on elsewhere, holes in edit lists, and damage: what is there
# comes out, and no more silence than is missing.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

edits=$tap_root/tests/lib/edits.py

# comes STATUS SAMPLES FILLED FILE WHAT: samples from the source, and silence
comes() {
	: > out.json
	status "$1" "$5" v2m-convert --json --force "$4" out.mp3 || return
	told=$(cat "$ERR")
	cp "$OUT" out.json
	is "$(fact source_samples) $(fact filled_samples)" "$2 $3" \
	    "$5: its samples, and silence"
	ok "$5: a sound MP3" sound_mp3
}

# --- edit lists ---
make base.m4a -f lavfi -i sine=440:r=48000:d=4 -c:a aac
all=$(samples base.m4a)
comes 0 "$all" 0 base.m4a "no hole"
python3 "$edits" base.m4a hole.m4a 2000:1024 500:-1 2000:97024
comes 0 "$all" 24000 hole.m4a "a hole of half a second"
python3 "$edits" base.m4a pause.m4a 1000:1024 60000:-1 3000:49024
comes 3 "$all" 2880000 pause.m4a "one of a minute"
like "$told" '60\.00 s of sound were missing' "is told"
python3 "$edits" base.m4a rest.m4a 0:1024
comes 0 "$all" 0 rest.m4a "a duration of 0"
python3 "$edits" base.m4a twice.m4a 1000:1024 500:-1 1000:1024
comes 0 96000 24000 twice.m4a "the same piece twice, a hole between"

# --- another stream ---
# part FILE OFFSET OPTION...: 3 s in a TS, its tables of version OFFSET
part() {
	part_file=$1 part_at=$2
	shift 2
	make "$part_file" -f lavfi -i testsrc=s=64x64:r=10:d=3 -f lavfi \
	    -i "sine=$((300 + part_at * 100)):r=48000:d=3" -c:v mpeg2video \
	    -bf 0 "$@" -muxdelay 0 -muxpreload 0 -tables_version $part_at \
	    -output_ts_offset $((part_at * 3 + 1))
}
part a.ts 0 -c:a mp2
part b.ts 1 -c:a mp2 -streamid 1:600
part c.ts 1 -c:a mp2
cat a.ts b.ts > pid.ts
cat a.ts c.ts > same.ts
comes 0 288000 0 same.ts "a TS, joined"
comes 0 288000 0 pid.ts "one whose PID changes"
# joined WHAT SECONDS FILE: all of it, and a word on the stamps
joined() {
	comes 3 $(($2 * 48000)) 0 "$3" "$1"
	like "$told" 'time stamps jump back' "$1: told"
}
make old.ts -f lavfi -i sine=440:r=48000:d=6 -c:a mp2
make new.ts -f lavfi -i sine=880:r=48000:d=18 -c:a mp2 -streamid 0:300
cat new.ts old.ts > joined.ts
joined "a TS joined to a longer one of another PID" 24 joined.ts
cat old.ts new.ts > joined.ts
joined "to a shorter one" 24 joined.ts
cat old.ts new.ts old.ts > joined.ts
joined "and back" 30 joined.ts
part d.ts 0 -c:a ac3
part e.ts 1 -c:a aac
cat d.ts e.ts > codec.ts
status 0 "one whose codec changes" \
    v2m-convert --json --force codec.ts out.mp3
cp "$OUT" out.json
ok "all of it is there" [ "$(fact duration_ms)" -ge 5990 ]
ok "and no more" [ "$(fact duration_ms)" -le 6080 ]
make both.ts -f lavfi -i sine=300:r=48000:d=3 -f lavfi \
    -i sine=900:r=48000:d=6 -map 0 -map 1 -c:a mp2 -ac:a:1 2
comes 0 144000 0 both.ts "the first of two that are heard together"

# --- chained Ogg ---
make v.ogg -f lavfi -i sine=300:r=44100:d=4 -c:a libvorbis
make o.ogg -f lavfi -i sine=600:r=48000:d=4 -c:a libopus
cat o.ogg o.ogg > same.ogg
cat v.ogg o.ogg > other.ogg
cat v.ogg o.ogg v.ogg > three.ogg
comes 0 384000 0 same.ogg "Opus twice"
is "$(fact warnings)" \
    'its time stamps start again at 0:04: the sound continues without a gap' \
    "is told, and no fault"
cat o.ogg v.ogg v.ogg v.ogg > four.ogg
comes 0 768000 0 four.ogg "four links"
cat v.ogg v.ogg > twice.ogg
comes 0 352800 0 twice.ogg "Vorbis twice"
comes 0 352800 0 other.ogg "Vorbis, then Opus"
comes 0 529200 0 three.ogg "and Vorbis again"
(cat v.ogg; head -c 200 o.ogg) > broken.ogg
comes 3 176400 0 broken.ogg "Vorbis, then what cannot be read"

# --- MP3 files joined ---
# The second one's tags and its Xing frame are no sound and no damage.
make plain.mp3 -f lavfi -i sine=500:r=44100:d=2 -c:a libmp3lame -write_xing 0 \
    -id3v2_version 0
make xing.mp3 -i plain.mp3 -c copy -id3v2_version 0
python3 - << 'END'
plain, xing = (open(f, 'rb').read() for f in ('plain.mp3', 'xing.mp3'))
n = 100000
id3 = b'ID3\4\0\0' + bytes(n >> s & 127 for s in (21, 14, 7, 0)) + bytes(n)
ape = b'APETAGEX' + bytes((208, 7, 0, 0, 42, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0))
ape += b'\xa0' + bytes(8) + b'\2\0\0\0' + bytes(38)
id3v1 = b'TAG' + bytes(125)
lyrics = b'LYRICSBEGININD0000200LYR00005la la000027LYRICS200'
for name, between in (('id3', id3), ('ape', ape + id3v1),
                      ('lyrics', lyrics + id3v1),
                      ('all', ape + id3v1 + id3 + xing[:-len(plain)])):
    open(name + '.mp3', 'wb').write(plain + between + plain)
open('both.mp3', 'wb').write(plain + plain)
END
both=$(samples both.mp3)
for name in both id3 ape lyrics all; do
	comes 0 "$both" 0 $name.mp3 "MP3 joined: $name"
	status 0 "$name, copied" \
	    v2m-convert --json --force --copy=only $name.mp3 out.mp3
	cp "$OUT" out.json
	is "$(fact source_samples) $(fact filled_samples)" "$both 0" \
	    "$name, copied: its samples"
done

# --- damage ---
make whole.ts -f lavfi -i sine=440:r=48000:d=8 -c:a mp2 -b:a 128k
python3 - << 'END'
data = open('whole.ts', 'rb').read()
packets = [data[i:i + 188] for i in range(0, len(data), 188)]
# Without the head of its PES libavformat hands on nothing of it.
lost = [i + (packets[i][1] >> 6 & 1) for i in range(50, len(packets) - 20, 150)]
open('lost.ts', 'wb').write(b''.join(
    p for i, p in enumerate(packets) if i not in lost))
print(len(lost), file=open('lost', 'w'))
END
status 3 "packets of a TS lost" v2m-convert --json --force lost.ts out.mp3
like "$(cat "$ERR")" "damaged packets? skipped" "are told"
cp "$OUT" out.json
is "$(fact samples)" "$(samples whole.ts)" "nothing moves"
ok "at most two frames each are silence" \
    [ "$(fact filled_samples)" -le $((2 * 1152 * $(cat lost))) ]
ok "and some are" [ "$(fact filled_samples)" -ge 1152 ]
# Files of a disc are cut anywhere.
for codec in mp2 ac3; do
	make disc.vob -f lavfi -i testsrc=s=64x64:r=25:d=8 -f lavfi \
	    -i sine=440:r=48000:d=8 -c:v mpeg2video -c:a $codec -b:a 192k
	tail -c +$((2048 * 50 + 1)) disc.vob > part.vob
	status 0 "a disc's second part: $codec" \
	    v2m-convert --json --force part.vob out.mp3
	cp "$OUT" out.json
	is "$(fact damaged_packets)" 0 "is not damaged by that"
done

done_testing
