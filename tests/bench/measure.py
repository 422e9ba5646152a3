"""Run commands in pairs and compare what they cost.

Elapsed time is that of the monotonic clock, CPU time that of wait4(2) for the
process and all its children.  Peak memory is the largest sum of PSS over all
processes of the command, sampled; sampling slows a run, so memory has runs of
its own, which do not count for time.
"""
import os
import statistics
import subprocess
import threading
import time


class Cost:
    def __init__(self, wall, cpu):
        self.wall = wall
        self.cpu = cpu


def run(argv):
    """One run, without its output; a failure ends the bench."""
    before = os.times()
    start = time.monotonic()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    wall = time.monotonic() - start
    after = os.times()
    if done.returncode != 0:
        raise SystemExit("%s: exit status %d\n%s" % (
            argv[0], done.returncode, done.stderr.decode()))
    cpu = (after.children_user - before.children_user +
           after.children_system - before.children_system)
    return Cost(wall, cpu)


def together(argvs):
    """Run several at once, until the last has ended."""
    before = os.times()
    start = time.monotonic()
    done = [subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL) for argv in argvs]
    for argv, p in zip(argvs, done):
        if p.wait() != 0:
            raise SystemExit("%s: exit status %d" % (argv[0], p.returncode))
    wall = time.monotonic() - start
    after = os.times()
    return Cost(wall, after.children_user - before.children_user +
                after.children_system - before.children_system)


def family(pid):
    """The process and its descendants."""
    pids = [pid]
    for p in pids:
        try:
            for task in os.listdir("/proc/%d/task" % p):
                path = "/proc/%d/task/%s/children" % (p, task)
                with open(path) as f:
                    pids += [int(c) for c in f.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return pids


def pss_kib(pid):
    try:
        with open("/proc/%d/smaps_rollup" % pid) as f:
            for line in f:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0


def peak_pss_kib(argv, every=0.02):
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    ended = threading.Event()
    threading.Thread(target=lambda: (p.wait(), ended.set())).start()
    peak = 0
    while not ended.wait(every):
        peak = max(peak, sum(pss_kib(q) for q in family(p.pid)))
    return peak


def spread(values):
    return "%.3f (%.3f to %.3f)" % (
        statistics.median(values), min(values), max(values))


def line(what, values, most=None, least=None):
    """Print a figure, its spread, and its limit."""
    wanted = ""
    middle = statistics.median(values)
    if most is not None:
        wanted = "at most %g%s" % (most, "" if middle <= most else "  MISSED")
    if least is not None:
        wanted = "at least %g%s" % (least,
                                    "" if middle >= least else "  MISSED")
    print("  %-44s %-26s %s" % (what, spread(values), wanted), flush=True)


def pairs(ours, theirs, n, clean=lambda: None):
    """Alternate n times after a warm-up of each; ratios pair by pair."""
    walls, cpus, alone = [], [], []
    for turn in range(n + 1):
        clean()
        a = run(ours)
        clean()
        b = run(theirs)
        if turn > 0:
            walls.append(a.wall / b.wall)
            cpus.append(a.cpu / b.cpu)
            alone.append((a.wall, b.wall))
    return walls, cpus, alone
