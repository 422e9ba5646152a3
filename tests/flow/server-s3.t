#!/bin/sh
# Objects on S3, beside records in SQLite: a real server, every request's
# signature, and bad days.
# slow: 30 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-s3.sh"
s3_start
echo "# on $S3_KIND"

# Another prefix than the suite's.
s3_elsewhere() {
	echo "$1" | sed s,some/where,else/where,
}

bytes() {
	"$V2M_BIN/../tests/store_bytes" "$@"
}

# --- the suite, every request held against botocore's own computation ---
s3_proxy_start --verify local localsecret eu-west-1
"$V2M_BIN/../tests/objects_suite" "dir:$TMP/records" "$S3_PROXY" > suite 2>&1
is "$?" 0 "the suite of objects passes" || tap_show suite < suite
is "$(grep -c BAD s3-proxy.log)" 0 "botocore signs each request as we do" ||
    grep BAD s3-proxy.log | head -5 | tap_show log
ok "as many as there are" test "$(grep -c signed s3-proxy.log)" -gt 500
for request in 'PUT.*videos/' 'POST.*uploads=' 'PUT.*partNumber=' \
    'POST.*uploadId=' 'GET.*list-type=2.*start-after' 'DELETE.*partial/' \
    'HEAD.*mp3s/' 'GET.*uploads=' 'GET.*versioning='; do
	ok "one of them was $request" grep -q "^$request.* signed" s3-proxy.log
done
sed -n '/^.Sh OBJECTS ON S3/,$p' "$tap_root/man/v2m.conf.5" |
    sed -n '/^{"Version"/,/^\.Ed/p' |
    grep -v '^\.Ed' > policy.json
is "$("$s3_python" "$tap_root/tests/lib/s3-actions.py" s3-proxy.log \
    policy.json 2>&1)" "" "the manual's least policy is what they need"
s3_proxy_stop
: > s3-proxy.log

# --- the flow ---
V2M_OBJECTS=$(s3_elsewhere "$S3")
export V2M_OBJECTS
setup
clip talk.mp4 3
status 0 "an upload" v2m-upload talk.mp4
id=$(cat "$OUT")
like "$(s3_keys)" "^else/where/videos/$id\$" "is in the bucket, below the prefix"
status 0 "a worker" v2m-convert-worker --once
is "$(state "$id")" done "converts it"
status 0 "it is fetched" v2m-fetch -o out.mp3 "$id"
ok "an MP3" test -s out.mp3
status 0 "v2m-check reads the bytes" v2m-check --bytes
is "$(cat "$OUT" "$ERR")" "" "and is silent"
status 0 "the job is removed" v2m-remove "$id"
unlike "$(s3_keys)" "$id" "with its bytes"
unlike "$(s3_keys)" "else/where/(videos|jobs|partial)/." "and marks"

# --- a network that fails ---
s3_proxy_start --faults 0.1 7
V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")
n=0
failed=
while [ $n -lt 9 ]; do
	n=$((n + 1))
	id=$(printf '5f%022x' $n)
	size=$((n * n * n * 50000))
	bytes put mp3 "$id" $size > "$OUT" 2> "$ERR" || {
		failed="$failed put:$n"
		tap_show put < "$ERR"
	}
	bytes read mp3 "$id" $size > "$OUT" 2> "$ERR" || {
		failed="$failed read:$n"
		tap_show read < "$ERR"
	}
done
is "$failed" "" "objects of all sizes get through faults at every tenth request"
ok "of which there were some" grep -q fault s3-proxy.log
s3_proxy_stop
V2M_OBJECTS=$(s3_elsewhere "$S3")

# --- a server that cannot put if absent ---
s3_proxy_start --without-conditions
status 0 "v2m-init tells" env "V2M_OBJECTS=$S3_PROXY" v2m-init
like "$(cat "$ERR")" "refuses If-None-Match" "of a server without conditions"
status 0 "an object is stored all the same" env "V2M_OBJECTS=$S3_PROXY" \
    "$V2M_BIN/../tests/store_bytes" put video 5f00000000000000000000ff 20000000
status 73 "and not over another" env "V2M_OBJECTS=$S3_PROXY" \
    "$V2M_BIN/../tests/store_bytes" put video 5f00000000000000000000ff 20000000
s3_proxy_stop

# --- an answer that is lost, and nothing but refusals after it ---
s3_proxy_start --lose 'PUT /.*videos/'
status 0 "an object is stored, as a look at it shows" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" \
    "$V2M_BIN/../tests/store_bytes" put video 5f0000000000000000000ab1 1000
s3_proxy_stop
s3_proxy_start --lose 'POST /.*uploadId='
status 0 "so is one in parts" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" \
    "$V2M_BIN/../tests/store_bytes" put video 5f0000000000000000000ab2 20000000
s3_proxy_stop
status 0 "it is whole" bytes read video 5f0000000000000000000ab2 20000000

# --- each error that has to be tried again, once ---
# BYTES|REQUEST|FAULT: object N of so many is stored and read, N being the line.
cat > orders <<'end'
1000|PUT /.*videos/|409 ConditionalRequestConflict
1000|PUT /.*videos/|503 SlowDown
1000|PUT /.*videos/|no answer
1000|HEAD /.*videos/|503 SlowDown
1000000|GET /.*videos/|503 SlowDown
1000000|GET /.*videos/|half
17000000|POST /.*uploads=|503 SlowDown
17000000|PUT /.*partNumber=2|503 SlowDown
17000000|POST /.*uploadId=|409 ConditionalRequestConflict
17000000|POST /.*uploadId=|in a 200
17000000|POST /.*uploadId=|no answer
17000000|POST /.*uploadId=|404 NoSuchUpload
end
# order N: $size, $request, $fault and $object of that line.
order() {
	object=$(printf '5e%022x' "$1")
	size=$(sed -n "$1p" orders | cut -d '|' -f 1)
	request=$(sed -n "$1p" orders | cut -d '|' -f 2 |
	    sed "s,videos/,&$object,; s,\\.\\*\\(upl\\|part\\),.*$object.*\\1,")
	fault=$(sed -n "$1p" orders | cut -d '|' -f 3)
}
set --
for n in $(seq "$(wc -l < orders)"); do
	order "$n"
	set -- "$@" --once "$request" "$fault"
done
s3_proxy_start "$@"
V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")
for n in $(seq $(($(wc -l < orders) - 1))); do
	order "$n"
	: > s3-proxy.log
	status 0 "$request: $fault: is stored" bytes put video "$object" "$size"
	status 0 "and read" bytes read video "$object" "$size"
	ok "after the fault" grep -q "$object.* fault" s3-proxy.log
done

# The upload is gone, and the object is not there: nobody claims that it is.
order "$(wc -l < orders)"
status 75 "an upload that ended otherwise stores nothing" \
    bytes put video "$object" "$size"
status 66 "and nothing is there" bytes read video "$object" -
s3_proxy_stop
V2M_OBJECTS=$(s3_elsewhere "$S3")

# --- a clock that is wrong is told as such ---
s3_proxy_start --clock 600 --once '/' '403 SignatureDoesNotMatch'
status 78 "a signature that is 10 minutes old" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" \
    "$V2M_BIN/../tests/store_bytes" read video 5e0000000000000000000001 1000
like "$(cat "$ERR")" "clock is (59[0-9]|600) s behind that of 127.0.0.1" \
    "is a wrong clock"
unlike "$(cat "$ERR")" "secret|key" "and no wrong secret"
s3_proxy_stop
s3_proxy_start --clock 30 --once 'GET /' '403 SignatureDoesNotMatch'
status 78 "one that is half a minute old" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" \
    "$V2M_BIN/../tests/store_bytes" read video 5e0000000000000000000001 1000
like "$(cat "$ERR")" "is the secret key right" "is not"
s3_proxy_stop

# --- a cache that knows no ranges ---
s3_proxy_start --no-ranges
status 69 "other bytes than the range's are not taken" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" \
    "$V2M_BIN/../tests/store_bytes" ranges video 5f0000000000000000000ab2 \
    20000000
like "$(cat "$ERR")" "all bytes where a range was asked for" "and it is told"
s3_proxy_stop

# --- what died ---
V2M_FAULT=kill:store-linked bytes put video 5f0000000000000000000abc \
    20000000 > "$OUT" 2>&1
# moto says of each that it began in 2010.
s3_proxy_start --uploads-begun "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)"
status 0 "v2m-prune" env "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" v2m-prune
s3_proxy_stop
uploads() {
	"$s3_python" -c 'import boto3, sys
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
                  region_name="eu-west-1")
print(len(s3.list_multipart_uploads(Bucket="v2m-test").get("Uploads", [])))
' "$S3_PORT"
}
is "$(uploads)" 1 "leaves an upload in parts that may be under way"
"$s3_python" -c 'import boto3, sys
s3 = boto3.client("s3", endpoint_url="http://127.0.0.1:" + sys.argv[1],
                  region_name="eu-west-1")
for key in "film", "videos/film", "cuts/5f0000000000000000000abc":
    s3.create_multipart_upload(Bucket="v2m-test", Key="else/where/" + key)
' "$S3_PORT"
s3_proxy_start --uploads-begun 2020-01-01T00:00:00.000Z
status 0 "v2m-prune, a day later" env \
    "V2M_OBJECTS=$(s3_elsewhere "$S3_PROXY")" v2m-prune
is "$(uploads)" 3 "ends it, and none of another program's"
s3_proxy_stop

# --- it is away ---
s3_stop
status 75 "a server that is down is temporary trouble" \
    bytes read mp3 5f0000000000000000000001 20000
like "$(cat "$ERR")" "127.0.0.1:$S3_PORT" "and the message names it"
"$V2M_BIN/v2m-upload" --verbose talk.mp4 > "$OUT" 2> tries &
pid=$!
eventually "an upload tries again" grep -q "trying again" tries
kill -TERM $pid
wait $pid 2> "$ERR"
ok "and waits between its tries after a signal, too" test \
    "$(grep -c 'trying again' tries)" -lt 40

# --- what it says of itself ---
status 78 "credentials in the URL" \
    env V2M_OBJECTS='s3://me:geheim@v2m-test/x?region=r' v2m-status
unlike "$(cat "$ERR")" geheim "are refused, and not repeated"
status 78 "no region" env V2M_OBJECTS=s3://v2m-test/x v2m-status
like "$(cat "$ERR")" "region" "is asked for"
status 78 "a parameter that is none" env \
    V2M_OBJECTS='s3://v2m-test/x?regoin=r' v2m-status
like "$(cat "$ERR")" "unknown parameter 'regoin'" "is named"
status 78 "records on S3" env -u V2M_OBJECTS V2M_STORE="$S3" v2m-status
like "$(cat "$ERR")" "cannot keep records" "are refused"
status 78 "a server in clear that must not be" env V2M_OBJECTS_TLS=on \
    V2M_OBJECTS='s3://b-b/x?region=r&endpoint=http://s3.example.org' v2m-status
like "$(cat "$ERR")" "objects_tls = on refuses" "is refused"
env -u AWS_ACCESS_KEY_ID "V2M_OBJECTS=$S3" "$V2M_BIN/../tests/store_bytes" \
    read mp3 5f0000000000000000000001 1 > "$OUT" 2> "$ERR"
is "$?" 78 "without credentials"
like "$(cat "$ERR")" "no AWS credentials" "it says where they were looked for"
done_testing
