#!/bin/sh
# make dist: a tar ball that builds without git, and passes the fast tests; the
# tests of C alone where V2M_TEST_DIST=units.
. "$(dirname "$0")/../lib/tap.sh"

cd "$tap_root" || exit 99
[ -e .git ] || skip_all "this is no clone"
version=$(v2m --version | sed -n '1s/^v2m //p')
cd "$TMP" || exit 99
git clone -q "$tap_root" clone || exit 99
status 0 "make dist" make -s -C clone dist
status 0 "it unpacks" tar -xf "clone/v2m-$version.tar.gz"
cd "v2m-$version" || exit 99
is "$(git -C "$tap_root" ls-files | wc -l)" \
    "$(find . -type f | wc -l)" "all files are in it"
unset MAKEFLAGS MAKELEVEL
status 0 "it builds" make -s -j"$(nproc)" all units
like "$(build/bin/v2m --version)" "v2m $version" "it is of this version"
status 0 "its tests pass" tests/run build "${V2M_TEST_DIST:-fast}"
[ "$tap_failures" -eq 0 ] || sed 's/^/# /' "$OUT"
done_testing
