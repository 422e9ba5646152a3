#!/bin/sh
# The services of an existing deployment beside ours: each of theirs hands over
# to each of ours, and the reverse, byte by byte.
# slow: 20 s, starts servers
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
servers_start
"$servers_python" -c 'import jwt' 2> "$ERR" ||
    unavailable "there is no python3-jwt"
use full
# Their secret is short, and every command says so.
exec 2>> "$TMP/log"

# --- their deployment: table, queues, a secret of theirs ---
mariadb_sql < "$tap_root/tests/lib/legacy.sql"
mariadb_sql -e "CREATE USER theirs@localhost IDENTIFIED BY 'auth123';
    GRANT ALL ON legacy.* TO theirs@localhost"
DATABASE=legacy
SECRET=sarcasm
V2M_USERS=$(mariadb_url legacy)
V2M_LEGACY_PASSWORDS=yes
V2M_JWT_SECRET_FILE=$TMP/secret
V2M_FREE_RESERVE=0
export MONGODB RABBIT_PORT MARIADB_PORT DATABASE SECRET V2M_USERS \
    V2M_LEGACY_PASSWORDS V2M_JWT_SECRET_FILE V2M_FREE_RESERVE
echo $SECRET > secret
echo Admin123 > pw
chmod 600 secret pw
peer declare video
peer declare mp3
rows=$(mariadb_sql legacy -e 'SELECT id, email, password FROM user ORDER BY id')

existing() {
	"$servers_python" "$tap_root/tests/lib/existing.py" "$@"
}

mails() {
	cat smtp/mails/*.eml 2> "$ERR" | tr -d '\r'
}

status 0 "v2m-init on what is there" v2m-init --quiet
is "$(mariadb_sql legacy -e 'SELECT id, email, password FROM user
    ORDER BY id')" "$rows" "leaves their rows alone"
clip talk.mp4
v2m-convert --quiet talk.mp4 theirs.mp3 > "$OUT"
who=georgio@email.com

# --- login ---
status 0 "our login, with the password that they keep" \
    v2m-login --quiet --password-file pw $who
token=$(v2m-login --print --password-file pw $who)
status 0 "their gateway validates our token" existing validate "$token"
is "$(cat "$OUT")" "$who True" "with its user, and admin"
status 0 "their login still works" existing login $who Admin123
theirs=$(cat "$OUT")
status 0 "we validate their token" env V2M_TOKEN="$theirs" v2m-login --check
like "$(cat "$OUT")" "\"username\": ?\"$who\"" "with its user"
status 0 "who may upload" env V2M_TOKEN="$theirs" v2m-upload --no-queue talk.mp4
held=$(cat "$OUT")
status 77 "and is no administrator" env V2M_TOKEN="$theirs" v2m-status --all
v2m-remove "$held" > "$OUT"
SECRET=other existing validate "$token" > "$OUT" 2> "$ERR"
is $? 1 "their gateway refuses our token under another secret"
theirs2=$(SECRET=other existing login $who Admin123)
status 77 "and so do we theirs" env V2M_TOKEN="$theirs2" v2m-login --check
stranger=$("$servers_python" -c 'import jwt, sys, time
print(jwt.encode({"username": "nobody@example.org", "admin": True,
    "iat": int(time.time()), "exp": int(time.time()) + 9}, "sarcasm",
    algorithm="HS256"))')
status 77 "a token of theirs for nobody" \
    env V2M_TOKEN="$stranger" v2m-login --check
none=$("$servers_python" -c 'import jwt, time
print(jwt.encode({"username": "georgio@email.com", "admin": True,
    "iat": int(time.time()), "exp": int(time.time()) + 9}, None,
    algorithm="none"))')
status 77 "one that nobody signed" env V2M_TOKEN="$none" v2m-login --check

# --- their gateway, our worker, our notifier, their gateway ---
status 0 "their gateway uploads" existing upload talk.mp4 $who
id=$(cat "$OUT")
status 0 "our worker converts" v2m-convert-worker --once
is "$(state "$id")" 'done' "it is done"
mp3=$(v2m-status --json "$id" | sed 's/.*"mp3":"\([0-9a-f]*\)".*/\1/')
status 0 "our notifier tells" v2m-notify --once
like "$(mails)" "^mp3 file_id: $mp3 is now ready!" "in their words"
like "$(mails)" '^Subject: MP3 Download' "under their subject"
like "$(mails)" "^To: $who" "its owner"
existing download "$mp3" > got.mp3
ok "their gateway downloads it" cmp got.mp3 theirs.mp3
status 0 "so does ours" v2m-fetch -o ours.mp3 "$id"
ok "the same bytes" cmp ours.mp3 theirs.mp3

# --- our upload, our worker, their notifier and gateway ---
status 0 "our upload" v2m-upload talk.mp4
id=$(cat "$OUT")
status 0 "our worker" v2m-convert-worker --once
status 0 "their notifier" existing notify
read -r mp3 owner < "$OUT"
is "$owner" $who "hears whose it is"
existing download "$mp3" > got.mp3
ok "and of what their gateway downloads" cmp got.mp3 theirs.mp3
is "$(state "$id")" 'done' "it is done here as well"

# --- our upload, their converter, our notifier, our fetch ---
rm -f smtp/mails/*
status 0 "our upload" v2m-upload talk.mp4
id=$(cat "$OUT")
existing convert theirs.mp3 > got.mp4
is $? 0 "their converter"
ok "reads what we stored" cmp got.mp4 talk.mp4
status 0 "our notifier" v2m-notify --once
like "$(mails)" "^To: $who" "tells its owner"
is "$(find smtp/mails -name '*.eml' | wc -l)" 1 "one mail was sent"
is "$(state "$id")" 'done' "the job is done"
status 0 "our fetch" v2m-fetch -o fetched.mp3 "$id"
ok "brings their MP3" cmp fetched.mp3 theirs.mp3
printf '{"video_fid": "%s", "mp3_fid": null, "username": "%s"}' "$id" $who |
    peer put video
status 0 "our worker, when the message comes again" v2m-convert-worker --once
is "$(theirs files mp3s) $(peer count mp3)" "3 0" "makes no other"

# --- all theirs but the mail ---
rm -f smtp/mails/*
id=$(existing upload talk.mp4 $who)
existing convert theirs.mp3 > got.mp4
status 0 "our notifier, all else theirs" v2m-notify --once
is "$(find smtp/mails -name '*.eml' | wc -l)" 1 "tells once"
status 0 "and its owner can fetch it" v2m-fetch -o all.mp3 "$id"
ok "the MP3 is theirs, whole" cmp all.mp3 theirs.mp3
is "$(sql queue "SELECT count(*) FROM message")" 0 "no message is left"

done_testing
