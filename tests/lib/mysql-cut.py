"""A relay to a MySQL server that breaks at a chosen moment.

    mysql-cut.py PORT FILE

Prints the port to connect to, and forwards to PORT.  Where FILE is there when
a connection comes, it holds "N before" or "N after" and is taken away, and the
connection is cut at what the client sends N-th: before the server has seen it,
or after it has answered, when its answer is lost.
"""
import os
import socket
import sys
import threading


def end(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Way:
    def __init__(self, client, port):
        self.client = client
        self.server = socket.create_connection(("127.0.0.1", port))
        self.losing = False
        self.answered = threading.Event()
        threading.Thread(target=self.back, daemon=True).start()

    def back(self):
        try:
            while True:
                data = self.server.recv(65536)
                if self.losing or not data:
                    break
                self.client.sendall(data)
        except OSError:
            pass
        self.answered.set()
        end(self.client, self.server)

    def forth(self, cut_at, after):
        n = 0
        while True:
            data = self.client.recv(65536)
            n += 1
            if not data or (n == cut_at and not after):
                break
            self.losing = n == cut_at
            self.server.sendall(data)
            if n == cut_at:
                self.answered.wait(1)
                break
        end(self.client, self.server)


def orders(path):
    try:
        with open(path) as f:
            n, how = f.read().split()
        os.unlink(path)
    except FileNotFoundError:
        return 0, False
    return int(n), how == "after"


def serve(client, port, cut_at, after):
    try:
        Way(client, port).forth(cut_at, after)
    except OSError:
        end(client)


def main(port, path):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, daemon=True,
                         args=(client, int(port), *orders(path))).start()


main(*sys.argv[1:])
