"""marionette - control Firefox by its own protocol.

No other program is needed: Firefox listens on a port of 127.0.0.1, and each
message is a JSON list, preceded by its length.
"""
import json
import os
import socket
import subprocess
import sys
import time

PREFS = {
    "marionette.port": 0,               # one that is free
    "media.autoplay.default": 0,        # sound without a click of a person
    "media.cubeb.backend": "none",      # no machine of tests has speakers
    "services.settings.server": "data:,#none/v1",   # nothing of Mozilla's
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.download.folderList": 2,
    "browser.download.useDownloadDir": True,
    "browser.helperApps.neverAsk.saveToDisk": "audio/mpeg,application/zip",
    "dom.disable_beforeunload": True,
}
START = 120         # seconds until it listens, on a busy machine


class Failure(Exception):
    """Firefox's error for a command."""


class Firefox:
    """One window of a headless Firefox with a profile of its own."""

    def __init__(self, binary, folder):
        profile = os.path.join(folder, "firefox")
        downloads = os.path.join(folder, "downloads")
        os.makedirs(profile)
        os.makedirs(downloads, exist_ok=True)
        with open(os.path.join(profile, "user.js"), "w") as f:
            for name, value in {**PREFS,
                                "browser.download.dir": downloads}.items():
                f.write("user_pref(%s, %s);\n" %
                        (json.dumps(name), json.dumps(value)))
        self.process = subprocess.Popen(
            [binary, "--headless", "--marionette", "--profile", profile],
            env={**os.environ, "HOME": folder,
                 "MOZ_CRASHREPORTER_DISABLE": "1"}, stdout=sys.stderr)
        try:
            self._connect(os.path.join(profile, "MarionetteActivePort"))
        except BaseException:
            self.process.kill()
            raise
        self.count = 0
        self.do("WebDriver:NewSession")
        self.do("WebDriver:SetTimeouts", script=60000)

    def _connect(self, file):
        end = time.monotonic() + START
        while True:
            try:
                with open(file) as f:
                    port = int(f.read())
                self.socket = socket.create_connection(("127.0.0.1", port),
                                                       timeout=START)
                break
            except (OSError, ValueError):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.1)
        self.stream = self.socket.makefile("rb")
        self._receive()         # who it is

    def _receive(self):
        n = b""
        while (c := self.stream.read(1)) != b":":
            if c == b"":
                raise Failure("Firefox closed the connection")
            n += c
        return json.loads(self.stream.read(int(n)))

    def do(self, command, **values):
        """Send a WebDriver command.  Returns its result."""
        self.count += 1
        text = json.dumps([0, self.count, command, values]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._receive()
        if error is not None:
            raise Failure("%s: %s" % (error["error"], error["message"]))
        if isinstance(result, dict) and list(result) == ["value"]:
            return result["value"]
        return result

    def get(self, url):
        self.do("WebDriver:Navigate", url=url)

    def run(self, script, *values):
        """Run a script in the page.  Returns its result."""
        return self.do("WebDriver:ExecuteScript", script=script,
                       args=list(values))

    def find(self, selector):
        """Find an element; raises Failure if there is none."""
        found = self.do("WebDriver:FindElement", using="css selector",
                        value=selector)
        return next(iter(found.values()))

    def type(self, selector, text):
        """Type keys, or the path of a file into a file input."""
        self.do("WebDriver:ElementSendKeys", id=self.find(selector), text=text)

    def click(self, selector):
        self.do("WebDriver:ElementClick", id=self.find(selector))

    def quit(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
