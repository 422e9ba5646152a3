#!/bin/sh
# scripts/install-deps: what it says, what it installs, and that no service
# starts meanwhile.  apt-get and dpkg-query are ours here.
. "$(dirname "$0")/../lib/tap.sh"

[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "no command of ours runs"

deps=$tap_root/scripts/install-deps
mkdir -p bin root/usr/sbin
DPKG_ROOT=$TMP/root
policy=$DPKG_ROOT/usr/sbin/policy-rc.d
export DPKG_ROOT
printf '#!/bin/sh\nfor p in gcc make; do echo "installed $p"; done\n' \
    > bin/dpkg-query
printf '#!/bin/sh\n[ "$1" = -u ] && echo 0\n' > bin/id
cat > bin/apt-get <<'END2'
#!/bin/sh
echo "$@" >> "$TMPDIR/calls"
case "$*" in
*--assume-no*)
	echo "0 upgraded, 12 newly installed, 0 to remove and 3 not upgraded."
	echo "Need to get 34.5 MB/40.1 MB of archives."
	echo "After this operation, 120 MB of additional disk space will be used."
	exit 1 ;;
*" install "*)
	"$DPKG_ROOT/usr/sbin/policy-rc.d"
	echo $? > "$TMPDIR/policy"
	echo "dlstatus:1:20.5:Retrieving file 1 of 12" >&3
	echo "Unpacking nettle-dev"
	stat -L -c %F /dev/stdout > "$TMPDIR/stdout"
	echo "pmstatus:nettle-dev:60.0:Installing nettle-dev (amd64)" >&3
	[ ! -e "$TMPDIR/fail" ] ;;
esac
END2
chmod 755 bin/*
PATH=$TMP/bin:$PATH
TMPDIR=$TMP
export TMPDIR

is "$("$deps" --list demo)" ffmpeg "the demo wants ffmpeg, and nothing else"

status 0 "what is missing is installed" "$deps" build
is "$(sed -n 2p "$ERR")" "install-deps: installing 12 packages, 34.5 MB to \
fetch, 120 MB on the disk" "it says how much that is"
like "$(sed -n 1p "$ERR")" '^install-deps: missing: .*libc6-dev .*nettle-dev' \
    "and what"
unlike "$(sed -n 1p "$ERR")" ' (gcc|make) ' "what is there is not named"
unlike "$(tail -n 1 calls)" ' (gcc|make) ' "and not installed"
is "$(cat policy)" 101 "a service may not start meanwhile"
ok "afterwards it may" test ! -e "$policy"
unlike "$(cat "$OUT" "$ERR")" status: "no progress without a terminal"
like "$(cat stdout)" 'regular' "what packages say goes into a file"

if command -v script > /dev/null; then
	script -qec "'$deps' build" tty.out > /dev/null
	like "$(tr '\r' '\n' < tty.out)" '60%  Installing nettle-dev' \
	    "a terminal shows how far it is"
else
	skip "a terminal shows how far it is" "no script(1)"
fi

touch fail
status 69 "apt-get fails" "$deps" build
like "$(cat "$ERR")" 'Unpacking nettle-dev' "what it said is shown"
unlike "$(cat "$ERR")" 'pmstatus' "but for its progress"
ok "services may start again" test ! -e "$policy"
rm fail

printf '#!/bin/sh\nexit 104\n' > "$policy"
chmod 755 "$policy"
status 0 "a policy of the machine's own" "$deps" build
is "$(cat policy)" 104 "is the one that counts"
ok "it stays" test -e "$policy"

done_testing
