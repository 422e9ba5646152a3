#!/bin/sh
# Queues at RabbitMQ: the suite of all queues, the services of existing
# deployments on the other side, and what is said when something is wrong.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
rabbit_start
suite=$V2M_BIN/../tests/queue_suite

# run_suite WHAT URL
run_suite() {
	"$suite" "$2" > suite.out 2>&1
	is "$?" 0 "$1"
	grep '^# publish' suite.out
	grep -A3 'not ok' suite.out | tap_show suite >&2
}

run_suite "a broker does what every queue must" "$RABBIT"
V2M_QUEUE_TYPE=quorum
export V2M_QUEUE_TYPE
run_suite "with quorum queues" "$RABBIT"
unset V2M_QUEUE_TYPE
V2M_QUEUE_CA_FILE=$RABBIT_CA
export V2M_QUEUE_CA_FILE
run_suite "and by TLS" "amqps://localhost:$RABBIT_TLS"

# --- setting up ---

V2M_QUEUE=amqps://localhost:$RABBIT_TLS
export V2M_QUEUE
ok "a service declares a queue of its own kind" peer declare video \
    x-max-length=1000
setup
is "$(peer count mp3)" 0 "v2m-init makes the queues that are missing"
is "$(peer count v2m.notice)" 0 "its own as well"
is "$(peer count mp3.wait.10s)" 0 "and those where messages wait"
ok "what it made is declared by others as they always did" \
    peer declare mp3
status 0 "a second v2m-init changes nothing" v2m-init --quiet
unset V2M_QUEUE_CA_FILE
V2M_QUEUE=$RABBIT

# The library is loaded by who talks to the broker, and nobody else.
unlike "$(LD_DEBUG=files v2m-upload --help 2>&1)" librabbitmq \
    "help needs no library of the broker"
unlike "$(V2M_QUEUE=sqlite:$V2M_STATE/v2m.db LD_DEBUG=files \
    v2m-convert-worker --once 2>&1)" librabbitmq "nor does another queue"
like "$(LD_DEBUG=files v2m-convert-worker --once 2>&1)" librabbitmq \
    "this one does"

# --- their services and ours ---

clip talk.mp4
id=$(v2m-upload talk.mp4)
is "$(peer count video)" 1 "an upload is in the queue"
like "$(peer show video)" '"mode": 2, "headers": \{"v2m-published-ms": 1[0-9]{12}\}' \
    "as a message that outlives the broker, and says since when"
is "$(peer consume video 1)" "{\"video_fid\":\"$id\",\"mp3_fid\":null,\"username\":\"ann@example.org\"}" \
    "which their converter reads"
printf '{"video_fid": "%s", "mp3_fid": null, "username": "ann@example.org", "their": {"own": [1, "ä"]}}' \
    "$id" | peer put video
status 0 "what their gateway put in" v2m-convert-worker --once
is "$(state "$id")" done "our worker takes"
is "$(peer count video)" 0 "and settles"
like "$(peer show mp3)" '"mode": 2' "its message is persistent as well"
body=$(peer consume mp3 1)
like "$body" '"their":\{"own":\[1,"(ä|\\u00e4|\\u00E4)"\]\}' \
    "with the members that are not ours"
like "$body" '"mp3_fid":"[0-9a-f]{24}"' "their notifier reads it"
printf %s "$body" | peer put mp3
status 0 "what their converter put in" v2m-notify --once
is "$(notices "$id")" 1 "our notifier takes"
is "$(peer count mp3)" 0 "and settles"

# --- what is no job ---

printf '{"video_fid": \0 "none' > odd
peer put video kind='"odd"' CC='["mp3"]' < odd
peer get mp3 > /dev/null
status 0 "a message that is no job" v2m-convert-worker --once
like "$(peer show video.failed)" '"headers": \{"kind": "odd"\}' \
    "is put aside with its headers"
is "$(peer count mp3)" 0 "but for those that send it elsewhere"
peer get video.failed > got
printf '\n' >> odd
ok "byte by byte" cmp odd got
head -c 200000 /dev/urandom > large
peer put video < large
status 0 "one that is too long" v2m-convert-worker --once
peer get video.failed > got
printf '\n' >> large
ok "as well" cmp large got
head -c 17000000 /dev/zero | peer put video
status 0 "one beyond all bounds" v2m-convert-worker --once
like "$(cat "$ERR")" "a message of 17000000 bytes is dropped" \
    "is dropped with a word"
is "$(peer count video)" 0 "and blocks nothing"

# An ID that the store does not know is looked for three times.
echo '{"video_fid": "5f0000000000000000000bad", "mp3_fid": null,
"username": "ann@example.org"}' | peer put video
status 0 "an unknown ID" v2m-convert-worker --once
is "$(peer count video) $(peer count video.wait.10s)" "0 1" "the message waits"
like "$(peer show video.wait.10s)" '"v2m-delivered": 1, "v2m-rest-ms": [1-9][0-9]*000' \
    "once for each look, as long as it should"
peer get video.wait.10s > body
peer put video v2m-rest-ms='"abc"' < body
status 0 "foreign headers of that name" v2m-convert-worker --once
is "$(peer count video.wait.10s)" 1 "mean nothing"
peer get video.wait.10s > /dev/null
peer put video v2m-rest-ms=300000 < body
id=$(v2m-upload talk.mp4)
status 0 "one that is not due" v2m-convert-worker --once
is "$(peer count video.wait.60s) $(state "$id")" "1 done" \
    "waits on, and hides none behind it"
peer get video.wait.60s > /dev/null
peer put video v2m-rest-ms=300000 v2m-until-ms=1000 < body
status 0 "one that has lain here for longer than that" v2m-convert-worker --once
is "$(peer count video.wait.10s) $(peer count video.wait.60s)" "1 0" \
    "is looked at, and waits for the next look"
peer get video.wait.10s > /dev/null

# --- when something is wrong ---

with() {
	with_url=$1
	shift
	env V2M_QUEUE="$with_url" "$@"
}

status 77 "a wrong password" with "amqp://ann:geheim@localhost:$RABBIT_PORT" \
    v2m-upload talk.mp4
like "$(cat "$ERR")" "user 'ann': cannot log in at RabbitMQ on localhost:$RABBIT_PORT" \
    "is said with user and host"
unlike "$(cat "$ERR")" geheim "but not repeated"
ok "a user with a vhost" rabbit_ctl add_user ann 'kött/bulle'
ok "and rights" rabbit_ctl eval 'rabbit_vhost:add(<<"a/b">>, <<"x">>),
    rabbit_auth_backend_internal:set_permissions(<<"ann">>, <<"a/b">>,
    <<".*">>, <<".*">>, <<".*">>, <<"x">>).'
echo 'kött/bulle' > secret
chmod 600 secret
V2M_QUEUE_PASSWORD_FILE=$TMP/secret
export V2M_QUEUE_PASSWORD_FILE
status 0 "its password comes from a file" \
    with "amqp://ann@localhost:$RABBIT_PORT/a%2fb" v2m-init --quiet
unset V2M_QUEUE_PASSWORD_FILE
status 0 "or the URL, percent-encoded" \
    with "amqp://ann:k%C3%B6tt%2fbulle@localhost:$RABBIT_PORT/a%2Fb" \
    v2m-upload talk.mp4
status 77 "no rights to another vhost" \
    with "amqp://ann:k%C3%B6tt%2fbulle@localhost:$RABBIT_PORT/" \
    v2m-upload talk.mp4
status 78 "a vhost that there is none of" \
    with "amqp://localhost:$RABBIT_PORT/none" v2m-upload talk.mp4
status 75 "nobody there" with amqp://localhost:1 v2m-upload talk.mp4
like "$(cat "$ERR")" "localhost:1: no server answers there: is it running" \
    "is said"
status 78 "a certificate of nobody we know" \
    with "amqps://localhost:$RABBIT_TLS" v2m-upload talk.mp4
like "$(cat "$ERR")" queue_ca_file "is said"
status 78 "one for another name" env V2M_QUEUE_CA_FILE="$RABBIT_CA" \
    V2M_QUEUE="amqps://127.0.0.1:$RABBIT_TLS" v2m-upload talk.mp4
status 78 "a CA file without TLS" env V2M_QUEUE_CA_FILE="$RABBIT_CA" \
    v2m-upload talk.mp4
status 78 "settings in the URL that nobody reads" \
    with "$RABBIT/?verify=no" v2m-upload talk.mp4
status 78 "a type of queues that there is none of" \
    env V2M_QUEUE_TYPE=mirrored v2m-init

peer delete video
videos=$(sql store "SELECT count(*) FROM object WHERE kind = 'video'")
status 75 "no queue" v2m-upload talk.mp4
like "$(cat "$ERR")" "the queue 'video' at RabbitMQ on localhost:$RABBIT_PORT: there is no such queue" \
    "is said by its name"
is "$(sql store "SELECT count(*) FROM object WHERE kind = 'video'")" \
    "$videos" "and nothing is stored"
status 75 "no queue to work from" v2m-convert-worker --once
like "$(cat "$ERR")" "no queue 'video' in vhost '/'.*v2m-init makes it" \
    "is said as well"
status 0 "v2m-init mends it" v2m-init --quiet
status 0 "for uploads" v2m-upload talk.mp4
is "$(finish "$(cat "$OUT")")" done "and workers"

# "127.1" reaches this machine, and is none of the names by which v2m knows it.
elsewhere=amqp://127.1:$RABBIT_PORT
status 0 "a broker elsewhere, in clear" with "$elsewhere" v2m-upload talk.mp4
like "$(cat "$ERR")" "queue: the connection to 127\.1 is not encrypted" "is warned of"
id=$(cat "$OUT")
finish "$id" > "$OUT"
status 1 "v2m-check tells of it" with "$elsewhere" v2m-check
is "$(grep ^queue "$OUT")" "queue	the connection to 127.1 is not encrypted	amqps: in its URL, or \
queue_tls = off in a private network" "with the remedy"
unlike "$(V2M_QUEUE_TLS=off V2M_QUEUE=$elsewhere v2m-check 2>&1)" "TLS" \
    "not with queue_tls = off"
status 78 "queue_tls = on" \
    env V2M_QUEUE_TLS=on V2M_QUEUE="$elsewhere" v2m-upload talk.mp4

rabbit_stop
done_testing
