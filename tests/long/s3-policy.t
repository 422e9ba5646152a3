#!/bin/sh
# The least policy of the manual for a bucket of S3, on a server that enforces it:
# versitygw, as the policy of the bucket, for an account that may nothing else.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/suites.sh"
. "$tap_root/tests/lib/server-s3.sh"
S3_ACCOUNTS=yes
s3_start versitygw
url=http://127.0.0.1:$S3_PORT
status 0 "an account" "$s3_program" admin --access local --secret localsecret \
    --region eu-west-1 --endpoint-url "$url" \
    create-user --access v2m --secret v2msecret --role user

sed -n '/^.Sh OBJECTS ON S3/,$p' "$tap_root/man/v2m.conf.5" |
    sed -n '/^{"Version"/,/^\.Ed/p' | grep -v '^\.Ed' |
    sed 's,:::bucket/prefix,:::v2m-test/some/where,; s,:::bucket",:::v2m-test",' \
    > policy.json
"$s3_python" - "$url" policy.json <<'end_python' || exit 99
import boto3
import json
import sys

s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="eu-west-1")
policy = json.load(open(sys.argv[2]))
for statement in policy["Statement"]:
    statement["Principal"] = {"AWS": ["v2m"]}
for bucket in "v2m-test", "v2m-other":
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={
        "LocationConstraint": "eu-west-1"})
s3.put_bucket_policy(Bucket="v2m-test", Policy=json.dumps(policy))
end_python
AWS_ACCESS_KEY_ID=v2m
AWS_SECRET_ACCESS_KEY=v2msecret

refused() {	# WHAT URL
	status 78 "$1" env V2M_STORE="dir:$TMP/refused" V2M_OBJECTS="$2" v2m-init
	like "$(cat "$ERR")" "cannot .* the bucket: .* says 403" \
	    "is refused: the policy is enforced"
}
refused "another bucket" "$(echo "$S3" | sed s,v2m-test,v2m-other,)"
refused "another prefix" "$(echo "$S3" | sed s,some/where,else,)"
suite "the least policy" objects "dir:$TMP/records" "$S3"
V2M_OBJECTS=$S3
export V2M_OBJECTS
flow "the least policy"
done_testing
