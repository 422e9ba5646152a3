# server-smtp.sh - an SMTP server of the test's own.  Source it after tap.sh.
#
#	smtp_start		start it (again), in $TMP/smtp; then $SMTP_CLEAR,
#				$SMTP_STARTTLS, $SMTP_AUTH, $SMTP_SMTPS,
#				$SMTP_STRANGER and $SMTP_LIMITED are ports, and
#				$SMTP_CA is the certificate to trust it by
#	smtp_stop		end it, as a crash would
#	smtp_freeze, smtp_thaw
#
# How it treats which address is described in server-smtp.py.  If the server is
# missing the test is skipped; under CI it fails.

# The interpreter that has Debian's modules may not be the first in PATH.
smtp_find() {
	for smtp_python in /usr/bin/python3 python3; do
		"$smtp_python" -c 'import aiosmtpd' 2> /dev/null && return
	done
	unavailable "there is no python3-aiosmtpd"
}

# smtp_certificate NAME SUBJECT-ALTERNATIVE-NAMES, signed by our own authority
smtp_certificate() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" \
	    -keyout "$SMTP/$1.key" -out "$SMTP/$1.csr" 2> /dev/null &&
	echo "subjectAltName=$2" > "$SMTP/$1.ext" &&
	openssl x509 -req -in "$SMTP/$1.csr" -CA "$SMTP_CA" \
	    -CAkey "$SMTP/ca.key" -set_serial 2 -days 2 \
	    -extfile "$SMTP/$1.ext" -out "$SMTP/$1.crt" 2> /dev/null &&
	cat "$SMTP/$1.key" "$SMTP/$1.crt" > "$SMTP/$1.pem"
}

smtp_prepare() {
	SMTP=$TMP/smtp
	SMTP_CA=$SMTP/ca.crt
	[ -d "$SMTP" ] && return
	command -v openssl > /dev/null || unavailable "there is no openssl"
	smtp_find
	mkdir "$SMTP" &&
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
	    -subj '/CN=an authority of the tests' -keyout "$SMTP/ca.key" \
	    -out "$SMTP_CA" 2> /dev/null &&
	smtp_certificate server DNS:localhost,IP:127.0.0.1 &&
	smtp_certificate stranger DNS:stranger.example.org || exit 99
}

smtp_start() {
	smtp_prepare
	rm -f "$SMTP/ready"
	background "$smtp_python" "$tap_root/tests/lib/server-smtp.py" "$SMTP" \
	    2> "$SMTP/errors"
	smtp_pid=$tap_pid
	smtp_left=600
	until [ -e "$SMTP/ready" ]; do
		smtp_left=$((smtp_left - 1))
		if [ $smtp_left -eq 0 ] ||
		    ! kill -0 "$smtp_pid" 2> /dev/null; then
			give_up "the SMTP server does not start" "$SMTP/errors"
		fi
		sleep 0.1
	done
	while IFS='=' read -r smtp_name smtp_port; do
		eval "SMTP_$smtp_name=$smtp_port"
	done < "$SMTP/ports"
}

smtp_stop() {
	kill -9 "$smtp_pid"
	wait "$smtp_pid" 2> /dev/null
}

smtp_freeze() {
	kill -STOP "$smtp_pid"
}

smtp_thaw() {
	kill -CONT "$smtp_pid"
}
