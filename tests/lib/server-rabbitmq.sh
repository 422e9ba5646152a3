# server-rabbitmq.sh - a RabbitMQ of the test's own.  Source it after tap.sh.
#
#	rabbit_start		start it (again), in $TMP/rabbit; then $RABBIT is
#				its URL, $RABBIT_PORT and $RABBIT_TLS are ports,
#				and $RABBIT_CA is the certificate to trust it by
#	rabbit_stop		end it in good order
#	rabbit_crash		end it by SIGKILL
#	rabbit_freeze, rabbit_thaw
#	rabbit_ctl COMMAND...	rabbitmqctl
#	rabbit_cluster N	N nodes, in place of rabbit_start: $RABBITS is
#				the URL of all; the other functions are for the
#				one that rabbit_pick I names
#	peer COMMAND QUEUE...	the other side in Python: see rabbit-peer.py
#	is_quiet		is all that was uploaded over, and are the
#				queues empty?
#
# Lines in $TMP/rabbit.conf, if it is there, are added to the configuration,
# and $TMP/rabbit.config is the one in Erlang's terms.
# The server keeps durable data from one start to the next.  Its name, ports and
# epmd are its own.  If RabbitMQ is missing the test is skipped; under CI it
# fails.

rabbit_bin=/usr/lib/rabbitmq/bin

# N free ports.
rabbit_ports() {
	"$rabbit_python" "$tap_root/tests/lib/ports.py" "$1"
}

# The interpreter that has Debian's modules may not be the first in PATH.
rabbit_find_pika() {
	for rabbit_python in /usr/bin/python3 python3; do
		"$rabbit_python" -c 'import pika' 2> /dev/null && return
	done
	unavailable "there is no python3-pika"
}

rabbit_certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
	    -subj '/CN=an authority of the tests' -keyout "$rabbit_dir/ca.key" \
	    -out "$RABBIT_CA" 2> /dev/null &&
	openssl req -newkey rsa:2048 -nodes -subj /CN=localhost \
	    -keyout "$rabbit_dir/server.key" -out "$rabbit_dir/server.csr" \
	    2> /dev/null &&
	echo 'subjectAltName=DNS:localhost' > "$rabbit_dir/server.ext" &&
	openssl x509 -req -in "$rabbit_dir/server.csr" -CA "$RABBIT_CA" \
	    -CAkey "$rabbit_dir/ca.key" -set_serial 2 -days 2 \
	    -extfile "$rabbit_dir/server.ext" \
	    -out "$rabbit_dir/server.crt" 2> /dev/null
}

rabbit_prepare() {
	rabbit_dir=$TMP/rabbit${rabbit_number:-}
	RABBIT_CA=$rabbit_dir/ca.crt
	[ -d "$rabbit_dir" ] && return
	[ -x "$rabbit_bin/rabbitmq-server" ] ||
	    unavailable "there is no rabbitmq-server"
	for rabbit_tool in epmd openssl setsid; do
		command -v "$rabbit_tool" > /dev/null ||
		    unavailable "there is no $rabbit_tool"
	done
	rabbit_find_pika
	mkdir "$rabbit_dir" && rabbit_certificates || exit 99
	echo '[].' > "$rabbit_dir/plugins"
	: > "$rabbit_dir/env.conf"
}

# On ports that are free now; another program may take one of them first.
rabbit_choose() {
	# shellcheck disable=SC2046 # four words
	set -- $(rabbit_ports 4)
	RABBIT_PORT=$1 RABBIT_TLS=$2 rabbit_dist=$3
	RABBIT=amqp://localhost:$RABBIT_PORT
	rabbit_node=v2m-$1@localhost
	cat > "$rabbit_dir/rabbitmq.conf" <<-END
	listeners.tcp.1 = 127.0.0.1:$RABBIT_PORT
	listeners.ssl.1 = 127.0.0.1:$RABBIT_TLS
	ssl_options.cacertfile = $RABBIT_CA
	ssl_options.certfile = $rabbit_dir/server.crt
	ssl_options.keyfile = $rabbit_dir/server.key
	disk_free_limit.absolute = 1MB
	max_message_size = 134217728
	END
	[ ! -e "$TMP/rabbit.conf" ] ||
	    cat "$TMP/rabbit.conf" >> "$rabbit_dir/rabbitmq.conf"
	[ ! -e "$TMP/rabbit.config" ] ||
	    cp "$TMP/rabbit.config" "$rabbit_dir/advanced.config"
	# All nodes of a cluster have the same.
	[ -z "${rabbit_number:-}" ] || [ "$rabbit_number" = 1 ] || return 0
	rabbit_epmd=$4
	background epmd -port "$rabbit_epmd" -address 127.0.0.1
}

# In a subshell, before a program of Erlang's.
rabbit_export() {
	export HOME="$rabbit_dir" ERL_EPMD_ADDRESS=127.0.0.1 \
	    ERL_EPMD_PORT="$rabbit_epmd" RABBITMQ_NODENAME="$rabbit_node" \
	    RABBITMQ_DIST_PORT="$rabbit_dist" \
	    RABBITMQ_MNESIA_BASE="$rabbit_dir/mnesia" \
	    RABBITMQ_LOG_BASE="$rabbit_dir/log" \
	    RABBITMQ_ENABLED_PLUGINS_FILE="$rabbit_dir/plugins" \
	    RABBITMQ_CONF_ENV_FILE="$rabbit_dir/env.conf" \
	    RABBITMQ_CONFIG_FILE="$rabbit_dir/rabbitmq.conf" \
	    RABBITMQ_ADVANCED_CONFIG_FILE="$rabbit_dir/advanced.config"
}

rabbit_serve() {
	rabbit_export
	export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel \
	    inet_dist_use_interface {127,0,0,1}"
	exec setsid "$rabbit_bin/rabbitmq-server"
}

# In a process group of its own: a shell, the server, and its helpers.
rabbit_try() {
	rabbit_log=$rabbit_dir/log/$rabbit_node.log
	rm -f "$rabbit_log"
	background rabbit_serve > "$rabbit_dir/output" 2>&1
	rabbit_shell=$tap_pid
	tap_pids="$tap_pids -$rabbit_shell"
	rabbit_left=600
	until grep -q 'startup complete' "$rabbit_log" 2> /dev/null; do
		rabbit_left=$((rabbit_left - 1))
		[ $rabbit_left -gt 0 ] || return 1
		kill -0 "$rabbit_shell" 2> /dev/null || return 1
		sleep 0.1
	done
}

rabbit_start() {
	rabbit_prepare
	rabbit_tries=0
	while [ $rabbit_tries -lt 3 ]; do
		[ -n "${rabbit_node:-}" ] || rabbit_choose
		rabbit_try && return
		rabbit_crash
		[ -e "$rabbit_dir/mnesia" ] || rabbit_node=
		rabbit_tries=$((rabbit_tries + 1))
	done
	give_up "RabbitMQ does not start" "$rabbit_dir/output"
}

rabbit_crash() {
	kill -9 "-$rabbit_shell" 2> /dev/null
	wait "$rabbit_shell" 2> /dev/null
}

rabbit_stop() {
	kill -TERM "$rabbit_shell"
	wait "$rabbit_shell" 2> /dev/null
	rabbit_crash
}

rabbit_freeze() {
	kill -STOP "-$rabbit_shell"
}

rabbit_thaw() {
	kill -CONT "-$rabbit_shell"
}

rabbit_ctl() {
	(
		rabbit_export
		exec "$rabbit_bin/rabbitmqctl" --quiet -n "$rabbit_node" "$@"
	)
}

# The variables of one node, between two uses of it.
rabbit_keep() {
	for rabbit_what in RABBIT_PORT RABBIT_TLS rabbit_dist rabbit_node \
	    rabbit_shell; do
		eval "${rabbit_what}_$1=\$$rabbit_what"
	done
}

rabbit_pick() {
	rabbit_number=$1
	for rabbit_what in RABBIT_PORT RABBIT_TLS rabbit_dist rabbit_node \
	    rabbit_shell; do
		eval "$rabbit_what=\$${rabbit_what}_$1"
	done
	rabbit_dir=$TMP/rabbit$1
	RABBIT=amqp://localhost:$RABBIT_PORT
}

rabbit_join() {
	rabbit_ctl stop_app && rabbit_ctl join_cluster "$rabbit_node_1" &&
	    rabbit_ctl start_app && return
	give_up "no cluster of RabbitMQ"
}

rabbit_cluster() {
	RABBITS=
	for rabbit_number in $(seq "$1"); do
		rabbit_node=
		rabbit_prepare
		[ "$rabbit_number" = 1 ] ||
		    cp -p "$TMP/rabbit1/.erlang.cookie" "$rabbit_dir"
		rabbit_start
		rabbit_keep "$rabbit_number"
		RABBITS=${RABBITS:-amqp://}${RABBITS:+,}localhost:$RABBIT_PORT
		[ "$rabbit_number" = 1 ] || rabbit_join
	done > "$TMP/cluster.log"
}

peer() {
	"$rabbit_python" "$tap_root/tests/lib/rabbit-peer.py" \
	    "$RABBIT_PORT" "$@"
}

is_quiet() {
	is_quiet_left=$(sql store "SELECT count(*) FROM record
	    WHERE state NOT IN (4, 6)")
	[ "$is_quiet_left $(peer count video) $(peer count mp3)" = "0 0 0" ]
}
