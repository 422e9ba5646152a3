#!/usr/bin/env python3
"""dss.py IN OUT - what dictation machines write, out of raw G.723.1: the
Digital Speech Standard, in its long play."""
import struct
import sys

BLOCK = 512
HEAD = 2 * BLOCK

with open(sys.argv[1], 'rb') as f:
    frames = f.read()
head = bytearray(b'\2dss' + bytes(HEAD - 4))
head[0xc:0x1c] = b'Ann'.ljust(16, b'\0')
head[0x26:0x3e] = 2 * b'240229123456'
head[0x2a4] = 2
head[0x31e:0x31e + 9] = b'dictation'
with open(sys.argv[2], 'wb') as f:
    f.write(head)
    for at in range(0, len(frames), BLOCK - 6):
        f.write(struct.pack('>6x'))
        f.write(frames[at:at + BLOCK - 6].ljust(BLOCK - 6, b'\xff'))
