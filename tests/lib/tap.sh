# tap.sh - functions for flow tests.  Source it first:
#
#	. "$(dirname "$0")/../lib/tap.sh"
#
# The test then runs in a temporary folder of its own ($TMP), which is its HOME
# and has its V2M_STATE.  The caller's V2M_ variables are unset, except for
# those of tests and V2M_SANDBOX, which tests/run sets if a build has no filter.
# The commands of the build ($V2M_BIN, else build/bin) come first in PATH; stdin
# is /dev/null.  When the test ends the folder is removed, and processes started by
# `background` are ended.  $CORPUS is what V2M_CORPUS was.
#
#	ok WHAT CMD...		passes when CMD succeeds
#	not_ok WHAT CMD...	passes when CMD fails, but not by a signal
#	is GOT WANTED WHAT	the same text
#	like TEXT ERE WHAT	a line of TEXT matches
#	unlike TEXT ERE WHAT	none does
#	status N WHAT CMD...	CMD exits with N; leaves stdout in the file $OUT
#				and stderr in $ERR, both shown where it does not
#	eventually WHAT CMD...	CMD succeeds at last, within a minute of tries
#	skip WHAT WHY		counts as passed
#	todo WHAT WHY		a known failure, which does not fail the test
#	skip_all WHY		ends the test, before any check
#	unavailable WHY		the same, told on stderr; under CI a failure
#	give_up WHY [FILE]	ends the test as failed; FILE is shown on stderr
#	done_testing		the last line: prints the plan

tap_root=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
V2M_TEST_BIN=${V2M_TEST_BIN:-${V2M_BIN:-$tap_root/build/bin}}
V2M_TEST_BIN=$(cd "$V2M_TEST_BIN" && pwd) || exit 99
export V2M_TEST_BIN
tap_count=0
tap_failures=0
tap_pids=
CORPUS=${V2M_CORPUS:-}

for tap_name in $(env | sed -n 's/^\(V2M_[A-Z0-9_]*\)=.*/\1/p'); do
	case $tap_name in
	V2M_TEST_* | V2M_SANDBOX) ;;
	*) unset "$tap_name" ;;
	esac
done
# Not exported: daemons must not see it.
V2M_BIN=$V2M_TEST_BIN

TMP=$(mktemp -d "${TMPDIR:-/tmp}/v2m-test.XXXXXX") || exit 99
TMP=$(cd "$TMP" && pwd -P)
OUT=$TMP/.out
ERR=$TMP/.err

tap_end() {
	for tap_pid in $tap_pids; do
		kill -9 "$tap_pid" 2>/dev/null
	done
	cd /
	chmod -R u+rwx "$TMP" 2>/dev/null
	rm -rf "$TMP"
}
trap tap_end EXIT
trap 'exit 99' HUP INT PIPE TERM

PATH=$V2M_BIN:$PATH
HOME=$TMP
V2M_STATE=$TMP/state
V2M_CONFIG=/dev/null		# not the machine's
XDG_CONFIG_HOME=$TMP/.config
XDG_DATA_HOME=$TMP/.local/share
XDG_STATE_HOME=$TMP/.local/state
export PATH HOME V2M_STATE V2M_CONFIG XDG_CONFIG_HOME XDG_DATA_HOME \
    XDG_STATE_HOME
unset NO_COLOR
# The configuration of this machine's own v2m must not affect a test, except for
# one that has made a machine of its own (machine.sh).
if [ -e /etc/v2m ] && [ "${V2M_TEST_MACHINE:-}" != made ]; then
	V2M_CONFIG=/dev/null
	export V2M_CONFIG
fi
# Modules of Python are read from the source, and nothing is written there.
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
umask 022
cd "$TMP" || exit 99
exec < /dev/null

# tap_result STATUS WHAT
tap_result() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
		return 0
	fi
	echo "not ok $tap_count - $2"
	echo "# $0: not ok $tap_count - $2" >&2
	tap_failures=$((tap_failures + 1))
	return 1
}

# The text of stdin as TAP comments.
tap_show() {
	sed "s/^/#   $1: /"
}

# tap_told HOW CMD...: how it ended, and what it wrote.
tap_told() {
	{
		tap_how=$1
		shift
		echo "#   $tap_how: $*" | sed '2,$s/^/# /'
		tap_show stdout < "$OUT"
		tap_show stderr < "$ERR"
	} >&2
	return 1
}

# tap_differs GOT WORD WANTED
tap_differs() {
	printf '%s\n' "$1" | tap_show got >&2
	printf '%s\n' "$3" | tap_show "$2" >&2
	return 1
}

ok() {
	tap_what=$1
	shift
	"$@" > "$OUT" 2> "$ERR"
	tap_got=$?
	tap_result $tap_got "$tap_what" || tap_told "exit status $tap_got" "$@"
}

not_ok() {
	tap_what=$1
	shift
	"$@" > "$OUT" 2> "$ERR"
	tap_got=$?
	if [ $tap_got -gt 0 ] && [ $tap_got -lt 126 ]; then
		tap_result 0 "$tap_what"
		return 0
	fi
	tap_result 1 "$tap_what" || tap_told "exit status $tap_got" "$@"
}

is() {
	[ "$1" = "$2" ]
	tap_result $? "$3" || tap_differs "$1" wanted "$2"
}

like() {
	printf '%s\n' "$1" | grep -Eq -e "$2"
	tap_result $? "$3" || tap_differs "$1" 'wanted a match of' "$2"
}

unlike() {
	! printf '%s\n' "$1" | grep -Eq -e "$2"
	tap_result $? "$3" || tap_differs "$1" 'wanted no match of' "$2"
}

status() {
	tap_wanted=$1 tap_what=$2
	shift 2
	"$@" > "$OUT" 2> "$ERR"
	tap_got=$?
	[ $tap_got -eq "$tap_wanted" ]
	tap_result $? "$tap_what" ||
	    tap_told "exit status $tap_got, wanted $tap_wanted" "$@"
}

# background CMD...: start it, leave its process ID in $tap_pid.
background() {
	"$@" &
	tap_pid=$!
	tap_pids="$tap_pids $tap_pid"
}

eventually() {
	ev_what=$1 ev_left=600
	shift
	while [ $ev_left -gt 0 ]; do
		if "$@" > "$OUT" 2> "$ERR"; then
			tap_result 0 "$ev_what"
			return 0
		fi
		sleep 0.1
		ev_left=$((ev_left - 1))
	done
	tap_result 1 "$ev_what" || tap_told "never succeeded" "$@"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # skip $2"
}

skip_all() {
	echo "1..0 # skip $1"
	exit 0
}

unavailable() {
	[ -z "${CI:-}" ] || give_up "$1"
	echo "# $0: skipped: $1" >&2
	skip_all "$1"
}

give_up() {
	tap_result 1 "$1"
	[ $# -lt 2 ] || tap_show "$(basename "$2")" < "$2" >&2
	exit 1
}

todo() {
	tap_count=$((tap_count + 1))
	echo "not ok $tap_count - $1 # TODO $2"
}

done_testing() {
	echo "1..$tap_count"
	[ $tap_failures -eq 0 ]
	exit
}
