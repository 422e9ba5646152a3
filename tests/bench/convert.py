"""v2m-convert against the ffmpeg program: same file, same settings.

    convert.py BIN WORK TURNS PART ...

PARTs: convert, memory, scaling, loudness, downmix, isolation.  In each turn all
programs run once, one after the other; a ratio is that of two runs of the same
turn.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import measure

CONVERT = os.path.join(sys.argv[1], "v2m-convert")
WORK, TURNS = sys.argv[2], int(sys.argv[3])
OUT = {who: os.path.join(WORK, "out-%s.mp3" % who)
       for who in ("all", "one", "ffmpeg", "lame", "half1", "half2", "newest")}
CORES = len(os.sched_getaffinity(0))


def work(name):
    return os.path.join(WORK, name)


def ours(clip, settings, out, threads=None):
    return ([CONVERT, "--quiet", "--force"] +
            (["--threads", str(threads)] if threads else []) +
            settings + [clip, out])


def ffmpeg(clip, settings, out, program="ffmpeg"):
    return [program, "-v", "error", "-nostdin", "-y", "-i", clip, "-vn",
            "-c:a", "libmp3lame"] + settings + [out]


def newest_ffmpeg():
    """The static ffmpeg of PyPI's imageio-ffmpeg, in a venv, or None."""
    venv = work("imageio")
    python = os.path.join(venv, "bin", "python")
    where = [python, "-c", "import imageio_ffmpeg as i; "
             "print(i.get_ffmpeg_exe())"]
    try:
        if not os.path.exists(python):
            subprocess.run([sys.executable, "-m", "venv", venv], check=True,
                           stdout=subprocess.DEVNULL)
            subprocess.run([python, "-m", "pip", "install", "-q",
                            "imageio-ffmpeg"], check=True, timeout=300)
        return subprocess.run(where, check=True, capture_output=True,
                              text=True).stdout.strip()
    except (OSError, subprocess.SubprocessError) as e:
        print("  the newest ffmpeg (PyPI's imageio-ffmpeg) is not at hand: %s"
              % e)
        return None


SETTINGS = {	# ours, ffmpeg's, lame's
    "V2": (["-q", "V2"], ["-q:a", "2"], ["-V", "2"]),
    "192k": (["-b", "192k"], ["-b:a", "192k"], ["-b", "192"]),
}


def contestants(name, clip, how, newest):
    mine, theirs, lames = SETTINGS[how]
    c = {
        "all": [ours(clip, mine, OUT["all"])],
        "ffmpeg": [ffmpeg(clip, theirs, OUT["ffmpeg"])],
        "one": [ours(clip, mine, OUT["one"], 1)],
    }
    if shutil.which("lame"):
        c["lame"] = [["lame", "--quiet"] + lames + [work(name + ".wav"),
                                                    OUT["lame"]]]
    if name == "music":
        c["half"] = [ffmpeg(work("half%d.mp4" % i), theirs, OUT["half%d" % i])
                     for i in (1, 2)]
        if newest:
            c["newest"] = [ffmpeg(clip, theirs, OUT["newest"], newest)]
    return c


def compare(name, file, how, newest):
    clip = work(file)
    c = contestants(name, clip, how, newest)
    costs = {who: [] for who in c}
    subprocess.run(["cat", clip], stdout=subprocess.DEVNULL, check=True)
    for _ in range(TURNS):
        for who, argvs in c.items():
            costs[who].append(measure.together(argvs))
    print("%s, %s" % (name, how))

    def ratio(what, who, to, part, **wanted):
        if who in costs and to in costs:
            measure.line(what, [getattr(a, part) / getattr(b, part) for a, b
                                in zip(costs[who], costs[to])], **wanted)

    on_two = CORES == 2 and name == "music"
    ratio("wall, all %d cores / ffmpeg" % CORES, "all", "ffmpeg", "wall",
          most={"V2": 0.50, "192k": 0.53}[how] if on_two else None)
    ratio("wall, two ffmpegs on the halves / ffmpeg", "half", "ffmpeg", "wall")
    ratio("wall, all cores / newest ffmpeg", "all", "newest", "wall",
          most={"V2": 0.70, "192k": 0.57}[how] if on_two else None)
    ratio("wall, all cores / lame on the WAV", "all", "lame", "wall")
    ratio("wall, --threads 1 / ffmpeg", "one", "ffmpeg", "wall")
    ratio("wall, --threads 1 / lame on the WAV", "one", "lame", "wall")
    ratio("CPU, all cores / ffmpeg", "all", "ffmpeg", "cpu", most=1.05)
    ratio("CPU, --threads 1 / ffmpeg", "one", "ffmpeg", "cpu", most=1.03)
    ratio("CPU, two ffmpegs on the halves / ffmpeg", "half", "ffmpeg", "cpu")
    ratio("CPU, all cores / lame on the WAV", "all", "lame", "cpu")
    for who in costs:
        print("  %-44s %s" % ("seconds of wall time, " + who, measure.spread(
            [x.wall for x in costs[who]])))
    size("size / ffmpeg", OUT["all"], OUT["ffmpeg"], 1.000)
    forget()


def size(what, a, b, most):
    measure.line(what, [round(os.path.getsize(a) / os.path.getsize(b), 4)],
                 most=most)


def forget():
    for path in OUT.values():
        if os.path.exists(path):
            os.unlink(path)


def convert():
    newest = newest_ffmpeg()
    for name, file in ("music", "music.mp4"), ("speech", "speech.m4a"):
        for how in SETTINGS:
            compare(name, file, how, newest)
    print("sizes of music at other qualities")
    for v in 0, 4, 6:
        measure.run(ours(work("music.mp4"), ["-q", "V%d" % v], OUT["all"]))
        measure.run(ffmpeg(work("music.mp4"), ["-q:a", str(v)],
                           OUT["ffmpeg"]))
        size("V%d / ffmpeg" % v, OUT["all"], OUT["ffmpeg"],
             1.0005 if v == 0 else 1.000)
    forget()


def memory():
    print("peak memory in MiB, the sum of PSS over all processes")
    for what, file, settings, threads, most in (
            ("V2, 2 threads", "music.mp4", ["-q", "V2"], 2, 100),
            ("192k, 2 threads", "music.mp4", ["-b", "192k"], 2, 100),
            ("V2, 2 threads, 10 times longer", "long.mp4", ["-q", "V2"], 2,
             100),
            ("V2, 1 thread", "music.mp4", ["-q", "V2"], 1, None),
            ("V2, 16 threads", "music.mp4", ["-q", "V2"], 16, None),
            ("V2, 64 threads", "music.mp4", ["-q", "V2"], 64, None)):
        peak = measure.peak_pss_kib(ours(work(file), settings, OUT["all"],
                                         threads))
        measure.line(what, [peak / 1024], most=most)
    for what, file in ("ffmpeg", "music.mp4"), (
            "ffmpeg, 10 times longer", "long.mp4"):
        peak = measure.peak_pss_kib(ffmpeg(work(file), ["-q:a", "2"],
                                           OUT["ffmpeg"]))
        measure.line(what, [peak / 1024])
    forget()


def scaling():
    print("scaling: music, V2, on %d cores; wall time / that of one thread"
          % CORES)
    threads = (1, 2, 4, 8, 16)
    costs = {n: [] for n in threads}
    for _ in range(min(TURNS, 3)):
        for n in threads:
            costs[n].append(measure.run(ours(
                work("music.mp4"), ["-q", "V2"], OUT["all"], n)))
    for n in threads:
        measure.line("%d thread%s" % (n, "" if n == 1 else "s"),
                     [a.wall / b.wall for a, b in zip(costs[n], costs[1])])
    forget()


def loudness():
    print("--loudness on %d cores; wall time / that without it" % CORES)
    # Targets that need no limiting by the peak, which would be a warning.
    for name, file, target in (("music", "music.mp4", "-16"),
                               ("speech", "speech.m4a", "-24")):
        plain = ours(work(file), ["-q", "V2"], OUT["all"])
        louder = ours(work(file), ["-q", "V2", "--loudness", target],
                      OUT["one"])
        walls, cpus, _ = measure.pairs(louder, plain, min(TURNS, 5))
        measure.line(name, walls, most=1.4 if CORES == 2 else None)
        measure.line(name + ", CPU", cpus)
    forget()


def downmix():
    print("5.1 on %d cores; V2" % CORES)
    for what, file, peer, most in (
            ("wall / that of its own mix, a stereo", "surround.wav",
             "surround-mix.wav", 1.05),
            ("wall, too loud in the end / as it is", "surround-loud.wav",
             "surround.wav", 2.1)):
        walls, cpus, _ = measure.pairs(
            ours(work(file), ["-q", "V2"], OUT["all"]),
            ours(work(peer), ["-q", "V2"], OUT["one"]), TURNS)
        measure.line(what, walls, most=most)
        measure.line(what.replace("wall", "CPU"), cpus)
    forget()


def bytes_read(argv):
    done = subprocess.run(argv, env=dict(os.environ, V2M_MEDIA_DEBUG="1"),
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=True)
    return int(re.search(rb" read (\d+) of", done.stderr).group(1))


def seek():
    print("--from: a minute near the end / the same at the start")
    for file in ("music.wav", "seek.flac", "seek.ogg",
                 "seek.mkv", "seek.m4a"):
        late, early = (ours(work(file), ["--from", start, "--to", end], out)
                       for start, end, out in (("18:00", "19:00", OUT["all"]),
                                               ("0:00", "1:00", OUT["one"])))
        _, cpus, _ = measure.pairs(late, early, TURNS)
        measure.line(file + ", CPU", cpus, most=1.2)
        measure.line(file + ", bytes", [bytes_read(late) /
                                        bytes_read(early)], most=1.2)
    forget()


def isolation():
    """Jobs with very short clips, so that the cost is that of a job itself."""
    jobs = 200
    print("milliseconds per job once the helper is warm, %d jobs of a "
          "twentieth of a second of sound" % jobs)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        files = [os.path.join(folder, "%d.wav" % i) for i in range(jobs + 1)]
        subprocess.run(["sox", "-n", "-r", "44100", "-c", "2", files[0],
                        "synth", "0.05", "pluck", "C4"], check=True)
        for f in files[1:]:
            shutil.copy(files[0], f)
        base = [CONVERT, "--quiet", "--force", "-j", "1", "-o", folder]

        def each(options):
            many = measure.run(base + options + files)
            one = measure.run(base + options + files[:1])
            return [(many.wall - one.wall) / jobs * 1000,
                    (many.cpu - one.cpu) / jobs * 1000]

        walls, bare = [], []
        for _ in range(TURNS):
            walls.append(each([]))
            bare.append(each(["--no-sandbox"]))
    measure.line("all of it: fork, walls, conversion, check",
                 [w for w, _ in walls])
    measure.line("the same without the walls", [w for w, _ in bare])
    measure.line("the walls", [a[0] - b[0] for a, b in zip(walls, bare)],
                 most=5)
    measure.line("CPU time, all of it", [c for _, c in walls])
    measure.line("CPU time, the walls",
                 [a[1] - b[1] for a, b in zip(walls, bare)], most=5)


print("v2m-convert on %d cores, medians of %d turns (smallest to largest)"
      % (CORES, TURNS))
for part in sys.argv[4:]:
    {"convert": convert, "memory": memory, "scaling": scaling,
     "loudness": loudness, "downmix": downmix, "seek": seek,
     "isolation": isolation}[part]()
