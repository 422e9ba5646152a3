#!/bin/sh
# --copy: MP3 taken as it is, frame by frame, decodes to the same samples.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# Samples of two files, as a decoder has them: SAME, or where they differ.
cat > same.py << 'END'
import subprocess, sys
from array import array

def decode(tool, name):
    if tool == "ffmpeg":
        command = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", name, "-map",
            "0:a:0", "-f", "f32le", "-c:a", "pcm_f32le", "-"]
    else:
        command = ["mpg123", "-q", "-e", "f32", "-s", name]
    return array("f", subprocess.run(command, capture_output=True).stdout)

tool, a, b = sys.argv[1:4]
first = int(sys.argv[4]) if len(sys.argv) > 4 else 0
a, b = decode(tool, a)[first:], decode(tool, b)
if len(sys.argv) > 5:
    a = a[:int(sys.argv[5])]
# mpg123 rounds otherwise where a frame comes later in its turn.
near = 1e-6 if tool == "mpg123" else 0
print(f"#   {tool}: {len(a)} and {len(b)} samples")
assert len(a) == len(b) > 0
wrong = [i for i in range(len(a)) if abs(a[i] - b[i]) > near]
assert not wrong, f"{len(wrong)} samples differ, from {wrong[0]} on"
END

# copies FILE WHAT [OPTION...]: leaves out.mp3 and out.json
copies() {
	copies_file=$1 copies_what=$2
	shift 2
	status 0 "$copies_what" v2m-convert --copy=only --json --force "$@" \
	    "$copies_file" out.mp3
	cp "$OUT" out.json
	[ ! -s "$ERR" ] || tap_show stderr < "$ERR"
}

# identical FILE WHAT: and nobody complains about it
identical() {
	copies "$1" "$2"
	ok "the same samples to ffmpeg" python3 same.py ffmpeg "$1" out.mp3
	ok "and nothing to complain about" sound_mp3
}

# encodes STATUS FILE WHY WHAT: after all, which is told
encodes() {
	status "$1" "$4" v2m-convert --copy --json --force "$2" out.mp3
	cp "$OUT" out.json
	like "$(cat "$ERR")" "encoded, not copied: $3" "and says why"
	is "$(fact copied)" False "is encoded"
	status 65 "--copy=only refuses" v2m-convert --copy=only --force "$2" x.mp3
	like "$(cat "$ERR")" "it cannot be taken as it is: $3" "and says why"
	not_ok "and leaves nothing" test -e x.mp3
}

music="-f lavfi -i aevalsrc=0.3*sin(2764*t)*(1+sin(5*t))+0.1*(random(0)-0.5)|0.4*sin(1546*t*t)+0.05*(random(1)-0.5):d=4"

# --- all kinds of frames ---
# shellcheck disable=SC2086 # arguments of ffmpeg
while read -r rate channels how; do
	make a.mp3 $music -ar "$rate" -ac "$channels" -c:a libmp3lame $how
	identical a.mp3 "$rate Hz, $channels channels, $how"
	is "$(fact copied)" True "is copied"
	case $rate in
	# There is room for no LAME tag in frames so small.
	8000) ;;
	*) ok "the same samples to mpg123" \
	    python3 same.py mpg123 a.mp3 out.mp3 ;;
	esac
	[ "$(wc -c < out.mp3)" -le "$(($(wc -c < a.mp3) + 1500))" ] &&
	    [ "$rate" = "$(fact rate)" ]
	tap_result $? "and is no larger"
done << 'END'
44100 2 -b:a 128k
44100 2 -q:a 0
44100 1 -b:a 320k
44100 2 -b:a 320k
44100 2 -joint_stereo 0 -b:a 192k
44100 2 -reservoir 0 -b:a 160k
48000 2 -b:a 192k
48000 1 -q:a 9
32000 2 -b:a 64k
24000 2 -b:a 160k
22050 1 -q:a 4
16000 2 -b:a 32k
12000 1 -b:a 32k
11025 2 -b:a 64k
8000 1 -b:a 16k
END

# --- all kinds of containers ---
# shellcheck disable=SC2086
make src.mp3 $music -ar 44100 -c:a libmp3lame -b:a 192k
for to in mp4 mov mkv avi flv ts mpg wav nut asf; do
	make "c.$to" -i src.mp3 -map 0:a -c copy
	identical "c.$to" "in $to"
done
# shellcheck disable=SC2086
make video.mp4 $picture -i src.mp3 -map 0:v -map 1:a $x264 -c:a copy
copies video.mp4 "with pictures" --tag title=Copied
is "$(ffprobe -v error -show_entries format_tags=title -of csv=p=0 out.mp3)" \
    Copied "with tags"
status 0 "a pipe" sh -c 'v2m-convert --copy=only < c.mkv > piped.mp3'
v2m-convert --copy=only --force c.mkv out.mp3 > "$OUT"
ok "gives the same" cmp piped.mp3 out.mp3

# --- cuts, to the sample ---
for cut in '1 2' '0.5 3.9' '1.333 2.777' '0 0.01' '3 100' '0.01 2' '0.026 1'; do
	from=${cut% *} to=${cut#* }
	copies src.mp3 "from $from to $to" --from "$from" --to "$to"
	# shellcheck disable=SC2046 # two words
	ok "exactly that" python3 same.py ffmpeg src.mp3 out.mp3 \
	    $(python3 -c "
first = round($from * 44100)
print(2 * first, 2 * (round(min($to, 4) * 44100) - first))")
	ok "and sound" sound_mp3
done
# shellcheck disable=SC2086
make low.mp3 $music -ar 22050 -ac 1 -c:a libmp3lame -b:a 64k
copies low.mp3 "a cut of MPEG-2" --from 1 --to 3
ok "exact as well" python3 same.py ffmpeg low.mp3 out.mp3 22050 44100
copies video.mp4 "a cut of a video" --from 0.5 --to 1.5
is "$(fact samples)" 44100 "has as many samples"
status 65 "nothing is left" v2m-convert --copy --force --from 5 src.mp3 x.mp3

# --- time stamps ---
# shellcheck disable=SC2086
make late.mkv -f lavfi -i testsrc=s=64x64:r=25:d=5 -itsoffset 1.234 \
    -i src.mp3 -map 0:v -map 1:a -c:v mpeg4 -c:a copy
copies late.mkv "sound that comes late"
copied=$(fact samples)
ok "and sound" sound_mp3
status 0 "a late track is encoded" v2m-convert --json --force late.mkv late.mp3
cp "$OUT" out.json
is "$copied" "$(fact samples)" "begins with as much silence"
ok "at the same place" python3 -c '
import subprocess
from array import array
def first(name):
    a = array("f", subprocess.run(["mpg123", "-q", "-e", "f32", "-s", name],
        capture_output=True).stdout)
    return next(i for i, v in enumerate(a) if abs(v) > 0.01)
a, b = first("out.mp3"), first("late.mp3")
print("#  ", a, b)
assert abs(a - b) < 20'
copies late.mkv "cut within the silence" --from 0.5 --to 2
is "$(fact samples)" 66150 "has as many samples"
ffmpeg -v error -nostdin -y -i src.mp3 -c copy \
    -bsf:a 'noise=drop=between(n\,50\,89)' gap.mkv
status 3 "a gap" v2m-convert --copy=only --json --force gap.mkv out.mp3
cp "$OUT" out.json
like "$(fact filled_samples)" '^4[67][0-9]{3}$' "is filled with silence"
ok "and sound" sound_mp3
ok "of the same length, but for a frame" [ "$(fact samples)" -gt 176000 ]

# --- not all of it is there ---
tail -c 60000 src.mp3 > begun.mp3
copies begun.mp3 "a stream cut off at its start"
ok "has what is whole" sound_mp3
head -c 60000 src.mp3 > ended.mp3
status 3 "a stream cut off at its end" v2m-convert --copy=only --json \
    --force ended.mp3 out.mp3
cp "$OUT" out.json
like "$(cat "$ERR")" 'truncated: [12]\.[0-9] s of 4\.0 s' "is told"
ok "has what is whole" sound_mp3
head -c 300 src.mp3 > nothing.mp3
status 65 "nothing whole" v2m-convert --copy --force nothing.mp3 x.mp3

# --- hostile streams: forged, cut up, filled with noise ---
cat > forge.py << 'END'
import random
random.seed(1)
def write(name, data):
    open("forged-" + name, "wb").write(data)
def noise(n):
    return bytes(random.randrange(256) for _ in range(n))
for source in "src.mp3", "c.mkv", "c.avi", "c.ts", "c.mp4":
    data = open(source, "rb").read()
    end = source.split(".")[1]
    b = bytearray(data)
    for _ in range(300):
        b[random.randrange(3000, len(b))] = random.randrange(256)
    write("noise." + end, b)
    # Side information, of which the first bits say where main data begin.
    b = bytearray(data)
    at = b.find(b"\xff\xfb", 5000)
    while at >= 0:
        if random.random() < 0.3:
            b[at + 4:at + 36] = noise(32)
        at = b.find(b"\xff\xfb", at + 100)
    write("side." + end, b)
    parts = [data[i:i + 1000] for i in range(4000, len(data), 1000)]
    write("between." + end, data[:4000] + b"".join(
        p + (noise(random.randrange(700)) if random.random() < 0.1 else b"")
        for p in parts))
    write("less." + end, data[:4000] + b"".join(
        p for p in parts if random.random() < 0.9))
    random.shuffle(parts)
    write("shuffled." + end, data[:4000] + b"".join(parts))
    write("headers." + end, data[:20000] + b"\xff\xfb\x90\x64" * 5000 +
        b"\xff\xfb\x00\x64" * 5000 + data[20000:])
END
python3 forge.py
tried=0
for file in forged-*; do
	timeout -k 5 60 v2m-convert --copy --json --force "$file" out.mp3 \
	    > out.json 2> "$ERR"
	got=$?
	tried=$((tried + 1))
	case $got in
	65) continue ;;
	0|3) ;;
	*)
		tap_result 1 "$file is survived"
		tap_show stderr < "$ERR"
		continue ;;
	esac
	# What stands in the frames may be noise; the frames are sound.
	mp3val out.mp3 | grep WARNING | grep -v 'Too few MPEG frames' |
	    tap_show mp3val > .mp3val
	[ ! -s .mp3val ]
	tap_result $? "$file: nothing but whole frames (status $got, copied: \
$(fact copied))" || cat .mp3val
done
is "$tried" 30 "all were tried"
python3 "$tap_root/tests/lib/hostile.py" absurd
for file in absurd-*; do
	timeout -k 5 60 v2m-convert --quiet --copy --force "$file" x.mp3 \
	    > "$OUT" 2> "$ERR"
	got=$?
	like "$got" '^(0|1|3|65)$' "$file is survived"
	rm -f x.mp3
done

# --- frames with a CRC, and frames without a bitrate ---
# shellcheck disable=SC2086
make room.mp3 $music -ar 44100 -c:a libmp3lame -b:a 320k -reservoir 0 \
    -write_xing 0 -id3v2_version 0
cat > rewrite.py << 'END'
import struct
data = open("room.mp3", "rb").read()
def crc16(data):
    crc = 0xffff
    for byte in data:
        for i in range(8):
            top = (crc >> 15) ^ (byte >> (7 - i) & 1)
            crc = (crc << 1 & 0xffff) ^ (0x8005 if top else 0)
    return crc
crc, free, at = b"", b"", 0
while at + 4 <= len(data):
    head = bytearray(data[at:at + 4])
    n = 144000 * 320 // 44100 + (head[2] >> 1 & 1)
    frame = data[at:at + n]
    at += n
    head[1] &= 0xfe
    side = frame[4:36]
    # The frames' ends are empty: they are larger than need be.
    crc += bytes(head) + struct.pack(">H", crc16(head[2:] + side)) + \
        frame[4:-2]
    free += bytes([frame[0], frame[1], frame[2] & 0x0d, frame[3]]) + \
        frame[4:] + bytes(1200 - len(frame))
open("crc.mp3", "wb").write(crc)
fmt = struct.pack("<HHIIHHHHIHHH", 0x55, 2, 44100, 45937, 1, 0, 12, 1, 2,
    1200, 1, 1393)
body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + \
    struct.pack("<I", len(free)) + free
open("free.wav", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)
END
python3 rewrite.py
identical crc.mp3 "frames with a CRC"
ok "the same samples to mpg123" python3 same.py mpg123 crc.mp3 out.mp3
is "$(mp3val crc.mp3 | grep -c 'CRC error')" 0 "which were right"
copies free.wav "frames without a bitrate, which ffmpeg cannot decode"
ok "the samples of those with one" python3 same.py ffmpeg room.mp3 out.mp3
ok "and sound" sound_mp3

# --- what cannot be copied ---
# shellcheck disable=SC2086
{
	make aac.mp4 $music -c:a aac
	make mp2.mkv $music -c:a mp2
	make mono.mp3 $music -ar 44100 -ac 1 -c:a libmp3lame -b:a 96k
	make rate.mp3 $music -ar 22050 -c:a libmp3lame -b:a 96k
	make layer2.mp2 $music -ar 44100 -c:a mp2
}
encodes 3 aac.mp4 'its sound is aac, not mp3' "AAC"
encodes 3 mp2.mkv 'its sound is mp2, not mp3' "Layer II"
tail -c 50000 src.mp3 > tail.mp3
for other in mono.mp3 rate.mp3 layer2.mp2; do
	cat tail.mp3 "$other" > joined.mp3
	encodes 3 joined.mp3 'it changes its kind midway' "MP3, then $other"
	ok "all of it" sound_mp3
done
make bare.mp3 -i src.mp3 -c copy -id3v2_version 0 -write_xing 0
cat bare.mp3 bare.mp3 > joined.mp3
identical joined.mp3 "twice the same"

# --- what does not go together ---
for other in '-q V4' '-b 128k' --mono --loudness=-16 '--preset=music'; do
	# shellcheck disable=SC2086
	status 64 "--copy $other" v2m-convert --copy $other src.mp3 x.mp3
done

# --- as a job ---
setup
one=$(v2m-upload --copy=only video.mp4)
two=$(v2m-upload video.mp4)
three=$(v2m-upload aac.mp4)
ok "a worker that copies" env V2M_COPY=yes v2m-convert-worker --once
is "$(state "$one") $(state "$two") $(state "$three")" "done done done" \
    "takes what can be copied, and what cannot"
v2m-convert --copy=only --force video.mp4 out.mp3 > "$OUT"
ok "one that says so" v2m-fetch --force -o job.mp3 "$one"
ok "is copied" cmp out.mp3 job.mp3
ok "one that does not" v2m-fetch --force -o job.mp3 "$two"
ok "is copied too" cmp out.mp3 job.mp3
done_testing
