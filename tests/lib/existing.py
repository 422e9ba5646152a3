"""The services of an existing deployment, written as those are: with pika,
pymongo and gridfs, PyJWT, and MySQLdb.

    existing.py upload FILE EMAIL	their gateway: stores the video, publishes,
					prints its ID
    existing.py convert MP3		their converter: one message of `video`,
					whose file it writes to its stdout; MP3
					is what it made of it
    existing.py notify			their notifier: one message of `mp3`;
					prints ID and address
    existing.py download ID		their gateway: the MP3 to stdout
    existing.py login EMAIL PASSWORD	their login: a token
    existing.py validate TOKEN		their gateway's check: "EMAIL ADMIN"

SECRET is what tokens are signed with, MONGODB, RABBIT_PORT, MARIADB_PORT and
DATABASE where the services are.
"""
import datetime
import json
import os
import sys


def bucket(name):
    import gridfs
    import pymongo
    return gridfs.GridFS(pymongo.MongoClient(os.environ["MONGODB"])[name])


def broker():
    import pika
    return pika.BlockingConnection(pika.ConnectionParameters(
        "localhost", int(os.environ["RABBIT_PORT"])))


def publish(channel, queue, message):
    import pika
    channel.basic_publish(
        exchange="", routing_key=queue, body=json.dumps(message),
        properties=pika.BasicProperties(
            delivery_mode=pika.spec.PERSISTENT_DELIVERY_MODE))


def consume(queue, work):
    """Take one message; it is acknowledged if work() returns nothing."""
    connection = broker()
    channel = connection.channel()

    def callback(ch, method, properties, body):
        if work(ch, json.loads(body)):
            ch.basic_nack(delivery_tag=method.delivery_tag)
        else:
            ch.basic_ack(delivery_tag=method.delivery_tag)
        ch.stop_consuming()

    connection.call_later(10, lambda: os._exit(75))
    channel.basic_consume(queue=queue, on_message_callback=callback)
    channel.start_consuming()
    connection.close()


def upload(path, email):
    with open(path, "rb") as f:
        fid = bucket("videos").put(f)
    connection = broker()
    publish(connection.channel(), "video", {
        "video_fid": str(fid), "mp3_fid": None, "username": email})
    connection.close()
    print(fid)


def convert(mp3):
    from bson.objectid import ObjectId

    def work(channel, message):
        video = bucket("videos").get(ObjectId(message["video_fid"]))
        sys.stdout.buffer.write(video.read())
        with open(mp3, "rb") as f:
            fid = bucket("mp3s").put(f.read())
        message["mp3_fid"] = str(fid)
        publish(channel, "mp3", message)

    consume("video", work)


def notify():
    def work(channel, message):
        print(message["mp3_fid"], message["username"])

    consume("mp3", work)


def download(fid):
    from bson.objectid import ObjectId
    sys.stdout.buffer.write(bucket("mp3s").get(ObjectId(fid)).read())


def login(email, password):
    import jwt
    import MySQLdb
    db = MySQLdb.connect(host="127.0.0.1", user="theirs", passwd="auth123",
                         port=int(os.environ["MARIADB_PORT"]),
                         db=os.environ["DATABASE"], charset="utf8mb4")
    cursor = db.cursor()
    found = cursor.execute(
        "SELECT email, password FROM user WHERE email=%s", (email,))
    row = cursor.fetchone() if found else None
    if row is None or row[0] != email or row[1] != password:
        print("invalid credentials")
        sys.exit(1)
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    token = jwt.encode(
        {"username": email, "exp": now + datetime.timedelta(days=1),
         "iat": now, "admin": True},
        os.environ["SECRET"], algorithm="HS256")
    print(token)


def validate(token):
    import jwt
    claims = jwt.decode(token, os.environ["SECRET"], algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 86400, claims
    if not claims["admin"]:
        sys.exit("not authorized")
    print(claims["username"], claims["admin"])


globals()[sys.argv[1]](*sys.argv[2:])
