#!/bin/sh
# The parser of covers on what a fuzzer makes of honest ones: always the same
# seed, for a bounded time.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg pkg-config
. "$tap_root/tests/lib/fuzz.sh"

mkdir inputs
make inputs/a.jpg -f lavfi -i testsrc=s=64x48:d=0.04 -frames:v 1
make inputs/b.png -f lavfi -i testsrc=s=64x48:d=0.04 -frames:v 1

fuzz picture inputs 500000 15 -max_len=4096

done_testing
