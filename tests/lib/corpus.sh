# corpus.sh - convert files of other programs and compare the results with a
# table.  Source it after tap.sh.
#
#	corpus_needed	finds the corpus, ../shared/corpus beside the checkout
#			or what `make check CORPUS=DIR` names; skips the test
#			where there is none; leaves its folder in $CORPUS and
#			the names of its files in the file names
#	found NAME STATUS MP3 FILLED WORDS
#			the result for the file: MP3 is a path that need not
#			exist, FILLED the ms of silence inserted, or -
#	found_jobs FOLDER
#			the same for the jobs whose IDs are on stdin, their MP3s
#			being FOLDER/ID.mp3; one that failed has status 65
#	corpus_check	a check for each file, against tests/corpus/expected.tsv
#
# Faults in tests/known.tsv do not fail the test, but a fault that is repaired
# does, until it is removed from that list.

# shellcheck source=tests/lib/known.sh
. "$tap_root/tests/lib/known.sh"

corpus_needed() {
	for corpus_program in cc mpg123 python3; do
		command -v "$corpus_program" > /dev/null ||
		    skip_all "no $corpus_program"
	done
	if [ -z "$CORPUS" ]; then
		CORPUS=$tap_root/../shared/corpus
		[ -d "$CORPUS" ] ||
		    skip_all "NO CORPUS: neither ../shared/corpus beside the checkout nor make check CORPUS=DIR"
	fi
	CORPUS=$(cd "$CORPUS" && pwd)
	(cd "$CORPUS" && find ./*/ -type f | sed 's,^\./,,' | sort) > names
	cc -O2 -std=c17 -o level "$tap_root/tests/lib/level.c" -lm ||
	    give_up "level.c does not compile"
	: > found
}

# The output of level for it, with tabs.
corpus_measure() {
	mpg123 -q --stereo -e f32 -w - "$1" 2> .mpg123 | ./level | tr ' ' '\t'
}

found() {
	found_name=$1 found_status=$2 found_mp3=$3 found_filled=$4
	found_words=$(printf '%s' "$5" | tr '\n\t' '  ')
	found_sound=$(printf -- '-\t-\t-\t-\t-\t-')
	[ ! -s "$found_mp3" ] || found_sound=$(corpus_measure "$found_mp3")
	printf '%s\t%s\t%s\t%s\t%s\n' "$found_name" "$found_status" \
	    "$found_sound" "$found_filled" "${found_words:--}" >> found
}

found_jobs() {
	xargs v2m-status | while IFS='	' read -r id state _ name _ _ _ _ words
	do
		case $state in
		'done') state=0 ;;
		warnings) state=3 ;;
		failed) state=65 ;;
		esac
		[ "$words" != - ] || words=
		found "$(grep "/$name\$" names)" "$state" "$1/$id.mp3" - "$words"
	done
}

corpus_check() {
	python3 "$tap_root/tests/lib/corpus.py" \
	    "$tap_root/tests/corpus/expected.tsv" found "$known" names \
	    > verdicts || {
		tap_result 1 "the table is read"
		return 1
	}
	while IFS='	' read -r verdict name why; do
		case $verdict in
		right) tap_result 0 "$name" ;;
		known) todo "$name" "$why" ;;
		*) tap_result 1 "$name: $why" ;;
		esac
	done < verdicts
}
