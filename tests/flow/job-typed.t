#!/bin/sh
# The lines that a user types, as the README and the manual show them.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v expect > /dev/null || skip_all "no expect"
V2M_FREE_RESERVE=0
export V2M_FREE_RESERVE
clip talk.mp4
cp talk.mp4 "holiday film.mkv"

# typed LINE PROMPT...: the line on a terminal, each prompt answered by the
# password; its exit status
typed() {
	typed_line=$1
	shift
	{
		echo 'set timeout 120'
		echo 'log_user 0'
		echo "spawn sh -c {$typed_line}"
		for prompt; do
			echo "expect {$prompt} { send \"correct horse\\r\" } \\"
			echo '    timeout { exit 98 } eof { exit 97 }'
		done
		echo 'expect { -re {horse} { exit 96 } eof {} }'
		echo 'exit [lindex [wait] 3]'
	} > typed.exp
	expect -f typed.exp
}

status 0 "v2m-init && v2m-user add ann@example.org" \
    typed 'v2m-init && v2m-user add ann@example.org' \
    'password' 'again'
status 0 "a second v2m-init" v2m-init
like "$(cat "$ERR")" 'nothing was overwritten' "overwrites nothing"
status 0 "v2m-login ann@example.org" typed 'v2m-login ann@example.org' password
is "$(find .local -name 'token*' -type f -exec stat -c %a {} + | sort -u)" 600 "the token is its owner's alone"

# v2m-upload talk.mp4 "holiday film.mkv"           # two IDs, one per line
status 0 'v2m-upload talk.mp4 "holiday film.mkv"' \
    v2m-upload talk.mp4 "holiday film.mkv"
is "$(grep -Ec '^[0-9a-f]{24}$' "$OUT") $(wc -l < "$OUT")" "2 2" \
    "two IDs, one per line"
ID=$(head -n 1 "$OUT")
status 0 "v2m-convert-worker --once && v2m-notify --once" sh -c \
    'v2m-convert-worker --once && v2m-notify --once'
status 0 'v2m-fetch ID' v2m-fetch "$ID"
is "$(cat "$OUT")" talk.mp3 "writes talk.mp3 here"
status 73 "never overwrites" v2m-fetch "$ID"
status 0 "without --force" v2m-fetch --force "$ID"
ok "v2m-fetch -o FILE" v2m-fetch -o file.mp3 "$ID"
mkdir folder
ok "v2m-fetch -o DIR" v2m-fetch -o folder "$ID"
v2m-fetch -o - "$ID" > dash.mp3
is "$?" 0 "v2m-fetch -o -"
for f in file.mp3 folder/talk.mp3 dash.mp3; do
	ok "$f is the same" cmp talk.mp3 $f
done

mkdir pipe && cp talk.mp4 pipe/a.mp4 && cp talk.mp4 pipe/b.mp4
status 0 "v2m-upload --no-queue *.mp4 | v2m-convert-worker - | ..." sh -c \
    'cd pipe && v2m-upload --no-queue *.mp4 | v2m-convert-worker - |
    v2m-notify - | v2m-fetch -o out/ -'
is "$(ls pipe/out)" "a.mp3
b.mp3" "two MP3s in out/"

mkdir find && cp talk.mp4 'find/new
line.mov' && cp talk.mp4 'find/b c.mov'
cat > find.sh <<'END2'
cd find
find . -name '*.mov' -print0 | v2m-upload -0 --files-from - > ids &&
    v2m-fetch --wait - < ids
END2
background v2m-convert-worker 2> log
worker=$tap_pid
status 0 "find ... -print0 | v2m-upload -0 --files-from - > ids && ..." \
    sh find.sh
is "$(wc -l < "$OUT")" 2 "two files"
kill $worker
wait $worker
is $? 0 "the worker ends well"

ok "v2m-convert talk.mp4 talk.mp3" sh -c \
    'v2m-convert --force talk.mp4 talk.mp3'
ok "v2m-convert < talk.mp4 > talk.mp3" sh -c 'v2m-convert < talk.mp4 > std.mp3'
ok "curl ... | v2m-convert - talk.mp3" sh -c \
    'curl -s "file://$PWD/talk.mp4" | v2m-convert - curl.mp3'
ok "all the same" cmp talk.mp3 curl.mp3

echo 'correct horse' > pw
chmod 600 pw
status 0 'TOKEN=$(v2m-login --print ...); V2M_TOKEN=$TOKEN v2m-status --json' \
    sh -c 'TOKEN=$(v2m-login --print --password-file pw ann@example.org)
    V2M_TOKEN=$TOKEN v2m-status --json'
is "$(wc -l < "$OUT")" 6 "an object for each job"
status 0 "v2m-login --check" v2m-login --check
like "$(cat "$OUT")" '"username": ?"ann@example.org"' "prints the claims"

done_testing
