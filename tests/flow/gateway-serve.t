#!/bin/sh
# The gateway as a daemon: where it listens, with what certificate, what it
# refuses to start with, and how it stops.
#
# slow: 15 s, it waits
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/gateway.sh"

gateway_needed
v2m-init 2> "$ERR"

raw=$tap_root/tests/lib/raw.py
raw() {
	python3 "$raw" "$@"
}
G='GET /healthz HTTP/1.1\r\nHost: x\r\n'

# --- what it does not start with ---

refused() {
	what=$1 why=$2
	shift 2
	status 78 "$what" timeout 60 env "$@" v2m-gateway
	like "$(cat "$ERR")" "^v2m-gateway: $why" "says so"
}
status 64 "an operand" v2m-gateway nonsense
refused "an address that is none" "listen: 'nonsense' is not ADDRESS:PORT" \
    V2M_LISTEN=nonsense
refused "a port out of range" "listen: '127.0.0.1:65536' is no" \
    V2M_LISTEN=127.0.0.1:65536
refused "IPv6 without brackets" "listen: '::1:80' is no" V2M_LISTEN=::1:80
refused "no address" "listen is empty" V2M_LISTEN=
refused "one of another machine" "cannot listen at 192.0.2.1:0: " \
    V2M_LISTEN=192.0.2.1:0
refused "a proxy that is no network" \
    "trusted_proxies: 'proxy.example' is neither" \
    V2M_LISTEN=127.0.0.1:0 V2M_TRUSTED_PROXIES='127.0.0.1 proxy.example'
refused "a key alone" "listen_key_file is set, but" \
    V2M_LISTEN=127.0.0.1:0 V2M_LISTEN_KEY_FILE=/nowhere
refused "a certificate that is not there" "cannot read '/nowhere'" \
    V2M_LISTEN=127.0.0.1:0 V2M_LISTEN_CERT_FILE=/nowhere
echo secret > both.pem
chmod 644 both.pem
refused "a certificate without a key, which all may read" \
    "listen_key_file is not set, so listen_cert_file has to hold the key: " \
    V2M_LISTEN=127.0.0.1:0 V2M_LISTEN_CERT_FILE="$PWD/both.pem"
refused "an origin without a scheme" \
    "cors_origins: 'app.example.org' is not an origin" V2M_LISTEN=127.0.0.1:0 \
    V2M_CORS_ORIGINS='https://a.example.org app.example.org'
refused "an origin with a path" \
    "cors_origins: 'https://a.example.org/' is not an origin" \
    V2M_LISTEN=127.0.0.1:0 V2M_CORS_ORIGINS='https://a.example.org/'
refused "a state that is none" "no secret file '/nowhere/jwt_secret': run v2m" \
    V2M_LISTEN=127.0.0.1:0 V2M_STATE=/nowhere

gateway_start
like "$(cat "$GATEWAY_LOG")" "event=listening address=127.0.0.1:$PORT\$" \
    "port 0 is a free one, which the log tells"
is "$(curl -s "$URL/healthz")" ok "it serves"
status 69 "the address is taken" timeout 60 v2m-gateway \
    --listen "127.0.0.1:$PORT"
like "$(cat "$ERR")" "^v2m-gateway: cannot listen at 127.0.0.1:$PORT: " \
    "says so"
unlike "$(cat "$ERR")" event=started "and has not started"
is "$(curl -s -H 'Accept: application/json' "$URL/x")" \
    '{"error":"nothing is at this path","code":"unavailable","status":69}' "an error in JSON"
is "$(curl -s "$URL/x?format=json")" \
    '{"error":"nothing is at this path","code":"unavailable","status":69}' "the other way"
is "$(curl -s "$URL/x")" "nothing is at this path" "as text"
curl -sI "$URL/healthz" | tr -d '\r' > head
like "$(cat head)" '^Content-Length: 2$' "HEAD is GET without its body"
like "$(cat head)" '^X-Content-Type-Options: nosniff$' "the header nosniff is sent"
like "$(cat head)" '^Cache-Control: no-store$' "the header no-store is sent"
is "$(curl -s -o /dev/null -w '%{http_code} %header{allow}' -X PUT -T "$GATEWAY_LOG" \
    "$URL/healthz")" "405 GET, HEAD, OPTIONS" "which methods there are"

# --- stopping ---

there() {
	turns=0
	until [ -e "$1" ]; do
		turns=$((turns + 1))
		[ $turns -lt 600 ] || return 1
		sleep 0.1
	done
	rm "$1"
}
# A request that the gateway has begun with, as its answer 100 shows.
BEGUN="${G}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
# stuck: one whose body does not come, in the background.
stuck() {
	python3 "$raw" -t 100 "$PORT" "$BEGUN" answer he \
	    touch:stuck sleep:60000 > /dev/null &
	stuck=$!
	there stuck
}
unstuck() {
	kill $stuck
	wait $stuck 2> /dev/null
}

gateway_stop
V2M_DRAIN_TIMEOUT=1min gateway_start
python3 "$raw" -t 100 "$PORT" "${G}\r\n" > idle &
idle=$!
ok "one is idle" logged 'path=/healthz status=200 in=[0-9]* out=[0-9]* ms='
python3 "$raw" -t 100 "$PORT" "$BEGUN" answer he touch:begun await:go llo \
    > running &
running=$!
ok "one has begun" there begun
kill "$GATEWAY"
ok "told to stop, it drains" logged 'event=draining connections=2'
is "$(raw "$PORT" "$G\r\n")" refused "new connections are refused"
wait $idle
is "$(cat idle)" "200 closed" "idle ones are closed"
: > go
wait $running
is "$(cat running)" "100 503 closed" "running ones are finished, with a hint"
wait "$GATEWAY"
is $? 0 "then it ends"
like "$(tail -n 1 "$GATEWAY_LOG")" 'event=stopped$' "as the log says"

V2M_DRAIN_TIMEOUT=1s gateway_start
stuck
gateway_stop
is "$GATEWAY_STATUS" 0 "what takes longer than drain_timeout is cut off"
ok "and logged" logged 'path=/healthz status=0 .* result=aborted'
unstuck

V2M_DRAIN_TIMEOUT=1h gateway_start
stuck
kill "$GATEWAY"
ok "it waits" logged 'event=draining'
gateway_stop
is "$GATEWAY_STATUS" 0 "but not after a second signal"
unstuck

# --- samples ---

if command -v systemd-analyze > /dev/null; then
	sed "s,/usr/local/bin,$V2M_BIN,; /^User=/d" \
	    "$tap_root/scripts/systemd/v2m-gateway.service" \
	    > v2m-gateway.service
	systemd-analyze verify --man=no ./v2m-gateway.service > verify 2>&1
	is "$(grep v2m-gateway.service verify)" "" "systemd takes the sample"
else
	skip "systemd takes the sample" "no systemd"
fi

# --- TLS ---

command -v openssl > /dev/null || {
	skip "TLS" "no openssl"
	done_testing
}
make_cert() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" \
	    -out "$1.pem" -days 2 -subj /CN=localhost \
	    -addext 'subjectAltName = IP:127.0.0.1' 2> /dev/null
}
make_cert one && make_cert two || exit 1
chmod 600 one.key two.key
V2M_LISTEN_CERT_FILE=$TMP/one.pem V2M_LISTEN_KEY_FILE=$TMP/one.key
export V2M_LISTEN_CERT_FILE V2M_LISTEN_KEY_FILE
refused "the key of another certificate" "cannot use '.*one.pem' with the key" \
    V2M_LISTEN=127.0.0.1:0 V2M_LISTEN_KEY_FILE="$TMP/two.key"
chmod 644 one.key
refused "a key that others may read" ".*one.key.*chmod" \
    V2M_LISTEN=127.0.0.1:0
chmod 600 one.key
gateway_start --metrics-listen 127.0.0.1:0
like "$URL" ^https: "it speaks TLS"
is "$(curl -s --cacert one.pem "$URL/healthz")" ok "which can be verified"
is "$(curl -s "http://127.0.0.1:$METRICS_PORT/healthz")" ok \
    "but not at the other port"
status 35 "nothing older than TLS 1.2" curl -s --cacert one.pem \
    --tls-max 1.1 --ciphers DEFAULT:@SECLEVEL=0 "$URL/healthz"
is "$(raw -t 60 "$PORT" "$G\r\n")" closed "who speaks none is not heard"
big=$(head -c 9000 /dev/zero | tr '\0' a)
is "$(raw --tls -t 60 "$PORT" 'POST /nowhere HTTP/1.1\r\nHost: x\r\n' \
    'Content-Length: 9000000\r\n\r\n' "repeat:500:$big")" "404 closed" \
    "an answer before the body arrives"
is "$(raw --tls -t 60 "$PORT" "${G}Content-Length: 9000000\r\n\r\n" \
    "repeat:500:$big")" "413 closed" "and one in the middle of it"
is "$(raw --tls -t 60 "$PORT" "${G}Content-Length: 5\r\nX: a\nY: b\r\n" \
    '\r\nhello')" "400 closed" "a bare LF"
ends_well

cat one.key one.pem > both.pem
chmod 600 both.pem
V2M_LISTEN_CERT_FILE=$TMP/both.pem
unset V2M_LISTEN_KEY_FILE
gateway_start
is "$(curl -s --cacert one.pem "$URL/healthz")" ok \
    "certificate and key in one file"
ends_well
unset V2M_LISTEN_CERT_FILE

# --- addresses ---

if ip -6 addr show dev lo 2> /dev/null | grep -q ::1; then
	background v2m-gateway --listen '[::1]:0' 2> six.log
	GATEWAY_LOG=six.log
	ok "at an IPv6 address" logged 'event=listening address=\[::1\]:[0-9]+$'
	port=$(sed -n 's/.*address=\[::1\]:\([0-9]*\)$/\1/p' six.log)
	is "$(curl -s "http://[::1]:$port/healthz")" ok "it serves"
	ok "to a client at one" logged 'address=::1 method'
	kill "$tap_pid"
	wait "$tap_pid"
	background v2m-gateway --listen '*:0' 2> all.log
	GATEWAY_LOG=all.log
	ok "at all" logged 'event=listening address=\[::\]:[0-9]+$'
	port=$(sed -n 's/.*address=.*:\([0-9]*\)$/\1/p' all.log)
	is "$(curl -s "http://127.0.0.1:$port/healthz")" ok "IPv4 is among them"
	ok "and is IPv4 in the log" logged 'address=127.0.0.1 method'
else
	skip "IPv6" "there is none"
fi

done_testing
