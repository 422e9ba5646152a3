#!/bin/sh
# Each route of the gateway: what it answers, to whom, in text and in JSON.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip video.mp4

json() {	# an expression of the answer o
	python3 -c "import json, sys; o = json.load(open(sys.argv[1])); \
	    print($1)" "$BODY"
}

echo 'dear diary' > text.mp4
password='correct horse'
gateway_start --metrics-listen 127.0.0.1:0
METRICS=$(sed -n 's,.*event=listening address=\(.*\) for=metrics,http://\1,p' \
    "$GATEWAY_LOG")
ann=$(header_of ann) bob=$(header_of bob) root=$(header_of root)

# --- something to look at ---
id=$(v2m-upload --quiet --no-queue video.mp4)
v2m-convert-worker --quiet "$id" > "$BODY" 2> "$ERR"
v2m-fetch -o wanted.mp3 "$id" > "$BODY"

# --- login ---
http 200 "login" -X POST "$URL/login" -u "ann@example.org:$password"
like "$(field content-type)" '^text/plain' "the answer is text"
is "$(field cache-control)" no-store "nobody keeps it"
http 200 "login in another spelling" -X POST "$URL/login" \
    -u " Ann@Example.ORG:$password"
http 200 "login for JSON" -X POST "$URL/login" -u "root@example.org:$password" \
    -H 'Accept: application/json'
like "$(cat "$BODY")" '"username": ?"root@example.org"' "the claims are JSON"
like "$(cat "$BODY")" '"role": ?"admin"' "the role"
http 401 "no credentials" -X POST "$URL/login"
is "$(cat "$BODY")" 'missing credentials' "are missing"
like "$(field www-authenticate)" '^Basic realm=' "and asked for"
for mode in cors same-origin; do
	http 401 "a page is not asked by the browser" -X POST "$URL/login" \
	    -H "Sec-Fetch-Mode: $mode"
	is "$(field www-authenticate)" '' "there is no challenge"
done
http 401 "a wrong password" -X POST "$URL/login" -u 'ann@example.org:wrong'
is "$(cat "$BODY")" 'invalid credentials' "is told as ever"
wrong=$(cat "$BODY")
http 401 "an unknown address" -X POST "$URL/login" -u 'eve@example.org:wrong'
is "$(cat "$BODY")" "$wrong" "is told the same"
http 401 "no address" -X POST "$URL/login" -u 'eve:wrong'
http 401 "another scheme" -X POST "$URL/login" -H "$ann"
http 401 "no base64" -X POST "$URL/login" -H 'Authorization: Basic ????'
http 405 "GET is none" "$URL/login"
like "$(field allow)" POST "what is allowed"

# --- validate ---
http 200 "validate" -X POST "$URL/validate" -H "$ann"
like "$(field content-type)" '^application/json' "the answer is JSON"
like "$(cat "$BODY")" '"username": ?"ann@example.org"' "the claims"
like "$(cat "$BODY")" '"admin": ?true' "as old gateways want them"
http 403 "no token of ours" -X POST "$URL/validate" \
    -H 'Authorization: Bearer a.b.c'
is "$(cat "$BODY")" 'not authorized' "in the old words"
http 403 "a token with a byte more" -X POST "$URL/validate" -H "${ann}x"
http 403 "no token but blanks" -X POST "$URL/validate" \
    -H 'Authorization: Bearer a b'
videos=$(ls "$V2M_STATE/store/videos")
http 403 "an upload with blanks for a token" -F file=@video.mp4 "$URL/upload" \
    -H 'Authorization: Bearer a b'
is "$(ls "$V2M_STATE/store/videos")" "$videos" "leaves nothing"
http 401 "no token" -X POST "$URL/validate"
is "$(cat "$BODY")" 'missing credentials' "in the old words"
http 403 "a reason for programs" -X POST "$URL/validate?format=json" \
    -H 'Authorization: Bearer a.b.c'
like "$(cat "$BODY")" '"code": ?"denied"' "with a code"
like "$(cat "$BODY")" '"status": ?77' "and the exit status"
v2m-user token bob@example.org > short
v2m-user revoke --quiet bob@example.org 2> "$ERR"
sleep 4
http 403 "a revoked one" -X POST "$URL/validate" \
    -H "Authorization: Bearer $(cat short)"
sleep 1
bob=$(header_of bob)

# --- status ---
http 200 "status" "$URL/status?fid=$id" -H "$ann"
is "$(cut -f 1,2,4 "$BODY")" "$(printf '%s\tdone\tvideo.mp4' "$id")" "a line"
http 200 "status in JSON" "$URL/status?fid=$id&format=json" -H "$ann"
is "$(v2m-status --json "$id")" "$(cat "$BODY")" "as v2m-status has it"
http 404 "somebody else's" "$URL/status?fid=$id" -H "$bob"
is "$(cat "$BODY")" 'no such ID' "does not exist"
http 404 "nobody's" "$URL/status?fid=0123456789abcdef01234567" -H "$bob"
is "$(cat "$BODY")" 'no such ID' "in the same words"
http 404 "no ID" "$URL/status?fid=../../etc" -H "$bob"
http 200 "the administrator's" "$URL/status?fid=$id" -H "$root"
http 401 "nobody" "$URL/status"
http 200 "none" "$URL/status" -H "$bob"
is "$(cat "$BODY")" '' "no lines"
http 200 "none in JSON" "$URL/status?format=json" -H "$bob"
is "$(tr -d ' ' < "$BODY")" '{"jobs":[],"next":null}' "an empty list"
for i in 1 2 3 4; do
	v2m-upload --quiet video.mp4 >> more
done
http 200 "a list" "$URL/status" -H "$ann"
is "$(cut -f 1 "$BODY")" "$(v2m-status | cut -f 1)" "as v2m-status has it"
http 200 "a page" "$URL/status?limit=2&format=json" -H "$ann"
next=$(sed 's/.*"next": *"\([0-9a-f]*\)".*/\1/' "$BODY")
is "$next" "$(v2m-status | sed -n 2p | cut -f 1)" "where it goes on"
http 200 "the next" "$URL/status?limit=3&format=json&after=$next" -H "$ann"
is "$(grep -o '"id": *"[0-9a-f]*"' "$BODY" | cut -d '"' -f 4)" \
    "$(v2m-status | tail -n 3 | cut -f 1)" "the rest"
like "$(cat "$BODY")" '"next": ?null' "and no more"
is "$(field link)" "" "nor a link"
http 200 "a page of text" "$URL/status?limit=2&state=queued" -H "$ann"
is "$(field v2m-next)" "$(tail -n 1 "$BODY" | cut -f 1)" "says where it ends"
link=$(field link)
is "$link" "<?after=$(field v2m-next)&limit=2&state=queued>; rel=\"next\"" \
    "and links to the next"
link=${link#<}
http 200 "which" "$URL/status${link%%>*}" -H "$ann"
is "$(cut -f 1 "$BODY")" "$(v2m-status | tail -n 2 | cut -f 1)" "is the rest"
is "$(field v2m-next)$(field link)" "" "to the last job"
http 200 "by state" "$URL/status?state=done" -H "$ann"
is "$(cut -f 1 "$BODY")" "$id" "what is done"
sha=$(sha256sum < video.mp4 | cut -d ' ' -f 1)
http 200 "newest first" "$URL/status?order=newest&limit=1&format=json" -H "$ann"
newest=$(json 'o["jobs"][0]["id"]')
http 200 "and on" "$URL/status$(field link | sed 's/^<//; s/>.*//')" -H "$ann"
older=$(json 'o["jobs"][0]["id"]')
ok "in the order of the IDs" [ "$(printf '%s\n' "$older" "$newest" | sort |
    tail -n 1)" = "$newest" ]
http 200 "all" "$URL/status?limit=1000" -H "$ann"
cp "$BODY" all
http 200 "by name, and a count" \
    "$URL/status?name=VIDEO.mp4&state=done,queued&count=1&format=json" -H "$ann"
is "$(json 'len(o["jobs"])')" "$(cut -f 2,4 all |
    grep -Ec '^(done|queued).video.mp4$')" "those with this name"
is "$(json 'sum(o["counts"].values())')" "$(wc -l < all)" "all are counted"
is "$(json 'o["counts"]["queued"]')" "$(cut -f 2 all | grep -cx queued)" \
    "by their states"
http 200 "by content" "$URL/status?sha256=$sha" -H "$ann"
is "$(wc -l < "$BODY")" 5 "five of the same"
http 403 "everybody's" "$URL/status?all=1" -H "$bob"
http 200 "are the administrator's" "$URL/status?all=1" -H "$root"
is "$(wc -l < "$BODY")" 5 "all jobs are listed"
for bad in limit=0 limit=1001 limit=x after=x state=x sha256=x all=2 count=2 \
    order=x 'state=done,'; do
	http 400 "$bad" "$URL/status?$bad" -H "$root"
done

# --- download ---
http 200 "download" "$URL/download?fid=$id" -H "$ann"
ok "all of it" cmp "$BODY" wanted.mp3
size=$(wc -c < wanted.mp3)
is "$(field content-length)" "$size" "its length"
is "$(field content-type)" audio/mpeg "its type"
is "$(field content-disposition)" 'attachment; filename="video.mp3"' "its name"
is "$(field etag)" "\"$(sha256sum < wanted.mp3 | cut -d ' ' -f 1)\"" "its ETag"
is "$(field accept-ranges)" bytes "ranges are fine"
is "$(field x-content-type-options)" nosniff "nothing to guess"
is "$(field content-security-policy)" sandbox "nothing to run"
is "$(field v2m-id)" "$id" "the job"
etag=$(field etag)
http 200 "HEAD" -I "$URL/download?fid=$id" -H "$ann"
is "$(field content-length)" "$size" "the same length"
is "$(field etag)" "$etag" "the same ETag"
http 206 "a range" -r 100-199 "$URL/download?fid=$id" -H "$ann"
is "$(field content-range)" "bytes 100-199/$size" "Content-Range says which bytes"
tail -c +101 wanted.mp3 | head -c 100 > piece
ok "these bytes" cmp "$BODY" piece
http 206 "the last ones" -r -7 "$URL/download?fid=$id" -H "$ann"
tail -c 7 wanted.mp3 > piece
ok "these bytes" cmp "$BODY" piece
http 206 "to the end" -r 5- "$URL/download?fid=$id" -H "$ann" \
    -H "If-Range: $etag"
tail -c +6 wanted.mp3 > piece
ok "these bytes" cmp "$BODY" piece
http 200 "of another version" -r 5- "$URL/download?fid=$id" -H "$ann" \
    -H 'If-Range: "x"'
ok "all of it" cmp "$BODY" wanted.mp3
http 200 "several" -r 0-1,5-6 "$URL/download?fid=$id" -H "$ann"
ok "all of it" cmp "$BODY" wanted.mp3
http 416 "beyond the end" -r "$size-" "$URL/download?fid=$id" -H "$ann"
is "$(field content-range)" "bytes */$size" "which there are"
http 304 "not again" "$URL/download?fid=$id" -H "$ann" \
    -H "If-None-Match: \"x\", W/$etag"
is "$(field etag)" "$etag" "its ETag"
is "$(field content-length)" "$size" "the length is not that of nothing"
is "$(curl -sS -o /dev/null -o "$BODY" -w '%{http_code} ' -H "$ann" \
    -H "If-None-Match: $etag" "$URL/download?fid=$id" "$URL/healthz")" \
    '304 200 ' "and the connection goes on"
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$id'")
http 200 "by the MP3's ID" "$URL/download?fid=$mp3" -H "$ann"
http 400 "no ID" "$URL/download" -H "$ann"
is "$(cat "$BODY")" 'fid is required' "in the old words"
http 404 "somebody else's" "$URL/download?fid=$id" -H "$bob"
is "$(cat "$BODY")" 'no such ID' "does not exist"
http 200 "the administrator's" "$URL/download?fid=$id" -H "$root"
http 401 "nobody" "$URL/download?fid=$id"
http 403 "no token" "$URL/download?fid=$id" -H 'Authorization: Bearer x'

queued=$(tail -n 1 more)
# What is no MP3 yet must not be saved as one.
http 503 "queued" "$URL/download?fid=$queued" -H "$ann"
is "$(field v2m-state)" queued "V2M-State tells that it is queued"
like "$(field retry-after)" '^[0-9]+$' "and when to come back"
http 202 "queued in JSON" "$URL/download?fid=$queued&format=json" -H "$ann"
is "$(tr -d ' ' < "$BODY")" \
    "{\"id\":\"$queued\",\"state\":\"queued\",\"percent\":null}" "JSON"
status 22 "curl -f saves nothing" curl -fsS --output nothing.mp3 -H "$ann" \
    "$URL/download?fid=$queued"
failed=$(v2m-upload --no-queue --no-check text.mp4)
v2m-convert-worker "$failed" > "$BODY" 2> "$ERR"
http 410 "failed" "$URL/download?fid=$failed" -H "$ann"
like "$(cat "$BODY")" '^the conversion failed: .' "and why"
http 410 "failed in JSON" "$URL/download?fid=$failed&format=json" -H "$ann"
like "$(cat "$BODY")" '"status": ?1[,}]' "with the exit status"
unlike "$(cat "$GATEWAY_LOG")" 'a second answer' "each is answered once"

# --- what was fetched ---
other=$(v2m-upload --quiet --no-queue video.mp4)
v2m-convert-worker --quiet "$other" > "$BODY" 2> "$ERR"
is_fetched() {
	[ "$(sql store "SELECT fetched_at > 0 FROM record WHERE id = '$other'")" = 1 ]
}
http 200 "HEAD" -I "$URL/download?fid=$other" -H "$ann"
http 206 "a piece" -r -5 "$URL/download?fid=$other" -H "$ann"
sleep 0.5
not_ok "a look does not count" is_fetched
http 200 "all of it" "$URL/download?fid=$other" -H "$ann"
eventually "a whole download does" is_fetched
clip big.mp4 300
other=$(v2m-upload --quiet --no-queue -b 320k big.mp4)
v2m-convert-worker --quiet "$other" > "$OUT" 2> "$ERR"
like "$(python3 "$tap_root/tests/lib/raw.py" -b 4096 "${URL##*:}" \
    "GET /download?fid=$other HTTP/1.1\r\nHost: x\r\n$ann\r\n\r\n" \
    answer reset)" '^200 ' "one that breaks off"
was_aborted() {
	grep "job=$other event=request" "$GATEWAY_LOG" | grep -q result=aborted
}
eventually "is seen to" was_aborted
not_ok "and does not count" is_fetched
http 206 "the rest of it" -r 1000000- -H "If-Range: \"$(sql store \
    "SELECT mp3_sha256 FROM record WHERE id = '$other'")\"" \
    "$URL/download?fid=$other" -H "$ann"
eventually "does" is_fetched

# --- tickets ---
http 200 "a ticket" -X POST "$URL/ticket?fid=$id" -H "$ann"
ticket=$(sed 's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$BODY")
like "$(cat "$BODY")" "\"url\": ?\"/download\\?ticket=$ticket\"" "an address"
is "$(field cache-control)" no-store "nobody keeps it"
http 200 "opens the download" "$URL/download?ticket=$ticket"
ok "all of it" cmp "$BODY" wanted.mp3
http 200 "of that ID alone" "$URL/download?ticket=$ticket&fid=$other"
ok "all of it" cmp "$BODY" wanted.mp3
http 401 "and nothing else" "$URL/status?ticket=$ticket"
http 403 "no ticket" "$URL/download?ticket=x"
http 403 "another" "$URL/download?ticket=$(printf %048d 0)"
http 404 "somebody else's" -X POST "$URL/ticket?fid=$id" -H "$bob"
http 401 "nobody's" -X POST "$URL/ticket?fid=$id"
first=$URL first_gateway=$GATEWAY first_log=$GATEWAY_LOG
gateway_start
http 200 "at another gateway, too" "$URL/download?ticket=$ticket"
ok "all of it" cmp "$BODY" wanted.mp3
gateway_stop
is "$GATEWAY_STATUS" 0 "which ends well"
unlike "$(cat "$GATEWAY_LOG")" "$ticket" "and does not log it"
URL=$first GATEWAY=$first_gateway GATEWAY_LOG=$first_log
unlike "$(sql store 'SELECT * FROM note')" "$ticket" \
    "the store does not hold it"
sql store "UPDATE note SET until = 1 WHERE kind = 'ticket'"
http 403 "one that is too old" "$URL/download?ticket=$ticket"
http 200 "a new one" -X POST "$URL/ticket?fid=$id" -H "$ann"
is "$(sql store "SELECT count(*) FROM note WHERE kind = 'ticket'")" 1 \
    "takes old ones away"

# A player's lasts longer, but not longer than its token; it fetches nothing.
ending_in() {	# SECONDS: how many tickets end then, or up to 100 s before
	sql store "SELECT count(*) FROM note WHERE kind = 'ticket' AND
	    until / 1000 - strftime('%s', 'now') BETWEEN $1 - 100 AND $1"
}
sql store "UPDATE record SET fetched_at = 0"
http 200 "a player's ticket" -X POST "$URL/ticket?fid=$id&listen=1" -H "$ann"
ticket=$(sed 's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$BODY")
is "$(ending_in 3600)" 1 "lasts an hour"
http 206 "opens the MP3 for it" -r 0- "$URL/download?ticket=$ticket"
ok "all of it" cmp "$BODY" wanted.mp3
http 200 "again" "$URL/download?ticket=$ticket"
http 206 "a part" -r 100-199 "$URL/download?ticket=$ticket"
http 400 "else it is refused" -X POST "$URL/ticket?fid=$id&listen=yes" -H "$ann"
http 200 "one of a short session" -X POST "$URL/ticket?fid=$id&listen=1" \
    -H "Authorization: Bearer $(V2M_TOKEN_LIFETIME=10min v2m-user token \
    ann@example.org)"
is "$(ending_in 600)" 1 "lasts as long as that"
http 200 "a download's" -X POST "$URL/ticket?fid=$other" -H "$ann"
http 200 "is fetched" "$URL/download?ticket=$(sed \
    's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$BODY")"
eventually "as it counts" is_fetched
is "$(sql store "SELECT fetched_at FROM record WHERE id = '$id'")" 0 \
    "and what was played does not"

# An account has not more than so many.
make_tickets() {
	curl -sS -X POST "$@" -H "$ann" -o '#1.ticket' \
	    "$URL/ticket?fid=$id&n=[1-65]" 2> "$ERR"
}
good_ticket() {
	curl -sS -o "$OUT" -w '%{http_code}' "$URL/download?ticket=$(sed \
	    's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$1.ticket")"
}
sql store "DELETE FROM note WHERE kind IN ('ticket', 'tickets')"
make_tickets
is "$(sql store "SELECT count(*) FROM note WHERE kind = 'ticket'")" 64 \
    "an account has 64 tickets"
is "$(good_ticket 1) $(good_ticket 2) $(good_ticket 65)" "403 200 200" \
    "and one more ends the oldest"
http 200 "an administrator has his" -X POST "$URL/ticket?fid=$id" -H "$root"
make_tickets --parallel --parallel-max 8
is "$(sql store "SELECT count(*) FROM note WHERE kind = 'ticket'")" 65 \
    "however many come at once"
v2m-user quota ann@example.org none
make_tickets
is "$(sql store "SELECT count(*) FROM note WHERE kind = 'ticket'")" 130 \
    "without limits there is none of this either"
v2m-user quota ann@example.org default
sql store "UPDATE note SET until = 1 WHERE kind IN ('ticket', 'tickets')"
ok "v2m-prune runs" v2m-prune
is "$(sql store "SELECT count(*) FROM note WHERE kind IN ('ticket',
    'tickets')")" 0 "and takes all of it away"

# A ticket ends with the token, and with the rights, that it was made by.
ok "an administrator of a day" v2m-user add --admin --password-file pw \
    dan@example.org
dan_ticket() {
	http 200 "a ticket of his" -X POST "$URL/ticket?fid=$id" \
	    -H "Authorization: Bearer $(v2m-user token dan@example.org)"
	ticket=$(sed 's/.*"ticket": *"\([0-9a-f]*\)".*/\1/' "$BODY")
	http 200 "is good" "$URL/download?ticket=$ticket"
}
dan_ticket
ok "a new password" v2m-user passwd --password-file pw dan@example.org
http 403 "ends it" "$URL/download?ticket=$ticket"
is "$(cat "$BODY")" "not authorized" "as one that there is none of"
dan_ticket
ok "he is a user now" v2m-user admin --off dan@example.org
http 404 "who may not see it" "$URL/download?ticket=$ticket"
ok "and again not" v2m-user admin dan@example.org
dan_ticket
ok "his account goes" v2m-user remove dan@example.org
http 403 "and his ticket" "$URL/download?ticket=$ticket"

# --- why a job waits, or failed ---
boss="Authorization: Bearer $(v2m-user token root@example.org)"
# trouble STATE FAILURE REASON: of the other job
trouble() {
	sql store "UPDATE record SET state = $1, failure = $2, reason = '$3'
	    WHERE id = '$other'"
}
trouble 2 75 'not enough room in /var/lib/v2m: 3G are free'
http 200 "a job that waits for room" "$URL/status?fid=$other" -H "$ann"
unlike "$(cat "$BODY")" "/var|3G" "names no folder and no figure"
like "$(cat "$BODY")" "a fault of the service: it is tried again" "in words"
http 200 "in the list" "$URL/status" -H "$ann"
unlike "$(cat "$BODY")" "/var|3G" "it does neither"
http 200 "as JSON" "$URL/status" -H "$ann" -H 'Accept: application/json'
unlike "$(cat "$BODY")" "/var|3G" "nor there"
http 200 "an administrator" "$URL/status?fid=$other" -H "$boss"
like "$(cat "$BODY")" "/var.*3G" "is told all of it"
trouble 5 73 'cannot open /var/lib/v2m/x'
http 410 "one that was given up" "$URL/download?fid=$other" -H "$ann"
is "$(cat "$BODY")" "the conversion failed: given up: a fault of the service" \
    "says as much"
trouble 5 65 'it has no sound'
http 410 "one without sound" "$URL/download?fid=$other" -H "$ann"
is "$(cat "$BODY")" "the conversion failed: it has no sound" "says why"
trouble 4 0 ''

# --- remove ---
http 404 "somebody else's" -X DELETE "$URL/files?fid=$id" -H "$bob"
http 204 "removed" -X DELETE "$URL/files?fid=$id" -H "$ann"
http 404 "once" -X DELETE "$URL/files?fid=$id" -H "$ann"
http 404 "and gone" "$URL/download?fid=$id" -H "$ann"
http 403 "with its ticket" \
    "$URL/download?ticket=$ticket"
http 400 "no ID" -X DELETE "$URL/files" -H "$ann"
http 401 "nobody" -X DELETE "$URL/files?fid=$other"

# --- health and figures ---
http 200 "healthz" "$URL/healthz" -H 'Origin: https://a.example.org'
is "$(field access-control-allow-origin)$(field vary)" '' \
    "pages elsewhere may nothing"
http 200 "readyz" "$URL/readyz"
http 401 "metrics" "$URL/metrics"
http 403 "are not a user's" "$URL/metrics" -H "$ann"
http 200 "but the administrator's" "$URL/metrics" -H "$root"
like "$(field content-type)" '^text/plain; version=0.0.4' "in Prometheus' form"
like "$(cat "$BODY")" '^v2m_jobs\{state="done"\} [1-9]' "metrics of jobs"
like "$(cat "$BODY")" '^v2m_queue_depth\{queue="video"\} [0-9]+' "metrics of queues"
like "$(cat "$BODY")" \
    '^v2m_http_requests_total\{route="/download",code="206"\} [1-9]' "requests"
unlike "$(grep -v '^#' "$BODY")" '^[a-z_]+(\{[^}]*\})? [^0-9]' \
    "every line has a number"
http 200 "metrics of their own" "$METRICS/metrics"
like "$(cat "$BODY")" '^v2m_up\{service="store"\} 1' "without a token"
http 200 "with health" "$METRICS/healthz"
http 404 "and nothing else" "$METRICS/status" -H "$root"

# --- pages elsewhere ---
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
first_log=$GATEWAY_LOG
http 000 "it is gone" "$URL/healthz"
V2M_CORS_ORIGINS='https://a.example.org, https://b.example.org:8443'
export V2M_CORS_ORIGINS
gateway_start
http 200 "a page that may" "$URL/status" -H "$ann" \
    -H 'Origin: https://b.example.org:8443'
is "$(field access-control-allow-origin)" 'https://b.example.org:8443' "hears so"
like "$(field access-control-expose-headers)" 'V2M-State' "and may read"
is "$(field access-control-allow-methods)" '' "and no more"
is "$(field vary)" Origin "for that page"
for origin in https://a.example.org:8443 http://a.example.org null \
    https://a.example.orgx https://a.example.or ','; do
	http 200 "$origin" "$URL/status" -H "$ann" -H "Origin: $origin"
	is "$(field access-control-allow-origin)" '' "$origin may not"
done
http 204 "a browser asks" -X OPTIONS "$URL/upload" \
    -H 'Origin: https://a.example.org' \
    -H 'Access-Control-Request-Method: POST' \
    -H 'Access-Control-Request-Headers: authorization'
is "$(field access-control-allow-origin)" https://a.example.org "it may"
like "$(field access-control-allow-methods)" PATCH "with methods"
like "$(field access-control-allow-headers)" Authorization "with a token"
like "$(field access-control-allow-headers)" \
    'X-HTTP-Method-Override, X-Request-ID' "with another method, and a name"
http 204 "before an upload in pieces" -X OPTIONS "$URL/files/" \
    -H 'Origin: https://a.example.org' \
    -H 'Access-Control-Request-Method: POST'
is "$(field access-control-allow-origin)" https://a.example.org "it may"
http 401 "an error" "$URL/status" -H 'Origin: https://a.example.org' \
    -H 'Sec-Fetch-Mode: cors'
is "$(field access-control-allow-origin)" https://a.example.org "may be read"
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
GATEWAY_LOG=$first_log

# --- what is refused before a body comes keeps its connection ---
gateway_start
connects() {
	curl -s -o "$BODY" -w '%{http_code} %{num_connects}\n' "$@"
}
first="-X POST $URL/files/ -H Tus-Resumable:1.0.0 -H Content-Length:0"
for refused in "$first" "$URL/status" "$URL/download" "$URL/none"; do
	# shellcheck disable=SC2086 # options
	is "$(connects $refused --next -s -o "$BODY" \
	    -w '%{http_code} %{num_connects}\n' "$URL/healthz" |
	    sed 's/^4../4xx/' | tr '\n' ' ')" "4xx 1 200 0 " \
	    "a refusal keeps its connection"
done
gateway_stop
GATEWAY_LOG=$first_log

# --- no secret in the log ---
unlike "$(cat "$GATEWAY_LOG")" "$ticket|$(cat short)|correct horse|Bearer" \
    "no secret in its log"
unlike "$(cat "$GATEWAY_LOG")" 'event=failed' "nothing went wrong inside"

done_testing
