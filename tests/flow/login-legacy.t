#!/bin/sh
# Passwords in plain text that another program left: accepted where that is
# asked for, replaced by hashes, never compared where they look like one.
. "$(dirname "$0")/../lib/tap.sh"

umask 077
v2m-init > "$OUT" 2>&1 || exit 99

# sql STATEMENT: what the other program does to the table
sql() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
for row in db.execute(sys.argv[2]):
    print("|".join(str(c) for c in row))' "$V2M_STATE/v2m.db" "$1"
}

# login ADDRESS PASSWORD [VARIABLE=VALUE ...]
login() {
	printf '%s\n' "$2" > pw
	login_who=$1
	shift 2
	env "$@" v2m-login --print --password-file pw "$login_who"
}

kept() {
	sql "SELECT password FROM user WHERE email = '$1'"
}

# shellcheck disable=SC2016 # no variables: prefixes of hashes
hash='$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJues'
hash=${hash}I68u4OTLiBFdcbYEdFCoEOfaS35inz1
sql "INSERT INTO user (email, password) VALUES
    ('old@example.org', 'Admin123'), ('up@example.org', 'Gruß und Kuss'),
    ('looks@example.org', '\$1\$abc\$def'), ('none@example.org', ''),
    ('sha@example.org', '$hash'), ('star@example.org', '*')"

status 77 "plain text is refused" login old@example.org Admin123
is "$(cat "$ERR")" "v2m-login: invalid credentials" "in the usual words"
yes=V2M_LEGACY_PASSWORDS=yes
status 0 "with legacy_passwords = yes it is accepted" \
    login old@example.org Admin123 $yes
token=$(cat "$OUT")
status 0 "and the token counts" env V2M_TOKEN="$token" v2m-login --check
is "$(kept old@example.org)" Admin123 "it stays as it is"
for wrong in admin123 Admin12 Admin1234 Admin123Admin123 'Admin123 '; do
	status 77 "but not '$wrong'" login old@example.org "$wrong" $yes
done
status 77 "what begins like a hash is none" \
    login looks@example.org "\$1\$abc\$def" $yes
status 77 "nor is a hash" login sha@example.org "$hash" $yes
status 0 "whose password is good" login sha@example.org "Hello world!" $yes
status 77 "nor is a star" login star@example.org '*' $yes
status 77 "an unknown address" login zed@example.org Admin123 $yes

up=V2M_LEGACY_PASSWORDS=upgrade
status 77 "upgrade: a wrong password" login up@example.org Kuss $up
is "$(kept up@example.org)" "Gruß und Kuss" "changes nothing"
status 0 "upgrade: the right one" login up@example.org "Gruß und Kuss" $up
token=$(cat "$OUT")
is "$(cat "$ERR")" "" "without a word"
like "$(kept up@example.org)" '^\$y\$' "becomes a hash"
status 0 "the token counts" env V2M_TOKEN="$token" v2m-login --check
status 0 "the hash is good" login up@example.org "Gruß und Kuss" $up
status 0 "without legacy_passwords too" login up@example.org "Gruß und Kuss"

# Many logins at once that all replace the same plain text.
sql "INSERT INTO user (email, password) VALUES ('race@example.org', 'p w')"
echo 'p w' > pw-race
for i in 1 2 3 4 5 6 7 8; do
	env $up v2m-login --print --password-file pw-race race@example.org \
	    > "race.$i" 2> "race.err.$i" &
done
wait
is "$(cat race.? | grep -c .)" 8 "eight at once all get a token"
is "$(cat race.err.?)" "" "without a word"

# For a login that still reads plain text.
plain="V2M_PASSWORD_FORMAT=plain V2M_LEGACY_PASSWORDS=yes"
echo 'new secret' > pw
# shellcheck disable=SC2086 # two words
status 0 "password_format = plain" env $plain \
    v2m-user add --password-file pw plain@example.org
is "$(cat "$ERR")" "v2m-user: the password of plain@example.org is kept in \
plain text, for whoever reads the table (password_format = plain)
v2m-user: added plain@example.org" "warns"
is "$(kept plain@example.org)" "new secret" "and does it"
# shellcheck disable=SC2086
status 0 "log in with it" login plain@example.org 'new secret' $plain
echo 'newer secret' > pw
# shellcheck disable=SC2086
status 0 "v2m-user passwd on a plain row" env $plain \
    v2m-user passwd --password-file pw plain@example.org
like "$(cat "$ERR")" "is kept in plain text" "warns too"
is "$(kept plain@example.org)" "newer secret" "and does it"
# shellcheck disable=SC2016
printf '%s\n' '$6$abc$def' > pw
# shellcheck disable=SC2086
status 64 "what would fit nothing is refused" env $plain \
    v2m-user passwd --password-file pw plain@example.org
like "$(cat "$ERR")" "begins like a hash" "in words"
head -c 300 /dev/zero | tr '\0' x > pw
# shellcheck disable=SC2086
status 64 "so is what does not fit" env $plain \
    v2m-user passwd --password-file pw plain@example.org
is "$(kept plain@example.org)" "newer secret" "and nothing is changed"

# Contradictions.
for mode in no upgrade; do
	status 78 "password_format = plain with $mode" login old@example.org \
	    Admin123 V2M_PASSWORD_FORMAT=plain V2M_LEGACY_PASSWORDS=$mode
	status 78 "and no new password" env V2M_PASSWORD_FORMAT=plain \
	    V2M_LEGACY_PASSWORDS=$mode v2m-user add --password-file pw a@b
done
status 78 "another word" login old@example.org Admin123 \
    V2M_LEGACY_PASSWORDS=maybe
# shellcheck disable=SC2086
status 78 "hash-all with password_format = plain" env $plain v2m-user hash-all
like "$(cat "$ERR")" "another program reads these passwords" "in words"

# hash-all
sql "INSERT INTO user (email, password) VALUES (' Odd ', 'secret')"
before=$(kept sha@example.org)
status 0 "hash-all" v2m-user hash-all
is "$(cat "$ERR")" "v2m-user: 3 passwords in plain text are hashes now" \
    "says how many"
is "$(cat "$OUT")" "" "and nothing on stdout"
is "$(sql "SELECT email FROM user WHERE password NOT LIKE '\$%' ORDER BY 1")" \
    "none@example.org
star@example.org" "what is no password stays"
is "$(kept sha@example.org)" "$before" "a hash stays as it is"
status 0 "and the passwords are good" login old@example.org Admin123
status 0 "hash-all once more" v2m-user hash-all
is "$(cat "$ERR")" "v2m-user: no password is in plain text" "does nothing"
status 64 "hash-all with an address" v2m-user hash-all old@example.org
status 64 "hash-all with an option" v2m-user hash-all --admin

done_testing
