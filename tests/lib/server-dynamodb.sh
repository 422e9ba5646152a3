# server-dynamodb.sh - a DynamoDB server of the test's own.  Source it after
# tap.sh.
#
#	dynamo_start [KIND]	dynalite or moto, or any; then $DYNAMO is the
#				URL of a table on it, which v2m-init has to
#				make, and $DYNAMO_KIND what it is
#	dynamo_stop		end it, as a crash would
#	dynamo_proxy_start OPTION...	a network in front of it (aws-proxy.py),
#				whose log is dynamo-proxy.log: $DYNAMO_PROXY is
#				the URL through it
#	dynamo_proxy_stop
#	dynamo_items [TABLE]	what is in it: k, s of each item, a line
#	dynamo_age_pending TABLE	make bytes without a head a year old
#
# dynalite is from npm, installed into build/tests/dynalite; it enforces
# Amazon's limits.  moto is described in server-s3.sh.  If neither is available
# the test is skipped; under CI it fails.
. "$tap_root/tests/lib/server-s3.sh"
. "$tap_root/tests/lib/npm.sh"

dynamo_find() {
	S3_KIND=
	s3_find moto
	DYNAMO_KIND=${1:-dynalite}
	[ "$DYNAMO_KIND" != moto ] || return 0
	npm_get dynalite && return
	[ -z "${1:-}" ] || unavailable "$npm_why"
	DYNAMO_KIND=moto
}

dynamo_run() {
	if [ "$DYNAMO_KIND" = moto ]; then
		background setpriv --pdeathsig KILL "$s3_moto" -H 127.0.0.1 \
		    -p "$S3_PORT" > "$TMP/dynamo.log" 2>&1
	else
		background setpriv --pdeathsig KILL node \
		    "$npm_to/node_modules/dynalite/cli.js" \
		    --host 127.0.0.1 --port "$S3_PORT" --createTableMs 0 \
		    --deleteTableMs 0 --updateTableMs 0 \
		    > "$TMP/dynamo.log" 2>&1
	fi
	dynamo_pid=$tap_pid
}

dynamo_url() {
	echo "dynamodb://v2m-test?region=eu-west-1&endpoint=http://127.0.0.1:$1"
}

dynamo_start() {
	[ -n "${DYNAMO_KIND:-}" ] || dynamo_find "$@"
	: "${S3_PORT:=$(s3_free_port)}"
	DYNAMO=$(dynamo_url "$S3_PORT")
	aws_test_account
	aws_races "$DYNAMO_KIND"
	dynamo_run
	s3_await "$TMP/dynamo.log"
}

dynamo_stop() {
	kill -9 "$dynamo_pid"
	wait "$dynamo_pid" 2> /dev/null
}

dynamo_proxy_start() {
	: > "$TMP/.dynamo-proxy"
	background "$s3_python" "$tap_root/tests/lib/aws-proxy.py" "$S3_PORT" \
	    "$TMP/dynamo-proxy.log" --dynamo "$@" > "$TMP/.dynamo-proxy" \
	    2> "$TMP/.dynamo-proxy-err"
	dynamo_proxy_pid=$tap_pid
	s3_await_file "$TMP/.dynamo-proxy"
	DYNAMO_PROXY=$(dynamo_url "$(cat "$TMP/.dynamo-proxy")")
}

dynamo_proxy_stop() {
	kill -9 "$dynamo_proxy_pid"
	wait "$dynamo_proxy_pid" 2> /dev/null
}

dynamo_scan='import boto3, sys
client = boto3.client("dynamodb", region_name="eu-west-1",
                      endpoint_url="http://127.0.0.1:" + sys.argv[1])
for page in client.get_paginator("scan").paginate(TableName=sys.argv[2]):
    for item in page["Items"]:
'

dynamo_items() {
	"$s3_python" -c "$dynamo_scan"'
        print(item["k"]["S"], item["s"]["S"])' "$S3_PORT" "${1:-v2m-test}"
}

dynamo_age_pending() {
	"$s3_python" -c "$dynamo_scan"'
        if item["k"]["S"].startswith("pending#"):
            item["at"]["N"] = str(int(item["at"]["N"]) - 366 * 86400000)
            client.put_item(TableName=sys.argv[2], Item=item)
' "$S3_PORT" "$1"
}
