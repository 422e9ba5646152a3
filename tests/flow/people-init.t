#!/bin/sh
# v2m-init and the folder that it finds: made, closed, or left alone.
. "$(dirname "$0")/../lib/machine.sh"
. "$(dirname "$0")/../lib/tap.sh"
machine
cd /var/lib || exit 99
groupadd_line=vteam:x:61010:vann,vservice
echo "$groupadd_line" >> /etc/group

# refused USER DIR WHY: v2m-init makes nothing there, and names one inside
refused() {
	before=$(ls -lAn "$2" && stat -c '%u %g %a' "$2")
	status 78 "$1, in $2, $3" as_user "$1" env V2M_STATE="$2" v2m-init
	is "$(cat "$ERR")" "v2m-init: '$2' is $3: take a folder in it,\
 V2M_STATE=$2/v2m" "is shown a folder in it"
	is "$(ls -lAn "$2" && stat -c '%u %g %a' "$2")" "$before" \
	    "nothing was made or changed"
	status 0 "the folder that was named" as_user "$1" env V2M_STATE="$2/v2m" v2m-init
	like "$(stat -c '%U %a' "$2/v2m")" "^$1 2?700$" "is made"
	status 0 "once more" as_user "$1" env V2M_STATE="$2/v2m" v2m-init
}

# closed USER DIR MODE: v2m-init takes the folder, which has MODE then
closed() {
	status 0 "$1, in $2" as_user "$1" env V2M_STATE="$2" v2m-init
	is "$(stat -c '%a' "$2")" "$3" "it has mode $3"
	ok "and is set up" as_user "$1" env V2M_STATE="$2" v2m-user list
}

# --- one that is not there ---
status 0 "root, without a word" v2m-init
is "$(stat -c '%U %a' /var/lib/v2m)" "root 700" "/var/lib/v2m is made"
status 0 "ann, without a word" as_user vann v2m-init
is "$(stat -c '%U %a' people/vann/.local/share/v2m)" "vann 700" \
    "hers is made in her home"

# --- an empty one of one's own ---
folder() {
	mkdir -p "$1" && chown "$2" "$1" && chmod "$3" "$1"
}
folder own vann:vann 755
closed vann own 700
like "$(as_user vann env V2M_STATE=own v2m-init 2>&1)" "nothing was overwritten" \
    "once more"
folder wide vann:vann 777
closed vann wide 700
folder team vann:vteam 775
closed vann team 770
folder sticky-group vann:vann 2755
closed vann sticky-group 2750
folder roots root:root 777
status 0 "root, in a volume of root's" env V2M_STATE=roots v2m-init
is "$(stat -c '%a' roots)" 700 "it is closed"

# --- any other ---
folder /var/lib/emptydir root:root 777
refused vann /var/lib/emptydir "not your own"
folder /var/lib/fsgroup root:vteam 2777
refused vann /var/lib/fsgroup "not your own"
folder /var/lib/used vann:vann 700
as_user vann touch /var/lib/used/letter
refused vann /var/lib/used "used for something else"
folder /var/lib/mount vann:vann 755
mkdir /var/lib/mount/lost+found
refused vann /var/lib/mount "used for something else"
folder /var/lib/tmp vann:vann 1777
refused vann /var/lib/tmp "used for something else"
folder /var/lib/theirs vbob:vbob 700
status 77 "ann, in a folder of bob's" as_user vann \
    env V2M_STATE=/var/lib/theirs v2m-init
is "$(cat "$ERR")" "v2m-init: '/var/lib/theirs' belongs to vbob, and you may\
 not write to it: set V2M_STATE to a folder of your own" "may not even"
status 77 "ann, in a folder of root's" as_user vann env V2M_STATE=/etc v2m-init
like "$(cat "$ERR")" "'/etc' belongs to root, and you may not write" \
    "is told to take one of her own"
touch file
status 73 "a file" env V2M_STATE=file v2m-init

# --- one that was set up ---
chmod 755 own
status 78 "a state that was opened" as_user vann env V2M_STATE=/var/lib/own \
    v2m-init
is "$(cat "$ERR")" "v2m-init: '/var/lib/own' is open to other users:\
 chmod o= '/var/lib/own'" "is to be closed"
status 0 "by what is said" as_user vann chmod o= /var/lib/own
status 0 "as it said" as_user vann env V2M_STATE=/var/lib/own v2m-init

# --- one whose files the configuration names ---
folder named vann:vann 700
as_user vann touch named/users.db
status 0 "a file that is there already" as_user vann \
    env V2M_STATE=/var/lib/named V2M_USERS=sqlite:STATE/users.db v2m-init

# --- by root, for others ---
folder /var/lib/service vservice:vservice 755
status 0 "root, in an empty folder of the service's" \
    env V2M_STATE=/var/lib/service v2m-init
is "$(find /var/lib/service ! -user vservice)" "" "is the service"
is "$(stat -c '%a' /var/lib/service)" 700 "and closes it"
status 0 "the service can use it" as_user vservice \
    env V2M_STATE=/var/lib/service v2m-user list

done_testing
