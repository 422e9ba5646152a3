# server-galera.sh - a Galera cluster of MariaDB of the test's own.  Source it
# after tap.sh and server-mariadb.sh.
#
#	galera_start N		N nodes; $GALERA is the URL for `users` of all,
#				the account is that of server-mariadb.sh
#	galera_kill I		end node I by SIGKILL
#	galera_back I		start it again, which waits until it is in step
#	galera_sql I [ARG...]	as root at one node
#
# What is not installed is fetched with apt-get and unpacked, once, into
# build/tests/galera.  All runs as an ordinary user: as root the nodes cannot
# hand over their data.  If it is not available the test is skipped; under CI it
# fails.

galera_fetch() (
	mkdir -p "$galera_build" && cd "$galera_build" && exec 9> lock &&
	    flock 9 || exit 1
	[ -e made ] && exit 0
	apt-get -q download galera-4 mariadb-server rsync || exit 1
	for galera_deb in *.deb; do
		dpkg -x "$galera_deb" . && rm "$galera_deb" || exit 1
	done
	: > made
) > "$TMP/.galera" 2>&1

galera_find() {
	mariadb_prepare
	galera_build=$tap_root/build/tests/galera
	galera_root=
	if ! [ -e /usr/lib/galera/libgalera_smm.so ] ||
	    ! command -v wsrep_sst_rsync > /dev/null ||
	    ! command -v rsync > /dev/null; then
		galera_fetch || {
			tap_show apt-get < "$TMP/.galera"
			unavailable "there is no galera-4 with rsync"
		}
		# Another user must be able to read it.
		galera_root=$TMP/galera-root
		cp -R "$galera_build" "$galera_root" &&
		    chmod -R go+rX "$galera_root"
	fi
	galera_library=$galera_root/usr/lib/galera/libgalera_smm.so
	galera_path=$galera_root/usr/bin:$PATH
	galera_as=
	[ "$(id -u)" -ne 0 ] ||
	    galera_as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	chmod go+x "$TMP"
}

galera_sql() {
	galera_at=$1
	shift
	mariadb --no-defaults --skip-ssl --host=localhost \
	    --socket="$TMP/g$galera_at/s" --user=root --batch \
	    --skip-column-names "$@"
}

# I [ARG...]: wait until it reports that it is in sync with the others.
galera_run() {
	galera_i=$1
	shift
	eval "galera_port=\$galera_port_$galera_i
	    galera_wire=\$galera_wire_$galera_i galera_ist=\$galera_ist_$galera_i
	    galera_sst=\$galera_sst_$galera_i"
	# shellcheck disable=SC2086 # words, or none
	background env PATH="$galera_path" HOME="$TMP/g$galera_i" \
	    $galera_as mariadbd --no-defaults \
	    --datadir="$TMP/g$galera_i/data" --socket="$TMP/g$galera_i/s" \
	    --pid-file="$TMP/g$galera_i/pid" --port="$galera_port" \
	    --bind-address=127.0.0.1 --tmpdir="$TMP/g$galera_i" --skip-ssl \
	    --innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
	    --skip-innodb-use-native-aio \
	    --binlog-format=ROW --innodb-autoinc-lock-mode=2 \
	    --wsrep-on=ON --wsrep-provider="$galera_library" \
	    --wsrep-cluster-address="gcomm://$galera_wires" \
	    --wsrep-node-address=127.0.0.1 --wsrep-node-name="n$galera_i" \
	    --wsrep-sst-method=rsync \
	    --wsrep-sst-receive-address="127.0.0.1:$galera_sst" \
	    --wsrep-provider-options="base_host=127.0.0.1;base_port=$galera_wire;gmcast.listen_addr=tcp://127.0.0.1:$galera_wire;ist.recv_addr=127.0.0.1:$galera_ist;gcache.size=16M" \
	    "$@" > "$TMP/g$galera_i/log" 2>&1 8>&- 9>&-
	eval "galera_pid_$galera_i=$tap_pid"
	galera_left=600
	until galera_sql "$galera_i" -e "SHOW STATUS LIKE
	    'wsrep_local_state_comment'" 2>&1 | grep -q Synced; do
		galera_left=$((galera_left - 1))
		if [ $galera_left -eq 0 ] || ! kill -0 "$tap_pid"; then
			give_up "a node of Galera does not start" \
			    "$TMP/g$galera_i/log"
		fi
		sleep 0.2
	done
}

galera_start() {
	galera_find
	galera_wires='' galera_hosts=''
	for galera_i in $(seq "$1"); do
		mkdir "$TMP/g$galera_i"
		cp -R "$MARIADB/data" "$TMP/g$galera_i/data"
		[ -z "$galera_as" ] ||
		    chown -R 65534:65534 "$TMP/g$galera_i"
		for galera_what in port wire ist sst; do
			eval "galera_${galera_what}_$galera_i=$(mariadb_port)"
		done
		eval "galera_wire=\$galera_wire_$galera_i
		    galera_port=\$galera_port_$galera_i"
		galera_wires=$galera_wires${galera_wires:+,}127.0.0.1:$galera_wire
		galera_hosts=$galera_hosts${galera_hosts:+,}127.0.0.1:$galera_port
	done
	GALERA=mysql://v2m@$galera_hosts/v2m
	galera_run 1 --wsrep-new-cluster
	galera_sql 1 -e "CREATE USER IF NOT EXISTS v2m@localhost
	    IDENTIFIED BY 'sesam'; GRANT ALL ON *.* TO v2m@localhost"
	for galera_j in $(seq 2 "$1"); do
		galera_run "$galera_j"
	done
}

galera_kill() {
	eval "galera_pid=\$galera_pid_$1"
	# shellcheck disable=SC2154 # just set
	kill -9 "$galera_pid"
	wait "$galera_pid" 2> /dev/null
}

galera_back() {
	galera_run "$1"
}
