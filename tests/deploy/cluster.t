#!/bin/sh
# What is handed to clusters, clouds and their services, as validators see it;
# and the commands of the READMEs beside it.  Nothing of it runs here:
# tests/long/kubernetes.t applies it to a real control plane.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/deploy/tools.sh"
. "$tap_root/tests/lib/blocks.sh"
tools_needed
cd "$tap_root" || exit 99

conform() {
	kubeconform -strict -summary \
	    -schema-location "$SCHEMAS/{{.ResourceKind}}{{.KindSuffix}}.json" \
	    "$@"
}

# --- Kubernetes ---
for overlay in base overlays/minikube overlays/aws; do
	status 0 "kustomize builds $overlay" \
	    kubectl kustomize "scripts/kubernetes/$overlay"
	cp "$OUT" "$TMP/all.yaml"
	status 0 "every resource of it is right" conform "$TMP/all.yaml"
	like "$(cat "$OUT")" "Invalid: 0, Errors: 0, Skipped: 0" "none is left out"
done
status 0 "Jobs instead of workers are right" \
    conform scripts/kubernetes/components/jobs/converter.yaml
sed 's/terminationGracePeriodSeconds/terminationGraceSeconds/' \
    "$TMP/all.yaml" > "$TMP/wrong.yaml"
status 1 "a wrong name is found" conform "$TMP/wrong.yaml"
sed 's/pollingInterval/pollInterval/' "$TMP/all.yaml" > "$TMP/wrong.yaml"
status 1 "one of KEDA's too" conform "$TMP/wrong.yaml"

# --- its make targets ---
for target in secrets-setup mysql-setup mongo-setup rabbitmq-deploy \
    init-deploy gateway-deploy auth-deploy converter-deploy notif-deploy \
    deploy rollback undeploy; do
	status 0 "make $target DRY_RUN=1" make -s "$target" DRY_RUN=1 \
	    KUBECTL=false
	sh -n "$OUT" && [ -s "$OUT" ]
	ok "prints commands" test $? -eq 0
done
status 0 "an image by its digest" make -s gateway-deploy DRY_RUN=1 \
    OVERLAY=aws IMAGE=example.org/v2m@sha256:1
sed -n 's/^kubectl kustomize \(.*\) | kubectl apply.*/kubectl kustomize \1/p' \
    "$OUT" > "$TMP/show"
like "$(sh "$TMP/show")" "image: example.org/v2m@sha256:1$" "goes into all pods"

# --- what the READMEs say ---
for file in scripts/kubernetes/README.md scripts/aws/README.md \
    scripts/container/README.md; do
	# In blocks, and in tables of what to do when.
	sed -n '/^```sh$/,/^```$/ { /^```/d; p }' "$file" > "$TMP/commands"
	ok "$file has commands" test -s "$TMP/commands"
	grep '^|' "$file" | grep -oE '`(kubectl|make|k9s) [^`]*`' |
	    tr -d '`' >> "$TMP/commands"
	status 0 "a shell reads them" bash -n "$TMP/commands"
	for name in $(grep -oE '\bv2m-[a-z-]+\b' "$TMP/commands" | sort -u); do
		case $name in
		v2m-run | v2m-ca | v2m-smtp) ;;	# names of the README's own
		*) ok "$name is a command" test -x "$V2M_BIN/$name" ;;
		esac
	done
	is "$(unknown_options "$TMP/commands")" "" "with options that are there"
	for target in $(sed -n 's/^make \([a-z-]*\).*/\1/p' "$TMP/commands"); do
		status 0 "make $target is a target" make -n "$target"
	done
	for path in $(grep -oE '\bscripts/[A-Za-z0-9./-]+' "$TMP/commands"); do
		ok "$path is there" test -e "$path"
	done
done

# --- images, workflows, Amazon ---
status 0 "hadolint of the Containerfile" \
    hadolint scripts/container/Containerfile
status 0 "actionlint of the workflows" actionlint .github/workflows/*.yml
status 0 "zizmor of the workflows" zizmor -q --offline .github/workflows
status 0 "cfn-lint of the layout on AWS" cfn-lint scripts/aws/v2m.yaml
for script in scripts/smoke scripts/kubernetes/secrets scripts/container/try \
    scripts/container/build \
    scripts/container/healthy scripts/container/packages; do
	status 0 "shellcheck of $script" shellcheck "$script"
done
status 0 "the compose file is YAML" "$TOOLS/venv/bin/python3" -c '
import sys, yaml
services = yaml.safe_load(open(sys.argv[1]))["services"]
for name, service in services.items():
    for other in service.get("depends_on", {}):
        assert other in services, (name, other)
' scripts/container/compose.yaml

done_testing
