#!/bin/sh
# Packages for arm64, built on another machine with Debian's multiarch
# libraries; the tests of C, and a conversion, under qemu.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/deploy/lib.sh"

roots_needed
[ "$(dpkg --print-architecture)" != arm64 ] || skip_all "this is arm64"
foreign() {	# the libraries of the other machine
	"$tap_root/scripts/install-deps" --list all | grep -e -dev |
	    grep -v libc6-dev | sed 's/$/:arm64/' | tr '\n' ','
	echo libc6-dev
}
ARCHITECTURES=amd64,arm64 root_make bookworm-arm64 bookworm \
    build-essential,crossbuild-essential-arm64,debhelper,fakeroot,perl \
    pkgconf:arm64,qemu-user-static,"$(foreign)"
root_over bookworm-arm64
tree "$ROOT/src"

status 0 "the packages for arm64 are built" in_root "$ROOT" nice env \
    DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" make -C /src deb DEB_ARGS=-aarm64
tail -n 30 "$OUT" "$ERR" > log
[ "$tap_failures" -eq 0 ] || { sed 's/^/# /' log; done_testing; exit; }
is "$(cd "$ROOT/src/build/deb" && ls ./*_arm64.deb | wc -l)" 7 \
    "seven packages"
like "$(dpkg-deb -c "$ROOT"/src/build/deb/v2m_*_arm64.deb)" \
    'completions/v2m-upload' "with completions"
# As far as they go: what starts a program of its own would want the kernel's
# help to start qemu.
tree=build/deb/v2m
good=0 bad=
for test in "$ROOT/src/$tree"/build/tests/*; do
	[ -f "$test" ] || continue
	name=${test##*/}
	if in_root "$ROOT" timeout 300 qemu-aarch64-static \
	    "/src/$tree/build/tests/$name" > "$OUT" 2> "$ERR"; then
		good=$((good + 1))
	else
		bad="$bad $name"
		grep '^not ok' "$OUT" | head -n 3 | sed "s/^/# $name: /"
		tail -n 1 "$ERR" | sed "s/^/# $name: /"
	fi
done
echo "# $good units pass, these do not:$bad"
ok "most of the units pass" [ $good -ge 14 ]

done_testing
