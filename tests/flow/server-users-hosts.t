#!/bin/sh
# Several hosts in `users`: a node that is away, that says nothing, or that
# dies under a gateway costs a reconnect and nothing else.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/relay.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/server-mariadb.sh"

[ -e "$V2M_BIN/../lib/v2m/users-mysql.so" ] ||
    unavailable "v2m was built without users-mysql"
gateway_needed
mariadb_start
V2M_USERS_PASSWORD_FILE=$MARIADB_PASSWORD
V2M_USERS=$(mariadb_url auth)
export V2M_USERS_PASSWORD_FILE V2M_USERS
setup
live=127.0.0.1:$MARIADB_PORT
dead=127.0.0.1:$(mariadb_port)
dead2=127.0.0.1:$(mariadb_port)

# lists N HOSTS: how many of N commands, each a process, see the users
lists() {
	lists_left=$1 lists_done=0
	while [ "$lists_left" -gt 0 ]; do
		lists_left=$((lists_left - 1))
		V2M_USERS=mysql://v2m@$2/auth v2m-user list 2>> log |
		    grep -q ann@ && lists_done=$((lists_done + 1))
	done
	echo $lists_done
}

# --- a node that is away ---

is "$(lists 8 "$dead,$live")" 8 "a dead host in front is passed over"
is "$(lists 4 "$dead,$dead2,$live")" 4 "two of them"
is "$(lists 4 "$live,$dead")" 4 "one behind"
status 75 "all are dead" env V2M_USERS="mysql://v2m@$dead,$dead2/auth" \
    v2m-user list
like "$(cat "$ERR")" "on $dead: .*is the server running" "one is named"
like "$(cat "$ERR")" "on $dead2: .*is the server running" "and the other"
for try in 1 2 3 4; do
	V2M_USERS=mysql://v2m:wrong@$dead,$live/auth v2m-user list 2>&1
done > refused
is "$(grep -c "on $live: Access denied" refused)" 4 \
    "a refusal is said beside a dead host"
is "$(grep -c "on $dead: " refused)" 4 "and the dead host"
for try in 1 2 3 4; do
	mariadb_sql -e "DROP DATABASE IF EXISTS made"
	V2M_USERS=mysql://v2m@$dead,$live/made v2m-init --quiet 2>&1
done > made
is "$(cat made)" "" "v2m-init makes a database whichever is asked first"
for url in "mysql://v2m@$live,,$dead/auth" "mysql://v2m@$live,/auth" \
    "mysql://v2m@localhost,127.0.0.1/auth?socket=$MARIADB_SOCKET"; do
	status 78 "$url" env V2M_USERS="$url" v2m-user list
done
like "$(V2M_USERS=mysql://v2m@$live,db.example.org/auth \
    v2m-user list 2>&1)" "db.example.org|SSL|TLS|encryption" \
    "one host elsewhere, and all are spoken to by TLS"

relay mute "$MARIADB_PORT"
mute=$tap_pid
kill -STOP "$mute"
now=$(date +%s)
is "$(lists 4 "127.0.0.1:$(head -n 1 mute),$live")" 4 \
    "a host that takes connections and says nothing"
took=$(($(date +%s) - now))
ok "takes its share of the time ($took s for four)" test $took -le 60

# --- a node that dies ---

relay one "$MARIADB_PORT"
one=$tap_pid
relay two "$MARIADB_PORT"
two=$tap_pid
both=127.0.0.1:$(head -n 1 one),127.0.0.1:$(head -n 1 two)
V2M_USERS=mysql://v2m@$both/auth
gateway_start
V2M_USERS=sqlite:none.db

# A login by the gateway, which asks the server each time.
login() {
	env -u V2M_USERS V2M_URL="$URL" v2m-login --print --password-file pw \
	    ann@example.org
}

status 0 "a login by a gateway" login
if [ "$(down one "$one")" -gt 0 ]; then
	used=$one other=two other_pid=$two
else
	used=$two other=one other_pid=$one
fi
kill -9 "$used"
wait "$used" 2> /dev/null
for try in 1 2 3; do
	status 0 "login $try after its node died" login
done
ok "by the other node" test "$(down $other "$other_pid")" -gt 0
kill -USR1 "$other_pid"
status 0 "a connection that is cut is made again" login
kill -0 "$GATEWAY"
is $? 0 "it is the same gateway"
ends_well

mariadb_stop
done_testing
