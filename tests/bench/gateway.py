"""v2m-gateway compared with nginx, which serves the same MP3 as a file.

The same wrk loads both in turns.  Only the ratio of plain HTTP has a limit:
nothing comparable exists for TLS and GridFS, so these are just reported.
"""
import base64
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import measure

bin_dir, work, n = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
here = os.path.dirname(os.path.abspath(__file__))
SECONDS = 2
CONNECTIONS = 8
ADDRESS, PASSWORD = "ann@example.org", "correct horse"
GATEWAY = os.path.join(bin_dir, "v2m-gateway")

for program in GATEWAY, "nginx", "wrk", "openssl":
    if shutil.which(program) is None:
        print("gateway: not measured, there is no %s" % program)
        raise SystemExit(0)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gateway: nothing listens on port %d" % port)


def start(argv, env=None, log="log"):
    with open(os.path.join(tmp, log), "a") as f:
        p = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL,
                             stdout=f, stderr=f)
    started.append(p)
    return p


class Load:
    """The result of one run of wrk."""

    def __init__(self, text):
        unit = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
        self.requests = float(re.search(r"Requests/sec: +([0-9.]+)",
                                        text).group(1))
        rate = re.search(r"Transfer/sec: +([0-9.]+)([KMG]?B)", text)
        self.mib = float(rate.group(1)) * unit[rate.group(2)] / (1 << 20)


def wrk_argv(url, connections=CONNECTIONS, seconds=SECONDS, more=()):
    return ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds,
            "--timeout", "30s", "-H", "Authorization: Bearer " + token,
            *more, url]


def wrk(url, **how):
    """Run wrk; a response other than 2xx is a failure."""
    done = subprocess.run(wrk_argv(url, **how), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    bad = re.search("Non-2xx.*|unable.*|Socket errors.*", done.stdout +
                    done.stderr)
    if done.returncode != 0 or bad:
        raise SystemExit("gateway: wrk on %s: %s" % (
            url, bad.group(0) if bad else done.stderr))
    return Load(done.stdout)


def ours(*argv, env):
    return subprocess.run([os.path.join(bin_dir, argv[0]), *argv[1:]],
                          env=env, check=True, text=True,
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout.strip()


def settings(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("V2M_")}
    env.update(HOME=tmp, XDG_STATE_HOME=tmp, XDG_CONFIG_HOME=tmp,
               V2M_FREE_RESERVE="0", **more)
    return env


def account(env):
    """Make the state and an account.  Returns its token."""
    password = os.path.join(tmp, "password")
    with open(password, "w") as f:
        f.write(PASSWORD)
    os.chmod(password, 0o600)
    ours("v2m-init", "--quiet", env=env)
    ours("v2m-user", "add", "--quiet", "--password-file", password, ADDRESS,
         env=env)
    return ours("v2m-user", "token", ADDRESS, env=env)


def clip():
    """A video whose MP3 at 192 kbit/s has 10 MiB."""
    path = os.path.join(work, "ten.mp4")
    if not os.path.exists(path):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y",
                        "-stream_loop", "3",
                        "-i", os.path.join(work, "music.mp4"), "-vn",
                        "-t", "436.9", "-c", "copy", path], check=True)
    return path


def job(env):
    """A converted job; its ID."""
    env = dict(env, V2M_TOKEN=token)
    name = ours("v2m-upload", "--quiet", "-b", "192k", clip(), env=env)
    ours("v2m-convert-worker", "--once", "--quiet", env=env)
    return name


def gateway(env, **more):
    port = free_port()
    server = start([GATEWAY, "--listen", "127.0.0.1:%d" % port],
                   dict(env, **more), "gateway")
    wait_for(port)
    return server, port


NGINX = """
{user}worker_processes auto;
daemon off;
pid {tmp}/nginx.pid;
error_log {tmp}/nginx.error;
events {{ worker_connections 1024; }}
http {{
	access_log {tmp}/nginx.access;
	sendfile on;
	tcp_nopush on;
	types {{ audio/mpeg mp3; }}
	client_body_temp_path {tmp}/nb; proxy_temp_path {tmp}/np;
	fastcgi_temp_path {tmp}/nf; uwsgi_temp_path {tmp}/nu;
	scgi_temp_path {tmp}/ns;
	server {{ listen 127.0.0.1:{plain}; root {tmp}/www; }}
	server {{
		listen 127.0.0.1:{tls} ssl; root {tmp}/www;
		ssl_certificate {tmp}/cert.pem;
		ssl_certificate_key {tmp}/key.pem;
	}}
}}
"""


def nginx():
    """Start an nginx.  Returns it and its two ports."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", tmp + "/key.pem", "-out", tmp + "/cert.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    os.chmod(tmp + "/key.pem", 0o600)
    ports = free_port(), free_port()
    conf = os.path.join(tmp, "nginx.conf")
    with open(conf, "w") as f:
        f.write(NGINX.format(
            user="user root;\n" if os.getuid() == 0 else "", tmp=tmp,
            plain=ports[0], tls=ports[1]))
    server = start(["nginx", "-c", conf, "-p", tmp, "-e",
                    tmp + "/nginx.error"])
    wait_for(ports[0])
    return server, *ports


def cpu_seconds(process):
    """CPU seconds of a server and its workers, so far."""
    ticks = 0
    for pid in measure.family(process.pid):
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def load(server, url):
    """MiB per second, and per CPU second of the server."""
    before = cpu_seconds(server)
    got = wrk(url)
    return got.mib, got.mib * SECONDS / max(cpu_seconds(server) - before,
                                            0.01)


def compare(what, server, url, their_server, their_url):
    walls, cpus, rates = [], [], []
    for turn in range(n + 1):
        a, b = load(server, url), load(their_server, their_url)
        if turn > 0:
            walls.append(a[0] / b[0])
            cpus.append(a[1] / b[1])
            rates.append(a[0])
    print("%-22s / nginx: %s  by CPU time %s  %.0f MiB/s" % (
        what, measure.spread(walls), measure.spread(cpus),
        statistics.median(rates)))


FLOOD = """
math.randomseed(os.time())
local wrong = { %s }
delay = function() return 50 end
request = function()
	local r = math.random
	return wrk.format("POST", "/login", {
		["Authorization"] = "Basic " .. wrong[r(#wrong)],
		["X-Forwarded-For"] = string.format("10.%%d.%%d.%%d", r(255),
		    r(255), r(255)) })
end
"""


def flood(port, url):
    """The share of its throughput that a download keeps while logins come
    from many addresses: some 600 per second, as the clients run on the same
    machine and their own cost is not to be measured."""
    script = os.path.join(tmp, "flood.lua")
    with open(script, "w") as f:
        f.write(FLOOD % ", ".join('"%s"' % base64.b64encode(
            b"user-%d@example.org:wrong" % i).decode() for i in range(20000)))
    shares = []
    for turn in range(n + 1):
        alone = wrk(url)
        p = start(wrk_argv("http://127.0.0.1:%d" % port, 32, SECONDS + 2,
                           ["-s", script]), log="flood")
        time.sleep(0.5)
        beside = wrk(url)
        p.send_signal(signal.SIGINT)
        p.wait()
        if turn > 0:
            shares.append(beside.mib / alone.mib)
    print("%-22s keeps %s of its throughput in a flood of logins" % (
        "download", measure.spread(shares)))


def mongodb():
    """The tests' server, if one was built or is installed: its kind and URL.
    FerretDB on SQLite scans a whole collection for each chunk, so its result
    says little about MongoDB."""
    port = str(free_port())
    data = os.path.join(tmp, "mongodb")
    os.mkdir(data)
    ferret = os.path.join(here, "../../build/tests/ferretdb/ferretdb")
    kind = "FerretDB"
    if shutil.which("mongod"):
        kind = "MongoDB"
        start(["mongod", "--quiet", "--bind_ip", "127.0.0.1", "--port", port,
               "--nounixsocket", "--dbpath", data], log="mongodb.log")
    elif os.path.exists(ferret):
        start([ferret, "-listen", "127.0.0.1:" + port, data],
              log="mongodb.log")
    else:
        return None, None
    wait_for(int(port))
    return kind, "mongodb://127.0.0.1:%s/" % port


def measure_all():
    global token
    env = settings(V2M_STATE=tmp + "/state", V2M_TRUSTED_PROXIES="127.0.0.1",
                   V2M_MAX_CONNECTIONS_PER_ADDRESS="512")
    token = account(env)
    fid = job(env)
    theirs, plain, tls = nginx()
    server, port = gateway(env)
    here_url = "http://127.0.0.1:%d" % port
    download = here_url + "/download?fid=" + fid
    os.mkdir(tmp + "/www")
    with open(tmp + "/www/ten.mp3", "wb") as f:
        subprocess.run(["curl", "-sf", "-H", "Authorization: Bearer " + token,
                        download], stdout=f, check=True)
    print("v2m-gateway, an MP3 of %.1f MiB, %d connections, medians of %d "
          "pairs of %d s" % (os.path.getsize(tmp + "/www/ten.mp3") / (1 << 20),
                             CONNECTIONS, n, SECONDS))
    compare("download, dir:", server, download, theirs,
            "http://127.0.0.1:%d/ten.mp3" % plain)
    tls_server, tls_port = gateway(env, V2M_LISTEN_CERT_FILE=tmp + "/cert.pem",
                                   V2M_LISTEN_KEY_FILE=tmp + "/key.pem")
    compare("download, dir:, TLS", tls_server,
            "https://127.0.0.1:%d/download?fid=%s" % (tls_port, fid), theirs,
            "https://127.0.0.1:%d/ten.mp3" % tls)
    rates = [wrk("%s/status?fid=%s" % (here_url, fid)).requests
             for _ in range(n)]
    print("%-22s %.0f requests/s (%.0f to %.0f)" % (
        "status of one", statistics.median(rates), min(rates), max(rates)))
    flood(port, download)

    kind, url = mongodb()
    if url is None:
        print("%-22s not measured, there is no MongoDB server" %
              "download, GridFS")
        return
    env = settings(V2M_STATE=tmp + "/state-m", V2M_STORE=url)
    token = account(env)
    fid = job(env)
    _, port = gateway(env)
    rates = [wrk("http://127.0.0.1:%d/download?fid=%s" % (port, fid),
                 connections=1, seconds=5).mib for _ in range(min(n, 3))]
    print("%-22s %.1f MiB/s of %s (%.1f to %.1f)" % (
        "download, GridFS", statistics.median(rates), kind, min(rates),
        max(rates)))


started = []
token = ""
with tempfile.TemporaryDirectory() as tmp:
    try:
        measure_all()
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
