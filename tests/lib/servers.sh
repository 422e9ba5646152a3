# servers.sh - all servers at once, and sets of services on them.  Source it
# after tap.sh and flow.sh.
#
#	servers_start		MariaDB, RabbitMQ, MongoDB and SMTP
#	use SET			empty them, and let the configuration name
#				SET: full, queue (the broker, the rest
#				embedded), or store (MySQL and MongoDB, the
#				queue embedded); written to $TMP/set for tests
#				with V2M_TEST_SET
#
# Each is described in a file of its own, server-*.sh.

for servers_name in mariadb mongodb rabbitmq smtp; do
	# shellcheck source=/dev/null # four of them
	. "$tap_root/tests/lib/server-$servers_name.sh"
done

servers_start() {
	mariadb_start
	mongodb_start
	rabbit_start
	smtp_start
	# Debian's modules for all of them come with the same interpreter.
	servers_python=/usr/bin/python3
}

servers_mail() {
	echo "V2M_NOTIFY=smtp://localhost:$SMTP_STARTTLS"
	echo "V2M_NOTIFY_CA_FILE=$SMTP_CA"
	echo "V2M_MAIL_FROM='Video Service <v2m@example.org>'"
}

servers_set() {
	echo "servers_python=$servers_python"
	echo 'set -a'
	case $1 in
	full | store)
		echo "V2M_USERS=$(mariadb_url v2m)"
		echo "V2M_USERS_PASSWORD_FILE=$MARIADB_PASSWORD"
		echo "V2M_STORE=$MONGODB" ;;
	esac
	case $1 in
	full | queue)
		echo "V2M_QUEUE=$RABBIT" ;;
	esac
	servers_mail
	echo 'set +a'
}

use() {
	servers_set "$1" > "$TMP/set"
	mariadb_sql -e 'DROP DATABASE IF EXISTS v2m; CREATE DATABASE v2m'
	V2M_STORE=$MONGODB V2M_QUEUE=$RABBIT \
	    "$servers_python" "$tap_root/tests/lib/servers.py" fresh
	rm -rf "$TMP/smtp/mails"/* "$V2M_STATE"
	unset V2M_USERS V2M_USERS_PASSWORD_FILE V2M_STORE V2M_QUEUE
	# shellcheck source=/dev/null # just written
	. "$TMP/set"
}
