#!/usr/bin/env python3
"""amr.py - speech of AMR with pauses, as telephones send them: every second
half second is SID and no data.

  amr.py pauses IN OUT   of a file of AMR-NB
  amr.py wide OUT        AMR-WB of 4 s, of noise at 6.60 kbit/s
"""
import random
import sys

NARROW, WIDE = b'#!AMR\n', b'#!AMR-WB\n'
BYTES = [13, 14, 16, 18, 20, 21, 27, 32]
HALF_SECOND = 25        # frames


def speech(path):
    with open(path, 'rb') as f:
        data = f.read()
    assert data.startswith(NARROW)
    at = len(NARROW)
    while at < len(data):
        size = BYTES[data[at] >> 3 & 15]
        yield data[at:at + size]
        at += size


def noise():
    numbers = random.Random(1)
    for _ in range(8 * HALF_SECOND):
        yield b'\x04' + numbers.randbytes(17)


def pauses(frames, sid):
    for n, frame in enumerate(frames):
        if n // HALF_SECOND % 2 == 0:
            yield frame
        else:
            yield bytes([sid << 3 | 4]) + bytes(5) if n % 8 == 1 else b'\x7c'


def main(what, *paths):
    head, frames, sid = (WIDE, noise(), 9) if what == 'wide' else (
        NARROW, speech(paths[0]), 8)
    with open(paths[-1], 'wb') as f:
        f.write(head + b''.join(pauses(frames, sid)))


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
