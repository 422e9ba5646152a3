#!/bin/sh
# What root is told where secrets, configuration and state are another user's,
# and what that user is told where they are root's: never to take them away.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
chmod 711 "$TMP"
user=daemon		# the service's
secret=$V2M_STATE/jwt_secret

as_user() {
	setpriv --reuid=$user --regid=$user --clear-groups -- \
	    env HOME="$TMP/home" XDG_STATE_HOME="$TMP/home" "$@"
}

unless_root() {
	[ "$(id -u)" -eq 0 ] || echo "only root can give files to others"
	command -v runuser > /dev/null || echo "there is no runuser"
	id $user > /dev/null 2>&1 || echo "there is no user $user"
	as_user test -x "$V2M_BIN/v2m-check" ||
	    echo "$user may not reach the build folder"
}

why=$(unless_root 2> /dev/null | head -n 1)
if [ -n "$why" ]; then
	skip "files of other users" "$why"
	done_testing
	exit
fi
mkdir home && chown $user home

# refused_to_root STATUS PATH CMD ARG...: with the advice that is right
refused_to_root() {
	refused_status=$1 refused_path=$2
	shift 2
	status "$refused_status" "root, and the user's: $*" "$@"
	like "$(cat "$ERR")" "'$refused_path' belongs to $user:\
 runuser -u $user -- $1 \.\.\.$" "is told how to be that user"
}

# --- the service's state ---
chown -R $user "$V2M_STATE"
refused_to_root 77 "$V2M_STATE" v2m-login --check
refused_to_root 77 "$V2M_STATE" v2m-upload talk.mp4
is "$(stat -c %U "$secret")" $user "it stays whose it was"
status 77 "what it was told" runuser -u $user -- \
    env XDG_STATE_HOME="$TMP/home" v2m-login --check
like "$(cat "$ERR")" "not logged in: run v2m-login" "is right"
chown -R 54321:54322 "$V2M_STATE"
status 77 "a user without a name" v2m-status
is "$(cat "$ERR")" "v2m-status: '$V2M_STATE' belongs to user 54321: setpriv\
 --reuid 54321 --regid 54322 --clear-groups v2m-status ..." "has a number"
chown -R $user "$V2M_STATE"

# --- configuration, and files that it names ---
echo "lease = 60s" > v2m.conf
chmod 640 v2m.conf
chown $user v2m.conf
V2M_CONFIG=$TMP/v2m.conf
export V2M_CONFIG
refused_to_root 78 "$V2M_CONFIG" v2m-status
chown root v2m.conf
chmod 644 v2m.conf
status 78 "a file of root's that all can read" as_user v2m-status
is "$(cat "$ERR")" "v2m-status: '$V2M_CONFIG' belongs to root and can be\
 read by others: it needs mode 0640 and a group that $user is in" \
    "has to be changed by root"
chgrp $user v2m.conf
chmod 640 v2m.conf
status 0 "with both it is read" as_user v2m-init --print-config
echo "lease = 60s" > theirs.conf
chown 54321:$user theirs.conf
chmod 640 theirs.conf
status 78 "another user's" as_user env V2M_CONFIG="$TMP/theirs.conf" v2m-status
is "$(cat "$ERR")" "v2m-status: '$TMP/theirs.conf' belongs to 54321: it has to\
 belong to you or to root" "cannot be changed by who is told"
V2M_CONFIG=/dev/null

# --- root's, for a group: credentials of systemd, secrets of Kubernetes ---
mkdir home/state
chown $user home/state
head -c 32 /dev/urandom | base64 > group.secret
chown root:$user group.secret
by_group() {
	chmod "$1" group.secret
	as_user env V2M_STATE="$TMP/home/state" \
	    V2M_JWT_SECRET_FILE="$TMP/group.secret" \
	    sh -c 'v2m-init && v2m-user token ann@example.org'
}
as_user env V2M_STATE="$TMP/home/state" sh -c 'v2m-init &&
    echo "correct horse" | v2m-user add --password-file - ann@example.org' \
    > "$OUT" 2> "$ERR"
status 0 "a secret of root's that the group may read" by_group 440
status 78 "one that the group may write" by_group 460
like "$(cat "$ERR")" "belongs to root and can be changed by others: it needs\
 mode 0640 and a group that $user is in" "is root's to mend"
status 78 "one that all can read" by_group 444
chown $user group.secret
status 78 "a secret of one's own that the group may read" by_group 440
like "$(cat "$ERR")" "chmod 600 '$TMP/group.secret'" "is closed at once"

# --- files that the configuration names, and that cannot be read ---
echo "correct horse" > closed
chmod 600 closed
# unread KEY=VALUE FILEKEY COMMAND ...
unread() {
	unread_set=$1 unread_key=$2
	shift 2
	for unread_file in closed absent; do
		status 78 "$unread_key: $unread_file" as_user env \
		    V2M_CONFIG=/dev/null V2M_STATE="$TMP/home/state" \
		    V2M_MAIL_FROM=v2m@example.org "$unread_set" \
		    "V2M_$unread_key=$TMP/$unread_file" timeout 60 "$@"
		like "$(cat "$ERR")" "'$TMP/$unread_file'" "is named"
	done
}
# has MODULE: was it built?
has() {
	[ -e "$V2M_BIN/../lib/v2m/$1.so" ]
}
unread LANG=C JWT_SECRET_FILE v2m-user token ann@example.org
! has gateway || unread V2M_LISTEN=127.0.0.1:0 JWT_SECRET_FILE v2m-gateway
! has gateway || unread V2M_LISTEN=127.0.0.1:0 LISTEN_CERT_FILE v2m-gateway
for end in PASSWORD CA CERT; do
	! has users-mysql || unread V2M_USERS=mysql://u@127.0.0.1:9/auth \
	    USERS_${end}_FILE v2m-user list
	! has store-mongodb || unread "V2M_STORE=mongodb://u@127.0.0.1:9" \
	    STORE_${end}_FILE v2m-check
	! has queue-amqp || unread V2M_QUEUE=amqps://u@127.0.0.1:9 \
	    QUEUE_${end}_FILE v2m-convert-worker --once
	! has mail-smtp || [ $end = PASSWORD ] ||
	    unread V2M_NOTIFY=smtp://127.0.0.1:9 NOTIFY_${end}_FILE \
	    v2m-notify --once
done
! has mail-smtp || unread V2M_NOTIFY=smtp://u@127.0.0.1:9 \
    NOTIFY_PASSWORD_FILE v2m-notify --once
! has store-aws || unread "V2M_OBJECTS=s3://bucket/v2m?region=r" \
    OBJECTS_CA_FILE v2m-check

# --- a file that root names ---
chown -R root "$V2M_STATE"
echo secret123 > theirs
chmod 600 theirs
chown $user theirs
status 78 "the password in another user's file" \
    v2m-user add --password-file theirs eve@example.org
is "$(cat "$ERR")" "v2m-user: eve@example.org: 'theirs' does not belong to\
 root: pass it as --password-file - < 'theirs'" "has another way"
status 0 "the password from stdin" v2m-user add --password-file - eve@example.org < theirs
is "$(stat -c %U theirs)" $user "leaves the file to its owner"

done_testing
