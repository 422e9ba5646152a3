# fake-gateway.sh - a gateway that misbehaves as the test orders.  Source it
# after tap.sh and flow.sh; the orders are described in fake-gateway.py.
#
#	fake_start [CERT KEY]	in the folder gw, for the account ann of a state
#				made before; sets V2M_URL
#	fake METHOD-ROUTE LINE...	what its next answers will be
#	asked ERE		how many requests it had that match
#	fresh			forget the requests and orders so far

fake_start() {
	mkdir -p gw
	[ -s gw/token ] || v2m-user token ann@example.org > gw/token || exit 99
	rm -f gw/port
	background python3 "$tap_root/tests/lib/fake-gateway.py" gw "$@"
	fake_left=600
	while [ ! -s gw/port ] && [ $fake_left -gt 0 ]; do
		sleep 0.1
		fake_left=$((fake_left - 1))
	done
	V2M_URL=http${1:+s}://localhost:$(cat gw/port)
	export V2M_URL
}

fake() {
	fake_file=gw/$1
	shift
	printf '%s\n' "$@" > "$fake_file"
}

asked() {
	grep -Ec "$1" gw/log
}

fresh() {
	: > gw/log
	rm -f gw/[A-Z]*-*
}

# A job that is done, with an MP3 of so many random bytes.
fake_job() {
	head -c "$1" /dev/urandom > gw/mp3
	printf '{"id":"%s","mp3":"%s","mp3_length":%s,"mp3_sha256":"%s",
	    "state":"done","name":"talk.mp4","length":5,
	    "created":"2026-11-21T08:30:00Z"}' aaaaaaaaaaaaaaaaaaaaaaaa \
	    bbbbbbbbbbbbbbbbbbbbbbbb "$1" \
	    "$(sha256sum < gw/mp3 | cut -d ' ' -f 1)" > gw/job
}
