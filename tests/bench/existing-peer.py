"""A converter like those of existing deployments, to compare with.

    existing-peer.py MONGODB RABBIT_PORT

Takes messages of `video`, one at a time, until there are no more: reads the
whole file from GridFS into a temporary file, makes an MP3 with MoviePy, stores
it in GridFS, and publishes to `mp3`.  Runs with a Python that has moviepy, pika
and pymongo.
"""
import json
import os
import sys
import tempfile

import gridfs
import pika
import pymongo
from bson.objectid import ObjectId

try:
    from moviepy.editor import VideoFileClip
except ImportError:
    from moviepy import VideoFileClip

client = pymongo.MongoClient(sys.argv[1])
videos = gridfs.GridFS(client.videos)
mp3s = gridfs.GridFS(client.mp3s)


def convert(message, channel):
    with tempfile.NamedTemporaryFile() as tf:
        tf.write(videos.get(ObjectId(message["video_fid"])).read())
        tf.flush()
        clip = VideoFileClip(tf.name)
    path = os.path.join(tempfile.gettempdir(),
                        message["video_fid"] + ".mp3")
    clip.audio.write_audiofile(path, logger=None)
    clip.close()
    with open(path, "rb") as f:
        message["mp3_fid"] = str(mp3s.put(f.read()))
    os.remove(path)
    channel.basic_publish(
        exchange="", routing_key="mp3", body=json.dumps(message),
        properties=pika.BasicProperties(delivery_mode=2))


connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", int(sys.argv[2])))
channel = connection.channel()
while True:
    # The original consumes; get costs one more round trip, but ends when the
    # queue is empty.
    method, properties, body = channel.basic_get("video")
    if method is None:
        break
    convert(json.loads(body), channel)
    channel.basic_ack(delivery_tag=method.delivery_tag)
connection.close()
