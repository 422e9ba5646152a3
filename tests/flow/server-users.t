#!/bin/sh
# Accounts on MariaDB: the suite of drivers, the table of an existing
# deployment, encryption, and a server that stops, freezes or is cut off.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/server-mariadb.sh"

[ -e "$V2M_BIN/../lib/v2m/users-mysql.so" ] ||
    unavailable "v2m was built without users-mysql"
mariadb_start
mariadb_sql < "$tap_root/tests/lib/legacy.sql" || exit 99
mariadb_sql -e "CREATE USER theirs@localhost IDENTIFIED BY 'auth123';
    GRANT ALL ON *.* TO theirs@localhost;
    CREATE USER reader@localhost IDENTIFIED BY 'sesam';
    CREATE USER nobody@localhost IDENTIFIED BY 'sesam'"
V2M_USERS_PASSWORD_FILE=$MARIADB_PASSWORD
V2M_USERS_TIMEOUT=30s
export V2M_USERS_PASSWORD_FILE V2M_USERS_TIMEOUT
umask 077
echo 'correct horse' > pw

# use DATABASE: the one that commands work on from here
use() {
	V2M_USERS=$(mariadb_url "$1")
	export V2M_USERS
}

# login ADDRESS PASSWORD [VARIABLE=VALUE ...]
login() {
	printf '%s\n' "$2" > typed
	login_who=$1
	shift 2
	env "$@" v2m-login --print --password-file typed "$login_who"
}

theirs() {
	"$mariadb_python" "$tap_root/tests/lib/their-users.py" \
	    "$MARIADB_PORT" "$@"
}

# within SECONDS WHAT: since the last call of `since`
since() {
	since_s=$(date +%s)
}

within() {
	since_took=$(($(date +%s) - since_s))
	ok "$2 ($since_took s)" test $since_took -le "$1"
}

# --- the suite ---

suite=$V2M_BIN/../tests/users
if [ -x "$suite" ]; then
	V2M_TEST_USERS=mysql://v2m:sesam@127.0.0.1:$MARIADB_PORT/suite \
	    "$suite" > suite 2>&1
	is "$? $(grep -v '^ok ' suite)" "0 1..$(grep -c '^ok ' suite)" \
	    "the suite of drivers passes"
else
	skip "the suite of drivers passes" "make units has not run"
	V2M_USERS=$(mariadb_url suite) v2m-init --quiet
fi

# --- a database of our own ---

use auth
status 78 "no database" v2m-user list
like "$(cat "$ERR")" "Unknown database 'auth' .*: run v2m-init" "in words"
status 0 "v2m-init makes it" v2m-init
mariadb_sql auth -e 'SHOW CREATE TABLE user' > ours
status 0 "v2m-init once more" v2m-init
is "$(mariadb_sql auth -e 'SHOW CREATE TABLE user')" "$(cat ours)" \
    "changes nothing"
mariadb_sql -e "DROP DATABASE auth"
status 0 "init.sql makes the tables" mariadb_sql -e "source $tap_root/scripts/init.sql"
is "$(mariadb_sql auth -e 'SHOW CREATE TABLE user')" "$(cat ours)" \
    "makes the same table"
is "$(mariadb_sql -e 'SHOW CREATE DATABASE auth' | sed 's/auth/suite/g')" \
    "$(mariadb_sql -e 'SHOW CREATE DATABASE suite')" "and the same database"
status 0 "and repeats" mariadb_sql -e "source $tap_root/scripts/init.sql"
v2m-init --quiet
is "$(mariadb_sql auth -e 'SHOW CREATE TABLE user')" "$(cat ours)" \
    "v2m-init has nothing to add"
mariadb_sql -e "DROP DATABASE auth"
for i in 1 2 3 4; do
	v2m-init > "init.$i" 2>&1 || echo "$i failed" >> "init.$i" &
	pids="$pids $!"
done
# shellcheck disable=SC2086 # several
wait $pids
is "$(cat init.?; mariadb_sql auth -e 'SHOW CREATE TABLE user')" \
    "$(for i in 1 2 3 4; do echo "v2m-init: $V2M_STATE is set up; nothing was\
 overwritten"; done; cat ours)" "four v2m-init at once"

status 0 "an administrator is added" v2m-user add --admin --password-file pw "Root@Example.org"
status 0 "log in" v2m-login --quiet --password-file pw root@EXAMPLE.org
status 0 "the token counts" v2m-login --check
status 0 "v2m-user revoke" v2m-user revoke root@example.org
status 77 "it does no more" v2m-login --check
status 73 "add again" v2m-user add --password-file pw root@example.org
status 0 "by the socket" env V2M_USERS="mysql://v2m@localhost/auth?socket=$MARIADB_SOCKET" \
    v2m-user list
is "$(cut -f 1,2 "$OUT")" "root@example.org	admin" "it is the same"

# --- configurations that are wrong ---

for url in mysql:auth mysql://127.0.0.1/auth mysql://v2m@/auth \
    'mysql://v2m@db/a/b' 'mysql://v2m@db/auth?ssl=1' \
    'mysql://v2m@db/auth?socket=/tmp/x' \
    'mysql://v2m@127.db.example.org/auth?socket=/tmp/x' \
    'mysql://v2m@localhost/?socket=x' \
    mysql://v2m@127.0.0.1:99999/; do
	status 78 "$url" env V2M_USERS="$url" v2m-user list
done
status 78 "a wrong password" env \
    V2M_USERS="mysql://v2m:topsecret@127.0.0.1:$MARIADB_PORT/auth" v2m-user list
like "$(cat "$ERR")" "Access denied.*users_password_file" "says what to check"
unlike "$(cat "$ERR")" "topsecret|sesam" "and does not repeat it"
status 0 "--print-config" env V2M_USERS="mysql://v2m:topsecret@db/auth" \
    v2m-init --print-config
unlike "$(cat "$OUT")" "topsecret|sesam" "does not either"
chmod 644 "$MARIADB_PASSWORD"
status 78 "a password file that others can read" v2m-user list
like "$(cat "$ERR")" "users_password_file: .*chmod (600|o=,g-w)" "says what to do"
chmod 600 "$MARIADB_PASSWORD"
status 78 "no right to the database" env \
    V2M_USERS="mysql://nobody@127.0.0.1:$MARIADB_PORT/auth" v2m-user list
like "$(cat "$ERR")" "rights that init.sql lists" "says where to look"
status 78 "a timeout of never" env V2M_USERS_TIMEOUT=never v2m-user list
since
status 75 "no server there" env V2M_USERS=mysql://v2m@127.0.0.1:1/auth \
    v2m-user list
status 75 "no socket there" env \
    V2M_USERS="mysql://v2m@localhost/auth?socket=$TMP/none" v2m-user list
status 75 "no such host" env V2M_USERS=mysql://v2m@host.invalid/auth \
    v2m-user list
within 60 "none waits for users_timeout"

# --- the table of an existing deployment ---

checksum() {
	mariadb_sql legacy -e \
	    "SELECT id, HEX(email), HEX(password) FROM user ORDER BY id"
}

use legacy
yes=V2M_LEGACY_PASSWORDS=yes
checksum > before
status 78 "before v2m-init" v2m-user list
like "$(cat "$ERR")" "run v2m-init" "it says what to do"
# They write all the time.
theirs legacy crowd 300 > crowd &
writer=$!
status 0 "v2m-init upgrades the table" v2m-init
like "$(cat "$ERR")" "1 addresses have several rows" "it mentions doubles"
wait $writer
is "$(cat crowd)" 300 "their writer noticed nothing"
is "$(mariadb_sql legacy -e "SELECT COUNT(*) FROM user
    WHERE email LIKE 'crowd%'")" 300 "and all of its rows are there"
mariadb_sql legacy -e "DELETE FROM user WHERE email LIKE 'crowd%'"
is "$(checksum)" "$(cat before)" "their rows are as they were"
mariadb_sql legacy -e 'SHOW CREATE TABLE user' > upgraded
status 0 "v2m-init once more" v2m-init
is "$(mariadb_sql legacy -e 'SHOW CREATE TABLE user')" "$(cat upgraded)" \
    "changes nothing"

is "$(theirs legacy login georgio@email.com Admin123)" ok "their login works"
status 77 "ours does not take plain text" login georgio@email.com Admin123
status 0 "unless told to" login georgio@email.com Admin123 $yes
status 0 "in any spelling of theirs" login ann@example.org 'correct horse' $yes
status 0 "or ours" login ' ANN@example.org' 'correct horse' $yes
status 0 "with a blank in front" login bob@example.org 'battery staple' $yes
status 0 "with an accent" login andré@example.org 'Gruß und Kuss' $yes
status 77 "which counts" login andre@example.org 'Gruß und Kuss' $yes
status 0 "a hash" login carol@example.org 'Hello world!' $yes
status 0 "of two rows the plainest" login dora@example.org first $yes
status 77 "and no other" login dora@example.org second $yes
is "$(v2m-user list | cut -f 1 | tr '\n' ' ')" "andré@example.org \
ann@example.org bob@example.org carol@example.org dora@example.org georgio georgio@email.com " "list has each once"
status 0 "their INSERT goes on" theirs legacy insert ' New@Example.org' 'p w'
status 0 "and is seen" login new@example.org 'p w' $yes
status 0 "one that names no columns too" mariadb_sql legacy -e \
    "INSERT INTO user VALUES (DEFAULT, 'star@example.org', 'p w')"
is "$(mariadb_sql legacy -e "SELECT * FROM user WHERE id = 1")" \
    "1	georgio@email.com	Admin123" "and SELECT * has the three they know"
is "$(v2m-user list | grep new@)" "new@example.org	user	-" \
    "as a user of unknown age"
status 73 "an address that is there in another spelling" \
    v2m-user add --password-file pw new@example.org
status 73 "one that their collation holds equal" \
    v2m-user add --password-file pw andre@example.org
like "$(cat "$ERR")" "differs only in accents" "in words"
status 64 "one that their character set does not have" \
    v2m-user add --password-file pw юля@example.org
status 0 "remove takes all spellings" v2m-user remove dora@example.org
status 77 "a removed user cannot log in" login dora@example.org second $yes

plain="V2M_PASSWORD_FORMAT=plain V2M_LEGACY_PASSWORDS=yes"
# shellcheck disable=SC2086 # two words
status 0 "add in their format" env $plain \
    v2m-user add --password-file pw eve@example.org
is "$(theirs legacy login eve@example.org 'correct horse')" ok \
    "their login reads it"
# shellcheck disable=SC2086
status 0 "passwd in their format" env $plain V2M_PASSWORD_MIN=6 \
    v2m-user passwd --password-file typed ann@example.org
is "$(theirs legacy login Ann@Example.ORG second)" ok "their login reads it"
status 0 "upgrade at a login" login eve@example.org 'correct horse' \
    V2M_LEGACY_PASSWORDS=upgrade
is "$(theirs legacy login eve@example.org 'correct horse')" \
    "invalid credentials" "ends theirs"
status 0 "not ours" login eve@example.org 'correct horse'
like "$(mariadb_sql legacy -e "SELECT password FROM user
    WHERE email = 'eve@example.org'")" '^\$y\$' "it is a hash"
status 0 "hash-all" v2m-user hash-all
is "$(cat "$ERR")" "v2m-user: 7 passwords in plain text are hashes now" \
    "says how many"
is "$(mariadb_sql legacy -e "SELECT email FROM user
    WHERE password NOT LIKE '\$%'")" "" "no plain text is left"
status 0 "the passwords are good" login andré@example.org 'Gruß und Kuss'
status 0 "hash-all once more" v2m-user hash-all
is "$(cat "$ERR")" "v2m-user: no password is in plain text" "finds none"
is "$(mariadb_sql legacy -e 'SELECT id, HEX(email) FROM user WHERE id < 7')" \
    "$(cut -f 1,2 before | sed -n 1,6p)" "addresses are still as they were"

# Rights: what only reads can log people in.
theirs legacy insert old@example.org 'p w'
mariadb_sql -e "GRANT SELECT ON legacy.user TO reader@localhost"
reader=V2M_USERS=mysql://reader@127.0.0.1:$MARIADB_PORT/legacy
status 0 "log in with the right to read" login eve@example.org \
    'correct horse' "$reader"
status 0 "upgrade without the right to write" login old@example.org 'p w' \
    "$reader" V2M_LEGACY_PASSWORDS=upgrade
like "$(cat "$ERR")" "'old@example.org' remains in plain text" "a row in plain text is warned of"
status 78 "passwd without it" env "$reader" \
    v2m-user passwd --password-file pw eve@example.org

# Tables in which we cannot live.
bad() {
	mariadb_sql -e "DROP DATABASE IF EXISTS bad; CREATE DATABASE bad;
	    USE bad; CREATE TABLE user ($1);"
	mariadb_sql bad -e 'SHOW CREATE TABLE user' > bad
	use bad
	status 78 "$2" v2m-init
	is "$(mariadb_sql bad -e 'SHOW CREATE TABLE user')" "$(cat bad)" \
	    "and the table is left alone"
}
shape="id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE"
bad "$shape" "a table without passwords"
like "$(cat "$ERR")" "without the column 'password'" "in words"
bad "$shape, password VARCHAR(50) NOT NULL" "one too narrow for a hash"
like "$(cat "$ERR")" "MODIFY password VARCHAR\(255\)" "with what mends it"
bad "$shape, password VARCHAR(255) NOT NULL, role INT" "another role"
like "$(cat "$ERR")" "column 'role' of another meaning" "in words"

# --- a server that goes away ---

use auth
v2m-user --quiet add --password-file pw ann@example.org
mkfifo names
# A command that is in the middle of its work.
V2M_USERS_TIMEOUT=5s v2m-user remove - < names > "$OUT" 2> middle &
command=$!
exec 8> names
for n in 1 2 3 4; do
	v2m-user --quiet add --password-file pw "n$n@example.org"
done
gone() {
	[ "$(mariadb_sql auth -e "SELECT COUNT(*) FROM user
	    WHERE email = '$1'")" = 0 ]
}
# wait_gone ADDRESS
wait_gone() {
	left=600
	until gone "$1" || [ $left -eq 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	gone "$1"
}
echo n1@example.org >&8
ok "a user is removed before the cut" wait_gone n1@example.org
mariadb_sql -e "SELECT CONCAT('KILL ', id, ';') FROM
    information_schema.processlist WHERE user = 'v2m'" | mariadb_sql
echo n2@example.org >&8
ok "a cut connection is made again" wait_gone n2@example.org
mariadb_kill
since
status 75 "the server is down" v2m-login --print --password-file pw \
    ann@example.org
like "$(cat "$ERR")" "127.0.0.1:$MARIADB_PORT: .*is the server running" \
    "in words"
status 75 "for v2m-user" v2m-user list
status 75 "for v2m-init" v2m-init
within 60 "at once"
mariadb_start
echo n3@example.org >&8
ok "a server that was restarted is found again" wait_gone n3@example.org
mariadb_freeze
since
status 75 "a frozen server: log in" env V2M_USERS_TIMEOUT=2s \
    v2m-login --print --password-file pw ann@example.org
within 25 "within the time"
since
echo n4@example.org >&8
exec 8>&-
wait $command
is "$?" 75 "a command in the middle of its work"
within 25 "within the time"
mariadb_thaw
is "$(cat middle)" "v2m-user: removed n1@example.org
v2m-user: removed n2@example.org
v2m-user: removed n3@example.org
$(tail -n 1 middle)" "and it has said what it did"
like "$(tail -n 1 middle)" "^v2m-user: n4@example.org: users on .*try again" \
    "and what not"
status 0 "all is well when it wakes up" v2m-login --quiet \
    --password-file pw ann@example.org

# Cut wherever it speaks, before it was seen or after its answer was lost: what
# is reported is what is the case, and nothing is done twice.
background "$mariadb_python" "$tap_root/tests/lib/mysql-cut.py" \
    "$MARIADB_PORT" "$TMP/broken" > port
until [ -s port ]; do
	sleep 0.05
done
use_way() {
	V2M_USERS=mysql://v2m@127.0.0.1:$(cat port)/auth
}

row() {
	mariadb_sql auth -e "SELECT CONCAT(COUNT(*), ' ', COALESCE(MAX(role), ''))
	    FROM user WHERE email = 'cut@example.org'"
}

# step N HOW ROW-WHERE-DONE ROW-WHERE-NOT COMMAND...
step() {
	step_n=$1 step_how=$2 step_done=$3 step_not=$4
	shift 4
	echo "$step_n $step_how" > broken
	use_way
	"$@" > "$OUT" 2> "$ERR"
	step_got="$? $(row)"
	use auth
	[ "$step_got" = "0 $step_done" ] || [ "$step_got" = "75 $step_not" ] || {
		echo "$*, cut $step_how $step_n: $step_got"
		cat "$ERR"
	}
}

for how in before after; do
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
		step $n $how "1 user" "0 " v2m-user --quiet add \
		    --password-file pw cut@example.org
		v2m-user --quiet add --password-file pw cut@example.org \
		    2> "$ERR"
		step $n $how "1 admin" "1 user" \
		    v2m-user --quiet admin cut@example.org
		# Which waits for the next second each time it succeeds.
		[ $((n % 3)) -ne 0 ] ||
		    step $n $how "0 " "1 $(row | cut -d ' ' -f 2)" \
		    v2m-user --quiet remove cut@example.org
		mariadb_sql auth -e \
		    "DELETE FROM user WHERE email = 'cut@example.org'"
	done
done > found
is "$(cat found)" "" "cut anywhere in add, admin and remove"

# --- encryption ---

mariadb_certificate server DNS:localhost
mariadb_certificate client DNS:client
mkdir other && cp "$MARIADB/ca.crt" other/real.crt
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=another' \
    -keyout other/ca.key -out other/ca.crt 2> "$ERR"
for tls in on verify; do
	status 78 "a server without encryption: $tls" \
	    env V2M_USERS_TLS=$tls v2m-user list
done
status 78 "and a CA" env V2M_USERS_CA_FILE="$MARIADB/ca.crt" v2m-user list
mariadb_stop
mariadb_start --ssl-ca="$MARIADB/ca.crt" --ssl-cert="$MARIADB/server.crt" \
    --ssl-key="$MARIADB/server.key"
mariadb_sql -e "CREATE USER tls@localhost IDENTIFIED BY 'sesam' REQUIRE SSL;
    CREATE USER x509@localhost IDENTIFIED BY 'sesam' REQUIRE X509;
    GRANT ALL ON *.* TO tls@localhost; GRANT ALL ON *.* TO x509@localhost"
use_tls() {
	V2M_USERS=mysql://$1@$2:$MARIADB_PORT/auth
}
ca=V2M_USERS_CA_FILE=$MARIADB/ca.crt
use_tls tls localhost
status 0 "a server with it, by its name" env "$ca" v2m-user list
status 0 "with whatever certificate" env V2M_USERS_TLS=on v2m-user list
status 78 "without encryption that account is not let in" v2m-user list
status 78 "verified by another authority" \
    env V2M_USERS_CA_FILE="$TMP/other/ca.crt" v2m-user list
like "$(cat "$ERR")" "users_tls and users_ca_file" "says what to check"
# From 11.4 on the library knows a server by the password that both have, too.
needs_authority() {
	mariadb --version | grep -Eq 'Distrib 10\.|from 1(0\.|1\.[0-3]\.)'
}
! needs_authority || status 78 "verified by those that the system trusts" \
    env V2M_USERS_TLS=verify v2m-user list
status 78 "verified by a file that is not there" \
    env V2M_USERS_CA_FILE="$TMP/other/none" v2m-user list
use_tls tls 127.0.0.1
! needs_authority || status 78 "under another name" env "$ca" v2m-user list
use_tls x509 localhost
status 78 "without a certificate of ours" env "$ca" v2m-user list
status 0 "with one" env "$ca" V2M_USERS_CERT_FILE="$MARIADB/client.crt" \
    V2M_USERS_KEY_FILE="$MARIADB/client.key" v2m-user list
use_tls tls localhost
status 0 "log in" env "$ca" v2m-login --quiet --password-file pw \
    ann@example.org
mariadb_freeze
since
status 75 "a frozen server" env V2M_USERS_TIMEOUT=2s "$ca" v2m-user list
within 25 "within the time"
mariadb_thaw
use auth
use_way
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	echo "$n after" > broken
	env V2M_USERS_TLS=on v2m-user list > "$OUT" 2> "$ERR"
	got=$?
	case $got in
	0 | 75 | 78) ;;
	*) echo "$n: $got"; cat "$ERR" ;;
	esac
done > found
is "$(cat found)" "" "cut under encryption it says so too, and dies of nothing"
use auth

# --- start-up ---

if LD_DEBUG=libs v2m-user list 2>&1 | grep -q libmariadb; then
	unset V2M_USERS
	v2m-init --quiet
	LD_DEBUG=libs v2m-user list > "$OUT" 2> "$ERR"
	unlike "$(cat "$ERR")" libmariadb "accounts in SQLite load no MariaDB"
else
	skip "accounts in SQLite load no MariaDB" "the loader does not say"
fi

done_testing
