#!/bin/sh
# Uploads that are cut off and go on: the tus protocol at /files/.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip short.mp4
# A video of 20 MiB: boxes that mean nothing may stand behind it.
python3 - << 'END'
import os, struct
video = open("short.mp4", "rb").read()
size = 20 * 1024 * 1024 - len(video)
open("talk.mp4", "wb").write(video + struct.pack(">I4s", size, b"free") +
                             os.urandom(size - 8))
open("no-sound.bin", "wb").write(os.urandom(100000))
END
size=$(wc -c < talk.mp4 | tr -d ' ')
mib=1048576
gateway_start
first=$URL
ann=$(header_of ann) bob=$(header_of bob)
V='Tus-Resumable: 1.0.0'
T='Content-Type: application/offset+octet-stream'

# tus CODE WHAT METHOD ID ARGUMENT...: as ann.
tus() {
	tus_code=$1 tus_what=$2 tus_method=$3 tus_id=$4
	shift 4
	case $tus_method in
	HEAD) set -- -I "$@" ;;
	*) set -- -X "$tus_method" "$@" ;;
	esac
	http "$tus_code" "$tus_what" -H "$V" -H "$ann" "$@" \
	    "$URL/files/$tus_id"
}

# A piece of a file: FILE OFFSET COUNT
piece() {
	tail -c +$(($2 + 1)) "$1" | head -c "$3" > piece
}

# patch CODE WHAT ID FILE OFFSET COUNT [ARGUMENT...]
patch() {
	piece "$4" "$5" "$6"
	patch_code=$1 patch_what=$2 patch_id=$3 patch_at=$5
	shift 6
	tus "$patch_code" "$patch_what" PATCH "$patch_id" -H "$T" \
	    -H "Upload-Offset: $patch_at" --data-binary @piece "$@"
}

# Begin an upload of talk.mp4; leaves its ID in $id.
create() {
	tus 201 "an upload begins" POST "" -H "Upload-Length: $size" \
	    -H "Upload-Metadata: filename $(printf talk.mp4 | base64)"
	id=$(field location)
	id=${id##*/}
}

# offset ID: how far it is, by HEAD
offset() {
	curl -sS -I -H "$V" -H "$ann" "$URL/files/$1" | tr -d '\r' |
	    sed -n 's/^upload-offset: *//Ip'
}

# Is ID at this offset?  For `eventually`.
is_at() {
	[ "$(offset "$1")" = "$2" ]
}

# Is it at $1 and less than all?
is_beyond() {
	beyond=$(offset "$1")
	[ "${beyond:-0}" -gt "$2" ]
}

# half ID OFFSET COUNT: a connection to the gateway started last that has sent
# COUNT bytes of what it announced.  half_ends: it sends the rest; what it got
# for an answer is in the file half.
half() {
	rm -f line
	mkfifo line
	python3 "$tap_root/tests/lib/tus-part.py" "$PORT" "$1" "$ann" talk.mp4 \
	    "$2" "$3" wait < line > half &
	half=$!
	exec 8> line
	eventually "a long piece is saved on its way" is_beyond "$1" "$2"
}

half_ends() {
	echo go >&8
	exec 8>&-
	wait $half
}

# --- what there is ---
http 204 "options, for everybody" -X OPTIONS "$URL/files/"
is "$(field tus-version)" 1.0.0 "the version"
like "$(field tus-extension)" 'creation.*termination.*expiration.*checksum' \
    "the extensions"
like "$(field tus-checksum-algorithm)" sha1 "a checksum that each must have"
is "$(field tus-max-size)" 8000000000 "Tus-Max-Size is max_upload"
http 412 "another version" -X POST -H "$ann" -H 'Tus-Resumable: 0.2.2' \
    "$URL/files/"
is "$(field tus-version)" 1.0.0 "is told ours"
http 401 "nobody" -X POST -H "$V" -H 'Upload-Length: 5' "$URL/files/"
is "$(cat "$BODY")" 'missing credentials' "is told so"

# --- creation ---
tus 400 "no length" POST ""
tus 400 "no number" POST "" -H 'Upload-Length: -5'
tus 400 "both" POST "" -H 'Upload-Length: 5' -H 'Upload-Defer-Length: 1'
tus 400 "metadata that is none" POST "" -H 'Upload-Length: 5' \
    -H 'Upload-Metadata: filename !!!'
tus 400 "options that are none" POST "" -H 'Upload-Length: 5' \
    -H "Upload-Metadata: options $(printf '{"x":1}' | base64)"
tus 413 "too large" POST "" -H 'Upload-Length: 9000000000'
like "$(cat "$BODY")" 'max_upload' "is told why"
tus 422 "empty" POST "" -H 'Upload-Length: 0'
create
like "$(field location)" '^[0-9a-f]{24}$' "under the ID of its job"
like "$(field upload-expires)" 'GMT$' "until then"
is "$(state "$id")" new "its job is to come"
tus 200 "head" HEAD "$id"
is "$(field upload-offset)" 0 "nothing has come"
is "$(field upload-length)" "$size" "of all"
like "$(field upload-metadata)" "^filename dGFsay5tcDQ=" "the metadata"
is "$(field cache-control)" no-store "nobody keeps it"
http 404 "somebody else's" -I -H "$V" -H "$bob" "$URL/files/$id"
http 404 "cannot be written to" -X PATCH -H "$V" -H "$bob" -H "$T" \
    -H 'Upload-Offset: 0' -d x "$URL/files/$id"
http 404 "nor removed" -X DELETE -H "$V" -H "$bob" "$URL/files/$id"
tus 404 "no ID" HEAD ../../etc/passwd --path-as-is
tus 404 "one that there is not" HEAD 0123456789abcdef01234567

# --- bytes ---
patch 204 "a piece" "$id" talk.mp4 0 $mib
is "$(field upload-offset)" $mib "it has come"
patch 409 "a wrong offset" "$id" talk.mp4 0 1000
is "$(offset "$id")" $mib "changes nothing"
patch 413 "more than all" "$id" talk.mp4 $mib 1000 \
    -H "Content-Length: $((size + 1))"
was=$id
create
cat talk.mp4 talk.mp4 > twice.mp4
patch 413 "more than all, in chunks" "$id" twice.mp4 0 $((2 * size)) \
    -H 'Transfer-Encoding: chunked'
tus 204 "it goes" DELETE "$id"
id=$was
tus 415 "bytes of another type" PATCH "$id" -H 'Upload-Offset: 0' -d x
tus 400 "no offset" PATCH "$id" -H "$T" -d x
tus 400 "no number" PATCH "$id" -H "$T" -d x -H 'Upload-Offset: 1.5'

# --- checksums ---
piece talk.mp4 $mib $mib
sum=$(openssl dgst -sha1 -binary piece | base64)
patch 460 "a wrong checksum" "$id" talk.mp4 $mib 5000 \
    -H "Upload-Checksum: sha1 $sum"
is "$(offset "$id")" $mib "takes nothing"
patch 204 "a right one" "$id" talk.mp4 $mib $mib \
    -H "Upload-Checksum: sha1 $sum"
is "$(offset "$id")" $((2 * mib)) "the right offset is taken"
patch 400 "an unknown one" "$id" talk.mp4 $((2 * mib)) 10 \
    -H 'Upload-Checksum: crc32 DUoRhQ=='
patch 400 "a malformed one" "$id" talk.mp4 $((2 * mib)) 10 \
    -H 'Upload-Checksum: sha256 DUoRhQ=='

# --- another gateway goes on ---
gateway_start
second=$URL
patch 204 "at another gateway" "$id" talk.mp4 $((2 * mib)) $((3 * mib))
URL=$first
is "$(offset "$id")" $((5 * mib)) "the first one knows"
patch 204 "the rest" "$id" talk.mp4 $((5 * mib)) $size
is "$(field v2m-id)" "$id" "it is a job"
is "$(state "$id")" queued "that waits"
tus 200 "head of a job" HEAD "$id"
is "$(field upload-offset)" "$size" "it is complete"
patch 204 "nothing more" "$id" talk.mp4 "$size" 0
patch 409 "a byte more" "$id" short.mp4 "$((size + 1))" 1
is "$(finish "$id")" done "it is converted"
v2m-fetch -o talk.mp3 "$id" > "$OUT"
ok "and fetched" test -s talk.mp3
tus 204 "a job is removed as well" DELETE "$id"
tus 404 "and gone" HEAD "$id"

# --- cut off, half dead, killed ---
create
python3 "$tap_root/tests/lib/tus-part.py" "${first##*:}" "$id" "$ann" \
    talk.mp4 0 $((3 * mib + 17)) cut
eventually "what came before a cut counts" is_at "$id" $((3 * mib + 17))
patch 204 "and it goes on" "$id" talk.mp4 $((3 * mib + 17)) 1000
at=$((3 * mib + 1017))

gateway_start
half "$id" $at $((9 * mib))
at=$(offset "$id")
patch 204 "another connection takes it over" "$id" talk.mp4 "$at" $mib
half_ends
not_ok "the half-dead one cannot go on" grep -q ' 20' half
is "$(offset "$id")" $((at + mib)) "and has changed nothing"
at=$((at + mib))

URL=$first
half "$id" $at $((9 * mib))
gateway_stop KILL
half_ends
URL=$second
at=$(offset "$id")
patch 204 "after kill -9, another gateway ends it" "$id" talk.mp4 "$at" $size
is "$(finish "$id")" done "the upload is whole"
v2m-fetch -o again.mp3 "$id" > "$OUT"
ok "the MP3 is the same" cmp -s talk.mp3 again.mp3
like "$(v2m-status --json "$id")" \
    "\"sha256\":\"$(sha256sum < talk.mp4 | cut -d ' ' -f 1)\"" \
    "and so is the hash"

# A gateway that ends keeps what it has got; one that was frozen finds itself
# replaced.
create
# Time enough for what is on its way, on a slow store.
V2M_DRAIN_TIMEOUT=15s gateway_start
half "$id" 0 $((9 * mib + 5))
gateway_stop TERM
half_ends
is "$GATEWAY_STATUS" 0 "the gateway ends"
URL=$second
eventually "what came is kept" is_at "$id" $((9 * mib + 5))
at=$(offset "$id")
gateway_start
half "$id" "$at" $((9 * mib))
kill -STOP "$GATEWAY"
URL=$second
at=$(offset "$id")
patch 204 "another gateway ends it" "$id" talk.mp4 "$at" $size
kill -CONT "$GATEWAY"
half_ends
not_ok "the frozen one cannot go on" grep -q ' 20' half
is "$(state "$id")" queued "the frozen one changes nothing"
is "$(finish "$id")" done "of what is converted"
v2m-fetch -o thrice.mp3 "$id" > "$OUT"
ok "to the same MP3" cmp -s talk.mp3 thrice.mp3

# --- refused, removed, expired ---
tus 201 "what is no video" POST "" -H 'Upload-Length: 100000'
id=$(field location) id=${id##*/}
patch 422 "is refused" "$id" no-sound.bin 0 100000
tus 404 "and nothing stays" HEAD "$id"
create
patch 204 "one with some bytes" "$id" talk.mp4 0 $mib
tus 204 "is removed" DELETE "$id"
tus 404 "and nothing stays" HEAD "$id"
# --- an older connection that lost it ---
is "$(python3 "$tap_root/tests/lib/tus-kick.py" "$PORT" "$ann")" \
    'closed 204 1000000
closed 204 1000000
409 204 1000000' "a connection that lost its upload changes nothing any more"

# It has its bytes from its beginning: a second is short.
V2M_UPLOAD_EXPIRES=1s gateway_start
piece talk.mp4 0 $mib
tus 201 "one with some bytes" POST "" -H "Upload-Length: $size" -H "$T" \
    --data-binary @piece
id=$(field location)
id=${id##*/}
is "$(field upload-offset)" $mib "they came"
sleep 2
tus 410 "it expires" HEAD "$id"
patch 410 "and takes nothing more" "$id" talk.mp4 $mib $mib
v2m-check > check
unlike "$(cat check)" "^$id" "v2m-check gives v2m-prune a day for it"
status 0 "until it is pruned" v2m-prune
tus 404 "then it is gone" HEAD "$id"
if [ -z "${V2M_STORE:-}" ]; then
	is "$(find state/store/videos -name '*.part' | wc -l | tr -d ' ')" 0 \
	    "with its bytes"
	is "$(sql store "SELECT count(*) FROM note WHERE kind = 'part'")" 0 \
	    "and its state"
	left=state/store/videos/0123456789abcdef01234567.part
	echo bytes > $left
	status 0 "bytes without a state" v2m-prune
	ok "are left while they are young" test -e $left
	touch -d '2 days ago' $left
	status 0 "v2m-prune runs after that" v2m-prune
	not_ok "they go" test -e $left
fi

# --- in other ways ---
URL=$second
length=$(wc -c < short.mp4 | tr -d ' ')
tus 201 "created with all its bytes" POST "" -H "Upload-Length: $length" \
    -H "$T" --data-binary @short.mp4 \
    -H "Upload-Metadata: hold,filename $(printf 'a/../b\nc.mp4' | base64)"
is "$(field upload-offset)" "$length" "they came"
id=$(field v2m-id)
is "$(state "$id")" held "it is held, as asked"
like "$(v2m-status --json "$id")" '"name":"b\?c.mp4"' "its name is harmless"
tus 201 "of unknown length" POST "" -H 'Upload-Defer-Length: 1'
id=$(field location) id=${id##*/}
patch 204 "some bytes" "$id" short.mp4 0 1000
tus 200 "head" HEAD "$id"
is "$(field upload-defer-length)" 1 "still unknown"
patch 413 "shorter than what came" "$id" short.mp4 1000 10 \
    -H 'Upload-Length: 500'
patch 204 "the rest, and how much it is" "$id" short.mp4 1000 "$length" \
    -H "Upload-Length: $length"
is "$(state "$id")" queued "it is a job"
http 204 "by POST, through a narrow proxy" -X POST -H "$V" -H "$ann" \
    -H 'X-HTTP-Method-Override: DELETE' "$URL/files/$id"
V2M_MAX_USER_JOBS=2 gateway_start
# opened: connections to the services so far
opened() {
	curl -sS -H "$(header_of root)" "$URL/metrics" |
	    sed -n 's/^v2m_gateway_store_connections_total //p'
}
create
opened=$(opened)
for n in 1 2 3; do
	curl -sS -o /dev/null -X POST -H "$V" -H "$ann" \
	    -H 'Upload-Length: 5' "$URL/files/"
done
is "$(opened)" "$opened" "a refusal costs no connection to the services"
ok "of which there is one" [ "$opened" -gt 0 ]
tus 429 "more than max_user_jobs" POST "" -H 'Upload-Length: 5'
ok "is told when to come again" test -n "$(field retry-after)"
tus 204 "one ends" DELETE "$id"
create
V2M_MAX_USER_BYTES=30M gateway_start
tus 413 "more than max_user_bytes" POST "" -H 'Upload-Length: 20000000'
like "$(cat "$BODY")" 'max_user_bytes' "is told why"
done_testing
