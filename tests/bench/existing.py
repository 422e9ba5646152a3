"""A converter in the shape of existing deployments, to measure against.

    existing.py MONGODB RABBIT_PORT JOBS

Takes JOBS messages of `video`, one at a time: the whole file out of GridFS into
a temporary file, MoviePy's MP3 of it into another, that into GridFS, a
message to `mp3`.  Runs with a Python that has moviepy, pika and pymongo.
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
left = int(sys.argv[3])


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


def callback(channel, method, properties, body):
    global left
    convert(json.loads(body), channel)
    channel.basic_ack(delivery_tag=method.delivery_tag)
    left -= 1
    if left == 0:
        channel.stop_consuming()


connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", int(sys.argv[2])))
channel = connection.channel()
channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue="video", on_message_callback=callback)
channel.start_consuming()
connection.close()
