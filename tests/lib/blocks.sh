# blocks.sh - the examples of a manual page, each as a file, and the options in
# them.  Source it after tap.sh.
#
#	blocks_of PAGE	writes block-N and mark-N here: the example's text, and
#			the word in the comment before it, as in .\" here;
#			prints a line for each example without such a comment
#	block_with MARK TEXT
#			the name of the first block with this MARK that has TEXT
#	unknown_options FILE
#			prints the options in FILE that v2m's commands lack

blocks_of() {
	awk '
	/^\.\\" [a-z]+$/ { mark = $2; next }
	mark != "" && /^\.Bd / {
		n++
		print mark > ("mark-" n)
		on = 1
		next
	}
	/^\.Ed$/ { on = 0; mark = ""; next }
	on {
		gsub(/\\\\/, "\\")
		gsub(/\\e/, "\\")
		gsub(/\\\(aq/, "\047")
		print > ("block-" n)
	}
	/^\.Bd / && !on { print "a block without a mark, before line " NR }' \
	    "$1"
}

block_with() {
	grep -lxF "$1" mark-* | sed 's/^mark/block/' | sort -t - -k 2n |
	    xargs grep -lFe "$2" | sed 1q | grep .
}

option_known() {	# COMMAND --OPTION
	"$1" --dump-options 2> "$ERR" |
	    awk -F '\t' -v o="${2#--}" '$1 == "option" && $3 == o { n = 1 }
		END { exit !n }'
}

unknown_options() {
	grep -oE 'v2m-[a-z-]+( [a-z]+)?( --[a-z-]+| -[a-z]|)+' "$1" |
	    while read -r command words; do
		[ -x "$V2M_BIN/$command" ] || continue
		for word in $words; do
			case $word in
			--*) option_known "$command" "$word" ||
			    echo "$command $word" ;;
			esac
		done
	done
}
