#!/bin/sh
# Which tokens count, and until when: revocation, roles, secrets.
. "$(dirname "$0")/../lib/tap.sh"

v2m-init > "$OUT" 2>&1 || exit 99
umask 077
echo 'correct horse' > pw
echo 'battery staple' > pw2
v2m-user --quiet add --password-file pw ann@example.org
v2m-user --quiet add --password-file pw bob@example.org

login() {
	v2m-login --print --password-file "${2:-pw}" "$1"
}

# check TOKEN: v2m-login --check of it
check() {
	V2M_TOKEN=$1 v2m-login --check
}

ended="v2m-login: the token was ended by a new password or by the \
administrator: log in again"

# All of this happens within a second or two, where time stamps are equal.
first=$(login ann@example.org)
bobs=$(login bob@example.org)
status 0 "a token is good" check "$first"
status 0 "v2m-user revoke" v2m-user revoke ann@example.org
status 77 "it is void at once" check "$first"
is "$(cat "$ERR")" "$ended" "in words"
for n in 1 2; do
	token=$(login ann@example.org)
	status 0 "$n: a login right after counts" check "$token"
	v2m-user --quiet revoke ann@example.org
	status 77 "$n: until the next revocation" check "$token"
done
token=$(v2m-user token ann@example.org)
status 0 "so does a minted token" check "$token"
status 0 "a new password" \
    v2m-user passwd --password-file pw2 ann@example.org
status 77 "ends it" check "$token"
status 77 "the old password is refused" \
    v2m-login --password-file pw ann@example.org
token=$(login ann@example.org pw2)
status 0 "the new one is good" check "$token"
status 0 "bob's token never ceased" check "$bobs"

v2m-user --quiet remove ann@example.org
status 77 "the user is gone" check "$token"
is "$(cat "$ERR")" "v2m-login: no such user any more: 'ann@example.org'" \
    "in words"
v2m-user --quiet add --password-file pw ann@example.org
status 77 "another ann does not inherit the token" check "$token"

# Roles are those of the database.
v2m-user --quiet admin bob@example.org
check "$bobs" > "$OUT"
like "$(cat "$OUT")" '"role":"admin"' "a role given counts at once"
token=$(v2m-user token bob@example.org)
v2m-user --quiet admin --off bob@example.org
check "$token" > "$OUT"
like "$(cat "$OUT")" '"role":"user"' "and so does one taken"

# Lifetimes.
token=$(v2m-user token --lifetime 30d bob@example.org)
check "$token" > claims
is $(($(sed 's/.*"exp":\([0-9]*\).*/\1/' claims) -
    $(sed 's/.*"iat":\([0-9]*\).*/\1/' claims))) 2592000 "--lifetime 30d"
token=$(v2m-user token --lifetime 1s bob@example.org)
has_expired() {
	! check "$token"
}
eventually "a token for a second expires" has_expired
status 77 "an expired token is refused" check "$token"
like "$(cat "$ERR")" \
    'the token expired at 20[0-9T:-]+Z: log in again$' "has expired"

# Secrets: rotation, and bad files.
secret=$V2M_STATE/jwt_secret
is "$(stat -c %a "$secret")" 600 "the secret is the owner's"
cp "$secret" old
{ echo "a new secret of more than 32 bytes"; cat old; } > "$secret"
status 0 "an old token after a rotation" check "$bobs"
token=$(login bob@example.org)
cp old "$secret"
status 77 "a token of the new secret without it" check "$token"
like "$(cat "$ERR")" "wrong signature" "in words"
head -c 20 old > "$secret"
status 0 "a short secret works" login bob@example.org
like "$(cat "$ERR")" "only 20 bytes, 32 or more are safe" "with a warning"
: > "$secret"
status 78 "an empty secret file" check "$bobs"
status 78 "no login either" login bob@example.org
printf '\n' > "$secret"
status 78 "an empty secret" check "$bobs"
printf 'abc\000def\n' > "$secret"
status 78 "a NUL in a secret" check "$bobs"
cp old "$secret"
chmod 644 "$secret"
status 78 "a secret that others can read" check "$bobs"
like "$(cat "$ERR")" "chmod (600|o=,g-w)" "with the command that mends it"
rm "$secret"
status 78 "no secret" check "$bobs"
like "$(cat "$ERR")" "v2m-init" "says what to do"
cp old "$secret"
status 0 "all is well again" check "$bobs"

# Hostile tokens, end to end; tests/unit/token.c has the rest.
header=$(printf '{"alg":"none"}' | base64 | tr '+/' '-_' | tr -d '=\n')
claims=$(printf '{"username":"bob@example.org","exp":253402300799}' |
    base64 | tr '+/' '-_' | tr -d '=\n')
status 77 "algorithm none" check "$header.$claims."
like "$(cat "$ERR")" "not signed" "in words"
status 77 "a line break behind" check "$bobs
"
status 77 "no token at all" check "token"
for token in "$bobs" "$header.$claims."; do
	check "x$token" > "$OUT" 2> "$ERR"
	unlike "$(cat "$OUT" "$ERR")" "$claims" "no word repeats a token"
done

# Tokens of another login service with our secret: times with fractions
# (RFC 7519 calls them NumericDate), and without the time of issue.
foreign() {
	python3 - "$V2M_STATE/jwt_secret" "$1" << 'end'
import base64, hashlib, hmac, sys
def b64(b): return base64.urlsafe_b64encode(b).rstrip(b"=")
secret = open(sys.argv[1], "rb").readline().rstrip(b"\n")
text = b64(b'{"alg":"HS256","typ":"JWT"}') + b"." + b64(sys.argv[2].encode())
print((text + b"." + b64(hmac.digest(secret, text, "sha256"))).decode())
end
}
now=$(date +%s)
token=$(foreign "{\"username\":\"bob@example.org\",\"iat\":$now.75,
    \"exp\":$((now + 600)).25,\"admin\":true}")
status 0 "fractions of a second" check "$token"
like "$(cat "$OUT")" "\"iat\":$now,\"exp\":$((now + 600))," "in whole seconds"
token=$(foreign "{\"username\":\"bob@example.org\",\"exp\":$((now + 600))}")
status 77 "no time of issue" check "$token"
like "$(cat "$ERR")" "has no iat" "is told as such"
unlike "$(cat "$ERR")" "new password" "and blames no new password"

# A configuration that names another database knows nobody.
status 78 "an unknown driver" env V2M_USERS=nosuch://host/ v2m-user list
like "$(cat "$ERR")" "unknown scheme 'nosuch'" "in words"

# Start-up: what signs tokens is not loaded to say --help.
if LD_DEBUG=libs v2m-login --check 2>&1 | grep -q libjwt; then
	LD_DEBUG=libs v2m-login --help > "$OUT" 2> "$ERR"
	unlike "$(cat "$ERR")" 'libjwt|libcrypto' "--help loads no libjwt"
	LD_DEBUG=libs v2m-user list > "$OUT" 2> "$ERR"
	unlike "$(cat "$ERR")" 'libjwt|libcrypto' "nor does v2m-user list"
else
	skip "--help loads no libjwt" "the loader does not say"
fi

done_testing
