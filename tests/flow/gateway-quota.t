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

# --- too many at a time ---
# As if others were always faster to change the ledger.
V='Tus-Resumable: 1.0.0'
T='Content-Type: application/offset+octet-stream'
V2M_MAX_UPLOAD=0
export V2M_MAX_UPLOAD
gateway_start
http 201 "an upload begins" -X POST "$URL/files/" -H "$ann" -H "$V" \
    -H 'Upload-Length: 1000'
upload=$(field location)
sql store "CREATE TRIGGER others BEFORE UPDATE ON note
    WHEN old.kind = 'quota' BEGIN SELECT raise(IGNORE); END"
http 429 "it cannot go on now" -X PATCH "$URL/files/$upload" -H "$ann" \
    -H "$V" -H "$T" -H 'Upload-Offset: 0' --data-binary 12345
like "$(cat "$BODY")" "too many uploads" "is told why"
ok "and when to come again" [ -n "$(field retry-after)" ]
sql store "DROP TRIGGER others"
http 204 "and then it goes on" -X PATCH "$URL/files/$upload" -H "$ann" \
    -H "$V" -H "$T" -H 'Upload-Offset: 0' --data-binary 12345
http 204 "it goes" -X DELETE "$URL/files/$upload" -H "$ann" -H "$V"

# --- max_upload = 0 ---
http 204 "options" -X OPTIONS "$URL/files/"
is "$(field tus-max-size)" "" "no limit is told"
http 200 "nor here" "$URL/me" -H "$ann"
is "$(me max_upload)" null "by name"
http 200 "a video" -T video.mp4 -H "$ann" "$URL/upload/d.mp4"
http 200 "one of unknown length" -T - -H "$ann" "$URL/upload/e.mp4" < video.mp4
gateway_stop
gateway_start
http 200 "what she has" "$URL/me" -H "$ann"
has=$(me bytes)
gateway_stop
V2M_MAX_USER_BYTES=$((has + size / 2)) gateway_start
http 413 "one that turns out longer than her quota" -T - -H "$ann" \
    "$URL/upload/f.mp4" < video.mp4
like "$(cat "$BODY")" "max_user_bytes: no more than .* were left" \
    "is told which limit"
ends_well
V2M_MAX_USER_BYTES=$((has + size * 2)) V2M_MAX_UPLOAD=8G gateway_start
http 200 "one that fits, though max_upload would not" -T - -H "$ann" \
    "$URL/upload/g.mp4" < video.mp4
ends_well
status 0 "on this machine, too" as ann v2m-upload video.mp4
ok "by a pipe" sh -c 'v2m-upload - < video.mp4 > "$1"' sh "$OUT"
status 0 "and converted" v2m-convert - out.mp3 < video.mp4
unset V2M_MAX_UPLOAD

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

kept() {
	sql store "SELECT sum(jobs) || ' ' || sum(bytes) FROM tally
	    WHERE owner = 'ann@example.org'"
}
was=$(kept)
is "$(sql store "SELECT count(*) FROM tally WHERE jobs = 0")" 0 \
    "nothing is kept of who has no job"
sql store "DROP TRIGGER tally_insert; DROP TRIGGER tally_delete;
    DROP TRIGGER tally_update; DROP TABLE tally; UPDATE v2m_schema
    SET version = version - 1 WHERE component = 'store'"
status 78 "one that kept no count of jobs wants v2m-init" v2m-status
v2m-init --quiet
is "$(kept)" "$was" "which counts them"
# As an upgrade leaves it that was killed when it had noted the version.
sql store "DROP TRIGGER tally_update"
status 78 "so does one that is upgraded by half" v2m-status
like "$(cat "$ERR")" "no 'tally'.*run v2m-init" "and says so"
v2m-init --quiet
sql store "DROP INDEX record_owner_state"
status 78 "or has not all indexes" v2m-status
v2m-init --quiet
status 0 "until v2m-init has run to its end" v2m-status

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
