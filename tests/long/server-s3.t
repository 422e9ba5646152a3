#!/bin/sh
# Objects on S3, on two servers, versitygw and moto, beside SQLite and beside
# MongoDB: the suite, also through a network that fails, and the whole flow, by
# hand and through a gateway.  (moto can verify signatures, but does so wrongly
# for a list below a prefix with '/', boto3's own as well.)
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/reads.sh"
. "$tap_root/tests/lib/server-s3.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_start
servers_python=$mongodb_python

# What a conversion reads: bytes of a video from a folder, and from S3.
reads() {
	setup
	wide_clip wide.mp4 25 1
	v2m-upload --quiet wide.mp4 > "$OUT" || exit 99
	strace -f -y -e trace=pread64 -o trace v2m-convert-worker --once
	folder=$(sed -n 's,.*pread64([0-9]*<[^>]*videos/.* = \([0-9]*\)$,\1,p' \
	    trace | awk '{ n += $1 } END { print n + 0 }')
	V2M_OBJECTS=$(echo "$S3_PROXY" | sed s,some/where,reads,)
	export V2M_OBJECTS
	v2m-init --quiet
	v2m-upload --quiet wide.mp4 > "$OUT" || exit 99
	: > s3-proxy.log
	status 0 "a conversion" v2m-convert-worker --once
	bucket=$(awk '/^GET .*videos/ { n += $4 } END { print n + 0 }' \
	    s3-proxy.log)
	echo "# $folder bytes from a folder, $bucket from S3"
	ok "reads at most 1.1 times what it reads of a folder, and 8 MiB" \
	    test "$folder" -gt 0 -a \
	    $((bucket * 10)) -le $((folder * 11 + 83886080))
	unset V2M_OBJECTS
}

suite() {	# WHAT STORE OBJECTS
	"$V2M_BIN/../tests/objects_suite" "$2" "$3" > suite 2>&1
	is "$?" 0 "$1: the suite of objects" || tap_show suite < suite
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
	! by_url || gateway_stop
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
	if [ $kind = versitygw ]; then
		s3_proxy_start
		reads
		s3_proxy_stop
	fi
	V2M_OBJECTS=$(echo "$S3" | sed s,some/where,flow,)
	export V2M_OBJECTS
	flow "$kind beside SQLite"
	V2M_STORE=$MONGODB
	export V2M_STORE
	flow "$kind beside MongoDB"
	V2M_TEST_GATEWAY=yes
	flow "$kind through a gateway"
	unset V2M_STORE V2M_OBJECTS V2M_TEST_GATEWAY V2M_URL
	s3_stop
done

done_testing
