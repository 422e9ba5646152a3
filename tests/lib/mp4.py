#!/usr/bin/env python3
"""mp4.py - MP4s as others write them, out of those that ffmpeg writes.

  mp4.py edits IN OUT [N] MS:AT...
                                 the edit list of the sound, or of its Nth
                                 track: so many ms from AT ms of the track on,
                                 behind what the encoder's delay had cut off;
                                 AT -1 is an empty edit
  mp4.py group IN OUT N          N samples of the sound become one, as phones
                                 put ten AMR frames into each
  mp4.py enable IN OUT N...      of the tracks, counted from 1, these are enabled
  mp4.py swap IN OUT             the numbers of the Opus header have their bytes
                                 in the wrong order, and there is no edit list,
                                 as GStreamer writes them
  mp4.py later IN OUT MS         the sound's fragments begin so much later
  mp4.py unknown IN OUT          durations in the headers are all ones, which
                                 means that they are not known

Of these, edits, group and swap want the moov behind the mdat, where ffmpeg puts
it by itself.
"""
import struct
import sys

INNER = b'moov trak mdia minf stbl edts moof traf'.split()


def read(data):
    """A list of [kind, bytes or list]."""
    out, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from('>I4s', data, at)
        assert size >= 8, 'a box of size %d' % size
        body = data[at + 8:at + size]
        out.append([kind, read(body) if kind in INNER else body])
        at += size
    return out


def write(boxes):
    out = b''
    for kind, body in boxes:
        body = write(body) if isinstance(body, list) else body
        out += struct.pack('>I4s', len(body) + 8, kind) + body
    return out


def inner(boxes, *path):
    """The body of the first box at that path."""
    for kind in path:
        boxes = next(body for k, body in boxes if k == kind)
    return boxes


def put(boxes, kind, body):
    boxes[:] = [b for b in boxes if b[0] != kind] + [[kind, body]]


def tracks(boxes):
    return [body for kind, body in inner(boxes, b'moov') if kind == b'trak']


def sound(boxes, n=1):
    return [t for t in tracks(boxes)
            if inner(t, b'mdia', b'hdlr')[8:12] == b'soun'][n - 1]


def scale(header):
    assert header[0] == 0
    return struct.unpack_from('>I', header, 12)[0]


def delay(track):
    """The media time at which ffmpeg's only edit begins."""
    for kind, body in track:
        if kind == b'edts':
            return max(0, struct.unpack_from('>i', body[0][1], 12)[0])
    return 0


def edits(boxes, *wanted):
    movie = scale(inner(boxes, b'moov', b'mvhd'))
    n = 1
    if ':' not in wanted[0]:
        n, wanted = int(wanted[0]), wanted[1:]
    track = sound(boxes, n)
    media = scale(inner(track, b'mdia', b'mdhd'))
    first, body = delay(track), struct.pack('>II', 0, len(wanted))
    for edit in wanted:
        length, at = (int(n) for n in edit.split(':'))
        body += struct.pack('>Iihh', length * movie // 1000,
                            -1 if at < 0 else first + at * media // 1000,
                            1, 0)
    put(track, b'edts', [[b'elst', body]])
    track.insert(1, track.pop())        # where players look for it
    length = sum(int(e.split(':')[0]) for e in wanted) * movie // 1000
    change(track, b'tkhd', lambda b: longer(b, 20, length))
    change(inner(boxes, b'moov'), b'mvhd', lambda b: longer(b, 16, length))


def longer(header, at, length):
    """A header's length, which is that of all edits, of the longest track."""
    length = max(length, struct.unpack_from('>I', header, at)[0])
    return header[:at] + struct.pack('>I', length) + header[at + 4:]


def group(boxes, n):
    n, table = int(n), inner(sound(boxes), b'mdia', b'minf', b'stbl')
    one, count = struct.unpack_from('>II', inner(table, b'stsz'), 4)
    sizes = [one] * count if one else list(struct.unpack_from(
        '>%dI' % count, inner(table, b'stsz'), 12))
    groups = [sum(sizes[i:i + n]) for i in range(0, count, n)]
    each = struct.unpack_from('>I', inner(table, b'stts'), 12)[0]
    first = struct.unpack_from('>I', inner(table, b'stco'), 8)[0]
    put(table, b'stsz', struct.pack('>III%dI' % len(groups), 0, 0,
                                    len(groups), *groups))
    put(table, b'stts', struct.pack('>IIII', 0, 1, len(groups), each * n))
    put(table, b'stsc', struct.pack('>IIIII', 0, 1, 1, len(groups), 1))
    put(table, b'stco', struct.pack('>III', 0, 1, first))


def change(boxes, kind, function):
    for i, (k, body) in enumerate(boxes):
        if k == kind:
            boxes[i][1] = function(body)


def enable(boxes, *wanted):
    for i, track in enumerate(tracks(boxes), 1):
        on = str(i) in wanted
        change(track, b'tkhd', lambda b, on=on: b[:3] + bytes(
            [b[3] & ~1 | on]) + b[4:])


def ones(at):
    return lambda b: b[:at] + b'\xff' * 4 + b[at + 4:]


def unknown(boxes):
    change(inner(boxes, b'moov'), b'mvhd', ones(16))
    for track in tracks(boxes):
        change(track, b'tkhd', ones(20))
        change(inner(track, b'mdia'), b'mdhd', ones(16))


def later(boxes, ms):
    track = sound(boxes)
    own = inner(track, b'tkhd')[12:16]
    ticks = int(ms) * scale(inner(track, b'mdia', b'mdhd')) // 1000
    for moof in [body for kind, body in boxes if kind == b'moof']:
        for traf in [body for kind, body in moof if kind == b'traf']:
            if inner(traf, b'tfhd')[4:8] == own:
                change(traf, b'tfdt', lambda b: b[:4] + struct.pack(
                    '>Q', int.from_bytes(b[4:], 'big') + ticks)[-len(b) + 4:])


def swap(boxes):
    table = inner(sound(boxes), b'mdia', b'minf', b'stbl')

    def swapped(stsd):
        at = stsd.index(b'dOps') + 6
        skip, rate, gain = struct.unpack_from('>HIh', stsd, at)
        return (stsd[:at] + struct.pack('<HIh', skip, rate, gain) +
                stsd[at + 8:])

    change(table, b'stsd', swapped)
    # Its edit list does not cut the pre-skip, either.
    sound(boxes)[:] = [b for b in sound(boxes) if b[0] != b'edts']


def main(what, path_in, path_out, *more):
    with open(path_in, 'rb') as f:
        boxes = read(f.read())
    {'edits': edits, 'group': group, 'enable': enable,
     'later': later, 'swap': swap, 'unknown': unknown}[what](boxes, *more)
    with open(path_out, 'wb') as f:
        f.write(write(boxes))


if len(sys.argv) < 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
