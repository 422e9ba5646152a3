#!/bin/sh
# Notices about files with hostile names, read by somebody else's program: the
# names come out as they should, and nothing else does.
. "$(dirname "$0")/../lib/tap.sh"

samples=$V2M_BIN/../tests/mail
[ -x "$samples" ] || skip_all "no $samples: make units"
command -v python3 > /dev/null || skip_all "no python3"

cat > read.py <<'END'
import email, email.policy, glob, os, sys

bad = 0
names = sorted(glob.glob('*.eml'))
for path in names:
    raw = open(path, 'rb').read()
    m = email.message_from_bytes(raw, policy=email.policy.default)
    name = open(path[:-3] + 'name', encoding='utf-8', newline='').read()
    subject = open(path[:-3] + 'subject', encoding='utf-8', newline='').read()
    body = m.get_content().replace('\r\n', '\n')
    safe = name.replace('file_id:', 'file_id?')
    wrong = []
    if m.defects:
        wrong.append(repr(m.defects))
    if sorted(m.keys()) != sorted(['Date', 'From', 'To', 'Subject',
            'Message-ID', 'MIME-Version', 'Content-Type',
            'Content-Transfer-Encoding', 'Auto-Submitted']):
        wrong.append(repr(m.keys()))
    # A reader may drop blanks around a subject, and put one for a fold.
    if m['Subject'].split() != subject.split():
        wrong.append('%r is not %r' % (m['Subject'], subject))
    if m['Subject'].split() != ('MP3 failed: ' + safe).split():
        wrong.append('%r is not %r' % (m['Subject'], safe))
    if [a.addr_spec for a in m['To'].addresses] != ['ann@example.org']:
        wrong.append(m['To'])
    if [a.addr_spec for a in m['From'].addresses] != ['v2m@example.org']:
        wrong.append(m['From'])
    if m.get_content_type() != 'text/plain' or m.is_multipart():
        wrong.append(m.get_content_type())
    if m['Date'].datetime is None or m['Date'].datetime.utcoffset():
        wrong.append(m['Date'])
    if 'file:     ' + safe not in body.split('\n'):
        wrong.append('%r is not in %r' % (safe, body))
    if len(body.rstrip('\n').split('\n')) != 5:
        wrong.append('%r has other lines' % body)
    for w in wrong:
        bad += 1
        print('%s: %s' % (path, w), file=sys.stderr)
print(len(names))
sys.exit(bad != 0)
END

ok "messages are made" "$samples" "$TMP"
ok "another program reads them as they were meant" python3 read.py
is "$(cat "$OUT")" 17 "all of them"
is "$(find . -name '*.eml' | wc -l)" 17 "as many as there are"

done_testing
