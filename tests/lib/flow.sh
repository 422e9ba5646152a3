# flow.sh - functions for tests of the life of a job.  Source it after tap.sh.
#
#	setup			a state, the accounts ann (logged in), bob and
#				root (an administrator), short leases, and a
#				hook that notes each notice in $TMP/notices
#	as NAME CMD...		with the token of ann, bob or root
#	clip FILE [SECONDS]	a small video with sound, named as you like
#	long_clip FILE		half an hour of sound: some seconds of work
#	sql store|queue SQL	ask or change a database of the state
#	mp3s			how many MP3s the store holds
#	state ID		its word in v2m-status: queued, converting, ...
#	column ID EXPRESSION	of its record, in SQL
#	notices ID		how many notices of it were delivered
#	eventually WHAT CMD...	passes once CMD succeeds, tried for a minute
#	stands PID		for `eventually`: it is stopped
#	catches PID		for `eventually`: it has a handler of SIGTERM
#	soon CMD...		true once CMD is, within five minutes
#	drained			take all messages; true when none is left
#	finish ID		a worker and a notifier until it is over: state
#	peak_kib CMD...		memory of the largest process among it and all
#				under it; what it prints is in $OUT
#
#	by_url			do users' commands go through a gateway?
#	here CMD...		as ann, without a gateway, for what only the
#				services' own machine can do
#
# With V2M_TEST_SET, a file that sets the variables of other services, a test
# runs on those; `sql` then works on these services.  servers.sh writes such
# files.  Where it says V2M_TEST_GATEWAY=yes, setup starts a gateway
# before these services, and users' commands go through that.

if [ -n "${V2M_TEST_SET:-}" ]; then
	# shellcheck source=/dev/null # made by a test
	. "$V2M_TEST_SET"
	unset V2M_TEST_SET
fi

by_url() {
	[ -n "${V2M_TEST_GATEWAY:-}" ]
}

here() {
	if by_url; then
		as ann env -u V2M_URL "$@"
	else
		"$@"
	fi
}

# From here on the users' commands reach services only through the gateway.
setup_gateway() {
	# shellcheck source=tests/lib/gateway.sh
	. "$tap_root/tests/lib/gateway.sh"
	gateway_start
	V2M_URL=$URL
	export V2M_URL
}

setup() {
	# On one core a long clip takes some seconds, which is enough time to
	# look, to kill and to stop, however many cores there are.
	taskset -pc $(($$ % $(nproc))) $$ > /dev/null 2>&1
	V2M_FREE_RESERVE=0
	V2M_LEASE=1s
	V2M_SWEEP_INTERVAL=500ms
	V2M_RETRY_PAUSE=100ms
	V2M_NOTIFY_TIMEOUT=10s
	V2M_NOTIFY="exec:echo \"\$V2M_ID \$V2M_OUTCOME\" >> '$TMP/notices'; cat >> '$TMP/mails'"
	export V2M_FREE_RESERVE V2M_LEASE V2M_SWEEP_INTERVAL V2M_RETRY_PAUSE \
	    V2M_NOTIFY_TIMEOUT V2M_NOTIFY
	: > "$TMP/notices"
	: > "$TMP/mails"
	echo 'correct horse' > "$TMP/pw"
	chmod 600 "$TMP/pw"
	v2m-init --quiet || exit 99
	v2m-user add --quiet --password-file "$TMP/pw" ann@example.org &&
	v2m-user add --quiet --password-file "$TMP/pw" bob@example.org &&
	v2m-user add --quiet --admin --password-file "$TMP/pw" \
	    root@example.org || exit 99
	! by_url || setup_gateway
	v2m-login --quiet --password-file "$TMP/pw" ann@example.org || exit 99
}

as() {
	as_token=$(v2m-user token "$1@example.org") || return 99
	shift
	# A variable in front of a function would outlive it in some shells.
	env V2M_TOKEN="$as_token" "$@"
}

clip() {
	ffmpeg -v error -nostdin -y -f lavfi -i "sine=440:r=44100:d=${2:-1}" \
	    -f lavfi -i "testsrc=s=64x48:r=5:d=${2:-1}" \
	    -c:a aac -b:a 64k -c:v mpeg4 -f mp4 "file:$1" || exit 99
}

long_clip() {
	clip "$TMP/.short.mp4" 2
	ffmpeg -v error -nostdin -y -stream_loop 899 -i "$TMP/.short.mp4" -vn \
	    -c copy -f mp4 "file:$1" || exit 99
}

# What enum v2m_state is in the store, for sql.
JOB_NEW=0 JOB_HELD=1 JOB_QUEUED=2 JOB_RUNNING=3 JOB_DONE=4 JOB_FAILED=5
JOB_CANCELLED=6

sql() {
	case $1,${V2M_STORE:-},${V2M_QUEUE:-} in
	store,mongodb:* | queue,*,amqp:*)
		"$servers_python" "$tap_root/tests/lib/servers.py" sql "$@"
		return ;;
	esac
	sql_file=$V2M_STATE/v2m.db
	[ "$1" = store ] && sql_file=$V2M_STATE/store/index.db
	sqlite3 -batch -cmd '.timeout 20000' "$sql_file" "$2"
}

mp3s() {
	sql store "SELECT count(*) FROM object WHERE kind = 'mp3'"
}

state() {
	v2m-status "$1" | cut -f 2
}

column() {
	sql store "SELECT $2 FROM record WHERE id = '$1'"
}

notices() {
	grep -c "^$1" "$TMP/notices"
}

# is_state WORD ID: for `eventually`.
is_state() {
	[ "$(state "$2")" = "$1" ]
}

stands() {
	grep -q '^State:.T' "/proc/$1/status"
}

catches() {
	[ $((0x$(sed -n 's/^SigCgt:[^0-9a-f]*//p' "/proc/$1/status") &
	    0x4000)) -ne 0 ]
}

soon() {
	soon_left=300
	until "$@" || [ $soon_left = 0 ]; do
		sleep 1
		soon_left=$((soon_left - 1))
	done
	"$@"
}

# For `eventually`: take the messages that are left; true when none is.
drained() {
	v2m-convert-worker --once 2>> "$TMP/log"
	v2m-notify --once 2>> "$TMP/log"
	[ "$(sql queue "SELECT count(*) FROM message")" = 0 ]
}

# Its state and whether its owner was told, as the database of records has them;
# of DynamoDB, which sql() does not know, as v2m-status has.
end_of() {
	case ${V2M_STORE:-} in
	dynamodb:*)
		v2m-status --json "$1" | sed -n \
		    's/.*"state":"done".*"told":"sent".*/4sent/p' ;;
	*)
		sql store "SELECT state || told FROM record
		    WHERE id = '$1'" ;;
	esac
}

finish() {
	fin_left=60
	while [ $fin_left -gt 0 ]; do
		v2m-convert-worker --once > /dev/null 2>> "$TMP/log"
		v2m-notify --once > /dev/null 2>> "$TMP/log"
		case $(end_of "$1") in
		4sent | 5sent | '4sent?' | '5sent?' | 6*) break ;;
		esac
		sleep 0.2
		fin_left=$((fin_left - 1))
	done
	state "$1"
}

peak_kib() {
	python3 -c 'import resource, subprocess, sys
out = open(sys.argv.pop(1), "w")
done = subprocess.run(sys.argv[1:], stdout=out)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)' "$OUT" "$@"
}
