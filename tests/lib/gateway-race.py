"""gateway-race.py PORT TOKEN-HEADER FILE SECONDS [SEED]

Threads that begin, continue, ask for, finish, remove and break off the same
few uploads of FILE, and take tickets for what becomes of them, at random.
Prints each answer that none of them should get, then how many there were of
each kind.
"""
import collections
import http.client
import json
import random
import socket
import sys
import threading
import time

port, auth = int(sys.argv[1]), sys.argv[2].split(": ", 1)
seconds = float(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else int(time.time())
with open(sys.argv[3], "rb") as f:
    video = f.read()
SLOTS, THREADS = 3, 8
FINE = {200, 201, 204, 404, 409, 410, 423, 429}
NOT_READY = 503                 # of a download alone

slots = [None] * SLOTS
counts = collections.Counter()
lock = threading.Lock()
until = time.monotonic() + seconds


def note(what, status, body=b""):
    with lock:
        counts["%s %s" % (what, status)] += 1
        if status not in FINE and (what, status) != ("by ticket", NOT_READY):
            print("%s: %s %r" % (what, status, body[:200]))


def ask(method, path, headers=(), body=None, what=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        c.request(method, path, body, {
            "Tus-Resumable": "1.0.0", auth[0]: auth[1], **dict(headers)})
        r = c.getresponse()
        text = r.read()
        note(what or method, r.status, text)
        return r, text
    except (OSError, http.client.HTTPException) as e:
        note(what or method, repr(e))
        return None, b""
    finally:
        c.close()


def create(slot):
    r, _ = ask("POST", "/files/", {"Upload-Length": str(len(video))},
               what="create")
    if r is not None and r.status == 201:
        slots[slot] = "/files/" + r.getheader("Location")


def offset_of(path):
    r, _ = ask("HEAD", path)
    if r is None or r.status != 200:
        return None
    return int(r.getheader("Upload-Offset"))


def piece(at, most):
    return {"Upload-Offset": str(at),
            "Content-Type": "application/offset+octet-stream"}, \
        video[at:at + most]


def patch(path, most):
    at = offset_of(path)
    if at is not None:
        headers, body = piece(at, most)
        ask("PATCH", path, headers, body)


def cut(path):
    """Send half of the announced bytes, then nothing more."""
    at = offset_of(path)
    if at is None:
        return
    n = len(video) - at
    with socket.create_connection(("127.0.0.1", port), 120) as s:
        s.sendall(("PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\n"
                   "%s: %s\r\nContent-Type: application/offset+octet-stream"
                   "\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n" %
                   (path, *auth, at, n)).encode() + video[at:at + n // 2])
    note("cut", 200)


def ticket(path):
    job = path.rsplit("/", 1)[1]
    r, text = ask("POST", "/ticket?fid=" + job, what="ticket")
    if r is not None and r.status == 200:
        ask("GET", json.loads(text)["url"], what="by ticket")


def race(number):
    dice = random.Random(seed * 100 + number)
    while time.monotonic() < until:
        slot = dice.randrange(SLOTS)
        path = slots[slot]
        turn = dice.random()
        if path is None or turn < 0.1:
            create(slot)
        elif turn < 0.35:
            patch(path, 1 + dice.randrange(len(video)))
        elif turn < 0.6:
            patch(path, len(video))
        elif turn < 0.7:
            offset_of(path)
        elif turn < 0.8:
            cut(path)
        elif turn < 0.9:
            ask("DELETE", path)
        else:
            ticket(path)


threads = [threading.Thread(target=race, args=(i,)) for i in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("seed %d" % seed)
for what, n in sorted(counts.items()):
    print("# %s: %d" % (what, n))
