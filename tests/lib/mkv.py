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
"""
import struct
import sys
import zlib

SEGMENT, SEEK_HEAD, INFO = 0x18538067, 0x114D9B74, 0x1549A966
TRACKS, TAGS, CUES, VOID = 0x1654AE6B, 0x1254C367, 0x1C53BB6B, 0xEC
ENTRY, CRC, DATE, MUXER, WRITER = 0xAE, 0xBF, 0x4461, 0x4D80, 0x5741
FLAGS = {'default': 0x88, 'forced': 0x55AA, 'enabled': 0xB9,
         'commentary': 0x55AF, 'visual-impaired': 0x55AC,
         'language': 0x22B59C, 'bcp47': 0x22B59D}


def number(data, at, keep):
    """A number of EBML's own length, with its mark (an ID) or without."""
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
    """What a CRC stands in front of."""
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
    """Its body, what is where in front."""
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


def main(what, path_in, path_out, *more):
    with open(path_in, 'rb') as f:
        head, body = read(f.read())[:2]
    body = {'mkvmerge': mkvmerge, 'flags': flags}[what](read(body[1]), *more)
    with open(path_out, 'wb') as f:
        f.write(write([head, [SEGMENT, body]]))


if len(sys.argv) < 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
