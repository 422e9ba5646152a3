#!/bin/sh
# --help, the manual, the completions and the exit statuses say what the tables
# of the commands say.
. "$(dirname "$0")/../lib/tap.sh"

man=$tap_root/man

facts() {
	awk -v want="$1" -f "$tap_root/tests/lib/man-facts.awk" "$2"
}

# A page as text, one line a paragraph, without overstriking.
render() {
	mandoc -mdoc -Tascii -O width=1000 "$1" |
	    sed "s/.$(printf '\b')//g"
}

full() {
	"$@" > /dev/full
}

have_mandoc() {
	command -v mandoc > /dev/null && return 0
	skip "$1" "there is no mandoc"
	return 1
}

# --- each command by itself ---

# Not even a broken configuration keeps a command from telling its options.
told_without_configuration() {
	for help in --help -h --help=all; do
		status 0 "$1 $help" env V2M_CONFIG=/nowhere/v2m.conf \
		    V2M_LEASE=nonsense V2M_STATE=/nowhere "$1" $help
		is "$(cat "$ERR")" "" "$1 $help says nothing on stderr"
		is "$(awk 'length > 80' "$OUT")" "" \
		    "$1 $help fits into 80 columns"
		like "$(cat "$OUT")" "^usage: $1" "$1 $help shows its usage"
		like "$(cat "$OUT")" "man $1\$" "$1 $help names its page"
		is "$(sed -n 's/^example: *//p; s/^         *//p' "$OUT" |
		    grep -c v2m)" 2 "$1 $help has two examples"
		status 74 "$1 $help to a full disk" full "$1" $help
	done
	ok "$1 --help fits into a screen" test \
	    "$("$1" --help | wc -l)" -le 24
	"$1" --help=all > all
	is "$(awk -F '\t' '$1 == "option" { print $3 }' table | while read -r o
	do
		grep -q -e "--${o}[^a-z-]" all || echo "$o"
	done)" "" "$1 --help=all shows every option"
	[ "$("$1" --help)" = "$(cat all)" ] ||
	    like "$("$1" --help)" "$1 --help=all" "$1 --help says of more"
	status 64 "$1 knows no other help" "$1" --help=most
	status 0 "$1 --version" env V2M_CONFIG=/nowhere/v2m.conf "$1" --version
	like "$(cat "$OUT")" "^$1 \(v2m\) [0-9]" "$1 --version shows it"
	status 64 "$1 refuses an unknown option" "$1" --no-such-option
	is "$(cat "$OUT")" "" "$1: a usage error leaves stdout alone"
	is "$(cat "$ERR")" "$1: unknown option '--no-such-option' \
(see $1 --help)" "$1: a usage error is one line and a pointer"
	status 64 "$1 refuses a mistyped option" "$1" --vresion
	is "$(cat "$ERR")" "$1: unknown option '--vresion': did you mean \
'--version'? (see $1 --help)" "$1: it says what was meant"
}

# Those that all commands have need not be in the synopsis.
options_are_in_synopsis() {
	awk -F '\t' '$1 == "synopsis" { print $2 " " }' table > forms
	is "$(awk -F '\t' '$1 == "option" { print $2, $3 }' table |
	    while read -r letter name
	do
		case $name in
		config|quiet|verbose|help|version) continue ;;
		esac
		grep -Eq -e "-(-$name|$letter)[] =[]" forms || echo "$name"
	done)" "" "$1: its options are in its synopsis"
}

page_agrees() {
	is "$(facts summary "$2")" \
	    "$(awk -F '\t' '$1 == "summary" { print $2 }' table)" \
	    "$1(1) has the summary of the table"
	is "$(facts options "$2")" \
	    "$(awk -F '\t' '$1 == "option" { print $2, $3, $4, $5 }' table)" \
	    "$1(1) has the options of the table, in its order"
	is "$(facts statuses "$2")" \
	    "$(awk -F '\t' '$1 == "status" { print $2 }' table | sort -n)" \
	    "$1(1) has the statuses of the table, in order"
	have_mandoc "$1(1) has the synopsis of the table" || return
	is "$(render "$2" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' |
	    sed -n 's/^  *//p')" \
	    "$(awk -F '\t' -v name="$1" '$1 == "synopsis" {
		print name ($2 == "" ? "" : " ") $2 }' table)" \
	    "$1(1) has the synopsis of the table"
}

completions_agree() {
	for shell in bash/$1 zsh/_$1 fish/$1.fish; do
		is "$(awk -F '\t' '$1 == "option" { print $2, $3 }' table |
		    while read -r letter name
		do
			case $shell in
			fish*) long="-l $name" short="-s $letter" ;;
			*) long="--$name" short="-$letter" ;;
			esac
			grep -Eq -e "$long([^a-z-]|\$)" "completions/$shell" ||
			    echo "--$name"
			[ "$letter" = . ] ||
			    grep -Eq -e "$short([^a-z-]|\$)" \
			    "completions/$shell" || echo "-$letter"
		done)" "" "completions/$shell has every option"
	done
}

status 0 "completions can be made" \
    "$tap_root/completions/generate" "$V2M_BIN" "$TMP/completions"

for path in "$V2M_BIN"/v2m-*; do
	name=${path##*/}
	status 0 "$name tells its table" "$name" --dump-options
	cp "$OUT" table
	sed -n 's/^status	//p' table >> statuses
	awk -F '\t' -v OFS='\t' -v name="$name" \
	    '$1 == "summary" { print name, $2 }' table >> commands
	is "$(sed -n 's/^name	//p' table)" "$name" "$name knows its name"
	told_without_configuration "$name"
	options_are_in_synopsis "$name"
	completions_agree "$name"
	page=$man/$name.1
	[ -f "$page" ] || page=$man/$name.8	# a daemon's
	if ok "$name has a page" test -f "$page"; then
		page_agrees "$name" "$page"
	fi
done

# --- the dispatcher ---

status 0 "v2m --help" v2m --help
cp "$OUT" help
ok "v2m --help fits into a screen" test "$(wc -l < help)" -le 24
like "$(cat help)" 'v2m --help=all' "and says where the rest is"
like "$(cat help)" '^  convert-worker ' "it has the usual commands"
unlike "$(cat help)" '^  prune ' "and no others"
for help in --help -h --help=all help --version; do
	status 74 "v2m $help to a full disk" full v2m $help
done
status 0 "v2m --help=all" v2m --help=all
cp "$OUT" help
is "$(sed -n 's/^  \([a-z][a-z-]*\)  *\([^ ].*\)/v2m-\1	\2/p' help | sort)" \
    "$(sort commands)" "v2m --help=all lists all commands, with their summaries"
is "$(facts summary "$man/v2m.1")" "$(sed -n '1s/^v2m - //p' help)" \
    "v2m(1) has the summary of v2m --help"
is "$(facts options "$man/v2m.1" | sort)" "V version . .
h help WHAT optional" "v2m(1) has its two options"
is "$(facts statuses "$man/v2m.1")" "0
64
69" "v2m(1) has its statuses"
status 64 "v2m alone is a usage error" v2m
is "$(cat "$ERR")" "v2m: no command given (see v2m --help)" "in one line"
status 64 "v2m refuses what is no command" v2m no-such-command
for word in stauts Status stat; do
	status 64 "v2m $word" v2m $word
	is "$(cat "$ERR")" "v2m: unknown command '$word': did you mean \
'status'? (see v2m --help=all)" "says what was meant"
	status 64 "v2m help $word" v2m help $word
done
status 64 "v2m --hepl" v2m --hepl
like "$(cat "$ERR")" "unknown option '--hepl': did you mean '--help'" \
    "options too"
is "$(facts references "$man/v2m.1" | sort -u)" "$(cd "$man" && ls | grep -v \
    '^v2m\.1$' | sort)" "v2m(1) names every page"
status 0 "v2m runs a command" v2m status --version
if have_mandoc "v2m(1) has the synopsis of v2m --help"; then
	is "$(render "$man/v2m.1" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' |
	    sed -n 's/^  *//p')" \
	    "$(sed -n 's/^usage: //p; s/^       v2m/v2m/p' help)" \
	    "v2m(1) has the synopsis of v2m --help"
fi

# --- the tour ---

is "$(facts contents "$man/v2m.7" | grep -v '^v2m	' | sort)" \
    "$(sort commands)" "v2m(7) lists all commands, with their summaries"
is "$(facts statuses "$man/v2m.7")" "$(sort -nu statuses)" \
    "v2m(7) has every status that a command has"

# --- all pages ---

cat > order <<'END'
NAME
SYNOPSIS
DESCRIPTION
ENVIRONMENT
FILES
EXIT STATUS
EXAMPLES
SEE ALSO
CAVEATS
END
for page in "$man"/*.[1578]; do
	name=${page##*/}
	case $name in
	v2m-admin.7|v2m-capacity.7|v2m-protocol.7|v2m.7|v2m.1|v2m.conf.5) ;;
	v2m-drop-folder.1) ;;	# a script's
	*) ok "$name is of a command" test -x "$V2M_BIN/${name%.[18]}" ;;
	esac
	facts headings "$page" > headings
	case $name in
	*.5) ;;	# has sections of its own
	*) is "$(cat headings)" "$(grep -Fxf headings order)" \
	    "$name has the usual headings in the usual order" ;;
	esac
	is "$(facts references "$page" | sort -u | while read -r other; do
		[ -f "$man/$other" ] || echo "$other"
	done)" "" "$name refers to pages that there are"
	have_mandoc "$name is clean" &&
	    status 0 "$name is clean" mandoc -Tlint -Wwarning "$page"
done

# --- what issue and README promise can be looked up ---

if have_mandoc "the promised command lines are in the manual"; then
	for page in "$man"/*.[1578]; do
		render "$page"
	done > manual
	while IFS= read -r line; do
		ok "in the manual: $line" grep -Fqe "$line" manual
	done <<'END'
v2m-init && v2m-user add ann@example.org
v2m-login ann@example.org
v2m-upload talk.mp4 "holiday film.mkv"
v2m-convert-worker --once && v2m-notify --once
v2m-fetch ID
v2m-upload --no-queue *.mp4 | v2m-convert-worker - | v2m-notify - | v2m-fetch -o out/ -
find . -name '*.mov' -print0 | v2m-upload -0 --files-from - > ids && v2m-fetch --wait - < ids
v2m-convert talk.mp4 talk.mp3; v2m-convert < talk.mp4 > talk.mp3
| v2m-convert - talk.mp3
TOKEN=$(v2m-login --print --password-file pw ann@example.org); V2M_TOKEN=$TOKEN v2m-status --json
v2m-login --check; echo $?
END
fi

done_testing
