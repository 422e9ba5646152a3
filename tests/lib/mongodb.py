"""mongodb - what the services of existing deployments do, with pymongo.

usage: mongodb.py URL COMMAND ...

	ready			wait until the server answers, at most a minute
	put DB FILE [CHUNK]	GridFS upload as their gateway does it: the ID
	get DB ID		GridFS download to stdout
	pattern DB LENGTH CHUNK	upload bytes that store_bytes.c knows: the ID
	file DB ID		the files document, as Python shows it
	chunks DB [ID]		how many chunks there are, of one file
	files DB		how many files
	set DB ID FIELD VALUE	spoil a files document; VALUE is Python
	drop DB ID N		remove a chunk
	add DB ID N LENGTH	insert a chunk
	cut DB ID N		shorten a chunk by a byte
	orphan DB AGE		insert chunks of no file, AGE seconds old: the ID
	clean			remove all files and chunks
	record ID [FIELD]	a record of v2m.jobs
	race CLIENTS DOCS	how many of DOCS documents, changed by CLIENTS at
				once with updateOne and findAndModify each, had
				exactly one winner
"""
import datetime
import sys
import threading
import time

import bson
import gridfs
import pymongo

url, command, args = sys.argv[1], sys.argv[2], sys.argv[3:]


def connect(**options):
    return pymongo.MongoClient(url, serverSelectionTimeoutMS=5000, **options)


client = connect()


def pattern(n):
    return (bytes(range(251)) * (n // 251 + 1))[:n]


def ready():
    end = time.monotonic() + 60
    while True:
        try:
            client.admin.command("ping")
            return
        except pymongo.errors.PyMongoError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def upload(db, data, chunk=None):
    options = {} if chunk is None else {"chunk_size": int(chunk)}
    print(gridfs.GridFS(client[db]).put(data, **options))


def put(db, path, chunk=None):
    with open(path, "rb") as f:
        upload(db, f.read(), chunk)


def get(db, fid):
    out = gridfs.GridFS(client[db]).get(bson.ObjectId(fid))
    sys.stdout.buffer.write(out.read())


def one_chunk(fid, n):
    return {"files_id": bson.ObjectId(fid), "n": int(n)}


def add(db, fid, n, length):
    data = bson.Binary(b"x" * int(length))
    client[db].fs.chunks.insert_one({**one_chunk(fid, n), "data": data})


def cut(db, fid, n):
    chunk = client[db].fs.chunks.find_one(one_chunk(fid, n))
    client[db].fs.chunks.update_one(
        {"_id": chunk["_id"]},
        {"$set": {"data": bson.Binary(chunk["data"][:-1])}})


def orphan(db, age):
    then = (datetime.datetime.now(datetime.timezone.utc)
            - datetime.timedelta(seconds=int(age)))
    fid = bson.ObjectId()
    for n in range(3):
        client[db].fs.chunks.insert_one(
            {"_id": bson.ObjectId(bson.ObjectId.from_datetime(then).binary[:4]
                                  + fid.binary[4:11] + bytes([n])),
             "files_id": fid, "n": n, "data": bson.Binary(b"lost")})
    print(fid)


def clean():
    for db in "videos", "mp3s":
        client[db].fs.files.delete_many({})
        client[db].fs.chunks.delete_many({})


def record(fid, field=None):
    found = client.videos["v2m.jobs"].find_one({"_id": bson.ObjectId(fid)})
    print(found if field is None else found[field])


def by_update(docs, i):
    return docs.update_one({"_id": i, "state": 0},
                           {"$set": {"state": 1}}).modified_count


def by_modify(docs, i):
    return docs.find_one_and_update(
        {"_id": i, "state": 1}, {"$set": {"state": 2}}) is not None


def race(clients, n):
    clients, n = int(clients), int(n)
    client.race.docs.insert_many([{"_id": i, "state": 0} for i in range(n)])
    start = threading.Barrier(clients)
    for change in by_update, by_modify:
        wins = []

        def run():
            docs = connect().race.docs
            docs.find_one()
            start.wait()
            for i in range(n):
                wins.extend([i] * change(docs, i))

        threads = [threading.Thread(target=run) for _ in range(clients)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        print(sum(wins.count(i) == 1 for i in range(n)))


if command == "put":
    put(*args)
elif command == "pattern":
    upload(args[0], pattern(int(args[1])), args[2])
elif command == "file":
    print(client[args[0]].fs.files.find_one({"_id": bson.ObjectId(args[1])}))
elif command == "files":
    print(client[args[0]].fs.files.count_documents({}))
elif command == "chunks":
    print(client[args[0]].fs.chunks.count_documents(
        {"files_id": bson.ObjectId(args[1])} if args[1:] else {}))
elif command == "set":
    client[args[0]].fs.files.update_one(
        {"_id": bson.ObjectId(args[1])}, {"$set": {args[2]: eval(args[3])}})
elif command == "drop":
    client[args[0]].fs.chunks.delete_one(one_chunk(args[1], args[2]))
else:
    {"ready": ready, "get": get, "add": add, "cut": cut, "orphan": orphan, "clean": clean,
     "record": record, "race": race}[command](*args)
