#!/bin/sh
# Each file that others made becomes what its table says through the pipe of
# upload, worker and fetch.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/corpus.sh"
corpus_needed
setup

# Names of the corpus as v2m-upload takes them.
paths() {
	while IFS= read -r name; do
		printf '%s\n' "$CORPUS/$name"
	done
}

paths < names > all
v2m-upload --quiet --no-queue --files-from all 2> refused > ids
is $? 65 "those without sound are refused at upload"
v2m-convert-worker - < ids 2> "$ERR" |
    v2m-fetch --quiet --json -o out/ - > fetched
sed 's/.*"id":"\([0-9a-f]*\)","path":"\(.*\)","warn.*/\1 \2/' fetched |
    while read -r id path; do
	mv "$path" "out/$id.mp3"
done
found_jobs out < ids
sed -n "s,^v2m-upload: $CORPUS/,,p" refused > words
while IFS= read -r line; do
	found "${line%%: *}" 65 none - "${line#*: }"
done < words
corpus_check

# Those that were refused, unchecked: the worker refuses them too.
sed 's/: .*//' words | paths > again
v2m-upload --quiet --no-queue --no-check --files-from again > ids
v2m-convert-worker - < ids > "$OUT" 2> "$ERR"
is $? 65 "without the check the worker refuses them"
is "$(cat "$OUT")" "" "every one"
is "$(wc -l < "$ERR")" "$(wc -l < ids)" "each with a line"

done_testing
