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

V2M_STATE=$TMP/none told 78 "v2m-status: v2m is not set up in $TMP/none: run\
 v2m-init, or set V2M_STATE" v2m-status
V2M_STATE=$TMP/none told 78 "v2m-user: no database '$TMP/none/v2m.db': run\
 v2m-init, or set V2M_STATE" v2m-user list
setup
clip talk.mp4
mkdir films
url=https://example.org/talk.mp4
told 66 "v2m-upload: $url: this is a URL, not a file: curl -L URL | v2m-upload\
 --name NAME -" v2m-upload $url
told 65 "v2m-upload: films: it is a folder: name the files in it" \
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
V2M_METRICS_FILE=/nowhere/a.prom told 78 "v2m-prune: metrics_file: cannot\
 create a file in '/nowhere': No such file or directory" v2m-prune

# After an upgrade nothing is lost, and it does not sound so.
sql queue "UPDATE v2m_schema SET version = version - 1
    WHERE component = 'queue'"
told 78 "v2m-upload: database '$V2M_STATE/v2m.db' was made by an older v2m: run\
 v2m-init, which upgrades it and keeps what is in it" v2m-upload talk.mp4

done_testing
