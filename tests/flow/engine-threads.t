#!/bin/sh
# The same MP3 from any number of threads, whichever is done first.
# slow: encodes two minutes twenty times over
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/tunes.sh"
need ffmpeg sox mpg123 mp3val bc

tune music.wav 44100 2 130
for how in "-q V2" "-b 128k"; do
	# shellcheck disable=SC2086
	ok "$how: one thread" v2m-convert $how --threads 1 music.wav one.mp3
	for n in 2 3 7 64; do
		# shellcheck disable=SC2086
		ok "$how: $n threads" v2m-convert $how --threads $n --force \
		    music.wav out.mp3
		ok "the same bytes" cmp one.mp3 out.mp3
	done
	for n in 1 2 3 7 64; do
		# shellcheck disable=SC2086
		ok "$how: $n threads that dawdle" env V2M_MEDIA_DEBUG=1 \
		    V2M_MEDIA_JITTER=$((n * 600)) v2m-convert $how \
		    --threads $n --force music.wav out.mp3
		ok "the same bytes" cmp one.mp3 out.mp3
	done
	# shellcheck disable=SC2086
	ok "$how: as many as there are" v2m-convert $how --force music.wav \
	    out.mp3
	ok "the same bytes" cmp one.mp3 out.mp3
	rm one.mp3
done

# Several files share the cores, and get more when others end.
for i in 1 2 3 4; do
	sox music.wav $i.wav trim 0 $((i * i * 4))
	v2m-convert --quiet --threads 1 $i.wav $i.mp3
done
mkdir out
ok "four files at a time" v2m-convert -j 4 -o out/ 1.wav 2.wav 3.wav 4.wav
for i in 1 2 3 4; do
	ok "the same as alone" cmp $i.mp3 out/$i.mp3
done

# Frames that do not fit, which does not happen by itself: once more, with
# segments that share no data.
for how in "-q V2" "-b 128k" "-b 320k"; do
	# shellcheck disable=SC2086
	V2M_MEDIA_DEBUG=1 V2M_MEDIA_TEAR=1 exact music.wav \
	    "$how: torn, and mended" $how
done

status 64 "no threads" v2m-convert --threads 0 music.wav x.mp3
status 64 "too many" v2m-convert --threads 257 music.wav x.mp3
status 64 "no number" v2m-convert --threads all music.wav x.mp3
done_testing
