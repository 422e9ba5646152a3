#!/bin/sh
# Which of several tracks: by the flags and languages as other programs write
# them; mono tracks that belong together; a silent one.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

# Three tracks, told apart by their pitch; the later, the more bits.
tones="-f lavfi -i aevalsrc=0.3*sin(2*PI*200*t):s=48000:d=2
    -f lavfi -i aevalsrc=0.3*sin(2*PI*400*t):s=48000:d=2
    -f lavfi -i aevalsrc=0.3*sin(2*PI*800*t):s=48000:d=2"
still="-f lavfi -i testsrc=s=64x64:r=25:d=2"
three="-map 0 -map 1 -map 2 -map 3"
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make three.mp4 $still $tones $three -c:v mpeg4 -c:a aac \
	    -b:a:0 24k -b:a:1 64k -b:a:2 160k -metadata:s:a:0 language=eng \
	    -metadata:s:a:1 language=deu -metadata:s:a:2 language=fra
	make three.mkv -i three.mp4 -map 0 -c copy
	make mono.mxf $still $tones $three -c:v mpeg2video -c:a pcm_s16le
	make quiet.mkv $still -f lavfi -i anullsrc=r=48000:cl=mono $tones \
	    -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac -t 2
}
# takes PITCH STATUS FILE OPTION...
takes() {
	takes_pitch=$1 takes_status=$2
	shift 2
	becomes "$takes_status" 2000 "$@" && pitched "$takes_pitch"
}

# --- MP4: enabled or not ---
while read -r pitch enabled; do
	# shellcheck disable=SC2086 # numbers of tracks
	python3 "$tap_root/tests/lib/mp4.py" enable three.mp4 x.mp4 $enabled
	right "MP4, enabled: $enabled" takes "$pitch" 0 x.mp4
done <<'END'
200 1 2 3 4
200 1 2
400 1 3
800 1 4
400 1 3 4
200 1
END

# --- Matroska: default, forced, commentary ---
flags() {
	# shellcheck disable=SC2086 # flags of tracks
	python3 "$tap_root/tests/lib/mkv.py" flags three.mkv x.mkv $1
}
none="2:default=0 3:default=0 4:default=0"
while read -r pitch wanted; do
	flags "$none $wanted"
	right "Matroska, $wanted" takes "$pitch" 0 x.mkv
done <<'END'
200 2:forced=0
200 2:default=1
400 3:default=1
800 4:default=1
200 2:default=1 3:default=1 4:default=1
400 3:default=1 4:default=1
200 3:forced=1
400 2:commentary=1
400 2:default=1 2:commentary=1
800 2:commentary=1 3:visual-impaired=1
400 2:commentary=1 3:default=1 4:default=1
END
flags "2:default= 3:default= 4:default="
right "Matroska, no flags: each is a default" takes 200 0 x.mkv

# --- languages ---
flags "2:language=eng 3:language=ger 3:bcp47=de-AT 4:language=fre"
for lang in de ger deu de-DE; do
	right "Matroska, ger: --lang $lang" takes 400 0 x.mkv --lang $lang \
	    --lang-strict
	right "MP4, deu: --lang $lang" takes 400 0 three.mp4 --lang $lang \
	    --lang-strict
done
right "fre and fra: --lang fr" takes 800 0 x.mkv --lang fr --lang-strict
right "fre and fra in MP4" takes 800 0 three.mp4 --lang fr --lang-strict
flags "2:language=eng 3:language=de 4:language=fr"
right "Matroska, de" takes 400 0 x.mkv --lang ger --lang-strict
# Where no language is named, Matroska means English.
flags "2:language= 3:language=und 4:language=fre"
right "Matroska, no language" takes 200 0 x.mkv --lang en --lang-strict

# --- mono tracks that belong together ---
# The pitch of what only the left, or only the right channel has.
sides() {
	for side in 0 1; do
		ffmpeg -v error -nostdin -y -i out.mp3 -af \
		    "pan=stereo|FL=c$side|FR=c$side" -c:a pcm_f32le side.wav
		near "Hz in $side" "$(./level < side.wav | cut -d ' ' -f 6)" \
		    "$1" $(($1 / 20)) || return 1
		shift
	done
}
pair() {
	becomes "$@" && sides 200 400
}
right "MXF: the first two are left and right" pair 0,3 2000 mono.mxf
right "MXF: the others are named" said 'track|3'
right "MXF: one of them" takes 800 0 mono.mxf --track 3
# They may be left and right where nothing says that they are not.
alike="2:language=und 3:language=und 4:language=und"
flags "$alike"
options() {
	takes 200 3 x.mkv && said '1\+2.*1,2'
}
right "Matroska: the first, and both options" options
flags "$alike 2:default=0 3:default=1 4:default=0"
second() { takes 400 3 x.mkv && said 'track 2 is taken.*1\+2.*1,2'; }
right "Matroska: the default one, and both options" second
flags "2:language=und 3:language=und 3:commentary=1 4:language=eng"
right "Matroska: not with a commentary" takes 200 0 x.mkv
# shellcheck disable=SC2086 # arguments of ffmpeg
make bits.mp4 $still $tones -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac \
    -b:a:0 24k -b:a:1 96k
right "MP4: not with one of more bits" takes 200 0 bits.mp4
# shellcheck disable=SC2086
make short.mp4 $still $tones -map 0 -map 1 -map 2 -c:v mpeg4 -c:a aac \
    -filter:a:1 atrim=end=0.5
right "MP4: not with one that is shorter" takes 200 0 short.mp4
right "--track 1+2 joins" pair 0 2000 three.mkv --track 1+2
mixed() { becomes 0 2000 three.mkv --track 1,2 && pitched 306; }
right "--track 1,2 mixes" mixed

# --- a silent track ---
silent() { becomes 3 2000 quiet.mkv && quiet 2000 && said 'silent.*2|2.*silent'; }
right "a silent track while another has sound" silent
right "the other one" takes 200 0 quiet.mkv --track 2

# --- a track with nothing in it ---
python3 "$tap_root/tests/lib/mkv.py" empty three.mkv x.mkv 2
other() {
	takes 400 3 "$@" &&
	    said 'there is no sound in track 1: track 2 is taken'
}
right "a track without packets, another with sound" other x.mkv
right "measured first" other x.mkv --loudness=-20
right "a part of it" becomes 3 1000 x.mkv --to 1
right "asked for by name" other x.mkv --lang en
missing() {
	v2m-convert --force x.mkv out.mp3 "$@" 2> told
	[ $? -eq 65 ] && said 'no sound in it'
}
right "one that is asked for stays without" missing --track 1
make german.mkv -i three.mkv -map 0 -c copy -metadata:s:a:0 language=ger
python3 "$tap_root/tests/lib/mkv.py" empty german.mkv x.mkv 2
right "its language is wanted" other x.mkv --lang de
right "no other language will do" missing --lang de --lang-strict

done_testing
