#!/usr/bin/env python3
"""Hostile media files, always the same ones.

usage: hostile.py listen PORTFILE HITSFILE   take note of whoever connects
       hostile.py names PORT FOLDER          files that name others
       hostile.py absurd                     files with absurd claims
       hostile.py flip FILE N                flipped-00-FILE ...
"""
import os
import random
import socket
import struct
import sys


def put(name, data):
    with open(name, 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def listen(port_file, hits_file):
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(16)
    put(hits_file, b'')
    put(port_file + '.new', '%d\n' % s.getsockname()[1])
    os.rename(port_file + '.new', port_file)
    while True:
        c, peer = s.accept()
        with open(hits_file, 'a') as f:
            print(peer, file=f)
        c.close()


def names(port, folder):
    url = 'http://127.0.0.1:%s/a' % port
    for what, target in (('passwd', 'file:///etc/passwd'), ('http', url),
                         ('bait', folder + '/bait.wav'),
                         ('concat', 'concat:' + folder + '/bait.wav|' + url),
                         ('subfile', 'subfile,,start,0,end,99,,:' + url)):
        put('names-hls-%s.mp4' % what,
            '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MEDIA-SEQUENCE:0\n'
            '#EXTINF:9.0,\n%s\n#EXT-X-ENDLIST\n' % target)
        put('names-concat-%s.mp4' % what,
            "ffconcat version 1.0\nfile '%s'\n" % target)
        put('names-dash-%s.mp4' % what,
            '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
            ' type="static" mediaPresentationDuration="PT9S"><Period>'
            '<AdaptationSet contentType="audio"><Representation id="1" '
            'mimeType="audio/mp4" bandwidth="1"><BaseURL>%s</BaseURL>'
            '<SegmentList><SegmentURL media="%s"/></SegmentList>'
            '</Representation></AdaptationSet></Period></MPD>\n'
            % (target, target))
    put('names-sdp.mp4', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\n'
        'c=IN IP4 127.0.0.1\nt=0 0\nm=audio %s RTP/AVP 0\n' % port)
    put('names-key.mp4', '#EXTM3U\n#EXT-X-TARGETDURATION:9\n'
        '#EXT-X-KEY:METHOD=AES-128,URI="%s"\n#EXTINF:9,\n'
        'data:audio/wav;base64,AAAA\n#EXT-X-ENDLIST\n' % url)


def wav(rate=44100, channels=2, bits=16, data=b'', claimed=None, tag=1):
    block = min(65535, channels * bits // 8)
    fmt = struct.pack('<HHIIHH', tag, channels & 0xffff, rate,
                      rate * block & 0xffffffff, block, bits)
    n = len(data) if claimed is None else claimed
    return (b'RIFF' + struct.pack('<I', 36 + n & 0xffffffff) + b'WAVEfmt ' +
            struct.pack('<I', 16) + fmt + b'data' + struct.pack('<I', n) +
            data)


def box(kind, data=b'', size=None):
    n = 8 + len(data) if size is None else size
    return struct.pack('>I', n) + kind + data


def absurd():
    noise = random.Random(3).randbytes(4096)
    put('absurd-rate.wav', wav(rate=0xffffffff, data=noise))
    put('absurd-rate0.wav', wav(rate=0, data=noise))
    put('absurd-channels.wav', wav(channels=65535, bits=8, data=noise))
    put('absurd-bits.wav', wav(bits=65535, data=noise))
    put('absurd-length.wav', wav(data=noise, claimed=0xfffffff0))
    deep = noise[:16]
    for _ in range(20000):
        deep = box(b'moov', deep)
    put('absurd-deep.mp4', box(b'ftyp', b'isom\0\0\0\0') + deep)
    ends = box(b'ftyp', b'isom\0\0\0\0')
    put('absurd-size.mp4', ends + box(b'moov', noise, 0x7fffffff))
    mvhd = struct.pack('>IIIII', 0, 0, 0, 1, 0xffffffff) + b'\0' * 80
    put('absurd-duration.mp4', ends + box(b'moov', box(b'mvhd', mvhd)))
    tracks = box(b'trak', box(b'mdia', box(b'hdlr', b'\0' * 8 + b'soun' +
                                           b'\0' * 13))) * 5000
    put('absurd-tracks.mp4', ends + box(b'moov', tracks))
    stts = struct.pack('>III', 0, 1, 0xffffffff) + struct.pack('>I', 1)
    stsz = struct.pack('>III', 0, 1, 0xffffffff)
    stbl = box(b'stbl', box(b'stts', stts) + box(b'stsz', stsz) +
               box(b'stsc', struct.pack('>II', 0, 0x0fffffff)) +
               box(b'stco', struct.pack('>II', 0, 0x0fffffff)))
    put('absurd-table.mp4', ends + box(b'moov', box(b'trak', box(
        b'mdia', box(b'minf', stbl)))))
    ebml = bytes.fromhex('1a45dfa39f4286810142f7810142f2810442f38108'
                         '428288') + b'matroska' + \
        bytes.fromhex('4287810442858102')
    put('absurd-size.mkv', ebml + bytes.fromhex('18538067') + b'\x01' +
        b'\xff' * 7 + bytes.fromhex('1654ae6b') + b'\x01' + b'\xff' * 6 +
        b'\xf0' + noise)
    nested = b''
    for _ in range(500):
        nested = b'\xb6' + struct.pack('>Q', 1 << 56 | len(nested)) + nested
    put('absurd-deep.mkv', ebml + bytes.fromhex('18538067') + b'\x01' +
        b'\xff' * 7 + bytes.fromhex('1043a770') +
        struct.pack('>Q', 1 << 56 | len(nested)) + nested)
    put('absurd-id3.mp3', b'ID3\4\0\0\x7f\x7f\x7f\x7f' + noise)
    put('absurd-picture.mp3', b'ID3\3\0\0\0\0\x1f\x7fAPIC\x7f\xff\xff\xff\0\0'
        b'\0image/jpeg\0\3\0\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff' +
        noise)
    put('absurd-caf.caf', b'caff\0\1\0\0desc' + struct.pack('>q', 32) +
        struct.pack('>d', 1e300) + b'lpcm' + struct.pack(
            '>IIIII', 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff) +
        b'data' + struct.pack('>q', -1) + noise)
    put('absurd-flac.flac', b'fLaC\x80\0\0\x22' + b'\xff' * 34 + noise)
    put('absurd-noise.mp4', noise)
    put('absurd-empty.mp4', b'')
    bad = [float('nan'), float('inf'), float('-inf'), 1e30, -1e30, 3e38]
    values = [bad[i // 700 % 6] if i // 700 % 2 else 0.3 for i in range(88200)]
    put('nan.raw', struct.pack('<%df' % len(values), *values))


def flip(name, count):
    with open(name, 'rb') as f:
        whole = f.read()
    for i in range(count):
        rnd = random.Random(i + 1)
        data = bytearray(whole)
        # Half of them in the headers, where they tell the most.
        end = min(len(data), 2048) if i % 2 == 0 else len(data)
        for _ in range(8 << i % 4):
            data[rnd.randrange(end)] ^= 1 << rnd.randrange(8)
        put('flipped-%02d-%s' % (i, name), bytes(data))


todo = {'listen': listen, 'names': names, 'absurd': absurd,
        'flip': lambda name, n: flip(name, int(n))}
todo[sys.argv[1]](*sys.argv[2:])
