#!/bin/sh
# A configuration of the service's that ordinary users may not read: who passes
# over it, who does not, and what client.conf is for.
# slow: 10 s
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
# shellcheck source=tests/lib/gateway.sh
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
machine
clip talk.mp4
chmod 644 talk.mp4
echo 'correct horse' > pw
chown vservice pw
chmod 600 pw

# --- as the manual wants it ---
mkdir /etc/v2m
echo 'free_reserve = 0' > /etc/v2m/v2m.conf
chgrp vservice /etc/v2m/v2m.conf
chmod 640 /etc/v2m/v2m.conf
mkdir -m 700 /var/lib/v2m
chown vservice:vservice /var/lib/v2m
serves() {
	as_user vservice env V2M_STATE=/var/lib/v2m "$@"
}
status 0 "the service's user sets up" serves v2m-init
status 0 "adds a user" serves v2m-user add --password-file pw ann@example.org
status 0 "and another" serves v2m-user add --password-file pw bob@example.org
cp pw annspw
chown vann annspw
unread="you may not read '/etc/v2m/v2m.conf'"

# --- what needs no service ---
cd /var/lib/people/vann || exit 99
status 0 "ann converts a video" as_user vann v2m-convert "$TMP/talk.mp4" a.mp3
is "$(cat "$ERR")" "" "without a word"
status 0 "with -v" as_user vann v2m-convert -v "$TMP/talk.mp4" b.mp3
like "$(cat "$ERR")" "^v2m-convert: '/etc/v2m/v2m.conf' is passed over" \
    "with one"
status 0 "v2m looks at its walls" as_user vann v2m --version --verbose

# --- what needs one, and does not know which ---
for command in "upload $TMP/talk.mp4" "fetch 5f1e5f1e5f1e5f1e5f1e5f1e" status \
    "remove 5f1e5f1e5f1e5f1e5f1e5f1e" "login --check" \
    "passwd ann@example.org"; do
	# shellcheck disable=SC2086 # operands
	status 78 "ann types v2m-$command" as_user vann v2m-$command
	is "$(cat "$ERR")" "v2m-${command%% *}: $unread: set url to a gateway\
 (V2M_URL), or ask root to add you to the group vservice" "both ways are named"
done
is "$(ls -A /var/lib/people/vann)" "a.mp3
b.mp3" "nothing is made in ann's home"

# --- what is the service's ---
for command in init user\ list convert-worker "notify --once" check prune \
    "backup copy" "requeue --list" gateway "init --print-config"; do
	# shellcheck disable=SC2086 # operands
	status 78 "ann types v2m-$command" as_user vann timeout 60 \
	    env V2M_URL=http://127.0.0.1:9 v2m-$command
	is "$(cat "$ERR")" "v2m-${command%% *}: $unread: ask root to add you to\
 the group vservice, or name a configuration of your own (--config,\
 V2M_CONFIG)" \
	    "both ways are named"
done
echo 'lease = 70s' > own.conf
chown vann own.conf
chmod 600 own.conf
status 0 "ann's own" as_user vann v2m-init --config own.conf
status 0 "is all ann's" as_user vann env V2M_CONFIG=own.conf v2m-check

# --- a service on defaults ---
chmod 600 /etc/v2m/v2m.conf
for command in convert-worker notify gateway; do
	status 78 "v2m-$command, where its configuration became unreadable" \
	    serves timeout 60 "v2m-$command"
	is "$(cat "$ERR")" "v2m-$command: $unread (as root: chgrp vservice\
 '/etc/v2m/v2m.conf' && chmod 640 '/etc/v2m/v2m.conf')" "says what root forgot"
done
status 78 "ann is told" as_user vann v2m-status
like "$(cat "$ERR")" "or run this as the user of the service$" "something else"
chmod 640 /etc/v2m/v2m.conf
chmod 750 /etc/v2m
status 78 "or its folder" serves timeout 60 v2m-convert-worker
like "$(cat "$ERR")" "\(as root: chmod 755 /etc/v2m\)" "says so"
status 0 "v2m-convert does without" as_user vann v2m-convert "$TMP/talk.mp4" \
    c.mp3
chmod 755 /etc/v2m
mv /etc/v2m/v2m.conf kept
ln -s /not/mounted/v2m.conf /etc/v2m/v2m.conf
for command in convert-worker notify gateway status; do
	status 78 "v2m-$command, where it is a link to nowhere" \
	    serves timeout 60 "v2m-$command"
	is "$(cat "$ERR")" "v2m-$command: cannot read '/etc/v2m/v2m.conf': No\
 such file or directory" "says so"
done
status 0 "v2m-convert does without" as_user vann v2m-convert "$TMP/talk.mp4" \
    e.mp3
rm /etc/v2m/v2m.conf
mv kept /etc/v2m/v2m.conf
mv /etc/v2m /etc/away
ln -s /not/mounted /etc/v2m
status 78 "or its folder is one" serves timeout 60 v2m-convert-worker
rm /etc/v2m
mv /etc/away /etc/v2m

# --- client.conf ---
background as_user vservice env V2M_STATE=/var/lib/v2m \
    v2m-gateway --listen 127.0.0.1:0 2> "$TMP/gateway.log"
eventually "the service's gateway" grep -q event=listening "$TMP/gateway.log"
url=$(sed -n 's,.*event=listening address=\([^ ]*\)$,http://\1,p' \
    "$TMP/gateway.log")
echo "url = $url" > /etc/v2m/client.conf
status 0 "bob may log in" as_user vbob v2m-login --password-file - \
    bob@example.org < "$TMP/annspw"
status 0 "ann too" as_user vann v2m-login --password-file "$TMP/annspw" \
    ann@example.org
status 0 "vann uploads" as_user vann v2m-upload "$TMP/talk.mp4"
id=$(cat "$OUT")
status 0 "the worker, of the service" serves v2m-convert-worker --once
status 0 "ann looks" as_user vann v2m-status
like "$(cat "$OUT")" "^$id	done" "at a job that is done"
status 0 "vann fetches" as_user vann v2m-fetch -o fetched.mp3 "$id"
is "$(stat -c %U fetched.mp3)" vann "a file of ann's"
status 66 "bob may not" as_user vbob v2m-fetch -o - "$id"
status 0 "ann removes it" as_user vann v2m-remove "$id"
status 78 "the worker is no client" as_user vann timeout 60 v2m-convert-worker
status 0 "whoever may read v2m.conf" serves v2m-init --print-config
unlike "$(cat "$OUT")" "^url = http" "does not read client.conf"

mkdir -p .config/v2m
echo 'url = http://127.0.0.1:9' > .config/v2m/v2m.conf
echo 'url_timeout = 1s' >> .config/v2m/v2m.conf
chown -R vann .config
chmod 600 .config/v2m/v2m.conf
not_ok "ann's own file wins" as_user vann v2m-status
like "$(cat "$ERR")" "127.0.0.1:9|not logged in" "over it"
status 0 "the environment wins" as_user vann env V2M_URL="$url" v2m-status
rm -r .config

# --- where there is no v2m.conf ---
mv /etc/v2m/v2m.conf kept
status 0 "a machine of clients" as_user vann v2m-status
mv kept /etc/v2m/v2m.conf

# --- what client.conf is not for ---
cp /etc/v2m/client.conf kept
echo "store = mongodb://u:secret@host/" >> /etc/v2m/client.conf
status 78 "a key that may hold a secret" as_user vann v2m-status
is "$(cat "$ERR")" "v2m-status: /etc/v2m/client.conf:2: 'store' may not be set\
 in a file that everybody can read: set it in v2m.conf" "goes elsewhere"
cp kept /etc/v2m/client.conf
chmod 666 /etc/v2m/client.conf
status 78 "one that others can write" as_user vann v2m-status
chmod 644 /etc/v2m/client.conf
chown vbob /etc/v2m/client.conf
status 78 "one of another user's" as_user vann v2m-status
chown root /etc/v2m/client.conf
chmod 600 /etc/v2m/client.conf
status 78 "one that nobody can read: v2m-status" as_user vann v2m-status
status 0 "but with url set elsewhere" as_user vann env V2M_URL="$url" \
    v2m-status
status 0 "v2m-convert" as_user vann v2m-convert "$TMP/talk.mp4" d.mp3

# --- the demonstration, beside a service ---
mkdir -p /etc/v2m
echo 'users = sqlite:/var/lib/people/real.db' > /etc/v2m/v2m.conf
chmod 600 /etc/v2m/v2m.conf
cp "$tap_root/scripts/demo" /var/lib/people/demo
chmod 755 /var/lib/people/demo
mkdir -m 777 /var/lib/people/shown
cd /var/lib/people/shown || exit 99
status 0 "make demo of one who may not read the configuration" as_user vann \
    env V2M_BIN=/var/lib/build/bin TMPDIR=/var/lib/people/shown \
    /var/lib/people/demo
status 0 "of root" env V2M_BIN=/var/lib/build/bin /var/lib/people/demo
ok "the machine's accounts stay as they are" [ ! -e /var/lib/people/real.db ]
cd "$TMP" || exit 99

# --- a service that has no configuration ---
rm -r /etc/v2m
for command in status login\ --check login\ ann@example.org; do
	# shellcheck disable=SC2086 # operands
	status 78 "no configuration, v2m-$command" as_user vann \
	    env V2M_STATE=/var/lib/people/vann/none v2m-$command
	like "$(cat "$ERR")" "not set up for you .* a service in /var/lib/v2m: \
set url to its gateway .*; v2m-init makes" "url is named before v2m-init"
done

cd / || exit 99
done_testing
