#!/bin/sh
# Rates, channels, lengths, qualities, tags, tracks.
#
# slow: 70 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# --- rates: their own where there is such an MP3, else the nearest ---
while read -r from to; do
	make r.wav -f lavfi -i "sine=f=300:r=$from:d=1.234" -ac 2 &&
	exact r.wav "$from Hz" && is "$(fact rate)" "$to" "$from Hz gives $to"
done << 'END'
8000 8000
11025 11025
12000 12000
16000 16000
22050 22050
24000 24000
32000 32000
37800 44100
44100 44100
48000 48000
64000 32000
88200 44100
96000 48000
176400 44100
192000 48000
END

# --- channels ---
for layout in mono stereo 2.1 3.0 4.0 quad 5.0 5.1 '5.1(side)' 6.1 7.1 \
    '7.1(wide)' octagonal; do
	make l.wav -f lavfi -i "sine=r=44100:d=1,aformat=channel_layouts=$layout" &&
	exact l.wav "$layout"
	wanted=2
	[ "$layout" != mono ] || wanted=1
	is "$(fact channels)" $wanted "$layout gives $wanted"
done
for codec in aac ac3 flac libopus; do
	make l.mkv -f lavfi -i "sine=r=48000:d=1,aformat=channel_layouts=5.1" \
	    -c:a $codec && exact l.mkv "5.1 in $codec"
done
make l.wav -f lavfi -i "sine=r=44100:d=1,aformat=channel_layouts=5.1" &&
exact l.wav "5.1 mixed down to one" --mono && is "$(fact channels)" 1 "--mono"

# All channels at full scale: what is mixed down must not clip.
python3 - << 'END'
import math, struct
pcm = b''.join(struct.pack('<h', int(32000 * math.sin(i * .05))) * 6
               for i in range(44100))
open('loud.wav', 'wb').write(b'RIFF' + struct.pack('<I', 36 + len(pcm)) +
    b'WAVEfmt ' + struct.pack('<IHHIIHH', 16, 1, 6, 44100, 44100 * 12, 12, 16) +
    b'data' + struct.pack('<I', len(pcm)) + pcm)
END
exact loud.wav "six loud channels"
peak=$(ffmpeg -v info -nostdin -i out.mp3 -af volumedetect -f null - 2>&1 |
    sed -n 's/.*max_volume: \(.*\) dB/\1/p')
like "$peak" '^-[0-9]' "and below full scale ($peak dB)"

# --- lengths: from one sample on ---
for n in 1 2 47 48 1105 1151 1152 1153 2304 3456; do
	make n.wav -f lavfi -i "sine=r=44100,atrim=end_sample=$n" &&
	exact n.wav "$n samples"
done
for n in 47 48 576 577 623 1152; do
	make n.wav -f lavfi -i "sine=r=16000,atrim=end_sample=$n" &&
	exact n.wav "$n samples at 16 kHz"
done

# --- qualities ---
# shellcheck disable=SC2086
make q.wav $sound
last=
for q in 0 1 2 3 4 5 6 7 8 9; do
	exact q.wav "V$q" -q V$q
	[ -z "$last" ] || ok "is smaller than the one before" \
	    [ "$(fact bytes)" -lt "$last" ]
	last=$(fact bytes)
done
exact q.wav "the default" && bytes=$(fact bytes)
exact q.wav "is V2" -q 2 && is "$(fact bytes)" "$bytes" "in size"
for b in 32 64 128 192 320; do
	exact q.wav "-b ${b}k" -b ${b}k
	is "$(ffprobe -v error -show_entries stream=bit_rate -of csv=p=0 \
	    out.mp3)" ${b}000 "has ${b} kbit/s"
done
make r.wav -f lavfi -i sine=r=16000:d=1
exact r.wav "a bitrate that there is not at 16 kHz" -b 320k
like "$(cat "$ERR")" '160k, for an MP3 at 16000 Hz cannot have 320k' "is told"

# --- what ffmpeg makes of the same file ---
make f.mp3 -i q.wav -c:a libmp3lame -q:a 2
sound_of() {
	ffmpeg -v error -i "$1" -f s16le - | cksum
}
exact q.wav "V2 again"
is "$(sound_of out.mp3)" "$(sound_of f.mp3)" \
    "the sound is that of ffmpeg's libmp3lame"
cp out.mp3 once.mp3
exact q.wav "the same file twice"
ok "gives the same bytes" cmp once.mp3 out.mp3

# --- what LAME would call abort() on ---
make nan.wav -f lavfi -i "aevalsrc='if(lt(t,0.5),sin(900*t),if(lt(t,0.7),0/0,if(lt(t,0.9),1e30,-1/0)))':s=44100:d=1" \
    -c:a pcm_f32le
status 3 "no numbers, and far too loud ones" \
    v2m-convert --force nan.wav out.mp3
like "$(cat "$ERR")" 'samples that were far too loud or no numbers' "are told"

# --- tags ---
long=$(printf '%06000d' 7)
# shellcheck disable=SC2086
make t.mp4 $picture $sound $x264 -c:a aac -metadata title='Grüße, 世界' \
    -metadata artist=Ann -metadata album=Demos -metadata date=2024 \
    -metadata comment="one
two" -metadata genre=Speech -metadata track=3/9 -metadata composer="$long"
exact t.mp4 "tags"
tag() {
	ffprobe -v error -show_entries format_tags="$1" -of default=nk=1:nw=1 \
	    out.mp3
}
is "$(tag title)" 'Grüße, 世界' "the tag title"
is "$(tag artist)" Ann "the tag artist"
is "$(tag album)" Demos "the tag album"
is "$(tag date)" 2024 "the tag date"
is "$(tag genre)" Speech "the tag genre"
is "$(tag track)" 3/9 "the tag track"
is "$(tag comment)" "one
two" "comment, of two lines"
is "$(tag encoder)" '' "nothing about the encoder or the day"
ok "a very long one is cut" [ "$(tag composer | wc -c)" -lt 5000 ]
is "$(fact tags | wc -l)" 1 "and all are told"

# --- tracks ---
# shellcheck disable=SC2086
make tracks.mkv $picture -f lavfi -i sine=d=1 -f lavfi -i sine=d=2 \
    -f lavfi -i sine=d=3 -map 0 -map 1 -map 2 -map 3 -c:a flac \
    -disposition:a:0 comment -disposition:a:1 0 -disposition:a:2 default
exact_source=tracks.mkv
v2m-convert --json --force tracks.mkv out.mp3 > out.json
is "$(fact samples)" "$(samples tracks.mkv 2)" "the default track is taken"
# shellcheck disable=SC2086
make tracks.mkv $picture -f lavfi -i sine=d=1 -f lavfi -i sine=d=2 \
    -map 0 -map 1 -map 2 -c:a flac \
    -disposition:a:0 visual_impaired -disposition:a:1 0
v2m-convert --json --force tracks.mkv out.mp3 > out.json
is "$(fact samples)" "$(samples tracks.mkv 1)" "rather than a description"
# shellcheck disable=SC2086
make cover.mp3 $sound -f lavfi -i color=red:s=64x64:d=0.1 -map 0 -map 1 \
    -c:v mjpeg -disposition:v attached_pic -c:a libmp3lame
exact cover.mp3 "a cover is no picture that moves"
done_testing
