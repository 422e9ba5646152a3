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

done_testing
