#!/bin/sh
# What the daemons tell systemd, and the sockets that they take from it, with a
# stand-in for systemd that speaks the same protocol.
#
# slow: 16 s, it waits for signs of life
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"

command -v python3 > /dev/null || skip_all "no python3"
[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "there is a process in between"
setup

under() {	# OPTION ... COMMAND ...
	background python3 "$tap_root/tests/lib/systemd.py" "$@" \
	    > told 2> said
	manager=$tap_pid
}
told() {	# N LINE
	[ "$(grep -cx "$2" told)" -ge "$1" ]
}
ended() {
	kill -TERM "$manager"
	wait "$manager"
	is $? 0 "$1 ends with 0"
	is "$(tail -n 1 told)" STOPPING=1 "$1 tells that it stops"
}

for command in v2m-convert-worker v2m-notify; do
	under -w 400000 "$command"
	eventually "$command tells that it is ready" told 1 READY=1
	eventually "$command tells that it is alive" told 3 WATCHDOG=1
	ended "$command"
	is "$(head -n 1 told)" READY=1 "$command is ready before all else"
	is "$(grep -cxvE '(READY|WATCHDOG|STOPPING)=1' told)" 0 \
	    "$command tells nothing else"
done

# The first sweep may take its time: by then it has told.
sql store "DELETE FROM note WHERE kind = 'taken'"
under env V2M_FAULT=kill:document-put v2m-notify
wait "$manager"
is "$(cat told)" READY=1 "a notifier that dies in its first sweep was ready"

# A hook is no part of the service, and must not speak for it.
V2M_NOTIFY="exec:env > $TMP/hook"
export V2M_NOTIFY
clip talk.mp4
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once 2> "$ERR"
under -w 400000 v2m-notify
eventually "a hook runs" [ -s hook ]
ended "v2m-notify"
is "$(grep -E '^(NOTIFY|WATCHDOG|LISTEN)_' hook)" "" \
    "the hook has none of systemd's variables"
unset V2M_NOTIFY

# Without a watchdog nothing is told of it.
under v2m-notify
eventually "without a watchdog it is ready, too" told 1 READY=1
sleep 2
ended "without a watchdog v2m-notify"
is "$(grep -c WATCHDOG told)" 0 "then nobody is told that it is alive"

# What cannot start is not ready.
status 78 "a wrong setting" env V2M_NOTIFY=nonsense: python3 \
    "$tap_root/tests/lib/systemd.py" v2m-notify
is "$(cat "$OUT")" "" "it never was ready"

# --- sockets ---

if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ]; then
	port() {
		sed -n 's/^port //p' told | sed -n "${1}p"
	}
	answers() {
		curl -s -m 60 "http://127.0.0.1:$1/healthz"
	}
	under -s 1 -w 400000 v2m-gateway --listen 127.0.0.1:1
	eventually "the gateway is ready" told 1 READY=1
	is "$(answers "$(port 1)")" ok "it serves at the socket it was given"
	like "$(cat said)" "event=listening address=127.0.0.1:$(port 1)\$" \
	    "and says so, whatever listen is"
	like "$(cat said)" "listen = 127.0.0.1:1 is ignored: systemd passed" \
	    "which is ignored"
	eventually "the gateway tells that it is alive" told 3 WATCHDOG=1
	# The socket outlives the gateway: who connects meanwhile waits.
	kill -HUP "$manager"
	is "$(answers "$(port 1)")" ok "no connection is refused in a restart"
	eventually "it was a restart" told 1 restarted
	eventually "ready again" told 2 READY=1
	ended "the gateway"

	under -s 2 -m v2m-gateway
	eventually "with two sockets" told 1 READY=1
	is "$(answers "$(port 1)")" ok "one is for the gateway"
	like "$(curl -s -m 60 "http://127.0.0.1:$(port 2)/metrics")" \
	    '^v2m_' "the other one, by its name, for the metrics"
	ended "the gateway with two"

	refused() {
		status 78 "$1" python3 "$tap_root/tests/lib/systemd.py" $2 \
		    v2m-gateway
		like "$(cat "$ERR")" "$3" "it says so"
	}
	refused "two sockets for one setting" "-s 2" \
	    "systemd passed 2 sockets, two of them for listen"
	refused "a socket of another kind" "-s 1 -u" \
	    "listen: what systemd passed is not a listening TCP socket"

	# Variables that were only inherited are another process's.
	background env LISTEN_PID=1 LISTEN_FDS=1 v2m-gateway \
	    --listen 127.0.0.1:0 2> said
	inherited=$tap_pid
	eventually "inherited variables mean nothing" \
	    grep -q 'event=listening address=127' said
	kill "$inherited"
	wait "$inherited"
fi

done_testing
