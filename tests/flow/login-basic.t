#!/bin/sh
# v2m-login: a password becomes a token, and the token is kept or printed.
. "$(dirname "$0")/../lib/tap.sh"

umask 077
echo 'correct horse' > pw
echo 'wrong' > wrong
echo 'another horse' > theirs
status 78 "without a state" v2m-login --password-file pw ann@example.org
like "$(cat "$ERR")" "v2m-init" "it says what to do"
if command -v script > /dev/null; then
	script -qec 'v2m-login ann@example.org' tty.out < /dev/null > /dev/null
	like "$(cat tty.out)" "v2m-init" "so on a terminal"
	unlike "$(cat tty.out)" "password" "before a password is asked for"
	V2M_URL=http://127.0.0.1:9 V2M_URL_TIMEOUT=1s script -qec \
	    'v2m-login ann@example.org' tty.out < /dev/null > /dev/null
	like "$(cat tty.out)" "127.0.0.1" "a gateway that is away is named"
	unlike "$(cat tty.out)" "password" "before that, too"
else
	skip "a password is asked for only where it is of use" "no script(1)"
fi
v2m-init > "$OUT" 2>&1 || exit 99
v2m-user --quiet add --password-file pw ann@example.org
v2m-user --quiet add --admin --password-file pw root@example.org

# refusals
status 77 "--check before a login" v2m-login --check
is "$(cat "$ERR")" "v2m-login: not logged in: run v2m-login" "in words"
status 77 "wrong password" v2m-login --password-file wrong ann@example.org
is "$(cat "$OUT")" "" "writes no token"
cp "$ERR" first
status 77 "unknown address" v2m-login --password-file pw zed@example.org
is "$(cat "$ERR")" "v2m-login: invalid credentials" "in words"
is "$(cat "$ERR")" "$(cat first)" "the same for both"
status 64 "no address" v2m-login --password-file pw nobody
status 64 "no operand" v2m-login
status 64 "two operands" v2m-login --password-file pw a@b c@d
status 64 "--check with an address" v2m-login --check ann@example.org
status 64 "--check with --logout" v2m-login --check --logout
status 64 "--check with --print" v2m-login --check --print
status 64 "no terminal to ask on" setsid v2m-login ann@example.org
status 66 "no password file" v2m-login --password-file none ann@example.org
status 78 "empty stdin" v2m-login --password-file - ann@example.org
like "$(cat "$ERR")" "stdin holds no password|'stdin' holds no password" \
    "in words"
ok "none of these kept a token" test ! -s .local/state/v2m/token

# kept
status 0 "log in" v2m-login --password-file pw "Ann@EXAMPLE.org "
is "$(cat "$OUT")" "" "nothing on stdout"
like "$(cat "$ERR")" \
    '^v2m-login: logged in as ann@example.org until 20[0-9-]+T[0-9:]+Z$' \
    "one line on stderr"
is "$(stat -c %a .local/state/v2m/token)" 600 "the token is the owner's"
is "$(stat -c %a .local/state/v2m)" 700 "its folder too"
status 0 "--check" v2m-login --check
wanted='^\{"username":"ann@example.org","iat":[0-9]+,"exp":[0-9]+,'
like "$(cat "$OUT")" "$wanted"'"admin":true,"role":"user"\}$' \
    "prints the claims"
iat=$(sed 's/.*"iat":\([0-9]*\).*/\1/' "$OUT")
exp=$(sed 's/.*"exp":\([0-9]*\).*/\1/' "$OUT")
is $((exp - iat)) 86400 "good for a day"
printf 'correct horse\r\nmore\n' > crlf
status 0 "from stdin, with CR LF" \
    v2m-login --password-file - ann@example.org < crlf

# printed
status 0 "--print" v2m-login --print --password-file pw root@example.org
is "$(wc -l < "$OUT")" 1 "one line"
is "$(cat "$ERR")" "" "and no word"
root=$(cat "$OUT")
status 0 "--check with V2M_TOKEN" env V2M_TOKEN="$root" v2m-login --check
like "$(cat "$OUT")" '"username":"root@example.org".*"role":"admin"' \
    "it wins over the kept one"
status 0 "which is still there" v2m-login --check
like "$(cat "$OUT")" '"username":"ann@example.org"' "as it was"
status 77 "an empty V2M_TOKEN is none" env V2M_TOKEN= v2m-login --check
is "$(cat "$ERR")" "v2m-login: V2M_TOKEN is set but empty" "in words"
status 0 "a login with V2M_TOKEN set" env V2M_TOKEN="$root" \
    v2m-login --password-file pw ann@example.org
like "$(cat "$ERR")" "V2M_TOKEN is set and wins" "a set V2M_TOKEN is warned of"
if [ -w /dev/full ]; then
	v2m-login --print --password-file pw ann@example.org > /dev/full \
	    2> "$ERR"
	is $? 74 "--print to a full disk"
fi

# token_lifetime
status 0 "another lifetime" env V2M_TOKEN_LIFETIME=90s \
    v2m-login --password-file pw ann@example.org
v2m-login --check > claims
is $(($(sed 's/.*"exp":\([0-9]*\).*/\1/' claims) -
    $(sed 's/.*"iat":\([0-9]*\).*/\1/' claims))) 90 "is heard"
status 78 "a lifetime of nothing" env V2M_TOKEN_LIFETIME=never \
    v2m-login --password-file pw ann@example.org

# a state for each
V2M_STATE=$TMP/other v2m-init > "$OUT" 2>&1
V2M_STATE=$TMP/other v2m-user --quiet add --password-file theirs eve@example.org
status 77 "another state knows no login of this one" \
    env V2M_STATE="$TMP/other" v2m-login --check
status 0 "it has its own" env V2M_STATE="$TMP/other" \
    v2m-login --password-file theirs eve@example.org
status 0 "both at a time" v2m-login --check
like "$(cat "$OUT")" ann@example.org "this is ann"
ln -s other link
status 0 "and the other, by another name" \
    env V2M_STATE="$TMP/link/" v2m-login --check
like "$(cat "$OUT")" eve@example.org "is eve"

# logout
status 0 "--logout" v2m-login --logout
is "$(cat "$ERR")" "v2m-login: logged out" "in words"
status 77 "then --check" v2m-login --check
status 0 "--logout again" v2m-login --logout
is "$(cat "$ERR")" "v2m-login: you were not logged in" "is no error"
status 0 "the other state is still logged in" \
    env V2M_STATE="$TMP/other" v2m-login --check

done_testing
