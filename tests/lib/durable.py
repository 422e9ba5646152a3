"""Check the log of strace -f -y: no file gets its name before its bytes are
flushed, and its folder is flushed afterwards.

usage: durable.py LOG     prints what was named, and what was wrong with it
"""
import os
import re
import sys

CALL = re.compile(r'^(\d+) +(\w+)\((.*)\) += (-?\d+)')
FILE = re.compile(r'(\d+)<([^>]*)>')
dirty = set()           # files with bytes that were not flushed
flushed = {}            # thread, descriptor -> file, as it flushed it
names = {}              # name made -> its folder is flushed since
wrong = []


def named(path, file, how):
    names[path] = False
    if file is None or file in dirty:
        wrong.append('%s: %s before its bytes were flushed' % (path, how))


def see(thread, call, args):
    file = FILE.match(args)
    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', args)
    if call in ('write', 'pwrite64', 'writev', 'ftruncate', 'fallocate'):
        dirty.add(file[2])
    elif call in ('fsync', 'fdatasync'):
        dirty.discard(file[2])
        flushed[thread, file[1]] = file[2]
        for name in names:
            if os.path.dirname(os.path.realpath(name)) == file[2]:
                names[name] = True
    elif call in ('linkat', 'link', 'rename', 'renameat'):
        fd = re.match(r'/proc/self/fd/(\d+)$', texts[0])
        if fd:
            named(texts[1], flushed.get((thread, fd[1])), call)
        elif names.pop(texts[0], None) is not None:
            names[texts[1]] = False


for line in open(sys.argv[1], errors='replace'):
    m = CALL.match(line)
    if m and int(m[4]) >= 0:
        see(m[1], m[2], m[3])
for name, flush in names.items():
    print(name)
    if not flush:
        wrong.append('%s: its folder is not flushed' % name)
for w in wrong:
    print(w, file=sys.stderr)
sys.exit(bool(wrong))
