#!/bin/sh
# A state has one owner: what root does in it, and what is in it that is
# another's.
# slow: 10 s
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
# shellcheck source=tests/lib/gateway.sh
. "$tap_root/tests/lib/gateway.sh"
machine
clip talk.mp4
chmod 644 talk.mp4
echo 'correct horse' > pw
chmod 600 pw
mkdir /etc/v2m
cat > /etc/v2m/v2m.conf <<END
free_reserve = 0
sweep_interval = 500ms
notify = exec:(id -un; id -G; echo "\$HOME \${XDG_DATA_HOME-none}") > /var/lib/people/vservice/told
END
chgrp vservice /etc/v2m/v2m.conf
chmod 640 /etc/v2m/v2m.conf
echo vtape:x:61009:vservice >> /etc/group
V2M_STATE=/var/lib/v2m		# root's default; not exported, for sql

not_owned() {
	find /var/lib/v2m ! -user "$1"
}

# --- set up by root, for the service ---
mkdir -m 755 /var/lib/v2m
chown vservice:vservice /var/lib/v2m
status 0 "root sets up in a folder of the service's" v2m-init
is "$(stat -c '%a' /var/lib/v2m)" 700 "it is closed"
is "$(not_owned vservice)" "" "all in it is the service's"
status 0 "once more" v2m-init
status 0 "root adds a user, with a password of root's" \
    v2m-user add --password-file pw ann@example.org
cd /root || exit 99
status 0 "and from a folder and with variables of his own" \
    env XDG_DATA_HOME=/root TMPDIR=/root v2m-user add \
    --password-file "$TMP/pw" bob@example.org
cd "$TMP" || exit 99
is "$(not_owned vservice)" "" "all is the service's"

# --- a job by root ---
serves() {
	as_user vservice env V2M_STATE=/var/lib/v2m "$@"
}
serves v2m-login --quiet --password-file - ann@example.org < pw
id=$(serves v2m-upload talk.mp4)
status 0 "root converts" v2m-convert-worker --once
is "$(not_owned vservice)" "" "the MP3 is the service's"
status 0 "root tells" env XDG_DATA_HOME=/root v2m-notify --once
is "$(cat /var/lib/people/vservice/told)" "vservice
61000 61009
/var/lib/people/vservice none" "as the service: groups, HOME and XDG"
status 0 "root asks" v2m-requeue --list
status 0 "root converts again" v2m-requeue --again "$id"
status 0 "by a daemon's hand, too" v2m-convert-worker "$id"
status 0 "root prunes" v2m-prune
status 0 "root checks" v2m-check --bytes
is "$(cat "$OUT")" "" "all is well"
status 0 "root backs it up" v2m-backup --copy /var/lib/people/backup
is "$(find /var/lib/people/backup ! -user vservice)" "" \
    "to a folder that becomes the service's"
is "$(not_owned vservice)" "" "all is the service's still"
status 0 "who fetches" serves v2m-fetch -o - "$id"

# --- no way back ---
background v2m-convert-worker 2> worker.log
eventually "a worker of root's" grep -q event=started worker.log
is "$(sed -n 's/^[UG]id:[[:space:]]*//p' "/proc/$tap_pid/status" |
    tr '\t\n' '  ')" "61000 61000 61000 61000 61000 61000 61000 61000 " \
    "is the service, by all of its numbers"
is "$(sed -n 's/^CapPrm:[[:space:]]*//p' "/proc/$tap_pid/status")" \
    0000000000000000 "and may do no more"
kill "$tap_pid"
wait "$tap_pid"

# --- a password file of root's ---
cat > unreachable.conf <<END
users = mysql://auth@127.0.0.1:9/auth
users_password_file = $TMP/pw
users_timeout = 1s
END
chmod 600 unreachable.conf
not_ok "is read as root" v2m-user list --config unreachable.conf
unlike "$(cat "$ERR")" "ermission|may not|cannot open" "not as the service"

chown root /var/lib/v2m/jwt_secret
status 78 "a secret of root's" serves v2m-user token ann@example.org
is "$(cat "$ERR")" "v2m-user: ann@example.org: '/var/lib/v2m/jwt_secret'\
 cannot be read by vservice, the owner of this state: as root, run v2m-check\
 --repair" \
    "the owner of the state is not sent to an administrator"
for v2m in "gateway --listen 127.0.0.1:0" "status"; do
	# shellcheck disable=SC2086 # options
	status 78 "nor does v2m-$v2m work there" serves timeout 60 v2m-$v2m
done
chown vann /var/lib/v2m/jwt_secret
status 78 "a third user's, and a gateway of root's" timeout 60 v2m-gateway \
    --listen 127.0.0.1:0
chown vservice /var/lib/v2m/jwt_secret
chown root /var/lib/v2m/v2m.db
status 77 "a database of root's" serves v2m-user list
wants_owner="'/var/lib/v2m/v2m.db' belongs to root, but has to belong to\
 vservice, the owner of this state: as root, run v2m-check --repair"
is "$(cat "$ERR")" "v2m-user: $wants_owner" "he is told who mends it"
status 77 "root, who became him" v2m-user list
is "$(cat "$ERR")" "v2m-user: $wants_owner" "is told the same"
status 0 "as it said" v2m-check --repair --yes
chmod 400 /var/lib/v2m/v2m.db
status 77 "a database that is closed" serves v2m-user list
like "$(cat "$ERR")" "closed to its owner vservice: run chmod u\+rw '/var" \
    "he is told how to open it"
chmod 600 /var/lib/v2m/v2m.db
status 77 "another user" as_user vann env V2M_STATE=/var/lib/v2m \
    V2M_CONFIG=/dev/null v2m-user list
like "$(cat "$ERR")" "belongs to the administrator" "is sent to the owner"
status 77 "another user's v2m-status" as_user vann \
    env V2M_STATE=/var/lib/v2m V2M_CONFIG=/dev/null v2m-status
is "$(cat "$ERR")" "v2m-status: you may not read '/var/lib/v2m/jwt_secret': it\
 belongs to the administrator of this v2m (set url to go through its gateway,\
 or V2M_STATE to your own)" "is not told to log in"

# --- what works with files of root's ---
for command in "login --check" "upload talk.mp4" "fetch $id" status \
    "remove $id" "passwd ann@example.org"; do
	# shellcheck disable=SC2086 # operands
	status 77 "root types v2m-$command" v2m-$command
	is "$(cat "$ERR")" "v2m-${command%% *}: '/var/lib/v2m' belongs to\
 vservice: runuser -u vservice -- env V2M_STATE=/var/lib/v2m\
 v2m-${command%% *} ..." "is told how"
done
status 77 "v2m-passwd with root's files, too" v2m-passwd --password-file pw \
    --new-password-file unreachable.conf ann@example.org
like "$(cat "$ERR")" "belongs to vservice: runuser -u vservice" "is told how"
chmod 700 /var/lib/people/root
status 0 "as it said" runuser -u vservice -- env V2M_STATE=/var/lib/v2m v2m-status
like "$(cat "$OUT")" "^$id	done" "it works, from root's own home"

# --- files of root's that an older v2m left ---
mp3=$(ls /var/lib/v2m/store/mp3s | head -n 1)
chown root:root "/var/lib/v2m/store/mp3s/$mp3" /var/lib/v2m/store/index.db
ln "/var/lib/v2m/store/mp3s/$mp3" /var/lib/linked
status 1 "v2m-check by root" v2m-check
like "$(cat "$OUT")" "^store/index.db	it belongs to root, the state to\
 vservice	give it to the owner of the state$" "tells of a database"
like "$(cat "$OUT")" "^store/mp3s/$mp3	it belongs to root, .*	replace it by a copy" \
    "and of a file with another name elsewhere, which is nothing to give away"
like "$(cat "$ERR")" "repair that first, then the rest can be checked" \
    "and that it cannot go on with a database that it may not read"
rm /var/lib/linked
chown vservice /var/lib/v2m/store/index.db
status 1 "v2m-check by the service" serves v2m-check
like "$(cat "$OUT")" "^store/mp3s/$mp3	.*	v2m-check --repair, run by root$" \
    "tells of it"
like "$(cat "$OUT")" "^$id	its MP3: cannot open .*	give the owner of \
the state the rights to that file$" "and goes on"
is "$(stat -c %U "/var/lib/v2m/store/mp3s/$mp3")" root "nothing was changed"
new=$(serves v2m-upload talk.mp4)
chown root "/var/lib/v2m/store/videos/$new"
status 75 "a video that the worker may not read" serves v2m-convert-worker \
    --once
is "$(serves v2m-status "$new" | cut -f 2)" queued "waits for who mends it"
status 0 "root mends" v2m-check --repair --yes
like "$(cat "$OUT")" "^store/mp3s/$mp3	" "and shows what"
is "$(not_owned vservice)" "" "all is the service's again"
status 0 "the video is converted" serves v2m-convert-worker "$new"
status 0 "all is well" serves v2m-check --bytes
is "$(cat "$OUT")" "" "and nothing to tell"

# A whole state that root made where the service had a folder.
chown -R root /var/lib/v2m
chown vservice /var/lib/v2m
status 0 "the folder is the service's, all in it root's" v2m-check --repair \
    --yes
is "$(not_owned vservice)" "" "the service has it all" ||
    tap_show left < "$ERR"
status 0 "and all is well" v2m-check

# --- owners that nobody can become ---
chown -R 65534 /var/lib/v2m
for command in "convert-worker --once" "user list" init check prune status; do
	# shellcheck disable=SC2086 # operands
	status 77 "a state of nobody's: v2m-$command" v2m-$command
	like "$(cat "$ERR")" "belongs to user 65534" "is refused"
done
chown -R vservice /var/lib/v2m
chown vann /var/lib/v2m/v2m.db
status 77 "a database of a third user's" v2m-convert-worker --once
is "$(cat "$ERR")" "v2m-convert-worker: '/var/lib/v2m/v2m.db' belongs to vann,\
 its folder to vservice: they have to be one user's" "says so"
chown -R 61077:61078 /var/lib/v2m
status 0 "an owner without a name" v2m-check
is "$(not_owned 61077)" "" "works, too"
background setpriv --groups 0,61000,61009 v2m-convert-worker 2> nameless.log
eventually "a worker of root's, who has groups" grep -q event=started \
    nameless.log
is "$(sed -n 's/^[UG]id:[[:space:]]*//p; s/^\(Groups:\)[[:space:]]*/\1/p' \
    "/proc/$tap_pid/status" | tr '\t\n' '  ')" "61077 61077 61077 61077 61078\
 61078 61078 61078 Groups: " "is that number, in no other group"
is "$(sed -n 's/^\(Cap[PEA][a-z]*\):[[:space:]]*/\1 /p' \
    "/proc/$tap_pid/status")" "CapPrm 0000000000000000
CapEff 0000000000000000
CapAmb 0000000000000000" "with no capability"
kill "$tap_pid"
wait "$tap_pid"
is $? 0 "and ends well"
is "$(not_owned 61077)" "" "all is that number's still"
if unshare -Ur true 2> "$ERR"; then
	status 77 "root of a container, where the owner has no number" \
	    unshare -Ur v2m-check
	like "$(cat "$ERR")" "belongs to user 65534" "is refused"
else
	skip "root of a container" "no user namespaces here"
fi
status 77 "where setuid fails" setpriv --bounding-set=-setuid \
    --inh-caps=-setuid v2m-check
like "$(cat "$ERR")" "root cannot become that user" "nothing is done"
chown -R vservice:vservice /var/lib/v2m

# --- the gateway ---
if [ ! -e "$V2M_BIN/../lib/v2m/gateway.so" ]; then
	skip "the gateway" "built without one"
	done_testing
fi
gateway_start --metrics-listen 127.0.0.1:82
is "$(stat -c %U "/proc/$GATEWAY/task")" vservice "root's gateway is the\
 service's"
is "$METRICS_PORT" 82 "with a port that is root's to open"
http 200 "ann logs in" -u 'ann@example.org:correct horse' -X POST "$URL/login"
auth="Authorization: Bearer $(cat "$BODY")"
http 200 "and uploads" -H "$auth" -F file=@talk.mp4 "$URL/upload"
is "$(not_owned vservice)" "" "the video is the service's"
http 200 "an MP3" -H "$auth" "$URL/download?fid=$id"
chown root "/var/lib/v2m/store/mp3s/$mp3"
http 500 "one that the service may not read" -H "$auth" \
    "$URL/download?fid=$id"
unlike "$(cat "$BODY")" "/var/lib|ermission" "is told without a path"
ok "which is in the log" logged "/var/lib/v2m/store/mp3s/$mp3"
chown vservice "/var/lib/v2m/store/mp3s/$mp3"
http 200 "again" -H "$auth" "$URL/download?fid=$id"

# Of another lifetime: in the second of the login it would be the same token.
unseen=$(v2m-user token --lifetime 1h ann@example.org)
chown root /var/lib/v2m/jwt_secret
i=0
while [ $i -lt 12 ]; do
	http 500 "a right password, and a secret that cannot be read" \
	    -u 'ann@example.org:correct horse' -X POST "$URL/login"
	i=$((i + 1))
done
unlike "$(cat "$BODY")" "/var/lib|credentials" "no path, no wrong credentials"
http 500 "a token, there" -H "Authorization: Bearer x.$i.y" "$URL/status"
status 69 "v2m-status, there" as_user vann env V2M_URL="$URL" V2M_CONFIG=/dev/null \
    V2M_TOKEN="$unseen" v2m-status
chown vservice /var/lib/v2m/jwt_secret
http 200 "it counts as nobody's failure" \
    -u 'ann@example.org:correct horse' -X POST "$URL/login"
chown root /var/lib/v2m/store
chmod 700 /var/lib/v2m/store
http 500 "a store that cannot be read" -H "$auth" -F file=@talk.mp4 \
    "$URL/upload"
unlike "$(cat "$BODY")" "/var/lib" "is told without a path"
chown vservice /var/lib/v2m/store
chown root /var/lib/v2m/store/videos
http 500 "a folder of it that cannot be written" -H "$auth" \
    -F file=@talk.mp4 "$URL/upload"
http 200 "ann looks" -H "$auth" "$URL/status"
unlike "$(cat "$BODY")" "	new	" "no upload is under way"
chown vservice /var/lib/v2m/store/videos
ends_well

# --- the key user ---
status 78 "a user who is not the owner" env V2M_USER=daemon \
    v2m-gateway --listen 127.0.0.1:0
like "$(cat "$ERR")" "user = daemon, but '/var/lib/v2m' is another's" \
    "cannot work with it"
status 78 "a user whom nobody knows" env V2M_USER=wwwwww \
    v2m-gateway --listen 127.0.0.1:0
export V2M_USER=vservice
gateway_start
is "$(stat -c %U "/proc/$GATEWAY/task")" vservice "the owner by name"
ends_well
# All is elsewhere, and away.
cp /var/lib/v2m/jwt_secret "$TMP/root.secret"
export V2M_STATE=/var/lib/none V2M_USERS=mysql://u@127.0.0.1:9/auth \
    V2M_QUEUE=amqp://127.0.0.1:9 V2M_STORE=mongodb://127.0.0.1:9 \
    V2M_JWT_SECRET_FILE="$TMP/root.secret"
gateway_start
is "$(stat -c %U "/proc/$GATEWAY/task")" vservice "without a state, user says"
http 200 "it serves" "$URL/healthz"
ends_well

done_testing
