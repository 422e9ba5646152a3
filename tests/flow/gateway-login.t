#!/bin/sh
# Guessing passwords by HTTP: pauses that grow, for who guesses and nobody else;
# and a flood of logins, which stops nothing.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip video.mp4
password='correct horse'
V2M_TRUSTED_PROXIES=127.0.0.1
V2M_LOGIN_CONCURRENCY=1
export V2M_TRUSTED_PROXIES V2M_LOGIN_CONCURRENCY
gateway_start
ann=$(header_of ann)

# try CODE WHAT ADDRESS USER PASSWORD
try() {
	http "$1" "$2" -X POST "$URL/login" -u "$4:$5" \
	    -H "X-Forwarded-For: $3"
}

# A pause may be over before it is looked at, where the machine stands still.
# So what is to be in one is asked at once behind a wrong guess, and again if it
# was too late: the next pause is twice as long.

# guess CODE ADDRESS PASSWORD [USER]: a login has this answer; failures count
guess() {
	guess_wanted=$1
	guess_code=$(curl -sS -o "$BODY" -D "$HEAD" -w '%{http_code}' \
	    --max-time 120 -X POST "$URL/login${query:-}" \
	    -u "${4:-$guessed}:$3" -H "X-Forwarded-For: $2")
	case $guess_code in
	401) failures=$((failures + 1)) ;;
	200) failures=0 ;;
	esac
	[ "$guess_code" = "$guess_wanted" ]
}
# has_to_wait ADDRESS PASSWORD [USER]
has_to_wait() {
	for wait_round in 1 2 3 4; do
		while [ $failures -lt 6 ]; do
			guess 401 "$1" wrong || return 1
		done
		guess 429 "$1" wrong || guess 429 "$1" wrong
		! guess 429 "$@" || return 0
	done
	return 1
}
# The pause that so many failures begin, in seconds.
pause() {
	echo $((1 << (failures - 6)))
}
# waits_for_all ADDRESS: who asks at once is told to wait for all of the pause
waits_for_all() {
	for all_round in 1 2 3 4; do
		has_to_wait "$1" wrong || return 1
		[ "$(field retry-after)" != "$(pause)" ] || return 0
		sleep "$(pause).2"
		guess 401 "$1" wrong
	done
	return 1
}

# --- one who guesses ---
guessed=ann@example.org failures=0
for i in 1 2 3 4 5 6; do
	ok "guess $i" guess 401 192.0.2.1 "guess $i"
done
ok "one more has to wait" waits_for_all 192.0.2.1
is "$(cat "$BODY")" \
    "too many failed logins: try again in $(field retry-after) s" "as it says"
ok "with the right password, too" has_to_wait 192.0.2.1 "$password"
ok "in any spelling" has_to_wait 192.0.2.1 "$password" ' ANN@example.org'
try 200 "not for others" 192.0.2.1 bob@example.org "$password"
try 200 "not elsewhere" 192.0.2.2 ann@example.org "$password"
sleep "$(pause).2"
ok "then again" guess 401 192.0.2.1 'guess 8'
ok "and a pause that is twice as long" waits_for_all 192.0.2.1
sleep "$(pause).2"
ok "who knows it is let in" guess 200 192.0.2.1 "$password"
for i in 1 2 3 4 5 6; do
	ok "and may err again: $i" guess 401 192.0.2.1 wrong
done
query='?format=json'
ok "for JSON, too" has_to_wait 192.0.2.1 x
query=
like "$(cat "$BODY")" '"status":75' "says try again"

# --- one network ---
# Of another account: too many failures of one are a matter of their own.
guessed=bob@example.org failures=0
for i in 1 2 3 4 5 6; do
	ok "IPv6, address $i" guess 401 "2001:db8::$i" wrong
done
ok "is one network" waits_for_all "2001:db8::7"
try 200 "and another is not" "2001:db8:1::7" bob@example.org "$password"

# --- many at once ---
id=$(v2m-upload --quiet --no-queue video.mp4)
v2m-convert-worker --quiet "$id" > "$OUT" 2> "$ERR"
background python3 "$tap_root/tests/lib/login-flood.py" "$URL" 200 \
    eve@example.org > flood 2> flood.err
flood=$tap_pid
http 200 "healthz meanwhile" "$URL/healthz"
http 200 "a download meanwhile" "$URL/download?fid=$id" -H "$ann"
wait "$flood"
# An account that nobody has is guessed from many addresses: 401, then pauses
# for all of them.
like "$(cat flood)" '^(401 )?429( 503)? 200$' "each got an answer" ||
    tap_show flood < flood.err
try 200 "ann logs in again" 198.51.100.1 ann@example.org "$password"

gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"

# --- more than can wait ---
gateway_start
python3 "$tap_root/tests/lib/login-flood.py" "$URL" 250 \
    user%d@example.org > crowd 2> crowd.err
like "$(cat crowd)" '^401 503 250$' "what cannot wait is sent away" ||
    tap_show crowd < crowd.err
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"


# --- a file that the gateway needs is gone ---
if [ -e "$V2M_BIN/../lib/v2m/users-mysql.so" ]; then
	cp pw users.pw
	V2M_USERS=mysql://v2m@127.0.0.1:9/auth \
	    V2M_USERS_PASSWORD_FILE="$PWD/users.pw" gateway_start
	rm users.pw
	try 500 "a right password is not called wrong" 192.0.2.9 \
	    ann@example.org "$password"
	unlike "$(cat "$BODY")" "credentials|users.pw" "and no path is told"
	logged 'event=failed .*code=configuration .*users_password_file.*users.pw'
	is $? 0 "the log has it"
	ends_well
else
	skip "a file that is gone" "built without MySQL"
fi
done_testing
