#!/usr/bin/env python3
"""mkv.py - Matroska and WebM as others write them, out of what ffmpeg writes.

  mkv.py mkvmerge IN OUT         as mkvmerge does: the date in the segment's
                                 info, statistics in the tags, CRCs, a list of
                                 what is where, padding
  mkv.py flags IN OUT N:FLAG=VALUE...
                                 of track N, counted from 1: default, forced,
                                 enabled, commentary, visual-impaired; language
                                 and bcp47 take text; an empty VALUE takes the
                                 flag away
  mkv.py pauses IN OUT N FROM TO of each N packets of Opus that from which on to
                                 the other is a pause: one byte, then none
  mkv.py tags IN OUT LEVEL/NAME=VALUE...
                                 tags of that level: 50/ALBUM, 30/TRACK and the
                                 like
  mkv.py lace IN OUT TRACK N KIND [NS]
                                 N packets of the track in each block, laced as
                                 xiph, ebml or fixed (those alone that are of
                                 one size); NS is the default duration
  mkv.py empty IN OUT TRACK      the track has no packets
  mkv.py atrac3 IN OUT N         with one packet of sound instead: N frames of
                                 ATRAC3, of 1024 samples in two channels
"""
import struct
import sys
import zlib

SEGMENT, SEEK_HEAD, INFO = 0x18538067, 0x114D9B74, 0x1549A966
TRACKS, TAGS, CUES, VOID = 0x1654AE6B, 0x1254C367, 0x1C53BB6B, 0xEC
CLUSTER, BLOCK = 0x1F43B675, 0xA3
ENTRY, CRC, DATE, MUXER, WRITER = 0xAE, 0xBF, 0x4461, 0x4D80, 0x5741
FLAGS = {'default': 0x88, 'forced': 0x55AA, 'enabled': 0xB9,
         'commentary': 0x55AF, 'visual-impaired': 0x55AC,
         'language': 0x22B59C, 'bcp47': 0x22B59D}


def number(data, at, keep):
    """An EBML variable-size integer, with its marker (an ID) or without."""
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at:at + length], 'big')
    if keep:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (None if value + 1 == 1 << 7 * length else value), at + length


def read(data):
    out, at = [], 0
    while at < len(data):
        kind, at = number(data, at, True)
        size, at = number(data, at, False)
        size = len(data) - at if size is None else size
        out.append([kind, data[at:at + size]])
        at += size
    return out


def element(kind, body):
    return kind.to_bytes((kind.bit_length() + 7) // 8, 'big') + \
        (1 << 56 | len(body)).to_bytes(8, 'big') + body


def write(elements):
    return b''.join(element(kind, body) for kind, body in elements)


def uint(value):
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), 'big')


def checked(elements):
    """Put a CRC element in front."""
    body = write(elements)
    return element(CRC, struct.pack('<I', zlib.crc32(body))) + body


def tag(name, value):
    return 0x67C8, write([[0x45A3, name.encode()], [0x4487, value.encode()]])


def statistics(uid):
    target = 0x63C0, write([[0x63C5, uid]])
    return 0x7373, write([target, tag('BPS', '64000'),
                          tag('DURATION', '00:00:04.000000000'),
                          tag('NUMBER_OF_FRAMES', '188'),
                          tag('_STATISTICS_WRITING_APP', 'mkvmerge v70.0.0'),
                          tag('_STATISTICS_WRITING_DATE_UTC',
                              '2024-02-29 12:34:56')])


def info(body):
    own = [e for e in read(body) if e[0] not in (CRC, DATE, MUXER, WRITER)]
    date = 730944000 * 10 ** 9          # from 2001 on, in ns: March 2024
    return checked(own + [[MUXER, b'libebml v1.4.2 + libmatroska v1.6.4'],
                          [WRITER, b'mkvmerge v70.0.0 (\'Caught\') 64-bit'],
                          [DATE, struct.pack('>q', date)]])


def seek_head(places):
    return checked([[0x4DBB, write([[0x53AB, uint(kind)],
                                    [0x53AC, struct.pack('>Q', at)]])]
                    for kind, at in places])


def segment(parts):
    """The segment's body, with a SeekHead in front."""
    at = len(element(SEEK_HEAD, seek_head([(k, 0) for k, _ in parts[:3]])))
    padding, places = element(VOID, bytes(1024)), []
    at += len(padding)
    for kind, body in parts[:3]:
        places.append((kind, at))
        at += len(element(kind, body))
    return element(SEEK_HEAD, seek_head(places)) + padding + write(parts)


def mkvmerge(parts):
    own = dict((k, b) for k, b in parts if k in (INFO, TRACKS))
    rest = [e for e in parts if e[0] not in (INFO, TRACKS, TAGS, CUES, VOID,
                                             SEEK_HEAD)]
    uids = [dict(read(b))[0x73C5] for k, b in read(own[TRACKS]) if k == ENTRY]
    tracks = [e for e in read(own[TRACKS]) if e[0] != CRC]
    return segment([[INFO, info(own[INFO])], [TRACKS, checked(tracks)],
                    [TAGS, checked([statistics(u) for u in uids])]] + rest)


def flags(parts, *wanted):
    tracks = [e for e in read(dict(parts)[TRACKS]) if e[0] == ENTRY]
    for want in wanted:
        track, rest = want.split(':')
        flag, value = rest.split('=')
        entry = tracks[int(track) - 1]
        own = [e for e in read(entry[1]) if e[0] != FLAGS[flag]]
        text = flag in ('language', 'bcp47')
        if value:
            own.append([FLAGS[flag], value.encode() if text
                        else uint(int(value))])
        entry[1] = write(own)
    return write([[TRACKS, write(tracks)] if k == TRACKS else [k, b]
                  for k, b in parts if k not in (CUES, SEEK_HEAD, VOID)])


def pauses(parts, *numbers):
    every, start, end = map(int, numbers)
    packets = 0

    def pause(kind, body):
        nonlocal packets
        if kind != BLOCK:
            return [[kind, body]]
        n, packets = packets % every, packets + 1
        if not start <= n < end:
            return [[kind, body]]
        # Behind track, stamp and flags: what kind of packet it is.
        return [[kind, body[:4] + bytes([body[4] & ~3])]] if n == start else []
    return write([[k, write(sum((pause(*e) for e in read(b)), []))
                   if k == CLUSTER else b] for k, b in parts
                  if k not in (CUES, SEEK_HEAD, VOID)])


def tags(parts, *wanted):
    levels = {}
    for want in wanted:
        name, value = want.split('=', 1)
        number, kind, name = name.split('/')
        levels.setdefault((int(number), kind), []).append(tag(name, value))
    found = [[0x7373, write([[0x63C0, write([[0x68CA, uint(number)],
                                             [0x63CA, kind.encode()]])]] + own)]
             for (number, kind), own in levels.items()]
    rest = [e for e in parts if e[0] not in (TAGS, CUES, VOID, SEEK_HEAD)]
    return write(rest[:2] + [[TAGS, write(found)]] + rest[2:])


def sizes_xiph(sizes):
    return b''.join(b'\xff' * (n // 255) + bytes([n % 255])
                    for n in sizes[:-1])


def sizes_ebml(sizes):
    """EBML lacing: the first size, then differences."""
    out = (0x4000 | sizes[0]).to_bytes(2, 'big')
    for before, n in zip(sizes, sizes[1:-1]):
        out += (0x4000 | n - before + 0x1fff).to_bytes(2, 'big')
    return out


def lace(parts, track, n, how, ns=None):
    flag, sizes_of = {'xiph': (2, sizes_xiph), 'ebml': (6, sizes_ebml),
                      'fixed': (4, lambda sizes: b'')}[how]
    track, n = int(track), int(n)

    def laced(blocks):
        """Blocks with these packets laced, as far as that is possible."""
        frames = [b[4:] for b in blocks]
        if len(blocks) == 1:
            return [[BLOCK, blocks[0]]]
        if how == 'fixed' and len({len(f) for f in frames}) > 1:
            return laced(blocks[:1]) + laced(blocks[1:])
        return [[BLOCK, blocks[0][:3] + bytes([blocks[0][3] | flag,
                                               len(frames) - 1]) +
                 sizes_of([len(f) for f in frames]) + b''.join(frames)]]

    def cluster(body):
        out, waiting = [], []
        for kind, b in read(body) + [[None, b'']]:
            ours = kind == BLOCK and b[0] == 0x80 | track
            if waiting and (len(waiting) == n or kind is None or
                            kind == 0xA0):
                out += laced(waiting)
                waiting = []
            if ours:
                waiting.append(b)
            elif kind is not None:
                out.append([kind, b])
        return write(out)

    def timed(body):
        entries = [e for e in read(body) if e[0] == ENTRY]
        entries[track - 1][1] += element(0x23E383, uint(int(ns)))
        return write(entries)
    return write([[k, cluster(b) if k == CLUSTER else
                   timed(b) if k == TRACKS and ns else b]
                  for k, b in parts if k not in (CUES, SEEK_HEAD, VOID)])


def empty(parts, track):
    def rest(body):
        return write([[k, b] for k, b in read(body)
                      if k not in (BLOCK, 0xA0) or
                      (b if k == BLOCK else dict(read(b))[0xA1])[0] !=
                      0x80 | int(track)])
    return write([[k, rest(b) if k == CLUSTER else b] for k, b in parts
                  if k not in (CUES, SEEK_HEAD, VOID)])


def atrac3(parts, n):
    align, rate = 384, 44100
    wave = struct.pack('<HHIIHHHHIHHHH', 0x270, 2, rate, rate * align // 1024,
                       align, 0, 14, 1, 4096, 0, 0, 1, 0)
    track = write([[0xD7, b'\1'], [0x73C5, b'\1'], [0x83, b'\2'],
                   [0x86, b'A_MS/ACM'], [0x63A2, wave],
                   [0xE1, write([[0xB5, struct.pack('>d', rate)],
                                 [0x9F, b'\2']])]])
    frame = 2 * (b'\xa0' + bytes(align // 2 - 1))
    block = b'\x81\0\0\x80' + int(n) * frame
    return write([[INFO, dict(parts)[INFO]], [TRACKS, write([[ENTRY, track]])],
                  [CLUSTER, write([[0xE7, b'\0'], [BLOCK, block]])]])


def main(what, path_in, path_out, *more):
    with open(path_in, 'rb') as f:
        head, body = read(f.read())[:2]
    change = {'mkvmerge': mkvmerge, 'flags': flags, 'pauses': pauses,
              'tags': tags, 'lace': lace, 'empty': empty,
              'atrac3': atrac3}[what]
    body = change(read(body[1]), *more)
    with open(path_out, 'wb') as f:
        f.write(write([head, [SEGMENT, body]]))


if len(sys.argv) < 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
