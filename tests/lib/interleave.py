"""Rewrite an MP4: the index first, then chunks of each track in turn.

    interleave.py IN OUT SECONDS

IN is any MP4 of ffmpeg's with 32-bit offsets.  OUT has the same tracks, cut
into chunks of SECONDS, as cameras and phones do it (1 s and more) or muxers
of packets (0.1 s and less).
"""
import struct
import sys

HOLDERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def boxes(data, at, end):
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        yield kind, at + head, at + size
        at += size


def find(data, at, end, *path):
    for kind, start, stop in boxes(data, at, end):
        if kind == path[0]:
            return (start, stop) if len(path) == 1 else find(
                data, start, stop, *path[1:])
    raise SystemExit("there is no %s" % path[0].decode())


def table(data, stbl, kind, form):
    start, _ = find(data, *stbl, kind)
    n, = struct.unpack_from(">I", data, start + 4)
    return list(struct.iter_unpack(
        form, data[start + 8:start + 8 + n * struct.calcsize(form)]))


class Track:
    """Samples: where each is, its size, and when it begins, in seconds."""

    def __init__(self, data, start, stop):
        mdhd, _ = find(data, start, stop, b"mdia", b"mdhd")
        version = data[mdhd]
        scale, = struct.unpack_from(">I", data, mdhd + (20 if version else 12))
        stbl = find(data, start, stop, b"mdia", b"minf", b"stbl")
        stsz, _ = find(data, *stbl, b"stsz")
        one, n = struct.unpack_from(">II", data, stsz + 4)
        self.sizes = [one] * n if one else list(struct.unpack_from(
            ">%dI" % n, data, stsz + 12))
        self.times, t = [], 0
        for count, delta in table(data, stbl, b"stts", ">II"):
            for _ in range(count):
                self.times.append(t / scale)
                t += delta
        self.places = []
        runs = table(data, stbl, b"stsc", ">III") + [(1 << 32, 0, 0)]
        run = 0
        for i, (at,) in enumerate(table(data, stbl, b"stco", ">I")):
            if i + 1 >= runs[run + 1][0]:
                run += 1
            for _ in range(runs[run][1]):
                self.places.append(at)
                at += self.sizes[len(self.places) - 1]
        self.chunks = []	# samples in each
        self.offsets = []	# and where it will be


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def rebuild(data, start, stop, tracks):
    """The boxes from start to stop, with other chunks in its tracks."""
    out = b""
    for kind, at, end in boxes(data, start, stop):
        if kind == b"trak":
            track = tracks.pop(0)
            out += box(kind, rebuild(data, at, end, [track]))
        elif kind in HOLDERS:
            out += box(kind, rebuild(data, at, end, tracks))
        elif kind == b"stsc":
            rows = [struct.pack(">III", i + 1, n, 1)
                    for i, n in enumerate(tracks[0].chunks)]
            out += box(kind, struct.pack(">II", 0, len(rows)) + b"".join(rows))
        elif kind == b"stco":
            offsets = tracks[0].offsets
            out += box(kind, struct.pack(">II%dI" % len(offsets), 0,
                                         len(offsets), *offsets))
        elif kind not in (b"sgpd", b"sbgp"):
            out += box(kind, data[at:end])
    return out


def cut(tracks, seconds):
    """Chunks of all tracks in the order of the file: (track, first, n)."""
    order, at, until = [], [0] * len(tracks), seconds
    while any(at[i] < len(t.times) for i, t in enumerate(tracks)):
        for i, t in enumerate(tracks):
            first = at[i]
            while at[i] < len(t.times) and t.times[at[i]] < until:
                at[i] += 1
            if at[i] > first:
                order.append((t, first, at[i] - first))
                t.chunks.append(at[i] - first)
        until += seconds
    return order


def lay_out(source, target, seconds):
    with open(source, "rb") as f:
        data = f.read()
    moov = find(data, 0, len(data), b"moov")
    ftyp = find(data, 0, len(data), b"ftyp")
    tracks = [Track(data, start, stop) for kind, start, stop
              in boxes(data, *moov) if kind == b"trak"]
    order = cut(tracks, seconds)
    for t in tracks:
        t.offsets = [0] * len(t.chunks)
    head = box(b"ftyp", data[ftyp[0]:ftyp[1]])
    size = len(head) + len(rebuild(data, *moov, list(tracks))) + 8
    for t in tracks:
        t.offsets = []
    at = size + 8
    for t, first, n in order:
        t.offsets.append(at)
        at += sum(t.sizes[first:first + n])
    with open(target, "wb") as f:
        f.write(head + box(b"moov", rebuild(data, *moov, list(tracks))))
        f.write(struct.pack(">I4s", at - size, b"mdat"))
        for t, first, n in order:
            for i in range(first, first + n):
                f.write(data[t.places[i]:t.places[i] + t.sizes[i]])


if __name__ == "__main__":
    lay_out(sys.argv[1], sys.argv[2], float(sys.argv[3]))
