# server-s3.sh - an S3 server of the test's own.  Source it after tap.sh.
#
#	s3_start [KIND]		versitygw or moto, or any, in $TMP/s3; then
#				$S3 is the URL of a bucket on it, $S3_PORT its
#				port, $S3_KIND what it is; its host may also be
#				BUCKET.localhost.  With S3_ACCOUNTS=yes
#				versitygw has accounts
#	s3_stop			end it by SIGKILL
#	s3_freeze, s3_thaw
#	s3_proxy_start OPTION...	a network in front of it (aws-proxy.py):
#				$S3_PROXY is the URL through it
#	s3_proxy_stop
#	s3_keys			the keys in the bucket, one a line
#
# versitygw verifies signatures; it is taken from PATH, from this user's Go, or
# from build/tests/s3, where s3_start versitygw builds it, in some minutes.  moto
# is PyPI's moto[server], from PATH or installed into build/tests/s3.  If
# neither is available the test is skipped; under CI it fails.

s3_build=$tap_root/build/tests/s3
s3_home=$(getent passwd "$(id -u)" | cut -d : -f 6)

s3_find_versitygw() {
	for s3_program in "$(command -v versitygw)" \
	    "$s3_home/go/bin/versitygw" "$s3_build/bin/versitygw"; do
		[ -n "$s3_program" ] && [ -x "$s3_program" ] && return 0
	done
	return 1
}

s3_make_versitygw() (
	mkdir -p "$s3_build" && exec 9> "$s3_build/lock" && flock 9 || exit 1
	s3_find_versitygw && exit 0
	HOME=$s3_home GOBIN=$s3_build/bin GOFLAGS=-modcacherw \
	    PATH=$PATH:/usr/local/go/bin:/usr/lib/go/bin go install \
	    github.com/versity/versitygw/cmd/versitygw@v1.8.0
) > "$TMP/.versitygw" 2>&1

# Its interpreter has botocore as well, in $s3_python.
s3_find_moto() {
	for s3_program in "$(command -v moto_server)" \
	    "$s3_build/venv/bin/moto_server"; do
		[ -n "$s3_program" ] && [ -x "$s3_program" ] || continue
		for s3_python in "$s3_build/venv/bin/python3" python3 \
		    /usr/bin/python3; do
			"$s3_python" -c 'import botocore, moto' 2> /dev/null &&
			    return 0
		done
	done
	return 1
}

s3_make_moto() (
	mkdir -p "$s3_build" && exec 9> "$s3_build/lock" && flock 9 || exit 1
	s3_find_moto && exit 0
	python3 -m venv "$s3_build/venv" &&
	    "$s3_build/venv/bin/pip" install -q 'moto[server]==5.2.5'
) > "$TMP/.moto" 2>&1

s3_find() {
	# The interpreter serves the proxy, whichever server there is.
	s3_find_moto || s3_make_moto && s3_find_moto ||
	    unavailable "there is no moto, and it cannot be installed"
	s3_moto=$s3_program
	case ${1:-any} in
	any) S3_KIND=moto; ! s3_find_versitygw || S3_KIND=versitygw ;;
	moto) S3_KIND=moto ;;
	*)
		S3_KIND=versitygw
		s3_find_versitygw || s3_make_versitygw &&
		    s3_find_versitygw ||
		    unavailable "there is no versitygw, and it cannot be built" ;;
	esac
}

s3_free_port() {
	"$s3_python" "$tap_root/tests/lib/ports.py" 1
}

s3_run() {
	if [ "$S3_KIND" = versitygw ]; then
		background env ROOT_ACCESS_KEY=local \
		    ROOT_SECRET_KEY=localsecret setpriv --pdeathsig KILL \
		    "$s3_program" --quiet --region eu-west-1 \
		    --virtual-domain localhost \
		    ${S3_ACCOUNTS:+--iam-dir "$TMP"} \
		    --port "127.0.0.1:$S3_PORT" posix "$TMP/s3" > "$TMP/s3.log" 2>&1
	else
		background setpriv --pdeathsig KILL "$s3_moto" -H 127.0.0.1 \
		    -p "$S3_PORT" > "$TMP/s3.log" 2>&1
	fi
	s3_pid=$tap_pid
}

s3_answers() {
	"$s3_python" -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$S3_PORT" \
	    2> /dev/null
}

s3_url() {
	echo "s3://v2m-test/some/where?region=eu-west-1&endpoint=http://127.0.0.1:$1"
}

# If it does not respond in time, its output is in FILE.
s3_await() {
	s3_left=600
	until s3_answers || [ $s3_left -eq 0 ]; do
		sleep 0.1
		s3_left=$((s3_left - 1))
	done
	[ $s3_left -eq 0 ] || return 0
	give_up "the server does not start" "$1"
}

s3_await_file() {
	s3_left=600
	until [ -s "$1" ] || [ $s3_left -eq 0 ]; do
		sleep 0.1
		s3_left=$((s3_left - 1))
	done
}

aws_test_account() {
	AWS_ACCESS_KEY_ID=local
	AWS_SECRET_ACCESS_KEY=localsecret
	AWS_EC2_METADATA_DISABLED=true
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
	    AWS_EC2_METADATA_DISABLED
	unset AWS_SESSION_TOKEN AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION
}

# moto's threads check a condition and then write, without a lock: its races may
# have two winners.
aws_races() {
	unset V2M_TEST_NO_RACES
	[ "$1" != moto ] || export V2M_TEST_NO_RACES=yes
}

s3_start() {
	[ -n "${S3_KIND:-}" ] || s3_find "$@"
	mkdir -p "$TMP/s3" || exit 99
	: "${S3_PORT:=$(s3_free_port)}"
	S3=$(s3_url "$S3_PORT")
	aws_test_account
	aws_races "$S3_KIND"
	s3_run
	s3_await "$TMP/s3.log"
}

s3_stop() {
	kill -9 "$s3_pid"
	wait "$s3_pid" 2> /dev/null
}

s3_freeze() {
	kill -STOP "$s3_pid"
}

s3_thaw() {
	kill -CONT "$s3_pid"
}

s3_proxy_start() {
	: > "$TMP/.s3-proxy"
	background "$s3_python" "$tap_root/tests/lib/aws-proxy.py" "$S3_PORT" \
	    "$TMP/s3-proxy.log" "$@" > "$TMP/.s3-proxy" 2> "$TMP/.s3-proxy-err"
	s3_proxy_pid=$tap_pid
	s3_await_file "$TMP/.s3-proxy"
	S3_PROXY=$(s3_url "$(cat "$TMP/.s3-proxy")")
}

s3_proxy_stop() {
	kill -9 "$s3_proxy_pid"
	wait "$s3_proxy_pid" 2> /dev/null
}

s3_keys() {
	"$s3_python" -c 'import boto3, sys
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
                  region_name="eu-west-1")
for page in s3.get_paginator("list_objects_v2").paginate(Bucket="v2m-test"):
    for o in page.get("Contents", []):
        print(o["Key"])' "$S3_PORT"
}
