"""The cost of v2m on GridFS and RabbitMQ; started by tests/bench/services.

    services.py WORK PAIRS reads|queue|large
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

import gridfs
import pika
import pymongo

import measure
from place import Place

WORK, PAIRS, PART = sys.argv[1], int(sys.argv[2]), sys.argv[3]
MONGODB = os.environ["MONGODB"]
RABBIT_PORT = int(os.environ["RABBIT_PORT"])
MIB = 1 << 20


def work(name):
    return os.path.join(WORK, name)


def empty():
    """Remove everything from the servers."""
    client = pymongo.MongoClient(MONGODB)
    for name in "videos", "mp3s":
        client.drop_database(name)
    client.close()
    connection = pika.BlockingConnection(pika.ConnectionParameters(
        "localhost", RABBIT_PORT))
    for queue in "video", "mp3":
        connection.channel().queue_delete(queue)
    connection.close()


class Counted:
    """A relay to the server that counts the bytes from it."""

    def __init__(self):
        self.down = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "mongodb://127.0.0.1:%d/" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def pump(self, source, sink, counts):
        try:
            while data := source.recv(65536):
                if counts:
                    self.down += len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(self):
        while True:
            client = self.listener.accept()[0]
            server = socket.create_connection(
                ("127.0.0.1", int(os.environ["MONGODB_PORT"])))
            for args in (client, server, False), (server, client, True):
                threading.Thread(target=self.pump, args=args,
                                 daemon=True).start()


def reads():
    print("bytes read from the store for a conversion / bytes of the video")
    counted = Counted()
    for name in "5-0.1", "5-1", "25-0.1", "25-1":
        path = work("reads-%s.mp4" % name)
        length = os.path.getsize(path)
        what = "%s Mbit/s, sound every %s s" % tuple(name.split("-"))
        place = Place(V2M_MEDIA_DEBUG="1")
        place.run("v2m-upload", "--quiet", path)
        said = place.run("v2m-convert-worker", "--once", quiet=True)
        got = int(re.search(r"read (\d+) of \d+ bytes", said).group(1))
        measure.line(what + ", dir:", [got / length],
                     most=0.15 if name[0] == "2" else None)
        place.close()
        place = Place(store=counted.url)
        place.run("v2m-upload", "--quiet", path)
        counted.down = 0
        place.run("v2m-convert-worker", "--once")
        measure.line(what + ", GridFS", [counted.down / length],
                     most=0.20 if name == "25-1" else None)
        place.close()
        empty()


def queue():
    jobs = 200
    print("jobs of a twentieth of a second of sound, %d at a time: upload, "
          "convert, notify" % jobs)
    files = []
    for i in range(jobs):
        files.append(os.path.abspath("%d.wav" % i))
        if i == 0:
            subprocess.run(["sox", "-n", "-r", "44100", files[0], "synth",
                            "0.05", "pluck", "C4"], check=True)
        else:
            shutil.copy(files[0], files[i])
    for what, args in (("embedded", {}), ("GridFS and RabbitMQ", {
            "store": MONGODB, "queue": os.environ["RABBIT"]})):
        steps = {"upload": [], "convert": [], "notify": [], "all": []}
        for _ in range(min(PAIRS, 3)):
            place = Place(**args)
            took = [place.time("v2m-upload", "--quiet", *files),
                    place.time("v2m-convert-worker", "--once"),
                    place.time("v2m-notify", "--once")]
            for step, t in zip(steps, took + [sum(took)]):
                steps[step].append(jobs / t)
            place.close()
            if args:
                empty()
        for step, values in steps.items():
            measure.line("%s, %s, jobs/s" % (what, step), values)


def large():
    print("peak memory in MiB, the sum of PSS over all processes of a command")
    sizes = 10, 300, 2000
    for what, url in ("dir:", None), ("GridFS", MONGODB):
        peaks = {"v2m-upload": [], "v2m-convert-worker": []}
        for size in sizes:
            place = Place(store=url)
            os.environ.update({k: v for k, v in place.env.items()
                               if k.startswith("V2M_")})
            path = work("raw-%d.mov" % size)
            peaks["v2m-upload"].append(measure.peak_pss_kib(
                place.argv("v2m-upload", "--quiet", path)) / 1024)
            peaks["v2m-convert-worker"].append(measure.peak_pss_kib(
                place.argv("v2m-convert-worker", "--once")) / 1024)
            place.close()
            if url:
                empty()
        for command, values in peaks.items():
            print("  %-44s %s" % ("%s, %s, of 10, 300, 2000 MiB" % (
                command, what), ", ".join("%.1f" % v for v in values)),
                flush=True)


{"reads": reads, "queue": queue,
 "large": large}[PART]()
