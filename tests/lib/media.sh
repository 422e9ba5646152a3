# media.sh - make media, and compare MP3s with their sources.  Source it after
# tap.sh.
#
#	need PROGRAM...		skips the test where one is missing
#	make FILE ARG...	FILE, by ffmpeg, from its ARGs
#	made DATE		sets the date in the headers of files by `make`
#	every_kind		makes a.mp4 to u.tta, of all containers of note
#	counted CMD...		runs CMD with the system calls counted that the
#		sandbox refuses to decoders; fails with 98 where there are any
#	samples FILE [STREAM]	prints how many samples of a channel FILE decodes to
#	exact SOURCE WHAT [OPTION...]
#		converts SOURCE; passes when the MP3 decodes, without a warning
#		of ffmpeg, mpg123 or mp3val, to as many samples as SOURCE does,
#		at the MP3's rate, without inserted silence, with exit status 0
#		and no system call refused.  Leaves out.mp3 and, with its facts,
#		out.json.
#	fact KEY		prints that one of out.json
#	close_to A B MOST	two numbers that differ by MOST or less

forge=$tap_root/tests/lib/forge.py
sound="-f lavfi -i aevalsrc=0.3*sin(2764*t)|0.3*sin(4146*t)+0.1*random(0):s=44100:d=2"
sound48="-f lavfi -i aevalsrc=0.3*sin(2764*t)|0.3*sin(4146*t)+0.1*random(0):s=48000:d=2"
picture="-f lavfi -i testsrc=s=160x120:r=25:d=2"
x264="-c:v libx264 -preset ultrafast -shortest"

need() {
	for need_program; do
		command -v "$need_program" > /dev/null ||
		    skip_all "no $need_program"
	done
}

close_to() {
	python3 -c 'import sys
a, b, most = map(float, sys.argv[1:])
print("#  ", a, b)
sys.exit(abs(a - b) > most)' "$1" "$2" "$3"
}

make_date=

made() {
	make_date="-metadata creation_time=$1"
}

make() {
	make_file=$1
	shift
	# shellcheck disable=SC2086 # two words or none
	ffmpeg -v error -nostdin -y "$@" $make_date "$make_file" 2> .make &&
	    return 0
	echo "# cannot make $make_file:"
	sed 's/^/#   /' .make
	return 1
}

# shellcheck disable=SC2086 # arguments of ffmpeg
every_kind() {
	make a.mp4 $picture $sound $x264 -c:a aac
	make b.mkv $picture $sound -shortest -c:v mpeg4 -c:a libvorbis
	make c.ts $picture $sound -shortest -c:v mpeg2video -c:a aac
	make d.avi $picture $sound -shortest -c:v mpeg4 -c:a ac3
	make e.flv $picture $sound -shortest -c:v flv -c:a libmp3lame
	make f.ogg $sound -c:a libopus
	make g.wmv $picture $sound -shortest -c:v msmpeg4 -c:a wmav2
	make h.flac $sound -c:a flac
	make i.wav $sound -c:a pcm_s16le
	make j.mxf $picture $sound48 -shortest -c:v mpeg2video -c:a pcm_s16le
	make k.mpg $picture $sound -shortest -c:v mpeg2video -c:a mp2
	make l.w64 $sound -c:a pcm_s16le
	make m.caf $sound -c:a pcm_s16le
	make n.aiff $sound -c:a pcm_s16be
	make o.au $sound -c:a pcm_s16be
	make p.webm $sound -c:a libopus
	make q.m4a -f lavfi -i sine=d=2 -c:a alac
	make r.nut $sound -c:a aac
	make s.voc $sound -c:a pcm_s16le
	make t.wv $sound -c:a wavpack
	make u.tta $sound -c:a tta
}

# The engine's debug output goes to a file of its own.
counted() {
	env V2M_MEDIA_DEBUG=1 "$@" 2> .counted
	counted_status=$?
	grep -v '^v2m-media: ' .counted >&2
	grep '^v2m-media: .* system calls refused, ' .counted >&2 && return 98
	return $counted_status
}

samples() {
	ffmpeg -v error -nostdin -i "$1" -map 0:a:"${2:-0}" -ac 1 -f u8 - \
	    2> .samples | wc -c | tr -d ' '
}

rate() {
	ffprobe -v error -select_streams a:0 -show_entries \
	    stream=sample_rate -of csv=p=0 "$1" | sed 's/,.*//;q'
}

fact() {
	python3 -c 'import json, sys
v = json.load(open("out.json"))[sys.argv[1]]
print(*v, sep="\n") if isinstance(v, list) else print(v)' "$1"
}

# No decoder complains, and all find as many samples as v2m reports.
sound_mp3() {
	[ "$(samples out.mp3)" = "$(fact samples)" ] || {
		echo "# decodes to $(samples out.mp3) samples"
		return 1
	}
	[ ! -s .samples ] || { sed 's/^/# ffmpeg: /' .samples; return 1; }
	mpg123 -q -t out.mp3 > .mpg123 2>&1
	[ ! -s .mpg123 ] || { sed 's/^/# /' .mpg123; return 1; }
	mp3val out.mp3 | grep WARNING | grep -v 'Too few MPEG frames' |
	    sed 's/^/# mp3val: /' | grep . && return 1
	return 0
}

exact() {
	exact_source=$1 exact_what=$2
	shift 2
	rm -f out.mp3
	counted v2m-convert "$@" --json --force "$exact_source" out.mp3 \
	    > out.json 2> "$ERR"
	exact_status=$?
	if [ $exact_status -ne 0 ]; then
		tap_result 1 "$exact_what"
		echo "#   exit status $exact_status"
		tap_show stderr < "$ERR"
		return 1
	fi
	exact_wanted=$(samples "$exact_source")
	exact_rate=$(rate "$exact_source")
	exact_out=$(fact rate)
	# Rounded to the nearest sample if the rate is changed.
	exact_wanted=$(((2 * exact_wanted * exact_out + exact_rate) / \
	    (2 * exact_rate)))
	[ "$(fact source_samples)" = "$exact_wanted" ] &&
	    [ "$exact_wanted" -gt 0 ] && sound_mp3
	tap_result $? "$exact_what" && return 0
	echo "#   $(fact source_samples) samples told, $exact_wanted wanted"
	return 1
}
