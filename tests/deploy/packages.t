#!/bin/sh
# The packages, on each Debian: built in a clean root, without an error of
# lintian's, installed where no systemd runs, all drivers beside each other,
# under supervisord and cron, upgraded over a state in use, removed and purged.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/blocks.sh"
. "$tap_root/tests/deploy/lib.sh"

roots_needed
clip talk.mp4 2
blocks_of "$tap_root/man/v2m-admin.7"

# The samples in the packages.  All in one go: each inside has a /run of its own.
{
	echo 'supervisord || exit 1'
	cat "$(block_with supervisor supervisorctl)"
	cat << 'end'
id=$(V2M_TOKEN=$(v2m-user token ann@example.org) runuser -u v2m -- \
    env V2M_STATE=/var/lib/v2m v2m-upload --quiet /srv/talk.mp4)
n=0
until grep -qs "job=$id event=told" /var/log/supervisor/v2m-notify-0.log; do
	n=$((n + 1))
	[ $n -lt 120 ] || break
	sleep 1
done
supervisorctl shutdown
tail /var/log/supervisor/v2m-*
rm /etc/supervisor/conf.d/v2m.conf /var/log/supervisor/v2m-*
[ $n -lt 120 ]
end
} > supervised
cat > cron << 'end'
set -e
install -d -o v2m /srv/drop /srv/drop/ann
install -o v2m /srv/talk.mp4 /srv/drop/ann
run() {
	sed -n 's/^[0-9][0-9]* [0-9]* \* \* \* *//p
	    s,^\*/5 \* \* \* \* *,,p' /usr/share/v2m/cron/crontab |
	    sed 's/v2m-drop-folder /&-q 0 /' | while read -r line; do
		echo "$line"
		runuser -u v2m -- env -i HOME=/ PATH=/usr/bin:/bin \
		    V2M_STATE=/var/lib/v2m V2M_NOTIFY=log: sh -c "$line"
	done
}
run
run
test -s /srv/drop/ann/done/talk.mp3
end

lint() {	# SUITE
	root_make "$1-lint" "$1" lintian
	root_over "$1-lint"
	in_root "$ROOT" useradd -m lint
	mkdir "$ROOT/debs"
	cp "$DEBS"/* "$ROOT/debs"
	status 0 "$1: lintian finds no error" in_root "$ROOT" su lint -c \
	    'lintian --fail-on error /debs/*.changes'
	sed 's/^/# /' "$OUT"
}

apt() {	# WORDS, which may be patterns
	in_root "$ROOT" sh -c "apt-get -y -q -o Dpkg::Use-Pty=0 \
	    --no-install-recommends $1"
}
inside() {	# SCRIPT
	in_root "$ROOT" env V2M_STATE=/var/lib/v2m sh -c "$1"
}

try() {	# SUITE
	root_make "$1-plain" "$1" \
	    systemd,systemd-sysv,dbus,curl,ca-certificates,procps
	root_over "$1-plain"
	newer "$DEBS"/*.deb
	mkdir "$ROOT/debs" "$ROOT/newer"
	cp "$DEBS"/*.deb "$ROOT/debs"
	cp newer/* "$ROOT/newer"
	cp talk.mp4 "$ROOT/srv"
	apt update > "$OUT" 2>&1
	status 0 "$1: v2m alone is installed" apt "install /debs/v2m_*.deb"
	is "$(inside 'dpkg-query -W -f "\${Package}\n" |
	    grep -E "^lib(mongoc|mariadb|microhttpd)"')" \
	    "" "$1: without the libraries of servers"
	status 0 "$1: it converts" inside \
	    'v2m-convert /srv/talk.mp4 /srv/talk.mp3 && test -s /srv/talk.mp3'
	status 0 "$1: all packages are installed" apt "install /debs/*.deb"
	like "$(inside 'v2m --version --verbose')" 'gateway' "$1: the gateway"
	for module in users-mysql store-mongodb store-aws queue-amqp mail-smtp \
	    http-client; do
		like "$(inside 'v2m --version --verbose')" "$module" \
		    "$1: the module $module"
	done
	status 0 "$1: each finds its libraries" inside '! ldd /usr/lib/v2m/*.so \
	    /usr/libexec/v2m/v2m-media /usr/bin/v2m-* | grep "not found"'
	status 0 "$1: the settings are read" inside 'runuser -u v2m -- v2m-init \
	    --print-config'
	status 0 "$1: a job" inside 'echo "correct horse" |
	    v2m-user add --password-file - ann@example.org &&
	    as() { runuser -u v2m -- env V2M_STATE=/var/lib/v2m "$@"; } &&
	    V2M_TOKEN=$(v2m-user token ann@example.org) && export V2M_TOKEN &&
	    as v2m-upload /srv/talk.mp4 > /srv/id &&
	    v2m-convert-worker --once && v2m-notify --once'
	status 0 "$1: supervisor is installed" apt "install supervisor"
	status 0 "$1: supervisord runs a job" inside "$(cat supervised)"
	status 0 "$1: cron's lines fetch an MP3" inside "$(cat cron)"
	status 0 "$1: upgraded over its state" apt "install /newer/*.deb"
	status 0 "$1: which is as it was" inside 'runuser -u v2m -- env \
	    V2M_STATE=/var/lib/v2m v2m-check --bytes &&
	    V2M_TOKEN=$(v2m-user token ann@example.org) runuser -u v2m -- \
	    env V2M_STATE=/var/lib/v2m v2m-status | grep -q done'
	inside 'find / -xdev -not -path "/var/lib/dpkg/*" -name "*v2m*" |
	    grep -vE "^/(debs|newer|proc|sys|srv|tmp|var/cache)"' > before
	status 0 "$1: purged" apt "purge 'v2m*'"
	like "$(cat "$OUT")" 'in /var/lib/v2m stay' "$1: what stays is told"
	is "$(inside 'find / -xdev -not -path "/var/lib/dpkg/*" -name "*v2m*" |
	    grep -vE "^/(debs|newer|proc|sys|srv|tmp|var/cache|var/log/apt)" |
	    grep -v "v2m.db-"' | sort | tr '\n' ' ')" \
	    "/var/lib/v2m /var/lib/v2m/v2m.db " "$1: and nothing else"
	ok "$1: there were files" [ "$(wc -l < before)" -gt 60 ]
}

for suite in ${V2M_TEST_SUITES:-bookworm trixie}; do
	packages "$suite"
	lint "$suite"
	try "$suite"
done

done_testing
