"""page-many - compare a page with few jobs and one with many.

usage: page-many.py FEW MANY FOLDER

FEW and MANY are the addresses of two gateways, with few jobs of ann's behind
one and many behind the other.  What many cost is at most twice what few do:
the server's answers, the time to the first rows of the page, the memory of its
scripts.  Of several pairs, the least of each side: a machine that has other
work makes the rest longer, many times and at random.
"""
import base64
import http.client
import os
import sys
import time
import urllib.parse

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browsing import check
from chromium import browser, by, evaluate, until

few, many, folder = sys.argv[1:]
ADDRESS, PASSWORD = "ann@example.org", "correct horse"
ASKED = {
    "the first page": "status?order=newest&limit=50",
    "the first page with the counts": "status?order=newest&limit=50&count=1",
    "what she has": "me",
}
NOTE = """
new MutationObserver((all, me) => {
    if (document.querySelector('.row') === null)
        return;
    window.firstRows = performance.now();
    me.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


def taken(n, measure):
    """Measure n pairs, few and many, alternating which is first."""
    pairs = []
    for i in range(n):
        if i % 2 == 0:
            a, b = measure(few), measure(many)
        else:
            b, a = measure(many), measure(few)
        pairs.append((a, b))
    return pairs


def twice(what, unit, pairs):
    """The same measure of few and of many, several times."""
    a, b = (min(side) for side in zip(*pairs))
    print("# %s: %.1f and %.1f %s" % (what, a, b, unit), flush=True)
    check(0 < b <= 2 * a, "%s: many cost at most twice what few do" % what,
          pairs)


class Asking:
    """One connection with a token."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(url).netloc, timeout=120)
        word = base64.b64encode(("%s:%s" % (ADDRESS, PASSWORD)).encode())
        self.token = self.ask("POST", "login", "Basic " + word.decode())

    def ask(self, method, path, credentials):
        self.connection.request(method, "/" + path, headers={
            "Authorization": credentials, "Accept": "application/json"
            if method == "GET" else "text/plain"})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise OSError("%s %s: %s" % (path, answer.status, text))
        return text.strip()

    def milliseconds(self, path):
        begun = time.monotonic()
        self.ask("GET", path, "Bearer " + self.token)
        return (time.monotonic() - begun) * 1000


def answers():
    asking = {url: Asking(url) for url in (few, many)}
    for what, path in ASKED.items():
        twice(what, "ms", taken(
            31, lambda url: asking[url].milliseconds(path)))


def log_in(url):
    page.get(url)
    until(lambda: by("gate").is_displayed())
    by("email").send_keys(ADDRESS)
    by("password").send_keys(PASSWORD, Keys.ENTER)
    until(lambda: page.find_elements(By.CSS_SELECTOR, ".row"))


def first_rows(url):
    """Milliseconds to them, and MB of the scripts once all is quiet."""
    page.get(url)
    ms = until(lambda: page.execute_script("return window.firstRows"))
    until(lambda: by("count").text != "")
    page.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    heap = next(m["value"] for m in page.execute_cdp_cmd(
        "Performance.getMetrics", {})["metrics"]
        if m["name"] == "JSHeapUsedSize")
    return ms, heap / 1e6


def rows():
    page.execute_cdp_cmd("Performance.enable", {})
    page.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                         {"source": NOTE})
    log_in(few)
    log_in(many)
    pairs = taken(10, first_rows)
    twice("the first rows", "ms", [(a[0], b[0]) for a, b in pairs])
    twice("the page's memory", "MB", [(a[1], b[1]) for a, b in pairs])


def ids():
    return evaluate(page, "import('./list.js').then((l) => "
                    "l.all().map((r) => r.id))", awaitPromise=True)["value"]


def scrolls():
    """More rows come as one goes down, by mouse and by keyboard."""
    page.get(many)
    until(lambda: len(ids()) >= 50)
    begun = len(ids())
    check(begun <= 200, "what is not looked at is not loaded", begun)
    while len(ids()) < 500:
        there = len(ids())
        page.execute_script("scrollTo(0, document.body.scrollHeight)")
        if not until(lambda: len(ids()) > there, 30):
            break
    there = ids()
    check(len(there) >= 500, "scrolled to, it is loaded", len(there))
    check(there == sorted(set(there), reverse=True),
          "the newest first, each once", there)
    steps = page.execute_script("""
        return [...document.querySelectorAll('button, input, select, summary')
            ].filter((e) => e.checkVisibility() && e.tabIndex >= 0).length;""")
    check(steps < 16, "for the tabulator the list is few steps", steps)
    page.find_element(By.CSS_SELECTOR, ".row [tabindex='0']").send_keys(
        Keys.END)
    check(until(lambda: len(ids()) > len(there)),
          "the last row's end is not the list's", len(ids()))
    check(page.execute_script("return document.activeElement.closest("
                              "'.row') !== null"), "the focus stays")


page = browser(folder)
try:
    answers()
    rows()
    scrolls()
except Exception as e:
    page.save_screenshot(os.path.join(folder, "page.png"))
    check(False, "the page can be used", repr(e))
    raise
finally:
    page.quit()
