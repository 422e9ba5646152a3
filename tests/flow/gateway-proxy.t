#!/bin/sh
# A proxy that nobody told the gateway of: all behind it are one client to it.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
told() {
	grep -c 'trusted_proxies does not name it' "$GATEWAY_LOG"
}
notes() {
	sql store "SELECT count(*) FROM note WHERE kind = 'proxy'"
}
tells() {
	v2m-check | grep "$1"
}

gateway_start
http 200 "a client" "$URL/healthz"
is "$(told)" 0 "nothing to tell of"
status 0 "v2m-check" v2m-check
# speaks N: N requests for somebody
speaks() {
	speaks_n=0
	while [ $speaks_n -lt "$1" ]; do
		curl -sS -o "$BODY" -H "X-Forwarded-For: 192.0.2.$speaks_n" \
		    "$URL/healthz"
		speaks_n=$((speaks_n + 1))
	done
}
speaks 8
http 200 "one who once says for whom he speaks" \
    -H 'Forwarded: for=192.0.2.8' "$URL/healthz"
is "$(told)" 0 "is no proxy yet"
status 0 "v2m-check" v2m-check
speaks 20
is "$(told)" 1 "one who always does is told of once"
like "$(cat "$GATEWAY_LOG")" "127.0.0.1 sends X-Forwarded-For" "by its address"
eventually "v2m-check tells of it" tells trusted_proxies
like "$(v2m-check)" "127.0.0.1:0 1	127.0.0.1 sends X-Forwarded-For.*	trusted_" \
    "with gateway, address and remedy"
sql store "UPDATE note SET until = 1 WHERE kind = 'proxy'"
status 0 "an hour later" v2m-check
ok "v2m-prune takes the note away" v2m-prune
is "$(notes)" 0 "it is gone"
n=2
while [ $n -le 21 ]; do
	curl -sS --interface 127.0.0.$n -H "X-Forwarded-For: 192.0.2.1" \
	    "$URL/healthz?[1-20]" > "$BODY"
	n=$((n + 1))
done
is "$(told)" 21 "twenty more are told of"
ends_well
n=$(notes)
ok "and noted, 16 at a time ($n)" [ $((n >= 1 && n <= 16)) = 1 ]
sql store "DELETE FROM note WHERE kind = 'proxy'"

V2M_TRUSTED_PROXIES=127.0.0.1
export V2M_TRUSTED_PROXIES
gateway_start
http 200 "one that is named" -H 'X-Forwarded-For: 192.0.2.7' "$URL/healthz"
eventually "speaks for others" logged 'address=192.0.2.7'
is "$(told)" 0 "and is nothing to tell of"
status 0 "v2m-check" v2m-check
ends_well

done_testing
