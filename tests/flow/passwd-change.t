#!/bin/sh
# v2m-passwd: one's own password, of the services and through a gateway.
# slow: 26 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
umask 077
echo 'battery staple' > new
echo 'another one' > third
echo 'wrong wrong' > wrong
echo '1234567' > short
printf 'h\303\251h\303\251h\303\251h\303\251\n' > eight

login() {
	v2m-login --print --password-file "$1" "${2:-ann@example.org}"
}
passwd() {
	v2m-passwd --password-file "$1" --new-password-file "$2" ${3:+"$3"}
}
# counts TOKEN: does it?
counts() {
	V2M_TOKEN=$1 v2m-login --check
}

# --- refusals, after which all is as before ---
status 0 "--help" v2m-passwd --help
status 64 "two addresses" v2m-passwd a@example.org b@example.org
status 64 "no address" passwd pw new nobody
status 64 "no terminal" setsid v2m-passwd ann@example.org
status 64 "stdin twice" passwd - - ann@example.org
status 66 "no such file" passwd pw none
chmod 644 new
status 78 "a file that others read" passwd pw new
chmod 600 new
status 77 "a wrong old password" passwd wrong new
is "$(cat "$ERR")" "v2m-passwd: invalid credentials" "in words"
status 77 "an unknown account" passwd pw new zed@example.org
is "$(cat "$ERR")" "v2m-passwd: invalid credentials" "in the same words"
status 64 "a short one" passwd pw short
like "$(cat "$ERR")" "shorter than 8 characters \(password_min\)" "in words"
status 64 "the old one" passwd pw pw
like "$(cat "$ERR")" "new password is the old one" "in words"
status 0 "the old one still counts" login pw
status 0 "and so does the login" v2m-login --check

# --- of the services ---
other=$(login pw)
bobs=$(login pw bob@example.org)
status 0 "a new one, for who is logged in" passwd pw new
is "$(cat "$OUT")" "" "nothing on stdout"
like "$(cat "$ERR")" "^v2m-passwd: ann@example.org has a new password" \
    "says so, and whose"
status 0 "the login here goes on" v2m-login --check
status 77 "another token has ended" counts "$other"
like "$(cat "$ERR")" "new password" "in words"
status 77 "the old password is none any more" login pw
status 0 "the new one is" login new
status 0 "others' tokens count" counts "$bobs"
status 0 "for another than who is logged in" passwd pw new bob@example.org
status 77 "whose tokens end" counts "$bobs"
like "$(v2m-login --check)" '"username":"ann@' "the login here is ann's still"
status 0 "eight letters with accents" passwd new eight
status 0 "a smaller minimum" env V2M_PASSWORD_MIN=7 v2m-passwd \
    --password-file eight --new-password-file short ann@example.org
status 0 "back to the old one" passwd short new
token=$(login new)
status 0 "with V2M_TOKEN" env V2M_TOKEN="$token" v2m-passwd \
    --password-file new --new-password-file pw
like "$(cat "$ERR")" "V2M_TOKEN is set, but no longer valid" "which is void now"
v2m-login --logout --quiet
status 77 "nobody is logged in" passwd pw new
like "$(cat "$ERR")" "no address was given: not logged in" "says both"
status 0 "with an address" passwd pw new ann@example.org
ok "nothing is kept" test ! -s .local/state/v2m/token

# --- v2m-user has the same minimum ---
status 64 "v2m-user passwd" v2m-user passwd --password-file short \
    bob@example.org
status 64 "v2m-user add" v2m-user add --password-file short \
    eve@example.org
like "$(cat "$ERR")" "shorter than 8 characters" "in words"

# --- through a gateway ---
if ! command -v python3 > /dev/null ||
    [ ! -e "$V2M_BIN/../lib/v2m/gateway.so" ]; then
	skip "through a gateway" "built without"
	done_testing
fi
gateway_start
post() {
	http "$1" "$2" -X POST "$URL/password" "$3" "$4" \
	    -H 'Content-Type: text/plain' --data-binary "$5"
}
other=$(login new)
post 401 "no credentials" -H 'X-Nothing: 1' "another one"
post 401 "a wrong old one" -u "ann@example.org:wrong" "another one"
is "$(cat "$BODY")" "invalid credentials" "as /login says it"
post 400 "a short one" -u "ann@example.org:battery staple" 1234567
post 400 "the old one" -u "ann@example.org:battery staple" "battery staple"
post 400 "two lines" -u "ann@example.org:battery staple" "$(printf 'a long\nb')"
post 400 "none" -u "ann@example.org:battery staple" ""
post 413 "too long" -u "ann@example.org:battery staple" \
    "$(head -c 700 /dev/zero | tr '\0' a)"
http 415 "a form" -X POST "$URL/password" -u "ann@example.org:battery staple" \
    -d 'password=another one'
http 405 "GET" "$URL/password"
http 200 "the old one is good still" -X POST "$URL/login" \
    -u "ann@example.org:battery staple"
# Nothing of the store is looked at for who is not known.
sql store "INSERT INTO note (kind, key, rev, until, text)
    VALUES ('moved', 'store', 1, 0, 'away dir:/elsewhere')"
post 401 "a wrong old one, where accounts are moved away" \
    -u "ann@example.org:wrong" "another one"
post 503 "none is changed there" -u "ann@example.org:battery staple" @third
sql store "DELETE FROM note WHERE kind = 'moved'"
post 200 "a new one" -u "ann@example.org:battery staple" @third
token=$(cat "$BODY")
http 200 "the answer is a token" -X POST "$URL/validate" \
    -H "Authorization: Bearer $token"
sleep 5.2	# what a gateway remembers of a token
http 403 "others have ended" -X POST "$URL/validate" \
    -H "Authorization: Bearer $other"
unlike "$(cat "$GATEWAY_LOG")" "battery|another" "no password in the log"

V2M_URL=$URL
export V2M_URL
status 0 "log in" v2m-login --password-file third ann@example.org
status 77 "v2m-passwd with a wrong old one" passwd wrong new
is "$(cat "$ERR")" "v2m-passwd: invalid credentials" "in words"
status 64 "with a short one" passwd third short
status 0 "with a good one" passwd third new
status 0 "the login here goes on" v2m-login --check
host=127.0.0.1
echo "machine $host login ann@example.org password battery staple" |
    sed 's/battery staple/"battery staple"/' > .netrc
status 0 "with a ~/.netrc" passwd new third
like "$(cat "$ERR")" "\.netrc still has the old password" "which is told"

# Guesses count together with those of /login.
for i in 1 2 3; do
	post 401 "guess $i" -u "bob@example.org:guess $i" "another one"
	http 401 "by turns" -X POST "$URL/login" -u "bob@example.org:no $i"
done
# A guess that comes too late for the pause begins one that is twice as long.
has_to_wait() {
	for i in 1 2 3; do
		[ "$(curl -sS -o "$BODY" -w '%{http_code}' --max-time 120 -X POST \
		    "$URL/password" -u bob@example.org:wrong \
		    -H 'Content-Type: text/plain' -d 'another one')" != 429 ] ||
		    return 0
	done
	return 1
}
has_to_wait_here() {
	for i in 1 2 3; do
		passwd wrong third bob@example.org
		[ $? -ne 75 ] || return 0
	done
	return 1
}
ok "then it has to wait" has_to_wait
ok "v2m-passwd too" has_to_wait_here
gateway_stop
status 75 "no gateway" passwd new third bob@example.org
like "$(cat "$ERR")" "not known|no address|cannot" "in words"

done_testing
