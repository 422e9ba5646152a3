#!/bin/sh
# What comes before the part that is wanted is left out where that makes no
# difference, and read where it would.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg python3

noise="0.3*sin(2764*t)+0.1*sin(t*t*90)+0.05*random(0)|0.3*sin(t*t*900)+0.1*random(1)"
make s.wav -f lavfi -i "aevalsrc=$noise:s=44100:d=60"
pictures="-f lavfi -i testsrc=s=64x64:r=25:d=60 -i s.wav -c:v mpeg4 -g 50"

# part FILE [OPTION...]: a part of it, part.mp3, and all.mp3 by decoding from
# the start; the bytes read in $part_read and $all_read
part() {
	part_file=$1
	shift
	env V2M_MEDIA_DEBUG=1 v2m-convert --force --json --from 40.123 --to 45 \
	    "$@" "$part_file" part.mp3 > part.json 2> part.err
	part_status=$?
	env V2M_MEDIA_DEBUG=1 V2M_MEDIA_NO_SEEK=1 v2m-convert --force --json \
	    --from 40.123 --to 45 "$@" "$part_file" all.mp3 > all.json \
	    2> all.err
	all_status=$?
	part_read=$(sed -n 's/.* read \([0-9]*\) of .*/\1/p' part.err)
	all_read=$(sed -n 's/.* read \([0-9]*\) of .*/\1/p' all.err)
	is "$part_status" "$all_status" "$part_file${1:+ with }$*: the same status"
}

seeks() {
	ok "$part_file: less is read" [ "$part_read" -lt $((all_read * 3 / 4)) ]
}

reads_all() {
	ok "$part_file: all is read" [ "$part_read" -ge "$all_read" ]
}

same() {
	ok "$part_file: the same MP3" cmp part.mp3 all.mp3
}

# near LAG: at most so many samples from the right place, and there below -20 dB
near() {
	for near_name in part all; do
		make $near_name.raw -i $near_name.mp3 -f f32le -ac 1
	done
	ok "$part_file: at most $1 samples off" python3 -c 'import array, sys
part, all = (array.array("f", open(f, "rb").read())
    for f in ("part.raw", "all.raw"))
most = int(sys.argv[1])
assert len(part) == len(all), (len(part), len(all))
def off(lag):
    return sum((part[60000 + lag + i] - all[60000 + i]) ** 2
        for i in range(6000))
best = min(range(-100, 101), key=off)
assert abs(best) <= most, best
assert most or off(0) < 0.01 * sum(x * x for x in all[60000:66000]), off(0)
' "$1"
}

# --- to the bit ---
make a.flac -i s.wav
make b.flac -i s.wav -ar 96000
make c.wav -i s.wav -ar 96000 -c:a pcm_s24le
make d.aiff -i s.wav -c:a pcm_s16be
make e.m4a -i s.wav -c:a alac
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make f.mov $pictures -c:a pcm_s16le
	# What the encoder leaves out as noise, each decoder invents.
	make g.mp4 $pictures -c:a aac -aac_pns 0
}
make h.mp4 -i s.wav -c:a libmp3lame -b:a 320k
make i.mp4 -i s.wav -c:a libmp3lame -ac 1 -ar 24000 -b:a 8k
make j.mp4 -i s.wav -c:a libmp3lame -q:a 4
make k.mp4 -i s.wav -c:a mp2
make l.mp4 -i s.wav -c:a libopus -b:a 96k -strict -2
make m.ogg -i s.wav -c:a libopus -b:a 128k
make n.ogg -i s.wav -c:a flac
for file in s.wav ?.flac c.wav d.aiff ?.m4a f.mov g.mp4 h.mp4 i.mp4 j.mp4 \
    k.mp4 l.mp4 m.ogg n.ogg; do
	part "$file"
	same
	[ "$file" = i.mp4 ] || seeks
done
# HE-AAC, whose decoder adds noise and keeps the place in that: 13 frames of
# pink noise by Fraunhofer's encoder, which Debian's ffmpeg is without.
base64 -d < "$tap_root/tests/lib/he-aac.b64" > he.aac
for i in 1 2 3 4 5 6 7 8 9 10; do
	cat he.aac he.aac he.aac he.aac he.aac he.aac he.aac he.aac he.aac
done > he-all.aac
make he.mp4 -i he-all.aac -c copy
make he.mkv -i he-all.aac -c copy
for file in he.mp4 he.mkv; do
	part "$file"
	same
	seeks
done
# Stamps that are no grid, in an index that names each packet: joined files, a
# clock that is fast, one that wavers, packets lost.
make ten.mp4 -t 10 -i g.mp4 -c copy
make all.m4a -i g.mp4 -map 0:a -c copy
make joined.mp4 -stream_loop 5 -i ten.mp4 -c copy
make fast.m4a -i all.m4a -c copy -bsf:a "setts=ts=TS*1.002"
make wavers.m4a -i all.m4a -c copy \
    -bsf:a "setts=ts=TS+floor(random(0)*600)"
make lossy.m4a -i all.m4a -c copy \
    -bsf:a "noise=amount=0:drop=eq(mod(n\,300)\,7)"
make joined-he.mp4 -stream_loop 1 -i he.mp4 -c copy
# The last packet of each part is shorter.
make seven.m4a -t 7.03 -i s.wav -c:a alac
make joined.m4a -stream_loop 7 -i seven.m4a -c copy
part joined.m4a
same
make hole.mp4 -i s.wav -c:a libmp3lame \
    -bsf:a "noise=amount=0:drop=between(n\,100\,150)"
for file in joined.mp4 fast.m4a wavers.m4a lossy.m4a joined-he.mp4 hole.mp4; do
	part "$file"
	same
	[ $file = joined-he.mp4 ] || seeks
done
for file in h.mp4 m.ogg b.flac; do
	part "$file" --loudness -30
	same
done
for file in h.mp4 i.mp4 j.mp4; do
	part "$file" --copy=only
	same
	[ "$file" = i.mp4 ] || seeks
done
# Sound that begins late: the silence in front counts.
make late.mp4 -f lavfi -i testsrc=s=64x64:r=10:d=60 -itsoffset 3.3 -i s.wav \
    -c:v mpeg4 -c:a libmp3lame
for copy in '' --copy=only; do
	part late.mp4 $copy
	same
	seeks
done
# Too loud when mixed down: all is done twice.
make loud.flac -f lavfi -i "aevalsrc=sin(t*900)|sin(t*900)|sin(t*900)|0|sin(t*900)|sin(t*900):s=48000:d=60:c=5.1"
part loud.flac
same
seeks

# --- as good as the stamps are ---
make aac.m4a -i s.wav -c:a aac -b:a 96k
make ac3.mp4 -i s.wav -c:a ac3 -b:a 640k
make ac3.mkv -i s.wav -c:a ac3 -b:a 640k
make mp3.mkv -i s.wav -c:a libmp3lame
# shellcheck disable=SC2086
{
	make aac.mkv $pictures -c:a aac
	make opus.mkv $pictures -c:a libopus
	make vorbis.mkv $pictures -c:a libvorbis
}
make vorbis.ogg -i s.wav -c:a libvorbis -q 6
for file in aac.m4a ac3.mp4 ???.mkv opus.mkv vorbis.ogg; do
	part "$file"
	seeks
	near 0
done
part vorbis.mkv
seeks
near 45
# Without an index its clusters tell as much.
make live.mkv -i s.wav -c:a libmp3lame -live 1
for file in mp3.mkv live.mkv; do
	part $file --copy=only
	seeks
	same
done
part live.mkv
seeks
same
# Eight packets in each block, of which the first alone has a stamp.
python3 "$tap_root/tests/lib/mkv.py" lace mp3.mkv laced.mkv 1 8 xiph 26122449
part laced.mkv
seeks
near 0

# --- what it costs ---
# cost FILE FROM: bytes read for a minute
cost() {
	env V2M_MEDIA_DEBUG=1 v2m-convert --force --from "$2" --to \
	    $(($2 + 60)) "$1" part.mp3 2>&1 > "$OUT" |
	    sed -n 's/.* read \([0-9]*\) of .*/\1/p'
}
make long-opus.ogg -stream_loop 29 -i m.ogg -c copy
make long-vorbis.ogg -stream_loop 29 -i vorbis.ogg -c copy
make long.mp4 -f lavfi -i sine=r=48000:d=1800 -c:a mp2 -b:a 128k
make long.mkv -i long.mp4 -c copy
# Its index names the whole pictures alone, of which there are three a minute.
make apart.mkv -f lavfi -i color=s=16x16:r=25:d=1800 -i long.mp4 -c:v mpeg4 \
    -g 500 -c:a copy
for long in long-opus.ogg long-vorbis.ogg long.mp4 long.mkv apart.mkv; do
	early=$(cost $long 0)
	late=$(cost $long 1721)
	echo "# $long: $early, and $late of $(wc -c < $long) bytes"
	ok "$long: a minute near the end takes at most 1.2 of the first" \
	    [ "$late" -le $((early * 6 / 5)) ]
done

# --- from the start ---
make ts.ts -i s.wav -c:a aac
make flv.flv -i s.wav -c:a aac
make avi.avi -i s.wav -c:a libmp3lame
make mp3.mp3 -i s.wav -c:a libmp3lame
make other.ogg -i s.wav -t 50 -c:a libopus -b:a 128k -serial_offset 7
cat m.ogg other.ogg > chained.ogg
for file in hole.mp4 mp3.mp3; do
	part "$file" --copy=only
	same
	reads_all
done
# Stamps that wander from the frames.
make fast.mkv -i s.wav -c:a libmp3lame -bsf:a "setts=ts=TS*1.001"
for file in ts.ts flv.flv avi.avi mp3.mp3 chained.ogg fast.mkv; do
	part "$file"
	same
	reads_all
done

# --- where there is no such place ---
head -c 3000000 s.wav > short.wav
cp h.mp4 short.mp4
ffmpeg -v error -nostdin -y -i h.mp4 -c copy -movflags faststart whole.mp4
head -c 900000 whole.mp4 > short.mp4
for file in short.wav short.mp4; do
	part "$file"
	is "$part_status" 65 "$file: it ends before"
	is "$(grep -v ^v2m-media part.err)" "$(grep -v ^v2m-media all.err)" \
	    "$file: the same words"
done
head -c 1700000 whole.mp4 > short.mp4
part short.mp4
facts_of() {
	sed "s/$1.mp3//; s/,\"cpu_ms.*//" "$1.json"
}
is "$(facts_of part)" "$(facts_of all)" \
    "a file that breaks off in the part: the same facts"
same

done_testing
