"""v2m-convert against the ffmpeg program, same file, same settings."""
import os
import sys

import measure

bin_dir, work, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
OURS = os.path.join(work, "ours.mp3")
THEIRS = os.path.join(work, "theirs.mp3")


def clean():
    for path in (OURS, THEIRS):
        if os.path.exists(path):
            os.unlink(path)


def commands(clip, ours_opts, theirs_opts):
    return ([os.path.join(bin_dir, "v2m-convert")] + ours_opts +
            [clip, OURS],
            ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", clip, "-vn",
             "-c:a", "libmp3lame"] + theirs_opts + [THEIRS])


def compare(name, clip, ours_opts, theirs_opts):
    ours, theirs = commands(clip, ours_opts, theirs_opts)
    walls, cpus, alone = measure.pairs(ours, theirs, n, clean)
    measure.run(ours)
    measure.run(theirs)
    size = os.path.getsize(OURS) / os.path.getsize(THEIRS)
    clean()
    print("%-22s wall %s  cpu %s  size %.4f" % (
        name, measure.spread(walls), measure.spread(cpus), size))


def memory(name, clip):
    ours, theirs = commands(clip, ["-q", "V2"], ["-q:a", "2"])
    clean()
    a = measure.peak_pss_kib(ours)
    b = measure.peak_pss_kib(theirs)
    clean()
    print("%-22s peak memory (PSS of all processes) %.1f MiB, "
          "ffmpeg %.1f MiB, ratio %.2f" % (name, a / 1024, b / 1024, a / b))


clips = [("music", "music.mp4"), ("speech", "speech.mp4")]
print("v2m-convert / ffmpeg -vn -c:a libmp3lame, medians of %d pairs "
      "(smallest to largest)" % n)
for name, file in clips:
    clip = os.path.join(work, file)
    compare(name + " V2", clip, ["-q", "V2"], ["-q:a", "2"])
    compare(name + " 192k", clip, ["-b", "192k"], ["-b:a", "192k"])
memory("music", os.path.join(work, "music.mp4"))
memory("music, 10 times longer", os.path.join(work, "long.mp4"))
