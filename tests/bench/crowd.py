"""Many uploaders and workers on one embedded state, beside an older v2m.

    crowd.py BIN WORK PAIRS

120 uploaders upload one clip of 0.3 s after the other, 20 workers convert, and
a notifier sends.  Measured: how long each upload command takes, how many are
refused, how many jobs are done at the end; the same with 5 uploaders that are
stopped for 5 s at random moments.  BEFORE, the folder of an older v2m's
commands, is measured in turns with BIN.  At the end: how often a job calls
fsync(2), by strace.
UPLOADERS, WORKERS and CLIPS change the numbers.
"""
import collections
import os
import queue
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

import measure
from place import Place

BIN, WORK, PAIRS = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
BEFORE = os.environ.get("BEFORE")
UPLOADERS = int(os.environ.get("UPLOADERS", "120"))
WORKERS = int(os.environ.get("WORKERS", "20"))
CLIPS = int(os.environ.get("CLIPS", "480"))
FROZEN, FROZEN_S = 5, 5
ENDED_S = 600			# when a run counts as hung


def daemon(place, command, *args, log=subprocess.DEVNULL):
    return subprocess.Popen(place.argv(command, *args), env=place.env,
                            stdin=subprocess.DEVNULL, close_fds=False,
                            stdout=log, stderr=subprocess.STDOUT)


class Crowd:
    """One run: all clips are uploaded, converted and notified."""

    def __init__(self, place, clip, frozen):
        self.place = place
        self.clip = clip
        self.left = queue.SimpleQueue()
        for i in range(CLIPS):
            self.left.put(i)
        self.took = []			# of uploaders that were not stopped
        self.stopped = []		# of the others, time stopped excluded
        self.refused = collections.Counter()
        self.running = {}
        self.frozen = set()
        self.lock = threading.Lock()
        self.freezing = frozen

    def upload(self):
        start = time.monotonic()
        p = subprocess.Popen(self.place.argv("v2m-upload", "--quiet",
                                             self.clip),
                             env=self.place.env, close_fds=False, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        with self.lock:
            self.running[p.pid] = p
        said = p.stdout.read()
        os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
        took = time.monotonic() - start
        with self.lock:
            del self.running[p.pid]
            frozen = p.pid in self.frozen
        if p.wait() != 0:
            self.refused[said.strip().split(": ", 2)[-1]] += 1
        elif frozen:
            self.stopped.append(took - FROZEN_S)
        else:
            self.took.append(took)

    def uploader(self):
        while True:
            try:
                self.left.get_nowait()
            except queue.Empty:
                return
            self.upload()

    def freeze_one(self, after):
        time.sleep(after)
        with self.lock:
            if not self.running:
                return
            pid = random.choice(list(self.running))
            self.frozen.add(pid)
            os.kill(pid, signal.SIGSTOP)
        time.sleep(FROZEN_S)
        with self.lock:
            if pid in self.running:	# it had ended already
                os.kill(pid, signal.SIGCONT)

    def go(self):
        log = open(os.path.join(self.place.state, "notify.log"), "w+")
        daemons = [daemon(self.place, "v2m-convert-worker", "--threads", "1")
                   for _ in range(WORKERS)]
        daemons.append(daemon(self.place, "v2m-notify", log=log))
        time.sleep(1)
        start = time.monotonic()
        threads = [threading.Thread(target=self.uploader)
                   for _ in range(UPLOADERS)]
        if self.freezing:
            threads += [threading.Thread(target=self.freeze_one,
                                         args=(random.uniform(0.5, 5),))
                        for _ in range(FROZEN)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.uploaded = time.monotonic() - start
        self.wait_told(log.name, len(self.took) + len(self.stopped))
        self.ended = time.monotonic() - start
        for p in daemons:
            p.terminate()
        for p in daemons:
            p.wait()

    @staticmethod
    def wait_told(path, n):
        until = time.monotonic() + ENDED_S
        while time.monotonic() < until:
            with open(path) as f:
                if sum("event=notice" in line for line in f) >= n:
                    return
            time.sleep(0.1)
        raise SystemExit("crowd: not all jobs ended")


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def measure_once(bin_dir, clip, frozen, figures):
    place = Place(bin_dir=bin_dir, work=WORK)
    crowd = Crowd(place, clip, frozen)
    crowd.go()
    place.close()
    middle = statistics.median(crowd.took)
    p99 = percentile(crowd.took, 0.99)
    figures["refused"].append(sum(crowd.refused.values()))
    figures["median, s"].append(middle)
    figures["p99, s"].append(p99)
    figures["slowest, s"].append(max(crowd.took))
    figures["p99 / median"].append(p99 / middle)
    figures["uploads/s"].append(len(crowd.took) / crowd.uploaded)
    figures["jobs/s, end to end"].append(len(crowd.took) / crowd.ended)
    for text, n in crowd.refused.items():
        print("  refused %d times: %s" % (n, text))
    if crowd.stopped:
        figures["a stopped one, without its stop, s"].append(
            max(crowd.stopped))


def crowd(clip, frozen):
    print("%d uploaders, %d workers, %d clips%s" % (
        UPLOADERS, WORKERS, CLIPS, ", %d uploaders stopped for %d s" % (
            FROZEN, FROZEN_S) if frozen else ""), flush=True)
    ours = collections.defaultdict(list)
    before = collections.defaultdict(list)
    for _ in range(min(PAIRS, 3)):
        if BEFORE:
            measure_once(BEFORE, clip, frozen, before)
        measure_once(BIN, clip, frozen, ours)
    for what, values in before.items():
        measure.line("before: " + what, values)
    most = {"refused": 0, "p99 / median": 3}
    for what, values in ours.items():
        measure.line(what, values, most=most.get(what))
    if BEFORE:
        key = "jobs/s, end to end"
        measure.line("jobs/s / before", [a / b for a, b in zip(
            ours[key], before[key])], least=None if frozen else 2)


CALLS = "fsync,fdatasync,sync,syncfs,msync"


def traced(place, n, command, *args):
    """How often a command flushes each file, per run."""
    trace = os.path.join(place.state, "trace")
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e",
                    "trace=" + CALLS] + place.argv(command, *args),
                   env=place.env, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = collections.Counter()
    with open(trace) as f:
        for line in f:
            found = re.search(r"sync\(\d+<(.*?)>", line)
            if found:
                name = found.group(1).replace(place.state, "STATE")
                seen[re.sub(r"/#\d+$|/[0-9a-f]{24}$", "/FILE", name)] += 1
    return {name: times / n for name, times in seen.items()}


def flushes(bin_dir, clip):
    jobs = 100
    place = Place(bin_dir=bin_dir, work=WORK)
    others = [daemon(place, "v2m-convert-worker"), daemon(place, "v2m-notify")]
    time.sleep(1)
    os.kill(others[0].pid, signal.SIGSTOP)
    os.kill(others[1].pid, signal.SIGSTOP)
    total = collections.Counter()
    for what, each, n, argv in (
            ("one upload command", 1, 20, ("v2m-upload", "--quiet", clip)),
            ("a worker, a job", jobs, 1, ("v2m-convert-worker", "--once")),
            ("a notifier, a job", jobs, 1, ("v2m-notify", "--once"))):
        if each == jobs:
            while total["queued"] < jobs:
                place.run("v2m-upload", "--quiet", clip)
                total["queued"] += 1
        seen = collections.Counter()
        for _ in range(n):
            for name, times in traced(place, each, *argv).items():
                seen[name] += times / n
        if n > 1:
            total["queued"] = n
        print("  %-34s %.2f" % (what, sum(seen.values())))
        for name, times in sorted(seen.items()):
            print("    %-40s %.2f" % (name, times))
    for p in others:
        p.kill()
        p.wait()
    place.close()


def main():
    clip = os.path.abspath(os.path.join(WORK, "moment.wav"))
    if not os.path.exists(clip):
        subprocess.run(["sox", "-n", "-r", "44100", clip, "synth", "0.3",
                        "pluck", "C4"], check=True)
    crowd(clip, False)
    crowd(clip, True)
    if shutil.which("strace") is None:
        print("flushes: not counted, there is no strace")
        return
    for what, bin_dir in (("before", BEFORE), ("now", BIN)):
        if bin_dir:
            print("flushes, %s" % what, flush=True)
            flushes(bin_dir, clip)


main()
