#!/bin/sh
# Tags in the encodings and under the names that other programs use.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/known.sh"
. "$tap_root/tests/lib/becomes.sh"
becomes_needed
PYTHONIOENCODING=utf-8
export PYTHONIOENCODING

tone="-f lavfi -i aevalsrc=0.3*sin(2764*t):s=44100:d=1"
# shellcheck disable=SC2086 # arguments of ffmpeg
{
	make plain.mp3 $tone -c:a libmp3lame -write_xing 0 -id3v2_version 0
	make plain.wav $tone -c:a pcm_s16le -bitexact
}
tagged() {
	tagged_kind=$1 tagged_from=$2
	shift 2
	python3 "$tap_root/tests/lib/tags.py" "$tagged_kind" "$tagged_from" \
	    "tagged.${tagged_from##*.}" "$@"
	tag "tagged.${tagged_from##*.}"
}
# tag OPTION... FILE: what id3.py shows of its MP3, in the file tag
tag() {
	rm -f out.mp3
	v2m-convert --quiet --force "$@" out.mp3 > path
	python3 "$tap_root/tests/lib/id3.py" out.mp3 | tr '\0' '=' > tag
}
# has ERE: such a line
has() {
	grep -qxE -e "$1" tag || { cat tag; return 1; }
}

# --- encodings ---
for encoding in latin-1 utf-16 utf-16-big; do
	tagged id3 plain.mp3 3 $encoding "TIT2=Müllers Lied" "TPE1=Björn"
	right "ID3v2.3, $encoding" has "TIT2 Müllers Lied"
	right "ID3v2.3, $encoding: artist" has "TPE1 Björn"
done
for encoding in latin-1 utf-16 utf-16-be utf-8; do
	tagged id3 plain.mp3 4 $encoding "TIT2=Müllers Lied"
	right "ID3v2.4, $encoding" has "TIT2 Müllers Lied"
done
for encoding in utf-16 utf-8; do
	tagged id3 plain.mp3 4 $encoding "TIT2=日本の歌 😀"
	right "beyond Latin, $encoding" has "TIT2 日本の歌 😀"
done
tagged id3 plain.mp3 3 cp1252 "TIT2=Œuvre – 5 €"
right "ID3v2.3, Windows-1252" has "TIT2 Œuvre – 5 €"
tagged id3v1 plain.mp3 "Müllers Lied – 5 €" Björn
right "ID3v1, Windows-1252" has "TIT2 Müllers Lied – 5 €"
right "ID3v1, Windows-1252: artist" has "TPE1 Björn"
tagged info plain.wav cp1252 "INAM=Müllers Lied – 5 €" IART=Björn
right "INFO, Windows-1252" has "TIT2 Müllers Lied – 5 €"
right "INFO, Windows-1252: artist" has "TPE1 Björn"
tagged info plain.wav utf-8 "INAM=Müllers Lied – 5 €"
right "INFO, UTF-8" has "TIT2 Müllers Lied – 5 €"

# --- two kinds of tags: each has what the other lacks ---
tagged chunk plain.wav 3 utf-16 "TIT2=Müllers Lied" "TPE1=Björn"
right "ID3v2 in WAV" has "TIT2 Müllers Lied"
tagged info plain.wav utf-8 ISFT=program INAM=Info
cp tagged.wav both.wav
tagged chunk both.wav 3 utf-16 "TIT2=Müllers Lied" "TPE1=Björn"
right "INFO and ID3v2 in WAV: of INFO" has "TIT2 Info"
right "INFO and ID3v2 in WAV: of ID3v2" has "TPE1 Björn"
# shellcheck disable=SC2086
make ape.tta $tone -c:a tta -metadata title=Ape
tagged id3 ape.tta 4 utf-8 "TIT2=Müllers Lied" "TPE1=Björn"
right "APEv2 and ID3v2 in TTA: of APEv2" has "TIT2 Ape"
right "APEv2 and ID3v2 in TTA: of ID3v2" has "TPE1 Björn"

# --- names ---
tagged id3 plain.mp3 4 utf-8 TIT2=Song TPE1=Ann TPE2=Band TALB=Album \
    TDRC=2024-02-29 TRCK=3/12 TPOS=1/2 TCON=Jazz TCOM=Bob TSRC=DEA123456789 \
    TBPM=120 TCMP=1 "COMM=how it was" "USLT=la la"
for line in "TIT2 Song" "TPE1 Ann" "TPE2 Band" "TALB Album" "TRCK 3/12" \
    "TPOS 1/2" "TCON Jazz" "TCOM Bob" "TSRC DEA123456789" "TBPM 120" \
    "TCMP 1" "TYER 2024" "TDAT 2902" "COMM ... .*=how it was" \
    "USLT ... .*=la la"; do
	right "in 2.3: $line" has "$line"
done
tag --id3 2.4 tagged.mp3
right "in 2.4: the day" has "TDRC 2024-02-29"
# shellcheck disable=SC2086
make vorbis.ogg $tone -c:a libvorbis -metadata title=Song \
    -metadata ALBUMARTIST=Band -metadata DATE=2024-02-29 \
    -metadata TRACKNUMBER=3 -metadata TRACKTOTAL=12 -metadata DISCNUMBER=1 \
    -metadata DISCTOTAL=2 -metadata ISRC=DEA123456789 -metadata BPM=120 \
    -metadata COMPILATION=1 -metadata "DESCRIPTION=how it was"
tag vorbis.ogg
for line in "TIT2 Song" "TPE2 Band" "TRCK 3/12" "TPOS 1/2" \
    "TSRC DEA123456789" "TBPM 120" "TCMP 1" "TDAT 2902" \
    "COMM ... .*=how it was"; do
	right "of Vorbis: $line" has "$line"
done
# Matroska says what each tag is about, and libavformat puts that before it.
# shellcheck disable=SC2086
make plain.mka $tone -c:a flac
python3 "$tap_root/tests/lib/mkv.py" tags plain.mka levels.mka \
    50/ALBUM/TITLE=Album 50/ALBUM/ARTIST=Band 50/ALBUM/TOTAL_PARTS=12 \
    50/ALBUM/DATE_RELEASED=2024-02-29 50/ALBUM/GENRE=Jazz \
    30/TRACK/TITLE=Song 30/TRACK/ARTIST=Ann 30/TRACK/PART_NUMBER=3
tag levels.mka
for line in "TIT2 Song" "TPE1 Ann" "TALB Album" "TPE2 Band" "TRCK 3/12" \
    "TYER 2024" "TDAT 2902" "TCON Jazz"; do
	right "of Matroska, by levels: $line" has "$line"
done
python3 "$tap_root/tests/lib/mkv.py" tags plain.mka film.mka \
    50/MOVIE/TITLE=Film 50/MOVIE/SUMMARY=long
tag film.mka
right "of a film in Matroska" has "TIT2 Film"
right "and what it is about" has "COMM ... .*=long"
python3 "$tap_root/tests/lib/mkv.py" tags plain.mka album.mka \
    50/ALBUM/TITLE=Album 50/ALBUM/ARTIST=Band
tag album.mka
right "an album's artist is that of its pieces" has "TPE1 Band"
not_ok "but its title is not" has "TIT2 .*"

# QuickTime's own names, as Apple's programs write them.
apple=com.apple.quicktime
# shellcheck disable=SC2086
make apple.mov $tone -c:a aac -movflags use_metadata_tags \
    -metadata $apple.title=Song -metadata $apple.author=Ann \
    -metadata $apple.album=Album -metadata $apple.year=2024 \
    -metadata $apple.genre=Jazz -metadata "$apple.information=how it was"
tag apple.mov
for line in "TIT2 Song" "TPE1 Ann" "TALB Album" "TYER 2024" "TCON Jazz" \
    "COMM ... .*=how it was"; do
	right "of QuickTime: $line" has "$line"
done
# CAF's
# shellcheck disable=SC2086
make notes.caf $tone -c:a pcm_s16le -metadata comments=C \
    -metadata "track number=3" -metadata "recorded date=2024-02-29"
tag notes.caf
for line in "COMM ... .*=C" "TRCK 3" "TYER 2024"; do
	right "of CAF: $line" has "$line"
done

done_testing
