#!/bin/sh
# The routes below /admin: for administrators alone, and each agrees with the
# command that does the same.
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
clip talk.mp4
echo 'dear diary' > text.mp4
gateway_start
ann=$(header_of ann) root=$(header_of root)

json() {	# an expression of the answer o
	python3 -c "import json, sys; o = json.load(open(sys.argv[1])); \
	    x = ($1); print(x)" "$BODY"
}

get() {		# WHAT PATH: as the administrator
	http 200 "$1" "$URL/admin/$2" -H "$root"
}

post() {
	http 200 "$1" -X POST "$URL/admin/$2" -H "$root"
}

# job SET [OWNER]: one that was put into that state
job() {
	if [ $# -gt 1 ]; then
		job_id=$(as "$2" v2m-upload --quiet --no-queue talk.mp4)
	else
		job_id=$(v2m-upload --quiet --no-queue talk.mp4)
	fi || exit 99
	sql store "UPDATE record SET $1 WHERE id = '$job_id'"
	echo "$job_id"
}

failed() {	# REASON STATUS
	job "state = $JOB_FAILED, reason = '$1', failure = $2, done_at = 1,
	    announced = 1, told = 'sent'"
}

# --- for whom ---
for route in check failures job lost notices users workers; do
	http 403 "$route: not for a user" "$URL/admin/$route?fid=0" -H "$ann"
	is "$(cat "$BODY")" "for administrators" "$route: as others are refused"
	http 401 "$route: nor for nobody" "$URL/admin/$route"
	http 405 "$route: nothing is sent to it" -X POST "$URL/admin/$route" \
	    -H "$root"
done
one=$(failed 'no space on the moon' 75)
for route in drop requeue tell; do
	http 403 "$route: not for a user" -X POST \
	    "$URL/admin/$route?fid=$one" -H "$ann"
	http 401 "$route: nor for nobody" -X POST "$URL/admin/$route?fid=$one"
	http 405 "$route: by GET nothing is done" \
	    "$URL/admin/$route?fid=$one" -H "$root"
	http 404 "$route: no such job" -X POST \
	    "$URL/admin/$route?fid=0123456789abcdef01234567" -H "$root"
done
is "$(state "$one")" failed "nothing was done"
for bad in "lost?limit=0" "lost?after=x" "lost?after=$one" "users?gone=2" "failures?limit=1001"
do
	http 400 "$bad" "$URL/admin/$bad" -H "$root"
done
for bad in "requeue" "requeue?lost=1&failed=65" "requeue?failed=x" \
    "requeue?again=1&failed=65" "requeue?reason=x&after=y" "drop?lost=1" \
    "drop?lost=2" "drop?reason=" "requeue?reason=&failed=75" "drop?exact=1" \
    "requeue?exact=1&failed=75" "requeue?lost=1&exact=1" \
    "requeue?lost=1&after=$one" "drop?fid=$one&lost=1" \
    "drop?fid=$one&reason=x" "requeue?fid=$one&failed=75" \
    "requeue?fid=$one&after=$one" "requeue?fid=$one&exact=1"; do
	http 400 "$bad" -X POST "$URL/admin/$bad" -H "$root"
done

is "$(state "$one")" failed "and nothing was done"

# --- failures by reason ---
two=$(failed 'no space on the moon' 75)
three=$(failed 'no space on the moon or the sun' 75)
other=$(failed "it''s \"100 %\" silent" 65)
get "failures" failures
is "$(json 'sorted((f["jobs"], f["status"], f["code"]) for f in o["failures"])')" \
    "[(1, 65, 'data'), (1, 75, 'temporary'), (2, 75, 'temporary')]" \
    "are counted by reason"
newest=$(printf '%s\n' "$one" "$two" | sort | tail -n 1)
is "$(json '[f["newest"] for f in o["failures"] if f["jobs"] == 2][0], o["next"]')" \
    "('$newest', None)" "the newest is named"
get "a page of them" 'failures?limit=1'
next=$(json 'o["next"]')
n=$(json 'sum(f["jobs"] for f in o["failures"])')
get "the next page" "failures?after=$next"
is "$(($(json 'sum(f["jobs"] for f in o["failures"])') + n))" 4 "has the rest"

# --- one job ---
get "one job" "job?fid=$one"
v2m-requeue --show --json "$one" > shown
is "$(cat "$BODY")" "$(cat shown)" "is what v2m-requeue --show has"
http 404 "another is none" "$URL/admin/job?fid=x" -H "$root"

# --- requeue and drop ---
post "requeue by reason" \
    'requeue?reason=no%20space%20on%20the%20moon&failed=75&exact=1'
is "$(json 'sorted(o["done"]), o["refused"], o["more"]')" \
    "$(printf '%s\n' "$one" "$two" | sort | paste -s -d , |
    sed "s/,/', '/; s/.*/(['&'], [], False)/")" "brings these back"
is "$(state "$one") $(state "$three")" "queued failed" "and no other"
is "$(sql queue "SELECT count(*) FROM message")" 2 "with messages"
post "requeue by a part of it" 'requeue?reason=THE%20SUN'
is "$(json 'o["done"]')" "['$three']" "as --reason does"
sql store "DELETE FROM object WHERE id = '$other'"
post "one whose video is gone" 'requeue?failed=65'
is "$(json 'o["done"], o["refused"][0]["id"], o["refused"][0]["error"]')" \
    "([], '$other', 'its video is no longer kept')" "is refused, with the reason"
http 404 "and by its ID" -X POST "$URL/admin/requeue?fid=$other" -H "$root"
post "drop" "drop?fid=$other"
is "$(json 'o["done"]') $(state "$other" 2> /dev/null)" "['$other'] removed" \
    "removes it"
again=$(failed 'it broke' 65)
post "drop by reason" 'drop?reason=it%20broke&exact=1'
is "$(json 'o["done"]')" "['$again']" "removes these"
again=$(failed '' 65)
post "drop those without a reason" 'drop?reason=&exact=1'
is "$(json 'o["done"]')" "['$again']" "removes these"
done=$(job "state = $JOB_DONE, done_at = 1, announced = 1")
http 409 "what is done is not requeued" -X POST \
    "$URL/admin/requeue?fid=$done" -H "$root"
like "$(cat "$BODY")" '^it is done \(again=1 converts it' "it says so"
post "unless it is said" "requeue?fid=$done&again=1"
is "$(state "$done")" queued "then it is"

# --- lost ---
sql queue "DELETE FROM message"
lost=$(v2m-upload --quiet talk.mp4)
sql queue "DELETE FROM message"
is_lost() {
	v2m-requeue --list --lost | grep -q "^$lost"
}
eventually "a message is lost" is_lost
get "lost jobs" lost
is "$(json 'sorted(j["id"] for j in o["jobs"])')" \
    "$(v2m-requeue --list --lost | cut -f 1 | sort | python3 -c \
    'import sys; print(sys.stdin.read().split())')" "as v2m-requeue lists them"
is "$(json '[j["lost"] for j in o["jobs"] if j["id"] == "'"$lost"'"]')" \
    "['its message is lost']" "with what is lost"
post "requeue them" 'requeue?lost=1'
like "$(json 'o["done"]')" "$lost" "it is published again"
get "then" lost
is "$(json 'o["jobs"]')" '[]' "none is lost"

# --- workers ---
run=$(job "state = $JOB_RUNNING, progress = 40, fence = 1, lease_ms = 600000,
    until = $(($(date +%s) + 500))000")
dead=$(job "state = $JOB_RUNNING, progress = 7, fence = 2, until = 1000")
get "workers" workers
is "$(json 'sorted((w["percent"], w["id"], w["alive"]) for w in o["working"])')" \
    "[(7, '$dead', False), (40, '$run', True)]" "what each is doing"
like "$(json 'o["queues"]')" "'messages': [1-9]" "and what waits"
first=$(printf '%s\n' "$run" "$dead" | sort | head -n 1)
get "a page of them" 'workers?limit=1'
is "$(json '[w["id"] for w in o["working"]], o["next"]')" \
    "(['$first'], '$first')" "ends"
get "and goes on" "workers?after=$first"
is "$(json 'len(o["working"]), o["next"]')" "(1, None)" "behind it"

# --- notices ---
told="state = $JOB_FAILED, done_at = $(date +%s)000, announced = 1,
    told_since = $(date +%s)000"
bad=$(job "$told, told = 'failed', told_reason = '550 our fault', told_failure = 69")
maybe=$(job "$told, told = 'sent?'" bob)
get "notices that were not sent" notices
is "$(json 'sorted((n["told"], n["id"], n["told_reason"], n["useless"]) for n in o["notices"])')" \
    "[('failed', '$bad', '550 our fault', None), ('sent?', '$maybe', '', None)]" \
    "or may not have arrived"
get "a page" 'notices?limit=1'
get "and on" "notices?after=$(json 'o["next"]')"
is "$(json 'len(o["notices"]), o["next"]')" "(1, None)" "the rest"
post "send it again" "tell?fid=$bad"
post "a second time: it waits" "tell?fid=$bad"
v2m-notify --once 2>> log
is "$(notices "$bad")" 1 "a notifier sends it, once"
http 409 "what was sent" -X POST "$URL/admin/tell?fid=$bad" -H "$root"
like "$(cat "$BODY")" '^it was sent \(force=1 sends it' "is not sent again"
post "but with force" "tell?fid=$bad&force=1"
v2m-notify --once 2>> log
is "$(notices "$bad")" 2 "then it is"
http 409 "nothing to tell yet" -X POST "$URL/admin/tell?fid=$run" -H "$root"

# --- users ---
get "users" users
is "$(json '[(u["email"], u["role"]) for u in o["users"]], o["next"]')" \
    "([('ann@example.org', 'user'), ('bob@example.org', 'user'), \
('root@example.org', 'admin')], None)" "are those of v2m-user list"
cp "$BODY" users
is "$(json '(o["users"][1]["all_jobs"], o["users"][2]["max_user_jobs"])')" \
    "(1, None)" "with jobs and limits"
http 200 "one of them" "$URL/me" -H "$ann"
is "$(json '(o["jobs"], o["bytes"], o["max_user_jobs"], o["unfinished"])')" \
    "$(BODY=users; json '(lambda u: (u["jobs"], u["bytes"],
    u["max_user_jobs"], u["unfinished"]))(o["users"][0])')" "hears the same"
get "a page" 'users?limit=2'
get "the next page" "users?after=$(json 'o["next"]')"
is "$(json '[u["email"] for u in o["users"]]')" "['root@example.org']" \
    "goes on behind it"
# Another program's row: it cannot be asked for what is behind that address.
sql users "INSERT INTO user (email, password)
    VALUES ('ann' || char(1) || 'x', '*')"
get "a page that would end with an address that is none" 'users?limit=1'
is "$(json '[u["email"] for u in o["users"]], o["next"]')" \
    "(['ann?x', 'ann@example.org'], 'ann@example.org')" "ends behind it"
sql users "DELETE FROM user WHERE password = '*'"
v2m-user remove --jobs keep bob@example.org 2>> log
get "who is gone" 'users?gone=1'
is "$(json '[(u["email"], u["role"], u["all_jobs"]) for u in o["users"]]')" \
    "[('bob@example.org', 'gone', 1)]" "and left jobs"
get "a notice to him" notices
is "$(json '[n["useless"] for n in o["notices"]]')" \
    "['there is no such account any more']" "is of no use"

# --- check ---
v2m-check --json > found
get "a check" check
python3 -c 'import json, sys
for f in json.load(open(sys.argv[1]))["findings"]:
    print(json.dumps([f["item"], f["what"], f["remedy"]]))' "$BODY" > seen
python3 -c 'import json, sys
for f in map(json.loads, open(sys.argv[1])):
    print(json.dumps([f["item"], f["what"], f["remedy"]]))' found > wanted
ok "it found something" [ -s wanted ]
is "$(sort seen)" "$(sort wanted)" "finds what v2m-check does"
# One at a time: of many that come at once some are told to wait.
crowd() {
	seq 20 | sed "s,.*,url = $URL/admin/check," > urls
	curl -sS -Z --parallel-immediate -K urls -H "$root" \
	    -w '\n%{http_code}\n' 2> "$ERR" | sort | uniq -c > codes
	grep -q ' 503$' codes
}
eventually "one check at a time" crowd
like "$(cat codes)" ' 200$' "which ends"
like "$(cat codes)" 'another check is running: try again' "others hear why"
ends_well

# --- a service that goes away ---
sql store "UPDATE record SET state = $JOB_CANCELLED WHERE state = $JOB_FAILED"
for n in 1 2 3; do failed 'the moon fell' 75; done | sort > fell
V2M_FAULT=fail:record-put@2 gateway_start
post "of three the second fails" 'drop?reason=the%20moon%20fell'
is "$(json 'o["done"], o["refused"], o["more"], o["next"], o["error"]')" \
    "(['$(head -n 1 fell)'], [], True, '$(head -n 1 fell)', \
'a service does not answer: try again')" "what was done is told"
post "the rest" "drop?reason=the%20moon%20fell&after=$(json 'o["next"]')"
is "$(json 'o["done"], o["more"], o["error"]')" \
    "(['$(sed -n 2p fell)', '$(tail -n 1 fell)'], False, None)" "is done"
ends_well
done_testing
