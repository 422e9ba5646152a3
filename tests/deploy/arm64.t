#!/bin/sh
# Packages for arm64, built on another machine with Debian's multiarch
# libraries; the tests of C, and of check-fast a sample, under qemu.
#
#	V2M_TEST_ARM64	"fast": of check-fast whatever goes; an hour
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
    pkgconf:arm64,qemu-user-static,curl,ffmpeg,openssl,procps,python3,sqlite3 \
    bc,bsdextrautils,expect,libsox-fmt-base,mp3val,mpg123,sox \
    "$(foreign)"
root_over bookworm-arm64
tree "$ROOT/src"

status 0 "the packages for arm64 are built" in_root "$ROOT" nice env \
    DEB_BUILD_OPTIONS="noautodbgsym parallel=$(nproc)" \
    make -C /src deb DEB_ARGS=-aarm64
tail -n 30 "$OUT" "$ERR" > log
[ "$tap_failures" -eq 0 ] || { sed 's/^/# /' log; done_testing; exit; }
is "$(cd "$ROOT/src/build/deb" && ls ./*_arm64.deb | wc -l)" \
    "$(grep -c '^Package:' "$tap_root/scripts/debian/control")" "each package"
like "$(dpkg-deb -c "$ROOT"/src/build/deb/v2m_*_arm64.deb)" \
    'completions/v2m-upload' "with completions"
# check-fast, as far as it goes: qemu has no filters of system calls, nothing to
# trace, and takes a command some 20 times as long.
cat > cannot << end
convert-batch		converts for minutes even without qemu
durable-names		wants strace
fuzz-reports		is about the machine that builds
gateway-marked		counts on how long an engine looks for sound
install-deps		is about make, and runs nothing of ours
install-folder		is about make, and runs little of ours
make-says		is about make, and runs nothing of ours
end
sample="completion-shells cron-drop doc-conf gateway-proxy import-writers
    job-newer job-typed log-json login-kept login-legacy login-tokens
    mail-decode objects-apart people-init queue-clear secret-owner user-manage
    variable-typed"
tree=/src/build/deb/v2m
under_qemu() {
	in_root_arm64 "$ROOT" nice env V2M_TEST_QEMU=yes TEST_TIMEOUT=1800 \
	    PROVE=-v "$@"
}
passes() {	# WHAT SET [TEST ...]
	passes_what=$1
	shift
	under_qemu "$tree/tests/run" build "$@" > all 2>&1
	is $? 0 "$passes_what under qemu" ||
	    grep -A 8 '^not ok' all | tap_show "$passes_what"
	sed -n '/skipped:/p; /^Test Summary/,$p' all | tap_show "$passes_what"
}
under_qemu "$tree/build/bin/v2m" --version > "$OUT" 2>&1 || {
	skip "units and check-fast under qemu" "$(tail -n 1 "$OUT")"
	done_testing
	exit
}
passes units units
while read -r name why; do
	skip "$name under qemu" "$why"
	rm "$ROOT$tree/tests/flow/$name.t"
done < cannot
if [ "${V2M_TEST_ARM64:-sample}" = fast ]; then
	sample=$(cd "$ROOT$tree/tests/flow" && grep -L '^# slow:' ./*.t |
	    sed 's,.*/,,; s,\.t$,,')
fi
# shellcheck disable=SC2086,SC2046 # names of tests hold no blanks
passes "$(echo $sample | wc -w) tests of check-fast" fast \
    $(printf 'tests/flow/%s.t ' $sample)

done_testing
