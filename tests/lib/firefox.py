"""firefox - upload, listen and download in headless Firefox.

usage: firefox.py BINARY URL FOLDER

URL is the gateway's, through a relay that cuts twice in one piece; FOLDER holds
large.mp4, during which it does, and large.mp3, which that becomes.  Prints "ok WHAT" or
"not WHAT" a line, with what was seen instead behind a tab.
"""
import os
import sys

import browsing
from browsing import check
from marionette import Failure, Firefox

binary, url, folder = sys.argv[1:]


def until(f):
    return browsing.until(f, passing=Failure)


def shown(name):
    return page.run("return document.getElementById(arguments[0])"
                    ".checkVisibility()", name)


def rows():
    """Name, state and note of each row."""
    return page.run("""
        return [...document.querySelectorAll('.row')].map(r =>
            ['.name', '.state', '.note'].map(
                s => r.querySelector(s).textContent));""")


def is_ready():
    return [r[:2] for r in rows()] == [["large.mp4", "Ready"]]


def log_in():
    page.get(url)
    until(lambda: shown("gate"))
    page.type("#email", "ann@example.org")
    page.type("#password", "correct horse")
    page.click("#enter")
    check(until(lambda: shown("desk")), "logged in")


def upload():
    page.type("#files", os.path.join(folder, "large.mp4"))
    check(until(is_ready),
          "an upload goes on after a broken connection, and is converted",
          rows())
    page.get(url)
    check(until(is_ready), "a reload keeps the session and the list", rows())


def playing():
    return page.run("""
        const s = document.getElementById('sound');
        return !s.paused && s.currentTime > 0.5;""")


def listen():
    page.click("[data-act='listen']")
    until(lambda: shown("player"))
    page.run("document.getElementById('sound').play()")
    check(until(playing), "it is listened to", page.run("""
        const s = document.getElementById('sound');
        return [s.currentTime, s.paused, s.duration, s.error?.message,
            document.getElementById('player-problem').textContent];"""))
    page.run("document.getElementById('sound').currentTime = 7")
    check(until(lambda: page.run("return document.getElementById('sound')"
                                 ".currentTime > 7.2")),
          "from another place, too")
    page.click("#player-close")


def download():
    page.click("[data-act='download']")
    path = os.path.join(folder, "downloads", "large.mp3")
    with open(os.path.join(folder, "large.mp3"), "rb") as f:
        wanted = f.read()

    def is_there():
        try:
            with open(path, "rb") as f:
                return f.read() == wanted
        except FileNotFoundError:
            return False

    check(until(is_there), "the MP3 is downloaded under its name",
          os.listdir(os.path.dirname(path)))


page = Firefox(binary, folder)
try:
    for step in log_in, upload, listen, download:
        step()
except Exception as e:
    check(False, "the page can be used", repr(e))
    raise
finally:
    page.quit()
