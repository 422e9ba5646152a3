"""tus-kick.py PORT TOKEN-HEADER - an upload that a newer connection takes over.

Twice, first with a checksum that is wrong, then with none: an older connection
sends some of an upload and stands still, a newer one sends the same upload from
the start, the older one ends, the newer one sends the rest.  Prints the newer
one's status and the offset that the upload has then; and once more, for an
older one that sends all it has announced, both statuses.
"""
import http.client
import socket
import sys
import time
from urllib.parse import urljoin

port, auth = int(sys.argv[1]), sys.argv[2]
SIZE = 1000000
COMMON = f"Host: h\r\nTus-Resumable: 1.0.0\r\n{auth}\r\n"
WRONG = "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\n"


def connect(text, body=b""):
    s = socket.create_connection(("127.0.0.1", port), 60)
    s.sendall(text.encode() + body)
    return s


def status(s):
    return s.makefile("rb").readline().decode().split(" ")[1]


def create():
    s = connect(f"POST /files/ HTTP/1.1\r\n{COMMON}Upload-Length: {SIZE + 1}"
                "\r\nContent-Length: 0\r\n\r\n")
    for line in s.makefile("r"):
        if line.lower().startswith("location:"):
            return urljoin("/files/", line.split(" ")[1].strip())
    sys.exit("no upload begins")


def patch(path, checksum, length, body):
    return connect(f"PATCH {path} HTTP/1.1\r\n{COMMON}{checksum}"
                   "Content-Type: application/offset+octet-stream\r\n"
                   f"Upload-Offset: 0\r\nContent-Length: {length}\r\n\r\n",
                   body)


def ask(method, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    c.putrequest(method, path)
    c.putheader("Tus-Resumable", "1.0.0")
    c.putheader(*auth.split(": "))
    c.endheaders()
    return c.getresponse()


def kick(checksum, end):
    path = create()
    old = patch(path, checksum, 2000, b"a" * 1000)
    time.sleep(1)               # that it has the upload
    new = patch(path, "", SIZE, b"b" * 300000)
    time.sleep(1)               # that the newer one has it
    said = end(old)
    time.sleep(1)               # that the gateway knows of the end
    new.sendall(b"b" * (SIZE - 300000))
    print(said, status(new), ask("HEAD", path).getheader("Upload-Offset"))
    ask("DELETE", path)


def send_all(old):
    old.sendall(b"a" * 1000)
    return status(old)


def close(old):
    old.close()
    return "closed"


kick(WRONG, close)
kick("", close)
kick(WRONG, send_all)
