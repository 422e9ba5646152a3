#!/bin/sh
# Each parser of what clients send, on as many texts as a fuzzer makes of a few
# honest ones in a bounded time, always with the same seed.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/fuzz.sh"

# seeds TARGET TEXT ...: with printf's escapes, each in a file of its own.
seeds() {
	mkdir -p "in/$1"
	folder=in/$1 n=0
	shift
	for text; do
		n=$((n + 1))
		# shellcheck disable=SC2059 # escapes
		printf -- "$text" > "$folder/$n"
	done
}
seeds range '\144\0\0\0\0\0\0\0bytes=0-9' '\144\0\0\0\0\0\0\0bytes=-5' \
    '\0\0\0\0\0\0\0\0bytes=1-' '12345678bytes=5-7,8-9' '12345678"abc"'
seeds basic 'Basic YW5uQGV4YW1wbGUub3JnOnNlY3JldA==' 'basic Og==' 'Basic YTpiOmM'
seeds bearer 'Bearer abc.DEF-_~+/==' 'bearer x ' 'Bearer a b'
seeds query 'fid=1&name=a%%26b+c&&flag&x=&=y' 'a=%%00' 'a&a' 'a=%%zz'
seeds forwarded '192.0.2.1, 10.0.0.1:80' 'for=192.0.2.1;by="a,b", for="[::1]:5"' \
    '[2001:db8::1]:80' '10.0.0.0/8 2001:db8::/32' 'unknown, _x'
seeds etag '"a", W/"x", *' '*' 'M\303\244rz 50%%.mp3' 'a"b/c\\d'
seeds fields 'Host:a\nContent-Length:5\n' 'Host:a\nTransfer-Encoding:chunked\n' \
    'Host:a\nContent-Length :5\n' 'host:a\nhost:b'
seeds multipart '--a-b\r\nContent-Disposition: form-data; name="file"; filename="x.mp4"\r\n\r\nhello\r\n--a-b--\r\n' \
    'multipart/form-data; boundary=xyz' 'multipart/form-data; charset=x; boundary="a b"' \
    '--a-b\r\nContent-Disposition: form-data; name=a; filename*=UTF-8'"''"'%%c3%%a4\r\n\r\n\r\n--a-\r\n--a-b\r\nContent-Disposition: form-data; name="b\\"c"\r\n\r\nx\r\n--a-b--'
seeds client 'HTTP/1.1 206 x\nETag: "a"\nContent-Range: bytes 5-16/17\nUpload-Offset: 5\nRetry-After: 7\n\nx' \
    'HTTP/1.1 404 x\nContent-Type: application/json\n\n{"error":"no such ID","status":66}' \
    'HTTP/1.1 200 x\n\n{"id":"0123456789abcdef01234567","state":"done","warnings":["a"],"options":{"mono":true},"created":"2026-11-21T08:30:00Z","duration_s":1.5,"percent":5}' \
    'machine h login a@b password "x\\"y" # z' 'https://h:1/files/x?y' '//h/'
seeds tus '0filename dGFsay5tcDQ=,hold,a YQ' '1sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=' \
    '1md5 XrY7u+Ae7tCTyyK7j1rNww==' '21234567'

for source in "$tap_root"/tests/fuzz/http-*.c; do
	target=${source##*/}
	target=${target%.c}
	mkdir -p "in/${target#http-}"
	fuzz "$target" "in/${target#http-}" 200000 5 -max_len=1500 -verbosity=1
done

done_testing
