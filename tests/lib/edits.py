#!/usr/bin/env python3
"""edits.py - an MP4 whose last track gets another edit list.

usage: edits.py IN OUT DURATION:MEDIA ...

DURATION in the film's units (ms as ffmpeg writes them), MEDIA in the track's,
-1 for a hole.  The moov box must be the last of the file, so that nothing
moves that is pointed at.
"""
import struct
import sys


def boxes(data):
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from('>I4s', data, at)
        yield kind, data[at + 8:at + size]
        at += size


def box(kind, content):
    return struct.pack('>I4s', len(content) + 8, kind) + content


def lasting(content, at, duration):
    return content[:at] + struct.pack('>I', duration) + content[at + 4:]


def edited(trak, entries):
    elst = struct.pack('>II', 0, len(entries))
    for duration, media in entries:
        elst += struct.pack('>IiI', duration, media, 1 << 16)
    out = b''
    for kind, content in boxes(trak):
        if kind == b'tkhd':
            content = lasting(content, 20, sum(e[0] for e in entries))
        if kind != b'edts':
            out += box(kind, content)
        if kind == b'tkhd':
            out += box(b'edts', box(b'elst', elst))
    return out


def main():
    data = open(sys.argv[1], 'rb').read()
    entries = [tuple(map(int, e.split(':'))) for e in sys.argv[3:]]
    out = []
    for kind, content in boxes(data):
        if kind == b'moov':
            parts = list(boxes(content))
            last = max(i for i, p in enumerate(parts) if p[0] == b'trak')
            parts[0] = (b'mvhd', lasting(parts[0][1], 16,
                                         sum(e[0] for e in entries)))
            parts[last] = (b'trak', edited(parts[last][1], entries))
            content = b''.join(box(*p) for p in parts)
        out.append(box(kind, content))
    open(sys.argv[2], 'wb').write(b''.join(out))


main()
