#!/bin/sh
# Each fuzz target but the gateway's (fuzz-gateway.t) for a minute, from what is
# kept of earlier runs, and what decodes from the heads of the files of
# V2M_CORPUS, too.
#
#	FUZZ_SECONDS	60
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/fuzz.sh"

for source in "$tap_root"/tests/fuzz/*.c; do
	target=${source##*/}
	target=${target%.c}
	mkdir -p "in/$target"
	set -- -max_len=8192 -verbosity=1
	case $target in
	gateway) continue ;;
	demux)
		# Leaks are the libraries', and end with a child.
		set -- "$@" -detect_leaks=0
		[ -z "$CORPUS" ] || find "$CORPUS" -type f | while read -r f; do
			head -c 8192 "$f" > "in/demux/$(basename "$f")"
		done ;;
	esac
	fuzz "$target" "in/$target" -1 "${FUZZ_SECONDS:-60}" "$@"
done

done_testing
