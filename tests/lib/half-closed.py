"""Logins whose clients close their half of the connection after the request, at
once or while it is being processed: each gets a response, then the end.

usage: half-closed.py PORT USER:PASSWORD NUMBER THREADS [SEED]

Each thread has an address of its own by X-Forwarded-For.  Prints the statuses
that there were, "none" for no answer, each with its number.
"""
import base64
import collections
import random
import socket
import sys
import threading
import time

port, number, nthreads = int(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else time.time_ns()
basic = base64.b64encode(sys.argv[2].encode()).decode()
PAUSES = [0, 0, 0.0001, 0.001, 0.005, 0.02, 0.06]
NEVER_S = 120

statuses, lock = collections.Counter(), threading.Lock()


def request_of(thread):
    return ("POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
            f"X-Forwarded-For: 192.0.2.{thread}\r\n"
            f"Authorization: Basic {basic}\r\n\r\n").encode()


def answer_to(request, dice):
    with socket.create_connection(("127.0.0.1", port), NEVER_S) as s:
        cut = dice.choice([len(request), dice.randrange(1, len(request))])
        s.sendall(request[:cut])
        time.sleep(dice.choice(PAUSES))
        s.sendall(request[cut:])
        time.sleep(dice.choice(PAUSES))
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while more := s.recv(65536):
            answer += more
        return answer


def ask(request, dice):
    try:
        answer = answer_to(request, dice)
        status = answer.partition(b" ")[2][:3].decode() or "none"
    except OSError as e:
        status = repr(e)
    with lock:
        statuses[status] += 1


def ask_all(thread):
    dice = random.Random("%d %d" % (seed, thread))
    for _ in range(number // nthreads):
        ask(request_of(thread), dice)


threads = [threading.Thread(target=ask_all, args=(i,))
           for i in range(nthreads)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("# seed %d" % seed)
print(*("%s: %d" % pair for pair in sorted(statuses.items())))
