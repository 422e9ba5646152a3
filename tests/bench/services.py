"""What v2m costs on GridFS and RabbitMQ; started by tests/bench/services.

    services.py WORK PAIRS reads|store|queue|existing|large
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import gridfs
import pika
import pymongo

import measure

WORK, PAIRS, PART = sys.argv[1], int(sys.argv[2]), sys.argv[3]
BIN = os.environ["V2M_BIN"]
MONGODB = os.environ["MONGODB"]
RABBIT_PORT = int(os.environ["RABBIT_PORT"])
MIB = 1 << 20


def work(name):
    return os.path.join(WORK, name)


class Place:
    """A state with an account, on what store and queue there are."""

    def __init__(self, store=None, queue=None, **more):
        self.state = tempfile.mkdtemp(dir=os.getcwd())
        self.env = dict(os.environ, V2M_STATE=self.state,
                        V2M_FREE_RESERVE="0", V2M_NOTIFY="log:", **more)
        if store:
            self.env["V2M_STORE"] = store
        if queue:
            self.env["V2M_QUEUE"] = queue
        password = os.path.join(self.state, "password")
        with open(password, "w") as f:
            f.write("correct horse\n")
        os.chmod(password, 0o600)
        self.run("v2m-init", "--quiet")
        self.run("v2m-user", "add", "--quiet", "--password-file", password,
                 "ann@example.org")
        self.env["V2M_TOKEN"] = self.run("v2m-user", "token",
                                         "ann@example.org")

    def argv(self, command, *args):
        return [os.path.join(BIN, command)] + list(args)

    def run(self, command, *args, quiet=False):
        done = subprocess.run(self.argv(command, *args), env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise SystemExit("%s: exit status %d\n%s" % (
                command, done.returncode, done.stderr))
        return done.stderr if quiet else done.stdout.strip()

    def time(self, command, *args):
        start = time.monotonic()
        self.run(command, *args)
        return time.monotonic() - start

    def close(self):
        shutil.rmtree(self.state)


def empty():
    """Nothing is left on the servers."""
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
    """A way to the server that counts what comes down."""

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


def theirs_up(path):
    client = pymongo.MongoClient(MONGODB)
    start = time.monotonic()
    with open(path, "rb") as f:
        gridfs.GridFS(client.videos).put(f)
    return time.monotonic() - start


def theirs_down(name, path):
    client = pymongo.MongoClient(MONGODB)
    f = gridfs.GridFS(client.mp3s).find_one({"_id": name})
    start = time.monotonic()
    with open(path, "wb") as out:
        while data := f.read(MIB):
            out.write(data)
    return time.monotonic() - start


def store():
    """Of 20 MB each: no more fits pymongo's reader on FerretDB."""
    sound = work("music.m4a")
    if not os.path.exists(sound):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i",
                        work("music.mp4"), "-vn", "-c", "copy", "-t", "1000",
                        sound], check=True)
    place = Place(store=MONGODB)
    ours, theirs, ratios = [], [], []
    size = os.path.getsize(sound) / MIB
    for _ in range(PAIRS):
        a = place.time("v2m-upload", "--quiet", "--no-queue", sound)
        b = theirs_up(sound)
        ours.append(size / a)
        theirs.append(size / b)
        ratios.append(b / a)
    print("upload of %.1f MiB" % size)
    measure.line("v2m-upload, MiB/s", ours)
    measure.line("pymongo, MiB/s", theirs)
    measure.line("v2m-upload / pymongo", ratios)
    job = place.run("v2m-upload", "--quiet", "-b", "128k", sound)
    place.run("v2m-convert-worker", "--once")
    client = pymongo.MongoClient(MONGODB)
    mp3 = client.mp3s.fs.files.find_one()
    size = mp3["length"] / MIB
    out = os.path.join(place.state, "out.mp3")
    ours, theirs, ratios = [], [], []
    for _ in range(PAIRS):
        a = place.time("v2m-fetch", "--quiet", "--force", "-o", out, job)
        b = theirs_down(mp3["_id"], out)
        ours.append(size / a)
        theirs.append(size / b)
        ratios.append(b / a)
    print("fetch of %.1f MiB" % size)
    measure.line("v2m-fetch, MiB/s", ours)
    measure.line("pymongo, MiB/s", theirs)
    measure.line("v2m-fetch / pymongo", ratios)
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


def cpu_s(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def their_python():
    """One with MoviePy, in a venv; None: it is not at hand."""
    python = work("moviepy/bin/python")
    try:
        if not os.path.exists(python):
            subprocess.run([sys.executable, "-m", "venv", work("moviepy")],
                           check=True, stdout=subprocess.DEVNULL)
            subprocess.run([python, "-m", "pip", "install", "-q", "moviepy",
                            "pika", "pymongo<4.9"], check=True, timeout=600)
        subprocess.run([python, "-c", "import moviepy, pika, gridfs"],
                       check=True)
        return python
    except (OSError, subprocess.SubprocessError) as e:
        print("  MoviePy is not at hand: %s" % e)
        return None


def put_clips(n):
    """As their gateway does."""
    client = pymongo.MongoClient(MONGODB)
    connection = pika.BlockingConnection(pika.ConnectionParameters(
        "localhost", RABBIT_PORT))
    channel = connection.channel()
    for name in "video", "mp3":
        channel.queue_declare(name, durable=True)
    with open(work("short.mp4"), "rb") as f:
        data = f.read()
    for _ in range(n):
        fid = gridfs.GridFS(client.videos).put(data)
        channel.basic_publish(
            exchange="", routing_key="video", body=json.dumps({
                "video_fid": str(fid), "mp3_fid": None,
                "username": "ann@example.org"}),
            properties=pika.BasicProperties(delivery_mode=2))
    connection.close()


def made(n):
    client = pymongo.MongoClient(MONGODB)
    got = client.mp3s.fs.files.count_documents({})
    if got != n:
        raise SystemExit("%d MP3s of %d clips" % (got, n))


def existing():
    clips = int(os.environ.get("BENCH_CLIPS", 100))
    python = their_python()
    server = int(os.environ["BENCH_STORE_PID"])
    print("%d ten-second clips of 0.6 Mbit/s, from queue to queue" % clips)
    speeds = {"theirs": [], "ours": []}
    for _ in range(min(PAIRS, 3)):
        for who in ("theirs", "ours") if python else ("ours",):
            empty()
            put_clips(clips)
            place = Place(store=MONGODB, queue=os.environ["RABBIT"])
            argv = place.argv("v2m-convert-worker", "--once") if \
                who == "ours" else [
                    python, os.path.join(os.path.dirname(__file__),
                                         "existing.py"),
                    MONGODB, str(RABBIT_PORT), str(clips)]
            before = os.times()
            at = cpu_s(server)
            start = time.monotonic()
            subprocess.run(argv, env=place.env, check=True,
                           stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            took = time.monotonic() - start
            after = os.times()
            made(clips)
            speeds[who].append(clips / took)
            print("  %s: %.1f s, %.2f clips/s, CPU %.1f s, the store's own "
                  "%.1f s" % (who, took, clips / took,
                              after.children_user - before.children_user +
                              after.children_system - before.children_system,
                              cpu_s(server) - at), flush=True)
            place.close()
    empty()
    if python:
        measure.line("clips/s, ours / theirs", [
            a / b for a, b in zip(speeds["ours"], speeds["theirs"])], least=8)


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


{"reads": reads, "store": store, "queue": queue, "existing": existing,
 "large": large}[PART]()
