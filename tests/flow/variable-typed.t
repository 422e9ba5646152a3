#!/bin/sh
# Variables that begin with V2M_ and are none: those that look like a mistake
# end every command, daemons warn of the others, and what Kubernetes, hooks and
# tests have is let be.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

# mistaken VARIABLE RIGHT CMD...: VARIABLE is a mistake for RIGHT
mistaken() {
	mistaken_name=$1 mistaken_right=$2
	shift 2
	status 78 "$mistaken_name, to $1" env "$mistaken_name=x" "$@"
	is "$(cat "$ERR")" "$1: unknown variable '$mistaken_name': did you mean\
 $mistaken_right? (see v2m(7), Environment)" "names the right one"
}

# --- mistakes ---
mistaken V2M_STORE_URL V2M_STORE v2m-upload talk.mp4
is "$(sql store "SELECT count(*) FROM object")" 0 "nothing was stored"
mistaken V2M_NOTIFI V2M_NOTIFY v2m-notify --once
mistaken V2M_USRES V2M_USERS v2m-convert talk.mp4 talk.mp3
mistaken V2M_STAT V2M_STATE v2m-init
mistaken V2M_TOKENS V2M_TOKEN v2m-status
mistaken V2M_store V2M_STORE v2m-check
mistaken V2M_USERS_PASSWORD_FLE V2M_USERS_PASSWORD_FILE v2m-user list
mistaken V2M_QUEUE_MP3_NAME V2M_QUEUE_MP3 v2m-prune
mistaken V2M_LISTENS V2M_LISTEN v2m-gateway --listen nowhere

# --- without looking ---
for option in --help --version; do
	for command in "$V2M_BIN"/v2m-*; do
		ok "${command##*/} $option" env V2M_STORE_URL=x "$command" \
		    "$option"
	done
	ok "v2m $option" env V2M_STORE_URL=x v2m "$option"
done

# --- others ---
status 0 "another name" env V2M_SOMETHING=x v2m-status
is "$(cat "$ERR")" "" "is nothing to talk of"
status 0 "but where one looks" env V2M_SOMETHING=x v2m-init --print-config
is "$(cat "$ERR")" "v2m-init: unknown variable 'V2M_SOMETHING' is passed over\
 (see v2m(7), Environment)" "it is"
status 0 "for cron too" env V2M_SOMETHING=x v2m-convert-worker --once
unlike "$(cat "$ERR")" SOMETHING "it is not"

# starts CMD...: a daemon, with a variable nobody knows
starts() {
	log=$TMP/$1.log
	background env V2M_SOMETHING=x "$@" 2> "$log"
	eventually "$1 warns" grep -q "unknown variable 'V2M_SOMETHING'" "$log"
	eventually "and starts" grep -q event=started "$log"
	kill "$tap_pid"
	wait "$tap_pid"
}
starts v2m-convert-worker
starts v2m-notify
[ ! -e "$V2M_BIN/../lib/v2m/gateway.so" ] ||
    starts v2m-gateway --listen 127.0.0.1:0

# --- what others put there ---
others() {
	env V2M_PORT=tcp://10.0.0.1:80 V2M_SERVICE_HOST=10.0.0.1 \
	    V2M_GATEWAY_SERVICE_HOST=10.0.0.1 V2M_GATEWAY_SERVICE_PORT=80 \
	    V2M_GATEWAY_SERVICE_PORT_HTTP=80 V2M_STORE_SERVICE_HOST=10.0.0.2 \
	    V2M_GATEWAY_PORT=tcp://10.0.0.1:80 \
	    V2M_GATEWAY_PORT_80_TCP_ADDR=10.0.0.1 \
	    V2M_STORE_PORT_27017_TCP=tcp://10.0.0.2:27017 \
	    V2M_ID=x V2M_TO=x V2M_FROM=x V2M_SUBJECT=x V2M_MESSAGE_ID=x \
	    V2M_OUTCOME=x V2M_NAME=x V2M_MP3=x V2M_MP3_NAME=x V2M_DURATION=x \
	    V2M_SIZE=x V2M_REASON=x V2M_WARNINGS=x V2M_TEST_ANY=x \
	    V2M_MEDIA_ANY=x V2M_CORPUS=x V2M_LIBDIRS_PORT=x "$@"
}
status 0 "Kubernetes, hooks and tests" others v2m-init --print-config
is "$(cat "$ERR")" "" "are let be"

# A hook may run commands.
V2M_NOTIFY="exec:v2m-status \"\$V2M_ID\" > '$TMP/seen' 2>&1"
export V2M_NOTIFY
id=$(v2m-upload talk.mp4)
ok "a job" v2m-convert-worker --once
ok "its notice" v2m-notify --once
like "$(cat seen)" "^$id	done" "a hook runs v2m-status"

done_testing
