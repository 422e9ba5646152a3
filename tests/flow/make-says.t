#!/bin/sh
# What make says of libraries and tools that are not there, before it compiles
# anything, and of what it built.
. "$(dirname "$0")/../lib/tap.sh"

[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "no command of ours runs"

# pkg-config without the libraries that WITHOUT_PC has a pattern for.
cat > pc <<'end'
#!/bin/sh
for word in "$@"; do
	[ -z "$WITHOUT_PC" ] || ! echo "$word" | grep -qE "$WITHOUT_PC" ||
	    exit 1
done
exec pkg-config "$@"
end
chmod 755 pc
build() {	# WITHOUT_PC WORD ...
	WITHOUT_PC=$1
	export WITHOUT_PC
	shift
	make --no-print-directory -C "$tap_root" B="$TMP/none" \
	    PKG_CONFIG="$TMP/pc" "$@"
}

status 2 "without pkg-config nothing is compiled" make -C "$tap_root" \
    B="$TMP/none" PKG_CONFIG=no-such-pkg-config
is "$(grep '^make: no ' "$ERR")" "make: no no-such-pkg-config, which finds \
the libraries: install pkgconf, or all that is needed with \
scripts/install-deps" "make says what is missing"
ok "nothing was begun" [ ! -e none/obj ]
status 0 "make clean does without" make -C "$tap_root" B="$TMP/none" \
    PKG_CONFIG=no-such-pkg-config -n clean

status 2 "a needed library is missing" build 'nettle|sqlite3'
is "$(grep '^make: lib' "$ERR")" "make: libraries are missing: install \
libsqlite3-dev nettle-dev" "each missing one is named by its package"
like "$(cat "$ERR")" '^make: scripts/install-deps gets these' \
    "and the command that gets it"
unlike "$(cat "$ERR")" 'pkg-config search path' "pkg-config is silent"
printf '#!/bin/sh\ncase $* in *" -E "*) exit 1 ;; esac\nexec cc "$@"\n' > nolame
chmod 755 nolame
status 2 "LAME is missing" build nettle CC="$TMP/nolame"
is "$(grep '^make: lib' "$ERR")" "make: libraries are missing: install \
libmp3lame-dev nettle-dev" "it is named, although pkg-config knows nothing of it"
status 2 "all are missing" build .
is "$(grep '^make: libraries' "$ERR" | tr ' ' '\n' | grep -c '.-dev$')" 11 \
    "they are named all at once"
status 0 "make help" build . help
like "$(cat "$OUT")" '^make demo  *install what is missing' "says what there is"

said() {
	sed -n 's/^echo "\([^"]*\)".*/\1/p' "$OUT"
}
status 0 "what make would do without a driver" build 'librabbitmq|mongoc' -n
like "$(cat "$OUT")" 'store-mongodb wants libmongoc-dev' "its package is told"
like "$(cat "$OUT")" 'queue-amqp wants librabbitmq-dev' "the other's too"
like "$(cat "$OUT")" 'scripts/install-deps all' "and the command that helps"
status 0 "what make would do without a driver by wish" build '' -n \
    WITHOUT=mongodb
like "$(said)" 'left out on request: store-mongodb' "that is told apart"
unlike "$(said)" 'library is missing' "nothing is missing"
like "$(said)" 'built in .*none: [0-9]+ commands and' "what was built is told"
status 0 "what make -s would say" build '' -n -s
unlike "$(said)" 'built in' "make -s is silent"

# Every driver's library is one of those that install-deps knows.
known=$("$tap_root/scripts/install-deps" --list all)
unknown=
for package in $(sed -n 's/^DEB_.* = //p' "$tap_root/mk/packages.mk"); do
	echo "$known" | grep -qx "$package" || unknown="$unknown $package"
done
is "$unknown" "" "install-deps all gets each of them"

done_testing
