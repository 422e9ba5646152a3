"""Use queues as existing services in Python do, with pika.

    rabbit-peer.py PORT declare QUEUE [ARGUMENT=JSON...]
    rabbit-peer.py PORT delete QUEUE
    rabbit-peer.py PORT put QUEUE [HEADER=JSON...] < BODY
    rabbit-peer.py PORT get QUEUE           the body; nothing where there is none
    rabbit-peer.py PORT show QUEUE          its properties, as JSON, and puts it back
    rabbit-peer.py PORT count QUEUE         messages that wait; none: no queue
    rabbit-peer.py PORT consume QUEUE N     as a service does: N bodies, acknowledged
"""
import json
import sys

import pika

port, command, queue, *rest = sys.argv[1:]
connection = pika.BlockingConnection(
    pika.ConnectionParameters("localhost", int(port)))
channel = connection.channel()


def write(body):
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.flush()


def pairs():
    return {key: json.loads(value) for key, value in
            (word.split("=", 1) for word in rest)}


if command == "declare":
    channel.queue_declare(queue=queue, durable=True, arguments=pairs())
elif command == "delete":
    channel.queue_delete(queue=queue)
elif command == "put":
    channel.basic_publish(
        exchange="", routing_key=queue, body=sys.stdin.buffer.read(),
        properties=pika.BasicProperties(
            headers=pairs() or None,
            delivery_mode=pika.spec.PERSISTENT_DELIVERY_MODE))
elif command == "get":
    method, _, body = channel.basic_get(queue, auto_ack=True)
    if method:
        write(body)
elif command == "show":
    method, properties, body = channel.basic_get(queue)
    if method:
        print(json.dumps({
            "type": properties.content_type, "mode": properties.delivery_mode,
            "headers": properties.headers, "again": method.redelivered}))
        channel.basic_nack(method.delivery_tag, requeue=True)
elif command == "count":
    try:
        print(channel.queue_declare(queue, passive=True).method.message_count)
    except pika.exceptions.ChannelClosedByBroker:
        print("none")
elif command == "consume":
    left = int(rest[0])

    def callback(ch, method, properties, body):
        global left
        write(body)
        ch.basic_ack(delivery_tag=method.delivery_tag)
        left -= 1
        if left == 0:
            ch.stop_consuming()

    channel.basic_consume(queue=queue, on_message_callback=callback)
    channel.start_consuming()
connection.close()
