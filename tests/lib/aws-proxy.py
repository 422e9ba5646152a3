"""aws-proxy - a network in front of a server of S3 or DynamoDB that looks on, and
fails.

usage: aws-proxy.py PORT LOG [--dynamo] [--verify ACCESS SECRET REGION]
                    [--delay MS] [--faults RATE SEED] [--without-conditions]
                    [--lose REQUEST] [--expire REQUEST] [--no-ranges]
                    [--uploads-begun TIME] [--once REQUEST FAULT]...
                    [--meter UNITS] [--clock SECONDS]

Listens on a free port of 127.0.0.1, which it prints, and passes each request on
to PORT.  LOG gets a line for each: its method, path, status, bytes of the
answer's body, and a word.

--verify computes each signature by botocore, and compares: "signed", or "BAD"
and an answer of 403; that of a URL as well.  --delay waits so long before each answer.  --faults has
that part of the requests fail in one of five ways: SlowDown, or the connection
cut, before they were done; after that, without an answer, with half a body, or
with a 500; with --dynamo, the server is one of DynamoDB, also by a batch that is done
in half, or with a wrong checksum.  --without-conditions answers If-None-Match with 501.

REQUEST is a regular expression for "METHOD PATH", of DynamoDB for "OPERATION /
PARTITION-KEY", with - where there is not one.  --lose cuts the connection
in place of the first such request's answer, and refuses those that follow;
--expire answers the first with ExpiredToken.  --no-ranges calls each answer to
a range 200, --uploads-begun has all uploads in parts begun at that time.

--once has the first such request fail in a way of its own: "no answer", "half",
"half a batch" and "wrong checksum" as --faults has them, "in a 200" (an error
where success was announced, and nothing done), or with an error, which is a
status and a code, "409 ConditionalRequestConflict", and nothing done.
--meter has a partition key of DynamoDB take so many write units a second, of 1
KB, and three times as many read units, of 4 KB: of what is more, batches
do a part.  --clock has all answers bear a Date that is so many seconds off.
"""
import argparse
import email.utils
import hashlib
import http.client
import http.server
import json
import random
import re
import socket
import threading
import time
import zlib

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("log")
parser.add_argument("--dynamo", action="store_true")
parser.add_argument("--verify", nargs=3)
parser.add_argument("--delay", type=int, default=0)
parser.add_argument("--faults", nargs=2)
parser.add_argument("--without-conditions", action="store_true")
parser.add_argument("--lose")
parser.add_argument("--expire")
parser.add_argument("--no-ranges", action="store_true")
parser.add_argument("--uploads-begun")
parser.add_argument("--once", nargs=2, action="append", default=[])
parser.add_argument("--meter", type=int)
parser.add_argument("--clock", type=int)
opts = parser.parse_args()
seen = set()
log = open(opts.log, "a", buffering=1)
lock = threading.Lock()
dice = random.Random(int(opts.faults[1]) if opts.faults else 0)
rate = float(opts.faults[0]) if opts.faults else 0
here = threading.local()


FAULTS = ["slow down", "cut", "no answer", "half", "500"]
if opts.dynamo:
    FAULTS += ["half a batch", "wrong checksum"]


def error(code):
    if opts.dynamo:
        return json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#" +
                           code, "message": "by the test"}).encode()
    return ("<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>by the "
            "test</Message></Error>" % code).encode()


def botocore_signature(method, url, headers, body, names, stamp):
    """The signature that botocore computes over the signed headers."""
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    access, secret, region = opts.verify
    who = Credentials(access, secret)
    auth = SigV4Auth(who, "dynamodb", region) if opts.dynamo else \
        S3SigV4Auth(who, "s3", region)
    request = AWSRequest(method, url, data=body, headers={
        name: headers[name] for name in names})
    request.context["timestamp"] = stamp
    request.context["payload_signing_enabled"] = True
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return auth.signature(text, request)


def verify_url(method, path, headers):
    """What is wrong with a presigned URL, or None."""
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    access, secret, region = opts.verify
    url, _, signature = path.rpartition("&X-Amz-Signature=")
    query = dict(p.split("=", 1) for p in url.partition("?")[2].split("&"))
    auth = S3SigV4QueryAuth(Credentials(access, secret), "s3", region,
                            expires=int(query["X-Amz-Expires"]))
    request = AWSRequest(method, "http://%s%s" % (headers["host"], url),
                         headers={"host": headers["host"]})
    request.context["timestamp"] = query["X-Amz-Date"]
    text = auth.string_to_sign(request, auth.canonical_request(request))
    wanted = auth.signature(text, request)
    return None if wanted == signature else "signature of a URL"


def verify(method, path, headers, body):
    """What is wrong with the request, or None."""
    if "X-Amz-Signature=" in path:
        return verify_url(method, path, headers)
    words = headers.get("authorization", "").replace(",", "").split()
    parts = dict(w.split("=", 1) for w in words[1:] if "=" in w)
    names = parts.get("SignedHeaders", "").split(";")
    stamp = headers.get("x-amz-date", "")
    sha = hashlib.sha256(body).hexdigest()
    if headers.get("x-amz-content-sha256") != sha:
        return "another body was signed"
    unsigned = [n for n in headers if n.startswith("x-amz-") or n == "host"]
    if set(unsigned) - set(names):
        return "not all is signed: %s" % unsigned
    url = "http://%s%s" % (headers["host"], path)
    wanted = botocore_signature(method, url, headers, body, names, stamp)
    return None if wanted == parts.get("Signature") else "signature"


class Meter:
    """The units that each partition key has left."""
    def __init__(self, rate):
        self.rate, self.keys = rate, {}

    def take(self, key, units):
        now = time.monotonic()
        left, at = self.keys.get(key, (self.rate, now))
        left = min(self.rate, left + (now - at) * self.rate)
        self.keys[key] = (left - units if left > 0 else left, now)
        return left > 0


if opts.meter:
    written, read = Meter(opts.meter), Meter(3 * opts.meter)
CHUNK_UNITS = 64        # to read 262,144 bytes


def has_room(item):
    """May this request of a batch, or this key, be done now?"""
    with lock:
        if "PutRequest" in item:
            key = item["PutRequest"]["Item"]["k"]["S"]
            return written.take(key, -(-len(json.dumps(item)) * 3 // 4096))
        if "DeleteRequest" in item:
            return written.take(item["DeleteRequest"]["Key"]["k"]["S"], 256)
        return read.take(item["k"]["S"], CHUNK_UNITS)


def metered_part(keys):
    rooms = [has_room(k) for k in keys]
    return ([k for k, r in zip(keys, rooms) if r],
            [k for k, r in zip(keys, rooms) if not r])


def key_of(body):
    """The partition key of the only item of a request of DynamoDB, or -."""
    request = json.loads(body)
    item = request.get("Item", request.get("Key", {}))
    return item.get("k", {}).get("S", "-")


def halves(keys):
    n = (len(keys) + 1) // 2
    return keys[:n], keys[n:]


def part_of(body, split):
    """Split a batch in the part to do and the rest; others are not split."""
    request = json.loads(body)
    items = request.get("RequestItems")
    if not isinstance(items, dict):
        return body, {}
    (table, what), = items.items()
    keys = what if isinstance(what, list) else what["Keys"]
    keys[:], left = split(keys)
    if not left:
        return body, {}
    if isinstance(what, list):
        return json.dumps(request).encode(), {
            "UnprocessedItems": {table: left}}
    return json.dumps(request).encode(), {
        "UnprocessedKeys": {table: dict(what, Keys=left)}}


def any_left(body):
    (what,) = json.loads(body)["RequestItems"].values()
    return bool(what if isinstance(what, list) else what["Keys"])


def with_left(got, left):
    answer = json.loads(got)
    answer.update(left)
    return json.dumps(answer).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_):
        pass

    def operation(self):
        """The operation: "GET /key", "GetItem / record#3"."""
        target = self.headers.get("x-amz-target")
        if not target:
            return "%s %s" % (self.command, self.path)
        return "%s %s %s" % (target.split(".")[-1], self.path, self.key)

    def note(self, status, n, word):
        log.write("%s %s %d %s\n" % (self.operation(), status, n, word))

    def answer(self, status, body, headers=(), length=None):
        self.send_response_only(status)
        for name, value in headers:
            if opts.clock is None or name.lower() != "date":
                self.send_header(name, value)
        if opts.clock is not None:
            self.send_header("Date", email.utils.formatdate(
                time.time() + opts.clock, usegmt=True))
        self.send_header("Content-Length",
                         len(body) if length is None else length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self, word):
        self.note("-", 0, word)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def ask(self, body):
        for _ in range(2):
            if getattr(here, "server", None) is None:
                here.server = http.client.HTTPConnection("127.0.0.1",
                                                         opts.port)
            try:
                here.server.putrequest(self.command, self.path,
                                       skip_host=True,
                                       skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() == "content-length":
                        value = str(len(body))
                    here.server.putheader(name, value)
                here.server.endheaders(body or None)
                reply = here.server.getresponse()
                return reply, reply.read()
            except (http.client.HTTPException, OSError):
                here.server = None
        raise ConnectionError("the server is away")

    def fault(self):
        with lock:
            if dice.random() >= rate:
                return None
            return dice.choice(FAULTS)

    def once(self, body):
        """The fault that --once orders for this request."""
        for order in opts.once:
            with lock:
                if order[0] in seen or (order[1] == "half a batch" and
                                        not part_of(body, halves)[1]):
                    continue
            if self.is_first(order[0]):
                return order[1]
        return None

    def is_first(self, pattern):
        """True for the first request that matches, False for the next ones,
        None for others."""
        if not pattern or not re.search(pattern, self.operation()):
            return None
        with lock:
            first = pattern not in seen
            seen.add(pattern)
        return first

    def refuse_first(self, body, fault):
        """Refuse the requests of --lose and --expire."""
        if opts.verify:
            wrong = verify(self.command, self.path,
                           {k.lower(): v for k, v in self.headers.items()},
                           body)
            if wrong:
                self.note(403, 0, "BAD " + wrong)
                self.answer(403, error("SignatureDoesNotMatch"))
                return True
        if opts.without_conditions and self.headers.get("if-none-match"):
            self.note(501, 0, "refused")
            self.answer(501, error("NotImplemented"))
            return True
        if fault == "lost before":
            self.note(403, 0, "refused")
            self.answer(400 if opts.dynamo else 403, error(
                "AccessDeniedException" if opts.dynamo else "AccessDenied"))
            return True
        if self.is_first(opts.expire):
            self.note(400, 0, "expired")
            self.answer(400, error("ExpiredTokenException" if opts.dynamo
                                   else "ExpiredToken"))
            return True
        if fault == "in a 200":
            self.note(200, 0, "fault")
            self.answer(200, error("InternalError"))
            return True
        if fault and fault[:3].isdigit() and fault != "500":
            status, code = fault.split()
            self.note(status, 0, "fault")
            self.answer(int(status), error(code))
            return True
        if fault == "slow down":
            self.note(503, 0, "fault")
            self.answer(400 if opts.dynamo else 503, error(
                "ProvisionedThroughputExceededException" if opts.dynamo
                else "SlowDown"))
            return True
        if fault == "cut":
            self.hang_up("fault")
            return True
        return False

    def answer_none(self):
        self.note(400, 0, "fault")
        self.answer(400, error("ProvisionedThroughputExceededException"))

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if opts.dynamo:
            self.key = key_of(body)
        fault = {True: "no answer", False: "lost before", None:
                 self.once(body) or self.fault()}[self.is_first(opts.lose)]
        if self.refuse_first(body, fault):
            return
        left = {}
        if fault == "half a batch":
            body, left = part_of(body, halves)
        if opts.meter:
            body, left = part_of(body, metered_part)
        if left and not any_left(body):
            return self.answer_none()
        reply, got = self.ask(body)
        if left:
            self.note(200, 0, "fault")
            got = with_left(got, left)
        if opts.delay:
            time.sleep(opts.delay / 1000)
        if fault == "no answer":
            return self.hang_up("fault")
        if fault == "500":
            self.note(500, 0, "fault")
            return self.answer(500, error("InternalError"))
        headers = [(k, v) for k, v in reply.getheaders() if k.lower() not in
                   ("content-length", "transfer-encoding", "connection",
                    "x-amz-crc32")]
        if opts.dynamo:
            crc = zlib.crc32(got) ^ (fault == "wrong checksum")
            headers.append(("x-amz-crc32", str(crc)))
        if opts.no_ranges and reply.status == 206:
            reply.status = 200
        if opts.uploads_begun:
            got = re.sub(rb"<Initiated>[^<]*",
                         b"<Initiated>" + opts.uploads_begun.encode(), got)
        length = len(got)
        if self.command == "HEAD":
            length = reply.getheader("content-length", "0")
        if fault == "half" and got:
            self.answer(reply.status, got[:len(got) // 2], headers, length)
            return self.hang_up("fault")
        self.note(reply.status, len(got), "fault" if fault ==
                  "wrong checksum" else "signed" if opts.verify else "-")
        self.answer(reply.status, got, headers, length)

    def do_any(self):
        try:
            self.pass_on()
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = do_any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


Handler.disable_nagle_algorithm = True
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
