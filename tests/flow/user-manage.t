#!/bin/sh
# v2m-user: what the administrator does with accounts.
. "$(dirname "$0")/../lib/tap.sh"

status 78 "without a state it says so" v2m-user list
like "$(cat "$ERR")" "run v2m-init" "and what to do"

v2m-init > "$OUT" 2>&1 || exit 99
umask 077
echo 'correct horse' > pw
echo 'battery staple' > pw2

# add, list
status 0 "list of nobody" v2m-user list
is "$(cat "$OUT" "$ERR")" "" "is empty"
status 0 "v2m-user add" v2m-user add --password-file pw ann@example.org
is "$(cat "$OUT")" "" "add writes nothing to stdout"
is "$(cat "$ERR")" "v2m-user: added ann@example.org" "and a word to stderr"
status 0 "add, silent" v2m-user --quiet add --password-file - \
    " Bob@Example.ORG " < pw
is "$(cat "$ERR")" "" "--quiet"
status 0 "add an administrator" \
    v2m-user add --admin --password-file pw root@example.org
status 0 "v2m-user list" v2m-user list
is "$(cut -f 1,2 "$OUT")" "$(printf '%s\t%s\n' ann@example.org user \
    bob@example.org user root@example.org admin)" "by address, with roles"
like "$(sed -n 1p "$OUT" | cut -f 3)" \
    '^20[0-9-]{8}T[0-9:]{8}Z$' "and the time each was made"
status 0 "list --json" v2m-user list --json
like "$(sed -n 3p "$OUT")" \
    '^\{"email":"root@example.org","role":"admin","created":"20[^"]*Z"\}$' \
    "one object per line"
unlike "$(cat "$OUT")" 'y\$' "no hash in it"

# refusals
status 73 "add what is there" v2m-user add --password-file pw ANN@example.org
is "$(cat "$ERR")" "v2m-user: ANN@example.org: this user exists already" \
    "in words"
for bad in nobody @example.org ann@ a@b@c 'a b@c' 'a@b,c@d' "$(printf 'a@b\nc')"
do
	status 64 "no address: $(echo "$bad" | tr '\n' ' ')" \
	    v2m-user add --password-file pw "$bad"
done
status 78 "an empty stdin" v2m-user add --password-file - zed@example.org
: > empty
status 78 "an empty password file" \
    v2m-user add --password-file empty zed@example.org
status 66 "no password file" \
    v2m-user add --password-file nowhere zed@example.org
chmod 644 pw2
status 78 "a password file that others can read" \
    v2m-user add --password-file pw2 zed@example.org
like "$(cat "$ERR")" "chmod (600|o=,g-w) 'pw2'" "with the command that mends it"
chmod 600 pw2
status 64 "no terminal to ask on" setsid v2m-user add zed@example.org
like "$(cat "$ERR")" "--password-file" "names the way without one"
is "$(v2m-user list | grep -c zed)" 0 "none of these made a user"

# usage
status 64 "no subcommand" v2m-user
status 64 "unknown subcommand" v2m-user frobnicate
status 64 "add without address" v2m-user add
status 64 "add with two" v2m-user add --password-file pw a@b c@d
status 64 "remove without address" v2m-user remove
status 64 "list with an operand" v2m-user list ann@example.org
status 64 "--admin with list" v2m-user list --admin
like "$(cat "$ERR")" "--admin cannot be used with list" "in words"
status 64 "--off with add" v2m-user add --off --password-file pw a@b
status 64 "--lifetime with passwd" v2m-user passwd --lifetime 1d a@b
status 64 "--password-file with token" v2m-user token --password-file pw a@b
status 64 "a token for no time" v2m-user token --lifetime 0 ann@example.org
status 64 "a token for ever" v2m-user token --lifetime never ann@example.org
status 64 "a token for 10 ms" v2m-user token --lifetime 10ms ann@example.org

# admin, remove
status 0 "make two administrators" \
    v2m-user admin ann@example.org Bob@example.org
is "$(v2m-user list | cut -f 2 | sort -u)" admin "both are"
status 0 "and one no more" v2m-user admin --off ann@example.org
is "$(v2m-user list | sed -n 1p | cut -f 2)" user "he is not"
status 66 "remove: one is not there, one is" \
    v2m-user remove zed@example.org bob@example.org
is "$(cat "$ERR")" "v2m-user: zed@example.org: no such user
v2m-user: removed bob@example.org" "each is told"
is "$(v2m-user list | cut -f 1)" "ann@example.org
root@example.org" "one is gone"
status 1 "failures of two kinds" v2m-user remove nobody zed@example.org
printf 'root@example.org\tadmin\nann@example.org\n' > addresses
status 0 "remove what stdin lists" v2m-user remove - < addresses
is "$(v2m-user list)" "" "all are gone"
status 66 "passwd of nobody" v2m-user passwd --password-file pw a@example.org
status 66 "token of nobody" v2m-user token a@example.org
is "$(cat "$OUT")" "" "writes none"
status 66 "revoke of nobody" v2m-user revoke a@example.org
status 66 "admin of nobody" v2m-user admin a@example.org

# writes that fail
v2m-user --quiet add --password-file pw ann@example.org
if [ -w /dev/full ]; then
	v2m-user list > /dev/full 2> "$ERR"
	is $? 74 "a full disk under list"
	v2m-user token ann@example.org > /dev/full 2> "$ERR"
	is $? 74 "a full disk under token"
else
	skip "a full disk" "no /dev/full"
fi

# what is at rest
is "$(stat -c %a "$V2M_STATE/v2m.db")" 600 "the database is the owner's"
unlike "$(strings -a "$V2M_STATE"/v2m.db* 2> /dev/null ||
    cat "$V2M_STATE"/v2m.db* | tr -d '\000')" "correct horse" \
    "no password in it"

done_testing
