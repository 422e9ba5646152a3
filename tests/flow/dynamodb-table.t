#!/bin/sh
# The table that v2m-init makes on DynamoDB, or adopts: its keys, its index, and
# its backups.
# slow: 10 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-dynamodb.sh"
dynamo_start moto

# of TABLE PYTHON: with its client of boto3, and the name of the table
of() {
	"$s3_python" -c 'import boto3, sys
client = boto3.client("dynamodb", region_name="eu-west-1",
                      endpoint_url="http://127.0.0.1:" + sys.argv[1])
table = sys.argv[2]
'"$2" "$S3_PORT" "$1"
}
make_table() {	# TABLE KEY
	of "$1" 'client.create_table(TableName=table,
    BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[
        {"AttributeName": n, "AttributeType": "S"} for n in ("'"$2"'", "s")],
    KeySchema=[{"AttributeName": "'"$2"'", "KeyType": "HASH"},
               {"AttributeName": "s", "KeyType": "RANGE"}])'
}
history() {	# TABLE
	of "$1" 'print(client.describe_continuous_backups(TableName=table)[
    "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
    "PointInTimeRecoveryStatus"])'
}
indexes() {	# TABLE
	of "$1" 'print(*[i["IndexName"] for i in client.describe_table(
    TableName=table)["Table"].get("GlobalSecondaryIndexes", [])])'
}
set_up() {	# TABLE [PARAMETER]: by v2m-init, through the proxy
	V2M_STORE=$(echo "$DYNAMO_PROXY" | sed "s,v2m-test,$1,")${2:-}
	export V2M_STORE
	v2m-init --quiet
}

dynamo_proxy_start --once UpdateContinuousBackups \
    '400 ContinuousBackupsUnavailableException'
status 0 "a table with a history" set_up v2m-kept '&point_in_time=yes'
ok "which its server refused while it was new" grep -q \
    '^UpdateContinuousBackups .* fault' dynamo-proxy.log
is "$(history v2m-kept)" ENABLED "it is turned on"
status 0 "one without" set_up v2m-plain
is "$(history v2m-plain)" DISABLED "has none"
status 78 "another word" set_up v2m-plain '&point_in_time=perhaps'
like "$(cat "$ERR")" "point_in_time is yes" "is refused"

make_table v2m-there k
is "$(indexes v2m-there)" "" "a table without the index"
status 0 "is adopted" set_up v2m-there
is "$(indexes v2m-there)" open "and gets it"
status 0 "a record is changed in it" "$V2M_BIN/../tests/store_bytes" count \
    video 5d00000000000000000001a1 3
status 0 "once more" set_up v2m-there

make_table v2m-strange id
status 78 "a table with other keys" set_up v2m-strange
like "$(cat "$ERR")" "'v2m-strange' is not one of v2m: its keys" "is told"
dynamo_proxy_stop

done_testing
