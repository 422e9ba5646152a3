# What a page of the manual says, in the form in which the tables say it.
#
#	awk -v want=options -f man-facts.awk PAGE
#
# options	a line LETTER NAME ARGUMENT KIND for each option of DESCRIPTION,
#		as --dump-options has them: "." where there is none, KIND is
#		"required", "optional" or "."
# statuses	the statuses listed in EXIT STATUS
# summary	the line of NAME
# headings	the sections, in their order
# contents	NAME<TAB>SUMMARY of a list whose tags are pages of section 1 or 8
# references	PAGE.SECTION of every page of v2m's that is referred to

$1 == ".Sh" {
	section = substr($0, 5)
	if (want == "headings")
		print section
}
want == "summary" && $1 == ".Nd" { print substr($0, 5) }
want == "statuses" && section == "EXIT STATUS" && $1 == ".It" { print $2 }
want == "references" && $1 == ".Xr" && $2 ~ /^v2m/ { print $2 "." $3 }
want == "contents" && tagged != "" { print tagged "\t" $0 }
{ tagged = "" }
$1 == ".It" && $2 == "Xr" && ($4 == 1 || $4 == 8) { tagged = $3 }

want == "options" && section == "DESCRIPTION" && /^\.It Fl / {
	letter = name = argument = kind = "."
	for (i = 2; i < NF; i++) {
		if ($i == "Fl" && $(i + 1) ~ /^-./)
			name = substr($(i + 1), 2)
		else if ($i == "Fl")
			letter = $(i + 1)
		else if ($i == "Ar")
			argument = $(i + 1)
	}
	if (argument != ".")
		kind = / Op = Ns Ar / ? "optional" : "required"
	print letter, name, argument, kind
}
