#!/bin/sh
# A store in a table of DynamoDB: a real server, every request's signature, and
# bad days.
# slow: 40 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-dynamodb.sh"
dynamo_start
echo "# on $DYNAMO_KIND"

# Another table than the suites'.
elsewhere() {
	echo "$1" | sed s,v2m-test,v2m-flow,
}

# --- the suites, each request held against botocore's own computation ---
dynamo_proxy_start --verify local localsecret eu-west-1
for suite in records objects; do
	"$V2M_BIN/../tests/${suite}_suite" "$DYNAMO_PROXY" > suite 2>&1
	is "$?" 0 "the suite of $suite passes" || tap_show suite < suite
done
is "$(grep -c BAD dynamo-proxy.log)" 0 "botocore signs each request as we do" ||
    grep BAD dynamo-proxy.log | head -5 | tap_show log
ok "as many as there are" test "$(grep -c signed dynamo-proxy.log)" -gt 500
# PutItem, Query, ...: what was asked for, and what the manual grants.
sed -n 's/^\([A-Z][A-Za-z]*\) .*/\1/p' dynamo-proxy.log | sort -u > asked
sed -n '/^{"Version/,/^\.Ed/p' "$tap_root/man/v2m.conf.5" |
    grep -o '"dynamodb:[A-Za-z]*' | sed 's/.*://' | sort -u > granted
is "$(comm -3 asked granted | tr -d '\t\n')" CreateTable \
    "the manual's least policy is what they need, but to make the table"
dynamo_proxy_stop
is "$(dynamo_items | grep -E '^(job|owner|live|fresh|sha256|mp3)#')" \
    "" "the suites' records and all notes of them are gone"

# --- the flow ---
V2M_STORE=$(elsewhere "$DYNAMO")
export V2M_STORE
setup
status 78 "a store that nobody has set up" env \
    V2M_STORE="$(elsewhere "$DYNAMO" | sed s,v2m-flow,v2m-none,)" v2m-status
like "$(cat "$ERR")" "is the table's name right\? v2m-init makes it" "says so"
clip talk.mp4 3
status 0 "an upload" v2m-upload talk.mp4
id=$(cat "$OUT")
status 0 "a worker" v2m-convert-worker --once
is "$(state "$id")" done "converts it"
status 0 "it is fetched" v2m-fetch -o out.mp3 "$id"
ok "an MP3" test -s out.mp3
status 0 "it is uploaded once only" v2m-upload --skip-existing talk.mp4
is "$(cat "$OUT")" "$id" "found by its bytes"
status 0 "v2m-check reads the bytes" v2m-check --bytes --full
is "$(cat "$OUT" "$ERR")" "" "and is silent"
status 0 "the job is removed" v2m-remove "$id"
is "$(v2m-status "$id" 2>&1 | grep -c done)" 0 "and is no more"

# --- a network that fails ---
dynamo_proxy_start --faults 0.1 7
V2M_STORE=$(elsewhere "$DYNAMO_PROXY")
failed=
for n in 1 2 3 4; do
	v2m-upload --quiet talk.mp4 > "$OUT" 2> "$ERR" || {
		failed="$failed upload:$n"
		tap_show upload < "$ERR"
	}
	v2m-convert-worker --once > "$OUT" 2> "$ERR" || {
		failed="$failed worker:$n"
		tap_show worker < "$ERR"
	}
done
is "$failed" "" "jobs get through faults at every tenth request"
is "$(v2m-status | cut -f 2 | sort | uniq -c | tr -s ' ')" " 4 done" "each once"
ok "of which there were some" grep -q fault dynamo-proxy.log
dynamo_proxy_stop
V2M_STORE=$(elsewhere "$DYNAMO")

# --- each error that has to be tried again, once ---
through() {
	env "V2M_STORE=$(elsewhere "$DYNAMO_PROXY")" "$@"
}
apart() {
	env "V2M_STORE=$(echo "$DYNAMO_PROXY" | sed s,v2m-test,v2m-errors,)" \
	    "$@"
}
bytes=$V2M_BIN/../tests/store_bytes
dynamo_proxy_start \
    --once PutItem '400 ThrottlingException' \
    --once 'PutItem /' 'wrong checksum' \
    --once BatchWriteItem '400 ProvisionedThroughputExceededException' \
    --once 'BatchWriteItem /' 'half a batch' \
    --once 'BatchWriteItem /?' 'no answer' \
    --once UpdateItem '400 RequestLimitExceeded' \
    --once 'UpdateItem /' '500 InternalServerError' \
    --once 'UpdateItem /?' 'no answer' \
    --once GetItem 'wrong checksum' \
    --once 'GetItem /' '400 ThrottlingException' \
    --once BatchGetItem 'half a batch' \
    --once 'BatchGetItem /' 'wrong checksum' \
    --once 'BatchGetItem /?' '400 ProvisionedThroughputExceededException' \
    --once Query '400 LimitExceededException' \
    --once 'Query /' half \
    --once DeleteItem '400 TransactionConflictException' \
    --once 'DeleteItem /' '503 ServiceUnavailable'
: > dynamo-proxy.log
apart v2m-init --quiet || exit 99
for n in 1 2 3; do
	status 0 "an object is stored" apart "$bytes" put mp3 \
	    "5d000000000000000000000$n" 5000000
	status 0 "and read" apart "$bytes" ranges mp3 \
	    "5d000000000000000000000$n" 5000000
	status 0 "a record is changed" apart "$bytes" count video \
	    "5d00000000000000000001a$n" 3
done
status 0 "jobs are listed" through v2m-status
status 0 "one is removed" through v2m-remove "$(v2m-status | sed -n '1s/	.*//p')"
is "$(grep -c fault dynamo-proxy.log)" 17 "each fault was met"
dynamo_proxy_stop

# --- what was done, but not answered: the second try finds our own ---
dynamo_proxy_start --once 'PutItem / head-mp3#' 'no answer' \
    --once 'PutItem / job#' 'no answer' --once 'UpdateItem / job#' 'no answer'
: > dynamo-proxy.log
status 0 "an object is stored" apart "$bytes" put mp3 \
    5d00000000000000000000c1 1000
status 0 "a record is made, and changed" apart "$bytes" count video \
    5d00000000000000000000c2 3
is "$(grep -c fault dynamo-proxy.log)" 3 "each fault was met"
dynamo_proxy_stop

# --- a key takes so much a second: chunks lie on several ---
dynamo_proxy_start --meter 100
status 0 "an object is stored as fast as its keys take it" apart "$bytes" \
    put video 5d00000000000000000000aa 5000000
ok "some of a batch had to wait" grep -q '^BatchWriteItem .* fault' \
    dynamo-proxy.log
status 0 "and read so" apart "$bytes" read video 5d00000000000000000000aa \
    5000000
dynamo_proxy_stop

# --- the server's clock is the store's ---
dynamo_proxy_start --clock 7200
through v2m-upload --quiet talk.mp4 > "$OUT" 2> "$ERR"
id=$(cat "$OUT")
is "$(v2m-status --json "$id" | "$s3_python" -c 'import datetime, json, sys
made = json.load(sys.stdin)["created"].replace("Z", "+00:00")
now = datetime.datetime.now(datetime.timezone.utc)
ahead = datetime.datetime.fromisoformat(made) - now
print(6900 < ahead.total_seconds() < 7210)')" True \
    "a job is made at the time that the server tells"
v2m-remove --quiet "$id"
dynamo_proxy_stop
dynamo_proxy_start --clock -600 --once . '400 InvalidSignatureException'
status 78 "a signature that is 10 minutes early" through v2m-status
like "$(cat "$ERR")" "clock is (599|60[0-9]) s ahead of that of 127.0.0.1" \
    "is a wrong clock"
unlike "$(cat "$ERR")" "secret|key" "and no wrong secret"
dynamo_proxy_stop
dynamo_proxy_start --clock 30 --once . '400 InvalidSignatureException'
status 78 "one that is half a minute old" through v2m-status
like "$(cat "$ERR")" "is the secret key right" "is not"
dynamo_proxy_stop

# --- an answer that is lost, and nothing but refusals after it ---
dynamo_proxy_start --lose UpdateItem
is "$(env V2M_STORE="$(elsewhere "$DYNAMO_PROXY")" v2m-check 2>&1)" "" \
    "a reader does not mind"
dynamo_proxy_stop

# --- a video in a table, records elsewhere ---
(
	V2M_OBJECTS=$V2M_STORE
	V2M_STORE=dir:$TMP/records
	export V2M_OBJECTS
	v2m-init --quiet || exit
	bytes=$V2M_BIN/../tests/store_bytes
	"$bytes" put video 5f0000000000000000000ab2 5000000 &&
	    "$bytes" read video 5f0000000000000000000ab2 5000000
) > "$OUT" 2> "$ERR"
is "$?" 0 "objects in a table, records in a folder"

# --- what died ---
V2M_FAULT=kill:store-linked "$V2M_BIN/../tests/store_bytes" put video \
    5f0000000000000000000abc 5000000 > "$OUT" 2>&1
like "$(dynamo_items v2m-flow)" "^pending#" "a writer that died"
status 0 "v2m-prune" v2m-prune
like "$(dynamo_items v2m-flow)" "^pending#" "is left alone for a day"
dynamo_age_pending v2m-flow
status 0 "v2m-prune, a day later" v2m-prune
unlike "$(dynamo_items v2m-flow)" "^pending#" "removes what it left"
is "$(v2m-check --bytes 2>&1)" "" "and nothing that belongs to an object"

# --- it is away ---
dynamo_stop
status 75 "a server that is down is temporary trouble" v2m-status
like "$(cat "$ERR")" "127.0.0.1:$S3_PORT" "and the message names it"

# --- what it says of itself ---
status 78 "credentials in the URL" \
    env V2M_STORE='dynamodb://me:geheim@v2m-test?region=r' v2m-status
unlike "$(cat "$ERR")" geheim "are refused, and not repeated"
status 78 "no region" env V2M_STORE=dynamodb://v2m-test v2m-status
like "$(cat "$ERR")" "region" "is asked for"
status 78 "a parameter that is none" env \
    V2M_STORE='dynamodb://v2m-test?regoin=r' v2m-status
like "$(cat "$ERR")" "unknown parameter 'regoin'" "is named"
status 78 "a server in clear that must not be" env V2M_STORE_TLS=on \
    V2M_STORE='dynamodb://b-b?region=r&endpoint=http://db.example.org' \
    v2m-status
like "$(cat "$ERR")" "store_tls = on refuses" "is refused"
env -u AWS_ACCESS_KEY_ID v2m-status > "$OUT" 2> "$ERR"
is "$?" 78 "without credentials"
like "$(cat "$ERR")" "no AWS credentials" "it says where they were looked for"
done_testing
