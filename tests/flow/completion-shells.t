#!/bin/bash
# The generated completions, loaded into the shells they are for.
. "$(dirname "$0")/../lib/tap.sh"

made=$V2M_BIN/../completions
[ -d "$made/bash" ] || skip_all "no completions in the build"

# A job to complete, with a name that must not break anything.
printf 'correct horse\n' > pw
chmod 600 pw
v2m-init --quiet
v2m-user add --quiet --password-file pw ann@example.org
v2m-login --quiet --password-file pw ann@example.org
id=$(v2m-upload --no-queue --no-check --name "it's: [a] film.mp4" - < pw)
like "$id" '^[0-9a-f]{24}$' "a job is there"

# Every command has its files, every option is in them.
missing=
for command in "$V2M_BIN"/v2m-*; do
	name=${command##*/}
	"$command" --dump-options > dump
	while IFS=$'\t' read -r kind letter long _; do
		[ "$kind" = option ] || continue
		grep -q -e "--$long\>" "$made/bash/$name" ||
			missing="$missing bash:$name:$long"
		grep -q -e "--$long\>" "$made/zsh/_$name" ||
			missing="$missing zsh:$name:$long"
		grep -q -e "-l $long\>" "$made/fish/$name.fish" ||
			missing="$missing fish:$name:$long"
		[ "$letter" = . ] ||
			grep -q -e "-s $letter\>" "$made/fish/$name.fish" ||
			missing="$missing fish:$name:$letter"
	done < dump
done
is "$missing" "" "every option of every command is known"

for file in "$made"/bash/*; do
	bash -n "$file" || missing="$missing $file"
done
is "$missing" "" "bash reads all files"

# bash: what it would offer, one line.
offers() {
	bash -c '
		source "$0/v2m"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		function=$(complete -p "$1" | sed "s/.*-F \([^ ]*\) .*/\1/")
		$function "$1" "${COMP_WORDS[COMP_CWORD]}" \
		    "${COMP_WORDS[COMP_CWORD-1]}"
		echo "${COMPREPLY[*]}"
	' "$made/bash" "$@" 2>&1
}
is "$(offers v2m-upload --no)" "--no-queue --no-check" "bash: options"
is "$(offers v2m-upload -q V1)" V1 "bash: values of an option"
is "$(offers v2m-upload --quality = V3)" V3 "bash: --option=value"
is "$(offers v2m-upload --name x)" "" "bash: free text"
is "$(offers v2m-upload f)" "" "bash: files are readline's"
is "$(offers v2m-fetch '')" "$id" "bash: IDs"
is "$(offers v2m-fetch "${id%??????}")" "$id" "bash: the rest of an ID"
is "$(offers v2m-fetch --wait '')" "$id" \
    "bash: an optional argument needs its ="
is "$(offers v2m-fetch --wait =)" "" "bash: and takes it there"
is "$(offers v2m-fetch -- --f)" "" "bash: no options behind --"
is "$(offers v2m-user re)" "remove revoke" "bash: words of a command"
is "$(offers v2m-user --lifetime 9d to)" token "bash: behind an option"
is "$(offers v2m-user token a)" ann@example.org "bash: then an address"
is "$(offers v2m-user token z)" "" "bash: of those there are"
is "$(offers v2m-convert --tag al)" "album= album_artist=" "bash: keys of --tag"
is "$(V2M_STATE=/nonexistent offers v2m-user token '')" "" \
    "bash: no address and no noise where none can be listed"
like "$(offers v2m '')" 'convert-worker .* upload .* help' "bash: v2m"
is "$(offers v2m fetch '')" "$id" "bash: v2m runs the command's own"
is "$(offers v2m help u)" "upload user" "bash: v2m help"
is "$(offers v2m nonsense '')" "" "bash: no such command"
is "$(XDG_STATE_HOME=/nonexistent offers v2m-fetch '')" "" \
    "bash: nothing and no noise when not logged in"

# They are the tags there are.
v2m-convert --tag x=1 a.mp4 a.mp3 2> "$ERR"
is "$(v2m-convert --dump-options | sed -n 's/.*	keys \([^	]*\)	.*/\1/p')" \
    "$(sed 's/.*: use one of \(.*\) (see.*/\1/' "$ERR")" "every tag is offered"

# typed SHELL KEYS WANTED WHAT: in a real shell on a terminal, the line shows
# WANTED after KEYS.
typed() {
	cat > keys.exp <<-'END'
	set timeout 60
	lassign $argv shell setup keys wanted
	log_user 0
	match_max 100000
	spawn -noecho {*}$shell
	send -- "$setup\r"
	expect "ready> " {} timeout { puts "no prompt"; exit 1 }
	send -- [subst -nocommands -novariables $keys]
	expect -re $wanted { exit 0 }
	puts "got: $expect_out(buffer)"
	exit 1
	END
	case $1 in
	bash)
		set -- 'bash --norc --noprofile' \
		    "source $made/bash/v2m; PS1=ready'> '" "$2" "$3" "bash: $4"
		;;
	zsh)
		set -- 'zsh -f' "fpath=($made/zsh \$fpath); autoload -Uz compinit; \
compinit -u -D; PS1=ready'> '" \
		    "$2" "$3" "zsh: $4"
		;;
	esac
	ok "$5" env TERM=xterm expect keys.exp "$1" "$2" "$3" "$4"
}

: > 'a film.mp4'
if command -v expect > /dev/null; then
	typed bash 'v2m-upload a\t' 'a\\ film\.mp4 ' "a file with a blank"
	typed bash 'v2m-login --password-f\t' '--password-file ' "an option"
else
	skip "bash on a terminal" "no expect"
fi

if command -v zsh > /dev/null; then
	bad=
	for file in "$made"/zsh/*; do
		zsh -n "$file" || bad="$bad $file"
	done
	is "$bad" "" "zsh reads all files"
fi
if command -v zsh > /dev/null && command -v expect > /dev/null; then
	typed zsh 'v2m-upload a\t' 'a\\ film\.mp4' "a file with a blank"
	typed zsh 'v2m-upload --skip\t' '-existing' "an option"
	typed zsh 'v2m-upload --\t' '--mono +-- mix' "descriptions"
	typed zsh 'v2m-fetch \t' "fetch $id" "IDs"
	typed zsh 'v2m-user \t' 'passwd +remove' "words of a command"
	typed zsh 'v2m-user token a\t' 'nn@example.org' "addresses"
	typed zsh 'v2m-convert --tag compi\t' 'lation=' "keys of --tag"
	typed zsh 'v2m co\t\t' 'convert-worker +-- convert queued' "v2m"
	typed zsh 'v2m fetch \t' "fetch $id" "v2m runs the command's own"
else
	skip "zsh on a terminal" "no zsh or no expect"
fi

if command -v fish > /dev/null; then
	bad=
	for file in "$made"/fish/*; do
		fish --no-execute "$file" || bad="$bad $file"
	done
	is "$bad" "" "fish reads all files"
	# fish: the lines it would offer.
	fish_offers() {
		fish --no-config -c 'for file in $argv[1]/*.fish
			source $file
		end
		complete -C $argv[2]' "$made/fish" "$1" 2>&1
	}
	like "$(fish_offers 'v2m-upload --mo')" '^--mono	mix down' \
	    "fish: options, with what they do"
	like "$(fish_offers 'v2m-upload -q V')" '^V9' "fish: values"
	is "$(fish_offers 'v2m-fetch ')" "$id	held, it's: [a] film.mp4" \
	    "fish: IDs, with what they are"
	like "$(fish_offers 'v2m-upload a')" '^a film.mp4$' "fish: files"
	is "$(fish_offers 'v2m-user rev')" revoke "fish: words of a command"
	is "$(fish_offers 'v2m-user token q')" "" "fish: only the first"
	is "$(fish_offers 'v2m-user token a')" ann@example.org \
	    "fish: then an address"
	like "$(fish_offers 'v2m-convert --tag comp')" '^composer=' \
	    "fish: keys of --tag"
	like "$(fish_offers 'v2m upl')" '^upload	store videos' "fish: v2m"
	like "$(fish_offers 'v2m fetch ')" "^$id" \
	    "fish: v2m runs the command's own"
	unlike "$(fish_offers 'v2m user remove --mo')" '^--mono' \
	    "fish: and no other's"
	is "$(XDG_STATE_HOME=/nonexistent fish_offers 'v2m-fetch ')" "" \
	    "fish: nothing and no noise when not logged in"
else
	skip "fish" "no fish"
fi

done_testing
