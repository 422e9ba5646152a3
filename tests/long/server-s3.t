#!/bin/sh
# Objects on S3, on two servers, versitygw and moto, beside SQLite and beside
# MongoDB: the suite, also through a network that fails, and the whole flow, by
# hand and through a gateway.  (moto can verify signatures, but does so wrongly
# for a list below a prefix with '/', boto3's own as well.)
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/suites.sh"
. "$tap_root/tests/lib/reads.sh"
. "$tap_root/tests/lib/server-s3.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
. "$tap_root/tests/lib/gateway.sh"
mongodb_start
servers_python=$mongodb_python

# reads FILE ANSWERS: what a conversion of it reads: bytes from a folder, and
# from S3, there in at most so many answers.
reads() {
	rm -rf "$V2M_STATE"
	setup
	v2m-upload --quiet "$1" > "$OUT" || exit 99
	strace -f -y -e trace=pread64 -o trace v2m-convert-worker --once
	folder=$(sed -n 's,.*pread64([0-9]*<[^>]*videos/.* = \([0-9]*\)$,\1,p' \
	    trace | awk '{ n += $1 } END { print n + 0 }')
	V2M_OBJECTS=$(echo "$S3_PROXY" | sed "s,some/where,reads-$1,")
	export V2M_OBJECTS
	v2m-init --quiet
	v2m-upload --quiet "$1" > "$OUT" || exit 99
	: > s3-proxy.log
	status 0 "a conversion of $1" v2m-convert-worker --once
	bucket=$(awk '/^GET .*videos/ { n += $4 } END { print n + 0 }' \
	    s3-proxy.log)
	answers=$(grep -c '^GET .*videos' s3-proxy.log)
	echo "# $folder bytes from a folder, $bucket from S3 in $answers answers"
	ok "reads at most 1.1 times what it reads of a folder, and 4 MiB" \
	    test "$folder" -gt 0 -a \
	    $((bucket * 10)) -le $((folder * 11 + 41943040))
	ok "in at most $2 answers" test "$answers" -le "$2"
	unset V2M_OBJECTS
}

# An MP4 in whose index the sound is far apart, one of sound alone, an AVI, whose
# index counts otherwise, an MP4 with its index behind all, and a Matroska.
all_reads() {
	wide_clip wide.mp4 25 1
	ffmpeg -v error -nostdin -y -f lavfi -i \
	    "aevalsrc=random(0)*abs(sin(t))|random(1):d=180" -c:a alac \
	    alone.m4a || exit 99
	ffmpeg -v error -nostdin -y -i wide.mp4 -c:v copy -c:a pcm_s16le \
	    wide.avi || exit 99
	reads wide.mp4 200
	reads alone.m4a 100
	ffmpeg -v error -nostdin -y -i wide.mp4 -c copy end.mp4 || exit 99
	ffmpeg -v error -nostdin -y -i wide.mp4 -c copy wide.mkv || exit 99
	reads wide.avi 200
	# As ffmpeg lays it out, with 125 KB of picture between two pieces of
	# sound: each of these is fetched by itself, or too much would be read.
	reads end.mp4 1600
	reads wide.mkv 200
}

# far FILE MS N: behind a long way, the places that a conversion hops to are under
# way together: with answers that take so long each it takes less than one Nth of
# the time that they would, one after another.
far() {
	s3_proxy_start --delay "$2"
	rm -rf "$V2M_STATE"
	setup
	V2M_OBJECTS=$(echo "$S3_PROXY" | sed s,some/where,far,)
	export V2M_OBJECTS
	v2m-init --quiet
	v2m-upload --quiet "$1" > "$OUT" || exit 99
	: > s3-proxy.log
	from=$(date +%s%N)
	status 0 "a conversion of $1 from far away" v2m-convert-worker --once
	took=$((($(date +%s%N) - from) / 1000000))
	answers=$(grep -c '^GET .*videos' s3-proxy.log)
	echo "# $answers answers of $2 ms in $took ms"
	ok "waits for more than $3 answers at a time" \
	    test "$answers" -gt 60 -a $((took * $3)) -lt $((answers * $2))
	unset V2M_OBJECTS
	s3_proxy_stop
}

# A link of s3_redirect ends after its 60 seconds.
link_ends() {
	rm -rf "$V2M_STATE"
	V2M_OBJECTS=$(echo "$S3" | sed s,some/where,links,)
	V2M_S3_REDIRECT=yes
	export V2M_OBJECTS V2M_S3_REDIRECT
	setup
	clip talk.mp4 3
	id=$(v2m-upload talk.mp4 | cut -f 1)
	v2m-convert-worker --once --quiet
	gateway_start
	http 307 "a link" -H "$(header_of ann)" \
	    "$URL/download?fid=$id&redirect=1"
	link=$(field Location)
	http 200 "is good" "$link"
	sleep 62
	http 403 "but not after a minute" "$link"
	ends_well
	unset V2M_OBJECTS V2M_S3_REDIRECT
}

for kind in versitygw moto; do
	S3_KIND=
	S3_PORT=
	s3_start $kind
	suite "$kind beside SQLite" objects "dir:$TMP/records-$kind" "$S3"
	suite "$kind beside MongoDB" objects "$MONGODB" "$S3"
	s3_proxy_start --faults 0.03 11
	suite "$kind, faults at 3 % of the requests" objects \
	    "dir:$TMP/faults-$kind" \
	    "$S3_PROXY"
	s3_proxy_stop
	if [ $kind = versitygw ]; then
		s3_proxy_start
		all_reads
		s3_proxy_stop
		far wide.mp4 500 2
		far end.mp4 200 12
		link_ends
		rm -rf "$V2M_STATE"
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
