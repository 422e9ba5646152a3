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
COMM deu ==a=b
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
    track disc comment description lyrics copyright publisher isrc bpm \
    compilation language; do
	set -- "$@" --tag "$key=$key $(printf '%030d' 0)"
done
convert 0 "all there are" t.mp4 "$@"
is "$(echo "$id3" | grep -c ' .*0000000000')" 19 "are written"
set -- --tag "title=$(printf '%0255d' 0)" --tag "artist=$(printf '%0255d' 0)" \
    --tag "album=$(printf '%0255d' 0)" --tag "genre=$(printf '%0255d' 0)"
convert 0 "long ones" t.mp4 "$@"
status 64 "too much of it" v2m-convert "$@" --tag "date=$(printf '%0255d' 0)" \
    --tag "disc=$(printf '%0255d' 0)" t.mp4 x.mp3
like "$(cat "$ERR")" '^v2m-convert: the tags are longer than 1400 bytes \(see v2m-convert --help\)$' \
    "is told"
status 64 "too long a one" v2m-convert --tag "title=$(printf '%0256d' 0)" \
    t.mp4 x.mp3
status 64 "a tag that is none" v2m-convert --tag colour=red t.mp4 x.mp3
like "$(cat "$ERR")" "^v2m-convert: unknown tag 'colour': use one of title artist" \
    "those there are are told"
status 64 "no value" v2m-convert --tag title t.mp4 x.mp3
status 64 "no text" v2m-convert --tag "title=$(printf 'a\377')" t.mp4 x.mp3
status 64 "another version" v2m-convert --id3 2.2 t.mp4 x.mp3
ok "no MP3 of any of these" test ! -e x.mp3
ok "line breaks and controls in options" v2m-convert --tag 'title=a
b' --tag "lyrics=$(printf 'La\r\nla\033[1m')" t.mp4 lines.mp3
is "$(python3 "$tap_root/tests/lib/id3.py" lines.mp3 |
    grep -E '^(TIT2|USLT)')" 'TIT2 a b
USLT XXX =La\nla[1m' "are kept where there are lines, and go elsewhere"

# Names that players look for, from those that each format uses.
wanted="TIT2 Lied
TPE1 Ann
TALB Alles
TPE2 Chor
TCOM Bach
TPE3 Flöte
TCON Jazz
TYER 2024
TDAT 0605
TRCK 3/12
TPOS 1/2
COMM deu =eins\\nzwei
COMM deu description=Von A\\nbis Z
USLT deu =La\\nla
TCOP (c) Ann
TPUB Haus
TSRC DEABC2400001
TBPM 128
TCMP 1
TLAN deu"
# named NAME SPELLING=VALUE...: FLAC or Matroska with such tags
named() {
	named_file=$1
	shift
	python3 - "$@" > tags.txt <<'EOF'
import sys
print(';FFMETADATA1')
for a in sys.argv[1:]:
    key, value = a.split('=', 1)
    for c in '\\=;#\n':
        value = value.replace(c, '\\' + c)
    print(key.replace(' ', '\\ ') + '=' + value)
EOF
	# shellcheck disable=SC2086
	make "$named_file" $sound -i tags.txt -map 0:a -map_metadata 1 -c:a flac
}
lines='eins
zwei'
about='Von A
bis Z'
named v.flac "TITLE=Lied" "ARTIST=Ann" "ALBUM=Alles" "ALBUMARTIST=Chor" \
    "COMPOSER=Bach" "PERFORMER=Flöte" "GENRE=Jazz" "YEAR=2024-05-06T01:02:03Z" \
    "TRACKNUMBER=3" "TRACKTOTAL=12" "DISCNUMBER=1" "TOTALDISCS=2" \
    "comment=$lines" "synopsis=$about" "UNSYNCEDLYRICS=La
la" "COPYRIGHT=(c) Ann" "ORGANIZATION=Haus" "ISRC=DEABC2400001" \
    "TEMPO=127.8" "COMPILATION=true" "LANGUAGE=de" "ENCODER=nobody" \
    "ENCODED_BY=host" "creation_time=2020-01-01T00:00:00Z"
named m.mka "TITLE=Lied" "ARTIST=Ann" "ALBUM=Alles" "ALBUM_ARTIST=Chor" \
    "COMPOSER=Bach" "LEAD_PERFORMER=Flöte" "GENRE=Jazz" \
    "DATE_RELEASED=2024-05-06" "PART_NUMBER=3" "TOTAL_PARTS=12" \
    "DISC=1" "TOTAL_DISCS=2" "COMMENT=$lines" "SUMMARY=$about" \
    "LYRICS=La
la" "COPYRIGHT=(c) Ann" "LABEL=Haus" "ISRC=DEABC2400001" \
    "BPM=128" "COMPILATION=1" "LANGUAGE=deu"
for file in v.flac m.mka; do
	convert 0 "$file: names as its format has them" $file
	is "$id3" "VERSION 2.3
$wanted" "$file: become those that players look for"
done
convert 0 "as ID3v2.4" v.flac --id3 2.4
is "$id3" "VERSION 2.4
$(printf '%s\n' "$wanted" | sed '/^TDAT/d; s/^TYER.*/TDRC 2024-05-06/')" \
    "the same in its frames"
cp out.mp3 again.mp3
convert 0 "what we have made" again.mp3 --id3 2.3
is "$(printf '%s\n' "$id3" | sort)" "$(printf '%s\n' "VERSION 2.3" "$wanted" | sort)" \
    "is read as we have written it"
is "$(ffprobe -v error -show_entries format_tags=comment,date,isrc -of \
    default=nk=0:nw=1 again.mp3 | tr '\n' ' ')" \
    "TAG:date=2024-05-06 TAG:comment=eins zwei " "others read it"
named c.mka "TITLE=a
b	c" "COMPILATION=0" "BPM=fast" "DATE=im Mai" "COMMENT=x$(printf '\001')y "
convert 0 "what makes no sense" c.mka
is "$id3" "VERSION 2.3
TIT2 a b c
TXXX date=im Mai
COMM XXX =xy" "is left out or has no name of its own"
named d.mka "DESCRIPTION=about"
convert 0 "a description alone" d.mka
is "$id3" "VERSION 2.3
COMM XXX =about" "is the comment"

# Bytes that are no UTF-8.
# riff NAME TEXT: sound with an INFO chunk in such bytes
# shellcheck disable=SC2086
make plain.wav $sound -bitexact
cat > old.py <<'EOF'
import sys
text = lambda s: s.encode('cp1252')
def box(kind, body):
    return kind + len(body).to_bytes(4, 'little') + body + b'\0' * (len(body) % 2)
wav = open('plain.wav', 'rb').read()
info = box(b'LIST', b'INFO' + box(b'INAM', text('Müllers Lied… – 5 €') + b'\0') +
    box(b'IART', 'Bjørn ü'.encode() + b'\0') + box(b'ICMT', b'a\r\nb\rc\0'))
open('info.wav', 'wb').write(b'RIFF' + (len(wav) - 8 + len(info)).to_bytes(4,
    'little') + wav[8:] + info)
mp3 = open('plain.mp3', 'rb').read()
v1 = b'TAG' + text('Müllers Lied').ljust(30, b'\0') + \
    text('Bjørn').ljust(30, b' ') + b''.ljust(30, b'\0') + b'1999' + \
    text('Grüße').ljust(28, b'\0') + b'\0\5' + b'\x11'
open('v1.mp3', 'wb').write(mp3 + v1)
# ID3v2.2, whose bytes should be Latin-1 and are what Windows has.
tt2 = b'\0' + text('Müllers Lied…')
frame = b'TT2' + len(tt2).to_bytes(3, 'big') + tt2
open('v22.mp3', 'wb').write(b'ID3\2\0\0\0\0' + bytes([len(frame) >> 7,
    len(frame) & 127]) + frame + mp3)
EOF
# shellcheck disable=SC2086
make plain.mp3 $sound -c:a libmp3lame -id3v2_version 0 -write_id3v1 0
python3 old.py
convert 0 "a WAV's INFO" info.wav
is "$id3" "VERSION 2.3
TIT2 Müllers Lied… – 5 €
TPE1 Bjørn ü
COMM XXX =a\\nb\\nc" "is Windows-1252, or UTF-8"
convert 0 "ID3v1" v1.mp3
is "$id3" "VERSION 2.3
TIT2 Müllers Lied
TPE1 Bjørn
TCON Rock
TYER 1999
TRCK 5
COMM XXX =Grüße" "is Windows-1252"
convert 0 "ID3v2.2" v22.mp3
is "$id3" "VERSION 2.3
TIT2 Müllers Lied…" "is Windows-1252"
named bad.mka "TITLE=Müller"
python3 -c "
data = open('bad.mka', 'rb').read()
open('bad.mka', 'wb').write(data.replace('Müller'.encode(), b'M\xfcx' + b'ller'))"
convert 0 "a format that promises UTF-8" bad.mka
is "$id3" "VERSION 2.3
TIT2 M?xller" "and breaks its word"

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

# Not in the order of time, and one whose end is its start.
convert 0 "the four" c.mkv
python3 - <<'EOF'
mp3 = bytearray(open('out.mp3', 'rb').read())
at = [mp3.index(b'ch%d\0' % i, mp3.index(b'CHAP')) + 4 for i in range(4)]
times = [bytes(mp3[i:i + 8]) for i in at]
times = [times[2], times[1][:4] * 2, times[0], times[3]]
for i, t in zip(at, times):
    mp3[i:i + 8] = t
open('order.mp3', 'wb').write(mp3)
EOF
convert 0 "chapters out of order" order.mp3
is "$(echo "$id3" | grep '^C')" "CTOC to 4 ch0,ch1,ch2,ch3
CHAP ch0 0 500 Nr 2 ü
CHAP ch1 500 1000 Nr 1 ü
CHAP ch2 1000 1500 Nr 0 ü
CHAP ch3 1500 2000 Nr 3 ü" "are put in order, one goes on to the next"

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
is "$(echo "$id3" | grep '^C[TH]')" "CTOC to 2 ch0,ch1
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
its_cover "3 image/jpeg ffd8ff00" "is taken as it is"
forged f2.flac 'b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff"'
convert 0 "a PNG of 4294967295 x 4294967295" f2.flac
its_cover "3 image/png 89504e47" "is taken as it is"
forged f3.flac 'b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff" + bytes(64)'
convert 0 "a JPEG of 65535 x 65535" f3.flac
its_cover "3 image/jpeg ffd8ffc0" "is taken"
forged f4.flac 'b"MZ" + bytes(600)'
convert 0 "a program for a cover" f4.flac
its_cover "" "is left out"
is "$(fact warnings)" \
    'its cover is left out: it is not a JPEG or PNG of at most 5.2 MB' "is told"
is "$(fact warning_count)" 0 "is no warning that counts"
forged f5.flac 'jpeg[:-2] + bytes((5 << 20) - len(jpeg)) + jpeg[-2:]'
convert 0 "5 MiB" f5.flac
is "$(echo "$id3" | grep APIC | cut -d ' ' -f 4)" 5242880 "covers of 5 MiB fit"
forged f6.flac 'jpeg + bytes((5 << 20) + 1 - len(jpeg))'
convert 0 "a byte more" f6.flac
its_cover "" "is left out"
is "$(fact warnings | cut -c 1-21)" 'its cover is left out' "is told"
# WebP, of which libavformat may or may not know.
cat > webp.py <<'EOF'
import sys
webp = b'RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f' + bytes(12)
mp3 = open('plain.mp3', 'rb').read()
apic = b'\0image/webp\0\3\0' + webp
frame = b'APIC' + len(apic).to_bytes(4, 'big') + b'\0\0' + apic
open('webp.mp3', 'wb').write(b'ID3\3\0\0\0\0' + bytes([len(frame) >> 7,
    len(frame) & 127]) + frame + mp3)
flac = open('plain.flac', 'rb').read()
n = int.from_bytes(flac[5:8], 'big')
block = (3).to_bytes(4, 'big') + (10).to_bytes(4, 'big') + b'image/webp' + \
    bytes(4) + bytes(16) + len(webp).to_bytes(4, 'big') + webp
open('webp.flac', 'wb').write(b'fLaC' + bytes([flac[4] & 0x7f]) +
    flac[5:8 + n] + b'\x06' + len(block).to_bytes(3, 'big') + block +
    flac[8 + n:])
m4a = bytearray(open('a.m4a', 'rb').read())
at = m4a.index(b'covr') + 8	# its data box: size, data, type
assert m4a[at:at + 4] == b'data'
m4a[at + 7] = 99
open('webp.m4a', 'wb').write(m4a)
open('x.webp', 'wb').write(webp)
EOF
python3 webp.py
# shellcheck disable=SC2086
make webp.mkv $sound -attach x.webp -metadata:s:t mimetype=image/webp \
    -metadata:s:t filename=cover.webp -c:a flac
for file in webp.mp3 webp.flac webp.m4a webp.mkv; do
	convert 0 "$file" $file
	its_cover "" "$file: is left out"
	is "$(fact warnings)" 'its cover is left out: it is not a JPEG or PNG of at most 5.2 MB' \
	    "$file: is told"
done
attach g.mka small.bmp -c:a flac > "$ERR" 2>&1 && {
	convert 0 "a BMP" g.mka
	its_cover "" "is left out"
}

done_testing
