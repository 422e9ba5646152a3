# reads.sh - videos of which little needs to be read.  Source it after tap.sh.
#
#	wide_clip FILE MBIT SECONDS	a minute of MBIT Mbit/s, index first,
#					sound every SECONDS
#	at_most WHAT A B PART		A is at most PART percent of B

wide_clip() {
	[ -f ".wide-$2.mp4" ] || {
		ffmpeg -v error -nostdin -y -f lavfi -i \
		    "testsrc2=s=1280x720:r=25:d=4,noise=alls=60:allf=t" \
		    -c:v libx264 -preset ultrafast -g 50 -b:v "$2M" \
		    -maxrate "$2M" -bufsize "$2M" .picture.mp4 &&
		ffmpeg -v error -nostdin -y -stream_loop -1 -i .picture.mp4 \
		    -f lavfi -i "aevalsrc=random(0)*abs(sin(t)):d=60" \
		    -shortest -map 0:v -map 1:a -c:v copy -c:a aac -b:a 128k \
		    ".wide-$2.mp4" || exit 99
	}
	python3 "$tap_root/tests/lib/interleave.py" ".wide-$2.mp4" "$1" "$3" ||
	    exit 99
}

at_most() {
	echo "# $1: $2 of $3 bytes"
	[ "$2" -gt 0 ] && [ "$(($2 * 100))" -le "$(($3 * $4))" ]
	tap_result $? "$1: at most $4 %"
}
