"""Logins with wrong passwords, all at the same moment, each from an address of
its own by X-Forwarded-For.

usage: login-flood.py URL NUMBER ACCOUNT

A %d in ACCOUNT becomes a number.  Prints the statuses that there were, and
the number of answers.
"""
import base64
import collections
import socket
import sys
import threading

host, port = sys.argv[1].split("//")[1].split(":")
number, account = int(sys.argv[2]), sys.argv[3]
codes, lock = collections.Counter(), threading.Lock()
barrier = threading.Barrier(number)


def log_in(i):
    name = account % i if "%d" in account else account
    basic = base64.b64encode(f"{name}:wrong".encode()).decode()
    s = socket.create_connection((host, int(port)), timeout=120)
    barrier.wait(60)
    s.sendall((
        "POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"X-Forwarded-For: 10.0.{i // 250}.{i % 250}\r\n"
        f"Authorization: Basic {basic}\r\nContent-Length: 0\r\n\r\n"
    ).encode())
    answer = b""
    while more := s.recv(4096):
        answer += more
    code = answer.split(b" ")[1].decode()
    if code in ("429", "503") and b"\r\nRetry-After: " not in answer:
        code += "-without-retry-after"
    with lock:
        codes[code] += 1


threads = [threading.Thread(target=log_in, args=(i,)) for i in range(number)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(*sorted(codes), sum(codes.values()))
