#!/bin/sh
# Mistakes as new users make them: the answer names the right thing, and what to
# do.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

# told STATUS WORDS CMD...: CMD ends with STATUS and says exactly WORDS
told() {
	told_status=$1 told_words=$2
	shift 2
	status "$told_status" "$*" "$@"
	is "$(cat "$ERR")" "$told_words" "$*: its answer"
}

# The machine may have a service of its own, which is named as well.
status 78 "v2m-status without a state" env V2M_STATE="$TMP/none" v2m-status
like "$(cat "$ERR")" \
    "^v2m-status: v2m is not set up (for you )?in $TMP/none.* v2m-init" \
    "v2m-status without a state: its answer"
V2M_STATE=$TMP/none told 78 "v2m-user: no database '$TMP/none/v2m.db': run\
 v2m-init, or set V2M_STATE" v2m-user list
setup
none=/nowhere/v2m
for key in users queue store objects; do
	case $key in
	users | queue) url=sqlite:$none/index.db ;;
	*) url=dir:$none ;;
	esac
	status 78 "$key = $url" v2m-check --config /dev/stdin << END
$key = $url
END
	like "$(cat "$ERR")" "$key: no database '$none/index.db': is the path\
 right, and its disk mounted\? v2m-init makes a new one$" "names the key"
done
clip talk.mp4
mkdir films
url=https://example.org/talk.mp4
told 66 "v2m-upload: $url: this is a URL, not a file: curl -L URL | v2m-upload\
 --name NAME -" v2m-upload $url
told 66 "v2m-upload: films: it is a folder: name the files in it" \
    v2m-upload films
told 64 "v2m-convert: many files need a folder, and 'mp3s' is not one: -o\
 FOLDER/ makes it (see v2m-convert --help)" \
    v2m-convert -o mp3s talk.mp4 other.mp4
told 64 "v2m-init: it takes no operands (V2M_STATE names the folder) (see\
 v2m-init --help)" v2m-init other
id=$(v2m-upload talk.mp4)
told 64 "v2m-fetch: '90s' is a time, not an ID: --wait=90s (see v2m-fetch --help)" v2m-fetch --wait 90s "$id"
told 66 "v2m-fetch: talk.mp4: not an ID (24 hexadecimal digits, as v2m-upload\
 prints them)" v2m-fetch talk.mp4
told 66 "v2m-fetch: 5f1e5f1e5f1e5f1e5f1e5f1e: no such ID" \
    v2m-fetch 5f1e5f1e5f1e5f1e5f1e5f1e
ok "remove a job" v2m-remove "$id"
told 66 "v2m-fetch: $id: it was removed" v2m-fetch "$id"
told 66 "v2m-fetch: $id: it was removed" v2m-fetch --wait "$id"
told 66 "v2m-remove: $id: it was removed before" v2m-remove "$id"
told 66 "v2m-requeue: $id: it was removed" v2m-requeue "$id"
told 66 "v2m-fetch: $id: no such ID" as bob v2m-fetch "$id"

V2M_URL=localhost:8080 told 78 "v2m-status: url: not a URL of a gateway: write\
 https://HOST or http://localhost:PORT" v2m-status
V2M_STORE=dir:films told 78 "v2m-status: store: 'films' is not an absolute path\
 (use dir:/FOLDER)" v2m-status
V2M_STORE=/var/videos told 78 "v2m-status: V2M_STORE: store: '/var/videos' is a\
 path, not a URL (dir:/PATH, sqlite:/PATH, ...)" v2m-status

echo password-1 > pw
chmod 600 pw
told 64 "v2m-passwd: no terminal to ask for the password: give\
 --new-password-file FILE ('-' is stdin)" \
    setsid v2m-passwd --password-file pw ann@example.org
told 64 "v2m-user: ann@@example.org: not an e-mail address" \
    v2m-user add --password-file pw ann@@example.org
V2M_METRICS_FILE=/nowhere/a.prom told 78 "v2m-prune: metrics_file: there\
 is no folder '/nowhere'" v2m-prune

# --- operands ---
told 64 "v2m: 'talk.mp4' is a file, not a command: v2m convert 'talk.mp4'\
 FILE.mp3 (see v2m --help)" v2m talk.mp4
told 64 "v2m-convert: v2m makes MP3s only: use a name that ends in .mp3, not\
 'talk.wav' (see v2m-convert --help)" v2m-convert talk.mp4 talk.wav
told 73 "v2m-convert: talk.mp4: there is no folder 'nowhere'" \
    v2m-convert -o nowhere/talk.mp3 talk.mp4
told 66 "v2m-convert: '': cannot open: No such file or directory" \
    v2m-convert '' talk.mp3
told 66 "v2m-upload: '': cannot open it: No such file or directory" \
    v2m-upload ''
told 64 "v2m-upload: --name: an empty name (see v2m-upload --help)" \
    v2m-upload --name '' talk.mp4
told 65 "v2m-upload: talk.mp4: not a list of lines: it has a NUL byte (-0 reads\
 items that end with NUL)" v2m-upload --files-from talk.mp4
echo talk.mp4 > list
told 66 "v2m-upload: films: it is a folder, not a list of file names" \
    v2m-upload --files-from films
told 65 "v2m-upload: stdin: not a media file but text: --files-from - reads\
 file names" v2m-upload - < list
told 65 "v2m-upload: stdin: not a media file but text: --files-from - reads\
 file names" sh -c 'ls *.mp4 | v2m-upload -'
told 65 "v2m-upload: stdin: not a media file but text" \
    sh -c 'echo no such file | v2m-upload -'
told 65 "v2m-upload: stdin: not a list of lines: it has a NUL byte (-0 reads\
 items that end with NUL)" v2m-upload --files-from - < talk.mp4
told 64 "v2m-convert: unknown option '-i': not as with ffmpeg, but v2m-convert IN\
 FILE.mp3 (see v2m-convert --help)" v2m-convert -i talk.mp4 -vn talk.mp3
told 64 "v2m-convert: many files need a folder for the MP3s: -o films (see\
 v2m-convert --help)" v2m-convert talk.mp4 other.mp4 films
told 64 "v2m-status: several states have a comma between them: --state\
 failed,held (see v2m-status --help)" v2m-status --state failed held
told 64 "v2m-user: unknown command 'delete': there are add passwd list remove\
 admin revoke token quota hash-all (see v2m-user --help)" \
    v2m-user delete ann@example.org
told 66 "v2m-status: talk.mp4: not an ID: did you mean 'v2m-status --name\
 talk.mp4'?" v2m-status talk.mp4
for command in "v2m-login" "v2m-user add" "v2m-user passwd"; do
	# shellcheck disable=SC2086
	told 64 "${command%% *}: only one operand, the e-mail address: the\
 password is asked for, or read from --password-file (see ${command%% *}\
 --help)" $command eve@example.org password-1
done
told 64 "v2m-login: the e-mail address is missing (see v2m-login --help)" \
    v2m-login --password-file pw
told 64 "v2m-gateway: it takes no operands: without any it starts, in the\
 foreground (see v2m-gateway --help)" v2m-gateway start

# --- places ---
V2M_STATE=$TMP/talk.mp4 told 78 "v2m-status: the state folder '$TMP/talk.mp4' is\
 not a folder: set V2M_STATE" v2m-status
V2M_TOKEN=abc told 77 "v2m-status: V2M_TOKEN: malformed token: it does not have\
 three parts" v2m-status

# --- configurations in another format ---
# in_conf LINE WORDS: a file of that line is refused
in_conf() {
	printf "$1\n" > conf
	chmod 600 conf
	told 78 "v2m-status: $2" v2m-status --config conf
}
in_conf 'store = "dir:/videos"' "conf:1: store: '\"dir:/videos\"' is not a URL\
 (scheme:...): write it without quotes"
in_conf 'max_upload = 2GB # two' "conf:1: max_upload: '2GB # two' is not a size\
 (500M, 2G): a comment needs a line of its own"
in_conf 'V2M_STORE=dir:/videos' "conf:1: unknown key 'V2M_STORE': did you mean\
 'store'? (see v2m.conf(5))"
in_conf 'export V2M_QUEUE=sqlite:/q.db' "conf:1: unknown key 'export V2M_QUEUE':\
 did you mean 'queue'? (see v2m.conf(5))"
in_conf 'store\0' "'conf' is not a text file"

# --- a gateway that is not there ---
if [ -e "$V2M_BIN/../lib/v2m/http-client.so" ]; then
	V2M_URL=http://127.0.0.1:9 V2M_URL_TIMEOUT=1s told 75 "v2m-login:\
 http://127.0.0.1:9: no server answers there: is it running, and url right?" \
	    v2m-login --quiet --password-file pw ann@example.org
fi

# After an upgrade nothing is lost, and it does not sound so.
sql queue "UPDATE v2m_schema SET version = version - 1
    WHERE component = 'queue'"
told 78 "v2m-upload: database '$V2M_STATE/v2m.db' was made by an older v2m: run\
 v2m-init, which upgrades it and keeps what is in it" v2m-upload talk.mp4
done_testing
