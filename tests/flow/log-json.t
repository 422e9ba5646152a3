#!/bin/sh
# log_format = json: each line on stderr is an object, whatever stands in it.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v python3 > /dev/null || skip_all "no python3"
setup
V2M_LOG_FORMAT=json
export V2M_LOG_FORMAT
echo 'no video' > text.mp4
clip talk.mp4

# members KEY...: of each line of the file $ERR, those that it has
members() {
	python3 - "$ERR" "$@" << 'END'
import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    assert "time" in o and "program" in o and "level" in o, line
    print("|".join(str(o[k]) for k in sys.argv[2:] if k in o))
END
}

status 66 "words for people" v2m-upload "no \"file\" here"
like "$(members program level message)" \
    '^v2m-upload\|warning\|no "file" here: [a-z]' "are a message"
id=$(v2m-upload --no-check text.mp4 2> "$ERR")
v2m-convert-worker --once 2> "$ERR"
is "$(members event job result)" "failed|$id|permfail" "an event has its job"
like "$(members event reason attempts)" '^failed\|[a-z].* .*\|0$' \
    "and its pairs, without quotes"
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once --verbose 2> "$ERR"
like "$(members event job ms result | grep ^converted)" \
    "^converted\|$id\|[0-9]+\|ok\$" "numbers are numbers"
cat > hook << 'END'
cat > /dev/null
echo 'a " job="b" result=ok' >&2
exit 67
END
V2M_NOTIFY="exec:sh '$TMP/hook'" v2m-notify --once 2> "$ERR"
like "$(members reason)" 'a " job="b" result=ok' "what a hook says"
is "$(members event job result | grep "$id")" "not-told|$id" \
    "adds no pair of its own"
status 78 "a format that is none is refused" env V2M_LOG_FORMAT=xml v2m-status
done_testing
