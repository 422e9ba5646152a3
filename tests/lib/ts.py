#!/usr/bin/env python3
"""ts.py - transport streams as receivers and recorders leave them.

  ts.py lose IN OUT PID EVERY    every so manieth packet of the PID is lost
  ts.py move IN OUT PID NEW AT   from AT s of its stamps on, counted from its
                                 first, the PID is NEW, and a new version of
                                 the program map says so
  ts.py stray IN OUT PID NEW AT  the same, but no map says so
  ts.py type IN OUT OLD NEW      streams of that type are called another one
  ts.py unstamped IN OUT PID     its packets tell no time
  ts.py scramble IN OUT PID      its packets are scrambled, as a receiver
                                 without the key records them
  ts.py pids IN                  prints the PIDs with stamps, in hexadecimal

PIDs and types are hexadecimal.  For programs of one map that fits into one packet.
"""
import random
import sys

SIZE = 188


def packets(path):
    with open(path, 'rb') as f:
        data = f.read()
    for at in range(0, len(data) - SIZE + 1, SIZE):
        assert data[at] == 0x47
        yield bytearray(data[at:at + SIZE])


def pid(p):
    return (p[1] & 0x1f) << 8 | p[2]


def payload(p):
    """Offset of the packet's payload."""
    return 5 + p[4] if p[3] & 0x20 else 4


def stamp(p):
    """That of the PES packet which begins here, in s, or None."""
    at = payload(p)
    if not p[1] & 0x40 or p[at:at + 3] != b'\0\0\1' or \
            not p[at + 7] & 0x80:
        return None
    b = p[at + 9:at + 14]
    return ((b[0] >> 1 & 7) << 30 | b[1] << 22 | b[2] >> 1 << 15 |
            b[3] << 7 | b[4] >> 1) / 90000


def crc(data):
    value = 0xffffffff
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = value << 1 ^ (0x04c11db7 if value & 1 << 31 else 0)
            value &= 0xffffffff
    return value


def is_map(p):
    at = payload(p)
    return p[1] & 0x40 and p[at:at + 2] == b'\0\2' and p[at + 2] & 0xb0 == 0xb0


def remap(p, old, new):
    """Rename a PID in the PMT, and change its version."""
    at = payload(p) + 1
    end = at + 3 + ((p[at + 1] & 15) << 8 | p[at + 2]) - 4
    p[at + 5] ^= 2
    info = at + 12 + ((p[at + 10] & 15) << 8 | p[at + 11])
    while info < end:
        if (p[info + 1] & 0x1f) << 8 | p[info + 2] == old:
            p[info + 1:info + 3] = [p[info + 1] & 0xe0 | new >> 8, new & 255]
        info += 5 + ((p[info + 3] & 15) << 8 | p[info + 4])
    p[end:end + 4] = crc(p[at:end]).to_bytes(4, 'big')


def retype(path, old, new):
    for p in packets(path):
        if is_map(p):
            at = payload(p) + 1
            end = at + 3 + ((p[at + 1] & 15) << 8 | p[at + 2]) - 4
            info = at + 12 + ((p[at + 10] & 15) << 8 | p[at + 11])
            while info < end:
                if p[info] == int(old, 16):
                    p[info] = int(new, 16)
                info += 5 + ((p[info + 3] & 15) << 8 | p[info + 4])
            p[end:end + 4] = crc(p[at:end]).to_bytes(4, 'big')
        yield p


def lose(path, which, every):
    which, every, n = int(which, 16), int(every), 0
    for p in packets(path):
        n += pid(p) == which
        if pid(p) != which or n % every:
            yield p


def stray(path, which, new, at):
    return move(path, which, new, at, told=False)


def move(path, which, new, at, told=True):
    old, new, first, moved, last = int(which, 16), int(new, 16), None, 0, None
    tables = [p for p in packets(path) if is_map(p)]
    for p in packets(path):
        if pid(p) == old and stamp(p) is not None:
            first = stamp(p) if first is None else first
            if not moved and stamp(p) - first >= float(at):
                moved, table = 1, bytearray(tables[0])
                remap(table, old, new)
                table[3] = table[3] & 0xf0 | (last + 1) & 15
                if told:
                    yield table
        if is_map(p):
            if moved and told:
                remap(p, old, new)
                p[3] = p[3] & 0xf0 | p[3] + 1 & 15
            last = p[3] & 15
        elif moved and pid(p) == old:
            p[1:3] = [p[1] & 0xe0 | new >> 8, new & 255]
        yield p


def unstamped(path, which):
    for p in packets(path):
        if pid(p) == int(which, 16) and stamp(p) is not None:
            at = payload(p)
            p[at + 7] &= 0x3f
            p[at + 9:at + 9 + p[at + 8]] = b'\xff' * p[at + 8]
        yield p


def scramble(path, which):
    noise = random.Random(5)
    for p in packets(path):
        if pid(p) == int(which, 16):
            at = payload(p)
            p[3] |= 0x80
            p[at:] = noise.randbytes(SIZE - at)
        yield p


def main(what, path_in, *more):
    if what == 'pids':
        print(*sorted({'%x' % pid(p) for p in packets(path_in)
                       if stamp(p) is not None}))
        return
    change = {'lose': lose, 'move': move, 'stray': stray, 'type': retype,
              'unstamped': unstamped, 'scramble': scramble}[what]
    out = change(path_in, *more[1:])
    with open(more[0], 'wb') as f:
        for p in out:
            f.write(p)


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
