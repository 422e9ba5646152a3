#!/bin/sh
# Accounts that come and go, and the jobs under their addresses.
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip a.mp4
clip b.mp4 2
clip c.mp4 3
add() {
	v2m-user add --password-file pw "$@"
}
told() {
	as root v2m-status --json "$1" | sed -n 's/.*"told":"\([^"]*\)".*/\1/p'
}

# One job done and untold, one waiting, one told, one removed.
told=$(v2m-upload --quiet a.mp4)
finish "$told" > "$OUT"
untold=$(v2m-upload --quiet b.mp4)
v2m-convert-worker --once --quiet
waiting=$(v2m-upload --quiet c.mp4)
removed=$(v2m-upload --quiet --no-queue c.mp4)
v2m-remove --quiet "$removed" > "$OUT"
bobs=$(as bob v2m-upload --quiet a.mp4)

# --- remove: what stays ---
status 64 "--jobs of another word" v2m-user remove --jobs=both ann@example.org
status 64 "--jobs with add" v2m-user add --jobs=keep ann@example.org
status 0 "remove Ann" v2m-user remove ann@example.org
like "$(cat "$ERR")" "^v2m-user: removed ann@example.org" "says so"
like "$(cat "$ERR")" "3 jobs of ann@example.org stay, .*owner is not told" \
    "and what stays"
like "$(cat "$ERR")" "v2m-user remove --jobs=remove ann@example.org" \
    "with the way to remove it"
is "$(told "$told")" sent "what was told was told"
is "$(told "$untold")" never "what was not is not to be told"
is "$(told "$waiting")" never "nor is what still waits"
v2m-convert-worker --once --quiet
v2m-notify --once --quiet
is "$(as root v2m-status "$waiting" | cut -f 2)" "done" "it is converted"
is "$(notices "$untold")$(notices "$waiting")" 00 "nobody is told"
is "$(notices "$bobs")" 1 "but for others"
is "$(told "$waiting")" never "it remains so"
sleep 1.2
status 0 "a sweep" v2m-convert-worker --once
is "$(notices "$untold")" 0 "changes nothing"

# --- check: each finding has its remedy ---
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" "^ann@example.org	no such user, of 3 jobs	v2m-user add \
--adopt-jobs .*v2m-user remove --jobs=remove" "finds them, with the remedies"

status 0 "leave them, on purpose" v2m-user remove --jobs=keep ann@example.org
like "$(cat "$ERR")" "3 jobs of ann@example.org stay, .*owner is not told of them$" \
    "says so"
status 0 "v2m-check tells of them no more" v2m-check
late=$(as root v2m-upload --quiet b.mp4)
sql store "UPDATE record SET owner = 'ann@example.org' WHERE id = '$late'"
status 1 "of one that came later it does" v2m-check
like "$(cat "$OUT")" "^ann@example.org	no such user, of 1 job	" "of that one"
as root v2m-remove --quiet "$late" > "$OUT"
status 0 "once more" v2m-check

# --- add: an old address ---
status 73 "add it again" add ann@example.org
like "$(cat "$ERR")" "3 jobs of an earlier account: --adopt-jobs .*--remove-jobs" \
    "is refused, with both ways"
unlike "$(v2m-user list)" "^ann@" "and makes no account"
status 64 "both ways" add --adopt-jobs --remove-jobs ann@example.org
status 64 "--adopt-jobs elsewhere" v2m-user passwd --adopt-jobs ann@example.org
status 0 "--adopt-jobs" add --adopt-jobs ann@example.org
is "$(as ann v2m-status | wc -l)" 3 "gives them to it"
status 0 "v2m-check is content" v2m-check
status 0 "a fetch" as ann v2m-fetch -o . "$untold"
status 0 "remove, without a word" v2m-user remove ann@example.org
status 1 "v2m-check tells of them again" v2m-check
status 0 "keep them now" v2m-user remove --jobs=keep ann@example.org
status 0 "--remove-jobs" add --remove-jobs ann@example.org
like "$(cat "$ERR")" "removed 3 jobs of ann@example.org" "says so"
is "$(as ann v2m-status)" "" "none is left"
is "$(as root v2m-status --all | cut -f 1)" "$bobs" "but others'"
is "$(ls "$V2M_STATE/store/videos" | wc -l)" 1 "their bytes are gone"
status 0 "v2m-check is content" v2m-check
status 0 "a new address needs neither" add eve@example.org

# --- remove: all ---
status 0 "remove with all jobs" v2m-user remove --jobs=remove bob@example.org
like "$(cat "$ERR")" "removed 1 job of bob@example.org" "says so"
is "$(as root v2m-status --all)" "" "nothing is left"
id=$(as eve v2m-upload --quiet a.mp4)
status 0 "remove Eve" v2m-user remove --quiet eve@example.org
status 66 "once more" v2m-user remove eve@example.org
status 0 "its jobs, later" v2m-user remove --jobs=remove eve@example.org
status 66 "once more, nothing is left" \
    v2m-user remove --jobs=remove eve@example.org
status 0 "v2m-check is content" v2m-check

# --- the store is away ---
mv "$V2M_STATE/store" "$V2M_STATE/away"
status 78 "add cannot look" add zed@example.org
like "$(cat "$ERR")" "cannot tell whether there are jobs" "and says so"
status 0 "unless told that it need not" add --adopt-jobs zed@example.org
status 78 "remove locks out" v2m-user remove zed@example.org
like "$(cat "$ERR")" "the account is removed, its jobs are not settled" \
    "and says what is left to do"
unlike "$(v2m-user list)" "^zed@" "it is gone"
mv "$V2M_STATE/away" "$V2M_STATE/store"

# --- addresses that mail cannot reach ---
by_mail() {
	env V2M_NOTIFY=smtp://localhost v2m-user add --password-file pw "$1"
}
long=$(head -c 65 /dev/zero | tr '\0' a)@example.org
for address in "jör@example.org" "ann@exämple.org" "ann@example..org" \
    "ann@-x.org" "ann@exam_ple.org." "ann@x!y" "$long"; do
	status 64 "by mail: $address" by_mail "$address"
	like "$(cat "$ERR")" "no notice would reach it" "is refused"
	status 0 "by a hook it is fine" add "$address"
done
status 0 "a domain without a dot" by_mail fred@intranet
like "$(cat "$ERR")" "warning|its domain has no dot" "is warned of"
status 0 "dots that some refuse" by_mail a..b@example.org
like "$(cat "$ERR")" "some mail servers refuse" "are warned of"
status 0 "any other" by_mail gail+list@mail.example.org
is "$(cat "$ERR")" "v2m-user: added gail+list@mail.example.org" "is not"

done_testing
