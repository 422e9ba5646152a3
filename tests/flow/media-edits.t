#!/bin/sh
# Edit lists, fragments and headers of MP4 as others than ffmpeg write them.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

mp4() {
	python3 "$tap_root/tests/lib/mp4.py" "$@"
}

# A tone for 2 s, then a higher one; PCM has no frames, so that edits are exact.
tones="-f lavfi -i aevalsrc=0.3*sin(2*PI*t*if(lt(t\,2)\,440\,880)):s=48000:d=4"
still="-f lavfi -i testsrc=s=64x64:r=10:d=4"
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make pcm.mov $still $tones -c:v mpeg4 -c:a pcm_s16le
	make aac.mp4 $still $tones -c:v mpeg4 -c:a aac
	make alone.m4a $tones -c:a aac
}

# edited FILE EDIT...: the file cut.EXT
edited() {
	edited_from=$1
	shift
	mp4 edits "$edited_from" "cut.${edited_from##*.}" "$@"
}

for file in pcm.mov aac.mp4; do
	cut=cut.${file##*.}
	edited $file 4000:0
	right "$file: one edit of all of it" becomes 0 4000 $cut
	edited $file 500:-1 4000:0
	right "$file: an empty edit at the start" becomes 0 4500 $cut
	right "$file: is silence" quiet 500
	edited $file 2000:0 500:-1 2000:2000
	right "$file: an empty edit in the middle" becomes 0 4500 $cut
	right "$file: is silence too" quiet 500
	right "$file: where it is" quiet_from 2000
	edited $file 3000:1000
	right "$file: from the second second on" becomes 0 3000 $cut
	right "$file: without what lies before" pitched 685
	edited $file 1000:2000
	right "$file: the third second" becomes 0 1000 $cut
	right "$file: that and no other" pitched 880
	edited $file 0:0
	right "$file: duration 0, all the rest" becomes 0 4000 $cut
	edited $file 0:1000
	right "$file: all the rest from 1 s on" becomes 0 3000 $cut
	edited $file 500:0 500:2000 500:3000
	right "$file: three pieces" becomes 0 1500 $cut
	right "$file: without a hole" quiet 0
	edited $file 1000:2000 1000:0
	right "$file: pieces in another order" becomes 0 2000 $cut
	right "$file: the later one" becomes 0 1000 $cut --to 1
	right "$file: comes first" pitched 880
	edited $file 1000:2000 500:-1 1000:0
	right "$file: another order, with a hole" becomes 0 2500 $cut
	right "$file: the hole is silence" quiet 500
	right "$file: at its place" quiet_from 1000
	right "$file: the later one is before it" becomes 0 1000 $cut --to 1
	right "$file: by its pitch" pitched 880
	right "$file: and the first behind" becomes 0 1000 $cut --from 1.5
	right "$file: by its pitch, too" pitched 440
	edited $file 500:1500 500:1500 500:1500
	right "$file: one piece three times" becomes 0 1500 $cut
	right "$file: each time that" pitched 440
	edited $file 500:-1 1000:0 500:-1 1000:2000 500:-1 500:3500
	right "$file: three empty edits" becomes 0 4000 $cut
	right "$file: each is silence" quiet 1500
done

# Time 0 is the start of the sound where there is nothing else.
edited alone.m4a 500:-1 4000:0
right "an empty edit with no picture" becomes 0 4000 cut.m4a

# --- a pair of tracks, each with an edit list of its own ---
# side N: out.mp3 becomes that channel of it alone
side() {
	ffmpeg -v error -nostdin -y -i out.mp3 -af "pan=mono|c0=c$1" side.mp3 &&
	    mv side.mp3 out.mp3
}
# paired MS FILE OPTION...: the right one's sound
paired() {
	becomes 0 "$@" && side 1
}
# shellcheck disable=SC2086
{
	make pair.mov $tones $tones -map 0 -map 1 -c:a pcm_s16le
	make pair.mp4 $tones $tones -map 0 -map 1 -c:a aac
}
for file in pair.mov pair.mp4; do
	cut=cut.${file##*.}
	edited $file 2 2000:0 500:-1 1500:2000
	right "$file, the second with a hole" paired 4000 $cut --track 1+2
	right "$file: is silence in it" quiet 500
	right "$file: at its place" quiet_from 2000
	right "$file, the same as the first" paired 4000 $cut --track 2+1
	right "$file: there is silence in both" quiet_from 2000
	edited $file 2 1000:2000 3000:0
	right "$file, the second in another order" \
	    paired 1000 $cut --track 1+2 --to 1
	right "$file: the later piece comes first" pitched 880
	edited $file 2 0:2000
	right "$file, the second from 2 s on, all the rest" \
	    paired 1000 $cut --track 1+2 --to 1
	right "$file: is what is there" pitched 880
done

# --- fragments: without an edit list, whole frames of AAC ---
# shellcheck disable=SC2086
{
	make sidx.mp4 $still $tones -c:v mpeg4 -g 10 -c:a aac \
	    -movflags dash+frag_keyframe+default_base_moof
	make global.mp4 $still $tones -c:v mpeg4 -g 10 -c:a aac \
	    -movflags dash+global_sidx+frag_keyframe+default_base_moof
	make empty.mp4 $still $tones -c:v mpeg4 -g 10 -c:a aac \
	    -movflags frag_keyframe+empty_moov+default_base_moof
}
ok "it has an index of segments" grep -aq sidx sidx.mp4
right "fragments with sidx" becomes 0 4032 sidx.mp4
right "with one for all" becomes 0 4032 global.mp4
mp4 unknown empty.mp4 unknown.mp4
right "durations of all ones, in fragments" becomes 0 4032 unknown.mp4
make half.mp4 -i empty.mp4 -t 2 -i empty.mp4 -map 0:v -map 1:a -c copy \
    -movflags frag_keyframe+empty_moov+default_base_moof
mp4 later half.mp4 later.mp4 2000
right "sound that begins later, in fragments" becomes 0 4032 later.mp4
make alone.mp4 -i empty.mp4 -vn -c copy \
    -movflags frag_keyframe+empty_moov+default_base_moof
mp4 later alone.mp4 alone-later.mp4 2000
right "without pictures" becomes 0 4032 alone-later.mp4

# A packet a fragment: ffmpeg gives many packets of the sound the stamp of the
# one before.
# shellcheck disable=SC2086
{
	each="$still $tones -c:v libx264 -bf 2 -c:a aac"
	make each.mp4 $each -movflags frag_every_frame+delay_moov
	make none.mp4 $each \
	    -movflags frag_every_frame+empty_moov+default_base_moof
}
edited none.mp4 4232:0
mv cut.mp4 one.mp4
for file in each:4017 none:4232 one:4232; do
	right "a packet a fragment: ${file%:*}" \
	    becomes 0 "${file#*:}" "${file%:*}.mp4"
	right "a packet a fragment: ${file%:*}: no hole" quiet 0 200
done

# --- several frames in a packet ---
if sox -n -r 8000 -c 1 one.amr-nb synth 4 sine 440 gain -10 2> /dev/null; then
	make one.3gp -i one.amr-nb -c copy
	mp4 group one.3gp ten.3gp 10
	right "AMR, a frame a sample" becomes 0 4000 one.3gp
	right "AMR, ten frames a sample" becomes 0 4000 ten.3gp
	right "AMR, ten frames a sample: the sound" pitched 440
	right "AMR, ten frames a sample: no hole" quiet 0
	python3 "$tap_root/tests/lib/amr.py" pauses one.amr-nb pauses.amr
	make pauses.3gp -i pauses.amr -c copy
	paused() { becomes 0 3500 "$1" && quiet 1400 1500 && ! said damage; }
	right "AMR, pauses of SID and no data" paused pauses.amr
	right "AMR in 3GP, the same" paused pauses.3gp
else
	skip "AMR" "sox writes no AMR here"
fi

python3 "$tap_root/tests/lib/amr.py" wide wide.amr
wide() { becomes 0 4000 wide.amr && ! said damage; }
right "AMR-WB, pauses of SID and no data" wide

# With a pre-skip that is read as 299 ms, the tone would begin late.
make opus.mp4 -f lavfi -i sine=440:r=48000:d=3 -c:a libopus
mp4 swap opus.mp4 swapped.mp4
right "Opus, as it is" becomes 0 3000 opus.mp4
right "Opus, as it is: no hole" quiet 0
right "Opus, header in the wrong byte order" becomes 0 3000 swapped.mp4
right "Opus, header in the wrong byte order: no hole" quiet 0

done_testing
