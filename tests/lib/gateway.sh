# gateway.sh - start a gateway, and send requests.  Source it after flow.sh.
#
#	gateway_needed	skip the test where there is none, or no Python
#	gateway_start [OPTION ...]
#			on a free port of 127.0.0.1, with the configuration;
#			$URL is its address, $GATEWAY its process, $GATEWAY_LOG
#			its log.  Another call starts another one.  Of
#			$URL, $PORT is the port; $METRICS_PORT is the one of
#			metrics_listen
#	gateway_stop [SIGNAL]
#			end the last one and wait for it; leaves its exit
#			status in $GATEWAY_STATUS
#	ends_well	the same, and a check that the status is 0
#	logged ERE	wait until a line of its log matches
#	token NAME	a token of ann, bob or root
#	http CODE WHAT ARGUMENT...
#			curl with the arguments: passes when the answer's status
#			is CODE; leaves its body in $BODY, its header in $HEAD
#	field NAME	of the header in $HEAD, without the line's end
#	header_of NAME	"Authorization: Bearer" and a token of NAME

GATEWAY_LOG=
BODY=$TMP/.body
HEAD=$TMP/.head
gateway_count=0

gateway_needed() {
	command -v python3 > /dev/null || skip_all "no python3"
	[ -e "$V2M_BIN/../lib/v2m/gateway.so" ] ||
	    skip_all "built without a gateway"
}

gateway_start() {
	gateway_count=$((gateway_count + 1))
	GATEWAY_LOG=$TMP/gateway-$gateway_count.log
	background v2m-gateway --listen 127.0.0.1:0 "$@" 2> "$GATEWAY_LOG"
	GATEWAY=$tap_pid
	gateway_left=600
	while [ $gateway_left -gt 0 ]; do
		URL=$(sed -n 's,.*event=listening address=\([^ ]*\)$,http://\1,p
		    s,.*event=listening address=\([^ ]*\) .*tls.*,https://\1,p' \
		    "$GATEWAY_LOG")
		[ -z "$URL" ] || break
		kill -0 "$GATEWAY" 2> /dev/null || break
		sleep 0.1
		gateway_left=$((gateway_left - 1))
	done
	PORT=${URL##*:}
	METRICS_PORT=$(sed -n \
	    's/.*event=listening .*:\([0-9]*\) for=metrics$/\1/p' \
	    "$GATEWAY_LOG")
	[ -z "$URL" ] || return 0
	give_up "the gateway does not start" "$GATEWAY_LOG"
}

gateway_stop() {
	kill -"${1:-TERM}" "$GATEWAY" 2> /dev/null
	wait "$GATEWAY"
	GATEWAY_STATUS=$?
}

ends_well() {
	gateway_stop
	is "$GATEWAY_STATUS" 0 "it ends"
}

logged() {
	gateway_left=600
	until grep -Eq -e "$1" "$GATEWAY_LOG"; do
		gateway_left=$((gateway_left - 1))
		[ $gateway_left -gt 0 ] || return 1
		sleep 0.1
	done
}

token() {
	v2m-user token "$1@example.org"
}

header_of() {
	printf 'Authorization: Bearer %s' "$(token "$1")"
}

http() {
	http_wanted=$1 http_what=$2
	shift 2
	: > "$BODY"
	: > "$HEAD"
	http_code=$(curl -sS -o "$BODY" -D "$HEAD" -w '%{http_code}' \
	    --max-time 120 "$@" 2> "$ERR")
	[ "$http_code" = "$http_wanted" ]
	tap_result $? "$http_what" && return 0
	{
		echo "#   status $http_code, wanted $http_wanted"
		head -c 2000 "$BODY" | tap_show body
		tap_show curl < "$ERR"
		[ -z "$GATEWAY_LOG" ] ||
		    tail -n 5 "$GATEWAY_LOG" | tap_show gateway
	} >&2
	return 1
}

# Of the last response: curl also writes the header of a 100.
field() {
	tr -d '\r' < "$HEAD" | sed -n "s/^$1: *//Ip" | tail -n 1
}
