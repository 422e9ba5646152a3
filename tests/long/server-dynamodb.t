#!/bin/sh
# A store in a table of DynamoDB, on two servers, dynalite and moto: the suites, of
# objects also through a network that fails; the whole flow, by hand, through a
# gateway, and with the bytes on S3.  moto is threads that check a condition and
# then write, without a lock, so the races of the suite of records are not for it;
# nor are they for faults, where a change may end with nobody knowing who won.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/suites.sh"
. "$tap_root/tests/lib/server-dynamodb.sh"

table() {	# URL TABLE
	echo "$1" | sed "s,v2m-test,$2,"
}

for kind in dynalite moto; do
	DYNAMO_KIND=
	S3_PORT=
	dynamo_start $kind
	suite $kind objects "$DYNAMO"
	suite "$kind beside a folder" objects "dir:$TMP/records-$kind" "$DYNAMO"
	if [ $kind = dynalite ]; then
		suite $kind records "$DYNAMO"
		dynamo_proxy_start --faults 0.03 11
		suite "$kind, faults at 3 % of the requests" objects \
		    "$(table "$DYNAMO_PROXY" v2m-faults)"
		dynamo_proxy_stop
	fi
	V2M_STORE=$(table "$DYNAMO" v2m-flow)
	export V2M_STORE
	flow "$kind"
	if [ $kind = moto ]; then
		V2M_OBJECTS="s3://v2m-test/x?region=eu-west-1"
		V2M_OBJECTS="$V2M_OBJECTS&endpoint=http://127.0.0.1:$S3_PORT"
		export V2M_OBJECTS
		flow "$kind, bytes on S3"
		unset V2M_OBJECTS
	fi
	V2M_TEST_GATEWAY=yes
	flow "$kind through a gateway"
	unset V2M_STORE V2M_TEST_GATEWAY V2M_URL
	dynamo_stop
done

done_testing
