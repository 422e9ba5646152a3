#!/bin/sh
# s3_redirect: who asks for it gets an MP3 of S3 itself, by a link.
# slow: 10 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/server-s3.sh"
gateway_needed
s3_start
echo "# on $S3_KIND"

# Clients reach the bucket another way than the gateway does.
s3_proxy_start --verify local localsecret eu-west-1
PUBLIC=http://127.0.0.1:$(cat "$TMP/.s3-proxy")
V2M_OBJECTS=$S3
V2M_S3_REDIRECT=yes
V2M_S3_PUBLIC_ENDPOINT=$PUBLIC
export V2M_OBJECTS V2M_S3_REDIRECT V2M_S3_PUBLIC_ENDPOINT
setup
gateway_start

name='Grüße an "alle"; 100 %.mp4'
clip "$name" 3
id=$(v2m-upload "$name" | cut -f 1)
v2m-convert-worker --once --quiet
ann=$(header_of ann)
download="$URL/download?fid=$id"

fetched() {
	v2m-status --json "$id" | grep -c '"fetched":"'
}

# --- by a ticket, as the page does ---
http 200 "a ticket" -H "$ann" -X POST "$URL/ticket?fid=$id"
ticket=$(sed 's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$BODY")
http 307 "with redirect=1 it leads elsewhere" \
    "$URL/download?ticket=$ticket&redirect=1"
link=$(field Location)
like "$link" "^$PUBLIC/v2m-test/some/where/mp3s/[0-9a-f]{24}\?" \
    "to the bucket where clients reach it"
like "$link" '[?&]X-Amz-Expires=60&' "for 60 seconds"
is "$(field Cache-Control)" no-store "and is not to be kept"
is "$(field Referrer-Policy)" no-referrer "nor told to S3"
unlike "$link" localsecret "there is no secret key in it"
http 200 "a client that follows" -L \
    "$URL/download?ticket=$ticket&redirect=1"
cp "$BODY" linked.mp3
is "$(field Content-Type)" audio/mpeg "gets the type of an MP3"
linked_name=$(field Content-Disposition)
like "$(grep mp3s/ s3-proxy.log)" "^GET .* 200 [1-9][0-9]* signed\$" \
    "from S3, with the signature that botocore computes"
is "$(grep -c BAD s3-proxy.log)" 0 "every time"
http 403 "with another name" "$(echo "$link" | sed 's/alle/olle/')"
http 403 "or for longer" "$(echo "$link" | sed 's/Expires=60/Expires=600/')"
http 403 "the link is no good" -X PUT -d x "$link"

# --- by a token ---
http 206 "a range is asked of S3, too" -L -r 100-199 -H "$ann" \
    "$download&redirect=1"
is "$(cat "$BODY" | cksum)" "$(tail -c +101 linked.mp3 | head -c 100 | cksum)" \
    "and has its bytes"
like "$(tail -n 1 s3-proxy.log)" " 206 100 " "from there"
http 416 "one behind the end is not" -r 99999999- -H "$ann" \
    "$download&redirect=1"
http 200 "HEAD is answered here" -I -H "$ann" "$download&redirect=1"
etag=$(field ETag)
http 304 "so is who has it" -H "$ann" -H "If-None-Match: $etag" \
    "$download&redirect=1"
http 400 "another wish is none" -H "$ann" "$download&redirect=yes"
http 404 "another's is none of his" -H "$(header_of bob)" \
    "$download&redirect=1"
is "$(fetched)" 0 "none of that counts as fetched"
unlike "$(cat "$GATEWAY_LOG")" 'X-Amz|localsecret|Signature' \
    "the log has no link"
unlike "$(cat "$GATEWAY_LOG")" "$ticket" "and no ticket"

# --- who does not ask ---
: > s3-proxy.log
http 206 "who has the beginning from here" -r 1- -H "If-Range: $etag" \
    -H "$ann" "$download&redirect=1"
ok "gets the same version's rest" sh -c \
    'tail -c +2 linked.mp3 | cmp - "$0"' "$BODY"
http 200 "without redirect=1" -H "$ann" "$download"
ok "the bytes are the same" cmp "$BODY" linked.mp3
if [ "$S3_KIND" = moto ]; then
	skip "and so is the name" "moto ignores names in signed addresses"
else
	is "$(field Content-Disposition)" "$linked_name" "and so is the name"
fi
as ann env "V2M_URL=$URL" v2m-fetch -o fetched.mp3 "$id" > "$OUT" 2> "$ERR"
is "$?" 0 "v2m-fetch"
ok "gets them as well" cmp fetched.mp3 linked.mp3
is "$(cat s3-proxy.log)" "" "and nobody was sent to S3"
is "$(fetched)" 1 "which counts as fetched"
ends_well

# --- what cannot be ---
status 78 "objects in a folder have no links" env -u V2M_OBJECTS \
    -u V2M_S3_PUBLIC_ENDPOINT V2M_STATE="$TMP/other" sh -c \
    'v2m-init --quiet && v2m-gateway --listen 127.0.0.1:0'
like "$(cat "$ERR")" "s3_redirect: objects are not on S3" "and it says so"
status 78 "an endpoint with a path" env \
    V2M_S3_PUBLIC_ENDPOINT=https://s3.example.org/v2m v2m-status
like "$(cat "$ERR")" "s3_public_endpoint: .* form https://" "is refused"
status 78 "one in clear" env V2M_S3_PUBLIC_ENDPOINT=http://s3.example.org \
    V2M_OBJECTS_TLS=on v2m-status
like "$(cat "$ERR")" "objects_tls = on refuses" "as objects_tls says"
status 1 "one that objects_tls does not refuse" env \
    V2M_S3_PUBLIC_ENDPOINT=http://s3.example.org v2m-check
like "$(cat "$OUT" "$ERR")" "s3_public_endpoint is not encrypted" \
    "is something for v2m-check to tell"
s3_proxy_stop

# --- the bucket's name in front of the host's ---
s3_proxy_start --verify local localsecret eu-west-1
: > s3-proxy.log
port=$(cat "$TMP/.s3-proxy")
V2M_OBJECTS="$(echo "$S3_PROXY" | sed s,127.0.0.1,localhost,)&path_style=no"
V2M_OBJECTS_TLS=off
V2M_S3_PUBLIC_ENDPOINT=http://localhost:$port
export V2M_OBJECTS_TLS
gateway_start
download="$URL/download?fid=$id"
http 200 "a gateway that reads from there" -H "$ann" "$download"
ok "has the same bytes" cmp "$BODY" linked.mp3
http 307 "a link to there" -H "$ann" "$download&redirect=1"
like "$(field Location)" \
    "^http://v2m-test\\.localhost:$port/some/where/mp3s/[0-9a-f]{24}\?" \
    "names the bucket so"
http 200 "and is good" -L -H "$ann" "$download&redirect=1"
ok "for the same bytes" cmp "$BODY" linked.mp3
is "$(grep -c '^GET /some/where/mp3s/.* signed' s3-proxy.log)" 2 \
    "with the signatures that botocore computes"
ends_well
V2M_S3_PUBLIC_ENDPOINT=$PUBLIC
unset V2M_OBJECTS_TLS
s3_proxy_stop

# --- clocks that differ: a link ends by that of S3 ---
s3_proxy_start --clock -600
V2M_OBJECTS=$S3_PROXY
gateway_start
is "$(python3 -c 'import datetime, re, sys
at = re.search(r"X-Amz-Date=(\w+)", sys.argv[1])[1]
at = datetime.datetime.strptime(at, "%Y%m%dT%H%M%SZ")
print(590 < (datetime.datetime.utcnow() - at).total_seconds() < 690)' "$(
    curl -s -o "$BODY" -D - -H "$ann" "$URL/download?fid=$id&redirect=1")")" \
    True "where S3 is 10 minutes behind, a link begins then"
ends_well
s3_proxy_stop
done_testing
