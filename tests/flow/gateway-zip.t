#!/bin/sh
# Many MP3s as one ZIP: what is in it, under which names, and what is said of
# the rest.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
clip talk.mp4
mkdir other
cp talk.mp4 other/Talk.mp4
v2m-upload --quiet --no-queue talk.mp4 talk.mp4 other/Talk.mp4 > ids
v2m-convert-worker --quiet - < ids > "$OUT" 2> "$ERR"
queued=$(v2m-upload --quiet talk.mp4)
his=$(as bob v2m-upload --quiet talk.mp4)
gateway_start
ann=$(header_of ann) bob=$(header_of bob)

zip() {	# an expression of the ZIP z that was answered
	python3 -c "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); \
	    print($1)" "$BODY" 2>&1
}

json() {	# and of JSON o
	python3 -c "import json, sys; o = json.load(open(sys.argv[1])); \
	    print($1)" "$BODY"
}

# --- by token ---
{ v2m-status --state done; cat ids; } > lines
http 200 "the lines of a list" "$URL/zip" -H "$ann" --data-binary @lines
is "$(field content-type)" application/zip "a ZIP"
like "$(field content-disposition)" '^attachment; filename="mp3s.zip"' "a file"
cp "$BODY" all.zip
is "$(zip 'z.testzip()')" None "is whole"
is "$(zip 'sorted(z.namelist())')" \
    "['Talk (3).mp3', 'talk (2).mp3', 'talk.mp3']" "each has its name"
is "$(zip '{i.compress_type for i in z.infolist()}')" '{0}' "no entry is compressed"
v2m-fetch --quiet -o one.mp3 "$(head -n 1 ids)" > "$OUT"
is "$(zip '__import__("hashlib").sha256(z.read("talk.mp3")).hexdigest()')" \
    "$(sha256sum < one.mp3 | cut -d ' ' -f 1)" "with the MP3's bytes"
is "$(v2m-status --json --state done | grep -c '"fetched"')" 3 \
    "each counts as fetched"
printf '%s\n%s\n' "$(head -n 1 ids)" "$queued" > some
http 200 "one of two" "$URL/zip" -H "$ann" --data-binary @some
is "$(zip 'z.namelist()')" "['talk.mp3']" "is that which is done"

# More than are looked up at a time, the only one with an MP3 at the end.
i=0
while [ $i -lt 60 ]; do
	echo "$i" > "part$i.mp4"
	i=$((i + 1))
done
v2m-upload --quiet --no-check --no-queue part*.mp4 > parts
tail -n 1 ids >> parts
http 200 "one of 61" "$URL/zip" -H "$ann" --data-binary @parts
is "$(zip 'z.namelist()')" "['Talk.mp3']" "is that"
http 200 "a ticket of 61" "$URL/zip?format=json" -H "$ann" \
    --data-binary @parts
is "$(json '(o["jobs"], len({j["id"] for j in o["left_out"]}))')" "(1, 60)" \
    "60 are left out, each once"

# Names that are as long as can be, of characters of two bytes, and many of one.
long=$(python3 -c 'print("\u00e9" * 125)').mp4
mkdir far
cp talk.mp4 "far/$long"
set -- "far/$long"
while [ $# -lt 21 ]; do
	set -- "$@" "far/$long"
done
v2m-upload --quiet --no-queue "$@" talk.mp4 > longs
v2m-convert-worker --quiet - < longs > "$OUT" 2> "$ERR"
http 200 "21 of a long name" "$URL/zip" -H "$ann" --data-binary @longs
is "$(zip 'len(set(z.namelist()))')" 22 "each has its name"
is "$(zip 'max(len(n.encode()) for n in z.namelist())')" 255 \
    "none is too long"
is "$(zip 'z.namelist()[1].lstrip("\u00e9")')" " (2).mp3" "the second"
is "$(zip 'z.namelist()[20].lstrip("\u00e9")')" \
    " ($(sed -n 21p longs)).mp3" "the 21st has its ID"

# --- what is refused ---
echo "$queued" > none
http 410 "none that is done" "$URL/zip" -H "$ann" --data-binary @none
{ cat ids; echo "$his"; } > mixed
http 404 "another user's" "$URL/zip" -H "$ann" --data-binary @mixed
http 400 "no IDs" "$URL/zip" -H "$ann" -X POST
http 400 "no ID" "$URL/zip" -H "$ann" --data-binary 'nonsense'
http 400 "more than an ID" "$URL/zip" -H "$ann" \
    --data-binary "$(head -n 1 ids)0"
python3 -c 'for i in range(2001): print("%024x" % i)' > many
http 413 "too many" "$URL/zip" -H "$ann" --data-binary @many
http 413 "too many, the last line without its end" "$URL/zip" -H "$ann" \
    --data-binary "$(cat many)"
python3 - "$(head -n 1 ids)" > long <<'PY'
import sys
print("\n".join([sys.argv[1]] * 90000))
PY
http 413 "too many bytes" "$URL/zip" -H "$ann" --data-binary @long
head -n 50000 long > repeats
http 200 "one 50000 times" "$URL/zip" -H "$ann" --data-binary @repeats
is "$(zip 'z.namelist()')" "['talk.mp3']" "is in it once"
http 401 "nobody's" "$URL/zip" --data-binary @ids

# --- by ticket ---
http 200 "a ticket" "$URL/zip?format=json" -H "$ann" --data-binary @some
is "$(json '(o["jobs"], [j["id"] for j in o["left_out"]])')" \
    "(1, ['$queued'])" "says what is left out"
url=$URL$(json 'o["url"]')
http 200 "with it" "$url"
is "$(zip 'z.testzip()')" None "is the ZIP"
http 200 "its header" -I "$url"
is "$(field content-length)" "" "says no length"
is "$(field content-type)" application/zip "but that it is a ZIP"
http 403 "it opens nothing else" "$(echo "$url" | sed 's/zip/download/')"
http 403 "another code" "${url%????}0000"
http 400 "no code" "$URL/zip"
http 200 "a ticket of three" "$URL/zip?format=json" -H "$ann" \
    --data-binary @ids
http 200 "with that" "$URL$(json 'o["url"]')"
is "$(zip 'sorted(z.namelist())')" \
    "['Talk (3).mp3', 'talk (2).mp3', 'talk.mp3']" "the ZIP has all three"
v2m-remove --quiet "$(head -n 1 ids)" > "$OUT"
http 200 "of a job that went meanwhile" "$url"
is "$(zip 'z.namelist()')" "['left out.txt']" "a text tells"
like "$(zip 'z.read("left out.txt").decode()')" "^$(head -n 1 ids): " "of it"
http 200 "a ticket of one" "$URL/zip?format=json" -H "$ann" \
    --data-binary "$(tail -n 1 ids)"
url=$URL$(json 'o["url"]')
v2m-user revoke --quiet ann@example.org > "$OUT"
refused() {
	[ "$(curl -s -o "$BODY" -w "%{http_code}" "$url")" = 403 ]
}
eventually "it ends with the tokens" refused

# --- an MP3 that is cut ---
v2m-login --quiet --password-file pw ann@example.org
ann=$(header_of ann)
mp3=$(v2m-status --json "$(tail -n 1 ids)" |
    sed 's/.*"mp3":"\([0-9a-f]*\)".*/\1/')
file=$(find "$V2M_STATE" -name "$mp3*" -type f | head -n 1)
ok "it is a file" [ -s "$file" ]
# A gateway that has said that it sends the MP3 finds less of it.
python3 - "$PORT" "${ann#*: }" "$(tail -n 1 ids)" "$file" > cut <<'PY'
import os, socket, sys
port, auth, job, path = int(sys.argv[1]), *sys.argv[2:]
os.truncate(path, 5000000)	# more than goes out at once
s = socket.create_connection(("127.0.0.1", port), 60)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.sendall(("POST /zip HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n"
    "Content-Length: %d\r\n\r\n%s" % (auth, len(job), job)).encode())
got = s.recv(1000)
os.truncate(path, 1000)
while part := s.recv(65536):
    got = (got + part)[-100:]
print("end" if got.endswith(b"0\r\n\r\n") else "cut")
PY
is "$(cat cut)" cut "the connection breaks, no end is written"
ends_well
done_testing
