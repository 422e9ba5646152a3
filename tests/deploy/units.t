#!/bin/sh
# The units, as systemd reads them: no complaint, and little that they could do;
# and the scripts of the packages.  The quick part: without a root it takes the
# machine's own systemd.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/deploy/lib.sh"

# Without systemd here, in a root of its own.
if command -v systemd-analyze > /dev/null; then
	analyze() {
		systemd-analyze "$@"
	}
	units=$TMP/units
	mkdir units
else
	roots_needed
	root_make bookworm-plain bookworm \
	    systemd,systemd-sysv,dbus,curl,ca-certificates,procps
	root_over bookworm-plain
	analyze() {
		in_root "$ROOT" systemd-analyze "$@"
	}
	units=/etc/v2m-units
	mkdir "$ROOT$units"
fi

# Whatever they start is there, and so are all of them.
for file in "$tap_root"/scripts/systemd/*.service \
    "$tap_root"/scripts/systemd/*.socket "$tap_root"/scripts/systemd/*.timer \
    "$tap_root"/scripts/systemd/*.target; do
	sed 's,/usr/local/bin/v2m[-a-z]*,/bin/true,; s,^User=v2m,User=root,' \
	    "$file" > "$ROOT$units/${file##*/}"
done
cp "$ROOT$units/v2m-convert-worker@.service" \
    "$ROOT$units/v2m-convert-worker@1.service"
for file in "$ROOT$units"/*; do
	name=${file##*/}
	status 0 "systemd reads $name" analyze verify --man=no "$units/$name"
	is "$(cat "$ERR")" "" "without a word"
done
for file in "$ROOT$units"/*.service; do
	name=${file##*/}
	# With the user that it has in truth.
	sed -i 's,^User=root,User=v2m,' "$file"
	# In tenths: 2.9 is the most.
	status 0 "$name can do little" analyze security --offline=true \
	    --threshold=29 "$units/$name"
done
sed 's,^#\(L\|E\),\1,' "$tap_root/scripts/systemd/v2m-credentials.conf" \
    > credentials.conf
cp "$ROOT$units/v2m-gateway.service" all.service
sed 1,/^.Service./d credentials.conf > more
sed -i '/^.Service.$/r more' all.service
sed -i 's,^User=v2m,User=root,' all.service
cp all.service "$ROOT$units/all.service"
status 0 "systemd reads the drop-in for credentials" \
    analyze verify --man=no "$units/all.service"
is "$(cat "$ERR")" "" "without a word"

# The drop-in for figures, in each unit that it is for.
for unit in v2m-convert-worker@1 v2m-notify v2m-prune v2m-check; do
	cp "$ROOT$units/$unit.service" "$ROOT$units/measured@1.service"
	sed 1,/^.Service./d "$tap_root/scripts/systemd/v2m-metrics.conf" > more
	sed -i '/^.Service.$/r more; s,^User=v2m,User=root,' \
	    "$ROOT$units/measured@1.service"
	status 0 "$unit: systemd reads the drop-in for figures" \
	    analyze verify --man=no "$units/measured@1.service"
	is "$(cat "$ERR")" "" "$unit: the drop-in, without a word"
done

# Names of settings in it are those of v2m.
for name in $(sed -n 's/^Environment=\(V2M_[A-Z_]*\)=.*/\1/p' credentials.conf)
do
	echo x > secret && chmod 600 secret
	status 0 "$name is a setting" env "$name=$TMP/secret" \
	    v2m-init --print-config
	like "$(cat "$OUT")" "$TMP/secret" "it is in force"
done

if command -v shellcheck > /dev/null; then
	for script in "$tap_root"/scripts/debian/*.p[or][se]*; do
		status 0 "shellcheck of ${script##*/}" shellcheck "$script"
	done
else
	skip "shellcheck" "it is not installed"
fi

if command -v promtool > /dev/null; then
	cp "$tap_root/scripts/prometheus/v2m.rules.yml" \
	    "$tap_root/tests/lib/v2m.rules.test.yml" .
	status 0 "promtool check rules" promtool check rules v2m.rules.yml
	status 0 "promtool test rules" promtool test rules v2m.rules.test.yml
else
	skip "promtool" "it is not installed"
fi

# One place for the version.
version=$(v2m --version | sed -n '1s/^v2m //p')
is "$(sed -n 's/^## \([^ ]*\) .*/\1/p' "$tap_root/CHANGELOG.md" | head -n 1)" \
    "$version" "the newest entry of the changelog is of this version"
is "$(cd "$tap_root" && grep -rlwF -e "$version" lib cmd mk man completions \
    Makefile scripts README.md .github)" lib/base/version.h \
    "which one file knows"

# The image is told which one it is: labels cannot be read from the tree.
status 0 "the image is built by" "$tap_root/scripts/container/build" echo v2m -q
like "$(cat "$OUT")" "^build -f scripts/container/Containerfile -t v2m --label \
org.opencontainers.image.version=$version .*-q \.\$" "with its version on it"

# Each package of drivers is known where a reader looks for it, and so is what
# packages are built with.
for name in $(sed -n 's/^Package: \(v2m-.*\)/\1/p' \
    "$tap_root/scripts/debian/control" | grep -vx v2m-server); do
	for file in README.md man/v2m-admin.7 \
	    scripts/debian/v2m-server.README.Debian; do
		like "$(cat "$tap_root/$file")" "\\b$name\\b" \
		    "$file knows $name"
	done
done
"$tap_root/scripts/install-deps" --list all | grep -e '-dev$' |
    grep -vx libc6-dev > needed
build_needs | tr , '\n' | grep -e '-dev$' | sort | comm -3 needed - > differ
is "$(cat differ)" "" "packages are built with what install-deps installs"

done_testing
