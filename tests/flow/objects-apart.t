#!/bin/sh
# objects = URL: the bytes in another place than the records.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
bytes=$TMP/bytes
setup

# objects_files FOLDER: how many are in there.
objects_files() {
	ls "$1" | wc -l | tr -d ' '
}

# --- a state whose bytes are moved ---
clip talk.mp4 3
status 0 "an upload, all in one place" v2m-upload talk.mp4
first=$(cat "$OUT")
mkdir "$bytes"
mv "$V2M_STATE/store/videos" "$V2M_STATE/store/mp3s" "$bytes"
cp "$V2M_STATE/store/index.db"* "$bytes"
V2M_OBJECTS=dir:$bytes
export V2M_OBJECTS
status 0 "v2m-init" v2m-init
status 0 "a worker" v2m-convert-worker --once
is "$(state "$first")" done "finds the video in the new place"
is "$(objects_files "$bytes/mp3s")" 1 "where its MP3 is too"
status 0 "it is fetched" v2m-fetch -o out.mp3 "$first"

# --- a new job ---
status 0 "another upload" v2m-upload talk.mp4
id=$(cat "$OUT")
ok "is in the new place" cmp -s "$bytes/videos/$id" talk.mp4
ok "and not in the old" test ! -e "$V2M_STATE/store/videos"
status 0 "a worker again" v2m-convert-worker --once
status 0 "it is fetched" v2m-fetch -o two.mp3 "$id"
ok "the same" cmp -s out.mp3 two.mp3
status 0 "v2m-check reads the bytes" v2m-check --bytes
is "$(cat "$OUT" "$ERR")" "" "and is silent"
status 0 "both are removed" v2m-remove "$first" "$id"
is "$(objects_files "$bytes/videos") $(objects_files "$bytes/mp3s")" "0 0" \
    "with their bytes"

# --- what died ---
left=$bytes/videos/0123456789abcdef01234567
echo bytes > "$left"
echo bytes > "$left.part"
echo 0000000000000000007 > "$left.fence"
touch -d '3 days ago' "$left" "$left.part" "$left.fence"
status 0 "v2m-prune" v2m-prune
is "$(objects_files "$bytes/videos")" 0 "removes what writers left there"

# --- what it says of itself ---
status 78 "a place that is not set up" \
    env "V2M_OBJECTS=dir:$TMP/none" v2m-status
like "$(cat "$ERR")" "v2m-init" "wants v2m-init"
status 78 "no folder" env V2M_OBJECTS=dir: v2m-status
like "$(cat "$ERR")" "objects: dir: without a folder" "and says which key"
status 78 "a driver that is none" \
    env V2M_OBJECTS=floppy://u:geheim@disk v2m-status
like "$(cat "$ERR")" "objects: unknown scheme 'floppy'" "is named"
unlike "$(cat "$ERR")" geheim "without its password"
status 78 "a server in clear that must not be" \
    env V2M_OBJECTS=mongodb://db.example.org/ V2M_OBJECTS_TLS=on v2m-status
like "$(cat "$ERR")" "objects_tls = on refuses" "is refused"
V2M_OBJECTS=mongodb://u:geheim@127.0.0.1:1/ v2m-init --print-config > conf
like "$(cat conf)" "objects = mongodb://u:\*\*\*\*\*@127.0.0.1:1/" \
    "the configuration is shown with the password masked"
V2M_OBJECTS=mongodb://u@db.example.org/ v2m-init --print-config > conf
is "$(grep '^objects = ' conf)" "objects = mongodb://u@db.example.org/" \
    "and as it is where there is none"
done_testing
