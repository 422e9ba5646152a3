#!/bin/sh
# Uploads by HTTP: forms, raw bodies and pipes; what is refused leaves nothing.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip video.mp4
clip 'a "name".mp4'
echo 'dear diary' > text.mp4
password='correct horse'
gateway_start
ann=$(header_of ann)

# --- the three lines of the old manual, but for the host ---
curl -sS -X POST "$URL/login" -u "ann@example.org:$password" > token
is "$(wc -l < token)" 0 "the token, and no line's end"
token=$(cat token)
like "$token" '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' "a token"
is "$(curl -sS -X POST -F 'file=@./video.mp4' \
    -H "Authorization: Bearer $token" "$URL/upload")" 'success!' "success!"
id=$(v2m-status | cut -f 1)
is "$(finish "$id")" 'done' "it is converted"
curl -sS --output talk.mp3 -X GET -H "Authorization: Bearer $token" \
    "$URL/download?fid=$id"
v2m-fetch -o wanted.mp3 "$id" > "$BODY"
ok "the MP3" cmp talk.mp3 wanted.mp3

# --- upload ---
http 200 "for JSON" -F 'file=@video.mp4' -H "$ann" \
    "$URL/upload?format=json"
json=$(sed 's/.*"id": *"\([0-9a-f]*\)".*/\1/' "$BODY")
is "$(field location)" "/download?fid=$json" "its place"
like "$(cat "$BODY")" '"existed": ?false' "a new file has not existed"
http 200 "the same bytes" -F 'file=@video.mp4' -H "$ann" \
    "$URL/upload?format=json&skip_existing=1"
like "$(cat "$BODY")" '"existed": ?true' "the same file has existed"
http 200 "a name with quotes" -F 'file=@"a \"name\".mp4"' -H "$ann" \
    "$URL/upload?format=json"
named=$(sed 's/.*"id": *"\([0-9a-f]*\)".*/\1/' "$BODY")
is "$(v2m-status "$named" | cut -f 4)" 'a "name".mp4' "is kept"
http 200 "curl -T" -T video.mp4 -H "$ann" "$URL/upload/"
like "$(field location)" '^/download\?fid=[0-9a-f]{24}$' "its place"
raw=$(field location | cut -d = -f 2)
is "$(v2m-status "$raw" | cut -f 4,5)" "$(printf 'video.mp4\t%s' \
    "$(wc -c < video.mp4)")" "its name and length"
http 200 "from a pipe" -T - -H "$ann" "$URL/upload/pipe%20d.mp4" < video.mp4
is "$(v2m-status "$(field location | cut -d = -f 2)" | cut -f 4)" \
    'pipe d.mp4' "chunked, and named"
http 200 "options" -F 'options={"quality":5}' -F 'file=@video.mp4' \
    -H "$ann" "$URL/upload"
like "$(v2m-status --json "$(field location | cut -d = -f 2)")" \
    '"options":\{"quality":5\}' "of a form"
http 200 "options" -F 'file=@video.mp4' -H "$ann" \
    "$URL/upload?hold=1&options=%7B%22mono%22%3Atrue%7D"
held=$(field location | cut -d = -f 2)
like "$(v2m-status --json "$held")" '"options":\{"mono":true\}' "of the address"
is "$(state "$held")" held "and held"
http 200 "fields of no concern to us" -F 'a=b' -F 'file=@video.mp4' -F 'c=' \
    -H "$ann" "$URL/upload"
head -c 300000 /dev/zero | tr '\0' x > large.txt
jobs=$(sql store 'SELECT count(*) FROM record')
http 400 "options that are none" -F 'file=@video.mp4' -H "$ann" \
    "$URL/upload?options=%7Bx"
http 400 "unknown options" -F 'file=@video.mp4' -F 'options={"x":1}' \
    -H "$ann" "$URL/upload"
http 400 "no file" -X POST -H "$ann" "$URL/upload"
is "$(cat "$BODY")" 'exactly 1 file required' "in the old words"
http 400 "a field and no file" -F 'a=b' -H "$ann" "$URL/upload"
is "$(cat "$BODY")" 'exactly 1 file required' "the same"
http 400 "two files" -F 'a=@video.mp4' -F 'b=@video.mp4' -H "$ann" \
    "$URL/upload"
is "$(cat "$BODY")" 'exactly 1 file required' "the same"
http 400 "options twice" -F 'options={}' -F 'options={}' -F 'file=@video.mp4' \
    -H "$ann" "$URL/upload"
http 400 "too much beside a file" -F 'a=<large.txt' -F 'file=@video.mp4' \
    -H "$ann" "$URL/upload"
http 400 "what is no yes" -F 'file=@video.mp4' -H "$ann" "$URL/upload?hold=yes"
is "$(cat "$BODY")" 'hold has to be 1 or left out' "and is told so"
http 400 "an empty form" -H "$ann" "$URL/upload" --data-binary '--x--' \
    -H 'Content-Type: multipart/form-data; boundary=x'
http 400 "a form that is cut off" -H "$ann" "$URL/upload" --data-binary \
    "$(printf -- '--x\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nhello')" \
    -H 'Content-Type: multipart/form-data; boundary=x'
http 400 "no boundary" -H "$ann" "$URL/upload" --data-binary '--x--' \
    -H 'Content-Type: multipart/form-data'
http 400 "another type" --data-binary @video.mp4 -H 'Content-Type: video/mp4' \
    -H "$ann" "$URL/upload"
http 422 "a text" -F 'file=@text.mp4' -H "$ann" "$URL/upload"
like "$(cat "$BODY")" 'not (a )?media|no media|no sound' "the refusal says why"
http 422 "a text in JSON" -F 'file=@text.mp4' -H "$ann" \
    "$URL/upload?format=json"
like "$(cat "$BODY")" '"status": ?65' "with the exit status"
: > empty.mp4
http 422 "an empty file" -F 'file=@empty.mp4' -H "$ann" "$URL/upload"
http 401 "nobody" -F 'file=@video.mp4' "$URL/upload"
http 403 "no token" -F 'file=@video.mp4' -H 'Authorization: Bearer x' \
    "$URL/upload"
http 401 "nobody's raw one" -T video.mp4 "$URL/upload/"
http 400 "no name" -X PUT -H "$ann" "$URL/upload/" --data-binary @video.mp4
is "$(sql store 'SELECT count(*) FROM record')" "$jobs" \
    "of what was refused nothing is left"
is "$(sql store "SELECT count(*) FROM object WHERE kind = 'video'")" "$jobs" \
    "no video"

is "$(finish "$named")" 'done' "the one with quotes is converted"
http 200 "its name" "$URL/download?fid=$named" -H "$ann"
is "$(field content-disposition)" \
    "attachment; filename=\"a _name_.mp3\"; filename*=UTF-8''a%20%22name%22.mp3" \
    "is escaped"
http 415 "compressed" -T video.mp4 -H "$ann" -H 'Content-Encoding: gzip' \
    "$URL/upload/"
http 200 "not compressed" -T video.mp4 -H "$ann" \
    -H 'Content-Encoding: Identity' "$URL/upload/"
http 400 "the rest of a video" -C 100 -T video.mp4 -H "$ann" "$URL/upload/"
http 422 "nothing, raw" -X PUT -H "$ann" "$URL/upload/x.mp4" -d ''
http 422 "nothing, in chunks" -T - -H "$ann" "$URL/upload/x.mp4"
is "$(sql store "SELECT fetched_at > 0 FROM record WHERE id = '$named'")" 1 \
    "a whole download counts as fetched"

gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
unlike "$(cat "$GATEWAY_LOG")" "$token|correct horse|Bearer" \
    "no secret in its log"
unlike "$(cat "$GATEWAY_LOG")" 'event=failed' "nothing went wrong inside"

done_testing
