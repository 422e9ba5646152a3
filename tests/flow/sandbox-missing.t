#!/bin/sh
# A v2m that was built without the filter of system calls converts nothing
# unless the configuration allows it, and accepts uploads unchecked.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
[ -z "${V2M_SANDBOX:-}" ] || skip_all "this build has no filter to begin with"
for program in make cc ffmpeg; do
	command -v $program > /dev/null || skip_all "no $program"
done

# --- make ---
cat > pkg-config <<'END'
#!/bin/sh
case $* in
*libseccomp*) exit 1 ;;
esac
exec pkg-config "$@"
END
chmod +x pkg-config
run_make() {
	make -s -C "$tap_root" B="$TMP/b" "$@"
}
object=$(cd "$V2M_BIN/.." && find obj -name trap.o)
object=$TMP/b/$object
status 2 "make without libseccomp" run_make PKG_CONFIG="$TMP/pkg-config" \
    "$object"
like "$(cat "$ERR")" 'no libseccomp, .*libseccomp-dev \(SECCOMP=no builds' \
    "fails, and says what to do"
status 0 "SECCOMP=no does without" run_make PKG_CONFIG="$TMP/pkg-config" \
    SECCOMP=no "$object"
rm -r b

# What is built already, but for the filter.
mkdir b && cp -a "$V2M_BIN/../obj" "$V2M_BIN/../lib" b/ || exit 99
find b/obj -name filter.o -exec rm {} + -o -name trap.o -exec rm {} +
status 0 "a media program without it" run_make SECCOMP=no \
    "$TMP/b/libexec/v2m/v2m-media"
V2M_LIBEXECDIR=$TMP/b/libexec/v2m
export V2M_LIBEXECDIR

# --- commands ---
setup
clip talk.mp4
echo 'dear diary' > text.mp4
like "$(v2m --version --verbose)" \
    '^filter of system calls: none, built without libseccomp$' "it is told"
way_out='cannot start the sandbox: the system call filter: built without
    libseccomp \(sandbox = partly in the configuration does without it\)'
way_out=$(echo $way_out)
status 78 "nothing is converted" v2m-convert talk.mp4 x.mp3
like "$(cat "$ERR")" "$way_out" "and the way out is told"
status 78 "no track listed" v2m-convert --list-tracks talk.mp4
status 78 "no worker starts" v2m-convert-worker
like "$(cat "$ERR")" "$way_out" "for the same reason"
status 0 "sandbox = partly" env V2M_SANDBOX=partly \
    v2m-convert talk.mp4 partly.mp3
status 0 "sandbox = no" env V2M_SANDBOX=no v2m-convert talk.mp4 no.mp3
status 0 "--no-sandbox" v2m-convert --no-sandbox talk.mp4 option.mp3
ok "all make the same" cmp partly.mp3 no.mp3
ok "of it" cmp no.mp3 option.mp3

status 0 "an upload is accepted" v2m-upload text.mp4
like "$(cat "$ERR")" "text.mp4: accepted unchecked: $way_out" \
    "with a warning that it was not checked"
status 65 "sandbox = partly checks it" env V2M_SANDBOX=partly \
    v2m-upload text.mp4

if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ] && command -v curl > /dev/null; then
	# shellcheck source=tests/lib/gateway.sh
	. "$tap_root/tests/lib/gateway.sh"
	gateway_start
	like "$(cat "$GATEWAY_LOG")" "event=unchecked reason=\"$way_out" \
	    "a gateway says so, and starts"
	http 200 "it accepts what it cannot check" -T text.mp4 \
	    -H "$(header_of ann)" "$URL/upload/"
	V2M_SANDBOX=partly
	export V2M_SANDBOX
	gateway_start
	like "$(cat "$GATEWAY_LOG")" 'event=sandbox parts=no-filter' \
	    "one that has to do with less says it"
	http 422 "and checks" -T text.mp4 -H "$(header_of ann)" "$URL/upload/"
	unset V2M_SANDBOX
else
	skip "a gateway" "none was built, or there is no curl"
fi

V2M_SANDBOX=partly v2m-convert-worker --once --verbose 2> log
like "$(cat log)" 'event=started jobs=1 sandbox=no-filter' "so does a worker"
unset V2M_LIBEXECDIR
v2m-convert-worker --once --verbose 2> log
like "$(cat log)" 'event=started jobs=1 sandbox=(full|no-landlock)' \
    "and one that has all"

done_testing
