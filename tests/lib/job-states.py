"""job-states - make a job in each state that a page shows.

usage: job-states.py STATE [admin]

Clones the newest job of the embedded STATE that is done; only records, so all
share one MP3.  With admin, also the states that administrators look for.
No worker, notifier or v2m-prune may run.
"""
import json
import os
import sqlite3
import sys
import time

NEW, HELD, QUEUED, RUNNING, DONE, FAILED = range(6)     # enum v2m_state
LONG_NAME = ("A lecture whose name is as long as those that a camera, a person "
             "and two programs gave together_2026-11-30_final_FINAL(2)"
             "_Ohne-jede-Stelle-an-der-man-sie-umbrechen-koennte_" + "x" * 60 +
             ".mp4")
HOUR = 3600000

now = int(time.time() * 1000)
JOBS = [
    dict(name="failed.mov", state=FAILED, mp3="", mp3_length=0,
         reason="no sound in it: the file has 2 video tracks, 0 audio tracks"),
    dict(name="expired.mp4", state=DONE, mp3="", video_gone=now),
    dict(name="warned.mkv", warnings=json.dumps(
        ["2 packets of sound could not be decoded: 0.05 s are silent",
         "its end is missing: 12 s of 60 s were there"])),
    dict(name=LONG_NAME, duration_ms=36123000, mp3_length=987654321,
         options=json.dumps({"quality": 6, "mono": True, "loudness": -16,
                             "lang": ["de", "en"], "from_ms": 90000,
                             "to_ms": 3723000, "tags": {
                                 "title": "T", "artist": "A"}})),
    dict(name="unfinished elsewhere.mp4", state=NEW, mp3="", sha256="",
         mp3_length=0, until=now + HOUR),
    dict(name="held.mp4", state=HELD, mp3=""),
    dict(name="again.mp4", state=QUEUED, mp3="", attempts=1,
         reason="the converter was killed; trying again"),
    dict(name="queued.mp4", state=QUEUED, mp3=""),
    dict(name="running.mp4", state=RUNNING, mp3="", progress=-1,
         until=now + HOUR),
    dict(name="half.mp4", state=RUNNING, mp3="", progress=50,
         until=now + HOUR),
]

FULL = dict(name="lecture.mp4", state=FAILED, mp3="", mp3_length=0, failure=75,
            reason="cannot write the MP3: no space left on device",
            attempts=3)
SOUNDLESS = dict(name="silent.mov", state=FAILED, mp3="", mp3_length=0,
                 failure=65, owner="bob@example.org",
                 reason="no sound in it: the file has 2 video tracks, 0 audio "
                 "tracks")
UNTOLD = dict(told_since=now, done_at=now, told_tries=5)
ADMIN = [FULL] * 60 + [SOUNDLESS] * 3 + [
    dict(FULL, name=LONG_NAME, reason="killed by a signal: SIGXCPU"),
    dict(UNTOLD, name="untold.mp4", told="failed", told_failure=69,
         told_reason="550 5.7.1 message refused: our fault"),
    dict(UNTOLD, name="maybe.mp4", told="sent?", owner="bob@example.org"),
    dict(UNTOLD, name="nobody's.mp4", told="failed", told_failure=69,
         told_reason="550 no such user", owner="gone@example.org"),
    dict(name="lost.mp4", state=QUEUED, mp3="", queued_at=1, via="queue"),
    dict(name="running.mp4", state=RUNNING, mp3="", progress=40, fence=1,
         lease_ms=HOUR, until=now + HOUR),
    dict(name="dead.mp4", state=RUNNING, mp3="", progress=7, fence=2,
         lease_ms=1000, until=now - HOUR),
    dict(UNTOLD, name="telling.mp4", told="sending",
         told_until=now + 60000, told_lease_ms=60000),
]

jobs = ADMIN if sys.argv[2:] == ["admin"] else JOBS
db = sqlite3.connect(os.path.join(sys.argv[1], "store", "index.db"),
                     timeout=20, isolation_level=None)


def first_of(select, *values):
    cursor = db.execute(select + " LIMIT 1", values)
    return dict(zip([c[0] for c in cursor.description], cursor.fetchone()))


def insert(table, new):
    db.execute("INSERT INTO %s (%s) VALUES (%s)" % (
        table, ", ".join('"%s"' % c for c in new), ", ".join("?" * len(new))),
               list(new.values()))


done = first_of("SELECT * FROM record WHERE state = ? ORDER BY id DESC", DONE)
first = int(done["id"], 16)
for i, job in enumerate(jobs):
    row = {**done, **job, "id": "%024x" % (first + 1 + i)}
    if "state" in job:
        row["announced"] = now
    insert("record", row)
    # A job to be converted again needs its video.
    if jobs is ADMIN and row["state"] in (QUEUED, FAILED):
        videos = os.path.join(sys.argv[1], "store", "videos")
        os.link(os.path.join(videos, done["id"]),
                os.path.join(videos, row["id"]))
        insert("object", {**first_of(
            "SELECT * FROM object WHERE kind = 'video' AND id = ?",
            done["id"]), "id": row["id"]})
