#!/usr/bin/env python3
"""forge.py - media files whose time stamps lie,

  forge.py flv-jitter IN OUT          audio stamps up to 20 ms off, both ways
  forge.py flv-shift IN OUT FROM BY   audio stamps from FROM ms on moved BY ms
  forge.py flv-drop IN OUT FROM TO    audio of that stretch (ms) left out
  forge.py mp4-duration IN OUT S      every duration in the headers S seconds
  forge.py avi-rate IN OUT PERCENT    the sound's rate in the header so far off

and some that are damaged:

  forge.py spoil IN OUT PERCENT N     N bytes, so far into the file, are noise
  forge.py insert IN OUT AT N BYTE    N bytes of this value put in there
  forge.py avi-index IN OUT           most of the index's places lie nowhere
"""
import random
import struct
import sys


def flv_tags(data):
    """(type, time stamp in ms, body) of every tag."""
    at = 9 + 4
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1:at + 4], 'big')
        stamp = int.from_bytes(data[at + 4:at + 7], 'big')
        stamp |= data[at + 7] << 24
        yield data[at], stamp, data[at + 11:at + 11 + size]
        at += 11 + size + 4


def flv(path_in, path_out, change):
    data = open(path_in, 'rb').read()
    out = bytearray(data[:9] + bytes(4))
    for kind, stamp, body in flv_tags(data):
        config = kind == 8 and body[0] >> 4 == 10 and body[1] == 0
        if kind == 8 and not config:
            stamp = change(stamp)
            if stamp is None:
                continue
        stamp &= 0xffffffff
        head = bytes([kind]) + len(body).to_bytes(3, 'big')
        head += (stamp & 0xffffff).to_bytes(3, 'big')
        head += bytes([stamp >> 24]) + bytes(3)
        out += head + body + struct.pack('>I', len(body) + 11)
    open(path_out, 'wb').write(out)


def jitter():
    n = [0]

    def change(stamp):
        n[0] += 1
        return max(0, stamp + n[0] * 7919 % 41 - 20)
    return change


def mp4_duration(path_in, path_out, seconds):
    data = bytearray(open(path_in, 'rb').read())

    def boxes(at, end):
        while at + 8 <= end:
            size, kind = struct.unpack_from('>I4s', data, at)
            if size < 8:
                return
            yield kind, at + 8, at + size
            at += size

    def walk(at, end, scale):
        for kind, start, stop in boxes(at, end):
            if kind in (b'moov', b'trak', b'mdia', b'edts'):
                walk(start, stop, scale)
            elif kind in (b'mvhd', b'mdhd') and data[start] == 0:
                own = struct.unpack_from('>I', data, start + 12)[0]
                if kind == b'mvhd':
                    scale[0] = own
                struct.pack_into('>I', data, start + 16,
                                 min(seconds * own, 0xfffffffe))
            elif kind == b'elst' and data[start] == 0:
                count = struct.unpack_from('>I', data, start + 4)[0]
                struct.pack_into('>I', data, start + 8 + 12 * (count - 1),
                                 min(seconds * scale[0], 0xfffffffe))
            elif kind == b'tkhd' and data[start] == 0:
                struct.pack_into('>I', data, start + 20,
                                 min(seconds * scale[0], 0xfffffffe))
    walk(0, len(data), [1000])
    open(path_out, 'wb').write(data)


def avi_rate(path_in, path_out, percent):
    data = bytearray(open(path_in, 'rb').read())
    at = data.index(b'strh', data.index(b'auds') - 8) + 8
    rate = struct.unpack_from('<I', data, at + 24)[0]
    struct.pack_into('<I', data, at + 24, rate * (100 + percent) // 100)
    open(path_out, 'wb').write(data)


def spoil(path_in, path_out, percent, n):
    data = bytearray(open(path_in, 'rb').read())
    at = len(data) * percent // 100
    data[at:at + n] = random.Random(percent).randbytes(n)
    open(path_out, 'wb').write(data)


def insert(path_in, path_out, at, n, byte):
    data = bytearray(open(path_in, 'rb').read())
    data[at:at] = bytes([byte]) * n
    open(path_out, 'wb').write(data)


def avi_index(path_in, path_out):
    data = bytearray(open(path_in, 'rb').read())
    at = data.rindex(b'idx1')
    entries = struct.unpack_from('<I', data, at + 4)[0] // 16
    for i in range(entries // 8, entries):
        place = at + 8 + 16 * i + 8
        offset = struct.unpack_from('<I', data, place)[0]
        struct.pack_into('<I', data, place, offset + 8 * len(data))
    open(path_out, 'wb').write(data)


def main():
    what, path_in, path_out, *more = sys.argv[1:]
    numbers = [int(n) for n in more]
    if what == 'flv-jitter':
        flv(path_in, path_out, jitter())
    elif what == 'flv-shift':
        start, by = numbers
        flv(path_in, path_out, lambda t: t + by if t >= start else t)
    elif what == 'flv-drop':
        start, end = numbers
        flv(path_in, path_out, lambda t: None if start <= t < end else t)
    elif what == 'mp4-duration':
        mp4_duration(path_in, path_out, numbers[0])
    elif what == 'avi-rate':
        avi_rate(path_in, path_out, numbers[0])
    elif what == 'avi-index':
        avi_index(path_in, path_out)
    elif what == 'insert':
        insert(path_in, path_out, *numbers)
    elif what == 'spoil':
        spoil(path_in, path_out, *numbers)
    else:
        sys.exit(__doc__)


main()
