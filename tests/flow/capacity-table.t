#!/bin/sh
# The waiting times of v2m-capacity(7) are those of the simulation, and the
# simulation agrees with what is known of a queue with one worker: Pollaczek and
# Khinchine's mean.
. "$(dirname "$0")/../lib/tap.sh"

bench=$tap_root/tests/bench
command -v python3 > /dev/null || skip_all "no python3"

# "120 20 1 44% 5min 21min", as the page rounds.
lines() {
	sed -n 's/ //g; s/^\.It\([0-9].*\)/\1/p' \
	    "$tap_root/man/v2m-capacity.7" | sed 's/,//; s/Ta/ /g' |
	    grep -E '^[0-9]+ [0-9]+ [0-9]+ '
}
lines > page
ok "the page has a table" [ "$(wc -l < page)" -ge 7 ]
simulated() {	# VIDEOS BURST WORKERS
	hours=200
	[ "$1" -lt 10000 ] || hours=20
	"$bench/queue_sim.py" --per-hour "$1" --burst "$2" --workers "$3" \
	    --hours $hours | awk -F '\t' -v about="$1 $2" '
	function short(t) {
		if (t ~ / s$/)
			return sprintf("%.0fs", t)
		sub(/ /, "", t)
		return t
	}
	NR > 2 { print about, $1, short($2), short($3), short($4) }'
}
cut -d ' ' -f 1,2 page | uniq | while read -r videos burst; do
	simulated "$videos" "$burst" "$(awk -v v="$videos" '$1 == v { print $3 }' \
	    page | paste -s -d ,)"
done > computed
is "$(cat page)" "$(cat computed)" "which is what the simulation says"

status 0 "one worker waits as theory has it" python3 - "$bench" << 'end'
import random
import sys

sys.path.insert(0, sys.argv[1])
sys.argv[1:] = ["--burst", "1", "--spread", "0", "--per-hour", "200",
                "--sigma", "0.5", "--hours", "4000"]
import queue_sim

o = queue_sim.options()
jobs = queue_sim.arrivals(o, random.Random(7))
waited, busy = queue_sim.waits(jobs, 1)
rate = len(jobs) / o.hours / 3600
rho = busy / o.hours / 3600
theory = rate * sum(w * w for _, w in jobs) / len(jobs) / 2 / (1 - rho)
mean = sum(waited) / len(jobs)
print(f"busy {rho:.2f}, mean {mean:.2f} s, theory {theory:.2f} s")
sys.exit(not (0.3 < rho < 0.9 and abs(mean / theory - 1) < 0.05))
end
is "$(find "$tap_root/tests" -name __pycache__ -newer page)" "" \
    "Python writes nothing into the source"

done_testing
