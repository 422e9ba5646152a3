#!/usr/bin/env python3
"""tags.py - tags as others write them.

  tags.py id3 IN OUT VERSION ENCODING KEY=TEXT...
          ID3v2.VERSION, 3 or 4, in front; ENCODING is latin-1, utf-16 (little
          endian with a BOM), utf-16-big (with a BOM), utf-16-be or utf-8, or
          cp1252, which is told as latin-1
  tags.py id3v1 IN OUT TITLE ARTIST       behind, in cp1252
  tags.py info IN OUT ENCODING KEY=TEXT...   LIST INFO behind a WAV
  tags.py chunk IN OUT VERSION ENCODING KEY=TEXT...   ID3v2 behind a WAV
"""
import struct
import sys

KINDS = {'latin-1': 0, 'cp1252': 0, 'utf-16': 1, 'utf-16-big': 1,
         'utf-16-be': 2, 'utf-8': 3}


def coded(text, encoding):
    if encoding == 'utf-16':
        return b'\xff\xfe' + text.encode('utf-16-le')
    if encoding == 'utf-16-big':
        return b'\xfe\xff' + text.encode('utf-16-be')
    return text.encode(encoding)


def synchsafe(n):
    return bytes(n >> shift & 127 for shift in (21, 14, 7, 0))


def id3(data, version, encoding, *tags):
    out = b''
    for key, text in (t.split('=', 1) for t in tags):
        # With a comment or lyrics stand a language and what they are about.
        about = b''
        if key in ('COMM', 'USLT'):
            end = b'\0\0' if KINDS[encoding] in (1, 2) else b'\0'
            about = b'eng' + coded('', encoding) + end
        body = bytes([KINDS[encoding]]) + about + coded(text, encoding)
        size = synchsafe(len(body)) if version == '4' else struct.pack(
            '>I', len(body))
        out += key.encode() + size + b'\0\0' + body
    return b'ID3' + bytes([int(version), 0, 0]) + synchsafe(len(out)) + \
        out + data


def id3v1(data, title, artist):
    fields = [text.encode('cp1252').ljust(30, b'\0')
              for text in (title, artist, '')]
    return data + b'TAG' + b''.join(fields) + b'2024' + bytes(30) + b'\xff'


def info(data, encoding, *tags):
    out = b'INFO'
    for key, text in (t.split('=', 1) for t in tags):
        body = text.encode(encoding) + b'\0'
        out += key.encode() + struct.pack('<I', len(body)) + body
        out += b'\0' * (len(body) & 1)
    data += b'LIST' + struct.pack('<I', len(out)) + out
    return data[:4] + struct.pack('<I', len(data) - 8) + data[8:]


def chunk(data, *more):
    out = id3(b'', *more)
    out += b'\0' * (len(out) & 1)
    data += b'id3 ' + struct.pack('<I', len(out)) + out
    return data[:4] + struct.pack('<I', len(data) - 8) + data[8:]


def main(what, path_in, path_out, *more):
    with open(path_in, 'rb') as f:
        data = f.read()
    data = {'id3': id3, 'id3v1': id3v1, 'info': info,
            'chunk': chunk}[what](data, *more)
    with open(path_out, 'wb') as f:
        f.write(data)


if len(sys.argv) < 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
