"""ports.py N - prints N ports of 127.0.0.1 for servers that must be told one.

Nobody has them, and nobody is given one by chance before the server comes, or
while it is away: they lie below those that the kernel takes for connections and
for port 0, where there is room.
"""
import random
import socket
import sys

FIRST = 10000


def kernels_first():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range",
                  encoding="ascii") as f:
            return int(f.read().split()[0])
    except (OSError, ValueError):
        return 0


def held(port):
    """A socket that has this port; None where another has it."""
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
    except OSError:
        s.close()
        return None
    return s


def free(n):
    """n of them."""
    ours = range(FIRST, kernels_first())
    sockets = []
    for port in random.sample(ours, 1000) if len(ours) > 1000 else [0] * 1000:
        s = held(port) if len(sockets) < n else None
        if s:
            sockets.append(s)
    got = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return got


if __name__ == "__main__":
    print(*free(int(sys.argv[1])))
