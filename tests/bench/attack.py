"""The throughput that other clients of v2m-gateway keep while 200 uploads of 8
accounts, from as many addresses, are being finished: AAC of which no frame can
be decoded, so that each check for sound takes as long as it is allowed to.
"""
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import measure

bin_dir, n = os.path.abspath(sys.argv[1]), int(sys.argv[2])
here = os.path.dirname(os.path.abspath(__file__))
ACCOUNTS, EACH = 8, 25
SECONDS = 3
PASSWORD = "correct horse"

if shutil.which("wrk") is None:
    print("attack: not measured, there is no wrk")
    raise SystemExit(0)


def ours(*argv, env):
    return subprocess.run([os.path.join(bin_dir, argv[0]), *argv[1:]],
                          env=env, check=True, text=True,
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout.strip()


def wrk(port, token):
    """Requests per second, and the 99th percentile in ms."""
    done = subprocess.run(
        ["wrk", "-t1", "-c8", "-d%ds" % SECONDS, "--latency", "--timeout",
         "30s", "-H", "Authorization: Bearer " + token,
         "http://127.0.0.1:%d/status" % port],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    bad = re.search("Non-2xx.*|unable.*|Socket errors.*", done.stdout)
    if done.returncode != 0 or bad:
        raise SystemExit("attack: wrk: %s" % (bad.group(0) if bad else
                                              done.stderr))
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    late = re.search(r"99% +([0-9.]+)(us|ms|s)", done.stdout)
    return (float(re.search(r"Requests/sec: +([0-9.]+)",
                            done.stdout).group(1)),
            float(late.group(1)) * unit[late.group(2)])


class Attack:
    """One round: all bytes are sent; then each upload awaits its response."""

    def __init__(self, port, tokens, video):
        self.sent = threading.Semaphore(0)
        self.ended = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.upload, args=(
            port, "127.0.0.%d" % (2 + a), tokens[a], video))
            for a in range(ACCOUNTS) for _ in range(EACH)]
        for thread in self.threads:
            thread.start()
        for _ in self.threads:
            self.sent.acquire()

    def upload(self, port, address, token, video):
        with socket.create_connection(("127.0.0.1", port), 600,
                                      (address, 0)) as s:
            s.sendall(("PUT /upload/x.aac HTTP/1.1\r\nHost: x\r\n"
                       "Authorization: Bearer %s\r\nConnection: close\r\n"
                       "Content-Length: %d\r\n\r\n" %
                       (token, len(video))).encode() + video)
            self.sent.release()
            s.recv(1000)
            with self.lock:
                self.ended += 1

    def wait(self):
        for thread in self.threads:
            thread.join()


def measure_all():
    state = os.path.join(tmp, "state")
    env = {k: v for k, v in os.environ.items() if not k.startswith("V2M_")}
    env.update(V2M_STATE=state, HOME=tmp, XDG_STATE_HOME=tmp,
               XDG_CONFIG_HOME=tmp, V2M_FREE_RESERVE="0")
    password = os.path.join(tmp, "password")
    with open(password, "w", encoding="utf-8") as f:
        f.write(PASSWORD)
    os.chmod(password, 0o600)
    ours("v2m-init", "--quiet", env=env)
    tokens = []
    for who in range(ACCOUNTS + 1):
        address = "user%d@example.org" % who
        ours("v2m-user", "add", "--quiet", "--password-file", password,
             address, env=env)
        tokens.append(ours("v2m-user", "token", address, env=env))
    path = os.path.join(tmp, "slow.aac")
    subprocess.run([sys.executable, os.path.join(here, "../lib/slow-aac.py"),
                    path, "1"], check=True)
    with open(path, "rb") as f:
        video = f.read()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with open(os.path.join(tmp, "log"), "w", encoding="utf-8") as log:
        started.append(subprocess.Popen(
            [os.path.join(bin_dir, "v2m-gateway"), "--listen",
             "127.0.0.1:%d" % port], env=env, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log))
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    rates, lates, left = [], [], []
    wrk(port, tokens[-1])
    for _ in range(n):
        idle = wrk(port, tokens[-1])
        attack = Attack(port, tokens, video)
        beside = wrk(port, tokens[-1])
        left.append(ACCOUNTS * EACH - attack.ended)
        attack.wait()
        rates.append(beside[0] / idle[0])
        lates.append(beside[1] / idle[1])
    print("%-22s keeps %s of its throughput, and a p99 %s times as long, "
          "while %d uploads of %d accounts are finished (%d still were at "
          "the end)" % ("status", measure.spread(rates),
                        measure.spread(lates), ACCOUNTS * EACH, ACCOUNTS,
                        statistics.median(left)))


started = []
with tempfile.TemporaryDirectory() as tmp:
    try:
        measure_all()
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
