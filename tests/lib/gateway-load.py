"""gateway-load - many clients of a gateway at once.

usage: gateway-load.py uploads URL FILE COUNT PID	token in TOKEN
       gateway-load.py flood URL
       gateway-load.py lock DATABASE

uploads begins COUNT of PUT /upload/, holds all back in the middle of their
bodies until each is there, lets them go, and prints how many got which answer,
and "peak N", the most memory (PSS, KiB) that process PID had of its own.
flood logs in from everywhere with wrong passwords until it is ended by
SIGTERM, then prints the same; "flooding" says that it has begun.  lock holds the write lock of an SQLite database
and prints "locked"; it ends with its standard input.
"""
import base64
import collections
import http.client
import os
import random
import signal
import socket
import sqlite3
import sys
import threading
import time
import urllib.parse

TIMEOUT = 300


def place(url):
    return urllib.parse.urlsplit(url).netloc


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def connect(url):
    c = http.client.HTTPConnection(place(url), timeout=TIMEOUT)
    c.connect()
    c.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return c


def upload(url, data, number, together, answers):
    try:
        c = connect(url)
        c.putrequest("PUT", "/upload/video-%03d.mp4" % number)
        c.putheader("Authorization", "Bearer " + os.environ["TOKEN"])
        c.putheader("Content-Length", str(len(data)))
        c.endheaders()
        half = len(data) // 2
        c.send(data[:half])
        together.wait(TIMEOUT)
        for at in range(half, len(data), 1 << 16):
            c.send(data[at:at + (1 << 16)])
        answer = c.getresponse()
        answers.append("%d %s" % (answer.status, answer.read().decode()))
        c.close()
    except (OSError, http.client.HTTPException,
            threading.BrokenBarrierError) as e:
        answers.append("failed: %r" % e)


def print_counts(answers):
    for answer, n in sorted(collections.Counter(answers).items()):
        print(n, answer.strip())


def uploads(url, path, count, pid):
    with open(path, "rb") as f:
        data = f.read()
    threading.stack_size(256 * 1024)
    together = threading.Barrier(count)
    answers, peak = [], 0
    threads = [threading.Thread(target=upload, args=(
        url, data, i, together, answers)) for i in range(count)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        peak = max(peak, pss_kib(pid))
        time.sleep(0.05)
    print_counts(answers)
    print("peak", peak)


def flood(url):
    answers = []
    ended = threading.Event()

    def log_in():
        while not ended.is_set():
            try:
                c = connect(url)
                for _ in range(50):
                    pair = b"user-%d@example.org:wrong" % (
                        random.randrange(1000000))
                    c.request("POST", "/login", headers={
                        "Authorization": "Basic " +
                        base64.b64encode(pair).decode(),
                        "X-Forwarded-For": "10.%d.%d.%d" % tuple(
                            random.randrange(256) for _ in range(3))})
                    answer = c.getresponse()
                    answer.read()
                    answers.append(str(answer.status))
                    if len(answers) == 100:
                        print("flooding", flush=True)
                    if ended.is_set():
                        break
                c.close()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    threads = [threading.Thread(target=log_in) for _ in range(32)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print_counts(answers)


def lock(path):
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)
    sys.stdin.read()
    db.execute("ROLLBACK")


if sys.argv[1] == "uploads":
    uploads(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
elif sys.argv[1] == "flood":
    flood(sys.argv[2])
else:
    lock(sys.argv[2])
