#!/bin/sh
# The least policy of the manual for a table of DynamoDB, on a server that
# enforces it and verifies each signature: moto, which knows no resources here
# but "*".
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/suites.sh"
. "$tap_root/tests/lib/server-dynamodb.sh"
# Four requests are free: three for the user, one for the table.
INITIAL_NO_AUTH_ACTION_COUNT=4
export INITIAL_NO_AUTH_ACTION_COUNT
dynamo_start moto

sed -n '/^.Sh A STORE ON DYNAMODB/,/^.Sh OBJECTS ON S3/p' \
    "$tap_root/man/v2m.conf.5" | sed -n '/^{"Version"/,/^\.Ed/p' |
    grep -v '^\.Ed' > policy.json
"$s3_python" - "$S3_PORT" policy.json > keys <<'end_python'
import boto3
import json
import sys

where = {"endpoint_url": "http://127.0.0.1:" + sys.argv[1],
         "region_name": "eu-west-1"}
policy = json.load(open(sys.argv[2]))
for statement in policy["Statement"]:
    statement["Resource"] = "*"
iam = boto3.client("iam", **where)
iam.create_user(UserName="v2m")
iam.put_user_policy(UserName="v2m", PolicyName="least",
                    PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="v2m")["AccessKey"]
print(key["AccessKeyId"], key["SecretAccessKey"])


def keys(name):
    return [{"AttributeName": name, "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"}]


boto3.client("dynamodb", **where).create_table(
    TableName="v2m-test", BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"}
                          for n in ("k", "s", "open")],
    KeySchema=keys("k"), GlobalSecondaryIndexes=[{
        "IndexName": "open", "KeySchema": keys("open"),
        "Projection": {"ProjectionType": "ALL"}}])
end_python
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY < keys

V2M_STORE=$DYNAMO
export V2M_STORE
status 78 "a wrong secret" env AWS_SECRET_ACCESS_KEY=guessed v2m-init
like "$(cat "$ERR")" "SignatureDoesNotMatch.*is the secret key right" "is told"
status 78 "a table of another name" env \
    V2M_STORE="$(echo "$DYNAMO" | sed s,v2m-test,v2m-other,)" v2m-init
like "$(cat "$ERR")" "not authorized to perform: dynamodb:CreateTable" \
    "is not made: the policy is enforced"
suite "the least policy" objects "$DYNAMO"
flow "the least policy"
done_testing
