#!/bin/sh
# No decoder asks for what the sandbox refuses: dates in headers, all kinds of
# containers, and other people's files, with the refused calls counted.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg
v2m --version --verbose | grep -q '^filter of system calls: up$' ||
    skip_all "there is no filter of system calls in this build"

# quiet FILE OPTION...: converted, or not, without a call that is refused.
quiet() {
	quiet_file=$1
	shift
	counted timeout -k 5 120 v2m-convert --quiet --force "$@" \
	    "$quiet_file" x.mp3
	case $? in
	0 | 1 | 3 | 65) grep -q '^v2m-media: 0 system calls refused$' .counted ;;
	*) return 1 ;;
	esac
}

made 2024-05-01T10:00:00Z
every_kind
for file in [a-u].*; do
	status 0 "$file, with a date where it can have one" \
	    v2m-convert --quiet --force "$file" x.mp3
	ok "asks for nothing" quiet "$file"
	ok "also where its tracks are listed" counted \
	    v2m-convert --list-tracks "$file"
done
ok "nor does measuring its loudness" quiet a.mp4 --loudness=-16
ok "nor taking it as it is" quiet e.flv --copy=only
ok "nor leaving a part of it out" quiet b.mkv --from 0.5 --to 1.5
TZ=America/New_York
export TZ
ok "nor a time zone of the caller's" quiet a.mp4

corpus=${CORPUS:-$tap_root/../shared/corpus}
if [ -d "$corpus" ]; then
	find "$corpus" -type f ! -name '*.md' > list
	ok "there are files in the corpus" test -s list
	while read -r file; do
		ok "${file#"$corpus"/}" quiet "$file"
	done < list
else
	skip "the files of others" "no corpus (CORPUS=FOLDER names one)"
fi

done_testing
