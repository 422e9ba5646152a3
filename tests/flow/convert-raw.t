#!/bin/sh
# Sound without a container, which only the name of its file tells.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/flow.sh"
need ffmpeg python3
setup

noise="-f lavfi -i aevalsrc=0.3*sin(2764*t)+0.1*random(0):s=48000:d=4.096"

# raw NAME RATE CHANNELS FORMAT CODEC
raw() {
	# shellcheck disable=SC2086
	make "$1" $noise -ar "$2" -ac "$3" -c:a "$5" -f "$4"
}
# told NAME RATE CHANNELS SAMPLES: converted by its name
told() {
	status 0 "$1" v2m-convert --json --force "$1" out.mp3 || return
	cp "$OUT" out.json
	is "$(fact source_rate) $(fact source_channels) $(fact source_samples)" \
	    "$2 $3 $4" "$1: rate, channels, samples"
}

raw a.aptx 48000 2 aptx aptx && told a.aptx 48000 2 196608
raw a.aptxhd 48000 2 aptx_hd aptx_hd && told a.aptxhd 48000 2 196608
raw a.sbc 48000 2 sbc sbc && told a.sbc 48000 2 196608
raw a.g722 16000 1 g722 g722 && told a.g722 16000 1 65536
raw a.al 8000 1 alaw pcm_alaw && told a.al 8000 1 32768
raw A.UL 8000 1 mulaw pcm_mulaw && told A.UL 8000 1 32768
raw a.sln 8000 1 s16le pcm_s16le && told a.sln 8000 1 32768

# By the bytes where they say what they are, whatever the name.
make b.wav -f lavfi -i sine=d=1:r=44100
mv b.wav b.sbc
told b.sbc 44100 1 44100
cp a.g722 noname
cp a.g722 a.txt
for file in noname a.txt; do
	status 65 "$file" v2m-convert --force $file x.mp3
	is "$(cat "$ERR")" \
	    "v2m-convert: $file: not a media file that can be read" "is told"
done
status 65 "by a pipe" sh -c 'v2m-convert < a.g722'
status 0 "its track can be listed" v2m-convert --list-tracks a.g722
is "$(cut -f 1-4 "$OUT" | tr '\t' ' ')" "1 und adpcm_g722 16000 Hz" "as such"

# The same at upload and for a worker.
status 0 "upload, convert, fetch" sh -c \
    'v2m-upload --no-queue a.g722 | v2m-convert-worker - | v2m-fetch -o out/ -'
is "$(cat "$OUT")" "out/a.mp3" "is an MP3"
status 65 "an upload without such a name" v2m-upload noname

done_testing
