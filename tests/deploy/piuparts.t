#!/bin/sh
# piuparts(1): all packages are installed and purged in a bare Debian 13 and leave
# what they found, but for /var/lib/v2m, which stays by design.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/deploy/lib.sh"

suite=${V2M_TEST_PIUPARTS:-trixie}
roots_needed
packages "$suite"
root_make "$suite-bare" "$suite" apt
root_make "$suite-piuparts" "$suite" piuparts
root_over "$suite-piuparts"
mkdir "$ROOT/debs"
cp "$DEBS"/*.deb "$ROOT/debs"
rm -f "$ROOT"/debs/*-dbgsym_*
tar -C "$ROOTS/$suite-bare" --exclude ./.made -cf - . | gzip -1 \
    > "$ROOT/debs/base.tgz"

check() {	# OPTIONS
	in_root "$ROOT" sh -c "piuparts --basetgz /debs/base.tgz \
	    --distribution $suite --mirror '$MIRROR main' --no-upgrade-test \
	    --warn-on-debsums-errors $1 /debs/*.deb"
}
status 0 "installed and purged without a trace" \
    check "--ignore /var/lib/v2m --ignore-regex '^/var/lib/v2m/.*'"
tail -n 3 "$OUT" | tap_show piuparts

done_testing
