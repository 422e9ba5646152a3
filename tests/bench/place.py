"""A state for measuring, on a store and a queue."""
import os
import shutil
import subprocess
import tempfile
import time

BIN = os.environ.get("V2M_BIN")


class Place:
    """A state with an account, on the given store and queue."""

    def __init__(self, store=None, queue=None, bin_dir=BIN, work=".", **more):
        self.bin = bin_dir
        self.state = tempfile.mkdtemp(dir=os.path.abspath(work))
        self.env = dict(os.environ, V2M_STATE=self.state,
                        V2M_FREE_RESERVE="0", V2M_NOTIFY="log:", **more)
        if store:
            self.env["V2M_STORE"] = store
        if queue:
            self.env["V2M_QUEUE"] = queue
        self.run("v2m-init", "--quiet")
        password = os.path.join(self.state, "password")
        with open(password, "w") as f:
            f.write("correct horse\n")
        os.chmod(password, 0o600)
        self.run("v2m-user", "add", "--quiet", "--password-file", password,
                 "ann@example.org")
        self.env["V2M_TOKEN"] = self.run("v2m-user", "token",
                                         "ann@example.org")

    def argv(self, command, *args):
        return [os.path.join(self.bin, command)] + list(args)

    def run(self, command, *args, quiet=False):
        done = subprocess.run(self.argv(command, *args), env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise SystemExit("%s: exit status %d\n%s" % (
                command, done.returncode, done.stderr))
        return done.stderr if quiet else done.stdout.strip()

    def time(self, command, *args):
        start = time.monotonic()
        self.run(command, *args)
        return time.monotonic() - start

    def close(self):
        shutil.rmtree(self.state)
