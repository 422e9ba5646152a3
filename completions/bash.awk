# bash.awk - completions for bash, from --dump-options of one command or, for
# the dispatcher, of all.  Needs no bash-completion: file names are left to
# readline, which quotes them well.

BEGIN {
	FS = "\t"
	print "# Generated from the tables of options; see completions/generate."
	print ""
	print "# The caller's jobs, where v2m-status knows any: __v2m_ids COMMAND"
	print "__v2m_ids()"
	print "{"
	print "\tlocal status=v2m-status"
	print "\t[[ $1 == */* ]] && status=${1%/*}/v2m-status"
	print "\t\"$status\" --quiet < /dev/null 2> /dev/null | cut -f 1"
	print "}"
	print ""
	print "# The accounts, for who may list them: __v2m_addresses COMMAND"
	print "__v2m_addresses()"
	print "{"
	print "\tlocal user=v2m-user"
	print "\t[[ $1 == */* ]] && user=${1%/*}/v2m-user"
	print "\t\"$user\" --quiet list < /dev/null 2> /dev/null | cut -f 1"
	print "}"
}

$1 == "name" { start($2) }
$1 == "summary" { summary[name] = $2 }
$1 == "option" { option($2, $3, $5, $6) }
$1 == "rest" { rest = $2 }
$1 == "operands" { operands = $2 }

END {
	finish()
	if (dispatcher != "")
		dispatch()
}

function start(command)
{
	finish()
	name = command
	names = names " " substr(command, 5)
	flags = cases = takers = operands = ""
}

function option(letter, long, needs, value,    pattern)
{
	if (letter != ".")
		flags = flags " -" letter
	flags = flags " --" long
	if (needs == ".")
		return
	# The value of an optional argument only comes with a '='.
	pattern = "--" long "="
	if (needs == "required") {
		pattern = pattern " | --" long
		if (letter != ".")
			pattern = "-" letter " | " pattern
		takers = takers (takers == "" ? "" : " | ") "--" long
		if (letter != ".")
			takers = takers " | -" letter
	}
	cases = cases "\t" pattern ")\n" offer(value, "\t\t") \
	    "\t\treturn ;;\n"
}

# Lines that offer what a value or an operand may be.
function offer(value, tabs)
{
	if (value == "file")
		return tabs "# file names are the default\n"
	if (value == "dir")
		return tabs "compopt +o default -o dirnames 2> /dev/null\n"
	if (value == "id")
		return tabs "compopt +o default 2> /dev/null\n" tabs \
		    "mapfile -t COMPREPLY < <(\n" tabs "\tcompgen -W " \
		    "\"$(__v2m_ids \"$1\")\" -- \"$cur\")\n"
	if (value == "address")
		return tabs "compopt +o default 2> /dev/null\n" tabs \
		    "mapfile -t COMPREPLY < <(\n" tabs "\tcompgen -W " \
		    "\"$(__v2m_addresses \"$1\")\" -- \"$cur\")\n"
	if (value ~ /^keys /) {
		gsub(/ /, "= ", value)
		return tabs "compopt +o default -o nospace 2> /dev/null\n" \
		    tabs "mapfile -t COMPREPLY < <(compgen -W '" \
		    substr(value, 7) "=' -- \"$cur\")\n"
	}
	if (value ~ /^words /)
		return tabs "compopt +o default 2> /dev/null\n" tabs \
		    "mapfile -t COMPREPLY < <(compgen -W '" \
		    substr(value, 7) "' -- \"$cur\")\n"
	return tabs "compopt +o default 2> /dev/null\n"
}

function identifier(command)
{
	gsub(/-/, "_", command)
	return "_" command
}

function finish(    once)
{
	if (name == "")
		return
	once = operands ~ /^words /
	print ""
	print identifier(name) "()"
	print "{"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]}"
	print "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} options=yes i" \
	    (once ? " operands=0" : "")
	print "\tCOMPREPLY=()"
	print "\t# --option=value comes as three words."
	print "\tif [[ $cur == = ]]; then"
	print "\t\tcur='' prev+='='"
	print "\telif [[ $prev == = ]]; then"
	print "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}="
	print "\tfi"
	print "\tfor ((i = 1; i < COMP_CWORD; i++)); do"
	print "\t\tcase ${COMP_WORDS[i]} in"
	print "\t\t--) prev='' options='' ;;"
	if (once) {
		print "\t\t" takers ")"
		print "\t\t\t[[ ${COMP_WORDS[++i]} == = ]] && ((++i)) ;;"
		print "\t\t-*) ;;"
		print "\t\t*) ((++operands)) ;;"
	}
	print "\t\tesac"
	print "\tdone"
	print "\tcase $prev in"
	printf "%s", cases
	print "\tesac"
	print "\tif [[ $options && $cur == -* ]]; then"
	print "\t\tmapfile -t COMPREPLY < <("
	print "\t\t\tcompgen -W '" substr(flags, 2) "' -- \"$cur\")"
	print "\t\treturn"
	print "\tfi"
	if (once && rest == ".")
		print "\t((operands == 0)) || { compopt +o default " \
		    "2> /dev/null; return; }"
	else if (once)
		print "\tif ((operands > 0)); then\n" offer(rest, "\t\t") \
		    "\t\treturn\n\tfi"
	printf "%s", offer(operands, "\t")
	print "} && complete -o default -F " identifier(name) " " name
}

function dispatch()
{
	print ""
	print "_v2m()"
	print "{"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}"
	print "\tlocal commands='" substr(names, 2) "' prefix="
	print "\tCOMPREPLY=()"
	print "\tif ((COMP_CWORD > 1)) && [[ $command != help ]]; then"
	print "\t\tdeclare -F \"_v2m_${command//-/_}\" > /dev/null || return 0"
	print "\t\t[[ $1 == */* ]] && prefix=${1%/*}/"
	print "\t\tCOMP_WORDS=(\"v2m-$command\" \"${COMP_WORDS[@]:2}\")"
	print "\t\t((COMP_CWORD--))"
	print "\t\t\"_v2m_${command//-/_}\" \"${prefix}v2m-$command\" \"$2\" \"$3\""
	print "\t\treturn"
	print "\tfi"
	print "\tcompopt +o default 2> /dev/null"
	print "\tif ((COMP_CWORD == 2)); then"
	print "\t\tcommands+=' v2m'"
	print "\telif ((COMP_CWORD == 1)); then"
	print "\t\tcommands+=' help'"
	print "\t\t[[ $cur == -* ]] && commands='-h --help --help=all -V --version'"
	print "\telse"
	print "\t\treturn"
	print "\tfi"
	print "\tmapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$cur\")"
	print "} && complete -o default -F _v2m v2m"
}
