#!/bin/sh
# Who signs requests to S3: each way that AWS's tools know, and in which order;
# and what is said of a bucket.
# slow: 15 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-s3.sh"
s3_start moto

# moto takes any key; the proxy one only.
s3_proxy_start --verify lent lentsecret eu-west-1
V2M_STORE=dir:$TMP/records
V2M_OBJECTS=$S3_PROXY
export V2M_STORE V2M_OBJECTS
AWS_ACCESS_KEY_ID=lent AWS_SECRET_ACCESS_KEY=lentsecret v2m-init --quiet ||
    exit 99
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

# roles_start SECONDS
roles_start() {
	: > roles.log
	: > roles.port
	background "$s3_python" "$tap_root/tests/lib/aws-roles.py" roles.log \
	    "$1" > roles.port
	roles_pid=$tap_pid
	roles_left=100
	until [ -s roles.port ] || [ $roles_left -eq 0 ]; do
		sleep 0.1
		roles_left=$((roles_left - 1))
	done
	ROLES=http://127.0.0.1:$(cat roles.port)
}

n=0
# Where nothing is stored, an object is looked for: 66 from who may.
look() {
	n=$((n + 1))
	"$V2M_BIN/../tests/store_bytes" read mp3 "$(printf '6a%022x' $n)" 1
}

status 78 "no credentials" look
like "$(cat "$ERR")" "no AWS credentials" "are told"
status 78 "a wrong key" env AWS_ACCESS_KEY_ID=lent \
    AWS_SECRET_ACCESS_KEY=guessed "$V2M_BIN/../tests/store_bytes" read mp3 \
    6b0000000000000000000001 1
unlike "$(cat "$ERR")" guessed "is refused, and its secret not shown"
AWS_ACCESS_KEY_ID=lent AWS_SECRET_ACCESS_KEY=lentsecret look > "$OUT" 2>&1
is "$?" 66 "the environment is taken"

# --- the shared files ---
mkdir .aws
cat > .aws/credentials <<'end'
# a comment
[default]
aws_access_key_id = other
aws_secret_access_key = othersecret

[work]
aws_access_key_id=lent
aws_secret_access_key = lentsecret
end
status 78 "the default profile is another's" look
AWS_PROFILE=work look > "$OUT" 2>&1
is "$?" 66 "the profile work is taken"
AWS_PROFILE=none look > "$OUT" 2> "$ERR"
is "$?" 78 "a profile that is none is refused"
like "$(cat "$ERR")" "profile 'none' has no keys" "and named"
cat > .aws/config <<'end'
[profile asks]
credential_process = /bin/false
[profile moved]
region = eu-west-1
aws_access_key_id = lent
aws_secret_access_key = lentsecret
end
AWS_PROFILE=asks look > "$OUT" 2> "$ERR"
is "$?" 78 "credential_process is refused"
like "$(cat "$ERR")" "credential_process, which v2m does not take" "by name"
AWS_PROFILE=moved V2M_OBJECTS=$(echo "$S3_PROXY" |
    sed 's/region=eu-west-1&//') look > "$OUT" 2>&1
is "$?" 66 "the config file is read, and its region"
rm -r .aws

# --- roles ---
roles_start 3600
echo web-token > web
AWS_WEB_IDENTITY_TOKEN_FILE=$TMP/web AWS_ROLE_ARN=arn:aws:iam::1:role/v2m \
    AWS_ENDPOINT_URL_STS=$ROLES look > "$OUT" 2> "$ERR"
is "$?" 66 "a web identity takes its role" || tap_show err < "$ERR"
echo wrong > web
AWS_WEB_IDENTITY_TOKEN_FILE=$TMP/web AWS_ROLE_ARN=arn:aws:iam::1:role/v2m \
    AWS_ENDPOINT_URL_STS=$ROLES look > "$OUT" 2> "$ERR"
is "$?" 78 "a web identity that is refused is told"
echo agent-token > agent
AWS_CONTAINER_CREDENTIALS_FULL_URI=$ROLES/container \
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$TMP/agent look > "$OUT" 2> "$ERR"
is "$?" 66 "a container asks its agent" || tap_show err < "$ERR"
AWS_CONTAINER_CREDENTIALS_FULL_URI=http://192.0.2.1/container \
    look > "$OUT" 2> "$ERR"
is "$?" 78 "an agent elsewhere is not asked in clear"
AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT=$ROLES \
    look > "$OUT" 2> "$ERR"
is "$?" 66 "an instance asks its metadata" || tap_show err < "$ERR"
is "$(tail -n 3 roles.log)" "$(printf 'PUT token 200\nGET metadata 200\nGET role 200')" \
    "by version 2"
is "$(grep -c BAD s3-proxy.log)" 2 "only wrong keys were refused"

# --- the end of what was lent ---
kill -9 "$roles_pid"
roles_start 5
AWS_CONTAINER_CREDENTIALS_FULL_URI=$ROLES/container \
    AWS_CONTAINER_AUTHORIZATION_TOKEN=agent-token \
    "$V2M_BIN/../tests/store_bytes" put mp3 6c0000000000000000000001 100 \
    > "$OUT" 2> "$ERR"
is "$?" 0 "an object is stored with what is about to end" ||
    tap_show err < "$ERR"
ok "which was renewed for each request" test \
    "$(grep -c 'container 200' roles.log)" -ge 2

kill -9 "$roles_pid"
s3_proxy_stop
roles_start 3600
s3_proxy_start --verify lent lentsecret eu-west-1 --expire 'GET /.*mp3s/'
V2M_OBJECTS=$S3_PROXY
AWS_CONTAINER_CREDENTIALS_FULL_URI=$ROLES/container \
    AWS_CONTAINER_AUTHORIZATION_TOKEN=agent-token \
    "$V2M_BIN/../tests/store_bytes" read mp3 6c0000000000000000000001 100 \
    > "$OUT" 2> "$ERR"
is "$?" 0 "a token that ends while an object is read" || tap_show err < "$ERR"
is "$(grep -c 'container 200' roles.log)" 2 "is replaced by a new one"

AWS_ACCESS_KEY_ID=lent
AWS_SECRET_ACCESS_KEY=lentsecret
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

# --- how the server keeps files, of one piece and in parts ---
# kept PARAMETERS WANTED
kept() {
	n=$((n + 1))
	for size in 100 17000000; do
		id=$(printf '6d%020x%02x' $n $((size % 251)))
		V2M_OBJECTS="$S3_PROXY$1" "$V2M_BIN/../tests/store_bytes" put \
		    video "$id" $size > "$OUT" 2> "$ERR"
		is "$? $("$s3_python" -c 'import boto3, sys
o = boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
                 region_name="eu-west-1").head_object(Bucket="v2m-test",
    Key="some/where/videos/" + sys.argv[2])
print(o.get("ServerSideEncryption"), o.get("SSEKMSKeyId"),
      o.get("StorageClass"))' "$S3_PORT" "$id")" "0 $2" "$1: $size bytes"
	done
}
kept "&encryption=AES256&storage_class=STANDARD_IA" "AES256 None STANDARD_IA"
kept "&encryption=aws:kms&kms_key=alias/v2m" "aws:kms alias/v2m None"

# --- a bucket that keeps what is removed ---
v2m-check > "$OUT" 2>&1
unlike "$(cat "$OUT")" versions "v2m-check has nothing against the bucket"
"$s3_python" -c 'import boto3, sys
boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
             region_name="eu-west-1").put_bucket_versioning(Bucket="v2m-test",
    VersioningConfiguration={"Status": "Enabled"})' "$S3_PORT"
v2m-check > "$OUT" 2>&1
like "$(cat "$OUT")" "bucket 'v2m-test' keeps versions" \
    "v2m-check tells of one that keeps versions"
v2m-init > "$OUT" 2>&1
like "$(cat "$OUT")" "bucket 'v2m-test' keeps versions" "so does v2m-init"
like "$(cat "$OUT")" "expires old ones \(NoncurrentVersionExpiration\)" \
    "and says what helps"
unlike "$(cat "$OUT")" "object lock" "it has no object lock"
"$s3_python" -c 'import boto3, sys
boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
             region_name="eu-west-1").create_bucket(Bucket="v2m-locked",
    ObjectLockEnabledForBucket=True,
    CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})' "$S3_PORT"
V2M_OBJECTS=$(echo "$S3_PROXY" | sed s,v2m-test,v2m-locked,)
for command in v2m-init v2m-check; do
	$command > "$OUT" 2>&1
	like "$(cat "$OUT")" "bucket 'v2m-locked' has object lock: .*; use a" \
	    "$command tells of one with object lock, and what helps"
done
done_testing
