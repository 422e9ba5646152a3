#!/bin/sh
# A mistyped word is answered with the one that was meant, in one line.
. "$(dirname "$0")/../lib/tap.sh"

# says STATUS TEXT CMD...: CMD ends with STATUS, and TEXT is all it says
says() {
	says_status=$1 says_text=$2
	shift 2
	status "$says_status" "$*" "$@"
	is "$(cat "$ERR")" "$says_text" "and says what is wrong"
}

# --- options ---
says 64 "v2m-upload: unknown option '--presset': did you mean '--preset'? \
(see v2m-upload --help)" v2m-upload --presset speech talk.mp4
says 64 "v2m-upload: unknown option '--skip_existing': did you mean \
'--skip-existing'? (see v2m-upload --help)" v2m-upload --skip_existing t.mp4
says 64 "v2m-upload: unknown option '--colour' (see v2m-upload --help)" \
    v2m-upload --colour=red talk.mp4
says 64 "v2m-upload: option '--no' could be any of --no-queue, --no-check \
(see v2m-upload --help)" v2m-upload --no talk.mp4
says 64 "v2m-status: option '--json' takes no argument (see v2m-status --help)" \
    v2m-status --json=yes
says 64 "v2m-status: unknown option '-x' (see v2m-status --help)" v2m-status -x
says 64 "v2m-convert: option '-o' needs an argument (see v2m-convert --help)" \
    v2m-convert talk.mp4 -o
says 64 "v2m-convert: option '--preset' needs an argument \
(see v2m-convert --help)" v2m-convert talk.mp4 --preset

# --- their values ---
says 64 "v2m-convert: unknown preset 'speach': did you mean 'speech'? (music, \
speech, podcast) (see v2m-convert --help)" \
    v2m-convert --preset speach talk.mp4 talk.mp3
says 64 "v2m-convert: unknown preset 'x' (music, speech, podcast) \
(see v2m-convert --help)" v2m-convert --preset x talk.mp4 talk.mp3
says 64 "v2m-convert: unknown tag 'artits': did you mean 'artist'? \
(see v2m-convert --help)" v2m-convert --tag artits=Ann talk.mp4 talk.mp3
says 64 "v2m-convert: unknown tag 'albumartist': did you mean 'album_artist'? \
(see v2m-convert --help)" v2m-convert --tag albumartist=Ann talk.mp4 talk.mp3

# --- words of a command ---
says 64 "v2m-user: unknown command 'ad': did you mean 'add'? \
(see v2m-user --help)" v2m-user ad ann@example.org
says 64 "v2m-user: no command given for 'ann@example.org': add, passwd, remove, \
... (see v2m-user --help)" v2m-user ann@example.org

# --- states ---
echo 'correct horse' > pw
chmod 600 pw
v2m-init --quiet
v2m-user add --quiet --password-file pw ann@example.org
v2m-login --quiet --password-file pw ann@example.org
says 66 "v2m-status: failde: not an ID: did you mean 'v2m-status --state \
failed'?" v2m-status failde
says 64 "v2m-status: --state: unknown state 'donne': did you mean 'done'? \
(see v2m-status --help)" v2m-status --state donne
says 64 "v2m-status: --state: unknown state 'Converted': use one of new held \
queued converting done warnings expired failed removed, or several with commas \
between them (see v2m-status --help)" v2m-status --state done,Converted

# --- keys of a configuration, and their words ---
conf() {
	echo "$1" > conf
	chmod 600 conf
}
conf 'max-uploads = 2G'
says 78 "v2m-init: conf:1: unknown key 'max-uploads': did you mean \
'max_upload'? (see v2m.conf(5))" v2m-init --config conf
conf 'nonsense = 2G'
says 78 "v2m-init: conf:1: unknown key 'nonsense' (see v2m.conf(5))" \
    v2m-init --config conf
conf 'queue_type = clasic'
says 78 "v2m-init: conf:1: queue_type: 'clasic' is not one of: classic \
quorum: did you mean 'classic'?" v2m-init --config conf
conf 'log_format = JSON'
says 78 "v2m-init: conf:1: log_format: 'JSON' is not one of: text json: did you \
mean 'json'?" v2m-init --config conf
conf 'queue = sqllite:/nowhere/v2m.db'
says 78 "v2m-convert-worker: queue: unknown scheme 'sqllite': did you mean \
'sqlite'? (use sqlite:FILE, amqp://USER@HOST/VHOST, amqps://USER@HOST/VHOST)" \
    v2m-convert-worker --once --config conf
conf 'store = mongo://localhost'
says 78 "v2m-status: store: unknown scheme 'mongo': did you mean 'mongodb'? \
(use dir:FOLDER, mongodb://HOST, mongodb+srv://HOST, s3://BUCKET/PREFIX, \
dynamodb://TABLE)" v2m-status --config conf
conf 'notify = stmp://localhost'
says 78 "v2m-notify: notify: unknown scheme 'stmp': did you mean 'smtp'? (use \
log:[FILE], exec:COMMAND, sendmail:[PATH], smtp://HOST, smtps://HOST)" \
    v2m-notify --once --config conf

# --- words of a template ---
conf "mail_template = $PWD/mail"
printf '[done]\nSubject: {naem}\n\n{id}\n[failed]\nSubject: x\n\n' > mail
like "$(v2m-notify --once --config conf 2>&1)" \
    "mail:2: unknown fact '{naem}': did you mean '{name}'?" "a fact of a mail"
printf '[Done]\nSubject: {name}\n\n{id}\n' > mail
like "$(v2m-notify --once --config conf 2>&1)" \
    "mail:1: unknown section: there are \[done\] and" "a section of a mail"

# --- what --help may be asked for ---
says 64 "v2m-status: --help: 'options' is not 'all' (see v2m-status --help)" \
    v2m-status --help=options
says 64 "v2m: --help: 'options' is not 'all' (see v2m --help)" v2m --help=options
says 64 "v2m: unknown command 'uplaod': did you mean 'upload'? (see v2m \
--help=all)" v2m uplaod talk.mp4
says 64 "v2m: unknown command 'uplaod': did you mean 'upload'? (see v2m \
--help=all)" v2m help uplaod
says 64 "v2m: unknown option '--version' (see v2m --help=all)" \
    v2m help --version
status 0 "v2m help help" v2m help help
is "$(cat "$OUT")" "$(v2m help)" "lists the commands"
says 64 "v2m: unknown command 'download': did you mean 'fetch'? (see v2m \
--help=all)" v2m download x
says 64 "v2m: unknown command 'ls': did you mean 'status'? (see v2m \
--help=all)" v2m ls
says 64 "v2m: unknown command 'worker': did you mean 'convert-worker'? (see \
v2m --help=all)" v2m help worker

done_testing
