# machine.sh - a machine for the test alone, with several users.  For root only:
# the test runs in a mount namespace, whose /etc and /var/lib are a copy and an
# empty folder, so that nothing of the real machine is read or changed.  Source
# it before tap.sh; after that, call
#
#	machine		skip the test if that is not possible; else make the
#			users vservice, vann and vbob, with homes below
#			/var/lib/people, and be root without any V2M_ or XDG_
#			variable.  The commands are in /var/lib/build/bin, where
#			all can reach them
#	as_user NAME CMD...
#			run a program as one of them, so that `background`
#			ends what it starts
#
# At first there is no /etc/v2m and no /var/lib/v2m.

if [ -z "${V2M_TEST_MACHINE:-}" ]; then
	if [ "$(id -u)" -ne 0 ]; then
		V2M_TEST_MACHINE="only root can be several people"
	elif ! command -v setpriv > /dev/null ||
	    ! command -v runuser > /dev/null; then
		V2M_TEST_MACHINE="no setpriv or no runuser"
	elif ! unshare -m --propagation private true 2> /dev/null; then
		V2M_TEST_MACHINE="no mount namespaces here"
	else
		V2M_TEST_MACHINE=made
	fi
	export V2M_TEST_MACHINE
	[ "$V2M_TEST_MACHINE" != made ] ||
	    exec unshare -m --propagation private sh "$0" "$@"
fi

# First in their files, so that these IDs have these names, whatever names they
# have on the real machine.
machine_user() {
	sed -i "1i $1:x:$2:$2:a test:/var/lib/people/$1:/bin/sh" /etc/passwd &&
	sed -i "1i $1:x:$2:" /etc/group &&
	mkdir -m 700 "/var/lib/people/$1" && chown "$2:$2" "/var/lib/people/$1"
}

machine_mount() {
	mkdir "$TMP/.etc" "$TMP/.lib" && cp -a /etc/. "$TMP/.etc" &&
	rm -rf "$TMP/.etc/v2m" &&
	mount --bind "$TMP/.etc" /etc && mount --bind "$TMP/.lib" /var/lib &&
	mkdir /var/lib/build /var/lib/people &&
	mount --bind "$V2M_BIN/.." /var/lib/build
}

machine() {
	[ "$V2M_TEST_MACHINE" = made ] || skip_all "$V2M_TEST_MACHINE"
	[ -z "${V2M_TEST_VALGRIND:-}" ] ||
	    skip_all "valgrind's commands name the build folder"
	trap machine_end EXIT
	machine_mount 2> "$ERR" || skip_all "no mounts here: $(cat "$ERR")"
	machine_user vservice 61000
	machine_user vann 61001
	machine_user vbob 61002
	mkdir -m 700 /var/lib/people/root
	unset V2M_STATE V2M_CONFIG XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME \
	    V2M_TEST_BIN
	V2M_BIN=/var/lib/build/bin
	PATH=$V2M_BIN:$PATH
	HOME=/var/lib/people/root
	chmod 711 "$TMP"
	mkdir /var/lib/bin
	cat > /var/lib/bin/as_user <<-'END'
	#!/bin/sh
	name=$1
	shift
	HOME=/var/lib/people/$name
	exec setpriv --reuid="$name" --regid="$name" --init-groups -- "$@"
	END
	chmod 755 /var/lib/bin/as_user
	PATH=$PATH:/var/lib/bin
}

# Above all, the build folder must not be removed.
machine_end() {
	cd /
	for machine_pid in $tap_pids; do
		kill -9 "$machine_pid" 2> /dev/null
		wait "$machine_pid" 2> /dev/null
	done
	umount -l /var/lib/build /var/lib /etc 2> /dev/null
	tap_end
}
