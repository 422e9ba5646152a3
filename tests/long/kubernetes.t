#!/bin/sh
# The manifests, applied to a real control plane: API server, controller manager
# and scheduler, with a machine that says of every pod that it is ready and runs
# none (tests/kube/node.py).  What a cluster refuses, warns of or makes of them is
# seen, and so is the order of a rollout; what runs in the pods is not
# (tests/long/container.t).  The first run builds the servers, from Go's
# modules: up to half an hour.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/deploy/tools.sh"
command -v etcd > /dev/null || skip_all "no etcd (the package etcd-server)"
tools_needed

servers=$tap_root/build/kube
[ -x "$servers/kube-apiserver" ] ||
    HOME=$tools_home nice "$tap_root/tests/kube/build.sh" "$servers" \
	> build.log 2>&1 || {
	tap_show build < build.log
	skip_all "the servers of Kubernetes cannot be built"
}

port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
"$tap_root/tests/kube/run.sh" "$servers" "$TMP/kube" "$port" > run.log 2>&1
for file in kube/*.pid; do
	tap_pids="$tap_pids $(cat "$file")"
done
KUBECONFIG=$TMP/kube/kubeconfig
export KUBECONFIG
tries=0
until kubectl get --raw /readyz > /dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 240 ] || {
		tap_show api < kube/api.log
		skip_all "the API server does not answer"
	}
	sleep 1
done

apply() {
	kubectl apply --server-side --validate=strict "$@"
}
in_v2m() {
	kubectl -n v2m "$@"
}

for crd in scaledobjects scaledjobs triggerauthentications; do
	status 0 "KEDA's $crd" \
	    apply -f "$TOOLS/keda/keda.sh_$crd.yaml"
done

in_repo() {
	make -s -C "$tap_root" "$@"
}
image_of() {
	in_v2m get "$1" \
	    -o jsonpath='{.spec.template.spec.containers[0].image}'
}
pods_of() {
	in_v2m get pods -l "app=$1" --no-headers 2> /dev/null | wc -l
}
has_pods() {
	[ "$(pods_of "$1")" -eq "$2" ]
}

# --- all of it is taken, without a warning ---
cd "$tap_root/scripts/kubernetes" || exit 99
status 0 "secrets are made" env KUBECTL=kubectl ./secrets
status 0 "and stay as they are" env KUBECTL=kubectl ./secrets
like "$(cat "$OUT")" "is there already" "which is said"
# The namespace with its standard, which dry runs are then held against.
kubectl kustomize base > "$TMP/base.yaml"
status 0 "the namespace is applied" apply --force-conflicts \
    -f "$TMP/base.yaml" -l app.kubernetes.io/component=common
for overlay in aws minikube; do
	kubectl kustomize "overlays/$overlay" > "$TMP/all.yaml"
	status 0 "$overlay is applied" apply --force-conflicts \
	    --dry-run=server -f "$TMP/all.yaml"
	unlike "$(cat "$ERR")" "^Warning" "without a warning"
done
sed 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/' \
    "$TMP/all.yaml" > "$TMP/wrong.yaml"
apply --force-conflicts --dry-run=server -f "$TMP/wrong.yaml" > "$OUT" 2> "$ERR"
like "$(cat "$ERR")" "would violate PodSecurity \"restricted" \
    "the standard is in force"

# --- pods that no machine takes: all are let in ---
status 0 "the minikube overlay" apply --force-conflicts -k overlays/minikube
for part in gateway=2 converter=1 notification=1 init=1 mysql=1 mongodb=1 \
    rabbitmq=1; do
	eventually "${part%=*} has ${part#*=} pods" \
	    has_pods "${part%=*}" "${part#*=}"
done
is "$(in_v2m get events --field-selector reason=FailedCreate -o name)" "" \
    "no pod is refused"
status 0 "make undeploy" in_repo undeploy

# --- the targets of make, each until it is ready ---
python3 "$tap_root/tests/kube/node.py" "https://127.0.0.1:$((port + 2))" \
    > "$TMP/node.log" 2>&1 &
tap_pids="$tap_pids $!"
status 0 "make deploy" in_repo deploy
for part in gateway converter notification; do
	is "$(in_v2m get deployment "$part" \
	    -o jsonpath='{.status.readyReplicas}/{.spec.replicas}')" \
	    "$(in_v2m get deployment "$part" \
	    -o jsonpath='{.spec.replicas}/{.spec.replicas}')" \
	    "all of $part are ready"
	is "$(image_of "deployment/$part")" v2m:latest "with the base's image"
done
for target in mysql-setup mongo-setup rabbitmq-deploy init-deploy auth-deploy \
    converter-deploy notif-deploy; do
	status 0 "make $target, once more" in_repo $target
done

# --- a new image, more of them, and back ---
status 0 "a new image" in_repo deploy IMAGE=v2m:next
is "$(image_of deployment/gateway)" v2m:next "is in the template"
eventually "the old pods are gone" has_pods gateway 2
is "$(in_v2m get pods -l app=gateway \
    -o jsonpath='{.items[*].spec.containers[0].image}')" "v2m:next v2m:next" \
    "all pods have it"
status 2 "one that does not start" in_repo gateway-deploy IMAGE=v2m:broken \
    KUBE_WAIT=--timeout=10s
is "$(in_v2m get deployment gateway -o jsonpath='{.status.readyReplicas}')" 2 \
    "leaves two gateways of the old"
status 0 "make rollback" in_repo rollback
is "$(image_of deployment/gateway)" v2m:next "the gateway goes back one step"
is "$(image_of deployment/converter)" v2m:latest "and so do workers"
status 0 "more workers" in_v2m scale deployment/converter --replicas=4
status 0 "which come" in_v2m rollout status deployment/converter --timeout=2m
is "$(pods_of converter)" 4 "are four"
status 0 "a machine is emptied" kubectl drain paper --ignore-daemonsets \
    --delete-emptydir-data --force --dry-run=server
like "$(in_v2m get pdb gateway -o jsonpath='{.status.disruptionsAllowed}')" \
    '^1$' "one gateway at a time may go"

# --- and away ---
status 0 "make undeploy" in_repo undeploy
eventually "no pod is left" has_pods gateway 0
is "$(in_v2m get secret v2m-secrets -o name)" secret/v2m-secrets \
    "the secrets stay"
like "$(in_v2m get pvc -o name)" data-mysql-0 "volumes stay"
status 0 "make deploy, again" in_repo deploy
is "$(cat "$TMP/node.log")" "" "the machine had no trouble"

done_testing
