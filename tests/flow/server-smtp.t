#!/bin/sh
# Notices by SMTP: a real server, its bad days, and what each means for a job.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-smtp.sh"
smtp_start
setup
clip talk.mp4
V2M_NOTIFY_CA_FILE=$SMTP_CA
V2M_MAIL_FROM='Video Service <v2m@example.org>'
V2M_NOTIFY_TIMEOUT=50s
V2M_LEASE=1min
V2M_RETRY_PAUSE=10ms
export V2M_NOTIFY_CA_FILE V2M_MAIL_FROM V2M_NOTIFY_TIMEOUT V2M_LEASE \
    V2M_RETRY_PAUSE

starttls() {
	V2M_NOTIFY=smtp://localhost:$SMTP_STARTTLS
}

# job ADDRESS: one that is done and whose owner is not told yet, in $id.
job() {
	v2m-user add --quiet --password-file pw "$1" 2> /dev/null
	id=$(V2M_TOKEN=$(v2m-user token "$1") v2m-upload --no-queue talk.mp4) &&
	    v2m-convert-worker "$id" > /dev/null || exit 99
}

told() {
	sql store "SELECT told FROM record WHERE id = '$1'"
}

untold() {
	sql store "UPDATE record SET told = '', told_tries = 0, told_until = 0
	    WHERE id = '$1'"
}

mails() {
	find smtp/mails -name '*.eml' | wc -l
}

logged() {
	grep -c "^$1" smtp/log
}

# --- the suite ---
for url in "smtp://localhost:$SMTP_STARTTLS" "smtps://127.0.0.1:$SMTP_SMTPS"
do
	V2M_TEST_NOTIFY=$url "$V2M_BIN/../tests/mailer" > suite 2>&1
	is "$?" 0 "the suite passes on ${url%%:*}" || tap_show suite < suite
done

# --- the message arrives as it was written ---
printf '%s\n' '[done]' 'Subject: {name} is ready' '' '.' '..' '.dot' '' \
    'mp3 file_id: {mp3} is now ready!' '.' '[failed]' 'Subject: no' '' 'no' \
    > template
job ann@example.org
ann=$id
V2M_MAIL_TEMPLATE=$TMP/template V2M_NOTIFY="exec:cat > '$TMP/by-exec'" \
    v2m-notify "$ann" > /dev/null
untold "$ann"
starttls
rm -f smtp/mails/*
export V2M_NOTIFY
status 0 "a notice by STARTTLS" env V2M_MAIL_TEMPLATE="$TMP/template" \
    v2m-notify "$ann"
is "$(cat "$OUT")" "$ann" "its ID is printed"
is "$(cat "$ERR")" "" "and nothing is said"
is "$(tr -d '\r' < smtp/mails/1.eml | grep -v '^Date: ')" \
    "$(grep -v '^Date: ' by-exec)" "lines of dots and all arrive as they are"
is "$(grep -c "$(printf '\r')\$" smtp/mails/1.eml)" \
    "$(grep -c '' smtp/mails/1.eml)" "all lines end with CRLF"
like "$(cat smtp/mails/1.eml)" "^Message-ID: <$ann.0.done@example.org>" \
    "with its Message-ID"
like "$(tail -n 1 smtp/log; cat smtp/log)" \
    '^mail 1 v2m@example.org ann@example.org$' "the envelope is right"
is "$(told "$ann")" sent "it counts as sent"
status 0 "v2m-notify once more" v2m-notify "$ann"
is "$(mails)" 1 "it is not sent twice"

# --- TLS and passwords: or not at all ---
refused() {
	untold "$ann"
	was=$(mails)
	status "$1" "$2" v2m-notify "$ann"
	like "$(cat "$ERR")" "$3" "$2: the message says so"
	is "$(mails)" "$was" "$2: nothing went out"
	is "$(told "$ann")" "" "$2: nothing is lost"
}

accepted() {
	untold "$ann"
	was=$(mails)
	status 0 "$1" v2m-notify "$ann"
	is "$(mails)" $((was + 1)) "$1: it went out"
}

V2M_NOTIFY=smtp://localhost:$SMTP_CLEAR
refused 75 "a server without STARTTLS" "no STARTTLS .notify_tls = off"
export V2M_NOTIFY_TLS=off
accepted "the same with notify_tls = off"
unset V2M_NOTIFY_TLS
V2M_NOTIFY=smtp://localhost:$SMTP_STRANGER
refused 75 "a certificate for another name" 'see notify_ca_file'
starttls
unset V2M_NOTIFY_CA_FILE
refused 75 "a certificate of an unknown authority" 'see notify_ca_file'
export V2M_NOTIFY_CA_FILE="$SMTP_CA"
V2M_NOTIFY=smtps://localhost:$SMTP_STARTTLS
refused 75 "smtps: where STARTTLS is spoken" "^v2m-notify: $ann: smtps://loc"
V2M_NOTIFY=smtps://localhost:$SMTP_SMTPS
accepted "smtps:"

V2M_NOTIFY=smtp://localhost:$SMTP_STARTTLS/mx.example.org
accepted "a name to greet with"
like "$(cat smtp/log)" '^greeted mx.example.org$' "it is used"
status 78 "without the module" env V2M_LIBDIR=/nowhere v2m-notify --once
like "$(cat "$ERR")" 'built without mail-smtp, or the package v2m-smtp is not' \
    "it is named, and so is its package"

echo sesame > secret
echo mustard > wrong
chmod 600 secret wrong
V2M_NOTIFY=smtp://localhost:$SMTP_AUTH
refused 75 "no user where one is wanted" 'answer to MAIL: 530 '
V2M_NOTIFY=smtp://v2m@localhost:$SMTP_AUTH
export V2M_NOTIFY_PASSWORD_FILE="$TMP/wrong"
refused 75 "a wrong password" '535 .*notify_password_file'
unlike "$(cat "$ERR")" 'mustard|bXVzdGFyZA' "nobody learns it"
V2M_NOTIFY_PASSWORD_FILE=$TMP/secret
accepted "the right password"
V2M_NOTIFY=smtp://v2m:sesame@localhost:$SMTP_AUTH
accepted "the same in the URL"
unset V2M_NOTIFY_PASSWORD_FILE

config() {
	status 78 "$1" v2m-notify --once
	like "$(cat "$ERR")" "$2" "$1: the message says so"
}

V2M_NOTIFY=smtp://v2m@localhost
config "a user without a password" 'notify_password_file'
V2M_NOTIFY_TLS=off V2M_NOTIFY=smtp://v2m:sesame@mail.example.org \
    config "a password in clear" 'send the password unencrypted'
unlike "$(cat "$ERR")" sesame "and is not shown"
V2M_NOTIFY_TLS=off V2M_NOTIFY=smtp://v2m:sesame@127.db.example.org \
    config "nor to a name that looks like an address" 'send the password unencrypted'
V2M_NOTIFY=smtp://localhost:0 config "a port that is none" 'not of the form'
V2M_NOTIFY=smtp:localhost config "no host" 'not of the form'
V2M_NOTIFY='smtp://localhost/a%0d%0ab' config "a bad name to greet with" \
    'not a valid name to greet'
V2M_NOTIFY='smtp://localhost?tls=no' config "a query" 'unknown setting in the URL'
V2M_NOTIFY=smtp://localhost V2M_NOTIFY_TLS=yes config "notify_tls" \
    'notify_tls'
V2M_NOTIFY=smtp://localhost V2M_NOTIFY_CA_FILE=/no/such/file \
    config "a certificate file that is not there" 'notify_ca_file: cannot read'

# --- what the server answers decides ---
starttls
# day ADDRESS STATUS TOLD WORDS
day() {
	job "$1"
	status "$2" "$1" v2m-notify "$id"
	like "$(cat "$ERR")" "$4" "$1: in the server's words"
	is "$(told "$id")" "$3" "$1: the record says '$3'"
}

day later@example.org 75 "" 'answer to RCPT: 451 4.2.1 try again later'
day away@example.org 75 "" 'answer to RCPT: 421 4.3.2 shutting down'
day full@example.org 75 "" 'answer to the message: 452 4.3.1 disk full'
day cut@example.org 75 "" 'smtp://localhost:[0-9]*: '
day never@example.org 65 failed 'answer to RCPT: 550 5.1.1 no such user'
day over@example.org 69 failed 'answer to RCPT: 552 5.2.2 mailbox full'
day policy@example.org 75 "" 'answer to RCPT: 550 5.7.1 not from you'
day route@example.org 75 "" 'answer to RCPT: 550 5.4.5 quota of the day'
day relay@example.org 75 "" 'answer to RCPT: 550 we do not relay for you'
day odd@example.org 69 failed 'answer to the message: 554 5.6.0 what is that'
day much@example.org 75 "" 'answer to the message: 552 5.2.3 too much'
day spam@example.org 75 "" 'answer to the message: 554 5.7.1 we do not'
day dies@example.org 1 sending 'it is not known whether it accepted the message'
dies=$id
V2M_NOTIFY_TIMEOUT=2s
day hangs@example.org 1 sending 'it is not known whether it accepted the message'
V2M_NOTIFY_TIMEOUT=50s
V2M_MAIL_FROM=refused@example.org day bob@example.org 75 "" \
    'answer to MAIL: 553 5.7.1 not your address'
V2M_MAIL_FROM=unknown@example.org day bob@example.org 75 "" \
    'answer to MAIL: 550 5.1.8 no such domain'
day once@example.org 75 "" 'answer to RCPT: 450 4.2.0 greylisted'
status 0 "a greylisted one, again" v2m-notify "$id"
is "$(told "$id")" sent "and it is sent"

# The fate of one that nobody knows: once more, then it is left alone.
sql store "UPDATE record SET told_until = 1 WHERE id = '$dies'"
was=$(mails)
status 1 "one of unknown fate is tried again" v2m-notify "$dies"
is "$(mails)" $((was + 1)) "once more"
is "$(grep -h '^Message-ID' "$(grep -l "$dies" smtp/mails/* | head -n 1)")" \
    "$(grep -h '^Message-ID' "$(grep -l "$dies" smtp/mails/* | tail -n 1)")" \
    "with the same Message-ID"
is "$(told "$dies")" "sent?" "and then it is left alone"
status 1 "for good" v2m-notify "$dies"
is "$(mails)" $((was + 1)) "nothing more is sent"

# --- many over one connection ---
ids=$ann
for i in 1 2 3 4 5; do
	job "ann@example.org"
	ids="$ids $id"
done
untold_all() {
	for i in $ids; do
		untold "$i"
	done
}

untold_all
: > smtp/log
# shellcheck disable=SC2086 # a list
status 0 "six notices" v2m-notify $ids
is "$(logged mail) $(logged connect) $(logged quit)" "6 1 1" \
    "go over one connection, which is closed as it should be"
untold_all
: > smtp/log
V2M_NOTIFY=smtp://localhost:$SMTP_LIMITED
# shellcheck disable=SC2086
status 0 "six to a server that takes two a connection" v2m-notify $ids
is "$(logged mail) $(logged connect)" "6 3" "all go, over three connections"
starttls
job bye@example.org
: > smtp/log
untold_all
# shellcheck disable=SC2086
status 0 "after one that the server hangs up on" v2m-notify "$id" $ids
is "$(logged mail)" 7 "the others go too"

# --- the server goes, freezes, and comes back, with the daemon running ---
job ann@example.org
smtp_stop
began=$(date +%s)
status 75 "a server that is away" v2m-notify "$id"
like "$(cat "$ERR")" "smtp://localhost:$SMTP_STARTTLS: .*is it up" \
    "is named, with what to do"
ok "at once" test $(($(date +%s) - began)) -lt 40
is "$(told "$id")" "" "nothing is lost"
smtp_start
: > smtp/log
status 0 "when it is back" v2m-notify "$id"
is "$(logged mail)" 1 "it is sent"
untold "$id"
smtp_freeze
began=$(date +%s)
status 75 "a frozen server" env V2M_NOTIFY_TIMEOUT=2s v2m-notify "$id"
like "$(cat "$ERR")" 'no answer in time to our call: is it up' "is recognised"
ok "in time" test $(($(date +%s) - began)) -lt 40
smtp_thaw
status 0 "when it thaws" v2m-notify "$id"

was=$(mails)
queued=$(V2M_TOKEN=$(v2m-user token ann@example.org) v2m-upload talk.mp4 \
    talk.mp4 talk.mp4)
background v2m-notify 2> daemon
v2m-convert-worker --once > /dev/null
smtp_stop
more=$(V2M_TOKEN=$(v2m-user token ann@example.org) v2m-upload talk.mp4)
v2m-convert-worker --once > /dev/null
sleep 1
smtp_start
all_told() {
	for i in $queued $more; do
		[ "$(told "$i")" = sent ] || return 1
	done
}
eventually "a daemon outlives a restart of the server" all_told
is "$(mails)" $((was + 4)) "nothing is lost or doubled"

# --- an interrupted one ---
smtp_freeze
job ann@example.org
V2M_DRAIN_TIMEOUT=500ms v2m-notify "$id" 2> stopped &
pid=$!
is_claimed() {
	[ "$(sql store "SELECT told_holder <> '' FROM record
	    WHERE id = '$id'")" = 1 ]
}
eventually "a notifier is at it" is_claimed
sleep 0.5
kill -TERM $pid
began=$(date +%s)
wait $pid
is "$?" 75 "SIGTERM while the server is silent"
ok "ends it in drain_timeout" test $(($(date +%s) - began)) -lt 40
like "$(cat stopped)" 'shutting down' "and says so"
is "$(told "$id")" "" "nothing is lost"
smtp_thaw

done_testing
