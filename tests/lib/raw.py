#!/usr/bin/env python3
"""raw - say bytes to an HTTP server, and tell what comes back

usage: raw.py [-t SECONDS] [-n ANSWERS] [-b BYTES] [--tls] [--show]
              PORT STEP ...

Steps, with the escapes of Python's bytes:

    TEXT            send it
    repeat:N:TEXT   send it N times
    drip:MS:TEXT    send it byte by byte, with a pause before each
    sleep:MS        wait
    touch:FILE      make a file, to tell the test
    await:FILE      wait for one, to be told
    shut            send no more
    reset           break the connection
    answer          wait for the head of one answer (100 Continue, too)

Then it reads until the server closes, or after ANSWERS (1) has nothing more to
say for SECONDS (1); while one of these is missing it waits for a minute at
least.
Prints the statuses of all answers and how it ended: "200 404 closed",
"closed", "200 open", "reset"; with --show the last body as well, on lines of
its own.  A step that the server does not wait for is no error.  -b sets the
size of the buffer for what comes.
"""
import argparse
import os
import re
import socket
import ssl
import struct
import time


def unescape(text):
    return text.encode().decode('unicode_escape').encode('latin-1')


class Talk:
    def __init__(self, opts):
        self.s = socket.socket()
        if opts.b:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, opts.b)
        self.s.settimeout(20)
        self.s.connect(('127.0.0.1', opts.port))
        if opts.tls:
            context = ssl._create_unverified_context()
            self.s = context.wrap_socket(self.s)
        self.patience = opts.t
        self.got = b''
        self.end = None

    def send(self, data):
        if self.end is not None:
            return
        try:
            self.s.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass                # what was said before may still be there
        except socket.timeout:
            self.end = 'stuck'

    def read(self, patience):
        """One piece; False where there is none."""
        self.s.settimeout(patience)
        try:
            data = self.s.recv(1 << 16)
        except (socket.timeout, ssl.SSLWantReadError):
            self.end = 'open'
            return False
        except (ConnectionResetError, ssl.SSLError):
            self.end = 'reset'
            return False
        finally:
            self.s.settimeout(20)
        if not data:
            self.end = 'closed'
            return False
        self.got += data
        return True

    def step(self, step):
        kind, _, rest = step.partition(':')
        if kind == 'repeat':
            n, _, text = rest.partition(':')
            data = unescape(text)
            for _ in range(int(n)):
                self.send(data)
        elif kind == 'drip':
            ms, _, text = rest.partition(':')
            for byte in unescape(text):
                time.sleep(int(ms) / 1000)
                self.send(bytes([byte]))
        elif kind == 'sleep':
            time.sleep(int(rest) / 1000)
        elif kind == 'touch':
            open(rest, 'w').close()
        elif kind == 'await':
            while not os.path.exists(rest):
                time.sleep(0.05)
        elif step == 'reset':
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack('ii', 1, 0))
            self.s.close()
            self.end = 'broken'
        elif step == 'shut':
            self.s.shutdown(socket.SHUT_WR)
        elif step == 'answer':
            before = len(heads(self.got)[0])
            while len(heads(self.got)[0]) == before and self.read(60):
                pass
        else:
            self.send(unescape(step))


def heads(got):
    """The statuses of all answers, and the last body."""
    statuses, body = [], b''
    while True:
        head, blank, rest = got.partition(b'\r\n\r\n')
        line = re.match(rb'HTTP/1\.1 (\d\d\d) ', head)
        if not blank or not line:
            return statuses, body
        statuses.append(line[1].decode())
        length = re.search(rb'(?i)\r\ncontent-length: *(\d+)', head)
        n = int(length[1]) if length else 0
        body, got = rest[:n], rest[n:]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-t', type=float, default=1)
    p.add_argument('-n', type=int, default=1)
    p.add_argument('-b', type=int)
    p.add_argument('--tls', action='store_true')
    p.add_argument('--show', action='store_true')
    p.add_argument('port', type=int)
    p.add_argument('steps', nargs='*')
    opts = p.parse_args()
    try:
        talk = Talk(opts)
    except (ConnectionError, ssl.SSLError) as e:
        print('refused' if isinstance(e, ConnectionRefusedError) else 'no')
        return
    for step in opts.steps:
        talk.step(step)
    if talk.end in (None, 'open'):
        while talk.read(opts.t if len(heads(talk.got)[0]) >= opts.n else
                        max(opts.t, 60)):
            pass
    statuses, body = heads(talk.got)
    print(*statuses, talk.end)
    if opts.show:
        print(body.decode('utf-8', 'replace'))


main()
