"""systemd.py - start a daemon as systemd(1) would, and show its notifications.

usage: systemd.py [-w USEC] [-s N] [-m] [-u] COMMAND [ARGUMENT ...]

Makes the socket for notifications, and N listening ones for -s (the last of
them with the name metrics_listen for -m, the first one a Unix socket for -u).
Prints "port PORT" for each, then a line for each word that the daemon tells,
and "restarted" after each SIGHUP that it is sent itself: on that it ends the
daemon with SIGTERM and starts it again with the same sockets.  SIGTERM ends
the daemon; its exit status is the one returned.
"""
import os, select, signal, socket, sys, tempfile

args = sys.argv[1:]
usec, count, metrics, unix = None, 0, False, False
while args[0].startswith("-"):
    word = args.pop(0)
    if word == "-w":
        usec = args.pop(0)
    elif word == "-s":
        count = int(args.pop(0))
    elif word == "-m":
        metrics = True
    elif word == "-u":
        unix = True

folder = tempfile.TemporaryDirectory()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(folder.name + "/notify")

def listener(n):
    if unix and n == 0:
        s = socket.socket(socket.AF_UNIX)
        s.bind(folder.name + "/http")
    else:
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        print("port", s.getsockname()[1], flush=True)
    s.listen(64)
    return s

sockets = [listener(n) for n in range(count)]
names = ["v2m-gateway.socket"] * count
if metrics:
    names[-1] = "metrics_listen"

def start():
    pid = os.fork()
    if pid > 0:
        return pid
    # Out of the way first: 3 may be one of them.
    high = [os.dup2(s.fileno(), 100 + n) for n, s in enumerate(sockets)]
    for n, fd in enumerate(high):
        os.dup2(fd, 3 + n)
    os.closerange(3 + count, 1000)
    os.environ["NOTIFY_SOCKET"] = folder.name + "/notify"
    if usec:
        os.environ["WATCHDOG_USEC"] = usec
        os.environ["WATCHDOG_PID"] = str(os.getpid())
    if count:
        os.environ["LISTEN_PID"] = str(os.getpid())
        os.environ["LISTEN_FDS"] = str(count)
        os.environ["LISTEN_FDNAMES"] = ":".join(names)
    os.execvp(args[0], args)

wake_r, wake_w = socket.socketpair()
wake_w.setblocking(False)
signal.set_wakeup_fd(wake_w.fileno())
restart = False
def on_signal(sig, frame):
    global restart
    if sig != signal.SIGCHLD:
        restart = sig == signal.SIGHUP
        os.kill(daemon, signal.SIGTERM)
for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
    signal.signal(sig, on_signal)

daemon = start()
while True:
    ready, _, _ = select.select([notify, wake_r], [], [])
    if notify in ready:
        print(notify.recv(4096).decode(), flush=True)
        continue
    wake_r.recv(64)
    pid, status = os.waitpid(daemon, os.WNOHANG)
    if pid == 0:
        continue
    # What it told last is before its end.
    while select.select([notify], [], [], 0)[0]:
        print(notify.recv(4096).decode(), flush=True)
    if not restart:
        sys.exit(os.waitstatus_to_exitcode(status) % 256)
    restart = False
    daemon = start()
    print("restarted", flush=True)
