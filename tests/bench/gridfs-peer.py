"""What v2m-upload and v2m-fetch are compared with: a process with pymongo.

    gridfs-peer.py URL up FILE
    gridfs-peer.py URL down ID FILE [BATCH]

Prints how many seconds the transfer itself took.  With BATCH that many chunks
are requested at a time; without it pymongo's own reader is used.
"""
import sys
import time

import bson
import gridfs
import pymongo

MIB = 1 << 20
client = pymongo.MongoClient(sys.argv[1])


def up(path):
    with open(path, "rb") as f:
        gridfs.GridFS(client.videos).put(f)


def pieces(fid, batch):
    if batch:
        for chunk in client.mp3s.fs.chunks.find(
                {"files_id": fid}).sort("n").batch_size(int(batch)):
            yield chunk["data"]
        return
    f = gridfs.GridFS(client.mp3s).get(fid)
    while data := f.read(MIB):
        yield data


def down(name, path, batch=None):
    with open(path, "wb") as out:
        for data in pieces(bson.ObjectId(name), batch):
            out.write(data)


start = time.monotonic()
{"up": up, "down": down}[sys.argv[2]](*sys.argv[3:])
print(time.monotonic() - start)
