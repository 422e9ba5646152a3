#!/bin/sh
# Each file that others made becomes by v2m-convert what its table says, with
# the sandbox on.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/corpus.sh"
corpus_needed

# The silence that was put in, in ms.
filled() {
	sed 's/.*"rate":\([0-9]*\),.*"filled_samples":\([0-9]*\),.*/\2000 \1/' \
	    out.json | awk '{ print int($1 / $2) }'
}

convert() {
	rm -f out.mp3
	timeout -k 5 60 v2m-convert --quiet --json "$CORPUS/$1" out.mp3 \
	    > out.json 2> "$ERR"
	convert_status=$?
	convert_filled=-
	[ ! -e out.mp3 ] || convert_filled=$(filled)
	found "$1" $convert_status out.mp3 "$convert_filled" \
	    "$(sed "s,^v2m-convert: $CORPUS/$1: ,," "$ERR")"
}

while IFS= read -r name; do
	convert "$name"
done < names
corpus_check

# --- what is in no table ---
# A tone of -13.48 dB for 8016 ms: what of it is silence tells its level.
lost() {
	awk -F '\t' -v most="$1" '$1 == "made/ts_lost_packets.ts" {
		ms = 8016 * (1 - exp(log(10) * ($5 + 13.48) / 10))
		print ms " ms are lost"
		exit !(ms <= most)
	}' found
}
right "made/ts_lost_packets.ts, about 0.12 s lost" lost 180

# The tags in front of what became of a file, and the codec that it was.
tags() {
	convert "made/$1"
	python3 "$tap_root/tests/lib/id3.py" out.mp3
}
codec() {
	convert "exo/$1"
	grep -o '"codec":"[^"]*"' out.json
}
PYTHONIOENCODING=utf-8
export PYTHONIOENCODING
tags info_latin1.wav > info.txt
right "made/info_latin1.wav, title" grep -x 'TIT2 Müllers Lied ÄÖÜ' \
    info.txt
tags id3v1_latin1.mp3 > id3v1.txt
right "made/id3v1_latin1.mp3, title" grep -x 'TIT2 Müllers Lied' id3v1.txt
right "made/id3v1_latin1.mp3, artist" grep -x 'TPE1 Bjørn' id3v1.txt

# The chapters' titles in the order in which the CTOC names them.
tags chap_disorder.mp3 > chapters.txt
order() {
	for element in $(sed -n 's/^CTOC .* //p' chapters.txt | tr , ' '); do
		sed -n "s/^CHAP $element [0-9]* [0-9]* //p" chapters.txt
	done | paste -sd ' '
}
right "made/chap_disorder.mp3, CTOC" [ "$(order)" = "Intro Mid Outro" ]
right "exo/mp4_sample_ac3_aac.mp4, codec" \
    [ "$(codec mp4_sample_ac3_aac.mp4)" = '"codec":"ac3"' ]

done_testing
