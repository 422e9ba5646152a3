#!/bin/sh
# What a media child reports, and the JSON of records, on what a fuzzer makes of
# a few honest ones in a bounded time, always with the same seed.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/fuzz.sh"

# A way to run, then each message: its length, whether its head is set right,
# the head (magic, version, what, zero), and what there is behind it.
mkdir in json
report() {
	# shellcheck disable=SC2059 # escapes
	printf '\050\001\001aaaabbbb%b\0\0\0zzzz'"$2" "$1"
}
{ printf '\0'; report '\0001' '\062\0\0\0'; } > in/progress
{ printf '\0'; report '\0002' 'matroska\0'; report '\0003' 'title\0'; } > in/tag
{ printf '\004'; report '\0006' '\001\0\0\0'; report '\0007' ''; } > in/track
{ printf '\001'; report '\0010' 'it is broken\0'; } > in/failed
printf '\0\012\0\0short' > in/short
fuzz media-reports in 200000 5 -max_len=8000 -verbosity=1

printf '1{"mono":true,"lang":["de"],"tags":{"title":"a\\nb"},"from_ms":5}' \
    > json/settings
printf '1{"bitrate":128,"track":"1+2","loudness":-165,"id3":"2.4"}' > json/more
printf '0{"video_fid":"0123456789abcdef01234567","mp3_fid":null,%s' \
    '"username":"a@b.c","options":{"mono":true},"x":[1]}' > json/message
fuzz record-json json 200000 5 -max_len=2000 -verbosity=1

done_testing
