#!/bin/sh
# The way of v2m-admin(7), walked on fresh machines with a real systemd, by the
# page's own commands: a service with two users, watched, backed up, put back on
# another machine, moved to another disk, purged; and the last release, upgraded
# in the middle of its work.  Says how long each step takes.
#
#	V2M_TEST_WALK	the release of Debian, trixie
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/blocks.sh"
. "$tap_root/tests/deploy/lib.sh"

suite=${V2M_TEST_WALK:-trixie}
roots_needed
command -v runc > /dev/null || skip_all "no runc"
command -v dpkg-deb > /dev/null || skip_all "no dpkg-deb"
blocks_of "$tap_root/man/v2m-admin.7"
clip talk.mp4 2
long_clip long.mp4
root_make "$suite-plain" "$suite" \
    systemd,systemd-sysv,dbus,curl,ca-certificates,procps

# machine FOLDER: a fresh one that runs, with the packages that are in FOLDER.
machine() {
	root_over "$suite-plain"
	mkdir -p "$ROOT/srv/v2m" "$ROOT/mnt/backup" "$ROOT/mnt/disk"
	cp "$1"/v2m*.deb "$ROOT/srv/v2m"
	rm -f "$ROOT"/srv/v2m/*-dbgsym_*
	cp talk.mp4 long.mp4 "$ROOT/srv"
	# Yes is what the administrator answers.
	echo 'APT::Get::Assume-Yes "true";' > "$ROOT/etc/apt/apt.conf.d/90yes"
	echo 'DPkg::Use-Pty "false";' >> "$ROOT/etc/apt/apt.conf.d/90yes"
	port_free 8080
	root_boot
	booted apt-get -q update > "$OUT" 2>&1
}
machine_gone() {
	runc delete -f "$box" > /dev/null 2>&1
	box=
	root_gone
}

# A person of the machine, who knows an address and a password.
user() {	# NAME COMMAND ...
	name=$1
	shift
	booted runuser -u "$name" -- env HOME="/srv/$name" "$@"
}
person() {	# NAME PASSWORD
	booted useradd -m -d "/srv/$1" "$1"
	printf '%s\n' "$2" > "$ROOT/srv/$1/password"
	booted chown "$1" "/srv/$1/password"
	booted chmod 600 "/srv/$1/password"
	status 0 "$1 logs in" user "$1" v2m-login --quiet \
	    --password-file "/srv/$1/password" "$1@example.org"
}
mp3_of() {	# NAME ID
	user "$1" v2m-fetch --quiet --wait -o - "$2" > mp3 2> "$ERR" &&
	    [ "$(wc -c < mp3)" -gt 10000 ]
}
works_for_two() {	# the last job's ID is in $id
	for name in ann bob; do
		ok "$name uploads" user "$name" v2m-upload --quiet /srv/talk.mp4
		id=$(cat "$OUT")
		ok "and has an MP3" mp3_of "$name" "$id"
		eventually "of which a notice was sent" journal_has "$id" told
	done
}
set_up() {
	by_page "packages are installed" packages 'apt-get install'
	by_page "settings" here 'keep_videos = 1d'
	by_page "the start" systemd 'systemctl enable --now'
	by_page "accounts" here 'bob@example.org'
}
people() {
	by_page "where the gateway is" here 'client.conf'
	person ann "correct horse"
	person bob "battery staple"
}
is_new() {	# UNIT OLD_PID
	pid=$(booted systemctl show -p MainPID --value "$1")
	[ "$pid" -gt 0 ] && [ "$pid" != "$2" ]
}

# --- a service with two users ---
packages "$suite"
new=$DEBS
machine "$new"
set_up
people
works_for_two
by_page "a token for scripts" here 'v2m-user token'
by_page "what waits and what failed" here 'v2m-requeue --list'
is "$(cat "$OUT")" "" "nothing does"
sed -i "s/6b00f9a3e4195d5617380f0d/$id/" "$(block_with systemd 'V2M_JOB=')"
by_page "all that happened to a job" systemd 'V2M_JOB='
like "$(cat "$OUT")" "job=$id event=converted" "is told"

# --- a backup, under load ---
status 0 "a long job" user ann v2m-upload --quiet /srv/long.mp4
long=$(cat "$OUT")
at_work() {
	user ann v2m-status "$long" | grep -q converting
}
eventually "is at work" at_work
by_page "a backup" here 'v2m-backup /mnt/backup/v2m'
by_page "which is good" here 'V2M_STATE=/mnt/backup/v2m'
cp -a "$ROOT/mnt/backup" backup
by_page "a password was lost" here 'v2m-user passwd'
not_ok "the former one is nothing" user ann v2m-login --quiet \
    --password-file /srv/ann/password ann@example.org

# --- to another disk ---
status 0 "the disk is there" booted mount -t tmpfs disk /mnt/disk
by_page "a copy, while all runs" here 'v2m-init --import /var/lib/v2m'
by_page "a move" systemd 'v2m-init --import /var/lib/v2m --final'
is "$(booted systemctl is-active v2m-convert-worker@1 v2m-convert-worker@2 \
    v2m-notify v2m-gateway.socket | sort -u)" active \
    "all that was stopped is started, the second worker, too"
patient() {	# COMMAND ..., for five minutes
	left=300
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 1
	done
}
ok "the long job is done all the same" patient journal_has "$long" told

# --- and away ---
by_page "the packages are purged" packages 'apt-get purge'
ok "the accounts stay" booted test -s /var/lib/v2m/v2m.db
status 0 "the disk is taken away" booted umount /var/lib/v2m
by_page "what nobody needs any more" last 'rm -r /var/lib/v2m'
is "$(booted_sh 'find / -xdev -name "*v2m*" ! -path "/var/lib/dpkg/*" \
    ! -path "/var/log/*" ! -path "/srv/*" ! -path "/mnt/*" \
    ! -path /var/lib/v2m.old ! -path "/var/lib/v2m.old/*"')" "" \
    "nothing of it is left"
machine_gone

# --- the backup on another machine, where v2m has another number ---
machine "$new"
booted useradd --system other
set_up
booted systemctl stop v2m.target v2m-gateway.socket
cp -a backup/. "$ROOT/mnt/backup"
# The check may name the job that was at work, and end with 1.
sed -i '/^v2m-check/d' "$(block_with here 'v2m-init --restored')"
by_page "the backup is put back" here 'v2m-init --restored'
is "$(booted v2m-check --bytes | grep -v "^$long	")" "" "all of it is there"
booted systemctl start v2m.target
people
ok "bob has his MP3 there" mp3_of bob "$id"
ok "and ann's job is done there" patient journal_has "$long" converted
is "$(booted journalctl --no-pager -o cat "V2M_JOB=$id" V2M_EVENT=told)" "" \
    "nobody is told again"
machine_gone

# --- the last release, upgraded in the middle of its work ---
packages_before "$suite" || {
	skip "an upgrade of the last release" "its commit is not in this clone"
	done_testing
	exit
}
machine "$DEBS"
set_up
is_at_work() {
	booted_sh "V2M_TOKEN=$token V2M_STATE=/var/lib/v2m runuser -u v2m -- \
	    v2m-status $long" | grep -q converting
}
token=$(booted_sh 'V2M_STATE=/var/lib/v2m v2m-user token ann@example.org')
id=$(upload talk.mp4)
eventually "a job goes all the way" journal_has "$id" told
long=$(upload long.mp4)
eventually "a long job is at work" is_at_work
pid=$(booted systemctl show -p MainPID --value v2m-convert-worker@1)
rm "$ROOT"/srv/v2m/*
cp "$new"/v2m*.deb "$ROOT/srv/v2m"
rm -f "$ROOT"/srv/v2m/*-dbgsym_*
by_page "the new packages" packages 'apt-get install'
eventually "the worker is a new one" is_new v2m-convert-worker@1 "$pid"
people
ok "an MP3 from before" mp3_of ann "$id"
ok "the long job's, too" patient mp3_of ann "$long"
works_for_two
booted v2m-check --bytes > check 2>&1
like "$(cat check)" 'limit' "what the new version wants decided is told"
unlike "$(cat check)" 'missing|lost|broken' "nothing is broken"
tap_show check < check
by_page "the packages are purged" packages 'apt-get purge'

done_testing
