"""v2m-upload, v2m-fetch and a download through the gateway, on GridFS, compared
with pymongo: a whole command with a whole process; started by
tests/bench/services.

    store.py WORK PAIRS

FerretDB on SQLite scans all chunks for each query, so one query costs as much
as a reader's cursor for a whole file.  The gateway keeps no cursor open while a
client is slow, and requests 4 MiB at a time; so it has no limit there.
Of 20 MB each: no more fits pymongo's own reader on FerretDB.
"""
import os
import socket
import subprocess
import sys
import time

import pymongo

import measure
from place import Place

WORK, PAIRS = sys.argv[1], int(sys.argv[2])
MONGODB = os.environ["MONGODB"]
JAVA = os.environ["MONGODB_KIND"] == "java"
LEAST = 0.9 if JAVA else 1
MIB = 1 << 20
PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "gridfs-peer.py")


def timed(argv):
    """How many seconds the process takes, and what it prints."""
    start = time.monotonic()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, check=True,
                          stdout=subprocess.PIPE, text=True)
    return time.monotonic() - start, done.stdout


def peer(*args):
    """Seconds of the whole process, and of the transfer in it."""
    whole, said = timed([sys.executable, PEER, MONGODB, *args])
    return whole, float(said)


def sound():
    path = os.path.join(WORK, "music.m4a")
    if not os.path.exists(path):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i",
                        os.path.join(WORK, "music.mp4"), "-vn", "-c", "copy",
                        "-t", "1000", path], check=True)
    return path


def compare(what, size, ours, theirs):
    """ours() gives seconds, theirs() those of the process and the transfer;
    a first turn warms up."""
    turns = [(ours(), *theirs()) for _ in range(PAIRS + 1)][1:]
    print("%s of %.1f MiB" % (what, size))
    measure.line("v2m, MiB/s", [size / a for a, _, _ in turns])
    measure.line("pymongo, MiB/s", [size / b for _, b, _ in turns])
    measure.line("v2m / pymongo", [b / a for a, b, _ in turns], least=LEAST)
    measure.line("v2m / pymongo's transfer alone",
                 [c / a for a, _, c in turns])


def upload(place, path):
    """A server without an index looks through all there is: little is."""
    forget_videos()
    return place.time("v2m-upload", "--quiet", "--no-queue", path)


def upload_theirs(path):
    forget_videos()
    return peer("up", path)


def forget_videos():
    fs = pymongo.MongoClient(MONGODB).videos.fs
    fs.files.delete_many({})
    fs.chunks.delete_many({})


class Gateway:
    def __init__(self, place):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.process = subprocess.Popen(
            place.argv("v2m-gateway", "--listen",
                       "127.0.0.1:%d" % self.port),
            env=place.env, stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.head = "Authorization: Bearer " + place.env["V2M_TOKEN"]
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("v2m-gateway does not listen")

    def time(self, job, path):
        return timed(["curl", "-sf", "-H", self.head, "-o", path,
                      "http://127.0.0.1:%d/download?fid=%s" % (
                          self.port, job)])[0]

    def close(self):
        self.process.terminate()
        self.process.wait()


def through_gateway(place, size, job, out):
    gateway = Gateway(place)
    turns = [(gateway.time(job, out), place.time(
        "v2m-fetch", "--quiet", "--force", "-o", out, job))
        for _ in range(PAIRS + 1)][1:]
    gateway.close()
    print("the same by curl through the gateway")
    measure.line("gateway, MiB/s", [size / a for a, _ in turns])
    measure.line("gateway / v2m-fetch", [b / a for a, b in turns],
                 least=0.8 if JAVA else None)


def main():
    path = sound()
    place = Place(store=MONGODB)
    compare("upload", os.path.getsize(path) / MIB,
            lambda: upload(place, path), lambda: upload_theirs(path))
    forget_videos()
    job = place.run("v2m-upload", "--quiet", "-b", "128k", path)
    place.run("v2m-convert-worker", "--once")
    forget_videos()
    mp3 = pymongo.MongoClient(MONGODB).mp3s.fs.files.find_one()
    size = mp3["length"] / MIB
    out = os.path.join(place.state, "out.mp3")
    batch = ["8"] if JAVA else []
    compare("fetch", size,
            lambda: place.time("v2m-fetch", "--quiet", "--force", "-o", out,
                               job),
            lambda: peer("down", str(mp3["_id"]), out, *batch))
    through_gateway(place, size, job, out)
    place.close()


main()
