#!/bin/sh
# A release as CONTRIBUTING.md has it: its commands are run in a clone, and tag,
# tar ball and changelog are then of one version.
. "$(dirname "$0")/../lib/tap.sh"

[ -e "$tap_root/.git" ] || skip_all "this is no clone"
workflow=$tap_root/.github/workflows/release.yml

git clone -q --bare --single-branch "$tap_root" origin.git || exit 99
git clone -q origin.git clone 2> "$ERR" || exit 99
cd clone || exit 99
git checkout -q -B main
git config user.name Maintainer
git config user.email maintainer@example.org
# After a release nothing is new yet.
grep -q '^## Next$' CHANGELOG.md ||
    sed -i '0,/^## /s//## Next\n\n- A change.\n\n## /' CHANGELOG.md
git commit -q -a -m "a change" 2> "$ERR" > "$OUT"
new=$(awk '/^## / { on = $2 == "Next"; next } on' CHANGELOG.md)

sed -n '/^### A release/,/^### /{ /^```sh$/,/^```$/{ /^```/d; p; }; }' \
    "$tap_root/CONTRIBUTING.md" > ../release
version=$(sed -n 's/^version=//p' ../release)
status 0 "the commands are run" sh -e ../release
is "$(git describe)" "v$version" "the commit has the tag"
is "$(git status --porcelain)" "" "nothing is left to commit"
is "$(git -C ../origin.git rev-parse main "v$version^{commit}" | uniq |
    wc -l)" 1 "both are pushed"
is "$(git show --stat --format= | sed -n 's/ |.*//p' | tr -d ' ' |
    tr '\n' ' ')" "CHANGELOG.md lib/base/version.h " "two files know of it"

# What the tag starts.
sed -n '/^ *test "$GITHUB_REF_NAME"/,/version\.h)"$/p' "$workflow" > check
status 0 "the workflow takes the tag" env GITHUB_REF_NAME="v$version" sh check
status 1 "and no other" env GITHUB_REF_NAME="v$version.1" sh check
sed -n 's/^ *\(awk .*\) > notes\.md$/\1/p' "$workflow" > notes
is "$(GITHUB_REF_NAME=v$version sh notes)" "$new" "with what was new as its notes"
status 0 "make dist" make -s dist
is "$(tar -xOf "v2m-$version.tar.gz" \
    "v2m-$version/lib/base/version.h" | sed -n 's/.*V2M_VERSION "\(.*\)"/\1/p')" \
    "$version" "the tar ball is of this version"

done_testing
