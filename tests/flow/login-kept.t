#!/bin/sh
# v2m-login: the file with the kept tokens, in good and bad shape.
. "$(dirname "$0")/../lib/tap.sh"

v2m-init > "$OUT" 2>&1 || exit 99
echo 'correct horse' > pw
chmod 600 pw
v2m-user --quiet add --password-file pw ann@example.org
v2m-login --quiet --password-file pw ann@example.org
kept=.local/state/v2m/token

chmod 644 $kept
status 78 "a token that others can read is refused" v2m-login --check
like "$(cat "$ERR")" "can be read by others: chmod (600|o=,g-w) '.*/token'" \
    "with the command that mends it"
status 78 "by a login too" v2m-login --password-file pw ann@example.org
chmod 600 $kept
status 0 "a mended token file is read" v2m-login --check

cp $kept good
printf 'rubbish\n\n\t\n\000\001' > $kept
status 77 "rubbish is no login" v2m-login --check
status 0 "a login puts it right" v2m-login --password-file pw ann@example.org
status 0 "and is kept" v2m-login --check

printf '%s\tx.y.z\n' "$V2M_STATE" > $kept
chmod 600 $kept
status 77 "a mangled token" v2m-login --check
like "$(cat "$ERR")" "malformed token" "in words"
unlike "$(cat "$ERR")" 'x\.y\.z' "without the token"

# Many states come and go; the file does not grow for ever.
i=0
while [ $i -lt 700 ]; do
	echo "/nowhere/$i	$(cut -f 2 good)"
	i=$((i + 1))
done > $kept
status 78 "a file beyond all measure" v2m-login --check
head -n 250 $kept > cut && cat cut > $kept
status 0 "many states" v2m-login --password-file pw ann@example.org
status 0 "the latest is found" v2m-login --check
ok "the file stays small" test "$(wc -c < $kept)" -le 65536
is "$(sed -n 2p $kept | cut -f 1)" /nowhere/0 "the others are still there"

# Two logins at a time keep both.
rm $kept
for n in 1 2 3 4 5 6; do
	V2M_STATE=$TMP/s$n v2m-init > "$OUT" 2>&1
	V2M_STATE=$TMP/s$n v2m-user --quiet add --password-file pw a$n@b.org
done
pids=
for n in 1 2 3 4 5 6; do
	V2M_STATE=$TMP/s$n v2m-login --quiet --password-file pw a$n@b.org &
	pids="$pids $!"
done
wait $pids
is "$(wc -l < $kept)" 6 "six logins at once, six tokens"

V2M_STATE="$TMP/strange
100% state"
v2m-init > "$OUT" 2>&1
v2m-user --quiet add --password-file pw odd@example.org
status 0 "a state with a line break in its name" \
    v2m-login --password-file pw odd@example.org
status 0 "is found again" v2m-login --check
is "$(wc -l < $kept)" 7 "in one line"
V2M_STATE=$TMP/state

if [ "$(id -u)" -ne 0 ]; then
	chmod 500 .local/state/v2m
	status 77 "a folder that cannot be written" \
	    v2m-login --password-file pw ann@example.org
	chmod 700 .local/state/v2m
else
	skip "a folder that cannot be written" "root can"
fi
mkdir elsewhere && : > elsewhere/v2m
status 73 "a file where the folder should be" \
    env XDG_STATE_HOME="$TMP/elsewhere" \
    v2m-login --password-file pw ann@example.org
status 0 "XDG_STATE_HOME that is not an absolute path does not count" \
    env XDG_STATE_HOME=elsewhere v2m-login --password-file pw ann@example.org
is "$(ls elsewhere)" v2m "nothing is made there"

done_testing
