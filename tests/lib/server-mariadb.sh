# server-mariadb.sh - a MariaDB of the test's own.  Source it after tap.sh.
#
#	mariadb_start [ARG...]	start it (again), in $TMP/mariadb, with further
#				arguments; then $MARIADB_PORT, $MARIADB_SOCKET,
#				and the account v2m, whose password is in the
#				file $MARIADB_PASSWORD and who may do anything
#	mariadb_url DATABASE	the URL for `users`
#	mariadb_sql [ARG...]	the client as root, SQL on stdin or with -e
#	mariadb_stop		end it in good order
#	mariadb_kill		end it by SIGKILL
#	mariadb_freeze, mariadb_thaw
#	mariadb_certificate NAME SUBJECT-ALTERNATIVE-NAMES
#				$MARIADB/NAME.crt and .key, signed by
#				$MARIADB/ca.crt
#
# $mariadb_python has MySQLdb.  If the server is missing the test is skipped;
# under CI it fails.

mariadb_prepare() {
	MARIADB=$TMP/mariadb
	MARIADB_SOCKET=$MARIADB/s
	MARIADB_PASSWORD=$MARIADB/password
	[ -d "$MARIADB" ] && return
	PATH=$PATH:/usr/sbin
	for mariadb_program in mariadbd mariadb-install-db mariadb openssl; do
		command -v $mariadb_program > /dev/null ||
		    unavailable "there is no $mariadb_program"
	done
	# The interpreter with Debian's modules may not be the first in PATH.
	for mariadb_python in /usr/bin/python3 python3 none; do
		"$mariadb_python" -c 'import MySQLdb' 2> /dev/null && break
	done
	[ "$mariadb_python" != none ] ||
	    unavailable "there is no python3-mysqldb"
	# The server needs --user=root if, and only if, it runs as root.
	mariadb_user=
	[ "$(id -u)" -ne 0 ] || mariadb_user=--user=root
	unset MYSQL_HOST MYSQL_TCP_PORT MYSQL_PWD MYSQL_UNIX_PORT MYSQL_HOME
	mkdir "$MARIADB" && (umask 077; echo sesam > "$MARIADB_PASSWORD")
	# io_uring, which it uses by itself, takes from what all processes of a
	# user may lock in memory: too little for three servers at a time.
	# shellcheck disable=SC2086 # empty or one word
	mariadb-install-db --no-defaults --datadir="$MARIADB/data" \
	    --skip-innodb-use-native-aio --skip-test-db \
	    --auth-root-authentication-method=normal \
	    $mariadb_user > "$MARIADB/install.log" 2>&1 ||
	    give_up "there can be no MariaDB" "$MARIADB/install.log"
}

mariadb_sql() {
	mariadb --no-defaults --skip-ssl --host=localhost \
	    --socket="$MARIADB_SOCKET" --user=root --default-character-set=utf8mb4 --batch \
	    --skip-column-names "$@"
}

mariadb_port() {
	"$mariadb_python" "$tap_root/tests/lib/ports.py" 1
}

# One try: 0 when it responds.  Another program may have taken the port.  The
# server must not keep a pipe of the test open.
mariadb_try() {
	# From 11.4 on it makes a certificate if it has none.
	[ $# -gt 0 ] || set -- --skip-ssl
	# shellcheck disable=SC2086 # empty or one word
	background mariadbd --no-defaults --datadir="$MARIADB/data" \
	    --socket="$MARIADB_SOCKET" --port="$MARIADB_PORT" \
	    --bind-address=127.0.0.1 --pid-file="$MARIADB/pid" \
	    --innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
	    --skip-innodb-use-native-aio \
	    --skip-log-bin $mariadb_user "$@" > "$MARIADB/log" 2>&1 \
	    8>&- 9>&-
	# shellcheck disable=SC2154 # set by background
	mariadb_pid=$tap_pid
	mariadb_left=600
	until mariadb_sql -e 'SELECT 1' > /dev/null 2>&1; do
		mariadb_left=$((mariadb_left - 1))
		if [ $mariadb_left -eq 0 ] ||
		    ! kill -0 "$mariadb_pid" 2> /dev/null; then
			return 1
		fi
		sleep 0.1
	done
}

# The port stays the same from one start to the next.
mariadb_start() {
	mariadb_prepare
	for mariadb_go in 1 2 3; do
		MARIADB_PORT=${MARIADB_PORT:-$(mariadb_port)}
		mariadb_try "$@" && break
		kill -9 "$mariadb_pid" 2> /dev/null
		[ $mariadb_go -lt 3 ] || {
			give_up "MariaDB does not start" "$MARIADB/log"
		}
		MARIADB_PORT=
	done
	mariadb_sql -e "CREATE USER IF NOT EXISTS v2m@localhost
	    IDENTIFIED BY 'sesam'; GRANT ALL ON *.* TO v2m@localhost"
}

mariadb_url() {
	echo "mysql://v2m@127.0.0.1:$MARIADB_PORT/$1"
}

mariadb_stop() {
	kill "$mariadb_pid"
	wait "$mariadb_pid" 2> /dev/null
}

mariadb_kill() {
	kill -9 "$mariadb_pid"
	wait "$mariadb_pid" 2> /dev/null
}

mariadb_freeze() {
	kill -STOP "$mariadb_pid"
}

mariadb_thaw() {
	kill -CONT "$mariadb_pid"
}

mariadb_certificate() {
	[ -e "$MARIADB/ca.crt" ] ||
	    openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
	    -subj '/CN=an authority of the tests' -keyout "$MARIADB/ca.key" \
	    -out "$MARIADB/ca.crt" 2> /dev/null || exit 99
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" \
	    -keyout "$MARIADB/$1.key" -out "$MARIADB/$1.csr" 2> /dev/null &&
	echo "subjectAltName=$2" > "$MARIADB/$1.ext" &&
	openssl x509 -req -in "$MARIADB/$1.csr" -CA "$MARIADB/ca.crt" \
	    -CAkey "$MARIADB/ca.key" -set_serial 2 -days 2 \
	    -extfile "$MARIADB/$1.ext" -out "$MARIADB/$1.crt" \
	    2> /dev/null || exit 99
}
