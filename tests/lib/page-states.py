"""page-states - check how each state of the page looks, in headless Chromium.

usage: page-states.py URL FOLDER AXE [PICTURES]

URL is the gateway's; ann has one job of each kind (job-states.py), and
FOLDER/film.mkv is what the one with chapters and a cover was made of.  Each
state at three widths, light and dark: axe finds nothing, nothing is wider than
the window, nothing is cut off.  In the folder PICTURES there is one of each then.
"""
import os
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import looking
from browsing import check
from chromium import browser, by, evaluate, until, view

url, folder, axe = sys.argv[1:4]
pictures = sys.argv[4] if len(sys.argv) > 4 else ""
ADDRESS, PASSWORD = "ann@example.org", "correct horse"

# Chosen files that wait, as what happens to uploads in the course of time.
UPLOADS = """
(async () => {
    const rows = (await import('./list.js')).all();
    const now = Date.now();
    const become = (name, state, more, problem) => {
        const u = rows.find((r) => r.name === name).upload;
        Object.assign(u, { size: 123456789 }, more);
        u.set(state, problem);
    };
    become('waiting.mp4', 'waiting', {});
    become('sending.mp4', 'sending', { sent: 65432100, samples: [
        { at: performance.now() - 5000, sent: 55432100 }] });
    become('checking.mp4', 'checking', { sent: 123456789 });
    become('broken.mp4', 'broken', { sent: 65432100, again: now + 3599000 },
        'The connection broke.');
    become('begun.mp4', 'broken', { sent: 0, again: now + 3599000 },
        'The server cannot be reached.');
    become('paused.mp4', 'paused', { sent: 65432100 });
    become('room.mp4', 'refused', { hopeless: false },
        'Your files take 12.3 GB of 12 GB. Remove some.');
    become('empty.mp4', 'refused', { hopeless: true }, 'The file is empty.');
})()
"""
FILES = ("own.mkv waiting.mp4 sending.mp4 checking.mp4 broken.mp4 begun.mp4 "
         "paused.mp4 room.mp4 empty.mp4").split()


def looks(name):
    looking.looks(page, name, axe, pictures)


def offline(on):
    page.execute_cdp_cmd("Network.enable", {})
    page.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": on, "latency": 0, "downloadThroughput": -1,
        "uploadThroughput": -1})


def row(name):
    return next(r for r in page.find_elements(By.CSS_SELECTOR, ".row")
                if r.find_element(By.CSS_SELECTOR, ".name").text == name)


def press(name, what):
    row(name).find_element(By.CSS_SELECTOR,
                           "[data-act='%s']" % what).click()


def gate():
    page.get(url)
    until(lambda: by("gate").is_displayed())
    looks("log in")
    by("email").send_keys(ADDRESS)
    by("password").send_keys("wrong", Keys.ENTER)
    until(lambda: by("problem").text)
    looks("wrong password")
    by("password").send_keys(PASSWORD, Keys.ENTER)


def motion(wish):
    """Animations."""
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-reduced-motion", "value": wish}]})
    return page.execute_script("""
        return document.getAnimations().map((a) => a.animationName);""")


def jobs():
    until(lambda: by("space").is_displayed() and
          len(page.find_elements(By.CSS_SELECTOR, ".row")) == 11)
    looks("every kind of job")
    view(page, 360, 740, "light")
    tops = {b.location["y"] for b in row("film.mkv").find_elements(
        By.TAG_NAME, "button")}
    check(len(tops) == 1, "three buttons are one line on a phone", tops)
    moving = [motion(wish) for wish in ("reduce", "no-preference")]
    check(moving[0] == [] and len(moving[1]) == 1,
          "nothing moves for who wants less motion", moving)
    by("choose-all").click()
    looks("all selected")
    by("chosen-none").click()
    by("search").send_keys("zzz")
    until(lambda: by("unfound").is_displayed())
    looks("none found")
    by("search").clear()
    by("search").send_keys(Keys.TAB)
    until(lambda: not by("unfound").is_displayed() and row("film.mkv"))


def settings():
    by("next").find_element(By.TAG_NAME, "summary").click()
    form = by("next-form")
    loudness = form.find_element(By.CSS_SELECTOR, "[name=loudness]")
    loudness.send_keys("loud", Keys.TAB)
    until(lambda: "-50" in form.find_element(By.CSS_SELECTOR,
                                             ".problem").text)
    edges = page.execute_script("""
        const edge = (e) => getComputedStyle(e).borderLeftColor;
        return [edge(arguments[0]), edge(document.querySelector(
            '#next-form .problem'))];""", loudness)
    check(edges[0] == edges[1], "what is wrong is marked", edges)
    looks("settings of the next files")
    loudness.clear()
    loudness.send_keys(Keys.TAB)
    by("looks").click()
    by("next").find_element(By.TAG_NAME, "summary").click()


def uploads():
    paths = [os.path.join(folder, name) for name in FILES]
    for path in paths:
        if path.endswith(".mkv"):
            with open(os.path.join(folder, "film.mkv"), "rb") as f:
                data = f.read()
        else:
            data = b"no video"
        with open(path, "wb") as f:
            f.write(data)
    by("files").send_keys("\n".join(paths))
    until(lambda: row("own.mkv") and by("start").is_displayed())
    evaluate(page, UPLOADS, awaitPromise=True)
    looks("every kind of upload")
    bar = row("begun.mp4").find_element(By.TAG_NAME, "progress")
    check(bar.get_attribute("position") == "0",
          "nothing sent yet is shown as nothing", bar.get_attribute("position"))
    press("own.mkv", "settings")
    until(lambda: by("own").is_displayed())
    own = by("own-form").find_element(By.CSS_SELECTOR, "[name=to]")
    own.send_keys("0:00", Keys.ENTER)
    until(lambda: "later" in by("own-form").text)
    looks("settings of one file")
    away = own.location["y"] - by("own-form").find_element(
        By.CSS_SELECTOR, ".problem").location["y"]
    check(0 < away < 150, "what is wrong is said where it is", away)
    by("own").find_element(By.CSS_SELECTOR, "[data-act=close]").click()


def asks():
    press("film.mkv", "remove")
    until(lambda: by("ask").is_displayed())
    looks("remove")
    by("ask-no").click()
    by("change").click()
    until(lambda: by("new-account").is_displayed())
    looks("change the password")
    by("old-password").send_keys("x", Keys.ENTER)
    until(lambda: by("account-problem").text)
    looks("no new password")
    by("new-account").find_element(By.CSS_SELECTOR,
                                   "[data-act=close]").click()


def listens():
    press("film.mkv", "listen")
    until(lambda: by("cover").is_displayed() and by("chapters").is_displayed())
    looks("listening")
    page.execute_script("document.getElementById('player-problem').textContent"
                        " = arguments[0]", "This browser cannot play it. "
                        "Download it instead.")
    looks("listening is not possible")
    by("player-close").click()


def looked():
    """The list was requested, and the response has come."""
    count = ("performance.getEntriesByType('resource').filter("
             "(e) => e.name.includes('status?order')).length")
    before = evaluate(page, count)["value"]
    page.execute_script(
        "document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: evaluate(page, count)["value"] > before)


def block(*addresses):
    page.execute_cdp_cmd("Network.setBlockedURLs", {"urls": addresses})


def refused():
    """The error of a button is shown until another button is pressed."""
    page.execute_cdp_cmd("Network.enable", {})
    block("*status?*")
    looked()
    check(until(lambda: "list is loaded again" in by("trouble").text),
          "a list that cannot be had is told so", by("trouble").text)
    block("*ticket?*")
    press("film.mkv", "listen")
    until(lambda: by("trouble").text == "The server cannot be reached.")
    looked()
    looked()
    check(by("trouble").text == "The server cannot be reached.",
          "what went wrong is still said when the list is there",
          by("trouble").text)
    block()
    press("film.mkv", "listen")
    until(lambda: by("player").is_displayed())
    check(by("trouble").text == "", "and no longer", by("trouble").text)
    by("player-close").click()


def trouble():
    offline(True)
    press("film.mkv", "remove")
    until(lambda: by("ask").is_displayed())
    by("ask-yes").click()
    until(lambda: "cannot be reached" in by("trouble").text)
    looks("no network")
    page.execute_script("document.body.classList.add('dragging')")
    looks("a file above the page")
    page.execute_script("document.body.classList.remove('dragging')")
    offline(False)


def others():
    """No session; an account without files."""
    by("leave").click()
    until(lambda: by("ask").is_displayed())
    looks("log out with uploads")
    by("ask-yes").click()
    until(lambda: by("gate").is_displayed())
    by("email").send_keys(LONELY)
    by("password").send_keys(PASSWORD, Keys.ENTER)
    until(lambda: by("empty").is_displayed())
    looks("no files and a long address")
    check(not by("start").is_displayed(),
          "nothing of another's uploads is left")
    page.execute_cdp_cmd("Network.enable", {})
    block("*validate")
    page.refresh()
    until(lambda: "Trying again" in by("starting").text)
    looks("starting without a server")


LONELY = ("a.person.with.quite.a.long.name@a.department.of.an."
          "institution.example.org")
page = browser(folder)
try:
    for step in (gate, jobs, settings, refused, uploads, asks, listens,
                 trouble, others):
        step()
except Exception as e:
    page.save_screenshot(os.path.join(folder, "page.png"))
    check(False, "the page can be used", repr(e))
    raise
finally:
    page.quit()
