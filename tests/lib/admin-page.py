"""admin-page - use the administrator's page in headless Chromium.

usage: admin-page.py URL FOLDER AXE few|every [PICTURES]

URL is the gateway's, whose jobs are those of job-states.py with admin; root is
an administrator, ann is not.  Each state is checked on a few screen sizes or on
all.
"""
import subprocess
import sys
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import looking
from browsing import check
from chromium import browser, by, focused, keys, until

url, folder, axe = sys.argv[1:4]
every = sys.argv[4] == "every"
pictures = sys.argv[5] if len(sys.argv) > 5 else ""
PASSWORD = "correct horse"


def looks(name):
    looking.looks(page, name, axe, pictures, looking.SCREENS if every else
                  looking.FEW)
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def rows(name):
    """The cells of each row of a table, as text."""
    return page.execute_script("""
        return [...document.querySelectorAll('#' + arguments[0] +
            ' tbody tr')].map(r => [...r.cells].map(c => c.textContent));
        """, name)


def find(name, text):
    return next(r for r in page.find_elements(
        By.CSS_SELECTOR, "#%s tbody tr" % name) if text in r.text)


def press(name, text, button):
    next(b for b in find(name, text).find_elements(By.TAG_NAME, "button")
         if b.text == button).click()


def news(text):
    return until(lambda: text in by("news").text, 30)


def log_in(who):
    until(lambda: by("gate").is_displayed())
    by("email").clear()
    by("email").send_keys(who + "@example.org")
    by("password").send_keys(PASSWORD, Keys.ENTER)
    until(lambda: by("desk").is_displayed())


def user():
    page.get(url)
    log_in("ann")
    until(lambda: by("count").text)
    check(not by("admin-link").is_displayed(), "a user sees no way there")
    page.get(url + "admin")
    check(until(lambda: by("not-admin").is_displayed()) and
          not by("admin").is_displayed(),
          "who is no administrator is told so", by("desk").text)
    looks("not for users")
    by("leave").click()
    check(until(lambda: by("gate").is_displayed()), "he can leave")


def link():
    page.get(url)
    log_in("root")
    check(until(lambda: by("admin-link").is_displayed()),
          "an administrator sees the way there")
    by("admin-link").click()
    check(until(lambda: page.current_url == url + "admin" and
                by("admin").is_displayed()),
          "which leads there, still logged in", page.current_url)
    check(page.title == "Administration: v2m", "it has its title", page.title)


def tables():
    check(until(lambda: len(rows("users")) == 4 and rows("all")),
          "all is loaded", rows("users"))
    counts = by("counts").text
    check(counts.startswith("72 files ·") and "64 failed" in counts,
          "how many jobs there are", counts)
    doing = sorted((r[1], r[3]) for r in rows("working"))
    check(doing == [("dead.mp4", "Its worker died: another takes it"),
                    ("running.mp4", "Converting, 40%")],
          "what workers do", doing)
    check([r[1] for r in rows("telling")] == ["telling.mp4"],
          "and notifiers", rows("telling"))
    check(sorted(r[:3] for r in rows("failures")) == sorted([
        ["Cannot write the MP3: no space left on device.", "75", "60"],
        ["Killed by a signal: SIGXCPU.", "75", "1"],
        ["No sound in it: the file has 2 video tracks, 0 audio tracks.",
         "65", "3"]]), "failures by reason", rows("failures"))
    lost = sorted((r[1], r[3]) for r in rows("lost"))
    check(("lost.mp4", "Its message is lost.") in lost and
          ("dead.mp4", "Its worker died.") in lost, "lost jobs", lost)
    told = sorted((r[1], r[3], r[5]) for r in rows("notices"))
    check(told == [("maybe.mp4", "Not known", "Send again"),
                   ("nobody's.mp4", "Not sent",
                    "There is no such account any more."),
                   ("untold.mp4", "Not sent", "Send again")],
          "notices that were not sent", told)
    who = [(r[0], r[1]) for r in rows("users")]
    check(who == [("ann@example.org", "User"), ("bob@example.org", "User"),
                  ("root@example.org", "Administrator"),
                  ("gone@example.org", "No account any more")],
          "users, and who was one", who)
    ann = rows("users")[0]
    check("of 12 GB" in ann[3] and ann[4] == "3 of 1,000",
          "with their space and jobs", ann)


def pages():
    check(len(rows("all")) == 50, "the list of jobs comes in pages",
          len(rows("all")))
    more = by("all").find_element(By.CSS_SELECTOR, ".under")
    check(more.get_attribute("aria-label") == "Show more: All jobs",
          "its button has a name", more.get_attribute("aria-label"))
    more.send_keys(Keys.ENTER)
    check(until(lambda: len(rows("all")) == 72), "the next one",
          len(rows("all")))
    check(focused().get_attribute("id") == "all-title",
          "the focus is not lost", focused().get_attribute("outerHTML"))
    Select(by("all-state")).select_by_value("failed")
    until(lambda: len(rows("all")) == 50)
    by("all-name").send_keys("SILENT")
    check(until(lambda: len(rows("all")) == 3), "by state and name",
          rows("all"))
    by("all-name").clear()
    by("all-name").send_keys("zzz")
    check(until(lambda: "No job is like that" in by("all").text),
          "none is told so", by("all").text)
    by("all-name").clear()
    Select(by("all-state")).select_by_value("")
    until(lambda: len(rows("all")) == 50)


def one_job():
    by("look-id").send_keys("0123456789abcdef01234567", Keys.ENTER)
    check(until(lambda: "no job" in by("trouble").text),
          "an ID that is none is told so", by("trouble").text)
    button = find("notices", "untold.mp4").find_element(
        By.CSS_SELECTOR, "button.link")
    name = button.text
    button.send_keys(Keys.ENTER)
    until(lambda: by("job").is_displayed())
    text = by("job-facts").text
    check("550 5.7.1 message refused" in text and name in text and
          "Generation" in text, "all that is known of one", text)
    looks("one job")
    keys(Keys.ESCAPE)
    until(lambda: not by("job").is_displayed())
    check(focused().text == name, "after that it is where it was",
          focused().get_attribute("outerHTML"))
    by("look-id").clear()
    by("look-id").send_keys(name, Keys.ENTER)
    check(until(lambda: by("job").is_displayed()) and
          by("trouble").text == "", "it is looked up", by("trouble").text)
    keys(Keys.ESCAPE)
    until(lambda: not by("job").is_displayed())


def checks():
    by("check-now").click()
    check(until(lambda: any("not known whether its notice" in r[1]
                            for r in rows("check"))),
          "a check finds what is wrong", by("check").text)
    wrong = subprocess.run(["v2m-check"], capture_output=True, text=True,
                           check=False).stdout.splitlines()
    check(sorted(line.split("\t")[0] for line in wrong) ==
          sorted(r[0] for r in rows("check")), "as v2m-check does",
          rows("check"))


MANY = """
    /* As if there were more jobs than one answer has. */
    const real = window.fetch, timeout = AbortSignal.timeout;
    window.fetch = async (path, how) => {
        const answer = await real(path, how);
        if (!/^admin.(lost|failures)/.test(path))
            return answer;
        const said = await answer.json();
        const silent = (said.failures || []).find(
            (f) => f.reason.includes('no sound'));
        if (said.jobs)
            said.more = true;
        if (silent && path.includes('after=')) {
            said.failures = [{ ...silent, jobs: 2 }];
        } else if (silent) {
            silent.jobs = 1;
            said.next = 'f'.repeat(24);
        }
        return new Response(JSON.stringify(said));
    };
    window.waits = {};
    AbortSignal.timeout = (ms) => {
        window.waits[ms] = true;
        return timeout.call(AbortSignal, ms);
    };
"""


def many():
    page.execute_script(MANY)
    by("refresh").click()
    check(until(lambda: "There is more than is shown" in by("lost").text),
          "where not all that is lost is shown, it is told", by("lost").text)
    until(lambda: [r[2] for r in rows("failures") if "No sound" in r[0]] ==
          ["1"])


def orders():
    press("failures", "no space", "Queue again")
    check(until(lambda: all("no space" not in r[0]
                            for r in rows("failures"))),
          "failures are queued again, all of a reason", by("trouble").text)
    check(news("60 jobs are queued again"), "a screen reader hears of it",
          by("news").text)
    check(focused().tag_name != "body", "the focus is not lost",
          focused().tag_name)
    press("failures", "No sound", "Drop")
    until(lambda: by("ask").is_displayed())
    check(focused().get_attribute("id") == "ask-no" and
          "3 jobs" in by("ask-title").text,
          "before they are dropped the page asks, of all, and no is near",
          by("ask").text)
    looks("a question")
    keys(Keys.ESCAPE)
    until(lambda: not by("ask").is_displayed())
    check(any("No sound" in r[0] for r in rows("failures")), "Escape is no")
    press("failures", "No sound", "Drop")
    until(lambda: by("ask").is_displayed())
    by("ask-yes").click()
    check(until(lambda: len(rows("failures")) == 1), "dropped",
          rows("failures"))
    check(page.execute_script("return 600000 in window.waits"),
          "which may take long")
    press("notices", "untold.mp4", "Send again")
    check(until(lambda: all("untold.mp4" not in r for r in rows("notices"))),
          "a notice is sent again", rows("notices"))
    press("lost", "lost.mp4", "Queue again")
    check(until(lambda: all("lost.mp4" not in r for r in rows("lost"))),
          "a lost job has a message", rows("lost"))


def session():
    page.refresh()
    check(until(lambda: len(rows("users")) == 4), "a reload keeps the session")
    subprocess.run(["v2m-user", "revoke", "root@example.org"], check=True)
    time.sleep(4)       # for as long a gateway may take it for good
    check(until(lambda: by("gate").is_displayed()) and
          "over" in by("problem").text,
          "a session that was ended leads back to logging in",
          by("problem").text)
    check(rows("users") == [] and by("counts").get_attribute(
        "textContent") == "", "and nothing of it is left", rows("users"))
    looks("logging in")
    log_in("root")
    check(until(lambda: len(rows("users")) == 4), "logged in again")
    by("leave").click()
    check(until(lambda: by("gate").is_displayed()) and rows("all") == [],
          "logged out", rows("all"))


def policy():
    bad = [e["message"] for e in page.get_log("browser")
           if "Content Security Policy" in e["message"] or
           "Uncaught" in e["message"]]
    check(bad == [], "nothing violates the policy, no script fails", bad)


page = browser(folder)
try:
    user()
    link()
    tables()
    looks("administration")
    pages()
    one_job()
    checks()
    looks("after a check")
    many()
    orders()
    session()
    policy()
except Exception as e:
    page.save_screenshot(folder + "/page.png")
    check(False, "the page can be used", repr(e))
    raise
finally:
    page.quit()
