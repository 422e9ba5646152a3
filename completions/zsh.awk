# zsh.awk - completions for zsh, from --dump-options of one command or, for the
# dispatcher, of all.

BEGIN { FS = "\t" }

$1 == "name" {
	name = $2
	if (dispatcher != "")
		next
	print "#compdef " name
	print "# Generated from the table of options; see completions/generate."
	print ""
	jobs()
	print "_arguments -s -S : \\"
}
$1 == "summary" { commands[++n] = substr(name, 5) ":" $2 }
$1 == "option" && dispatcher == "" { option($2, $3, $4, $5, $6, $7) }
$1 == "rest" { rest = $2 }
$1 == "operands" && dispatcher == "" { print "\t" operand($2) }

END {
	if (dispatcher != "")
		dispatch()
}

# The caller's jobs with state and name, where v2m-status knows any.
function jobs()
{
	print "(( $+functions[_v2m_ids] )) || _v2m_ids() {"
	print "\tlocal state=v2m-status"
	print "\tlocal -a jobs"
	print "\t[[ $words[1] == */* ]] && state=${~words[1]:h}/v2m-status"
	print "\tjobs=(${(f)\"$($state --quiet < /dev/null 2> /dev/null |"
	print "\t    awk -F '\\t' '{ print $1 \":\" $2 \", \" $4 }')\"})"
	print "\t_describe -t jobs job jobs"
	print "}"
	print ""
	print "# The accounts, for who may list them."
	print "(( $+functions[_v2m_addresses] )) || _v2m_addresses() {"
	print "\tlocal user=v2m-user"
	print "\tlocal -a known"
	print "\t[[ $words[1] == */* ]] && user=${~words[1]:h}/v2m-user"
	print "\tknown=(${(f)\"$($user --quiet list < /dev/null 2> /dev/null |"
	print "\t    cut -f 1)\"})"
	print "\tcompadd -a known"
	print "}"
	print ""
}

function quoted(text)
{
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

# Text inside [...] or between colons.
function plain(text)
{
	gsub(/\\/, "\\\\", text)
	gsub(/:/, "\\:", text)
	gsub(/\[/, "\\[", text)
	gsub(/\]/, "\\]", text)
	return text
}

# What a value or an operand may be, as an action of _arguments.
function action(value)
{
	if (value == "file")
		return "_files"
	if (value == "dir")
		return "_files -/"
	if (value == "id")
		return "_v2m_ids"
	if (value == "address")
		return "_v2m_addresses"
	if (value ~ /^keys /)
		return "{compadd -S = -- " substr(value, 6) "}"
	if (value ~ /^words /)
		return "(" substr(value, 7) ")"
	return " "
}

function option(letter, long, arg, needs, value, help,    text, rest)
{
	text = "[" plain(help) "]"
	if (needs == ".")
		rest = text
	else
		rest = text (needs == "optional" ? "::" : ":") plain(arg) ":" \
		    action(value)
	if (needs == "optional" && letter != ".") {
		print "\t" quoted("(- *)-" letter "[" plain(help) "]") " \\"
		letter = "."
	}
	if (long == "verbose")
		print "\t\\*{-" letter ",--" long "}" quoted(rest) " \\"
	else if (letter == ".")
		print "\t" quoted("--" long sign(needs, 1) rest) " \\"
	else
		print "\t" quoted((long ~ /^(help|version)$/) ? "(- *)" : \
		    "(-" letter " --" long ")") "{-" letter sign(needs, 0) \
		    ",--" long sign(needs, 1) "}" quoted(rest) " \\"
}

# How the argument may follow.
function sign(needs, islong)
{
	if (needs == ".")
		return ""
	if (needs == "optional")
		return islong ? "=-" : "-"
	return islong ? "=" : "+"
}

function operand(value)
{
	if (value == ".")
		return "&& return"
	if (value ~ /^words /)
		return quoted("1:command:" action(value)) " \\\n\t" \
		    quoted("*:argument:" (rest == "." ? " " : action(rest)))
	return quoted("*:" (value == "id" ? "job" : value) ":" action(value))
}

function dispatch(    i)
{
	print "#compdef v2m"
	print "# Generated from the tables of options; see completions/generate."
	print ""
	print "local curcontext=$curcontext state line ret=1"
	print "local -a commands"
	print "commands=("
	for (i = 1; i <= n; i++)
		print "\t" quoted(commands[i])
	print "\t'help:show the manual of a command'"
	print ")"
	print ""
	print "_arguments -C -S \\"
	print "\t'(- *)'-h'[list the usual commands]' \\"
	print "\t'(- *)--help=-[list the commands]::WHAT:(all)' \\"
	print "\t'(- *)'{-V,--version}'[show the version]' \\"
	print "\t'1:command:->command' \\"
	print "\t'*::argument:->argument' && ret=0"
	print ""
	print "case $state in"
	print "command)"
	print "\t_describe -t commands command commands && ret=0"
	print "\t;;"
	print "argument)"
	print "\tif [[ $words[1] == help ]]; then"
	print "\t\t(( CURRENT == 2 )) &&"
	print "\t\t    _describe -t commands command commands && ret=0"
	print "\telif (( $+functions[_v2m-$words[1]] )); then"
	print "\t\tcurcontext=${curcontext%:*}-$words[1]:"
	print "\t\t_v2m-$words[1] && ret=0"
	print "\tfi"
	print "\t;;"
	print "esac"
	print "return ret"
}
