#!/usr/bin/env python3
"""queue_sim - how long videos wait, by the number of workers

Videos wait in the order of arrival, and each worker takes one at a time.  They
arrive in bursts of random size, --burst on average, within --spread seconds;
the pauses between bursts are exponential.  The length of the sound is
log-normal.  The cost of a video is from v2m-capacity(7): seconds of one core
for each hour of sound, and for each job.  The random numbers have a fixed seed,
so the same options give the same table.

    tests/bench/queue_sim.py --per-hour 600 --burst 40 --workers 1,2,4,8
"""
import argparse
import heapq
import math
import random
import sys


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--per-hour", type=float, default=120,
                   help="videos an hour, on average")
    p.add_argument("--burst", type=float, default=20,
                   help="videos of a burst, on average; 1: none come together")
    p.add_argument("--spread", type=float, default=60,
                   help="seconds in which those of a burst come")
    p.add_argument("--minutes", type=float, default=20,
                   help="of sound, in the middle")
    p.add_argument("--sigma", type=float, default=0.8,
                   help="how different lengths are (log-normal)")
    p.add_argument("--hour-costs", type=float, default=28,
                   help="CPU seconds for an hour of sound")
    p.add_argument("--job-costs", type=float, default=0.045,
                   help="CPU seconds for a job, however short")
    p.add_argument("--cores", type=float, default=1,
                   help="cores of each worker")
    p.add_argument("--workers", default="1,2,4,8,16")
    p.add_argument("--hours", type=float, default=200,
                   help="that are simulated")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def arrivals(o, rng):
    """(time, seconds of work), in the order of time."""
    jobs, now = [], 0.0
    while now < o.hours * 3600:
        now += rng.expovariate(o.per_hour / 3600 / o.burst)
        # Geometric: the mean is --burst, the largest are several times that.
        n = 1 if o.burst <= 1 else 1 + int(
            math.log(1 - rng.random()) / math.log(1 - 1 / o.burst))
        for _ in range(n):
            sound = rng.lognormvariate(math.log(o.minutes * 60), o.sigma)
            work = (o.job_costs + sound / 3600 * o.hour_costs) / o.cores
            jobs.append((now + rng.random() * o.spread, work))
    jobs.sort()
    return jobs


def waits(jobs, workers):
    """How many seconds each video waits, and how long all workers worked."""
    free = [0.0] * workers
    waited, busy = [], 0.0
    for at, work in jobs:
        begin = max(at, heapq.heappop(free))
        heapq.heappush(free, begin + work)
        waited.append(begin - at)
        busy += work
    return waited, busy


def text(seconds):
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def main():
    o = options()
    jobs = arrivals(o, random.Random(o.seed))
    print(f"{len(jobs)} videos in {o.hours:.0f} h, "
          f"{len(jobs) / o.hours:.0f} an hour, bursts of about {o.burst:.0f}")
    print("workers\tbusy\tmedian wait\t95 %\tlongest")
    for workers in (int(n) for n in o.workers.split(",")):
        waited, busy = waits(jobs, workers)
        if busy > workers * o.hours * 3600:
            print(f"{workers}\tfull: the queue grows without end")
            continue
        waited.sort()
        print("\t".join((
            str(workers), f"{100 * busy / workers / o.hours / 3600:.0f} %",
            text(waited[len(waited) // 2]),
            text(waited[len(waited) * 95 // 100]), text(waited[-1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
