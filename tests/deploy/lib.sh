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
#	root_boot	boot a real systemd in $ROOT, with runc
#	booted COMMAND ...
#			run it there;  booted_sh SCRIPT the same with sh -c
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

in_root() {
	root=$1
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m --propagation private sh -c '
		root=$1
		shift
		mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" &&
		    mount --rbind /sys "$root/sys" &&
		    mount -t tmpfs tmpfs "$root/run" || exit 125
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		    HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	' sh "$root" "$@" < /dev/null
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
process["args"] = ["/lib/systemd/systemd"]
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

has_booted() {
	booted systemctl is-system-running 2> /dev/null |
	    grep -qE 'running|degraded'
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

# packages SUITE: those of this tree, built in a clean root, in $DEBS.  With
# V2M_TEST_DEBS they are those of that folder, one for each suite, as they are.
packages() {
	DEBS=$ROOTS/$1-debs
	if [ -n "${V2M_TEST_DEBS:-}" ]; then
		DEBS=$V2M_TEST_DEBS/$1
		[ -d "$DEBS" ] || skip_all "no packages in $DEBS"
		return
	fi
	root_make "$1-build" "$1" build-essential,"$(build_needs)"
	root_over "$1-build"
	tree "$ROOT/src"
	status 0 "the packages of $1 are built" in_root "$ROOT" \
	    nice make -C /src deb
	mkdir -p "$DEBS"
	rm -f "$DEBS"/*
	cp "$ROOT"/src/build/deb/*.* "$DEBS" || exit 1
	root_gone
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
