#!/bin/sh
# A part of the sound: exact to the sample, in every kind of source.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# cut WHAT SAMPLES FILE OPTION...: a sound MP3 of so many samples
cut_of() {
	cut_what=$1 cut_samples=$2 cut_file=$3
	shift 3
	status 0 "$cut_what" v2m-convert "$@" --json --force "$cut_file" \
	    out.mp3 || return
	cp "$OUT" out.json
	is "$(fact samples)" "$cut_samples" "$cut_what: so many samples"
	ok "$cut_what: a sound MP3" sound_mp3
}

noise="-f lavfi -i aevalsrc=0.3*sin(2764*t)+0.1*random(0)|0.3*sin(t*t*900):s=44100:d=8"
# shellcheck disable=SC2086 # arguments of ffmpeg
make a.wav $noise

# The MP3 of a part is that of a file that has only the part.
# same FROM TO FIRST END OPTION...: in ms and in samples
same() {
	same_from=$1 same_to=$2 same_first=$3 same_end=$4
	shift 4
	make part.wav -i a.wav -af \
	    "atrim=start_sample=$same_first:end_sample=$same_end" \
	    -map_metadata -1
	v2m-convert --quiet --force "$@" part.wav part.mp3 > .path &&
	v2m-convert --quiet --force "$@" --from "${same_from}ms" \
	    --to "${same_to}ms" a.wav cut.mp3 > .path &&
	cmp part.mp3 cut.mp3 > .cmp 2>&1
	tap_result $? "$same_from to $same_to ms${1:+ with }$*: the same bytes"
}
same 0 1 0 44
same 1000 3000 44100 132300
same 1001 3333 44144 146985
same 7999 8000 352756 352800
same 2500 7000 110250 308700 -b 128k --mono
same 500 7500 22050 330750 --loudness -30

# Wherever the rate is changed as well, positions are those of the whole.
# shellcheck disable=SC2086
make b.wav $noise -ar 96000 -ac 1
v2m-convert --quiet --force -b 320k b.wav whole.mp3 > .path
v2m-convert --quiet --force -b 320k --from 2.5 --to 4 b.wav cut.mp3 > .path
for file in whole cut; do
	ffmpeg -v error -nostdin -y -i $file.mp3 -f s16le $file.raw
done
ok "the same sound as the whole has there" python3 -c 'import array, math
whole, cut = (array.array("h", open(f, "rb").read())
    for f in ("whole.raw", "cut.raw"))
assert len(cut) == 72000, len(cut)
def off(by):
    return sum((whole[120000 + by + i] - cut[i]) ** 2
        for i in range(4800, 67200))
best = min(range(-3, 4), key=off)
assert best == 0, best
assert off(0) < off(1) / 50, (off(0), off(1))'

# --- kinds of sources ---
# shellcheck disable=SC2086
{
	make c.mp4 $picture $noise -c:v mpeg4 -c:a aac
	make d.mkv $picture $noise -c:v mpeg4 -c:a libvorbis
	make e.ts $noise -c:a mp2
	make f.ogg $noise -ar 48000 -c:a libopus
	make g.flac $noise -c:a flac
	make h.mp3 $noise -c:a libmp3lame
	make i.avi $picture $noise -c:v mpeg4 -c:a ac3
}
for file in c.mp4 d.mkv e.ts g.flac h.mp3 i.avi; do
	cut_of $file 88200 $file --from 1.5 --to 3.5
done
cut_of f.ogg 96000 f.ogg --from 1.5 --to 3.5
status 0 "from a pipe" sh -c 'v2m-convert --from 7 < c.mp4 > out.mp3'
ok "a second" [ "$(samples out.mp3)" -ge 44100 ]
ok "and no more" [ "$(samples out.mp3)" -le 46200 ]

# --- edges ---
cut_of "to behind the end" 308700 a.wav --from 1 --to 1:00:00
cut_of "one sample is enough" 44 a.wav --from 7.999
cut_of "from 0" 352800 a.wav --from 0 --to 15min
is "$(fact warnings)" "" "without a warning"
rm -f x.mp3
status 65 "from behind the end" v2m-convert --from 8 a.wav x.mp3
like "$(cat "$ERR")" \
    '^v2m-convert: a.wav: no sound at 0:08 or later: it ends at 0:08$' \
    "is told"
for wrong in "--from 2 --to 2" "--from 3 --to 2" "--to 0" "--from x" \
    "--from 1:60" "--to -1" "--from 1:2:3:4" "--from never"; do
	# shellcheck disable=SC2086
	status 64 "$wrong" v2m-convert $wrong a.wav x.mp3
done
ok "no MP3 of these" test ! -e x.mp3

# Sound that begins late has silence in front, which is cut as sound is.
# shellcheck disable=SC2086
make late.mkv -f lavfi -i testsrc=s=64x64:r=10:d=14 -itsoffset 5 $noise \
    -c:v mpeg4 -c:a flac
cut_of "silence and sound" 88200 late.mkv --from 4 --to 6
is "$(fact filled_samples)" 44100 "the silence in it is counted"
cut_of "only silence" 88200 late.mkv --from 1 --to 3
is "$(fact filled_samples) $(fact source_samples)" "88200 0" "all of it"
cut_of "only sound" 88200 late.mkv --from 6 --to 8
is "$(fact filled_samples)" 0 "no silence"

# A file that is cut short is whole up to there.
head -c 700000 a.wav > short.wav
cut_of "before it breaks off" 88200 short.wav --to 2
is "$(fact warnings)" "" "nobody misses the rest"
status 3 "where it breaks off" v2m-convert --force --from 3 --to 6 short.wav \
    out.mp3
like "$(cat "$ERR")" 'truncated: [34]\.[0-9] s of 8\.0 s' "is told"

# The longest MP3 that is allowed is so much of the part.
status 3 "max_duration ends a stretch" env V2M_MAX_DURATION=2s v2m-convert --json --force \
    --from 3 a.wav out.mp3
cp "$OUT" out.json
ok "counts from the start of the part" [ "$(fact duration_ms)" -ge 1700 ]
ok "and no further" [ "$(fact duration_ms)" -le 2000 ]
status 0 "a part that is short enough" env V2M_MAX_DURATION=2s \
    v2m-convert --force --from 3 --to 4.5 a.wav out.mp3

done_testing
