#!/bin/sh
# Objects on S3, on two servers: versitygw, which verifies every signature, and
# moto with the least policy of the manual; beside SQLite and beside MongoDB; the
# whole flow, gateway and uploads in steps; and the suite through a network that
# fails.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-s3.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_start

suite() {	# WHAT STORE OBJECTS
	"$V2M_BIN/../tests/objects_suite" "$2" "$3" > suite 2>&1
	is "$?" 0 "$1: the suite of objects" || tap_show suite < suite
	"$V2M_BIN/../tests/upload_stream" "$2" "$3" > suite 2>&1
	is "$?" 0 "$1: uploads are received" || tap_show suite < suite
}

flow() {	# WHAT
	rm -rf "$V2M_STATE"
	setup
	clip talk.mp4 3
	status 0 "$1: an upload" v2m-upload talk.mp4
	id=$(cat "$OUT")
	is "$(finish "$id")" done "$1: is converted and told"
	status 0 "$1: is fetched" v2m-fetch --force -o out.mp3 "$id"
	status 0 "$1: v2m-check --bytes" v2m-check --bytes
	status 0 "$1: v2m-remove" v2m-remove "$id"
	status 0 "$1: v2m-prune" v2m-prune
}

for kind in versitygw moto; do
	S3_KIND=
	S3_PORT=
	s3_start $kind
	suite "$kind beside SQLite" "dir:$TMP/records-$kind" "$S3"
	suite "$kind beside MongoDB" "$MONGODB" "$S3"
	s3_proxy_start --faults 0.03 11
	suite "$kind, faults at 3 % of the requests" "dir:$TMP/faults-$kind" \
	    "$S3_PROXY"
	s3_proxy_stop
	V2M_OBJECTS=$(echo "$S3" | sed s,some/where,flow,)
	export V2M_OBJECTS
	flow "$kind beside SQLite"
	V2M_STORE=$MONGODB
	export V2M_STORE
	flow "$kind beside MongoDB"
	unset V2M_STORE V2M_OBJECTS
	s3_stop
done

# --- the least policy of the manual, where it is enforced ---
S3_PORT=
INITIAL_NO_AUTH_ACTION_COUNT=4
export INITIAL_NO_AUTH_ACTION_COUNT
s3_start moto
policy() {
	sed -n '/^{"Version"/,/^\.Ed/p' "$tap_root/man/v2m.conf.5" |
	    sed '/^\.Ed/d; s,bucket/prefix,v2m-test/some/where,
	    s,:::bucket,:::v2m-test,'
}
policy > policy.json
"$s3_python" - "$S3_PORT" > keys 2> "$ERR" << 'end'
import boto3, sys
here = {"endpoint_url": "http://127.0.0.1:" + sys.argv[1],
        "region_name": "eu-west-1"}
boto3.client("s3", **here).create_bucket(Bucket="v2m-test",
    CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
iam = boto3.client("iam", **here)
iam.create_user(UserName="v2m")
iam.put_user_policy(UserName="v2m", PolicyName="least",
                    PolicyDocument=open("policy.json").read())
key = iam.create_access_key(UserName="v2m")["AccessKey"]
print(key["AccessKeyId"], key["SecretAccessKey"])
end
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY < keys
ok "a user with the least policy" test -n "$AWS_SECRET_ACCESS_KEY"
suite "by the least policy" "dir:$TMP/records-policy" "$S3"
status 78 "another prefix" env "V2M_STORE=dir:$TMP/records-policy" \
    "V2M_OBJECTS=$(echo "$S3" | sed s,some/where,else,)" \
    "$V2M_BIN/../tests/store_bytes" put video 5f0000000000000000000001 10
like "$(cat "$ERR")" "403" "is not for him"
AWS_SECRET_ACCESS_KEY=guessed
status 78 "a wrong secret" env "V2M_STORE=dir:$TMP/records-policy" \
    "V2M_OBJECTS=$S3" "$V2M_BIN/../tests/store_bytes" put video \
    5f0000000000000000000001 10
done_testing
