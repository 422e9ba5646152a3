"""relay - a network that fails: passes TCP connections on, cuts and slows them.

usage: relay.py PORT [UP [DOWN]]

Listens on a free port of 127.0.0.1, which it prints, and passes everything on
to PORT.  When UP bytes went to the server, or DOWN bytes came from it, over
all connections, all of them are cut, once; 0 is never.  UP,MORE cuts them a
second time after so many more.  SIGUSR1 cuts them too; SIGUSR2 has it print how
many bytes came down so far.  SIGHUP slows all of them down, to some 100 kB/s
each way with 20 ms more to wait, and up again.
"""
import os
import signal
import socket
import sys
import threading
import time

port = int(sys.argv[1])
cuts = {"up": [], "down": []}       # bytes from one to the next
for name, numbers in zip(("up", "down"), sys.argv[2:]):
    cuts[name] = [int(n) for n in numbers.split(",") if n != "0"]
passed = {"up": 0, "down": 0}
lock = threading.Lock()
slow = threading.Event()
pairs = set()


def cut(*_):
    for pair in list(pairs):
        for s in pair:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def slow_down(*_):
    if slow.is_set():
        slow.clear()
    else:
        slow.set()


def count(name, n):
    """How many of n bytes may still pass, and whether the cut comes then."""
    with lock:
        end = False
        if cuts[name]:
            n = min(n, cuts[name][0])
            cuts[name][0] -= n
            end = cuts[name][0] == 0
            if end:
                cuts[name].pop(0)
        passed[name] += n
        return n, end


def pump(name, source, sink, pair):
    try:
        while data := source.recv(2048 if slow.is_set() else 65536):
            if slow.is_set():
                time.sleep(0.02)
            n, end = count(name, len(data))
            sink.sendall(data[:n])
            if end:
                cut()
                break
    except OSError:
        pass
    for s in pair:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    pairs.discard(pair)


def serve(client):
    try:
        server = socket.create_connection(("127.0.0.1", port))
    except OSError:
        client.close()
        return
    pair = (client, server)
    pairs.add(pair)
    threading.Thread(target=pump, args=("up", client, server, pair),
                     daemon=True).start()
    threading.Thread(target=pump, args=("down", server, client, pair),
                     daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGUSR1, cut)
signal.signal(signal.SIGHUP, slow_down)
signal.signal(signal.SIGUSR2, lambda *_: print(passed["down"], flush=True))
print(listener.getsockname()[1], flush=True)
while os.getppid() != 1:
    serve(listener.accept()[0])
