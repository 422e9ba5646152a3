#!/bin/sh
# The image under podman, each part in a container of its own as the manifests
# of Kubernetes have them: no capability, a read-only root, a state that is
# empty at each start.  With MariaDB, MongoDB and RabbitMQ on the machine: the
# flow, an upload through two gateways, a killed worker, a restart of everything
# under load; and the manifests themselves, by podman kube play.
#
#	V2M_TEST_CONTAINERS	where images are kept, build/containers
#	V2M_TEST_IMAGE		this one there, and none is built
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
. "$tap_root/tests/deploy/tools.sh"
[ "$(id -u)" -eq 0 ] || skip_all "only root runs these containers"
for tool in podman buildah mmdebstrap runc nginx curl; do
	command -v $tool > /dev/null || skip_all "no $tool"
done

kept=${V2M_TEST_CONTAINERS:-$tap_root/build/containers}
mkdir -p "$kept" && kept=$(cd "$kept" && pwd) || exit 99
box=v2m-test-$$
# The machine's own network, and limits that a container may not raise.
cat > containers.conf <<'end'
[containers]
default_ulimits=["nofile=4096:4096","nproc=4096:4096"]
cgroupns="host"
netns="host"
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
end
CONTAINERS_CONF=$TMP/containers.conf
export CONTAINERS_CONF
for program in podman buildah; do
	cat > $program <<-end
	#!/bin/sh
	exec $(command -v $program) --root $kept/store --runroot $kept/run \
	    --storage-driver overlay "\$@"
	end
	chmod +x $program
done
ctr() {
	"$TMP/podman" "$@"
}
all_gone() {
	ctr ps -aq --filter "name=$box" | while read -r id; do
		ctr rm -f -t 0 "$id"
	done > /dev/null 2>&1
	tap_end
}
trap all_gone EXIT

# --- the image ---
base_made() {
	"$TMP/buildah" inspect localhost/v2m-base > /dev/null 2>&1 ||
	    (mmdebstrap --variant=minbase bookworm base.tar \
	    "${V2M_TEST_MIRROR:-http://deb.debian.org/debian}" &&
	    ctr import -q base.tar localhost/v2m-base && rm base.tar)
}
image_made() {
	nice scripts/container/build "$TMP/buildah" "$image" --layers \
	    --isolation chroot --format docker \
	    --build-arg BASE=localhost/v2m-base \
	    --ignorefile scripts/container/Containerfile.dockerignore
}
image=${V2M_TEST_IMAGE:-localhost/v2m-test}
if [ -z "${V2M_TEST_IMAGE:-}" ]; then
	base_made > base.log 2>&1 || {
		tap_show base < base.log
		skip_all "no base for an image"
	}
	cd "$tap_root" || exit 99
	status 0 "the image is built" image_made
	cd "$TMP" || exit 99
	[ "$tap_failures" -eq 0 ] || { done_testing; exit; }
	is "$("$TMP/buildah" inspect --format \
	    '{{index .OCIv1.Config.Labels "org.opencontainers.image.version"}}' \
	    "$image")" "$(v2m --version | sed -n '1s/^v2m //p')" \
	    "its label has the version"
fi
status 0 "alone, with its state in the container" \
    "$tap_root/scripts/container/try" "$TMP/podman" "$image"
like "$(cat "$OUT")" "does its job" "it does its job"

# --- the servers, and the settings of all parts ---
servers_start
use full
mkdir secrets
head -c 32 /dev/urandom | base64 > secrets/jwt_secret
cp "$V2M_USERS_PASSWORD_FILE" secrets/users_password
chgrp -R 10001 secrets
chmod 750 secrets
chmod 440 secrets/*
sed -E '/^V2M_(USERS|STORE|QUEUE|QUEUE_PASSWORD_FILE|TRUSTED_PROXIES)=/d' \
    "$tap_root/scripts/kubernetes/base/config.env" > env
cat >> env <<end
V2M_USERS=$V2M_USERS
V2M_STORE=$V2M_STORE
V2M_QUEUE=$V2M_QUEUE
V2M_TRUSTED_PROXIES=127.0.0.1
V2M_LEASE=20s
end

# part NAME OPTIONS COMMAND ...: in a container of that name.
part() {
	name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086 # options
	ctr run --name "$box-$name" $options --no-healthcheck --read-only --cap-drop all \
	    --security-opt no-new-privileges --tmpfs /tmp \
	    --tmpfs /var/tmp:mode=1777 --tmpfs /state:mode=1777 \
	    -v "$TMP/secrets:/secrets:ro" --env-file env --stop-timeout 90 \
	    "$image" "$@"
}
once() {
	part "once-$((number += 1))" "--rm -i" "$@"
}
start() {	# NAME COMMAND ...
	name=$1
	shift
	part "$name" -d "$@" > "$OUT"
}
stop() {
	ctr stop "$box-$1" > "$OUT"
	logs "$1" >> logs
	ctr rm "$box-$1" > "$OUT"
}
logs() {
	ctr logs "$box-$1" 2>&1
}
number=0

status 0 "v2m-init" once v2m-init
printf 'correct horse\n' > pw
once v2m-user add --password-file - ann@example.org < pw > "$OUT" 2>&1
ok "an account" test $? -eq 0

# shellcheck disable=SC2046 # three words
set -- $(rabbit_ports 3)
port_a=$1 port_b=$2 front=http://127.0.0.1:$3
gateway() {	# a or b
	eval "port=\$port_$1"
	start "$1" v2m-gateway --listen "127.0.0.1:$port"
}
answers() {
	eval "port=\$port_$1"
	curl -sf -m 5 -o "$OUT" "http://127.0.0.1:$port/readyz"
}
worker() {
	start "$1" v2m-convert-worker
}
ready() {
	eventually "gateway $1 is ready" answers "$1"
}
gateway a
gateway b
worker one
worker two
start notifier v2m-notify
ready a
ready b
[ "$tap_failures" -eq 0 ] || {
	logs a | tap_show gateway
	done_testing
	exit
}
for port in $port_a $port_b; do
	status 0 "the flow through a gateway" env \
	    SMOKE_USER=ann@example.org SMOKE_PASSWORD='correct horse' \
	    "$tap_root/scripts/smoke" "http://127.0.0.1:$port"
done
like "$(logs one)" 'event=started .*sandbox=full' \
    "workers have their whole sandbox"

# --- an upload through two gateways ---
clip talk.mp4 2
token=$(curl -s -m 60 -X POST -u 'ann@example.org:correct horse' \
    "http://127.0.0.1:$port_a/login")
tus() {
	curl -sS -m 60 -H 'Tus-Resumable: 1.0.0' \
	    -H "Authorization: Bearer $token" "$@" | tr -d '\r'
}
patch() {	# PORT ID OFFSET FILE
	tus -X PATCH -o "$OUT" -w '%{http_code}' --data-binary "@$4" \
	    -H 'Content-Type: application/offset+octet-stream' \
	    -H "Upload-Offset: $3" "http://127.0.0.1:$1/files/$2"
}
size=$(wc -c < talk.mp4)
id=$(tus -X POST -D - -H "Upload-Length: $size" \
    "http://127.0.0.1:$port_a/files/" |
    sed -n 's,^location: .*\([0-9a-f]\{24\}\)$,\1,Ip')
like "$id" '^[0-9a-f]{24}$' "an upload begins at one gateway"
head -c 10000 talk.mp4 > first
tail -c +10001 talk.mp4 > second
is "$(patch "$port_a" "$id" 0 first)" 204 "which takes a piece"
is "$(patch "$port_b" "$id" 10000 second)" 204 "and the other one the rest"
job_is() {	# ID STATE
	curl -s -m 60 -H "Authorization: Bearer $token" \
	    -H 'Accept: application/json' \
	    "http://127.0.0.1:$port_b/status?fid=$1" | grep -q "\"$2\""
}
eventually "it is converted" job_is "$id" "done"

# --- a killed worker ---
patient() {	# COMMAND ..., for 3 minutes
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 180 ] || return 1
		sleep 1
	done
}
upload() {	# URL FILE
	curl -sS -m 300 -D - -o /dev/null -F "file=@$2" \
	    -H "Authorization: Bearer $token" "$1/upload" | tr -d '\r' |
	    sed -n 's/^Location:.*[=/]\([0-9a-f]\{24\}\).*/\1/Ip'
}
long_clip long.mp4
stop two
id=$(upload "http://127.0.0.1:$port_a" long.mp4)
eventually "a long job is at work" job_is "$id" running
ctr kill -s KILL "$box-one" > "$OUT"
ctr rm -f "$box-one" > "$OUT"
worker one
worker two
ok "another one does it when its worker was killed" patient job_is "$id" "done"

# --- a restart of all parts under load ---
mkdir nginx
cat > nginx.conf <<end
user root;
pid $TMP/nginx/pid;
error_log $TMP/nginx/log;
daemon off;
master_process off;
events {}
http {
	access_log off;
	client_body_temp_path $TMP/nginx/body;
	proxy_temp_path $TMP/nginx/proxy;
	fastcgi_temp_path $TMP/nginx/fastcgi;
	uwsgi_temp_path $TMP/nginx/uwsgi;
	scgi_temp_path $TMP/nginx/scgi;
	upstream gateways {
		server 127.0.0.1:$port_a max_fails=0;
		server 127.0.0.1:$port_b max_fails=0;
	}
	server {
		listen 127.0.0.1:$3;
		client_max_body_size 0;
		location / {
			proxy_pass http://gateways;
			proxy_set_header Host \$http_host;
		}
	}
}
end
background nginx -c "$TMP/nginx.conf" 2> nginx/out
eventually "nginx leads to gateways" curl -sf -m 5 "$front/readyz"
load() {	# N
	until [ -e enough ]; do
		id=$(upload "$front" talk.mp4)
		echo "${id:-none}" >> "ids.$1"
		sleep 0.2
	done
}
load 1 &
loads=$!
load 2 &
loads="$loads $!"
sleep 2
for gate in a b; do
	stop "$gate"
	gateway "$gate"
	ready "$gate"
done
for work in one two; do
	stop "$work"
	worker "$work"
done
stop notifier
start notifier v2m-notify
sleep 2
: > enough
# shellcheck disable=SC2086
wait $loads
cat ids.? > ids
echo "# $(wc -l < ids) uploads"
ok "there was a load" test "$(wc -l < ids)" -ge 5
is "$(grep -c none ids)" 0 "no upload was refused while gateways went"
all_done() {
	once env V2M_TOKEN="$token" v2m-status > status 2> "$ERR"
	[ "$(grep -c '	done' status)" -ge "$(wc -l < ids)" ]
}
ok "all are converted" patient all_done
told() {
	{
		cat logs
		logs notifier
	} | sed -n 's/.*job=\([0-9a-f]*\) event=told .*/\1/p' | sort
}
all_told() {
	told > told.ids
	sort ids | comm -23 - told.ids > untold
	[ ! -s untold ]
}
eventually "their owners are told" all_told
is "$(uniq -d told.ids)" "" "each once"
like "$(cat logs)" 'event=stopped|event=ended' "parts ended in good order"
status 0 "the store is whole" once v2m-check --bytes

# --- the manifests, as podman plays them ---
for name in a b one two notifier; do
	stop $name
done
play_down() {
	ctr kube down play.yaml
	ctr volume rm state temporary
} > "$TMP/down" 2>&1
if tools_get; then
	kubectl kustomize "$tap_root/scripts/kubernetes/base" |
	    "$TOOLS/venv/bin/python3" "$tap_root/tests/kube/play.py" \
	    "$image" env secrets "$port_a" "$port_b" > play.yaml
	trap 'play_down; all_gone' EXIT
	status 0 "podman plays gateway, converter and notification" \
	    timeout 300 "$TMP/podman" kube play play.yaml
	ready a
	status 0 "the flow through their gateway" env \
	    SMOKE_USER=ann@example.org SMOKE_PASSWORD='correct horse' \
	    "$tap_root/scripts/smoke" "http://127.0.0.1:$port_a"
	[ "$tap_failures" -eq 0 ] ||
	    ctr logs "$(ctr ps -aq --filter name=gateway-pod-0-gateway)" \
	    2>&1 | tail -n 20 | tap_show gateway
	is "$(ctr ps --format '{{.Names}}' | grep -c -e -pod-0-)" 3 \
	    "three parts run"
	play_down
else
	skip "podman kube play" "no kubectl"
fi

done_testing
