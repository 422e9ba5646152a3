#!/bin/sh
# Many at once: 200 uploads of 5 MB without a failure in bounded memory; what
# goes on while the store is frozen; downloads during a flood of logins.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"

load=$tap_root/tests/lib/gateway-load.py
setup
export V2M_MAX_CONNECTIONS_PER_ADDRESS=400 V2M_TRUSTED_PROXIES=127.0.0.1
gateway_start
TOKEN=$(v2m-user token ann@example.org)
export TOKEN
clip five.mp4
python3 -c 'import os, struct
n = 5000000 - os.path.getsize("five.mp4")
with open("five.mp4", "ab") as f:
    f.write(struct.pack(">I4s", n, b"free") + os.urandom(n - 8))'

status 0 "200 uploads at once" python3 "$load" uploads "$URL" five.mp4 \
    200 "$GATEWAY"
is "$(grep -v '^peak' "$OUT")" '200 200 success!' "none of them fails" ||
    grep -v 'status=200\|event=started\|event=sandbox\|event=listening' "$GATEWAY_LOG" |
    tap_show gateway
peak=$(sed -n 's/^peak //p' "$OUT")
# What the manual page says.
limit=$((32 * 1024 + 200 * (128 + 256)))
if ldd "$V2M_BIN/v2m-gateway" | grep -q 'lib[at]san'; then
	skip "they take as much memory as is said" "sanitizers take their own"
else
	[ "${peak:-$limit}" -lt $limit ]
	tap_result $? \
	    "they take less than $((limit / 1024)) MiB ($((peak / 1024)))"
fi
is "$(v2m-status --json | grep -c '"queued"')" 200 "all are accepted"
sum=$(sha256sum five.mp4 | cut -d ' ' -f 1)
is "$(v2m-status --json | grep -c "$sum")" 200 "and whole"

# A finished job to download: larger than what sockets hold.
clip song.mp4 600
ID=$(v2m-upload --quiet --no-queue -b 320k song.mp4)
echo "$ID" | v2m-convert-worker --quiet - > /dev/null 2> worker.log
v2m-fetch --quiet -o wanted.mp3 "$ID" > /dev/null
get() {
	curl -sSf -H "Authorization: Bearer $TOKEN" "$@" \
	    "$URL/download?fid=$ID"
}

# Nothing can be written to the index, as on a disk that hangs.
get --limit-rate 4M -o running.mp3 &
running=$!
mkfifo hold
python3 "$load" lock "$V2M_STATE/store/index.db" < hold > lock.out &
locker=$!
exec 3> hold
eventually "the store is frozen" grep -q locked lock.out
for n in 1 2 3 4 5; do
	curl -sS -m 250 -o "frozen-$n" -w '%{http_code}\n' -T five.mp4 \
	    -H "Authorization: Bearer $TOKEN" "$URL/upload/" \
	    > "frozen-$n.code" &
	eval "upload$n=\$!"
done
ok "while it is frozen the gateway tells that it lives" \
    curl -sSf -m 60 "$URL/healthz"
wait $running
is $? 0 "and a download that runs goes on"
ok "to its end" cmp running.mp3 wanted.mp3
exec 3>&-
wait $locker
for n in 1 2 3 4 5; do
	eval "wait \$upload$n"
done
# Those that waited too long are told to come back.
is "$(cat frozen-*.code | grep -vc '^200$\|^503$')" 0 \
    "uploads wait for it, or hear that it is away"
is "$(cat frozen-*.code | grep -c 200)" \
    "$(($(v2m-status --json | grep -c "$sum") - 200))" \
    "and are there when they hear that they are"

# Logins from everywhere, all wrong.
background python3 "$load" flood "$URL" > flood.out
flood=$tap_pid
eventually "a flood of logins has begun" grep -q flooding flood.out
pids=
for n in 1 2 3 4 5 6; do
	get --limit-rate 12M -o "beside-$n.mp3" &
	pids="$pids $!"
done
failed=0
for pid in $pids; do
	wait "$pid" || failed=$((failed + 1))
done
is $failed 0 "downloads end while it comes"
for n in 1 2 3 4 5 6; do
	cmp -s "beside-$n.mp3" wanted.mp3 || failed=$((failed + 1))
done
is $failed 0 "and are whole"
ok "who lives is told" curl -sSf -m 60 "$URL/healthz"
kill "$flood"
wait "$flood" 2> /dev/null
unlike "$(cat flood.out)" '^[0-9]+ (200|500)' "no login succeeds or fails badly"
like "$(cat flood.out)" '^[0-9]+ (401|429|503)' "all are refused"
sed 's/^/# flood: /' flood.out

ok "the gateway is still the same" kill -0 "$GATEWAY"
done_testing
