# lib.sh - roots of Debian to build, install and boot in.  Source it after
# tests/lib/tap.sh.
#
#	roots_needed	skip the test where roots cannot be made
#	root_make NAME SUITE PACKAGE ...
#			the root NAME in $ROOTS; one that is there gets what
#			it lacks of the packages
#	root_over NAME	a copy of it that is thrown away: $ROOT
#	in_root ROOT COMMAND ...
#			run it in there, with proc, sys and dev
#	in_root_arm64 ROOT COMMAND ...
#			the same, with qemu for what is arm64's; 125 where the
#			kernel cannot do that
#	root_boot	boot a real systemd in $ROOT, with runc
#	port_free PORT	wait until nobody on this machine listens there, whose
#			network a booted root has, too
#	booted COMMAND ...
#			run it there;  booted_sh SCRIPT the same with sh -c
#	by_page WHAT MARK TEXT
#			that block of v2m-admin(7), as blocks_of wrote it (see
#			tests/lib/blocks.sh), run there by root in /srv/v2m;
#			prints to $OUT
#	log_in, upload FILE
#			by its gateway, as ann@example.org: the token; the ID
#			of what is in /srv/FILE
#	journal_has ID EVENT
#			does its journal tell that of the job?
#	packages SUITE	those of this tree, built in a clean root, in $DEBS
#	packages_before SUITE
#			those of the release before, in $DEBS
#	build_needs	the packages to build with, in one line with commas
#	newer DEB ...	the same packages with a higher version, in newer/
#
# Roots are kept from run to run, in V2M_TEST_ROOTS or build/roots: to have them
# made anew, remove them.

ROOTS=${V2M_TEST_ROOTS:-${V2M_BIN%/bin}/roots}
MIRROR=${V2M_TEST_MIRROR:-http://deb.debian.org/debian}
ROOT=
box=

roots_needed() {
	[ "$(id -u)" -eq 0 ] || skip_all "only root makes roots"
	for tool in mmdebstrap unshare; do
		command -v $tool > /dev/null || skip_all "no $tool"
	done
	mkdir -p "$ROOTS"
	trap roots_end EXIT
}

roots_end() {
	[ -z "$box" ] || runc delete -f "$box" > /dev/null 2>&1
	root_gone
	tap_end
}

# What debhelper provides itself is no package.
build_needs() {
	sed -n '/^Build-Depends:/,/^Standards/p' \
	    "$tap_root/scripts/debian/control" |
	    sed '$d; s/^Build-Depends://; s/([^)]*)//g' | tr -d ' \n' |
	    tr , '\n' | grep -vE '^(debhelper-compat|dh-sequence-.*)$' | tr '\n' ,
	echo debhelper,fakeroot,mandoc
}

# .made has the packages that were asked for.
root_add() {
	[ "$(cat "$ROOTS/$1/.made")" != "$2" ] || return 0
	echo "# adding what the root $1 lacks"
	cp /etc/resolv.conf "$ROOTS/$1/etc/resolv.conf"
	# shellcheck disable=SC2016 # expanded in there
	in_root "$ROOTS/$1" sh -c 'apt-get -q update && apt-get -y -q \
	    --no-install-recommends install $(echo "$1" | tr , " ")' sh "$2" \
	    > "$TMP/apt" 2>&1 || {
		tap_show apt < "$TMP/apt"
		skip_all "cannot add packages to the root $1"
	}
	printf '%s\n' "$2" > "$ROOTS/$1/.made"
}

root_make() {
	name=$1 suite=$2
	shift 2
	[ ! -e "$ROOTS/$name/.made" ] || {
		root_add "$name" "$*"
		return
	}
	echo "# making the root $name"
	rm -rf "$ROOTS/$name"
	nice mmdebstrap --variant=minbase \
	    ${ARCHITECTURES:+--architectures=$ARCHITECTURES} --include="$*" \
	    --aptopt='APT::Install-Recommends "false"' "$suite" \
	    "$ROOTS/$name" "$MIRROR" > "$TMP/mmdebstrap" 2>&1 || {
		tap_show mmdebstrap < "$TMP/mmdebstrap"
		skip_all "cannot make a root of $suite"
	}
	: > "$ROOTS/$name/etc/machine-id"
	printf '%s\n' "$*" > "$ROOTS/$name/.made"
}

root_gone() {
	[ -n "$ROOT" ] || return 0
	umount -R "$ROOT" 2> /dev/null
	umount "$TMP/over" 2> /dev/null
	ROOT=
}

root_over() {
	root_gone
	mkdir -p "$TMP/over"
	mount -t tmpfs tmpfs "$TMP/over"
	mkdir "$TMP/over/upper" "$TMP/over/work" "$TMP/over/root"
	ROOT=$TMP/over/root
	mount -t overlay overlay -o "lowerdir=$ROOTS/$1,upperdir=$TMP/over/upper" \
	    -o "workdir=$TMP/over/work" "$ROOT" || {
		umount "$TMP/over"
		ROOT=
		skip_all "no overlays here"
	}
	cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
}

# For a shell of root's: ROOT COMMAND ...
ENTER='
	root=$1
	shift
	for part in proc dev sys; do
		mount --rbind "/$part" "$root/$part" || exit 125
	done
	mount -t tmpfs tmpfs "$root/run" || exit 125
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
'

in_root() {
	unshare -m --propagation private sh -c "$ENTER" sh "$@" < /dev/null
}

# The kernel starts qemu for what is arm64's, and nowhere else on this machine:
# a user namespace has a table of its own (since Linux 6.7).
BINFMT=':arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00'
BINFMT=$BINFMT'\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff'
BINFMT=$BINFMT'\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'
in_root_arm64() {
	mkfifo "$TMP/go"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -U -m --propagation private sh -c '
		read -r line < "$1"
		table=/proc/sys/fs/binfmt_misc
		mount -t binfmt_misc binfmt_misc $table &&
		    printf "%s" "$2" > $table/register || exit 125
		shift 2
	'"$ENTER" sh "$TMP/go" "$BINFMT$1/usr/bin/qemu-aarch64-static:FP" "$@" &
	inner=$!
	# It has its namespace when it reads.
	exec 8> "$TMP/go"
	echo "0 0 4294967295" > "/proc/$inner/uid_map"
	echo "0 0 4294967295" > "/proc/$inner/gid_map"
	echo go >&8
	exec 8>&-
	rm "$TMP/go"
	wait "$inner"
}

# What systemd wants of a container, and no more; the network is the machine's.
box_config() {
	python3 - "$ROOT" << 'end'
import json, sys
caps = ["CAP_" + c for c in """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER
    FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_ADMIN SYS_ADMIN
    SYS_CHROOT SYS_PTRACE SYS_BOOT MKNOD AUDIT_WRITE SETFCAP""".split()]
def tmpfs(path):
    return {"destination": path, "type": "tmpfs", "source": "tmpfs",
        # Credentials are mounted there, for all to see.
        "options": ["nosuid", "nodev", "mode=755", "shared"]}
config = json.load(open("config.json"))
config["root"] = {"path": sys.argv[1], "readonly": False}
config["hostname"] = "box"
process = config["process"]
process["terminal"] = False
# The second word counts where the machine has cgroups of version 1 only, which
# Debian 13's systemd takes no more unless it is told to.
process["args"] = ["/lib/systemd/systemd",
    "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"]
process["env"].append("container=oci")
process.pop("rlimits", None)
process["noNewPrivileges"] = False
process["capabilities"] = {k: caps for k in
    ("bounding", "effective", "permitted")}
linux = config["linux"]
linux["namespaces"] = [n for n in linux["namespaces"]
    if n["type"] != "network"]
linux["maskedPaths"] = linux["readonlyPaths"] = []
mounts = [m for m in config["mounts"]
    if m["destination"] != "/sys/fs/cgroup"]
mounts.append({"destination": "/sys/fs/cgroup", "type": "cgroup",
    "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "rw"]})
mounts += [tmpfs("/run"), tmpfs("/run/lock")]
config["mounts"] = mounts
json.dump(config, open("config.json", "w"))
end
}

booted() {
	runc exec "$box" env LC_ALL=C.UTF-8 "$@" < /dev/null
}
booted_sh() {
	booted sh -c "$1"
}

# by_page WHAT MARK TEXT
by_page() {
	block=$(block_with "$2" "$3") || {
		tap_result 1 "$1"
		return 1
	}
	cp "$block" "$ROOT/srv/block"
	began=$(date +%s)
	status 0 "$1" booted sh -c 'cd /srv/v2m && exec sh -e /srv/block'
	echo "# $(($(date +%s) - began)) s: $1"
}

log_in() {
	booted curl -s -m 60 -X POST -u 'ann@example.org:correct horse' \
	    http://127.0.0.1:8080/login
}
upload() {
	booted curl -s -m 600 -D - -o /dev/null -F "file=@/srv/$1" \
	    -H "Authorization: Bearer $(log_in)" \
	    http://127.0.0.1:8080/upload | tr -d '\r' |
	    sed -n 's/^Location:.*fid=//p'
}

journal_has() {	# ID EVENT
	[ -n "$(booted journalctl --no-pager -o cat "V2M_JOB=$1" "V2M_EVENT=$2")" ]
}

has_booted() {
	booted systemctl is-system-running 2> /dev/null |
	    grep -qE 'running|degraded'
}

port_free() {
	# shellcheck disable=SC2016 # of the shell in there
	eventually "port $1 of this machine is free" sh -c '
		curl -s -m 2 -o /dev/null "http://127.0.0.1:$1/"
		[ $? -eq 7 ]' sh "$1"
}

root_boot() {
	command -v runc > /dev/null || skip_all "no runc"
	mkdir -p "$TMP/box"
	# The lines of a boot are of no interest if it ends well.
	(cd "$TMP/box" && rm -f config.json && runc spec && box_config) ||
	    skip_all "no configuration for runc"
	box=v2m-test-$$
	(cd "$TMP/box" && exec runc run -d "$box" < /dev/null \
	    > "$TMP/box/console" 2>&1)
	eventually "systemd has booted" has_booted || {
		tap_show console < "$TMP/box/console"
		exit 1
	}
}

# build_debs NAME SUITE [OPTIONS]: packages of the tree in $TMP/tree, in $DEBS,
# unless it has those of the same tree already.
build_debs() {
	DEBS=$ROOTS/$1-debs
	# What is not in packages, nor looked at when they are made.
	sum=$(cd "$TMP/tree" && find . -type f ! -path './tests/deploy/*' \
	    ! -path './tests/flow/*' ! -path './tests/long/*' -print0 |
	    sort -z | xargs -0 sha256sum | sha256sum)
	if [ "$(cat "$DEBS/.sum" 2> /dev/null)" = "$sum" ]; then
		tap_result 0 "the packages of $1 are there"
		return
	fi
	root_make "$2-build" "$2" build-essential,"$(build_needs)"
	root_over "$2-build"
	cp -R "$TMP/tree" "$ROOT/src"
	status 0 "the packages of $1 are built" in_root "$ROOT" \
	    nice env DEB_BUILD_OPTIONS="${3:-}" make -C /src deb
	rm -rf "$DEBS"
	mkdir -p "$DEBS"
	cp "$ROOT"/src/build/deb/*.* "$DEBS" || exit 1
	echo "$sum" > "$DEBS/.sum"
	root_gone
}

# packages SUITE: those of this tree, built in a clean root, in $DEBS.  With
# V2M_TEST_DEBS they are those of that folder, one for each suite, as they are.
packages() {
	if [ -n "${V2M_TEST_DEBS:-}" ]; then
		DEBS=$V2M_TEST_DEBS/$1
		[ -d "$DEBS" ] || skip_all "no packages in $DEBS"
		return
	fi
	rm -rf "$TMP/tree"
	tree "$TMP/tree"
	build_debs "$1" "$1"
}

# The commit that wrote the entry of the release before in CHANGELOG.md: the
# second one there, as the first one is that of what is in work, or of this.
released() {
	entry=$(grep '^## ' "$tap_root/CHANGELOG.md" | sed -n 2p)
	[ -z "$entry" ] ||
	    git -C "$tap_root" log --format=%H -S"$entry" -- CHANGELOG.md |
	    tail -n 1
}

packages_before() {
	commit=$(released)
	[ -n "$commit" ] || return 1
	rm -rf "$TMP/tree"
	mkdir "$TMP/tree"
	git -C "$tap_root" archive "$commit" | tar -xf - -C "$TMP/tree"
	build_debs "$1-before" "$1" nocheck
}

# The same packages with a higher version, in newer/.
newer() {
	rm -rf newer unpacked
	mkdir newer
	for deb in "$@"; do
		dpkg-deb -R "$deb" unpacked
		sed -i 's/^\(Version: .*\)/\1.1/; s/\(v2m[-a-z0-9]* (= [^)]*\))/\1.1)/' \
		    unpacked/DEBIAN/control
		dpkg-deb -b unpacked newer/ > "$OUT"
		rm -rf unpacked
	done
}

# The tree as it is, without what git ignores.
tree() {
	mkdir -p "$1"
	(cd "$tap_root" && git ls-files -co --exclude-standard |
	    while IFS= read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	    done | tar -cf - -T -) | tar -xf - -C "$1"
}
