#!/bin/sh
# Lists and configurations that were written elsewhere: with CR, a byte order
# mark, blanks, capitals.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
clip 'a film.mp4'

a=$(v2m-upload --no-queue --no-check talk.mp4)
b=$(v2m-upload --no-queue --no-check 'a film.mp4')
capitals=$(echo "$a" | tr a-f A-F)
bom=$(printf '\357\273\277')

# --- IDs ---
# reads LIST: v2m-status - knows both jobs of it
reads() {
	printf "$1" > list
	v2m-status - < list > "$OUT" 2> "$ERR"
	is "$(cut -f 1 "$OUT")" "$a
$b" "$2"
}
reads "$a\n$b\n" "a list"
reads "$a\r\n$b\r\n" "lines that end with CR LF"
reads "$bom$a\r\n$b" "a byte order mark, and no end"
reads "  $a \n\n \t\n$b\tdone\n" "blanks and empty lines"
reads "$capitals\n$b\n" "capitals"
status 0 "capitals of an operand" v2m-status "$capitals"
is "$(cut -f 1 "$OUT")" "$a" "are the same ID"
printf '%s\0%s\0' "$a" "$b" > list
status 0 "-0" v2m-status -0 - < list

# --- file names ---
printf '%stalk.mp4\r\n\r\n   \r\na film.mp4\r\n' "$bom" > list
status 0 "a list of files" v2m-upload --no-queue --no-check --files-from list
is "$(wc -l < "$OUT" | tr -d ' ')" 2 "both are taken"

# --- a configuration ---
printf '%smax_upload = 2G\r\n' "$bom" > conf
chmod 600 conf
status 0 "a configuration with a byte order mark" \
    v2m-init --config conf --print-config
like "$(cat "$OUT")" '^max_upload = 2G$' "is read"
printf 'lease = 5min\n%smax_upload = 2G\n' "$bom" > conf
status 78 "in the middle it is none" v2m-init --config conf --print-config

# --- Ctrl-C while the list is read ---
cat > interrupt.py <<'END2'
import signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT,
    signal.SIG_DFL))
p.stdin.write((sys.argv[1] + '\n').encode())
p.stdin.flush()
p.stdout.readline()	# it reads, and waits for more
p.send_signal(signal.SIGINT)
p.wait()
sys.exit(0 if p.returncode == -signal.SIGINT else 1)
END2
for command in v2m-status v2m-remove v2m-requeue\ --show; do
	# shellcheck disable=SC2086
	ok "$command - dies of Ctrl-C" as root python3 interrupt.py "$a" \
	    $command -
done

done_testing
