#!/bin/sh
# Each file that others made becomes what its table says through a gateway.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/corpus.sh"
corpus_needed
gateway_needed
setup
gateway_start
ann=$(header_of ann)

ask() {
	curl -sS --max-time 120 -H "$ann" "$@"
}

# Answers with the place of the MP3 to come, or refuses.
upload() {
	upload_code=$(ask -o "$BODY" -D "$HEAD" -w '%{http_code}' \
	    -F "file=@\"$CORPUS/$1\"" "$URL/upload")
	case $upload_code in
	200) field location | sed 's/.*fid=//' >> ids ;;
	422) found "$1" 65 none - "$(cat "$BODY")" ;;
	*) found "$1" "$upload_code" none - "$(cat "$BODY")" ;;
	esac
}

: > ids
while IFS= read -r name; do
	upload "$name"
done < names
v2m-convert-worker --once 2> "$ERR"
is $? 0 "the queue is worked off" || tap_show worker < "$ERR"
mkdir out
while read -r id; do
	ask -f -o "out/$id.mp3" "$URL/download?fid=$id" 2>> download.err
done < ids
found_jobs out < ids
corpus_check
ends_well

done_testing
