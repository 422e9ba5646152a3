#!/bin/sh
# v2m from source, by the commands of v2m-admin(7), under a real systemd: built,
# installed, set up, started, at work, upgraded, and removed.
#
#	V2M_TEST_SOURCE	the release of Debian, bookworm
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/blocks.sh"
. "$tap_root/tests/deploy/lib.sh"

suite=${V2M_TEST_SOURCE:-bookworm}
roots_needed
command -v runc > /dev/null || skip_all "no runc"
blocks_of "$tap_root/man/v2m-admin.7"
clip talk.mp4 2
root_make "$suite-build" "$suite" build-essential,"$(build_needs)"
root_over "$suite-build"
tree "$ROOT/srv/v2m"
cp talk.mp4 "$ROOT/srv"
status 0 "a machine with systemd" in_root "$ROOT" sh -c 'apt-get -q update &&
    apt-get -y -q --no-install-recommends install systemd systemd-sysv dbus \
    curl procps'
port_free 8080
root_boot

worker() {
	booted systemctl show -p MainPID --value v2m-convert-worker@1
}
works() {	# WHAT
	id=$(upload talk.mp4)
	eventually "$1: a job goes all the way" journal_has "$id" told
}

by_page "built and installed" source 'useradd'
by_page "v2m-init" here 'v2m-init'
is "$(booted stat -c '%U:%G:%a' /etc/v2m /var/lib/v2m /var/lib/v2m/v2m.db |
    tr '\n' ' ')" "root:v2m:750 v2m:v2m:700 v2m:v2m:600 " \
    "rights of settings and state"
by_page "units" source 'cp v2m*.service'
by_page "settings" here 'keep_videos = 1d'
by_page "the start" systemd 'systemctl enable --now'
by_page "accounts" here 'bob@example.org'
works "set up"
like "$(booted journalctl --no-pager -o cat -u v2m-convert-worker@1)" \
    'event=started .*sandbox=full' "in the whole sandbox"
old=$(worker)
by_page "an upgrade" source 'systemctl restart v2m.target'
new=$(worker)
ok "the worker is a new one" test "$new" -gt 0 -a "$new" -ne "$old"
works "upgraded"

by_page "uninstalled" source 'make uninstall'
ok "the accounts stay" booted test -s /var/lib/v2m/v2m.db
by_page "what nobody needs any more" last 'rm -r /var/lib/v2m'
is "$(booted_sh 'find / -xdev -name "*v2m*" ! -path "/srv/*" \
    ! -path "/var/log/*" ! -path "/sys/*" ! -path "/proc/*"')" "" \
    "nothing of it is left"
is "$(booted_sh 'getent passwd v2m')" "" "nor is its user"

done_testing
