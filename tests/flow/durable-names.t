#!/bin/sh
# A file has its name only after its bytes are on the disk, and the folder is
# flushed before the command says that it is done: by the system calls.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v strace > /dev/null || skip_all "no strace"
command -v python3 > /dev/null || skip_all "no python3"
! ldd "$V2M_BIN/v2m-upload" | grep -q 'lib[alt]san' ||
    skip_all "sanitizers do not run under strace"
strace -o /dev/null true || skip_all "strace may not trace"
setup
clip talk.mp4

judge=$tap_root/tests/lib/durable.py
# durable WHAT FILES COMMAND ...
durable() {
	what=$1 files=$2
	shift 2
	strace -f -y -o trace -e trace=write,pwrite64,writev,ftruncate,\
fallocate,fsync,fdatasync,link,linkat,rename,renameat \
	    "$@" > out 2> err < /dev/null || tap_show err < err
	ok "$what: flushed, then named, then the folder" \
	    python3 "$judge" trace
	is "$(wc -l < "$OUT")" "$files" "$what: as many files as it should make"
}

durable "an upload" 1 v2m-upload talk.mp4
id=$(cat out)
durable "a worker" 1 v2m-convert-worker --once
durable "a fetched MP3" 1 v2m-fetch "$id"
durable "one that replaces another" 1 v2m-fetch --force "$id"
durable "a token" 1 v2m-login --password-file "$TMP/pw" \
    ann@example.org

done_testing
