#!/bin/sh
# Three nodes of Galera, one killed after the other under logins and uploads: who
# is connected to it connects to another, and nobody notices.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/server-mariadb.sh"
. "$tap_root/tests/lib/server-galera.sh"

[ -e "$V2M_BIN/../lib/v2m/users-mysql.so" ] ||
    unavailable "v2m was built without users-mysql"
gateway_needed
galera_start 3
is "$(galera_sql 1 -e "SHOW STATUS LIKE 'wsrep_cluster_size'" | cut -f 2)" 3 \
    "three nodes"
V2M_USERS_PASSWORD_FILE=$MARIADB_PASSWORD
V2M_USERS=$GALERA
export V2M_USERS_PASSWORD_FILE V2M_USERS
setup
V2M_LEASE=20s
clip talk.mp4

gateway_start
TOKEN=$(v2m-user token ann@example.org)

# again NAME CMD...: again and again, status and ms of each in the file NAME
again() {
	again_name=$1
	shift
	while [ ! -e over ]; do
		again_from=$(date +%s%N)
		"$@" > "out.$again_name" 2>> "log.$again_name"
		echo "$? $((($(date +%s%N) - again_from) / 1000000))" \
		    >> "times.$again_name"
		cat "out.$again_name" >> "all.$again_name"
		sleep 0.05
	done
}
loads=
load() {
	: > "times.$1"
	background again "$@"
	loads="$loads $tap_pid"
}
load login v2m-login --print --password-file pw ann@example.org
load by-url env -u V2M_USERS V2M_URL="$URL" v2m-login --print \
    --password-file pw ann@example.org
load upload env V2M_TOKEN="$TOKEN" v2m-upload talk.mp4
load up-url env -u V2M_USERS V2M_URL="$URL" V2M_TOKEN="$TOKEN" \
    v2m-upload talk.mp4
background v2m-convert-worker 2>> log
background v2m-notify 2>> log

# All four of them went on since the last look.
lines() {
	wc -l < "times.$1"
}
look() {
	for look_name in login by-url upload up-url; do
		eval "seen_$(echo $look_name | tr -- - _)=$(lines $look_name)"
	done
}
# shellcheck disable=SC2154 # set by look
all_went_on() {
	[ "$(lines login)" -gt $((seen_login + 2)) ] &&
	    [ "$(lines by-url)" -gt $((seen_by_url + 2)) ] &&
	    [ "$(lines upload)" -gt $((seen_upload + 2)) ] &&
	    [ "$(lines up-url)" -gt $((seen_up_url + 2)) ]
}
for node in 1 2 3; do
	galera_kill $node
	look
	ok "node $node is killed: all go on" soon all_went_on
	galera_back $node
	look
	ok "it is back, and all go on" soon all_went_on
	is "$(galera_sql $node -e "SELECT count(*) FROM v2m.user" 2>&1)" \
	    "$(galera_sql $((node % 3 + 1)) -e "SELECT count(*)
	    FROM v2m.user" 2>&1)" "with what the others have"
done
: > over
# shellcheck disable=SC2086 # numbers
wait $loads
for name in login by-url upload up-url; do
	is "$(grep -cv '^0 ' "times.$name")" 0 "$name: none failed" ||
	    tap_show "$name" < "log.$name"
	cut -d ' ' -f 2 "times.$name" | sort -n | awk -v name=$name '
	    { t[NR] = $1 } END { printf "# %s: %d, ms: median %d, longest %d\n",
	    name, NR, t[int((NR + 1) / 2)], t[NR] }'
done
cat all.upload all.up-url > ids
is_over() {
	[ "$(sql store "SELECT count(*) FROM record WHERE told = 'sent'")" = \
	    "$(wc -l < ids)" ]
}
ok "all are done and told" soon is_over
is "$(cut -d ' ' -f 1 notices | sort)" "$(sort ids)" "one notice each"
ends_well

done_testing
