"""Run the SQL that flow tests use on the embedded drivers on servers instead.

    servers.py sql store|queue SQL	the statement of a test, which knows the
					tables of the embedded drivers
    servers.py fresh			no records, files or queues are left

The services are those of V2M_STORE (mongodb:) and V2M_QUEUE (amqp:).  What they
hold is put into tables in memory, the statement is run there, and what it
changed is done to the server.  A message that a worker has is not seen.
"""
import os
import sqlite3
import sys

STORE = os.environ.get("V2M_STORE", "")
QUEUE = os.environ.get("V2M_QUEUE", "")
NAMES = [n + w for n in ("video", "mp3", "v2m.notice") for w in
         ("", ".failed", ".wait.1s", ".wait.10s", ".wait.60s", ".wait.600s")]
LATER = 10 ** 15


def mongo():
    import pymongo
    return pymongo.MongoClient(STORE, serverSelectionTimeoutMS=5000)


def fill(db, table, rows):
    """Make a table of rows (dicts), with the columns that any of them has."""
    columns = list(dict.fromkeys(c for row in rows for c in row))
    if not columns:
        return False
    db.execute("DROP TABLE IF EXISTS %s" % table)
    db.execute("CREATE TABLE %s (%s)" % (
        table, ", ".join('"%s"' % c for c in columns)))
    db.executemany("INSERT INTO %s VALUES (%s)" % (
        table, ", ".join("?" * len(columns))),
        [[row.get(c) for c in columns] for row in rows])
    return True


def show(db, statement):
    for row in db.execute(statement):
        print("|".join("" if c is None else str(c) for c in row))


def objects(client):
    for kind in "video", "mp3":
        for f in client[kind + "s"].fs.files.find({}):
            meta = f.get("metadata") or {}
            yield {"kind": kind, "id": str(f["_id"]), "length": f["length"],
                   "sha256": meta.get("sha256"), "owner": meta.get("owner"),
                   "name": f.get("filename"), "video": meta.get("video")}


def notes(db, client):
    """The notes as a table, and a function that writes changes back."""
    import bson
    collection = client.videos["v2m.notes"]
    columns = "kind", "key", "rev", "until", "text"
    before = {d["_id"]: [d.get(c) for c in columns]
              for d in collection.find({})}
    db.execute("CREATE TABLE note (kind, key, rev, until, text)")
    db.executemany("INSERT INTO note VALUES (?, ?, ?, ?, ?)",
                   before.values())

    def write_back():
        gone = set(before)
        for row in db.execute("SELECT * FROM note"):
            id = row[0] + "/" + row[1]
            gone.discard(id)
            if list(row) != before[id]:
                collection.update_one({"_id": id}, {"$set": {
                    "until": bson.Int64(row[3]), "text": row[4],
                    "rev": bson.Int64(row[2] + 1)}})
        collection.delete_many({"_id": {"$in": list(gone)}})
    return write_back


def sql_store(statement):
    import bson
    client = mongo()
    jobs = client.videos["v2m.jobs"]
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE object (kind, id, video)")
    db.execute("CREATE TABLE record (id, owner, name, state, told, mp3, due,"
               " attempts, lost, holder, fence)")
    fill(db, "object", list(objects(client)))
    db.execute("CREATE TABLE chunk (id)")
    for kind in "videos", "mp3s":
        db.executemany("INSERT INTO chunk VALUES (?)", [
            [str(d["files_id"])] for d in
            client[kind].fs.chunks.find({}, {"files_id": 1})])
    write_back = notes(db, client)
    before = {str(d.pop("_id")): d for d in jobs.find({}, {"mark": 0})}
    fill(db, "record", [{"id": i, **d} for i, d in before.items()])
    show(db, statement)
    after = db.execute("SELECT * FROM record")
    columns = [c[0] for c in after.description]
    for row in after.fetchall():
        now = dict(zip(columns, row))
        then = before[now.pop("id")]
        changed = {c: bson.Int64(v) if isinstance(v, int) else v
                   for c, v in now.items() if c in then and then[c] != v}
        if changed:
            changed["rev"] = bson.Int64(then["rev"] + 1)
            jobs.update_one({"_id": bson.ObjectId(row[columns.index("id")])},
                            {"$set": changed})
    write_back()


def broker():
    import pika
    return pika.BlockingConnection(pika.URLParameters(QUEUE + "/%2f"))


def messages(connection):
    """A channel that has taken all messages, and these."""
    import pika
    channel = connection.channel()
    there = []
    for name in NAMES:
        try:
            channel.queue_declare(name, passive=True)
            there.append(name)
        except pika.exceptions.ChannelClosedByBroker:
            channel = connection.channel()
    taken = []
    for name in there:
        while True:
            method, _, body = channel.basic_get(name)
            if not method:
                break
            taken.append((method.delivery_tag, name.split(".wait.")[0],
                          body.decode("utf-8", "replace"),
                          LATER if ".wait." in name else 0))
    return channel, taken


def publish(channel, row):
    import pika
    channel.basic_publish("", row[1], row[2].encode(),
                          pika.BasicProperties(delivery_mode=2))


def sql_queue(statement):
    connection = broker()
    channel, taken = messages(connection)
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE message (seq INTEGER PRIMARY KEY, queue, body,"
               " due_ms DEFAULT 0)")
    db.executemany("INSERT INTO message VALUES (?, ?, ?, ?)", taken)
    show(db, statement)
    left = {row[0]: row for row in db.execute(
        "SELECT seq, queue, body, due_ms FROM message")}
    for was in taken:
        row = left.pop(was[0], None)
        if row == was:
            channel.basic_nack(was[0], requeue=True)
            continue
        if row is not None:
            publish(channel, row)
        channel.basic_ack(was[0])
    for row in left.values():
        publish(channel, row)
    connection.close()


def fresh():
    if STORE.startswith("mongodb"):
        client = mongo()
        for name in "videos", "mp3s":
            client.drop_database(name)
    if QUEUE.startswith("amqp"):
        connection = broker()
        channel = connection.channel()
        for name in NAMES:
            channel.queue_delete(name)
        connection.close()


if sys.argv[1] == "fresh":
    fresh()
else:
    {"store": sql_store, "queue": sql_queue}[sys.argv[2]](sys.argv[3])
