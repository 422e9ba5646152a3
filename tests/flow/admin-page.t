#!/bin/sh
# The commands of v2m-admin(7): those marked "here" are run one after the other,
# by root on a machine of its own, all others are parsed; and each command of
# v2m's in them has the options that it is given.
# slow: 15 s
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
page=$tap_root/man/v2m-admin.7

# Block N with its mark: mark-N, block-N
awk '
/^\.\\" [a-z]+$/ { mark = $2; next }
mark != "" && /^\.Bd / { n++; print mark > ("mark-" n); on = 1; next }
/^\.Ed$/ { on = 0; mark = ""; next }
on { gsub(/\\\\/, "\\"); gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047")
    print > ("block-" n) }
/^\.Bd / && !on { print "a block without a mark, before line " NR }' \
    "$page" > "$OUT"
is "$(cat "$OUT")" "" "every block has a mark"
blocks=$(find . -name 'block-*' | wc -l)
ok "there are blocks" [ "$blocks" -gt 20 ]

known() {	# COMMAND --OPTION
	"$1" --dump-options 2> "$ERR" |
	    awk -F '\t' -v o="${2#--}" '$1 == "option" && $3 == o { n = 1 }
		END { exit !n }'
}
n=0
while [ $n -lt "$blocks" ]; do
	n=$((n + 1))
	ok "block $n ($(cat "mark-$n")) is shell" sh -n "block-$n"
	grep -oE 'v2m-[a-z-]+( [a-z]+)?( --[a-z-]+| -[a-z]|)+' "block-$n" |
	    while read -r command words; do
		[ -x "$V2M_BIN/$command" ] || continue
		for word in $words; do
			case $word in
			--*) known "$command" "$word" ||
			    echo "$command $word" ;;
			esac
		done
	done >> unknown
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
