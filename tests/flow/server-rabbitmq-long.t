#!/bin/sh
# Jobs that take longer than RabbitMQ lets a message be held back: it closes
# the channel, and the job goes on.
# slow: 80 s, starts a server, and waits for its consumer_timeout of 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
echo 'consumer_timeout = 60000' > rabbit.conf
# How often it looks, in ms.
echo '[{rabbit, [{channel_tick_interval, 4000}]}].' > rabbit.config
rabbit_start
V2M_QUEUE=$RABBIT
export V2M_QUEUE
setup
V2M_LEASE=100s
V2M_NOTIFY_TIMEOUT=90s
export V2M_LEASE V2M_NOTIFY_TIMEOUT

# How often the broker closed a channel.
closed() {
	grep -c 'consumer ack timed out\|delivery acknowledgement.*timed out' \
	    "$rabbit_log"
}

clip talk.mp4
told=$(v2m-upload talk.mp4)
status 0 "a job is done" v2m-convert-worker --once
V2M_NOTIFY="exec:[ \$V2M_ID != $told ] || sleep 75
echo \"\$V2M_ID\" >> '$TMP/notices'"
background v2m-notify 2> log-notify
notifier=$tap_pid

# A decoder that gets no time is as slow as one with much to do.
long_clip long.mp4
long=$(v2m-upload long.mp4)
background v2m-convert-worker 2> log-worker
worker=$tap_pid
eventually "another is begun" is_state converting "$long"
decoder=$(pgrep -P "$worker")
kill -STOP $decoder
is "$(closed)" 0 "the broker bears it"
sleep 60
both_closed() {
	[ "$(closed)" -ge 2 ]
}
eventually "for a minute" both_closed
kill -CONT $decoder
eventually "the job goes on and is done" is_state done "$long"
eventually "and so does the telling of the first" notices "$told"
eventually "then comes the second" notices "$long"
is "$(mp3s)" 2 "one MP3 each"
kill -TERM "$worker" "$notifier"
wait "$worker"
is $? 0 "the worker was none the worse"
wait "$notifier"
is $? 0 "nor the notifier"
status 0 "the messages that came again" v2m-convert-worker --once
v2m-notify --once
is "$(notices "$told") $(notices "$long")" "1 1" "change nothing"
is "$(peer count video) $(peer count mp3)" "0 0" "and are gone"
unlike "$(cat log-worker log-notify)" 'event=(failed|not-told)' \
    "no attempt was counted"

rabbit_stop
done_testing
