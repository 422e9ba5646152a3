#!/bin/sh
# Time stamps as recorders, receivers and other writers leave them: drift,
# wrong rates, a wrap, packets lost, sound that goes on elsewhere.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed

tone="-f lavfi -i aevalsrc=0.3*sin(2764*t):s=48000:d=10"
still="-f lavfi -i testsrc=s=64x64:r=10:d=10"
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make aac.mkv $still $tone -c:v mpeg4 -c:a aac
	make opus.mkv $tone -c:a libopus
	make mp3.avi $still $tone -c:v mpeg4 -c:a libmp3lame -q:a 4
	make pcm.avi $still $tone -c:v mpeg4 -c:a pcm_s16le
	make vorbis.mka $tone -c:a libvorbis
	make mp2.ts $still $tone -c:v mpeg2video -c:a mp2
	make aac.ts $still $tone -c:v mpeg2video -c:a aac
	make ac3.ts $still $tone -c:v mpeg2video -c:a ac3
}
ts() {
	python3 "$tap_root/tests/lib/ts.py" "$@"
}
# stamped FROM TO EXPRESSION: the sound's stamps by that
stamped() {
	make "$2" -i "$1" -c copy -bsf:a "setts=ts=$3"
}

# --- drift: no holes, and none of the sound is lost ---
for rate in 0.95 0.99 0.999 1.001 1.01 1.05; do
	for from in aac.mkv opus.mkv; do
		stamped $from drift.mkv "TS*$rate"
		right "$from, clock times $rate" becomes 0,3 10000 drift.mkv
		right "$from, clock times $rate: no hole" quiet 0
	done
done
# rated FILE MS: MP3 in AVI is whole frames.
rated() {
	for percent in -5 -1 1 5; do
		python3 "$forge" avi-rate "$1" rate.avi $percent
		right "$1, $percent % off" becomes 0,3 "$2" rate.avi
		right "$1, $percent % off: no hole" quiet 0
	done
}
rated mp3.avi 10032
rated pcm.avi 10000
make vorbis.avi -i vorbis.mka -c copy
right "Vorbis in AVI" becomes 0 10000 vorbis.avi
right "Vorbis in AVI: no hole" quiet 0

# --- a wrap ---
for kind in mp2 aac ac3; do
	make wrap.ts -i $kind.ts -c copy -output_ts_offset 95438.7
	right "$kind: stamps that wrap" becomes 0 10000 wrap.ts
	right "$kind: stamps that wrap: no hole" quiet 0
done

# --- no stamps at all ---
for kind in mp2 aac ac3; do
	ts unstamped $kind.ts none.ts 101
	right "$kind: no stamps" becomes 0 10000 none.ts
	right "$kind: no stamps: no hole" quiet 0
done

# --- packets lost ---
# One in twenty, as from a browser's recording.
make lost.mkv -i opus.mkv -c copy -bsf:a 'noise=drop=eq(mod(n\,20)\,7)'
right "5 % of Opus lost singly" becomes 0 10000 lost.mkv
right "5 % of Opus lost singly: silence" quiet 300 500
# A TS packet lost costs a frame or two of those in its PES packet.
for kind in mp2 aac ac3; do
	lost=$(($(ffprobe -v error -select_streams a -show_entries packet=size \
	    -of csv=p=0 $kind.ts | awk -F , '{ s += $1 } END { print int(s) }') /
	    184 / 100))
	ts lose $kind.ts lost.ts 101 100
	right "$kind: $lost packets of TS lost" becomes 3 10000 lost.ts
	right "$kind: costs little" quiet 0 $((lost * 64))
	right "$kind: is told" said 'damage|missing|lost'
done

# --- sound that comes in late, beside pictures that we cannot decode ---
# shellcheck disable=SC2086 # arguments of ffmpeg
make late.mkv $still -itsoffset 0.3 $tone -c:v libx264 -bf 2 -g 10 -c:a mp2
right "Matroska without DTS, 0.3 s late" becomes 0 10300 late.mkv
right "Matroska without DTS, 0.3 s late: silence" quiet 300
make live.mkv $still -itsoffset 2 $tone -c:v libx264 -bf 2 -g 10 -c:a mp2 \
    -live 1
right "and without a duration, 2 s late" becomes 0 12000 live.mkv
right "and without a duration, 2 s late: silence" quiet 2000
make late.wmv $still -itsoffset 2 $tone -c:v wmv2 -c:a wmav2
right "ASF, 2 s late: nothing is truncated" becomes 0 12000 late.wmv
make - $still $tone -c:v mpeg4 -c:a libmp3lame -f avi | cat > pipe.avi
right "AVI through a pipe, its length not known" becomes 0 10032 pipe.avi

# --- sound that goes on elsewhere ---
# elsewhere FILE MS: all of it
# (libavformat keeps the last frame of AC-3 to itself)
elsewhere() {
	becomes 0 "$2" "$1" && pitched 440 && quiet 0 32
}
# lost FILE MS PLACE: no more than so much, and that is told
lost() {
	becomes 3 "$2" "$1" && said "goes on in another stream at $3, which is"
}
for kind in mp2 aac ac3; do
	ts move $kind.ts moved.ts 101 201 5
	right "$kind: another PID from 5 s on" elsewhere moved.ts 10000
	ts stray $kind.ts stray.ts 101 201 5
	right "$kind: a PID that is in no map" elsewhere stray.ts 10000
done
for pair in 'mp2 aac' 'ac3 mp2' 'aac ac3'; do
	make then.ts -i "${pair#* }.ts" -c copy -output_ts_offset 10
	cat "${pair% *}.ts" then.ts > codecs.ts
	right "one PID, $pair" elsewhere codecs.ts 20015
done
make english.ts -i mp2.ts -c copy -metadata:s:a language=eng
ts stray english.ts stray.ts 101 201 5
right "a PID of no known language is told" lost stray.ts 5040 0:05
make german.ts -i mp2.ts -c copy -metadata:s:a language=deu \
    -streamid 1:0x105 -output_ts_offset 10
cat english.ts german.ts > languages.ts
right "another language from 10 s on is told" lost languages.ts 10000 0:10
make afresh.ts -i mp2.ts -c copy -metadata:s:a language=deu -streamid 1:0x105
cat english.ts afresh.ts english.ts > languages.ts
right "between two others as well" lost languages.ts 20000 0:10
make both.ts -t 5 -i english.ts -i mp2.ts -map 1:v -map 0:a -map 1:a -c copy \
    -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu
right "one that sounded beside it is none" becomes 0 5016 both.ts
make first.ogg -i vorbis.mka -c copy
# shellcheck disable=SC2086
make second.ogg $tone -ac 2 -ar 44100 -c:a libvorbis
cat first.ogg second.ogg > links.ogg
right "chained Vorbis of another rate" becomes 0,3 20000 links.ogg
right "chained Vorbis of another rate: no hole" quiet 0
unheard() { becomes 0 20000 links.opus && ! said damage; }
make one.opus -i opus.mkv -c copy
cat one.opus one.opus > links.opus
right "chained Opus: no damage" unheard
right "chained Opus: no hole" quiet 0

# What was recorded of a station counts from when that began.
# shellcheck disable=SC2086
for codec in libopus libvorbis; do
	make station.ogg $tone -c:a $codec -output_ts_offset 3600
	right "$codec of a station" becomes 0 10000 station.ogg
done

# --- chains of another serial number, as two runs of a program write them ---
chain() {
	# shellcheck disable=SC2086
	make one.ogg $tone -c:a "$1" -serial_offset 11
	make two.ogg $tone -c:a "$1" -serial_offset 22
	make later.ogg -i two.ogg -c copy -serial_offset 33 -output_ts_offset 15
	cat one.ogg two.ogg one.ogg > chain.ogg
	cat one.ogg later.ogg > later-chain.ogg
}
unharmed() { becomes 0 30000 chain.ogg && pitched 440 && quiet 0; }
forward() {
	# (of FLAC libavformat knows where the second page stands)
	becomes 3 20000 later-chain.ogg &&
	    said 'jump forward by 1?[45]( |\.).* at 0:1[01]' &&
	    ! said truncated && quiet 0
}
for codec in libopus libvorbis flac; do
	chain $codec
	right "$codec, a chain of three" unharmed
	cat one.ogg one.ogg one.ogg > chain.ogg
	right "$codec, a chain with one serial number" unharmed
	right "$codec, its second link begins later" forward
done

done_testing
