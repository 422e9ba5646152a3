"""page - use the web page in headless Chromium.

usage: page.py URL FOLDER AXE

URL is the gateway's, perhaps through a relay that cuts once; FOLDER holds
clip.mp4, large.mp4, again.mp4, silent.mp4, one with a hostile name, and
clip.mp3, which the first becomes.  Prints "ok WHAT" or "not WHAT" a line, with
what was seen instead behind a tab.
"""
import json
import os
import subprocess
import sys
import time
import zipfile

from selenium import webdriver
from selenium.common.exceptions import (NoAlertPresentException,
                                        NoSuchElementException)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from browsing import check
from chromium import browser, by, focused, keys, until, view, violations

url, folder, axe = sys.argv[1:]
ADDRESS, PASSWORD = "ann@example.org", "correct horse"
HOSTILE = "<img src=x onerror=\"document.title='ouch'\">.mp4"


def tab(back=False):
    action = webdriver.ActionChains(page)
    if back:
        action.key_down(Keys.SHIFT)
    action.send_keys(Keys.TAB)
    if back:
        action.key_up(Keys.SHIFT)
    action.perform()
    return focused()


def rows():
    """Name, state and note of each row."""
    return page.execute_script("""
        return [...document.querySelectorAll('.row')].map(r =>
            ['.name', '.state', '.note'].map(
                s => r.querySelector(s).textContent));""")


def row(name):
    return next((r for r in rows() if r[0] == name), None)


def facts(name):
    """The texts of a row besides its state."""
    return page.execute_script("""
        return [...document.querySelectorAll('.row')].filter(r =>
            r.querySelector('.name').textContent === arguments[0]).map(r =>
            r.querySelector('.more').textContent)[0] || '';""", name)


def state(name):
    r = row(name)
    return r and r[1]


def button(name, what):
    for r in page.find_elements(By.CSS_SELECTOR, ".row"):
        if r.find_element(By.CSS_SELECTOR, ".name").text == name:
            return r.find_element(By.CSS_SELECTOR,
                                  "[data-act='%s']" % what)
    raise NoSuchElementException(name)


def seen_requests():
    """Every address that the page requested, with the method."""
    for entry in page.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            request = message["params"]["request"]
            requests.append((request["method"], request["url"]))
    return requests


def unnamed():
    """Controls and progress bars without an accessible name."""
    tree = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return [n["role"]["value"] for n in tree["nodes"]
            if not n.get("ignored") and n.get("role", {}).get("value") in
            ("button", "textbox", "progressbar", "link", "dialog", "img",
             "region", "progressIndicator")
            and not n.get("name", {}).get("value")]


CONTRAST = """
const parse = c => c.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ?
    v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) =>
    s + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = e => {
    for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
};
const bad = [];
for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('.unseen, noscript') ||
        ![...e.childNodes].some(n => n.nodeType === 3 &&
        n.data.trim() !== '')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)),
        light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5)
        bad.push(e.textContent.trim() + ' ' + (a + 0.05) / (b + 0.05));
}
return bad;
"""


def axe_works():
    """axe-core reports known errors."""
    if not axe:
        return
    page.execute_script("document.body.insertAdjacentHTML('beforeend',"
                        "'<button id=bad></button>')")
    bad = violations(page, axe)
    page.execute_script("document.getElementById('bad').remove()")
    check("button-name" in [v[0] for v in bad], "axe finds a bad button", bad)


def looks(where):
    """axe finds nothing, light and dark; a phone need not scroll sideways."""
    for scheme in "dark", "light":
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": scheme}]})
        bad = until(lambda: page.execute_script(CONTRAST) == [], 3)
        check(bad, "%s: enough contrast in %s colours" % (where, scheme),
              page.execute_script(CONTRAST))
    for width in 320, 1600:
        page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 700, "deviceScaleFactor": 1,
            "mobile": False})
        over = page.execute_script(
            "return document.documentElement.scrollWidth - innerWidth")
        check(over <= 0, "%s: %d pixels are wide enough" % (where, width),
              over)
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    for width, scheme in (360, "dark"), (768, "light"), (1440, "dark"):
        if not axe:
            break
        view(page, width, 800, scheme)
        bad = violations(page, axe)
        check(bad == [], "%s: axe finds nothing at %d pixels, %s" %
              (where, width, scheme), bad)
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    missing = unnamed()
    check(missing == [], "%s: everything has a name for screen readers" %
          where, missing)


def gate():
    page.get(url)
    until(lambda: by("gate").is_displayed())
    check(focused().get_attribute("id") == "email",
          "the page asks for an address")
    axe_works()
    looks("logging in")
    keys("ann@example.org")
    check(tab().get_attribute("id") == "password",
          "the tabulator leads to the password")
    keys("wrong", Keys.ENTER)
    text = until(lambda: by("problem").text)
    check(text and "password is wrong" in text,
          "a wrong password is told so", text)
    check(by("problem").get_attribute("role") == "alert" and
          focused().get_attribute("id") == "password" and
          focused().get_attribute("value") == "",
          "and can be typed again")
    check(page.execute_script("return sessionStorage.length") == 0,
          "there is no token then")
    keys(PASSWORD, Keys.ENTER)
    check(until(lambda: by("desk").is_displayed()), "logged in by keyboard",
          by("problem").text)
    check(focused().get_attribute("id") == "files",
          "the focus is where files are chosen",
          focused().get_attribute("id"))
    check(by("address").text == ADDRESS, "it says who is logged in")
    check(until(lambda: by("empty").is_displayed()), "and nothing is there")


def news(text):
    return until(lambda: text in by("news").text, 30)


def convert():
    by("files").send_keys(os.path.join(folder, "clip.mp4"))
    check(until(lambda: state("clip.mp4") == "Ready"),
          "a video is uploaded and converted", rows())
    check(news("ready"), "a screen reader hears of it", by("news").text)
    looks("the list")
    button("clip.mp4", "download").click()
    path = os.path.join(folder, "downloads", "clip.mp3")
    until(lambda: os.path.exists(path))
    with open(os.path.join(folder, "clip.mp3"), "rb") as f:
        wanted = f.read()
    check(until(lambda: os.path.exists(path) and
                open(path, "rb").read() == wanted),
          "the MP3 is downloaded under its name",
          os.listdir(os.path.join(folder, "downloads")))


def settings():
    """Given before the upload, to all that follow and to one."""
    hint = until(lambda: "100 MB" in by("accepted").text)
    check(hint, "it says how large a file may be", by("accepted").text)
    by("next").find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    form = {f.get_attribute("name"): f for f in by(
        "next-form").find_elements(By.CSS_SELECTOR, "[name]")}
    form["loudness"].send_keys("loud", Keys.TAB)
    check(until(lambda: "number from -50" in by("next-form").text),
          "a setting that is wrong is told so", by("next-form").text)
    form["loudness"].clear()
    Select(form["preset"]).select_by_value("speech")
    by("looks").click()
    check(until(lambda: by("next-summary").text == "V6, mono"),
          "a preset is several settings", by("next-summary").text)
    looks("the settings")
    by("next").find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    by("files").send_keys(os.path.join(folder, "film.mkv"))
    check(until(lambda: state("film.mkv") == "Not uploaded yet" and
                "0:02 · 2 tracks · 2 chapters · V6, mono" in
                facts("film.mkv")),
          "what a file is, is said before its upload", facts("film.mkv"))
    button("film.mkv", "settings").click()
    own = {f.get_attribute("name"): f for f in by(
        "own-form").find_elements(By.CSS_SELECTOR, "[name]")}
    offered = page.execute_script("return [...document.querySelectorAll("
                                  "'datalist option')].map(o => o.label)")
    check(len(offered) == 2 and "German" in offered[1],
          "its tracks are there to choose", offered)
    looks("one file's settings")
    own["to"].send_keys("0:00", Keys.ENTER)
    check(until(lambda: "later than" in by("own-form").text) and
          focused() == own["to"], "the focus is on what is wrong")
    own["to"].clear()
    own["to"].send_keys("0:01.5")
    own["track"].send_keys("2")
    own["title"].send_keys("Zwei – 2", Keys.ENTER)
    until(lambda: not by("own").is_displayed())
    check(focused().get_attribute("data-act") == "settings",
          "after that it is where it was")
    by("start").click()
    check(until(lambda: state("film.mkv") == "Ready"),
          "and goes when it is told to", rows())
    check("V6, mono, track 2, to 0:02, 1 tag" in facts("film.mkv"),
          "with all settings", facts("film.mkv"))
    page.refresh()
    until(lambda: by("desk").is_displayed())
    check(by("next-summary").text == "V6, mono",
          "the general ones are remembered", by("next-summary").text)
    page.execute_script("document.getElementById('looks').click()")


def playing(at):
    return until(lambda: page.execute_script(
        "const s = document.getElementById('sound');"
        "return !s.paused && s.currentTime > arguments[0]", at), 20)


def listen():
    button("film.mkv", "listen").click()
    check(until(lambda: by("player").is_displayed()) and
          focused().get_attribute("id") == "sound", "listening is a dialogue")
    chapters = until(lambda: [c.text for c in page.find_elements(
        By.CSS_SELECTOR, "#chapter-list button")])
    check(chapters == ["0:00 One", "0:01 Zwei – 2"], "with the chapters",
          chapters)
    seen = until(lambda: by("cover").is_displayed() and page.execute_script(
        "return [...document.getElementById('cover').getContext('2d')"
        ".getImageData(20, 20, 1, 1).data]"))
    check(seen and seen[0] > 200 and seen[1] < 60, "and the cover", seen)
    looks("listening")
    # The page's own listener for the time comes first.
    page.execute_script(
        "document.getElementById('sound').addEventListener('seeked', () => "
        "window.marked = document.querySelector('[aria-current]')"
        "?.textContent ?? 'none', { once: true })")
    page.find_elements(By.CSS_SELECTOR, "#chapter-list button")[1].click()
    check(playing(1), "a chapter can be jumped to", by("player").text)
    marked = until(lambda: page.execute_script("return window.marked"))
    check(marked and "Zwei" in marked, "and is marked", marked)
    keys(Keys.ESCAPE)
    until(lambda: not by("player").is_displayed())
    check(focused().get_attribute("data-act") == "listen",
          "after that it is where it was")


def refuse():
    by("files").send_keys(os.path.join(folder, "silent.mp4"))
    check(until(lambda: state("silent.mp4") == "Not accepted"),
          "a video without sound is not accepted", rows())
    note = row("silent.mp4")[2]
    check("audio" in note or "sound" in note, "and the reason is there", note)
    button("silent.mp4", "dismiss").click()
    check(row("silent.mp4") is None, "it can be dismissed")
    check(focused().tag_name != "body", "the focus is not lost")


def hostile():
    by("files").send_keys(os.path.join(folder, HOSTILE))
    check(until(lambda: state(HOSTILE) == "Ready"),
          "a name of HTML is shown as it is", rows())
    inside = page.execute_script(
        "return document.querySelectorAll('.row img').length")
    check(inside == 0 and page.title == "Your files: v2m",
          "and nothing of it is executed", page.title)
    check(button(HOSTILE, "remove").get_attribute("aria-label") ==
          "Remove " + HOSTILE, "its buttons have its name")


def too_large():
    by("files").send_keys(os.path.join(folder, "huge.mp4"))
    check(until(lambda: state("huge.mp4") == "Not accepted") and
          "100 MB at most" in row("huge.mp4")[2],
          "a file that is too large is not sent", rows())
    check(page.find_elements(By.CSS_SELECTOR, "[data-act='again']") == [],
          "nor is it offered to try again")
    button("huge.mp4", "dismiss").click()


def drop():
    page.execute_script("""
        const data = new DataTransfer();
        for (const name of ['one.txt', 'two.txt'])
            data.items.add(new File(['no video'], name));
        for (const kind of ['dragenter', 'dragover', 'drop'])
            document.getElementById('drop').dispatchEvent(new DragEvent(kind,
                { dataTransfer: data, bubbles: true, cancelable: true }));
        """)
    check(until(lambda: state("one.txt") == "Not accepted" and
                state("two.txt") == "Not accepted"),
          "several files can be dropped", rows())
    for name in "one.txt", "two.txt":
        button(name, "dismiss").click()


def cut():
    """The relay cuts all connections in the middle of this one.  The browser
    may send a piece again of its own accord, or the page goes on with it."""
    seen_requests()
    requests.clear()
    by("files").send_keys(os.path.join(folder, "large.mp4"))
    check(until(lambda: state("large.mp4") == "Ready"),
          "an upload goes on after a broken connection", rows())
    of_files = [r for r in seen_requests() if "/files/" in r[1]]
    methods = [m for m, _ in of_files]
    check(methods.count("POST") == 1, "as one upload", of_files)


def speed(bytes_a_second, offline=False):
    page.execute_cdp_cmd("Network.enable", {})
    page.execute_cdp_cmd("Network.emulateNetworkConditions", {
        "offline": offline, "latency": 0, "downloadThroughput": -1,
        "uploadThroughput": bytes_a_second})


def percent(name):
    text = state(name) or ""
    return int(text.split(", ")[1].rstrip("% \u00a0")) if ", " in text else 0


def resume():
    """The page is loaded anew in the middle of an upload."""
    path = os.path.join(folder, "again.mp4")
    speed(4000000)
    by("files").send_keys(path)
    check(until(lambda: percent("again.mp4") > 50),
          "a slow upload tells how far it is", rows())
    page.refresh()
    try:
        page.switch_to.alert.accept()
    except NoAlertPresentException:
        pass
    speed(-1)
    check(until(lambda: state("again.mp4") == "Upload not finished"),
          "after a reload it is there, unfinished", rows())
    seen_requests()
    requests.clear()
    by("files").send_keys(path)
    check(until(lambda: state("again.mp4") == "Ready"),
          "the same file chosen again goes on", rows())
    methods = [m for m, u in seen_requests() if "/files/" in u]
    check("HEAD" in methods and "POST" not in methods, "from where it was",
          methods)
    check([r[0] for r in rows()].count("again.mp4") == 1, "as one file",
          rows())


def choose(name):
    """A large file of that name."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        os.link(os.path.join(folder, "again.mp4"), path)
    by("files").send_keys(path)


def two_tabs():
    """A second tab leaves the first tab's upload alone."""
    seen_requests()
    requests.clear()
    first = page.current_window_handle
    speed(1000000)
    choose("tabs.mp4")
    until(lambda: percent("tabs.mp4") > 0)
    page.switch_to.new_window("tab")
    page.get(url)
    until(lambda: by("gate").is_displayed())
    by("email").send_keys(ADDRESS)
    by("password").send_keys(PASSWORD, Keys.ENTER)
    check(until(lambda: row("tabs.mp4") and
                "Another tab" in row("tabs.mp4")[2]),
          "an upload of another tab is told so", rows())
    choose("tabs.mp4")
    check(until(lambda: ["tabs.mp4", "Not accepted"] in
                [r[:2] for r in rows()]), "and not disturbed", rows())
    page.close()
    page.switch_to.window(first)
    speed(-1)
    check(until(lambda: state("tabs.mp4") == "Ready"), "it goes on", rows())
    methods = [m for m, u in seen_requests() if "/files/" in u]
    check(methods.count("POST") == 1 and "HEAD" not in methods,
          "without a stop", methods)


def over():
    """The session ends in the middle of an upload."""
    speed(4000000)
    choose("over.mp4")
    until(lambda: percent("over.mp4") > 0)
    subprocess.run(["v2m-user", "revoke", ADDRESS], check=True)
    check(until(lambda: by("gate").is_displayed()) and
          "over" in by("problem").text,
          "a session that ends during an upload is told so",
          by("problem").text)
    speed(-1)
    seen_requests()
    requests.clear()
    by("password").send_keys(PASSWORD, Keys.ENTER)
    check(until(lambda: state("over.mp4") == "Ready"),
          "after a new login the upload goes on", rows())
    methods = [m for m, u in seen_requests() if "/files/" in u]
    check("HEAD" in methods and "POST" not in methods, "from where it was",
          methods)


def back():
    page.get("about:blank")
    page.back()
    check(until(lambda: by("desk").is_displayed() and
                state("clip.mp4") == "Ready"),
          "who comes back is still logged in", rows())


def vanish():
    """No network when a file is chosen; the file is gone when there is one."""
    path = os.path.join(folder, "gone.mp4")
    with open(path, "w") as f:
        f.write("no video")
    speed(-1, offline=True)
    by("files").send_keys(path)
    check(until(lambda: state("gone.mp4") == "Not begun yet"),
          "without a network an upload waits", rows())
    note = row("gone.mp4")[2]
    check("cannot be reached" in note and "again" in note,
          "and says for what", note)
    os.unlink(path)
    speed(-1)
    check(until(lambda: state("gone.mp4") == "Not accepted" and
                "cannot be read" in row("gone.mp4")[2]),
          "a file that went away is told so", rows())
    button("gone.mp4", "dismiss").click()


def remove():
    count = len(rows())
    button(HOSTILE, "remove").click()
    until(lambda: by("ask").is_displayed())
    check(focused().get_attribute("id") == "ask-no",
          "before a removal the page asks, and no is near")
    keys(Keys.ESCAPE)
    until(lambda: not by("ask").is_displayed())
    check(len(rows()) == count, "Escape is no")
    button(HOSTILE, "remove").send_keys(Keys.ENTER)
    until(lambda: by("ask").is_displayed())
    tab().send_keys(Keys.ENTER)
    check(until(lambda: row(HOSTILE) is None), "removed by keyboard", rows())
    check(focused().tag_name == "button", "the focus is on what is next",
          focused().tag_name)


def reach():
    """Everything that can be clicked can be reached with the tabulator, in
    the order in which it is seen."""
    wanted = page.execute_script("""
        document.getElementById('change').focus();
        return [...document.querySelectorAll('button, input, select, summary')
            ].filter(e => e.checkVisibility() && e.tabIndex >= 0).length;""")
    check(wanted < 15, "the list is few steps for the tabulator", wanted)
    tab()
    tab(back=True)
    places = []
    for _ in range(wanted):
        here = focused()
        places.append(here.location["y"])
        shown = page.execute_script(
            "const e = document.activeElement;"
            "const s = getComputedStyle(e.id === 'files' ?"
            "    e.nextElementSibling : e);"
            "return s.outlineStyle !== 'none' && s.outlineWidth !== '0px'")
        if not shown:
            places.append("no focus seen on " + here.get_attribute(
                "outerHTML"))
        tab()
    numbers = [p for p in places if not isinstance(p, str)]
    check(len(numbers) == len(places), "the focus can be seen", places)
    check(all(b > a - 24 for a, b in zip(numbers, numbers[1:])) and
          len(numbers) == wanted,
          "and goes from top to bottom", places)


def many():
    """Found by name and state, chosen, removed; and by arrows."""
    for name in "talk one.mp4", "talk two.mp4", "Talk ÄÖ.mp4":
        with open(os.path.join(folder, "clip.mp4"), "rb") as f:
            with open(os.path.join(folder, name), "wb") as g:
                g.write(f.read())
    page.execute_script("document.getElementById('files').value = ''")
    by("files").send_keys("\n".join(os.path.join(folder, name) for name in (
        "talk one.mp4", "talk two.mp4", "Talk ÄÖ.mp4")))
    names = until(lambda: state("Talk ÄÖ.mp4") == "Ready" and
                  state("talk two.mp4") == "Ready" and
                  state("talk one.mp4") == "Ready" and
                  [r[0] for r in rows()])
    check(names, "more files", rows())
    check(until(lambda: by("count").text.startswith("%d files" % len(names))
                and "ready" in by("count").text), "are counted",
          by("count").text)
    check(by("space").is_displayed() and "used" in by("space-text").text,
          "with the room that they take", by("space-text").text)
    by("search").send_keys("talk ä")
    check(until(lambda: [r[0] for r in rows()] == ["Talk ÄÖ.mp4"]),
          "a name is searched, in capitals or not", rows())
    by("search").send_keys("x")
    check(until(lambda: by("unfound").is_displayed()), "none is told so")
    check(focused() == by("search"), "the focus stays")
    by("search").clear()
    by("search").send_keys("talk")
    until(lambda: len(rows()) == 3)
    Select(by("which")).select_by_value("failed")
    check(until(lambda: rows() == []), "a state is chosen", rows())
    Select(by("which")).select_by_value("done")
    check(until(lambda: len(rows()) == 3), "another", rows())
    order = [r[0] for r in rows()]
    by("rows").find_element(By.CSS_SELECTOR, "[tabindex='0']").send_keys(" ")
    keys(Keys.ARROW_DOWN)
    keys(" ")
    check(until(lambda: by("chosen-text").text == "2 files selected"),
          "chosen by arrows and space", by("chosen-text").text)
    looks("choosing")
    by("chosen-zip").click()
    zips = until(lambda: [f for f in os.listdir(os.path.join(
        folder, "downloads")) if f.endswith(".zip")])
    inside = zips and zipfile.ZipFile(os.path.join(
        folder, "downloads", zips[0])).namelist()
    check(inside and len(inside) == 2, "both are downloaded as a ZIP",
          inside)
    by("chosen-remove").click()
    until(lambda: by("ask").is_displayed())
    by("ask-yes").click()
    check(until(lambda: [r[0] for r in rows()] == order[2:]),
          "several are removed", rows())
    check(focused().tag_name != "body" and not by("chosen").is_displayed(),
          "the focus is not lost", focused().tag_name)
    by("search").clear()
    Select(by("which")).select_by_value("")
    check(until(lambda: len(rows()) == len(names) - 2), "all again", rows())


def session():
    page.refresh()
    check(until(lambda: by("desk").is_displayed() and
                state("clip.mp4") == "Ready"),
          "a reload keeps the session and the list", rows())
    subprocess.run(["v2m-user", "revoke", ADDRESS], check=True)
    time.sleep(4)       # for as long a gateway may take it for good
    until(lambda: button("clip.mp4", "remove"))
    button("clip.mp4", "remove").click()
    until(lambda: by("ask").is_displayed())
    by("ask-yes").click()
    check(until(lambda: by("gate").is_displayed()),
          "a session that was ended leads back to logging in")
    check("over" in by("problem").text, "with the reason", by("problem").text)
    check(by("email").get_attribute("value") == ADDRESS and
          focused().get_attribute("id") == "password",
          "and the address is still there")
    by("password").send_keys(PASSWORD, Keys.ENTER)
    check(until(lambda: state("clip.mp4") == "Ready"),
          "logged in again", rows())


def password():
    """Changed in one tab; another one's session ends, this one's does not."""
    first = page.current_window_handle
    page.switch_to.new_window("tab")
    other = page.current_window_handle
    page.get(url)
    until(lambda: by("gate").is_displayed())
    by("email").send_keys(ADDRESS)
    by("password").send_keys(PASSWORD, Keys.ENTER)
    until(lambda: state("clip.mp4"))
    page.switch_to.window(first)
    by("change").click()
    until(lambda: by("new-account").is_displayed())
    keys("wrong", Keys.TAB, "correct horse 2", Keys.TAB, "correct mule",
         Keys.ENTER)
    check(until(lambda: "differ" in by("account-problem").text) and
          focused().get_attribute("id") == "again-password",
          "a new password is typed twice")
    looks("a new password")
    again = by("again-password")
    again.clear()
    again.send_keys("correct horse 2", Keys.ENTER)
    check(until(lambda: "not your current" in by("account-problem").text),
          "and only who knows the old one changes it",
          by("account-problem").text)
    old = by("old-password")
    old.clear()
    old.send_keys(PASSWORD, Keys.ENTER)
    check(until(lambda: not by("new-account").is_displayed()), "changed",
          by("account-problem").text)
    check(focused().get_attribute("id") == "change", "the focus is back")
    page.switch_to.window(other)
    check(until(lambda: by("gate").is_displayed()) and
          "another tab" in by("problem").text,
          "the session of another tab is over", by("problem").text)
    by("password").send_keys("correct horse 2", Keys.ENTER)
    check(until(lambda: state("clip.mp4")), "the new one opens it")
    page.switch_to.window(first)
    time.sleep(4)       # for as long as old tokens may count
    button("clip.mp4", "listen").click()
    check(until(lambda: by("player").is_displayed()),
          "this one goes on", by("trouble").text)
    by("player-close").click()
    by("leave").click()
    until(lambda: by("gate").is_displayed())
    page.switch_to.window(other)
    check(until(lambda: by("gate").is_displayed()) and
          "logged out in another" in by("problem").text,
          "who logs out does so in every tab", by("problem").text)
    page.close()
    page.switch_to.window(first)
    by("email").send_keys(ADDRESS)
    by("password").send_keys("correct horse 2", Keys.ENTER)
    until(lambda: by("desk").is_displayed())


def leave():
    by("leave").click()
    check(until(lambda: by("gate").is_displayed()), "logged out")
    kept = page.execute_script("return [sessionStorage.length, "
                               "localStorage.length, document.cookie, "
                               "document.querySelectorAll('.row').length]")
    check(kept == [0, 1, "", 0], "only settings are kept", kept)
    kept = page.execute_script("return localStorage['v2m-settings']")
    check("artist" not in kept, "without a name", kept)
    page.refresh()
    check(until(lambda: by("gate").is_displayed()) and
          not by("desk").is_displayed(), "after a reload neither")


def policy():
    log = [e["message"] for e in page.get_log("browser")]
    bad = [m for m in log if "Content Security Policy" in m or
           "Uncaught" in m]
    check(bad == [], "nothing violates the policy, no script fails", bad)
    other = [r for r in all_requests if not r[1].startswith(
        (url, "data:", "chrome", "blob:"))]
    check(other == [] and len(all_requests) > 20,
          "nothing is asked of another origin", other)
    leaked = [r for r in all_requests if "eyJ" in r[1] or
              PASSWORD in r[1]]
    check(leaked == [], "no token and no password is in an address", leaked)
    page.execute_script("""
        const s = document.createElement('script');
        s.textContent = 'document.title = "ouch"';
        document.body.append(s);
        const i = document.createElement('img');
        i.src = 'http://127.0.0.2:9/x';
        document.body.append(i);""")
    stopped = until(lambda: [e for e in page.get_log("browser")
                             if "Content Security Policy" in e["message"]])
    check(stopped and page.title != "ouch",
          "the policy stops what is not ours", page.title)


page = browser(folder)
requests, all_requests = [], []
try:
    for step in (gate, convert, settings, listen, refuse, hostile,
                 too_large, drop, cut, resume, two_tabs, over, back, vanish,
                 reach, remove, many, session, password, leave):
        step()
        all_requests += [r for r in seen_requests() if r not in all_requests]
    policy()
except Exception as e:
    page.save_screenshot(os.path.join(folder, "page.png"))
    check(False, "the page can be used", repr(e) + str(rows()))
    raise
finally:
    page.quit()
