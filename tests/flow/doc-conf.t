#!/bin/sh
# v2m.conf(5) and the table of keys say the same.
. "$(dirname "$0")/../lib/tap.sh"

page=$tap_root/man/v2m.conf.5

# key<TAB>default, with STATE/ for the state folder as the page has it.
unset V2M_SANDBOX
V2M_STATE=/STATE v2m-init --print-config 2> "$ERR" |
    sed -n 's,/STATE/,STATE/,; s/^\([a-z0-9_]*\) = \(.*\)/\1	\2/p' > table
# The same from the page: .It Ic KEY = ..., Default: on a line of its own, and
# the value on the next.
awk '
$1 == ".It" && $2 == "Ic" { key = $3; if ($4 != "=") key = "" }
$1 == ".Sh" && key != "" { print key "\t"; key = "" }
$1 == ".It" && $2 == "Ic" && last != "" { print last "\t" }
$1 == ".It" && $2 == "Ic" { last = key }
/^Empty, the default,/ { if (last != "") print last "\t"; last = key = "" }
$1 == ".Ql" && before == "Default:" {
	value = $0
	sub(/^\.Ql /, "", value)
	sub(/ \.$/, "", value)
	print last "\t" value
	last = key = ""
}
{ before = $0 }' "$page" > documented

ok "the table has keys" test -s table
for key in $(cut -f 1 table); do
	ok "$key is in the page, once" test \
	    "$(grep -c "^$key	" documented)" -eq 1
	[ "$key${V2M_TEST_VALGRIND:+ valgrind}" != "sandbox valgrind" ] || {
		skip "its default" "valgrind wants another"
		continue
	}
	is "$(grep "^$key	" documented)" "$(grep "^$key	" table)" \
	    "$key has the default that the page gives"
done
for key in $(cut -f 1 documented); do
	ok "$key of the page is a key" grep -q "^$key	" table
done

if command -v mandoc > /dev/null; then
	status 0 "the page is clean" mandoc -Tlint -Wwarning "$page"
else
	skip "the page is clean" "no mandoc"
fi

# The page's own template and configuration work.
awk '/^\[done\]$/ { on = 1 } /^\.Ed$/ { on = 0 } on' "$page" > template
ok "the page has a template" test -s template
sed -n '/^store = dir:/,/^\.Ed$/p' "$page" | grep -v '^\.Ed' > conf
sed -i "s,^store = .*,store = dir:$TMP/store,
	s,^notify = .*,notify = log:$TMP/notices," conf
chmod 600 conf
echo "mail_template = $TMP/template" >> conf
status 0 "the page's examples are read" v2m-init --config conf
status 0 "and are good for a notifier" v2m-notify --config conf --once
echo "nothing here" > template
status 78 "a template that is none is not" v2m-notify --config conf --once
like "$(cat "$ERR")" "template:1: text before the first section" \
    "and the message says where"

# --- kinds of documents ---
is "$(sed -n '/^\.Ss Documents/,/^\.El/s/^\.It Cm //p' \
    "$tap_root/man/v2m-protocol.7" | sort)" \
    "$(grep -rhE '#define ([A-Z0-9_]*DOCUMENT|KIND)[[:space:]]+"[a-z-]+"' \
    "$tap_root/lib/flow" "$tap_root/lib/store" "$tap_root/lib/gateway" |
    sed 's/[^"]*"\([^"]*\)".*/\1/' | sort)" \
    "v2m-protocol(7) names all kinds of documents"
done_testing
