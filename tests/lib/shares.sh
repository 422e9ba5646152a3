# shares.sh - whose jobs come first?  Source it after flow.sh.
#
#	upload NAME N	upload talk.mp4 N times as NAME; the IDs, one per line
#	whose		the owners' first letters, in the order in which their
#			jobs ended

upload() {
	upload_n=0
	while [ $upload_n -lt "$2" ]; do
		cp talk.mp4 "$1$upload_n.mp4"
		upload_n=$((upload_n + 1))
	done
	as "$1" v2m-upload "$1"[0-9]*.mp4
	rm -f "$1"[0-9]*.mp4
}

whose() {
	sql store "SELECT substr(owner, 1, 1) FROM record
	    WHERE state = $JOB_DONE ORDER BY done_at" | tr -d '\n'
}
