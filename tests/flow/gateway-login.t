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

# --- one who guesses ---
for i in 1 2 3 4 5 6; do
	try 401 "guess $i" 192.0.2.1 ann@example.org "guess $i"
done
try 429 "one more has to wait" 192.0.2.1 ann@example.org 'guess 7'
like "$(field retry-after)" '^1$' "a second"
like "$(cat "$BODY")" '^too many failed logins: try again in 1 s$' "as it says"
try 429 "with the right password, too" 192.0.2.1 ann@example.org "$password"
try 429 "in any spelling" 192.0.2.1 ' ANN@example.org' "$password"
try 200 "not for others" 192.0.2.1 bob@example.org "$password"
try 200 "not elsewhere" 192.0.2.2 ann@example.org "$password"
sleep 1.2
try 401 "then again" 192.0.2.1 ann@example.org 'guess 8'
try 429 "and a longer pause" 192.0.2.1 ann@example.org 'guess 9'
is "$(field retry-after)" 2 "of two seconds"
sleep 2.2
try 200 "who knows it is let in" 192.0.2.1 ann@example.org "$password"
for i in 1 2 3 4 5 6; do
	try 401 "and may err again: $i" 192.0.2.1 ann@example.org wrong
done
http 429 "JSON" -X POST "$URL/login?format=json" -u "ann@example.org:x" \
    -H 'X-Forwarded-For: 192.0.2.1'
like "$(cat "$BODY")" '"status":75' "says try again"

# --- one network ---
for i in 1 2 3 4 5 6; do
	try 401 "IPv6, address $i" "2001:db8::$i" ann@example.org wrong
done
try 429 "is one network" "2001:db8::7" ann@example.org wrong
try 200 "and another is not" "2001:db8:1::7" ann@example.org "$password"

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
