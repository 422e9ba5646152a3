#!/bin/sh
# The gateway as a whole, on what a fuzzer makes of honest requests in a minute:
# it answers, with a head that is one, never with 500, and nothing of a
# connection is left when that has ended.
#
#	FUZZ_SECONDS	60
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/fuzz.sh"
[ -e "$V2M_BIN/../lib/v2m/gateway.so" ] || skip_all "no gateway"

# seed TEXT: with printf's escapes; tests/fuzz/gateway.c says what it means.
n=0
mkdir in
seed() {
	n=$((n + 1))
	# shellcheck disable=SC2059 # escapes
	printf -- "$1" > in/$n
}
h='HTTP/1.1\r\nHost: h\r\n'
ann="${h}Authorization: Bearer @T\r\n"
ben="${h}Authorization: Bearer @U\r\n"
pass="${h}Authorization: Basic YW5uQGV4YW1wbGUub3JnOmNvcnJlY3QgaG9yc2U=\r\n"
json='Accept: application/json\r\n'
none='Content-Length: 0\r\n\r\n'

seed "\0GET / $h\r\n"
seed "\0GET /style.css ${h}If-None-Match: \"a\", W/\"b\"\r\n\r\n"
seed "\0GET /status $ann$json\r\n"
seed "\0GET /status?id=@V $ann\r\n\1GET /status?limit=1&state=done $ann\r\n"
seed "\0GET /status?name=talk&order=newest&count=1 $ann\r\n\1GET /status?after=@V&all=1 $ann\r\n"
seed "\0GET /download?fid=@M ${ann}Range: bytes=5-9\r\n\r\n\1HEAD /download?fid=@V $ann\r\n"
seed "\1GET /download?fid=@M ${ann}Range: bytes=0-0,5-9\r\nIf-Range: \"x\"\r\n\r\n"
seed "\0GET /download?fid=@M $ben\r\n\1GET /status?id=@V $ben\r\n"
seed "\2POST /login $pass$none\1POST /validate $ann$none"
seed "\0GET /me $ann$json\r\n\1GET /readyz $h\r\n\1GET /metrics $ann\r\n"
seed "\0DELETE /files?fid=@V $ann\r\n"
seed "\0POST /ticket?fid=@M $ann$none\1POST /ticket?fid=@M&listen=1 $ann$json$none"
seed "\0POST /zip ${ann}Content-Length: 50\r\n\r\n@V\n@M\n"
seed "\0POST /zip ${ann}${json}Content-Length: 25\r\n\r\n@M\n\1GET /zip?ticket=@L $h\r\n"
# One that is changed waits for the next second.
seed "\0POST /password ${pass}Content-Length: 24\r\n\r\n{\"new_password\":\"short\"}"
seed "\0OPTIONS /files/ ${h}Origin: https://a.example\r\nAccess-Control-Request-Method: PATCH\r\n\r\n\1OPTIONS * $h\r\n"
seed "\0GET /status ${ann}X-Forwarded-For: 198.51.100.7, 10.0.0.1\r\nX-Forwarded-Prefix: /v2m\r\nForwarded: for=\"[::1]:5\"\r\n\r\n"
seed "\0GET /st%%61tus?format=json&a=%%26 ${h}Host: h\r\n\r\n"
seed "\0GET /status HTTP/1.0\r\n\r\n"

# Uploads, by form, raw and by tus.
part='Content-Disposition: form-data; name="file"; filename="a.mp4"'
form='Content-Type: multipart/form-data; boundary=b\r\n'
seed "\0POST /upload $ann${form}Content-Length: 82\r\n\r\n--b\r\n$part\r\n\r\nhello\r\n--b--\r\n"
seed "\4POST /upload?mono=1&bitrate=64 $ann${form}Transfer-Encoding: chunked\r\n\r\n46\r\n--b\r\n$part\r\n\r\n\r\n5\r\nhello\r\n9\r\n\r\n--b--\r\n\r\n0\r\n\r\n"
seed "\0PUT /upload/a.mp4?hold=1 ${ann}Content-Length: 5\r\n\r\nhello\1GET /status $ann\r\n"
seed "\0PUT /upload/a.mp4 ${ann}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n\1hello"
tus="${ann}Tus-Resumable: 1.0.0\r\n"
bytes="${tus}Content-Type: application/offset+octet-stream\r\n"
seed "\0POST /files/ ${tus}Upload-Length: 5\r\nUpload-Metadata: filename dGFsay5tcDQ=,hold\r\n$none\1HEAD /files/@L $tus\r\n\1PATCH /files/@L ${bytes}Upload-Offset: 0\r\nContent-Length: 3\r\n\r\nhel\1PATCH /files/@L ${bytes}Upload-Offset: 3\r\nContent-Length: 2\r\n\r\nlo"
seed "\2POST /files/ ${bytes}Upload-Length: 5\r\nUpload-Checksum: sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=\r\nContent-Length: 5\r\n\r\nhello\1DELETE /files/@L $tus\r\n"
seed "\0POST /files/ ${tus}Upload-Defer-Length: 1\r\n$none\1POST /files/@L ${bytes}X-HTTP-Method-Override: PATCH\r\nUpload-Length: 2\r\nUpload-Offset: 0\r\nContent-Length: 2\r\n\r\nab"

fuzz gateway in -1 "${FUZZ_SECONDS:-60}" -max_len=2000 -close_fd_mask=1 \
    -timeout=120

done_testing
