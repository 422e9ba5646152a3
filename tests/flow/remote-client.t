#!/bin/sh
# The commands before a gateway that fails, lies and leads astray.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/fake-gateway.sh"
setup
clip talk.mp4
[ -e "$V2M_BIN/../lib/v2m/http-client.so" ] || skip_all "built without libcurl"
rm -rf .local
fake_start
id=aaaaaaaaaaaaaaaaaaaaaaaa
fake_job 3000000

# --- logins ---
status 77 "not logged in at the gateway" v2m-status
is "$(cat "$ERR")" "v2m-status: not logged in: run v2m-login" "in words"
status 0 "v2m-login" v2m-login --password-file pw ann@example.org
like "$(cat "$ERR")" '^v2m-login: logged in as ann@example.org until ' \
    "says until when"
is "$(cut -f 1 .local/state/v2m/token)" "$V2M_URL" \
    "the token is kept for the gateway"
fake POST-login '401 invalid credentials'
status 77 "a wrong password" v2m-login --password-file pw ann@example.org
like "$(cat "$ERR")" '^v2m-login: invalid credentials' "in words"
for answer in '200' '200 no token' '200 Content-Type: application/json;{}' \
    '200 Content-Type: application/json;{"token":7}' \
    '200 a.b.c' '418 teapot' '404 <html>'; do
	fake POST-login "$answer"
	status 69 "a login answered by: $answer" v2m-login \
	    --password-file pw ann@example.org
done
fake POST-validate '403'
status 77 "a token that counts no more" v2m-status
like "$(cat "$ERR")" 'log in again' "in words"
status 77 "a token that is none is sent nowhere" \
    env V2M_TOKEN='a
X-Evil: yes' v2m-status
unlike "$(cat gw/log)" 'a$' "not even in part"
status 0 "--check" v2m-login --check
like "$(cat "$OUT")" '^\{"username":"ann@example.org","iat":1763700000,' \
    "prints the claims"
status 0 "--logout" v2m-login --logout
is "$(cat "$ERR")" "v2m-login: logged out" "forgets the gateway's token"

# --- ~/.netrc ---
status 64 "no address, and nothing in ~/.netrc" v2m-login
umask 077
{
	echo '# machine localhost login bob@example.org password x'
	echo '# mine'
	echo "machine localhost login ann@example.org password \"$(cat pw)\""
} > .netrc
fresh
status 0 "v2m-login by ~/.netrc" v2m-login
is "$(asked "^POST /login Basic $(printf 'ann@example.org:correct horse' |
    base64 -w 0)$")" 1 "with its password"
status 0 "the address may be said" v2m-login ANN@example.org
status 64 "another has none there, nor a terminal" setsid v2m-login \
    bob@example.org
v2m-login --quiet --logout
fresh
status 0 "a command logs in by itself" v2m-status
status 0 "and keeps the token" v2m-status
is "$(asked '^POST /login')" 1 "so that once is enough"
fake POST-validate 403
status 0 "again where the kept one counts no more" v2m-status
is "$(asked '^POST /login')" 2 "it logs in once more"
status 77 "V2M_TOKEN is not replaced" env V2M_TOKEN= v2m-status
chmod 644 .netrc
v2m-login --quiet --logout
status 78 "a file that others can read" v2m-status
like "$(cat "$ERR")" "can be read by others: chmod (600|o=,g-w) '.*/.netrc'" "in words"
echo "machine other.example.org login ann@example.org password x" > .netrc
status 77 "but not for another's entries" v2m-status
rm .netrc
umask 022
v2m-login --quiet --password-file pw ann@example.org

# --- where it may go ---
status 78 "plain http elsewhere" env V2M_URL=http://v2m.example.org v2m-status
like "$(cat "$ERR")" "unencrypted: use https://v2m" "in words"
for url in ftp://localhost http:// http://ann:pw@localhost \
    'http://localhost/?x=1' 'http://local host' localhost; do
	status 78 "url = $url" env V2M_URL="$url" v2m-status
done
fake GET-status "302 Location: http://127.0.0.1:1/x;"
fresh
fake GET-status "302 Location: http://127.0.0.1:$(cat gw/port)/status;"
status 78 "a redirect elsewhere" v2m-status
like "$(cat "$ERR")" 'set url to where the gateway is' "in words"
is "$(asked '^GET /status')" 1 "is not followed"
fake GET-status "302 Location: /status?again;" "307 Location: $V2M_URL/status;"
status 0 "redirects within the gateway" v2m-status
is "$(asked '^GET /status.* Bearer')" 4 "four requests had a token"
fake GET-status "302 Location: /status;" "302 Location: /status;" \
    "302 Location: /status;" "302 Location: /status;" "302 Location: /status;"
status 69 "but not for ever" v2m-status
fresh
fake POST-login "307 Location: https://evil.example.org/;"
status 78 "a login that is led astray" v2m-login --password-file pw \
    ann@example.org
fake POST-files "307 Location: //evil.example.org/files/;"
status 78 "an upload as well" v2m-upload talk.mp4
status 0 "a proxy is not asked for this machine" \
    env http_proxy=http://127.0.0.1:1 v2m-status
fresh
status 69 "a path before the routes" env V2M_URL="$V2M_URL/deep/down/" \
    V2M_TOKEN="$(cat gw/token)" v2m-status
is "$(asked '^POST /deep/down/validate')" 1 "is kept"

# --- busy, broken, away ---
V2M_URL_TIMEOUT=30s
export V2M_URL_TIMEOUT
fresh
fake GET-status '503 Retry-After: 1;' cut '429' '502 <html>' '504'
status 0 "busy and broken is tried again" v2m-status "$id"
is "$(cut -f 1 "$OUT")" "$id" "until it is well"
is "$(asked '^GET /status')" 6 "with a request each"
like "$(cat "$ERR")" '^v2m-status: .* \(trying again for 30 s\)$' "in words"
is "$(grep -c 'trying again' "$ERR")" 1 "which are said once"
fake GET-status '503 Retry-After: 3600;'
status 75 "not for an hour" v2m-status "$id"
V2M_URL_TIMEOUT=1s
fake GET-status hang hang hang hang hang
status 75 "nor where it hangs" v2m-status "$id"
rm -f gw/GET-status
status 75 "a port where nobody listens" env V2M_URL=http://127.0.0.1:1 \
    V2M_TOKEN="$(cat gw/token)" v2m-status
like "$(cat "$ERR")" '^v2m-status: http://127.0.0.1:1: ' "is named"
V2M_URL_TIMEOUT=30s
status 75 "a host that is not there" env V2M_URL=https://nowhere.invalid \
    V2M_TOKEN="$(cat gw/token)" v2m-status
status 75 "https where http is spoken" env V2M_TOKEN="$(cat gw/token)" \
    V2M_URL="https://localhost:$(cat gw/port)" v2m-status
unlike "$(cat "$ERR")" 'trying again' "does not become right either"
fake GET-status hang
: > gw/log
background v2m-status "$id" 2> "$ERR.w"
is_asked() {
	[ "$(asked "$1")" -gt 0 ]
}
eventually "a command waits for an answer" is_asked '^GET /status'
kill -TERM $tap_pid
wait $tap_pid 2> "$ERR"
is "$? $(cat "$ERR.w")" "143 v2m-status: $id: interrupted" "a signal ends it"

# --- answers that are none ---
json='Content-Type: application/json;'
for answer in "200 $json" "200 ${json}[]" "200 $json{}" \
    "200 $json{\"jobs\":7}" "200 $json{\"jobs\":[{}]}" \
    "200 $json{\"jobs\":[],\"next\":\"x\"}" \
    "200 $json{\"jobs\":[],\"next\":\"\"}" "200 $json{\"jobs\":[]" \
    "500 <html>" "500 $json{\"error\":\"x\",\"status\":70}"; do
	fake GET-status "$answer"
	status 69 "a list answered by: $answer" v2m-status
	is "$(cat "$OUT")" "" "prints nothing"
done
fake GET-status "200 $json{\"jobs\":[],\"next\":\"$id\"}" \
    "200 $json{\"jobs\":[],\"next\":\"$id\"}"
status 69 "a list that goes round in circles" v2m-status
fake GET-status "200 $json{\"jobs\":[$(tr -d '\n' < gw/job)],\"next\":null}"
status 0 "one page" v2m-status
fake GET-status "404 $json{\"error\":\"a\\u001b[31m\\nb\",\"status\":66}"
status 66 "an evil message" v2m-status "$id"
is "$(cat "$ERR")" "v2m-status: $id: a?[31m?b" "is harmless"
python3 -c 'print("200 [" + "\"" + "x" * 20000000 + "\"]")' > gw/GET-status
status 69 "an answer beyond all measure" v2m-status
python3 -c 'print("200 " + "[" * 3000000)' > gw/GET-status
status 69 "a deep one" v2m-status

# --- downloads ---
fresh
fake GET-download 'after 1000000' cut 'after 7' '503' 'after 1500000'
status 0 "a download that breaks, and breaks" v2m-fetch "$id"
ok "is whole" cmp talk.mp3 gw/mp3
is "$(asked '^GET /download')" 6 "by six requests"
fake GET-download 'after 1000' '503' 'after 1000'
v2m-fetch -o - "$id" > piped.mp3 2> "$ERR"
is "$?" 0 "to a pipe as well"
ok "the piped MP3 is whole" cmp piped.mp3 gw/mp3
fake GET-download "after 1000" "200 ETag: \"other\";$(printf '%01000d' 0)"
status 75 "another MP3 in the midst of it" v2m-fetch -o x.mp3 "$id"
fake GET-download "after 1000" "206 Content-Range: bytes 5-9/3000000;abcde"
status 69 "a range that nobody asked for" v2m-fetch -o x.mp3 "$id"
fake GET-download "200 ETag: \"x\";short"
status 74 "another length" v2m-fetch -o x.mp3 "$id"
like "$(cat "$ERR")" 'damaged: its length' "in words"
printf x | dd of=gw/mp3 bs=1 seek=77 conv=notrunc 2> "$ERR"
status 74 "other bytes" v2m-fetch -o x.mp3 "$id"
like "$(cat "$ERR")" 'damaged: its SHA-256' "in words"
fake GET-download "410 $json{\"error\":\"the conversion failed: x\",\"status\":1}"
status 1 "one that failed meanwhile" v2m-fetch -o x.mp3 "$id"
is "$(ls x.mp3 2> "$ERR")" "" "leave no file"
fake GET-status "404 $json{\"error\":\"no such ID\",\"status\":66}"
status 0 "an MP3 of which no job is known" v2m-fetch cccccccccccccccccccccccc
ok "is fetched all the same" cmp cccccccccccccccccccccccc.mp3 gw/mp3
fake GET-status "404 $json{\"error\":\"no such ID\",\"status\":66}"
fake GET-download "404 $json{\"error\":\"no such ID\",\"status\":66}"
status 66 "where there is one" v2m-fetch dddddddddddddddddddddddd
V2M_URL_TIMEOUT=1s
fake GET-download 'after 10' '503 Retry-After: 60;'
status 75 "one that never goes on" v2m-fetch -o x.mp3 "$id"
V2M_URL_TIMEOUT=30s

# --- uploads ---
fresh
fake PATCH-files 'after 100' cut 'after 5000' '503' 'after 1'
status 0 "an upload that breaks, and breaks" v2m-upload talk.mp4
new=$(cat "$OUT")
ok "is whole" cmp "gw/$new" talk.mp4
is "$(asked '^POST /files')" 1 "and one job"
fresh
fake PATCH-files late
status 0 "the last answer lost" v2m-upload talk.mp4
# libcurl 8 asks once more by itself where a kept connection ended unanswered.
like "$(asked '^POST /files') $(asked '^PATCH')" "^1 [12]$" \
    "it is accepted all the same"
fresh
fake PATCH-files 409
fake HEAD-files 409 423 409
status 0 "another connection that still has it" v2m-upload talk.mp4
is "$(asked '^HEAD') $(asked '^POST /files')" "4 1" "is waited for"
fresh
fake PATCH-files 'slow 3'
status 0 "a gateway that looks for long at what it got" \
    env V2M_URL_TIMEOUT=1s v2m-upload talk.mp4
is "$(asked '^PATCH')" 1 "is given the time"
fake POST-files late
status 0 "the first answer lost" v2m-upload talk.mp4
ok "it is sent once" cmp "gw/$(cat "$OUT")" talk.mp4
fresh
fake PATCH-files "404" "404"
fake HEAD-files "404" "404"
fake GET-status "404 $json{\"error\":\"no such ID\",\"status\":66}" \
    "404 $json{\"error\":\"no such ID\",\"status\":66}"
status 75 "a gateway that forgets" v2m-upload talk.mp4
is "$(asked '^POST /files')" 2 "is asked once more"
fresh
fake PATCH-files "422 $json{\"error\":\"no sound in it\",\"status\":65}"
status 65 "one that is refused at the end" v2m-upload talk.mp4
is "$(cat "$ERR")" "v2m-upload: talk.mp4: no sound in it" "in its words"
# It is not waited for long.
removed() {
	[ "$(asked '^DELETE')" = 1 ]
}
eventually "what was sent is removed" removed
fresh
fake HEAD-files "200 Upload-Offset: 99999999;" "200 Upload-Offset: x;"
fake PATCH-files cut cut
status 69 "a gateway that has more than there is" v2m-upload talk.mp4
fake POST-files "201 Location: /files/../../etc;" "201" "200"
for n in 1 2 3; do
	status 69 "a place that is none, $n" v2m-upload talk.mp4
done
fresh
fake POST-files "413 $json{\"error\":\"larger than max_upload\",\"status\":65}"
status 65 "one that is too large" v2m-upload talk.mp4
is "$(asked '^PATCH')" 0 "is not sent"
fresh
printf 'not a video' > text.mp4
status 65 "no video" v2m-upload text.mp4
is "$(asked '^POST /files')" 0 "is seen here"
status 0 "--no-check" v2m-upload --no-check text.mp4
is "$(asked '^POST /files')" 1 "leaves that to the gateway"
status 65 "a max_upload of one's own" env V2M_MAX_UPLOAD=1k v2m-upload talk.mp4
status 0 "an odd name" v2m-upload --name '../a "b"
c.mp4' talk.mp4
is "$(sed 's/^filename \([^,]*\),.*/\1/' gw/metadata | base64 -d)" \
    'a "b"?c.mp4' "travels well"
status 0 "options and --no-queue" v2m-upload --no-queue -q V5 talk.mp4
is "$(tr ',' '\n' < gw/metadata | sed -n '2,3s/.* //p' | base64 -d)" \
    '{"quality":5}1' "too"
fake PATCH-files hang
: > gw/log
background v2m-upload talk.mp4 2> "$ERR.w"
eventually "bytes are on their way" is_asked '^PATCH'
sleep 0.3
fresh
kill -TERM $tap_pid
wait $tap_pid 2> "$ERR"
is "$?" 143 "a signal ends an upload"
is "$(asked '^DELETE')" 1 "and what was sent is removed"

# --- removing ---
fresh
fake DELETE-files late 404
status 0 "a removal whose answer is lost" v2m-remove "$id"
fake GET-status "404 $json{\"error\":\"no such ID\",\"status\":66}"
status 66 "one that nobody knows" v2m-remove "$id"
fake DELETE-files "403 $json{\"error\":\"not authorized\",\"status\":77}"
status 77 "one that is not to be removed" v2m-remove "$id"
status 66 "no ID at all" v2m-remove 'x/../y'
is "$(cat "$ERR")" \
    "v2m-remove: x/../y: not an ID (24 hexadecimal digits, as v2m-upload prints them)" \
    "is not even asked for"

# --- certificates ---
cert() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" \
	    -addext "subjectAltName=DNS:$2" 2> "$ERR"
}
cert right localhost
cert wrong v2m.example.org
V2M_TOKEN=$(cat gw/token)
export V2M_TOKEN
PROXY=$V2M_URL
fake_start right.pem right.key
: > gw/log
status 78 "a certificate that nobody knows" v2m-status
like "$(cat "$ERR")" 'certificate is not trusted: .*url_ca_file' \
    "in words"
status 0 "url_ca_file with the right certificate" env V2M_URL_CA_FILE="$TMP/right.pem" v2m-status
status 78 "another one's" env V2M_URL_CA_FILE="$TMP/wrong.pem" v2m-status
status 78 "url_tls = off does not help" env V2M_URL_TLS=off v2m-status
status 78 "none at all" env V2M_URL_CA_FILE="$TMP/none.pem" v2m-status
is "$(asked Bearer)" 2 "the token went to the right one only"
: > gw/log
status 0 "a proxy" env V2M_URL_CA_FILE="$TMP/right.pem" \
    https_proxy="$PROXY" v2m-status
is "$(asked '^CONNECT localhost:[0-9]* -$') $(asked Bearer)" "1 2" \
    "is asked for the way, and sees no token"
status 75 "a proxy that is away" env V2M_URL_CA_FILE="$TMP/right.pem" \
    V2M_URL_TIMEOUT=1s https_proxy=http://127.0.0.1:1 v2m-status
status 0 "no_proxy with the gateway's name" env V2M_URL_CA_FILE="$TMP/right.pem" \
    https_proxy=http://127.0.0.1:1 no_proxy=localhost v2m-status
fake_start wrong.pem wrong.key
status 78 "a certificate for another host" \
    env V2M_URL_CA_FILE="$TMP/wrong.pem" v2m-status

done_testing
