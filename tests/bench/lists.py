"""The cost of listing 100,000 jobs and of looking for work among them.

    lists.py BIN WORK PAIRS
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import measure

BIN, WORK, PAIRS = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
FEW, SOME, MANY = 100, 1000, 100000

# A small program, whose memory does not count as Python's would.
PEAK = b"""
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct rusage use;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		execv(argv[1], argv + 1);
	if (argc < 2 || pid <= 0 || wait4(pid, &status, 0, &use) != pid ||
	    status != 0)
		return 1;
	fprintf(stderr, "%ld\\n", use.ru_maxrss);
	return 0;
}
"""


class Place:
    """A state with so many jobs of one account, copies of one that is done."""

    def __init__(self, folder, jobs):
        self.state = os.path.join(folder, str(jobs))
        self.log = self.state + ".log"
        self.env = dict(os.environ, V2M_STATE=self.state, V2M_CONFIG=os.devnull,
                        V2M_FREE_RESERVE="0", V2M_NOTIFY="exec:true")
        password = self.state + ".password"
        with open(password, "w") as f:
            f.write("correct horse\n")
        os.chmod(password, 0o600)
        self.run("v2m-init", "--quiet")
        self.run("v2m-user", "add", "--quiet", "--password-file", password,
                 "ann@example.org")
        self.env["V2M_TOKEN"] = self.run("v2m-user", "token",
                                         "ann@example.org").strip()
        self.run("v2m-upload", "--quiet", os.path.join(folder, "clip.mp4"))
        self.run("v2m-convert-worker", "--once", "--quiet")
        self.run("v2m-notify", "--once", "--quiet")
        subprocess.run([sys.executable, os.path.join(
            ROOT, "tests", "lib", "crowd.py"), self.state, str(jobs)],
            check=True)

    def argv(self, command, *args):
        return [os.path.join(BIN, command)] + list(args)

    def run(self, command, *args):
        return subprocess.run(self.argv(command, *args), env=self.env,
                              stdin=subprocess.DEVNULL, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def start(self, command, *args):
        """Start a daemon, with its log in a file: a pipe would fill up."""
        with open(self.log, "w") as log:
            return subprocess.Popen(self.argv(command, *args), env=self.env,
                                    stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=log)

    def start_gateway(self):
        self.gateway = self.start("v2m-gateway", "--listen", "127.0.0.1:0")
        found = None
        while not found:
            time.sleep(0.02)
            with open(self.log) as log:
                found = re.search(r"event=listening address=([0-9.:]+)",
                                  log.read())
        self.remote = dict(self.env, V2M_URL="http://" + found[1])

    def stop_gateway(self):
        self.gateway.terminate()
        self.gateway.wait()

    def pause(self, messages):
        """Add so many messages that are due in an hour."""
        with sqlite3.connect(os.path.join(self.state, "v2m.db")) as db:
            db.executemany(
                "INSERT INTO message (queue, body, due_ms) VALUES "
                "('video', '{}', ?)",
                [((int(time.time()) + 3600) * 1000,)] * messages)
        db.close()


def first_line(place, env):
    """Seconds until v2m-status prints something."""
    start = time.monotonic()
    p = subprocess.Popen(place.argv("v2m-status"), env=env,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    p.stdout.readline()
    took = time.monotonic() - start
    p.kill()
    p.communicate()
    return took


def peak_kib(peak, place, env):
    done = subprocess.run([peak] + place.argv("v2m-status"), env=env,
                          stdin=subprocess.DEVNULL, check=True, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return int(done.stderr.splitlines()[-1])


def gateway_peak_kib(place):
    """The peak of a gateway that has listed all jobs once."""
    place.start_gateway()
    subprocess.run(place.argv("v2m-status"), env=place.remote, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open("/proc/%d/status" % place.gateway.pid) as f:
        peak = int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])
    place.stop_gateway()
    return peak


def idle_cpu(place, seconds=3):
    """CPU time of a running worker that finds no message."""
    worker = place.start("v2m-convert-worker", "--no-sandbox")
    time.sleep(1)
    before = running_ns(worker.pid)
    time.sleep(seconds)
    took = running_ns(worker.pid) - before
    worker.terminate()
    worker.wait()
    return took


def running_ns(pid):
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as f:
            total += int(f.read().split()[0])
    return total


def cpu(place, command):
    """CPU seconds of ten runs: one is too short for the clock."""
    before = os.times()
    for _ in range(10):
        place.run(command)
    after = os.times()
    return (after.children_user - before.children_user +
            after.children_system - before.children_system)


def ratios(what, small, large, most):
    """The ratios of pairs; the first pair warms up."""
    values = []
    for turn in range(PAIRS + 1):
        a, b = small(), large()
        if turn > 0:
            values.append(b / a)
    measure.line(what, values, most=most)


def main(folder):
    peak = os.path.join(folder, "peak")
    subprocess.run(["cc", "-O2", "-x", "c", "-o", peak, "-"], input=PEAK,
                   check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
                    "sine=440:r=44100:d=1", "-c:a", "aac", "-f", "mp4",
                    os.path.join(folder, "clip.mp4")], check=True)
    few, some, many = (Place(folder, n) for n in (FEW, SOME, MANY))
    print("lists: %d jobs / %d, medians of %d pairs" % (MANY, FEW, PAIRS))
    ratios("v2m-status, time to the first line",
           lambda: first_line(few, few.env),
           lambda: first_line(many, many.env), 1.5)
    ratios("v2m-status, peak memory",
           lambda: peak_kib(peak, few, few.env),
           lambda: peak_kib(peak, many, many.env), 1.5)
    for place in few, many:
        place.start_gateway()
    ratios("over HTTP, time to the first line",
           lambda: first_line(few, few.remote),
           lambda: first_line(many, many.remote), 1.5)
    ratios("over HTTP, peak memory",
           lambda: peak_kib(peak, few, few.remote),
           lambda: peak_kib(peak, many, many.remote), 1.5)
    for place in few, many:
        place.stop_gateway()
    ratios("over HTTP, peak memory of the gateway",
           lambda: gateway_peak_kib(few), lambda: gateway_peak_kib(many), 1.5)
    print("nothing to do: %d idle jobs / %d, CPU time" % (MANY, SOME))
    time.sleep(6)       # a folder that has just changed is walked again
    for command in "v2m-check", "v2m-prune":
        ratios(command, lambda c=command: cpu(some, c),
               lambda c=command: cpu(many, c), 5)
    for place in some, many:
        place.pause(MANY if place is many else SOME)
    ratios("v2m-convert-worker, paused messages",
           lambda: idle_cpu(some), lambda: idle_cpu(many), 5)


if __name__ == "__main__":
    where = tempfile.mkdtemp(dir=WORK)
    try:
        main(where)
    finally:
        shutil.rmtree(where)
