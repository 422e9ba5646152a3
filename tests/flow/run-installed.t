#!/bin/sh
# The tests themselves, on a machine where v2m is installed and configured: none
# of that may reach them.  Two of them stand for all.
#
# slow: 15 s
if [ -z "${own_mounts:-}" ] && unshare -m true 2> /dev/null; then
	exec env own_mounts=yes unshare -m --propagation private sh "$0"
fi
. "$(dirname "$0")/../lib/tap.sh"
[ -n "${own_mounts:-}" ] || skip_all "mounts of one's own want root"
mkdir etc lib bin
trap 'umount -l /etc /var/lib 2> /dev/null; tap_end' EXIT
cp -a /etc/. etc 2> /dev/null
mount --bind etc /etc && mount --bind lib /var/lib || skip_all "no mounts here"
mkdir -p /etc/v2m /var/lib/v2m
cat > /etc/v2m/v2m.conf << 'end'
users = mysql://nobody@nowhere.invalid/auth
store = mongodb://nowhere.invalid/
queue = amqp://nobody@nowhere.invalid/v
notify = smtp://nowhere.invalid
url = https://nowhere.invalid
free_reserve = 900T
token_lifetime = 1s
password_min = 99
end
chmod 600 /etc/v2m/v2m.conf
# Every command that reads this one ends with 78.
cat > /etc/v2m/client.conf << 'end'
url = https://nowhere.invalid
store = mongodb://nowhere.invalid/
end
printf '#!/bin/sh\nexit 99\n' > bin/v2m-login
chmod 755 bin/v2m-login
PATH=$TMP/bin:/usr/local/bin:/usr/bin:/bin

installed() {
	env -u own_mounts -u V2M_CONFIG V2M_STATE=/var/lib/v2m V2M_STORE=nonsense: \
	    V2M_URL=https://nowhere.invalid V2M_TOKEN=none V2M_BIN="$V2M_BIN" \
	    "$@"
}
status 0 "a flow test" installed sh "$tap_root/tests/flow/login-basic.t"
status 0 "a unit test" "$V2M_BIN/../tests/token"
rm /etc/v2m/v2m.conf
status 78 "a machine of clients" env -u V2M_CONFIG "$V2M_BIN/v2m-status"
like "$(cat "$ERR")" "/etc/v2m/client.conf:2: 'store' may not" "by that file"
status 0 "a flow test, there" installed sh "$tap_root/tests/flow/login-basic.t"
status 0 "a unit test, there" installed "$V2M_BIN/../tests/token"
is "$(ls -A /var/lib/v2m)" "" "nothing was done in the machine's own state"

done_testing
