#!/bin/sh
# Uploads and downloads through networks that break and gateways that die: each
# ends whole, as one job.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
for module in http-client gateway; do
	[ -e "$V2M_BIN/../lib/v2m/$module.so" ] ||
	    skip_all "built without $module"
done
setup
clip talk.mp4
# Some 50 MB: more than a piece, and time to look.
ffmpeg -v error -nostdin -y -f lavfi -i sine=440:r=44100:d=4 \
    -f lavfi -i testsrc=s=640x480:r=25:d=4.4 -c:a aac -c:v rawvideo \
    -pix_fmt yuv420p -f matroska big.mkv || exit 99

sha() {
	sha256sum < "$1" | cut -d ' ' -f 1
}
jobs() {
	sql store "SELECT count(*) FROM record WHERE state NOT IN (0, 6)"
}
stored() {
	sql store "SELECT sha256 || length FROM record WHERE id = '$1'"
}
# relay UP DOWN: a network before the gateway, cut after so many bytes
relay() {
	rm -f relay.port
	background sh -c 'exec python3 "$0" "$@" > relay.port' \
	    "$tap_root/tests/lib/relay.py" "$PORT" "$@"
	relay_pid=$tap_pid
	relay_left=300
	while [ ! -s relay.port ] && [ $relay_left -gt 0 ]; do
		sleep 0.1
		relay_left=$((relay_left - 1))
	done
	V2M_URL=http://127.0.0.1:$(cat relay.port)
	export V2M_URL
}

# It comes back at the same place, again and again.
gateway_start --listen "127.0.0.1:$(python3 "$tap_root/tests/lib/ports.py" 1)"
DIRECT=$URL
V2M_TOKEN=$(v2m-login --print --password-file pw ann@example.org)
export V2M_TOKEN V2M_URL="$DIRECT"

# --- the same, said both ways ---
here=$(env -u V2M_URL v2m-login --check)
status 0 "v2m-login --check" v2m-login --check
is "$(cat "$OUT")" "$here" "says the same"
echo wrong > wrong
chmod 600 wrong
status 77 "a wrong password" v2m-login --password-file wrong ann@example.org
is "$(cat "$ERR")" "v2m-login: invalid credentials" "in the same words"
refused() {
	v2m-status
	[ $? -eq 77 ]
}
env -u V2M_URL v2m-user revoke --quiet ann@example.org
eventually "a token that was revoked counts no more" refused
like "$(cat "$ERR")" 'log in again' "in words"
V2M_TOKEN=$(v2m-login --print --password-file pw ann@example.org)
status 0 "a new one" v2m-status

# --- uploads ---
relay 20000000
status 0 "an upload that is cut off" v2m-upload big.mkv
id=$(cat "$OUT")
is "$(cat "$ERR")" "" "needs no word"
is "$(stored "$id")" "$(sha big.mkv)$(wc -c < big.mkv)" "it is whole"
is "$(jobs)" 1 "and one job"
is "$(sql queue "SELECT count(*) FROM message WHERE queue = 'video'")" 1 \
    "queued once"
is "$(sql store "SELECT count(*) FROM note WHERE kind = 'part'")" 0 \
    "no part is left of it"
relay 40000000
status 0 "cut off in the second piece" v2m-upload --no-queue - < big.mkv
is "$(stored "$(cat "$OUT")")" "$(sha big.mkv)$(wc -c < big.mkv)" "the same"
kill $relay_pid

# A gateway that is killed, and comes back at the same place.
again() {
	background v2m-gateway --listen "127.0.0.1:$PORT" 2>> "$GATEWAY_LOG"
	GATEWAY=$tap_pid
}
dies_at() {
	V2M_URL=$DIRECT
	n=$(jobs)
	gateway_stop KILL 2> "$ERR"
	V2M_FAULT="kill:$1" again
	background sh -c 'v2m-upload "$1" > again 2> again.err' sh "$2"
	uploader=$tap_pid
	wait $GATEWAY 2> "$ERR"
	is $? 137 "$1: the gateway dies"
	again
	wait $uploader
	is "$?" 0 "$1: the upload goes on" || tap_show upload < again.err
	is "$(stored "$(cat again)")" "$(sha "$2")$(wc -c < "$2")" \
	    "$1: it is whole"
	is "$(jobs)" $((n + 1)) "$1: and one job"
}
for point in partial-noted upload-recorded partial-taken partial-saved \
    upload-stored store-linked publish published partial-finished; do
	dies_at $point talk.mp4
done

n=$(jobs)
background sh -c 'v2m-upload big.mkv > again 2> again.err'
uploader=$tap_pid
big_part() {
	[ -n "$(find "$V2M_STATE/store" -type f -newer mark -size +8M)" ]
}
touch mark
tries=1200
until big_part || [ $tries -eq 0 ]; do
	sleep 0.05
	tries=$((tries - 1))
done
gateway_stop KILL 2> "$ERR"
again
wait $uploader
is "$?" 0 "killed in the midst of it" || tap_show upload < again.err
is "$(stored "$(cat again)") $(jobs)" \
    "$(sha big.mkv)$(wc -c < big.mkv) $((n + 1))" "it is whole, and one job"

gateway_stop KILL 2> "$ERR"
status 75 "a gateway that does not come back" env V2M_URL_TIMEOUT=1s \
    v2m-upload talk.mp4
again
GATEWAY_LOG=$GATEWAY_LOG logged 'event=listening'
status 0 "back again" v2m-status

# --- downloads ---
v2m-convert-worker "$id" > "$OUT" 2> log
want=$(sql store "SELECT mp3_sha256 FROM record WHERE id = '$id'")
relay 0 30000
status 0 "a download that is cut off" v2m-fetch -o big.mp3 "$id"
is "$(sha big.mp3)" "$want" "is whole"
relay 0 30000
status 0 "to a pipe" sh -c 'v2m-fetch -o - "$1" | cat > piped.mp3' sh "$id"
is "$(sha piped.mp3)" "$want" "as well"
V2M_URL=$DIRECT
is_noted() {
	v2m-status --json "$id" | grep -q '"fetched":'
}
eventually "and is noted as fetched" is_noted

# --- many jobs, in pages ---
sql store "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
    WHERE i < 2500) INSERT INTO record (id, rev, owner, name, state, created_at,
    options) SELECT printf('%024x', i), 1, 'ann@example.org', 'x', 4, 1000 * i,
    '{}' FROM n"
v2m-status --json > remote
env -u V2M_URL v2m-status --json > local
is "$(wc -l < remote)" "$(wc -l < local)" "2500 jobs and more are listed"
ok "word for word" cmp remote local
gateway_stop
is "$GATEWAY_STATUS" 0 "the gateway ends well"

done_testing
