#!/bin/sh
# The packages under a real systemd, on Debian 12: installed, started, a job from
# upload to notice, restarts, the watchdog, credentials, a hook with the rights
# of a group, an upgrade in the middle of work, remove and purge.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/deploy/lib.sh"

roots_needed
command -v runc > /dev/null || skip_all "no runc"
command -v dpkg-deb > /dev/null || skip_all "no dpkg-deb"
packages bookworm
root_make bookworm-plain bookworm \
    systemd,systemd-sysv,dbus,curl,ca-certificates,procps
clip talk.mp4 2
long_clip long.mp4

# A program with the rights of a group, as postdrop(1) is one.
cat > put.c <<'end'
#include <stdio.h>
int
main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "w") : NULL;
	int c;

	if (f == NULL)
		return 75;
	while ((c = getchar()) != EOF)
		putc(c, f);
	return fclose(f) == 0 ? 0 : 75;
}
end
cc -static -o put put.c || skip_all "cannot compile"

newer "$DEBS"/v2m_*.deb "$DEBS"/v2m-server_*.deb

root_over bookworm-plain
mkdir "$ROOT/debs" "$ROOT/newer"
cp "$DEBS"/v2m_*.deb "$DEBS"/v2m-server_*.deb "$ROOT/debs"
cp newer/* "$ROOT/newer"
cp talk.mp4 long.mp4 put "$ROOT/srv"
port_free 8080
root_boot

apt() {
	booted_sh "DEBIAN_FRONTEND=noninteractive apt-get -y -q \
	    -o Dpkg::Use-Pty=0 --no-install-recommends $1"
}
active() {
	[ "$(booted systemctl is-active "$@" 2> /dev/null | sort -u)" = active ]
}
main_pid() {
	booted systemctl show -p MainPID --value "$1"
}
is_new() {	# UNIT OLD_PID
	active "$1" && [ "$(main_pid "$1")" != "$2" ]
}
drop_in() {	# UNIT NAME TEXT
	mkdir -p "$ROOT/etc/systemd/system/$1.d"
	printf '[Service]\n%s\n' "$3" > "$ROOT/etc/systemd/system/$1.d/$2.conf"
	booted systemctl daemon-reload
}
# As ann, on the machine itself.
as_v2m() {
	booted runuser -u v2m -- env V2M_STATE=/var/lib/v2m \
	    V2M_TOKEN="$ann" "$@"
}
journal() {
	booted journalctl --no-pager -o cat "$@"
}

# --- installed ---

apt update > "$OUT" 2>&1
status 0 "the packages are installed" \
    apt "install /debs/v2m_*.deb /debs/v2m-server_*.deb"
like "$(cat "$OUT")" 'add a user .* systemctl enable --now v2m.target' \
    "what comes next is told"
is "$(booted stat -c '%U:%G:%a' /etc/v2m/v2m.conf /var/lib/v2m \
    /var/lib/v2m/v2m.db | tr '\n' ' ')" \
    "root:v2m:640 v2m:v2m:700 v2m:v2m:600 " "rights of settings and state"
is "$(booted systemctl list-units --plain --no-legend 'v2m*')" "" \
    "nothing runs yet"
status 0 "an account" booted_sh \
    'echo "correct horse" | v2m-user add --password-file - ann@example.org'
status 0 "all is started" booted systemctl enable --now v2m.target
ann=$(booted_sh 'V2M_STATE=/var/lib/v2m v2m-user token ann@example.org')
parts="v2m-gateway.socket v2m-convert-worker@1 v2m-notify v2m-prune.timer \
    v2m-check.timer"
# shellcheck disable=SC2086
ok "systemctl ended when they were ready" active $parts
is "$(booted systemctl is-active v2m-gateway)" inactive \
    "the gateway waits for the first request"
is "$(booted curl -s http://127.0.0.1:8080/healthz)" ok "which starts it"
like "$(journal -u v2m-convert-worker@1)" 'event=started .*sandbox=full' \
    "the unit leaves the whole sandbox"
like "$(journal -u v2m-gateway)" 'event=sandbox parts=full' \
    "the gateway's, too"

# --- a job ---

id=$(upload talk.mp4)
eventually "a job goes all the way" journal_has "$id" told
is "$(journal "V2M_JOB=$id" -o json --output-fields=V2M_EVENT |
    sed 's/.*"V2M_EVENT":"\([a-z]*\)".*/\1/' | tr '\n' ' ')" \
    "request converted notice told " "the journal finds it by its ID"
unlike "$(journal "V2M_JOB=$id")" '^20[0-9][0-9]-' \
    "the journal has the time once"
booted curl -s -H "Authorization: Bearer $(log_in)" \
    "http://127.0.0.1:8080/download?fid=$id" > talk.mp3
ok "the MP3 comes back" [ "$(wc -c < talk.mp3)" -gt 10000 ]
status 0 "v2m-prune and v2m-check run" booted systemctl start v2m-prune v2m-check

# --- restarts ---

pid=$(main_pid v2m-convert-worker@1)
booted kill -9 "$pid"
eventually "a killed worker is started again" is_new v2m-convert-worker@1 "$pid"

drop_in v2m-notify.service watchdog 'WatchdogSec=3'
booted systemctl restart v2m-notify
pid=$(main_pid v2m-notify)
sleep 6
is "$(main_pid v2m-notify)" "$pid" "one that is alive is left alone"
booted kill -STOP "$pid"
eventually "one that is frozen is not" is_new v2m-notify "$pid"
like "$(journal -u v2m-notify)" 'v2m-notify.service: Watchdog timeout' \
    "for that reason"

# Somebody asks without a pause.
booted_sh 'rm -f /srv/asked; for n in 1 2 3 4 5 6 7 8 9 10; do
    curl -s -m 60 -o /dev/null -w "%{http_code} " http://127.0.0.1:8080/ \
    >> /srv/asked; sleep 0.2; done' &
asking=$!
for n in 1 2 3; do
	booted systemctl restart v2m-gateway
done
wait $asking
is "$(cat "$ROOT/srv/asked")" \
    "200 200 200 200 200 200 200 200 200 200 " \
    "no request is refused while the gateway is started again"

# --- credentials ---

head -c 32 /dev/urandom | base64 > "$ROOT/etc/v2m/jwt-secret"
chmod 600 "$ROOT/etc/v2m/jwt-secret"
old=$(log_in)
mkdir -p "$ROOT/etc/systemd/system/v2m-.service.d"
sed 's/^#\(.*jwt-secret\)/\1/' \
    "$ROOT/usr/share/v2m/systemd/v2m-credentials.conf" \
    > "$ROOT/etc/systemd/system/v2m-.service.d/credentials.conf"
booted systemctl daemon-reload
status 0 "with a secret of root's" booted systemctl restart v2m-gateway ||
    journal -u v2m-gateway | tail -n 5
token=$(log_in)
check() {
	booted curl -s -o /dev/null -w '%{http_code}' -X POST \
	    -H "Authorization: Bearer $1" http://127.0.0.1:8080/validate
}
is "$(check "$token")" 200 "the gateway signs with it"
is "$(check "$old")" 403 "and with no other"

# --- a hook that has the rights of a group ---

booted_sh 'groupadd hook && install -d -m 2770 -g hook /srv/hook &&
    install -m 2755 -g hook /srv/put /usr/local/bin/put'
echo 'notify = exec:/usr/local/bin/put /srv/hook/$V2M_ID' \
    >> "$ROOT/etc/v2m/v2m.conf"
booted systemctl restart v2m-notify
id=$(upload talk.mp4)
eventually "the unit lets no program take rights" journal_has "$id" postponed
mkdir -p "$ROOT/etc/systemd/system/v2m-notify.service.d"
sed 's,^#\(ReadWritePaths=\).*,\1/srv/hook,' \
    "$ROOT/usr/share/v2m/systemd/v2m-notify-program.conf" \
    > "$ROOT/etc/systemd/system/v2m-notify.service.d/program.conf"
booted systemctl daemon-reload
booted systemctl restart v2m-notify
id=$(upload talk.mp4)
eventually "with the drop-in it may" journal_has "$id" told
is "$(booted stat -c %G "/srv/hook/$id")" hook "the hook wrote as its group"
sed -i '/^notify = exec/d' "$ROOT/etc/v2m/v2m.conf"

# --- upgrade, in the middle of a job ---

id=$(upload long.mp4)
converts() {
	as_v2m v2m-status "$id" | grep -q converting
}
eventually "a long job is at work" converts
pid=$(main_pid v2m-convert-worker@1)
gateway=$(main_pid v2m-gateway)
status 0 "the packages are upgraded" \
    apt "install /newer/v2m_*.deb /newer/v2m-server_*.deb"
eventually "the worker is a new one" is_new v2m-convert-worker@1 "$pid"
eventually "the gateway too" is_new v2m-gateway "$gateway"
finished() {
	journal_has "$id" converted
}
for n in 1 2 3 4 5 6 7 8 9 10; do
	finished || sleep 20
done
ok "the job is done all the same" finished
# shellcheck disable=SC2086
ok "all the others still run" active $parts
is "$(booted stat -c '%U:%G:%a' /etc/v2m/v2m.conf)" root:v2m:640 \
    "the settings keep their rights"
status 0 "nothing was broken" as_v2m v2m-check

# --- and gone ---

status 0 "the packages are removed" apt "remove v2m v2m-server"
is "$(booted_sh 'pgrep -l v2m')" "" "nothing is left running"
ok "the settings stay" [ -e "$ROOT/etc/v2m/v2m.conf" ]
rm -rf "$ROOT/etc/v2m/jwt-secret" "$ROOT"/etc/systemd/system/v2m-*.d
status 0 "the packages are purged" apt "purge v2m v2m-server"
like "$(cat "$OUT")" '/var/lib/v2m stay' "what stays is told"
ok "the settings go" [ ! -e "$ROOT/etc/v2m" ]
ok "the state stays" [ -s "$ROOT/var/lib/v2m/v2m.db" ]
is "$(booted_sh 'ls /etc/systemd/system/*/v2m* /var/lib/systemd/*/*v2m*' \
    2> /dev/null)" "" "no unit is enabled any more"
status 0 "installed again" apt "install /newer/v2m_*.deb /newer/v2m-server_*.deb"
booted systemctl enable --now v2m.target > "$OUT" 2>&1
ok "the account is still there" [ -n "$(log_in)" ]
is "$(as_v2m v2m-status | wc -l)" 4 "and so are its jobs"

done_testing
