#!/bin/sh
# Every container and codec of note: the MP3 decodes to the source's samples.
#
# slow: 50 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# As cameras and phones write it, and ffmpeg by itself does not.
made 2024-05-01T10:00:00Z

# try NAME ARG...: a video with sound at 44.1 kHz; try48: at 48 kHz
try() {
	try_name=$1
	shift
	# shellcheck disable=SC2086
	make "$try_name" $picture $sound "$@" && exact "$try_name" "$try_name"
	rm -f "$try_name"
}
try48() {
	try_name=$1
	shift
	# shellcheck disable=SC2086
	make "$try_name" $picture $sound48 "$@" && exact "$try_name" "$try_name"
	rm -f "$try_name"
}
# alone NAME ARG...: sound without a picture
alone() {
	try_name=$1
	shift
	# shellcheck disable=SC2086
	make "$try_name" $sound48 "$@" && exact "$try_name" "$try_name"
	rm -f "$try_name"
}

try last.mp4 $x264 -c:a aac
try first.mp4 $x264 -c:a aac -movflags +faststart
try fragments.mp4 $x264 -c:a aac -g 12 \
    -movflags frag_keyframe+empty_moov+default_base_moof
# As browsers record it: how long the first packet is stands nowhere.
try48 recorded.mp4 $x264 -c:a libopus \
    -movflags frag_keyframe+empty_moov+delay_moov
try mp3.mp4 $x264 -c:a libmp3lame
try48 ac3.mp4 $x264 -c:a ac3
try48 opus.mp4 $x264 -c:a libopus
try48 flac.mp4 $x264 -c:a flac -strict -2
try aac.mov $x264 -c:a aac
try pcm.mov $x264 -c:a pcm_s16be
try pcm24.mov $x264 -c:a pcm_s24le
try alac.mov $x264 -c:a alac
for codec in aac libmp3lame libopus libvorbis ac3 eac3 flac pcm_s16le; do
	try48 $codec.mkv $x264 -c:a $codec
done
try48 opus.webm -c:v libvpx -deadline realtime -shortest -c:a libopus
try48 vorbis.webm -c:v libvpx -deadline realtime -shortest -c:a libvorbis
for codec in libmp3lame ac3 aac pcm_s16le; do
	try $codec.avi -c:v mpeg4 -shortest -c:a $codec
done
for codec in aac libmp3lame mp2 ac3 libopus; do
	try48 $codec.ts $x264 -c:a $codec
done
try48 mp2.mpg -c:v mpeg2video -shortest -c:a mp2
try aac.flv $x264 -c:a aac
try mp3.flv -c:v flv -shortest -c:a libmp3lame
try aac.3gp -c:v h263 -s 176x144 -shortest -c:a aac
try48 theora.ogv -c:v libtheora -shortest -c:a libvorbis
try wma2.wmv -c:v wmv2 -shortest -c:a wmav2
try wma1.wmv -c:v wmv2 -shortest -c:a wmav1
try48 sound.mxf -c:v mpeg2video -shortest

try48 sound.gxf -c:v mpeg2video -pix_fmt yuv420p -s 720x576 -ac 1 \
    -c:a pcm_s16le

alone vorbis.ogg -c:a libvorbis
alone opus.ogg -c:a libopus
alone flac.ogg -c:a flac
alone sound.opus -c:a libopus
alone sound.m4a -c:a aac
alone sound.mka -c:a flac
alone sound.wma -c:a wmav2
for name in mp3 aac ac3 flac wav aiff au w64 caf tta wv; do
	alone sound.$name
done
for codec in pcm_u8 pcm_s32le pcm_f32le pcm_f64le pcm_alaw pcm_mulaw \
    adpcm_ima_wav adpcm_ms; do
	alone $codec.wav -c:a $codec
done

# ADPCM that carries its state on is not cut into blocks, small as they are.
for file in g726.wav g726.avi; do
	make $file -f lavfi -i "aevalsrc=0.3*sin(2764*t):s=8000:d=10" \
	    -c:a g726 -b:a 40k
done
exact g726.avi "G.726 in AVI"
is "$(fact warning_count)" 0 "whose stamps make no sense: not used"
printf '\1' | dd of=g726.wav bs=1 seek=32 conv=notrunc 2> "$ERR"
exact g726.wav "G.726 in blocks of a byte"

# A WAV whose writer could not seek back to say how long it is.
# shellcheck disable=SC2086
ffmpeg -v error -nostdin $sound -f wav - | cat > pipe.wav
exact pipe.wav "a WAV of unknown length"

# ffmpeg reads AMR but does not write it; sox does.
if sox -n -r 8000 -c 1 sound.amr-nb synth 2 sine 300 2> /dev/null; then
	exact sound.amr-nb "AMR"
	make amr.3gp -i sound.amr-nb -c copy && exact amr.3gp "AMR in 3GP"
else
	skip "AMR" "sox writes no AMR here"
fi

# A dictation machine's.
make speech.g723 -f lavfi -i sine=300:r=8000:d=3 -c:a g723_1 -b:a 6300 \
    -f g723_1
python3 "$tap_root/tests/lib/dss.py" speech.g723 speech.dss
exact speech.dss "DSS"

# Speech of NIST, of Psion's pocket computers, of two old editors, of the Atari.
for name in sph wve pvf paf avr; do
	if sox -n -r 8000 -b 16 sound.$name synth 2 sine 300 2> /dev/null; then
		exact sound.$name "$name"
	else
		skip "$name" "sox writes none here"
	fi
done

# A name of the list that no demuxer has would never be missed.
sed -n '/define CONTAINERS/,/^$/s/.*"\(.*\)".*/\1/p' \
    "$tap_root/lib/engine/codecs.c" | tr ',' '\n' | sort > list
ffmpeg -hide_banner -demuxers 2> /dev/null | awk '{ print $2 }' | tr ',' '\n' |
    sort > demuxers
is "$(comm -23 list demuxers | grep .)" "" "libavformat has all that is listed"
ok "and some is" [ "$(wc -l < list)" -gt 80 ]
done_testing
