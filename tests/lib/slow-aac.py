"""slow-aac.py FILE MIB - AAC that takes long to check.

Frames of 9 bytes with a valid header, none of which can be decoded: a check for
sound tries them all.
"""
import sys

SIZE = 9
header = bytes([0xFF, 0xF1, (1 << 6) | (4 << 2), (2 << 6) | (SIZE >> 11),
                (SIZE >> 3) & 0xFF, ((SIZE & 7) << 5) | 0x1F, 0xFC])
with open(sys.argv[1], "wb") as f:
    f.write((header + b"\0\0") * (int(sys.argv[2]) * 1048576 // SIZE))
