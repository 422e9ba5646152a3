"""crowd.py - make many jobs in an embedded state, copies of one that is done.

usage: crowd.py STATE N [records]

Clones the newest job of STATE that is done until there are N: its record, its
video, its MP3.  The bytes of both are links to one file for a thousand jobs
each.  records: only the records, which is faster.
"""
import os
import sqlite3
import sys

PER_FILE = 1000

state, wanted = sys.argv[1], int(sys.argv[2])
with_objects = sys.argv[3:] != ["records"]
store = os.path.join(state, "store")
db = sqlite3.connect(os.path.join(store, "index.db"), timeout=20,
                     isolation_level=None)


def row_of(table, where, *args):
    cursor = db.execute("SELECT * FROM %s WHERE %s" % (table, where), args)
    return dict(zip([c[0] for c in cursor.description], cursor.fetchone()))


def put(table, row):
    db.execute("INSERT INTO %s (%s) VALUES (%s)" % (
        table, ", ".join('"%s"' % c for c in row),
        ", ".join("?" * len(row))), list(row.values()))


def link(kind, new, i):
    """The first of each thousand is a copy, the others are hard links to it."""
    folder = os.path.join(store, kind + "s")
    path = os.path.join(folder, new)
    if i % PER_FILE == 0 or kind not in source:
        with open(os.path.join(folder, old[kind]), "rb") as f:
            data = f.read()
        with open(path, "xb") as f:
            f.write(data)
        os.chmod(path, 0o400)
        source[kind] = path
    else:
        os.link(source[kind], path)


ID = "6a%06x%016x"
number = {"video": 1, "mp3": 2}
DONE = 4                # enum v2m_state
record = row_of("record", f"state = {DONE} ORDER BY id DESC LIMIT 1")
video = row_of("object", "kind = 'video' AND id = ?", record["id"])
mp3 = row_of("object", "kind = 'mp3' AND id = ?", record["mp3"])
source = {}
old = dict(video=video["id"], mp3=mp3["id"])
there = db.execute("SELECT count(*) FROM record").fetchone()[0]
db.execute("BEGIN IMMEDIATE")
for i in range(there, wanted):
    for kind, row in ("video", video), ("mp3", mp3):
        row["id"] = ID % (number[kind], i)
        if with_objects:
            link(kind, row["id"], i)
    mp3["video"] = record["id"] = video["id"]
    record["mp3"] = mp3["id"]
    put("record", record)
    if with_objects:
        put("object", video)
        put("object", mp3)
db.execute("COMMIT")
