#!/bin/sh
# Clients that mean no good, or do not know better, with raw sockets: what
# could be read in two ways is refused, what is slow is cut, what is too much
# is turned away, and the answer arrives.
#
# slow: 40 s, pauses
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/gateway.sh"

gateway_needed
v2m-init 2> "$ERR"

raw=$tap_root/tests/lib/raw.py
raw() {
	python3 "$raw" "$@"
}
# answers WANTED WHAT STEP ...: all answers of WANTED are waited for, and so is
# the end, where there is to be one.
answers() {
	wanted=$1 what=$2
	shift 2
	patience=60
	[ "${wanted%open}" = "$wanted" ] || patience=0.5
	is "$(raw -t $patience -n "$(echo "${wanted% *}" | wc -w)" \
	    "$PORT" "$@")" "$wanted" "$what"
}
G='GET /healthz HTTP/1.1\r\nHost: x\r\n'
GG='\r\nGET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n'

# What is closed is closed at once, and not because nothing more came.
V2M_HEADER_TIMEOUT=10min gateway_start

# --- two readings ---

answers "200 open" "a request" "$G\r\n"
answers "200 200 open" "two, one behind the other" "$G\r\n$G\r\n"
answers "200 closed" "HTTP/1.0 without Host" 'GET /healthz HTTP/1.0\r\n\r\n'
answers "200 open" "the whole URL" \
    'GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n'
answers "400 closed" "two of Host" "${G}Host: y\r\n$GG"
answers "400 closed" "none" "GET /healthz HTTP/1.1\r\nX: y\r\n$GG"
answers "400 closed" "one that is none" "GET / HTTP/1.1\r\nHost: a b\r\n$GG"
answers "400 closed" "two lengths" \
    "${G}Content-Length: 0\r\nContent-Length: 5\r\n$GG"
answers "400 closed" "twice the same length" \
    "${G}Content-Length: 5\r\nContent-Length: 5\r\n$GG"
answers "400 closed" "a list of lengths" "${G}Content-Length: 5, 5\r\n$GG"
answers "400 closed" "a length with a sign" "${G}Content-Length: +5\r\n$GG"
answers "413 closed" "a length out of reach" \
    "${G}Content-Length: 99999999999999999999\r\n$GG"
answers "400 closed" "a length and chunks" \
    "${G}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
answers "400 closed" "chunks and a length" \
    "${G}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
answers "400 closed" "a blank before the colon" \
    "${G}Content-Length : 40\r\n$GG"
answers "400 closed" "a tab before it" "${G}Content-Length\t: 40\r\n$GG"
for coding in gzip xchunked 'chunked, identity' identity 'chunked,' \
    'chunked ' '\x0bchunked' 'chun\\x00ked'; do
	answers "400 closed" "Transfer-Encoding: $coding" \
	    "${G}Transfer-Encoding: $coding\r\n$GG"
done
answers "400 closed" "two codings" "${G}Transfer-Encoding: chunked\r\n\
Transfer-Encoding: identity\r\n$GG"
answers "400 closed" "chunks on HTTP/1.0" "GET /healthz HTTP/1.0\r\n\
Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
answers "400 closed" "two of Authorization" \
    "${G}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n$GG"
answers "400 closed" "a NUL in a value" "${G}X: a\x00b\r\n$GG"
answers "400 closed" "a NUL in a name" "${G}X\x00Y: a\r\n$GG"
answers "400 closed" "a control character" "${G}X: a\x01b\r\n$GG"
answers "400 closed" "a CR" "${G}X: a\rContent-Length: 40\r\n$GG"
answers "400 closed" "a line that goes on" "${G}X: a\r\n b\r\n$GG"
answers "400 closed" "one that hides a coding" \
    "${G}Transfer-Enco: chunked\r\n ding\r\n$GG"
answers "400 closed" "a bare LF" "${G}X: a\nY: b\r\n$GG"
answers "400 closed" "bare LFs only" \
    'GET /healthz HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n'
answers "400 closed" "a name that is none" "${G}X(Y: a\r\n$GG"
answers "400 closed" "no colon" "${G}Nonsense\r\n$GG"
like "$(raw -t 60 "$PORT" 'GARBAGE\r\n\r\n')" '^(400 )?closed$' "a request of garbage"
like "$(raw -t 60 "$PORT" '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n')" \
    '^(400 )?closed$' "TLS to where there is none"
like "$(raw -t 60 "$PORT" 'GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n')" \
    '^(400|505) closed$' "another HTTP"
answers "417 closed" "an expectation that nobody knows" \
    "${G}Expect: miracle\r\n$GG"

# --- where it goes ---

answers "404 open" "no route" 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n'
answers "405 open" "no such method there" \
    'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
answers "405 open" "TRACE" 'TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
for path in '/%00' '/healthz%00' '/%0d%0aX:%20y' '/%zz' '/%' \
    '/\x7f' '/%c3%28' 'healthz' '*' '/healthz?a=%00' '/healthz?a=1&a=2' \
    '/healthz?%' '/healthz#x'; do
	answers "400 closed" "GET $path" "GET $path HTTP/1.1\r\nHost: x\r\n$GG"
done
answers "204 open" "OPTIONS *" 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'

# libmicrohttpd 1.0 closes without a word.
like "$(raw -t 60 "$PORT" 'GET /health\x00z HTTP/1.1\r\nHost: x\r\n\r\n')" \
    '^(400 )?closed$' "a NUL in the URL"

# --- too much ---

big=$(head -c 9000 /dev/zero | tr '\0' a)
answers "414 closed" "a long URL" "GET /$big HTTP/1.1\r\nHost: x\r\n\r\n"
answers "431 closed" "a long field" "${G}X: $big$big\r\n\r\n"
answers "431 closed" "many fields" "$G" 'repeat:101:X: y\r\n' '\r\n'
answers "200 open" "as many as may be" "$G" 'repeat:99:X: y\r\n' '\r\n'
like "$(raw -t 60 "$PORT" "$G" "repeat:100:X: $big\r\n" '\r\n')" \
    '^(431|413) closed$' "a header without end"
like "$(raw -t 60 "$PORT" "repeat:100:$big")" \
    '^((414|400) )?closed$' "a line without end"

# --- bodies ---

C="${G}Transfer-Encoding: chunked\r\n\r\n"
answers "200 200 open" "chunks" "${C}5\r\nhello\r\n0\r\n\r\n$G\r\n"
# libmicrohttpd 1.0 will have none of it.
like "$(raw -t 0.5 -n 2 "$PORT" \
    "${C}5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n$G\r\n")" \
    '^(200 200 open|400 closed)$' "with extensions and a trailer"
for chunk in 'zz\r\n' '-5\r\nhello\r\n' '5\r\nhelloX\r\n' '\r\nhello\r\n' \
    '0x5\r\nhello\r\n' '5 \r\nhello\r\n'; do
	name=$(echo "$chunk" | tr -d '\r\n')
	answers "400 closed" "a bad chunk: $name" "$C${chunk}0\r\n\r\n$G\r\n"
	answers "400 closed" "a later one" \
	    "${C}5\r\nhello\r\n${chunk}0\r\n\r\n$G\r\n"
done
answers "413 closed" "a chunk without end" \
    "${C}fffffffffffffffff\r\nhello"
answers "100 200 open" "100-continue" "${G}Content-Length: 5\r\n" \
    'Expect: 100-continue\r\n\r\n' answer hello
is "$(raw -t 0.5 "$PORT" "${G}Content-Length: 5\r\n" \
    'Expect: 100-continue\r\n\r\n')" "100 open" "is asked for the body"
answers "404 closed" "but not for one that nobody wants" \
    'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n' \
    'Expect: 100-continue\r\n\r\n'
answers "200 closed" "nor on HTTP/1.0" 'GET /healthz HTTP/1.0\r\n' \
    'Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello'
answers "404 closed" "the answer arrives, whatever else is sent" \
    'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n' \
    "repeat:500:$big"
answers "413 closed" "also one in the middle of a body" \
    "${G}Content-Length: 9000000\r\n\r\n" "repeat:500:$big"
like "$(raw -t 60 "$PORT" "$C" "repeat:40:2328\r\n$big\r\n")" \
    '^413 closed$' "and in chunks"
answers "closed" "a client that has enough" \
    "${G}Content-Length: 10\r\n\r\nhel" shut
ok "is logged as aborted" logged 'in=[0-9]+ out=0 ms=[0-9]+ result=aborted'
answers "200 open" "after all that it serves" "$G\r\n"

# --- what is logged ---

answers "404 open" "a path with all kinds of characters" \
    'GET /a%20b=%22c%22&status=200 HTTP/1.1\r\nHost: x\r\n\r\n'
ok "is encoded" logged 'path=/a%20b%3D%22c%22%26status%3D200 status=404'
answers "200 open" "secrets" "GET /healthz?ticket=geheim1&fid=offen&x=geheim2 \
HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer geheim3\r\n\r\n"
ok "are masked" logged 'query=ticket=\*&fid=offen&x=\* status=200'
unlike "$(cat "$GATEWAY_LOG")" geheim "or not there"
answers "200 open" "no proxy is trusted" "${G}X-Forwarded-For: 192.0.2.9\r\n\
X-Request-Id: mine\r\n\r\n"
unlike "$(cat "$GATEWAY_LOG")" 'address=192.0.2.9|id=mine' "nor heard"
like "$(cat "$GATEWAY_LOG")" 'event=request id=[0-9a-f]{16} address=127.0.0.1' \
    "requests have names of their own"
unlike "$(grep -v 'event=\|trusted_proxies' "$GATEWAY_LOG")" . \
    "nothing else is said"
ends_well

# --- slow ---

# gets WANTED STEP ...: for eventually, as a machine that stands still is slow.
gets() {
	wanted=$1
	shift
	[ "$(raw -t 60 "$PORT" "$@")" = "$wanted" ]
}
V2M_HEADER_TIMEOUT=2s V2M_RATE_TIME=2s V2M_MIN_RATE=1k
export V2M_HEADER_TIMEOUT V2M_RATE_TIME V2M_MIN_RATE
gateway_start
answers "closed" "a header that drips" \
    'drip:100:GET /healthz HTTP/1.1\r\nX: aaaa'
ok "is cut" logged 'event=cut address=127.0.0.1 reason=header'
answers "closed" "nothing at all"
eventually "nothing more" gets "200 closed" "$G\r\n"
answers "closed" "a body that drips" "${G}Content-Length: 60000\r\n\r\n" \
    'drip:50:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
ok "is cut, too" logged 'event=cut address=127.0.0.1 reason=slow-body'
ok "as the log of the request says" logged 'path=/healthz .* result=cut'
# Nothing is read, so what is sent soon goes no further than the kernels.
python3 "$raw" -b 4096 -t 0.2 "$PORT" "repeat:60000:$G\r\n" sleep:20000 > /dev/null &
ok "who does not read is cut" logged 'reason=slow-reader'
kill $! 2> /dev/null
wait $! 2> /dev/null
eventually "who is fast enough is not" gets "200 closed" \
    "${G}Connection: close\r\nContent-Length: 40000\r\n\r\n" \
    'repeat:40:'"$(echo "$big" | cut -c 1-1000)"
ends_well
unset V2M_HEADER_TIMEOUT V2M_RATE_TIME V2M_MIN_RATE

# --- many ---

V2M_MAX_CONNECTIONS_PER_ADDRESS=3 V2M_MAX_CONNECTIONS=5 \
    V2M_TRUSTED_PROXIES=127.0.0.2 gateway_start --metrics-listen 127.0.0.1:0
for n in 1 2 3; do
	python3 "$raw" -t 100 "$PORT" "$G\r\n" > /dev/null &
	holders="${holders:-} $!"
done
three() {
	turns=0
	until [ "$(grep -c 'path=/healthz status=200' "$GATEWAY_LOG")" = "$1" ]; do
		turns=$((turns + 1))
		[ $turns -lt 600 ] || return 1
		sleep 0.1
	done
}
ok "three connections" three 3
answers "429 closed" "are as many as an address may have" "$G\r\n"
is "$(raw --show -t 60 "$PORT" "$G\r\n" | tail -n 1)" \
    "too many connections from this address" "as it is told"
ok "and logged" logged \
    'event=refused address=127.0.0.1 reason=max_connections_per_address count=1'
# A proxy's connections are not counted, its requests are.
through() {
	curl -s -o /dev/null -w '%{http_code}\n' --interface 127.0.0.2 \
	    -H "X-Forwarded-For: $1" "$URL/healthz"
}
is "$(through 192.0.2.1)" 200 "a proxy's client"
ok "is named in the log" logged 'address=192.0.2.1 '
is "$(through '192.0.2.1, 127.0.0.1')" 429 "one that has too many"
is "$(through 127.0.0.1)" 429 "is told so by a proxy, too"
is "$(curl -s --interface 127.0.0.2 -H 'X-Forwarded-For: 127.0.0.1' \
    -H 'Accept: application/json' "$URL/healthz" |
    grep -o '"code":"[a-z]*"')" '"code":"temporary"' "and that it passes"
curl -s -o /dev/null --interface 127.0.0.2 -H 'X-Request-Id: theirs-1' \
    "$URL/healthz"
ok "a proxy names requests" logged 'id=theirs-1 address=127.0.0.2'
for n in 1 2; do
	python3 -c 'import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.2", 0))
s.connect(("127.0.0.1", int(sys.argv[1])))
time.sleep(100)' "$PORT" &
	holders="$holders $!"
done
five() {
	turns=0
	until [ "$(raw -t 5 "$PORT" "$G\r\n")" = "503 closed" ]; do
		turns=$((turns + 1))
		[ $turns -lt 50 ] || return 1
		sleep 0.2
	done
}
ok "five are as many as there may be" five
is "$(curl -s "http://127.0.0.1:$METRICS_PORT/healthz")" ok \
    "but for who watches at the other port"
is "$(curl -s -o /dev/null -w '%{http_code}' \
    "http://127.0.0.1:$METRICS_PORT/login")" 404 "which serves little"
# shellcheck disable=SC2086 # a list
kill $holders
# shellcheck disable=SC2086
wait $holders 2> /dev/null
again() {
	turns=0
	until [ "$(curl -s "$URL/healthz")" = ok ]; do
		turns=$((turns + 1))
		[ $turns -lt 600 ] || return 1
		sleep 0.1
	done
}
ok "when they have gone it goes on" again
ends_well

# --- the other field of proxies ---

V2M_TRUSTED_PROXIES=127.0.0.0/8 V2M_PROXY_HEADER=forwarded gateway_start
is "$(curl -s -H 'X-Forwarded-For: 192.0.2.1' \
    -H 'Forwarded: for=192.0.2.2, for="[2001:db8::7]:80";proto=https' \
    -H 'Forwarded: for=127.0.0.5' "$URL/healthz")" ok "Forwarded"
ok "is heard, and the other is not" logged 'address=2001:db8::7 '
ends_well

done_testing
