#!/bin/sh
# Every command line of README, manual and --help is run, and none of them is
# wrong usage.  Programs of others are played where they would leave this
# machine or change it.
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg jq python3
[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "hundreds of commands"

# --- what the lines speak of ---
track='-f lavfi -i sine=440:d='
ff() {
	ffmpeg -v error -nostdin -y "$@"
}
# shellcheck disable=SC2086 # options
{
	ff ${track}2 -c:a aac talk.mp4
	ff ${track}95 -c:a aac concert.mp4
	ff ${track}280 -c:a aac -metadata:s:a:0 language=ger l7.mkv
	ff ${track}95 ${track}95 -map 0:a -map 1:a -ac 1 -c:a aac \
	    -metadata:s:a:0 language=ger -metadata:s:a:1 language=eng film.mkv
	ff ${track}2 -c:a libmp3lame old.avi
}
cp talk.mp4 talk.mkv
cp talk.mp4 'holiday film.mkv'
cp talk.mp4 interview.mp4
cp film.mkv camera.mp4
cp film.mkv ep12.mkv
mkdir videos drop
cp talk.mp4 videos/clip.mp4
cp talk.mp4 videos/scene.mov
cp talk.mp4 drop/
umask 077
echo 'correct horse' > pw
cp pw old
echo 'battery staple' > new
umask 022

# --- programs of others ---
mkdir played wrapped lines
for name in apt-get systemctl sudo make nginx setfacl logger sendmail mpg123 \
    rsync ssh scripts/install-deps; do
	printf '#!/bin/sh\n[ -t 0 ] || cat > /dev/null\n' > "played/${name##*/}"
done
cat > played/curl <<END2
#!/bin/sh
case "\$*" in *.mp4) cat "$TMP/talk.mp4" ;; *) echo '{}' ;; esac
END2
chmod 755 played/*

# --- ours: no question is asked, no daemon stays, and how it ended is kept ---
cat > wrapped/v2m <<'END2'
#!/bin/bash
name=${0##*/}
words=()
for word; do
	case $word in
	ID | 6b00????????????????????) word=$(tail -n 1 "$TMP/id") ;;
	*:8080) word=127.0.0.1:0 ;;	# which may be in use
	esac
	words+=("$word")
done
case "$name $*" in
*--*password-file* | *--check* | *--logout* | *--help*) ;;
v2m-login* | v2m-passwd* | "v2m-user add"* | "v2m-user passwd"*)
	words+=(--password-file "$TMP/pw") ;;
esac
case "$name $*" in
v2m-passwd*--password-file*) ;;
v2m-passwd*) words+=(--new-password-file "$TMP/new") ;;
esac
case "$name $*" in
*' -n' | *--yes* | *--dry-run*) ;;
"v2m-notify --again --failed"* | v2m-check*--repair*) words+=(--yes) ;;
esac
timeout --foreground -s INT -k 20 2 "$REAL_BIN/$name" "${words[@]}"
status=$?
echo "$status	$name $*" >> "$TMP/statuses"
exit $status
END2
chmod 755 wrapped/v2m
for path in "$V2M_BIN"/v2m-*; do
	ln -s v2m "wrapped/${path##*/}"
done
REAL_BIN=$V2M_BIN
V2M_URL_TIMEOUT=1s
V2M_FREE_RESERVE=0
PATH=$TMP/wrapped:$TMP/played:$PATH
export TMP REAL_BIN V2M_URL_TIMEOUT V2M_FREE_RESERVE PATH
unset V2M_CONFIG
[ ! -e /etc/v2m ] || export V2M_CONFIG=/dev/null

python3 "$tap_root/tests/lib/command-lines.py" "$tap_root" "$V2M_BIN" lines
# Folders of a whole machine are below abs.
mkdir -p abs/mnt/backup abs/srv/backup abs/var/log abs/var/lib abs/etc/v2m
sed -E -i "2,\$s,(^|[ =:'\"])/(mnt|srv|var/log|var/lib|etc/v2m)/,\1$TMP/abs/\2/,g" \
    lines/*
# A v2m that jobs can be moved from, and one that they can be moved to.
for name in abs/etc/v2m/v2m new; do
	echo "store = dir:$TMP/store-of-${name##*/}" > "$name.conf"
	chmod 600 "$name.conf"
done
"$V2M_BIN/v2m-init" --config abs/etc/v2m/v2m.conf 2> "$ERR"
ok "there are command lines" test "$(ls lines | wc -l)" -gt 90

# run FILE: its lines; what they say in $ERR, how each of ours ended in statuses
run() {
	: > statuses
	id=$(cat id 2> /dev/null) bash "$1" > "$OUT" 2> "$ERR"
}

# --- the README, from its beginning to its end ---
for file in lines/*; do
	what=$(sed -n '1s/^# //p' "$file")
	case $what in
	README.md:*) ;;
	*) break ;;	# the questions come behind these
	esac
	run "$file"
	case $what in
	*"v2m-upload talk.mp4 'holiday"*) head -n 1 "$OUT" > id ;;
	esac
	# A gateway elsewhere is not there; a daemon was ended.
	bad=$(grep -v '^\(0\|124\)	' statuses |
	    grep -v '^7[57]	v2m-\(login\|upload\|fetch\)')
	case $what in
	*apt-get*) bad= ;;	# before the tour has set anything up
	esac
	is "$bad" "" "$what" || tap_show stderr < "$ERR"
done

# --- manual and --help ---
for file in lines/*; do
	what=$(sed -n '1s/^# //p' "$file")
	case $what in
	README.md:*) continue ;;
	esac
	rm -rf out mp3 ./*.mp3
	run "$file"
	# Wrong usage, a fault of ours, no such program; a wrong configuration,
	# but where one names a mail program or files of the reader's.
	bad=$(grep '^\(64\|70\|78\|126\|127\)	' statuses |
	    grep -v -e '^78	v2m-gateway --listen \*:443' \
	    -e '^78	v2m-notify --notify sendmail:')
	is "$bad$(grep 'command not found' "$ERR")" "" "$what" ||
	    tap_show stderr < "$ERR"
done

done_testing
