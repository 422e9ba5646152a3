#!/bin/sh
# Servers on other machines that are asked in clear: queue_tls and store_tls.
# The hosts' names are none (RFC 6761), so nothing leaves this machine.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
[ -e "$V2M_BIN/../lib/v2m/queue-amqp.so" ] || skip_all "built without queue-amqp"
setup
clip a.mp4
queue=amqp://guest:guest@rabbitmq.invalid

status 75 "a broker in the cluster" env V2M_QUEUE=$queue v2m-upload a.mp4
like "$(cat "$ERR")" "queue: the connection to rabbitmq.invalid is not encrypted" \
    "is tried, with a warning"
is "$(grep -c 'not encrypted' "$ERR")" 1 "of one line"
status 75 "with queue_tls = off" env V2M_QUEUE=$queue V2M_QUEUE_TLS=off \
    v2m-upload a.mp4
unlike "$(cat "$ERR")" "TLS|encrypted" "without one"
status 78 "with queue_tls = on" env V2M_QUEUE=$queue V2M_QUEUE_TLS=on \
    v2m-upload a.mp4
like "$(cat "$ERR")" "queue_tls = on refuses that \(amqps:" "with the way out"
unlike "$(cat "$ERR")" "guest:guest" "and no password"
status 78 "v2m-init too" env V2M_QUEUE=$queue V2M_QUEUE_TLS=on v2m-init
status 78 "queue_tls = off and amqps:" env V2M_QUEUE=amqps://rabbitmq.invalid \
    V2M_QUEUE_TLS=off v2m-upload a.mp4
status 78 "another word" env V2M_QUEUE_TLS=maybe v2m-status
status 0 "files need no TLS" env V2M_QUEUE_TLS=on V2M_STORE_TLS=on v2m-check
is "$(cat "$OUT" "$ERR")" "" "and are not spoken of"

# --- the store ---
if [ ! -e "$V2M_BIN/../lib/v2m/store-mongodb.so" ]; then
	skip "store_tls" "built without store-mongodb"
	done_testing
	exit
fi
store="mongodb://v2m:secret123@mongo.invalid/v2m?serverSelectionTimeoutMS=200"
# stores TLS URL CMD...: with that store and that store_tls
stores() {
	stores_tls=$1 stores_url=$2
	shift 2
	env V2M_STORE="$stores_url" V2M_STORE_TLS="$stores_tls" "$@"
}
for command in "upload a.mp4" init check "convert-worker --once"; do
	# shellcheck disable=SC2086 # operands
	status 78 "with store_tls = on, v2m-$command" stores on "$store" \
	    v2m-$command
	is "$(cat "$ERR")" "v2m-${command%% *}: store: the connection to\
 mongo.invalid would not be encrypted, and store_tls = on refuses that\
 (?tls=true, or store_ca_file)" "with the way out"
done

# Each asks for three seconds: all at once.
tried() {	# NAME CMD...
	tried_name=$1
	shift
	"$@" > "$tried_name.out" 2> "$tried_name.err"
	echo $? > "$tried_name.status"
}
tried default env V2M_STORE="$store" v2m-upload a.mp4 &
tried auto stores auto "$store" v2m-convert-worker --once &
tried off stores off "$store" v2m-upload a.mp4 &
tried encrypted stores on "$store&tls=true" v2m-upload a.mp4 &
wait
for name in default auto; do
	is "$(cat $name.status)" 75 "a MongoDB in the cluster, store_tls $name"
	like "$(cat $name.err)" "store: the connection to mongo.invalid is not\
 encrypted: .*\(store_tls = off hides this warning" "is tried, with a warning"
	is "$(grep -c 'not encrypted' $name.err)" 1 "of one line"
	unlike "$(cat $name.err)" "secret123" "and no password"
done
is "$(cat off.status)" 75 "with store_tls = off"
unlike "$(cat off.err)" "encrypted" "it is tried without one"
is "$(cat encrypted.status)" 75 "store_tls = on and tls=true"
unlike "$(cat encrypted.err)" "encrypted" "it is tried, too"

done_testing
