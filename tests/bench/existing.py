"""A worker with two jobs at a time, compared with v2m-convert on files and with
two converters of existing deployments; started by tests/bench/services.

    existing.py WORK PAIRS

Ten-second clips, from queue to queue, on a server that uses its index;
BENCH_CLIPS is how many, by default 100.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import gridfs
import pika
import pymongo

import measure
from place import BIN, Place

WORK, PAIRS = sys.argv[1], min(int(sys.argv[2]), 7)
CLIPS = int(os.environ.get("BENCH_CLIPS", 100))
MONGODB = os.environ["MONGODB"]
RABBIT_PORT = int(os.environ["RABBIT_PORT"])
SERVERS = [int(pid) for pid in os.environ["BENCH_SERVERS"].split()]
CLIP = os.path.join(WORK, "short.mp4")
PROCESSES = 2
CORES = os.cpu_count()


class Cost:
    """Seconds: elapsed, of CPU, and of the servers' CPU."""

    def __init__(self, wall, cpu, servers):
        self.wall, self.cpu, self.servers = wall, cpu, servers

    def alone(self):
        """The elapsed time if the servers had cores of their own."""
        return self.wall - self.servers / CORES


def empty():
    """Remove everything from the servers."""
    client = pymongo.MongoClient(MONGODB)
    for name in "videos", "mp3s":
        client.drop_database(name)
    connection = pika.BlockingConnection(pika.ConnectionParameters(
        "localhost", RABBIT_PORT))
    for queue in "video", "mp3":
        connection.channel().queue_delete(queue)
    connection.close()


def put_clips():
    """Store clips and publish messages as their gateway does."""
    client = pymongo.MongoClient(MONGODB)
    connection = pika.BlockingConnection(pika.ConnectionParameters(
        "localhost", RABBIT_PORT))
    channel = connection.channel()
    for name in "video", "mp3":
        channel.queue_declare(name, durable=True)
    with open(CLIP, "rb") as f:
        data = f.read()
    for _ in range(CLIPS):
        fid = gridfs.GridFS(client.videos).put(data)
        channel.basic_publish(
            exchange="", routing_key="video", body=json.dumps({
                "video_fid": str(fid), "mp3_fid": None,
                "username": "ann@example.org"}),
            properties=pika.BasicProperties(delivery_mode=2))
    connection.close()


def cpu_s(pids):
    """CPU seconds of processes and all their children, so far."""
    ticks = 0
    for first in pids:
        for pid in measure.family(first):
            with open("/proc/%d/stat" % pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cost(argvs, env):
    """The cost of commands in parallel, until the last has ended."""
    before, servers, start = os.times(), cpu_s(SERVERS), time.monotonic()
    for p in [subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
              for argv in argvs]:
        if p.wait() != 0:
            raise SystemExit("%s: exit status %d" % (p.args[0], p.returncode))
    wall, after = time.monotonic() - start, os.times()
    return Cost(wall, after.children_user - before.children_user +
                after.children_system - before.children_system,
                cpu_s(SERVERS) - servers)


def queued(argvs, place):
    got = cost(argvs, place.env)
    made = pymongo.MongoClient(MONGODB).mp3s.fs.files.count_documents({})
    if made != CLIPS:
        raise SystemExit("%d MP3s of %d clips" % (made, CLIPS))
    place.close()
    return got


def worker():
    empty()
    put_clips()
    place = Place(store=MONGODB, queue=os.environ["RABBIT"])
    return queued([place.argv("v2m-convert-worker", "--once", "-j",
                              str(PROCESSES))], place)


def theirs(python):
    empty()
    put_clips()
    place = Place(store=MONGODB, queue=os.environ["RABBIT"])
    argv = [python, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                 "existing-peer.py"),
            MONGODB, str(RABBIT_PORT)]
    return queued([argv] * PROCESSES, place)


def files():
    """v2m-convert, as many at a time, on copies of the clip."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, "%d.mp4" % i) for i in range(CLIPS)]
        for path in paths:
            shutil.copy(CLIP, path)
        return cost([[os.path.join(BIN, "v2m-convert"), "--quiet", "-j",
                      str(PROCESSES), "--threads", "1", "-o", folder,
                      *paths]], None)


def their_python():
    """A Python with MoviePy, in a venv; None: not available."""
    python = os.path.join(WORK, "moviepy/bin/python")
    try:
        if not os.path.exists(python):
            venv = os.path.dirname(os.path.dirname(python))
            subprocess.run([sys.executable, "-m", "venv", venv], check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run([python, "-m", "pip", "install", "-q", "moviepy",
                            "pika", "pymongo<4.9"], check=True, timeout=600)
        subprocess.run([python, "-c", "import moviepy, pika, gridfs"],
                       check=True)
        return python
    except (OSError, subprocess.SubprocessError) as e:
        print("  MoviePy is not at hand: %s" % e)
        return None


def report(what, costs):
    measure.line(what + ", clips/s", [CLIPS / c.wall for c in costs])
    measure.line(what + ", CPU s/clip", [c.cpu / CLIPS for c in costs])


def main():
    print("%d ten-second clips of 0.6 Mbit/s, %d at a time" % (
        CLIPS, PROCESSES))
    turns = [(worker(), files()) for _ in range(PAIRS + 1)][1:]
    ours, alone = zip(*turns)
    report("v2m-convert-worker", ours)
    report("v2m-convert", alone)
    measure.line("servers, CPU s/clip", [c.servers / CLIPS for c in ours])
    measure.line("servers, share of all CPU",
                 [c.servers / (c.servers + c.cpu) for c in ours])
    measure.line("CPU, worker / convert", [a.cpu / b.cpu for a, b in turns],
                 most=1.05)
    measure.line("speed less the servers' CPU, worker / convert",
                 [b.wall / a.alone() for a, b in turns], least=0.9)
    python = their_python()
    if python:
        pairs = [(worker(), theirs(python)) for _ in range(min(PAIRS, 3))]
        report("theirs", [b for _, b in pairs])
        measure.line("clips/s, worker / theirs",
                     [b.wall / a.wall for a, b in pairs])
    empty()


main()
