#!/bin/sh
# Keys and certificates that root alone may read, for a service that root starts
# and that is another user's then: libraries of servers open them by path, at
# each connection.
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
for tool in openssl python3 ffmpeg; do
	command -v $tool > /dev/null || skip_all "there is no $tool"
done
machine
clip talk.mp4
chmod 644 talk.mp4

# signed NAME: NAME.pem and NAME.key, which the authority ca.pem signed
signed() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" \
	    -out "$1.csr" 2> "$ERR" &&
	echo 'subjectAltName=DNS:localhost' > "$1.ext" &&
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial 2 \
	    -days 2 -extfile "$1.ext" -out "$1.pem" 2> "$ERR"
}
mkdir -p /etc/v2m/tls
cd /etc/v2m/tls || exit 99
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=tests' \
    -keyout ca.key -out ca.pem 2> "$ERR" && signed localhost && signed rooster ||
    skip_all "no certificates: $(cat "$ERR")"
chmod 644 ./*.pem
chmod 600 ./*.key
chmod 700 .
cat rooster.pem rooster.key > both.pem
chmod 600 both.pem
cd "$TMP" || exit 99

background python3 "$tap_root/tests/lib/tls-peer.py" /etc/v2m/tls/ca.pem \
    /etc/v2m/tls/localhost.pem /etc/v2m/tls/localhost.key "$TMP/seen" > ports
eventually "a server" grep -q ' ' ports
read -r port mysql < ports

# configured KEY URL CERT [KEYFILE]: one service of that server, by TLS
configured() {
	{
		echo 'free_reserve = 0'
		echo "$1 = $2"
		echo "$1_ca_file = /etc/v2m/tls/ca.pem"
		echo "$1_cert_file = /etc/v2m/tls/$3"
		[ -z "${4:-}" ] || echo "$1_key_file = /etc/v2m/tls/$4"
	} > /etc/v2m/v2m.conf
	chgrp vservice /etc/v2m/v2m.conf
	chmod 640 /etc/v2m/v2m.conf
}

# shows WHAT CMD...: a command of root's, which fails as that server is none,
# has shown its certificate
shows() {
	shows_what=$1
	shift
	: > seen
	not_ok "$shows_what" timeout 60 "$@"
	is "$(sort -u seen)" rooster "the server saw the certificate" ||
	    tap_show said < "$ERR"
}

mkdir -m 700 /var/lib/v2m
chown vservice:vservice /var/lib/v2m
echo 'free_reserve = 0' > /etc/v2m/v2m.conf
chgrp vservice /etc/v2m/v2m.conf
chmod 640 /etc/v2m/v2m.conf
echo 'correct horse' > pw
chmod 600 pw
ok "a state of the service's" v2m-init --quiet
ok "with a user" v2m-user add --quiet --password-file pw ann@example.org
serves() {
	as_user vservice env V2M_STATE=/var/lib/v2m "$@"
}
serves v2m-login --quiet --password-file - ann@example.org < pw
id=$(serves v2m-upload talk.mp4)
ok "a job" v2m-convert-worker --once

configured queue "amqps://localhost:$port" rooster.pem rooster.key
shows "the queue" v2m-convert-worker --once
configured queue "amqps://localhost:$port" both.pem
shows "the queue, key and certificate in one file" v2m-convert-worker --once
configured store "mongodb://localhost:$port/?serverSelectionTimeoutMS=2000" \
    rooster.pem rooster.key
if [ -e "$V2M_BIN/../lib/v2m/store-mongodb.so" ]; then
	shows "the store" v2m-check
	configured store \
	    "mongodb://localhost:$port/?serverSelectionTimeoutMS=2000" both.pem
	shows "the store, both in one file" v2m-check
fi
configured users "mysql://auth@localhost:$mysql/auth" rooster.pem rooster.key
shows "accounts" v2m-user list
configured notify "smtps://localhost:$port" rooster.pem rooster.key
shows "notices" v2m-notify "$id"

# --- what root cannot hand over ---
cp /etc/v2m/tls/rooster.key /etc/v2m/tls/open.key
chmod 644 /etc/v2m/tls/open.key
configured queue "amqps://localhost:$port" rooster.pem open.key
status 78 "a key that is open to all, in a folder that is not" \
    v2m-convert-worker --once
is "$(cat "$ERR")" "v2m-convert-worker: queue_key_file: '/etc/v2m/tls/open.key'\
 has to be readable by vservice, the owner of this state" "is told at the start"

# Each file that is opened again later: one of another user's is not kept.
echo secret > /etc/v2m/tls/other
chown vann /etc/v2m/tls/other
chmod 600 /etc/v2m/tls/other
while read -r key url; do
	for end in password ca cert key; do
		{
			echo "$key = $url"
			echo "${key}_${end}_file = /etc/v2m/tls/other"
		} > /etc/v2m/v2m.conf
		status 78 "${key}_${end}_file that is another user's" \
		    v2m-convert-worker --once
		is "$(cat "$ERR")" "v2m-convert-worker: ${key}_${end}_file:\
 '/etc/v2m/tls/other' has to be readable by vservice, the owner of this state" \
		    "is told at the start"
	done
done <<END
users mysql://auth@localhost:9/auth
queue amqps://v2m@localhost:9/v2m
store mongodb://v2m@localhost:9/v2m
store dynamodb://v2m-jobs?region=r
objects s3://bucket/v2m
notify smtps://v2m@localhost:9
END
echo 'objects = s3://bucket/v2m' > /etc/v2m/v2m.conf
for name in SHARED_CREDENTIALS CONFIG WEB_IDENTITY_TOKEN \
    CONTAINER_AUTHORIZATION_TOKEN; do
	status 78 "AWS_${name}_FILE" env "AWS_${name}_FILE=/etc/v2m/tls/other" \
	    v2m-convert-worker --once
	like "$(cat "$ERR")" "AWS_${name}_FILE: .* readable by vservice" \
	    "is told at the start"
done

cd / || exit 99
done_testing
