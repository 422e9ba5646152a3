#!/bin/sh
# The manifests, applied to a real control plane: API server, controller manager
# and scheduler, without a machine that would run a container.  What a cluster
# refuses, warns of or makes of them is seen; what runs in the pods is not
# (tests/long/container.t).  The first run builds the servers, from Go's
# modules: half an hour.
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

# --- all of it is taken, without a warning ---
cd "$tap_root/scripts/kubernetes" || exit 99
status 0 "secrets are made" env KUBECTL=kubectl ./secrets
status 0 "and stay as they are" env KUBECTL=kubectl ./secrets
like "$(cat "$OUT")" "is there already" "which is said"
for overlay in aws minikube; do
	status 0 "$overlay is applied" apply --force-conflicts \
	    -k "overlays/$overlay"
	unlike "$(cat "$ERR")" "^Warning" "without a warning"
done

# --- what the controllers make of it: pods, under the restricted standard ---
pods_of() {
	in_v2m get pods -l "app=$1" --no-headers 2> /dev/null | wc -l
}
has_pods() {
	[ "$(pods_of "$1")" -eq "$2" ]
}
for part in gateway=2 converter=1 notification=1 init=1 mysql=1 mongodb=1 \
    rabbitmq=1; do
	eventually "${part%=*} has ${part#*=} pods" \
	    has_pods "${part%=*}" "${part#*=}"
done
is "$(in_v2m get events --field-selector reason=FailedCreate -o name)" "" \
    "no pod is refused"

# --- a new image, more of them, and back ---
image_of() {
	in_v2m get deployment gateway \
	    -o jsonpath='{.spec.template.spec.containers[0].image}'
}
sets_of_gateway() {
	in_v2m get replicasets -l app=gateway --no-headers | wc -l
}
has_sets() {
	[ "$(sets_of_gateway)" -eq "$1" ]
}
is "$(image_of)" v2m:latest "the image is that of the base"
kubectl kustomize overlays/minikube |
    sed 's,image: v2m:latest$,image: v2m:next,' > "$TMP/next.yaml"
# A Job does not change: a deployment makes it anew.
status 0 "the Job is removed" in_v2m delete job init
status 0 "a new image is applied" apply -f "$TMP/next.yaml"
is "$(image_of)" v2m:next "it is in the template"
eventually "pods of it are made beside the old ones" has_sets 2
status 0 "more workers" in_v2m scale deployment/converter --replicas=4
eventually "are made" has_pods converter 4
status 0 "back to the image before" make -s -C "$tap_root" rollback \
    KUBE_WAIT=--watch=false
is "$(image_of)" v2m:latest "it is that again"

# --- and away ---
status 0 "make undeploy" make -s -C "$tap_root" undeploy
eventually "no pod is left" has_pods gateway 0
is "$(in_v2m get secret v2m-secrets -o name)" secret/v2m-secrets \
    "the secrets stay"
like "$(in_v2m get pvc -o name)" data-mysql-0 "volumes stay"

done_testing
