#!/bin/sh
# What one account may have: the defaults, who is free of them, and what counts.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
clip video.mp4
size=$(wc -c < video.mp4 | tr -d ' ')

limits() {
	v2m-user quota "$1@example.org" | tr '\t' ' '
}

# of GET /me, in the answer
me() {
	python3 -c 'import json, sys
me = json.load(open(sys.argv[1]))
print(*(json.dumps(me[key]) for key in sys.argv[2:]))' "$BODY" "$@"
}

documents() {
	sql store "SELECT count(*) FROM note WHERE kind = 'limits'"
}

# --- the defaults, and whom they are for ---
half=$(($(stat -f -c '%b / 2 * %S' "$V2M_STATE/store")))
is "$(limits ann)" "ann@example.org bytes=$half jobs=1000 unfinished=32" \
    "a new state has limits"
is "$(limits root)" "root@example.org bytes=none jobs=none unfinished=none" \
    "they are not for administrators"
is "$(V2M_MAX_USER_BYTES=0 V2M_MAX_USER_JOBS=7 limits ann)" \
    "ann@example.org bytes=none jobs=7 unfinished=32" "keys change them"
status 64 "a word that is neither none nor default" v2m-user quota ann@example.org much
status 66 "an address without an account" v2m-user quota who@example.org none
ok "freed of them" v2m-user quota bob@example.org none
is "$(limits bob)" "bob@example.org bytes=none jobs=none unfinished=none" \
    "bob is, ann is not"
is "$(limits ann)" "ann@example.org bytes=$half jobs=1000 unfinished=32" \
    "as before"

# --- in a gateway ---
V2M_MAX_USER_JOBS=1 gateway_start
ann=$(header_of ann) bob=$(header_of bob)
http 200 "ann's first" -T video.mp4 -H "$ann" "$URL/upload/a.mp4"
http 429 "her second waits" -T video.mp4 -H "$ann" "$URL/upload/b.mp4"
http 200 "bob's first" -T video.mp4 -H "$bob" "$URL/upload/a.mp4"
http 200 "and his second" -T video.mp4 -H "$bob" "$URL/upload/b.mp4"
v2m-user quota bob@example.org default
http 429 "limits again" -T video.mp4 -H "$bob" "$URL/upload/c.mp4"
gateway_stop
v2m-convert-worker --once
mp3=$(sql store "SELECT max(mp3_length) FROM record
    WHERE owner = 'ann@example.org'")

# --- what they are told before ---
gateway_start
http 200 "what ann may have" "$URL/me" -H "$ann"
is "$(me username admin max_upload max_user_bytes max_user_jobs \
    max_user_unfinished)" \
    "\"ann@example.org\" false 8000000000 $half 1000 32" "the limits"
is "$(me bytes jobs unfinished)" "$((size + mp3)) 0 0" "and what she has"
like "$(me accept)" '"video/' "what a page offers to choose"
http 201 "an upload begins" -X POST "$URL/files/" -H "$ann" \
    -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 1000'
upload=$(field location)
http 200 "again" "$URL/me" -H "$ann"
is "$(me bytes jobs unfinished)" "$((size + mp3 + 1000)) 1 1" "is promised"
http 200 "what an administrator may have" "$URL/me" -H "$(header_of root)"
is "$(me admin max_user_bytes max_user_jobs max_user_unfinished bytes)" \
    "true null null null null" "all of it"
http 401 "nobody" "$URL/me"
http 204 "the upload goes" -X DELETE "$URL/files/$upload" -H "$ann" \
    -H 'Tus-Resumable: 1.0.0'
gateway_stop

# Her video and MP3 leave room for one more video; without the MP3 for two.
V2M_MAX_USER_BYTES=$((size * 2 + mp3)) gateway_start
http 200 "a video that fits beside an MP3" -T video.mp4 -H "$ann" \
    "$URL/upload/b.mp4"
gateway_stop
V2M_MAX_USER_BYTES=$((size * 3 + mp3 - 1)) gateway_start
http 413 "finished MP3s count" -T video.mp4 -H "$ann" "$URL/upload/c.mp4"
ok "what is over is stored all the same" v2m-convert-worker --once
is "$(sql store "SELECT count(*) FROM record WHERE mp3 <> '' AND
    owner = 'ann@example.org'")" 2 "one more MP3"
ends_well

# --- a state that an older v2m set up ---
v2m-check > "$OUT"
unlike "$(cat "$OUT")" max_user "v2m-check has nothing to say of limits"
sql store "DELETE FROM note WHERE kind = 'limits'"
v2m-init --quiet
is "$(limits ann)" "ann@example.org bytes=none jobs=none unfinished=none" \
    "one that is upgraded goes on without limits"
status 1 "v2m-check" v2m-check
is "$(grep -c 'no limit holds .*older v2m' "$OUT")" 3 "tells of each"
is "$(V2M_MAX_USER_JOBS=1000 limits ann)" \
    "ann@example.org bytes=none jobs=1000 unfinished=none" "until a key is set"
ok "half of the disk can be said, too" test "$(V2M_MAX_USER_BYTES=half \
    limits ann)" = "ann@example.org bytes=$half jobs=none unfinished=none"

# --- an account that goes ---
v2m-user quota bob@example.org none
n=$(documents)
v2m-user remove --quiet --jobs=remove bob@example.org
is "$(($(documents) - n))" -1 "takes its freedom with it"
v2m-user quota ann@example.org none
sql store "UPDATE note SET key = 'bob@example.org'
    WHERE kind = 'limits' AND key = 'ann@example.org'"
echo 'a password' > pw
ok "a new account under an address that was free of limits" v2m-user add \
    --quiet --password-file pw bob@example.org
is "$(documents)" "$((n - 1))" "is not free of them"
done_testing
