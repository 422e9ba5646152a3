"""A server that requests a client certificate by TLS and notes its name.

    tls-peer.py CA CERT KEY FILE

Prints two ports: one begins with TLS, as amqps, mongodb and smtps do, the other
with the greeting of MySQL.  Each connection makes a line of FILE: the name in
the certificate that the client has shown, or why there is none.
"""
import socket
import ssl
import struct
import sys
import threading

CAPABILITIES = 0x81AA00 | 0x0800 | 0x0200 | 0x8000  # TLS, protocol 4.1, ...


def greeting():
    low, high = CAPABILITIES & 0xFFFF | 0x0001, CAPABILITIES >> 16 | 0x0008
    body = (b"\x0a" + b"8.0.0\0" + struct.pack("<I", 1) + b"abcdefgh\0" +
            struct.pack("<HBHH", low, 45, 2, high) + bytes([21]) + bytes(10) +
            b"ijklmnopqrst\0" + b"mysql_native_password\0")
    return struct.pack("<I", len(body))[:3] + b"\0" + body


def speak(s, context, mysql, path):
    try:
        if mysql:
            s.sendall(greeting())
            head = s.recv(4, socket.MSG_WAITALL)
            s.recv(head[0] | head[1] << 8, socket.MSG_WAITALL)
        with context.wrap_socket(s, server_side=True) as t:
            subject = dict(x[0] for x in t.getpeercert()["subject"])
            said = subject["commonName"]
    except (OSError, ssl.SSLError, IndexError) as e:
        said = "none: %s" % e
    with open(path, "a") as f:
        f.write(said + "\n")


def serve(listener, *rest):
    while True:
        s, _ = listener.accept()
        s.settimeout(10)
        threading.Thread(target=speak, args=(s, *rest), daemon=True).start()


def main():
    ca, cert, key, path = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    # With 1.3 a client is done before its certificate was looked at.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    print(*[x.getsockname()[1] for x in listeners], flush=True)
    for listener, mysql in zip(listeners, (False, True)):
        threading.Thread(target=serve, daemon=True,
                         args=(listener, context, mysql, path)).start()
    threading.Event().wait()


main()
