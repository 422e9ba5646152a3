"""fake-gateway - a gateway that misbehaves as the test orders.

usage: fake-gateway.py FOLDER [CERTIFICATE KEY]

Listens on a free port of 127.0.0.1, which it writes to FOLDER/port, and speaks
TLS where it is given a certificate.  It knows one user and keeps uploads in
FOLDER/ID.  Each request is a line "METHOD PATH AUTHORIZATION" in FOLDER/log.

Before it answers, it looks for the file FOLDER/METHOD-ROUTE ("GET-status",
"PATCH-files"): its first line is taken out and obeyed, and the next request
gets the next:

	ok			as usual
	STATUS [NAME: VALUE;...] [BODY]	this answer
	cut			close without a word
	late			do it, then close without a word
	after N			take or send N bytes, then close
	hang			say nothing until the client goes
	slow N			take an upload's bytes, and N seconds to answer

FOLDER/job is the JSON of the only job besides uploads, FOLDER/mp3 its MP3.
"""
import hashlib
import http.server
import json
import os
import re
import select
import socket
import ssl
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()
token = open(os.path.join(folder, "token")).read().strip()
uploads = {}        # ID -> [length, bytes so far, accepted]
count = 0


def name(*parts):
    return os.path.join(folder, *parts)


def order(method, path):
    """How the test wants this request to be answered."""
    script = name("%s-%s" % (method, re.split(r"[/?]", path)[1]))
    with lock:
        try:
            lines = open(script).read().splitlines()
        except OSError:
            return "ok"
        if not lines:
            return "ok"
        with open(script, "w") as f:
            f.writelines(line + "\n" for line in lines[1:])
        return lines[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, text, code):
        body = json.dumps({"error": text, "code": "x", "status": code})
        self.reply(status, body.encode(),
                   [("Content-Type", "application/json")])

    def json(self, value):
        self.reply(200, json.dumps(value).encode(),
                   [("Content-Type", "application/json")])

    def vanish(self):
        self.close_connection = True
        self.connection.close()

    def take_body(self, most=None):
        left = int(self.headers.get("Content-Length", 0))
        if most is not None:
            left = min(left, most)
        data = b""
        while left > 0 and (piece := self.rfile.read(min(left, 65536))):
            data += piece
            left -= len(piece)
        return data

    def obey(self):
        with lock, open(name("log"), "a") as log:
            print(self.command, self.path,
                  self.headers.get("Authorization", "-"), file=log)
        word = order(self.command, self.path)
        if word == "cut":
            return self.vanish()
        if word == "hang":
            time.sleep(60)
            return self.vanish()
        given = re.match(r"(\d\d\d)(?: ((?:[\w-]+: [^;]*;)*)(.*))?$", word)
        if given:
            self.take_body()
            headers = [h.split(": ", 1) for h in
                       (given[2] or "").split(";") if h]
            return self.reply(int(given[1]), (given[3] or "").encode(),
                              headers)
        route = re.split(r"[/?]", self.path)[1]
        after = int(word.split()[1]) if word.startswith("after") else None
        self.late = word == "late"
        self.slow = int(word.split()[1]) if word.startswith("slow") else 0
        getattr(self, "do_" + route, self.nothing)(after)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = obey

    def do_CONNECT(self):
        """Act as a proxy to any port of this machine."""
        with lock, open(name("log"), "a") as log:
            print("CONNECT", self.path,
                  self.headers.get("Authorization", "-"), file=log)
        far = socket.create_connection(("127.0.0.1",
                                        int(self.path.split(":")[-1])))
        self.send_response(200)
        self.end_headers()
        near = self.connection
        self.close_connection = True
        while True:
            for ready in select.select([near, far], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (far if ready is near else near).sendall(data)

    def nothing(self, after):
        self.reply(404, b"Not Found\n")

    def known(self):
        if self.headers.get("Authorization") == "Bearer " + token:
            return True
        self.error(403, "not authorized", 77)
        return False

    def do_login(self, after):
        self.reply(200, token.encode() + b"\n")

    def do_validate(self, after):
        if self.known():
            self.json({"username": "ann@example.org", "iat": 1763700000,
                       "exp": 4000000000, "admin": True, "role": "user"})

    def do_status(self, after):
        if not self.known():
            return
        found = re.search(r"fid=([0-9a-f]{24})", self.path)
        job = json.load(open(name("job"))) if os.path.exists(
            name("job")) else None
        if not found:
            return self.json({"jobs": [job] if job else [], "next": None})
        if job and found[1] in (job["id"], job.get("mp3")):
            return self.json(job)
        kept = uploads.get(found[1])
        if not kept:
            return self.error(404, "no such ID", 66)
        self.json({"id": found[1], "state": "queued" if kept[2] else "new",
                   "owner": "ann@example.org", "name": "x", "length": kept[0],
                   "created": "2026-11-21T08:30:00Z", "attempts": 0})

    def do_download(self, after):
        if not self.known():
            return
        data = open(name("mp3"), "rb").read()
        tag = '"%s"' % hashlib.sha256(data).hexdigest()
        headers = [("ETag", tag), ("Content-Type", "audio/mpeg")]
        status, start = 200, 0
        wanted = re.match(r"bytes=(\d+)-$", self.headers.get("Range", ""))
        if wanted and self.headers.get("If-Range") == tag:
            status, start = 206, int(wanted[1])
            headers.append(("Content-Range", "bytes %d-%d/%d" % (
                start, len(data) - 1, len(data))))
        if after is None:
            return self.reply(status, data[start:], headers)
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:start + after])
        self.vanish()

    def do_files(self, after):
        if not self.known():
            return
        if self.command == "POST":
            return self.create()
        kept = uploads.get(self.path.split("/")[-1])
        if self.command == "DELETE":
            uploads.pop(self.path.split("/")[-1], None)
            return self.vanish() if self.late else self.reply(204)
        if not kept or kept[2]:
            return self.reply(404)
        if self.command == "HEAD":
            return self.reply(200, b"", [("Upload-Offset", str(kept[1])),
                                         ("Upload-Length", str(kept[0]))])
        if int(self.headers["Upload-Offset"]) != kept[1]:
            return self.error(409, "another offset", 75)
        data = self.take_body(after)
        with open(name(self.path.split("/")[-1]), "ab") as f:
            f.write(data)
        kept[1] += len(data)
        if after is not None:
            return self.vanish()
        time.sleep(self.slow)
        kept[2] = kept[1] == kept[0]
        if self.late:
            return self.vanish()
        self.reply(204, b"", [("Upload-Offset", str(kept[1]))])

    def create(self):
        global count
        with lock:
            count += 1
            new = "%024x" % count
        uploads[new] = [int(self.headers["Upload-Length"]), 0, False]
        with open(name("metadata"), "w") as f:
            f.write(self.headers["Upload-Metadata"])
        if self.late:
            return self.vanish()
        self.reply(201, b"", [("Location", "/files/" + new)])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.handle_error = lambda *_: None   # clients that went away
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(name("port.new"), "w") as f:
    print(server.server_address[1], file=f)
os.rename(name("port.new"), name("port"))
server.serve_forever()
