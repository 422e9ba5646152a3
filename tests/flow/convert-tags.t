#!/bin/sh
# Tags, chapters and covers: set, taken away, moved, forged.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

convert_check=sound_mp3

# convert STATUS WHAT FILE [OPTION...]: a sound MP3, its facts in out.json and
# its tag, frame by frame, in $id3.
convert() {
	convert_status=$1 convert_what=$2 convert_file=$3
	shift 3
	rm -f out.mp3
	status "$convert_status" "$convert_what" \
	    v2m-convert "$@" --json --force "$convert_file" out.mp3 || return
	cp "$OUT" out.json
	ok "$convert_what: a sound MP3" "$convert_check"
	id3=$(python3 "$tap_root/tests/lib/id3.py" out.mp3 2>&1)
}

# A picture that others cannot read: nothing else is wrong with it.
sound_but_for_cover() {
	mpg123 -q -t out.mp3 > .mpg123 2>&1
	[ ! -s .mpg123 ] || { sed 's/^/# /' .mpg123; return 1; }
	mp3val out.mp3 | grep WARNING | sed 's/^/# mp3val: /' | grep . &&
	    return 1
	[ "$(samples out.mp3)" = "$(fact samples)" ]
}

# --- tags ---
# shellcheck disable=SC2086 # arguments of ffmpeg
make t.mp4 $sound -c:a aac -metadata title=Talk -metadata artist=Ann \
    -metadata date=2024-05-06 -metadata encoder=x
convert 0 "the video's own tags" t.mp4
is "$id3" "VERSION 2.3
TIT2 Talk
TPE1 Ann
TYER 2024
TDAT 0605" "become ID3v2.3, and no others"
convert 0 "others" t.mp4 --tag 'title=Grüße, 世界' --tag artist= \
    --tag ALBUM=One --tag album=Two --tag 'comment==a=b' --tag language=deu
is "$id3" "VERSION 2.3
TIT2 Grüße, 世界
TALB Two
TYER 2024
TDAT 0605
TXXX comment==a=b
TLAN deu" "set, taken away, the last of several"
is "$(python3 -c 'import json
print(json.load(open("out.json"))["tags"]["album"])')" Two "told as well"
convert 0 "as ID3v2.4" t.mp4 --id3 2.4 --tag track=3/9
is "$id3" "VERSION 2.4
TIT2 Talk
TPE1 Ann
TDRC 2024-05-06
TRCK 3/9" "in its frames"
convert 0 "a tag that has only what is taken away" t.mp4 --tag title= \
    --tag artist= --tag date=
is "$id3" "VERSION 2.3" "is empty"
set --
for key in title artist album album_artist composer performer genre date \
    track disc comment copyright publisher language; do
	set -- "$@" --tag "$key=$key $(printf '%050d' 0)"
done
convert 0 "all there are" t.mp4 "$@"
is "$(echo "$id3" | grep -c ' .*0000000000')" 14 "are written"
set -- --tag "title=$(printf '%0255d' 0)" --tag "artist=$(printf '%0255d' 0)" \
    --tag "album=$(printf '%0255d' 0)" --tag "genre=$(printf '%0255d' 0)"
convert 0 "long ones" t.mp4 "$@"
status 64 "too much of it" v2m-convert "$@" --tag "date=$(printf '%0255d' 0)" \
    --tag "disc=$(printf '%0255d' 0)" t.mp4 x.mp3
like "$(cat "$ERR")" '^v2m-convert: the tags are longer than 1400 bytes$' \
    "is told"
status 64 "too long a one" v2m-convert --tag "title=$(printf '%0256d' 0)" \
    t.mp4 x.mp3
status 64 "a tag that is none" v2m-convert --tag colour=red t.mp4 x.mp3
like "$(cat "$ERR")" "^v2m-convert: 'colour' is no tag: title artist" \
    "those there are are told"
status 64 "no value" v2m-convert --tag title t.mp4 x.mp3
status 64 "a line break" v2m-convert --tag 'title=a
b' t.mp4 x.mp3
status 64 "another version" v2m-convert --id3 2.2 t.mp4 x.mp3
ok "no MP3 of any of these" test ! -e x.mp3

# --- chapters ---
# chapters N LENGTH: N of so many ms, on stdout
chapters() {
	echo ';FFMETADATA1'
	chapters_at=0
	while [ "$chapters_at" -lt "$1" ]; do
		printf '[CHAPTER]\nTIMEBASE=1/1000\nSTART=%d\nEND=%d\ntitle=Nr %d ü\n' \
		    $((chapters_at * $2)) $((chapters_at * $2 + $2)) $chapters_at
		chapters_at=$((chapters_at + 1))
	done
}
chapters 4 500 > four.txt
for name in c.mkv c.mp4; do
	# shellcheck disable=SC2086
	make $name $sound48 -i four.txt -map 0:a -map_chapters 1 -c:a flac \
	    -strict -2
	convert 0 "$name" $name --tag title= --tag language=
	is "$(fact chapters)" 4 "$name: its chapters"
	is "$(echo "$id3" | grep -v '^T')" "VERSION 2.3
CTOC to 4 ch0,ch1,ch2,ch3
CHAP ch0 0 500 Nr 0 ü
CHAP ch1 500 1000 Nr 1 ü
CHAP ch2 1000 1500 Nr 2 ü
CHAP ch3 1500 2000 Nr 3 ü" "$name: as CHAP and CTOC"
	is "$(ffprobe -v error -show_entries chapter=start_time:chapter_tags=title \
	    -of csv=p=0 out.mp3 | tail -n 1)" "1.500000,Nr 3 ü" \
	    "$name: others read them"
done
convert 0 "of a part" c.mkv --from 0.75 --to 1.25
is "$(echo "$id3" | grep '^C')" "CTOC to 2 ch0,ch1
CHAP ch0 0 250 Nr 1 ü
CHAP ch1 250 500 Nr 2 ü" "they are moved and clipped"
is "$(fact samples)" 24000 "of the right length"
convert 0 "of the end" c.mkv --from 1.9 --id3 2.4
is "$(echo "$id3" | grep '^C')" "CTOC to 1 ch0
CHAP ch0 0 100 Nr 3 ü" "one is left"

# A transport stream of a broadcast does not begin at 0, a concert film does.
make late.mkv -itsoffset 5 -f lavfi -i sine=d=2 -i four.txt -map 0:a \
    -map_chapters 1 -c:a flac -copyts
convert 0 "a track that begins at 5 s" late.mkv
is "$(echo "$id3" | grep -c CHAP)" 0 "chapters before it lie outside"

chapters 300 5 > many.txt
# shellcheck disable=SC2086
make many.mkv $sound -i many.txt -map 0:a -map_chapters 1 -c:a flac
convert 3 "300 chapters" many.mkv
is "$(fact chapters)" 255 "255 of them"
is "$(echo "$id3" | grep -c CHAP)" 255 "are written"
is "$(echo "$id3" | sed -n 's/^CTOC to \([0-9]*\).*/\1/p')" 255 "and counted"
is "$(fact warnings)" '45 chapters left out: an MP3 has at most 255' \
    "the others are told"

convert 3 "as ID3v2.4" many.mkv --id3 2.4
is "$(echo "$id3" | grep -c CHAP)" 255 "with sizes as 2.4 wants them"
convert 0 "a long title" c.mkv --id3 2.4 --tag "title=$(printf '%0255d' 0)" \
    --tag "comment=$(printf '%0255d' 0)" --from 1.2
is "$(echo "$id3" | grep '^C')" "CTOC to 2 ch0,ch1
CHAP ch0 0 300 Nr 2 ü
CHAP ch1 300 800 Nr 3 ü" "and chapters behind it"

# --- covers ---
picture_of() {
	make "$1" -f lavfi -i "testsrc=s=$2:d=0.04" -frames:v 1
}
picture_of small.jpg 64x48
picture_of small.png 65x47
picture_of small.bmp 64x48

# attach FILE PICTURE [OPTION...]: sound and the picture
attach() {
	attach_file=$1 attach_picture=$2
	shift 2
	# shellcheck disable=SC2086
	make "$attach_file" $sound -i "$attach_picture" -map 0:a -map 1:v \
	    -c:v copy -disposition:v:0 attached_pic "$@"
}
# its_cover WANTED WHAT
its_cover() {
	is "$(echo "$id3" | grep APIC | cut -d ' ' -f 2,3,5)" "$1" "$2"
}
attach a.m4a small.jpg -c:a aac
attach b.m4a small.png -c:a aac
attach c.flac small.jpg -c:a flac
attach d.mp3 small.png -c:a libmp3lame
for file in a.m4a c.flac; do
	convert 0 "a JPEG in $file" $file
	its_cover "3 image/jpeg ffd8ffe0" "$file: is the cover"
	ffmpeg -v error -nostdin -y -i out.mp3 -map 0:v -c copy x.jpg
	ok "$file: the same, byte for byte" cmp x.jpg small.jpg
done
for file in b.m4a d.mp3; do
	convert 0 "a PNG in $file" $file
	its_cover "3 image/png 89504e47" "$file: is the cover"
	is "$(ffprobe -v error -select_streams v -show_entries \
	    stream=width,height -of csv=p=0 out.mp3)" 65,47 "$file: its size"
done
# shellcheck disable=SC2086
make e.mkv $sound -attach small.png -metadata:s:t mimetype=image/png \
    -metadata:s:t filename=cover.png -c:a flac
convert 0 "an attachment" e.mkv
its_cover "3 image/png 89504e47" "is the cover"
convert 0 "a cover and tags as ID3v2.4" a.m4a --id3 2.4 --tag title=T
is "$(echo "$id3" | cut -d ' ' -f 1,2 | tr '\n' ' ')" \
    "VERSION 2.4 TIT2 T APIC 3 " "both"

# What is no picture, is forged, or too much, and fails nothing.
# forged NAME PYTHON: a.m4a with its picture replaced, of any length
forged() {
	python3 - "$1" "$2" <<'EOF'
import re, sys
jpeg = open('small.jpg', 'rb').read()
new = eval(sys.argv[2])
# A FLAC file with a PICTURE block of our own making.
flac = open('plain.flac', 'rb').read()
assert flac[:4] == b'fLaC'
n = int.from_bytes(flac[5:8], 'big')
block = (3).to_bytes(4, 'big') + (10).to_bytes(4, 'big') + b'image/jpeg' + \
    bytes(4) + bytes(16) + len(new).to_bytes(4, 'big') + new
head = bytes([flac[4] & 0x7f]) + flac[5:8 + n]
rest = flac[8 + n:]
open(sys.argv[1], 'wb').write(b'fLaC' + head + b'\x06' +
    len(block).to_bytes(3, 'big') + block + rest)
EOF
}
# shellcheck disable=SC2086
make plain.flac $sound -c:a flac
forged good.flac jpeg
convert 0 "a picture of our own making" good.flac
its_cover "3 image/jpeg ffd8ffe0" "is taken"
convert_check=sound_but_for_cover
forged f1.flac 'b"\xff\xd8\xff" + bytes(60)'
convert 0 "a JPEG that is only a beginning" f1.flac
its_cover "3 image/jpeg ffd8ff00" "is taken as 1 x 1"
forged f2.flac 'b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff"'
convert 0 "a PNG of 4294967295 x 4294967295" f2.flac
its_cover "3 image/png 89504e47" "is taken as 1 x 1"
forged f3.flac 'b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff" + bytes(64)'
convert 0 "a JPEG of 65535 x 65535" f3.flac
its_cover "3 image/jpeg ffd8ffc0" "is taken"
forged f4.flac 'b"MZ" + bytes(600)'
convert 0 "a program for a cover" f4.flac
its_cover "" "is left out"
forged f5.flac 'jpeg[:-2] + bytes((5 << 20) - len(jpeg)) + jpeg[-2:]'
convert 0 "5 MiB" f5.flac
is "$(echo "$id3" | grep APIC | cut -d ' ' -f 4)" 5242880 "covers of 5 MiB fit"
forged f6.flac 'jpeg + bytes((5 << 20) + 1 - len(jpeg))'
convert 0 "a byte more" f6.flac
its_cover "" "is left out"
attach g.mka small.bmp -c:a flac > "$ERR" 2>&1 && {
	convert 0 "a BMP" g.mka
	its_cover "" "is left out"
}

done_testing
