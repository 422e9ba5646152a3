#!/bin/sh
# The commands of v2m-admin(7): those marked "here" are run one after the other,
# by root on a machine of its own, all others are parsed; and each command of
# v2m's in them has the options that it is given.
# slow: 15 s
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/blocks.sh"
page=$tap_root/man/v2m-admin.7

blocks_of "$page" > "$OUT"
is "$(cat "$OUT")" "" "every block has a mark"
blocks=$(find . -name 'block-*' | wc -l)
ok "there are blocks" [ "$blocks" -gt 20 ]

n=0
while [ $n -lt "$blocks" ]; do
	n=$((n + 1))
	ok "block $n ($(cat "mark-$n")) is shell" sh -n "block-$n"
	unknown_options "block-$n" >> unknown
done
is "$(cat unknown)" "" "the options are there"

machine
machine_user v2m 61010
mount -t tmpfs tmpfs /mnt || skip_all "no mounts here"
mkdir /mnt/backup /mnt/disk /etc/v2m /var/lib/metrics
chown v2m:v2m /var/lib/metrics
install -d -m 0700 -o v2m -g v2m /var/lib/v2m
clip "$TMP/talk.mp4"
chmod 644 "$TMP/talk.mp4"

# Something to work with, once there are accounts.
upload() {
	token=$(v2m-user token ann@example.org) &&
	as_user v2m env V2M_STATE=/var/lib/v2m V2M_TOKEN="$token" V2M_URL= \
	    V2M_CONFIG=/etc/v2m/v2m.conf v2m-upload --quiet "$TMP/talk.mp4" \
	    "$TMP/talk.mp4" > ids
}
n=0
while [ $n -lt "$blocks" ]; do
	n=$((n + 1))
	[ "$(cat mark-$n)" = here ] || continue
	status 0 "block $n: $(sed 1q block-$n)" sh -e "block-$n"
	if grep -q bob@example.org block-$n; then
		status 0 "ann uploads two videos" upload
		status 0 "and one of them is done" v2m-convert-worker --once
		status 0 "which is told" env V2M_NOTIFY="log:/var/lib/v2m/told" \
		    v2m-notify --once
		status 0 "more jobs" upload
	fi
done
is "$(find /var/lib/v2m ! -user v2m)" "" "nothing in the state is another's"
is "$(as_user v2m env V2M_STATE=/var/lib/v2m v2m-user list | cut -f 1 |
    paste -s -d ' ')" "ann@example.org bob@example.org" "the accounts are there"
status 0 "all is well in the end" v2m-check --bytes
umount /mnt

done_testing
