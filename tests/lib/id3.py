"""The ID3v2 tag in front of an MP3, a line for each frame:

    VERSION 2.3
    TIT2 <text>
    TXXX <key>=<text>
    COMM <language> <name>=<text>
    USLT <language> <name>=<text>
    CTOC <top-level><ordered> <how many> <elements>
    CHAP <element> <start ms> <end ms> <title>
    APIC <type> <MIME type> <bytes> <first bytes in hex>

Exit status 1: it is not as ID3v2.3 or 2.4 say.
"""
import sys


def synchsafe(b):
    assert not any(x & 0x80 for x in b), 'a size with a high bit'
    return b[0] << 21 | b[1] << 14 | b[2] << 7 | b[3]


def text(b):
    kind, b = b[0], b[1:]
    t = b.decode(['latin-1', 'utf-16', 'utf-16-be', 'utf-8'][kind])
    return t.rstrip('\0').replace('\n', '\\n')


def named(b):
    return text(b).replace('\0', '=').replace('\ufeff', '')


def frames(b, version):
    while len(b) >= 10 and b[0]:
        name, size = b[:4].decode('ascii'), b[4:8]
        n = synchsafe(size) if version == 4 else int.from_bytes(size, 'big')
        assert 10 + n <= len(b), name + ' is longer than the tag'
        yield name, b[10:10 + n]
        b = b[10 + n:]
    assert not any(b), 'something behind the last frame'


def show(name, b, version):
    if name == 'CHAP':
        element, b = b.split(b'\0', 1)
        start, end = (int.from_bytes(b[i:i + 4], 'big') for i in (0, 4))
        sub = [text(d) for n, d in frames(b[16:], version) if n == 'TIT2']
        return '%s %d %d %s' % (element.decode(), start, end, ' '.join(sub))
    if name == 'CTOC':
        element, b = b.split(b'\0', 1)
        names = b[2:].split(b'\0')[:b[1]]
        assert len(names) == b[1] and all(names), 'CTOC names too few'
        return '%s%s %d %s' % ('-t'[b[0] >> 1 & 1], '-o'[b[0] & 1], b[1],
                               b','.join(names).decode())
    if name == 'APIC':
        mime, rest = b[1:].split(b'\0', 1)
        data = rest[rest.index(b'\0') + 1:] if b[0] in (0, 3) else \
            rest[1:][rest[1:].index(b'\0\0') + 2:]
        return '%d %s %d %s' % (rest[0], mime.decode(), len(data),
                                data[:4].hex())
    if name == 'TXXX':
        return named(b)
    if name in ('COMM', 'USLT'):
        return b[1:4].decode('ascii') + ' ' + named(b[:1] + b[4:])
    return text(b)


with open(sys.argv[1], 'rb') as f:
    head = f.read(10)
    if head[:3] != b'ID3':
        print('none')
        sys.exit()
    body = f.read(synchsafe(head[6:10]))
print('VERSION 2.%d' % head[3])
for name, b in frames(body, head[3]):
    print(name, show(name, b, head[3]))
