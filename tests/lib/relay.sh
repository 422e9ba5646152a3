# relay.sh - several relays to one server.  Source it after tap.sh.
#
#	relay NAME PORT		a relay to PORT; the file NAME has its port in
#				line 1, $tap_pid is its process
#	down NAME PID		bytes that came from the server so far

relay() {
	: > "$1"
	background python3 "$tap_root/tests/lib/relay.py" "$2" > "$1"
	eventually "there is the way '$1'" test -s "$1"
}

down() {
	down_lines=$(wc -l < "$1")
	kill -USR2 "$2"
	down_left=600
	until [ "$(wc -l < "$1")" -gt "$down_lines" ]; do
		down_left=$((down_left - 1))
		[ $down_left -gt 0 ] || return
		sleep 0.1
	done
	tail -n 1 "$1"
}
