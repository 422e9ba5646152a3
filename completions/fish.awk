# fish.awk - completions for fish, from --dump-options of one command or, for
# the dispatcher, of all.

BEGIN {
	FS = "\t"
	print "# Generated from the tables of options; see completions/generate."
	print ""
	print "# The caller's jobs, where v2m-status knows any."
	print "function __v2m_ids"
	print "    v2m-status --quiet </dev/null 2>/dev/null |" \
	    " awk -F '\\t' '{ print $1 \"\\t\" $2 \", \" $4 }'"
	print "end"
	print ""
	print "# The accounts, for who may list them."
	print "function __v2m_addresses"
	print "    v2m-user --quiet list </dev/null 2>/dev/null | cut -f 1"
	print "end"
	print ""
	print "# None of these words is an operand yet, behind the command."
	print "function __v2m_none_of"
	print "    set -l words (commandline -opc)"
	print "    test $words[1] = v2m; and set -e words[1]"
	print "    for word in $words[2..-1]"
	print "        contains -- $word $argv; and return 1"
	print "    end"
	print "    return 0"
	print "end"
	print ""
	print "# v2m runs this command."
	print "function __v2m_runs"
	print "    set -l words (commandline -opc)"
	print "    test (count $words) -gt 1; and test $words[2] = $argv[1]"
	print "end"
	print ""
	if (dispatcher != "") {
		print "complete -c v2m -f"
		print "complete -c v2m -n 'test (count (commandline -opc)) -eq 1'" \
		    " -s h -l help -d 'list the commands'"
		print "complete -c v2m -n 'test (count (commandline -opc)) -eq 1'" \
		    " -s V -l version -d 'show the version'"
		command_word("help", "show the manual of a command")
	}
}

$1 == "name" { start($2) }
$1 == "summary" && dispatcher != "" { command_word(substr(name, 5), $2) }
$1 == "option" { option($2, $3, $5, $6, $7) }
$1 == "rest" { rest = $2 }
$1 == "operands" { operand($2) }

function start(command)
{
	name = command
	if (dispatcher == "") {
		where = "complete -c " name
		condition = ""
	} else {
		where = "complete -c v2m"
		condition = "__v2m_runs " substr(name, 5)
	}
}

function quoted(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function command_word(word, text)
{
	print "complete -c v2m -n 'test (count (commandline -opc)) -eq 1' -a " \
	    word " -d " quoted(text)
	if (word != "help")
		print "complete -c v2m -n '__v2m_runs help; and test (count " \
		    "(commandline -opc)) -eq 2' -a " word " -d " quoted(text)
}

# The start of a line, with the condition under which it holds.
function when(more,    both)
{
	both = condition (condition != "" && more != "" ? "; and " : "") more
	return where (both == "" ? "" : " -n " quoted(both))
}

# What a value may be.
function values(value)
{
	if (value == "file")
		return "-F"
	if (value == "dir")
		return "-f -a '(__fish_complete_directories)'"
	if (value == "id")
		return "-f -a '(__v2m_ids)'"
	if (value == "address")
		return "-f -a '(__v2m_addresses)'"
	if (value ~ /^keys /) {
		gsub(/ /, "= ", value)
		return "-f -a " quoted(substr(value, 7) "=")
	}
	if (value ~ /^words /)
		return "-f -a " quoted(substr(value, 7))
	return "-f"
}

function option(letter, long, needs, value, help)
{
	print when("") (letter == "." ? "" : " -s " letter) " -l " long \
	    (needs == "required" ? " -r " values(value) : "") " -d " quoted(help)
}

function operand(value)
{
	if (value == "file")
		print when("") " -F"
	else if (value ~ /^words /) {
		print when("") " -f"
		print when("__v2m_none_of " substr(value, 7)) " -a " \
		    quoted(substr(value, 7))
		if (rest != ".")
			print when("not __v2m_none_of " substr(value, 7)) " " \
			    values(rest)
	} else
		print when("") " " values(value)
}
