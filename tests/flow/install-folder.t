#!/bin/sh
# make install into a folder: what is there runs from there, and make uninstall
# leaves nothing.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

[ -z "${V2M_TEST_VALGRIND:-}" ] || skip_all "the commands are the same"
build=${V2M_BIN%/bin}
dest="$TMP/a root"

# The build is there: see to it that make leaves it alone.
run_make() {
	make -s -C "$tap_root" B="$build" -o all DESTDIR="$dest" "$@"
}
files() {
	(cd "$dest" && find . ! -type d | sort)
}

mkdir "$dest"
status 0 "make install" run_make install PREFIX=/opt/v2m
files > installed
missing=
for file in "$build"/bin/* "$build"/lib/v2m/libv2m.so; do
	grep -q "/${file##*/}\$" installed || missing="$missing $file"
done
is "$missing" "" "all commands and the library"
for file in lib/v2m/token-jwt.so libexec/v2m/v2m-media \
    share/man/man7/v2m.7 share/man/man5/v2m.conf.5 \
    share/man/man1/v2m-upload.1 \
    share/bash-completion/completions/v2m \
    share/zsh/site-functions/_v2m-fetch \
    share/fish/vendor_completions.d/v2m-convert-worker.fish \
    share/v2m/supervisor/v2m.conf share/v2m/cron/crontab \
    share/v2m/systemd/v2m-gateway.service share/v2m/nginx/v2m.conf; do
	grep -qx "./opt/v2m/$file" installed || missing="$missing $file"
done
is "$missing" "" "each thing in its place"
ok "the drop folder's script can be run" \
    [ -x "$dest/opt/v2m/share/v2m/cron/v2m-drop-folder" ]
is "$(find "$dest" -type f -perm /022)" "" "nothing that others may change"
is "$(find "$dest" -type f -name '*.so' -perm /111)" "" \
    "libraries are no programs"

# Not by way of the build: the whole tree moves.
mv "$dest" "$TMP/elsewhere"
PATH=$TMP/elsewhere/opt/v2m/bin:/usr/local/bin:/usr/bin:/bin
V2M_FREE_RESERVE=0
export V2M_FREE_RESERVE
clip talk.mp4 2
echo 'correct horse' > pw
chmod 600 pw
status 0 "v2m-init" v2m init
status 0 "v2m-user" v2m user add --password-file pw ann@example.org
status 0 "v2m-login" v2m login --password-file pw ann@example.org
status 0 "v2m-upload" v2m upload talk.mp4
id=$(cat "$OUT")
status 0 "v2m-convert-worker" v2m convert-worker --once
status 0 "v2m-fetch" v2m fetch "$id"
ok "an MP3" [ -s talk.mp3 ]
status 0 "v2m-convert" v2m convert talk.mp4 direct.mp3
ok "the same MP3" cmp talk.mp3 direct.mp3
is "$(ldd elsewhere/opt/v2m/bin/v2m-login | grep -E 'avcodec|mp3lame')" "" \
    "no codec in v2m-login"
like "$(ldd elsewhere/opt/v2m/bin/v2m-login)" \
    'libv2m.so => .*elsewhere/opt/v2m/bin/../lib/v2m' "its own library"

# Another's file in a shared folder stays.
mv "$TMP/elsewhere" "$dest"
: > "$dest/opt/v2m/bin/other"
status 0 "make uninstall with a PREFIX" run_make uninstall PREFIX=/opt/v2m
is "$(files)" ./opt/v2m/bin/other "nothing of ours is left, all of others'"

# The defaults, as root would.
status 0 "install in /usr/local" run_make install
ok "is where PATH looks" [ -x "$dest/usr/local/bin/v2m" ]
status 0 "make uninstall" run_make uninstall
ok "nothing is left" [ "$(files)" = ./opt/v2m/bin/other ]

# For a user alone, whose state is in ~/.local/share/v2m.
home=$TMP/home/.local
for_me() {
	make -s -C "$tap_root" B="$build" -o all PREFIX="$home" "$@"
}
status 0 "make install PREFIX=~/.local" for_me install
status 0 "the state is not there yet, and can be made" \
    env V2M_STATE="$home/share/v2m" "$home/bin/v2m-init"
status 0 "a second make install" for_me install
is "$(stat -c %a "$home/share/v2m")" 700 "the state stays closed to others"
script=$(sed -n 's,^\*/5.* \(/[^ ]*/v2m-drop-folder\) .*,\1,p' \
    "$home/share/v2m-samples/cron/crontab")
ok "the sample for cron names a script that is there" [ -x "$script" ]
status 0 "make uninstall" for_me uninstall
ok "the state stays" [ -s "$home/share/v2m/v2m.db" ]
is "$(cd "$home" && find . ! -type d ! -path './share/v2m/*')" "" \
    "nothing else does"

status 2 "without the right to" make -s -C "$tap_root" B="$build" -o all \
    PREFIX=/proc/version install
is "$(sed 1q "$ERR")" "make: you may not write to /proc/version/bin: do it as \
root, or for yourself: make install PREFIX=\"\$HOME/.local\"" \
    "it is told at once, and what to do"
status 2 "a PREFIX that no shell expanded" make -s -C "$tap_root" B="$build" \
    -o all PREFIX='~/.local' install
is "$(sed 1q "$ERR")" "make: PREFIX has to begin with /" "is refused"

status 2 "nothing can be left out that there is not" make -n -C "$tap_root" \
    B="$TMP/none" WITHOUT="mongodb rabbitmq"
like "$(cat "$ERR")" "no 'rabbitmq' \(there is mysql mongodb amqp" "it is told"

done_testing
