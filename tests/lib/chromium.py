"""chromium - a headless Chromium, and functions for the tests of the page."""
import json
import os

from selenium import webdriver
from selenium.common.exceptions import (NoSuchElementException,
                                        StaleElementReferenceException)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

import browsing
from browsing import LONG

page = None
AXE = ("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', "
       "'wcag22aa', 'best-practice']}).then(r => JSON.stringify("
       "r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))")


def browser(folder, *more):
    """The one of this test.  Its profile and its downloads are in the folder;
    more are arguments."""
    global page
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-dev-shm-usage", "--window-size=1000,900",
                     "--user-data-dir=" + os.path.join(folder, "profile"),
                     *more):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {
        "download.default_directory": os.path.join(folder, "downloads"),
        "download.prompt_for_download": False})
    options.set_capability("goog:loggingPrefs",
                           {"browser": "ALL", "performance": "ALL"})
    for path in "/usr/bin/chromium", "/usr/bin/chromium-browser":
        if os.path.exists(path):
            options.binary_location = path
    page = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                            options=options)
    return page


def by(name):
    return page.find_element(By.ID, name)


def focused():
    return page.switch_to.active_element


def keys(*what):
    focused().send_keys(*what)


def until(f, seconds=LONG):
    """As browsing's; an element that is missing may appear."""
    return browsing.until(f, seconds, (NoSuchElementException,
                                       StaleElementReferenceException))


def evaluate(page, script, **more):
    """Run a script by the debugger, to which the page's CSP does not apply."""
    return page.execute_cdp_cmd("Runtime.evaluate", {
        "expression": script, "returnByValue": True, **more})["result"]


def view(page, width, height, scheme):
    """Set the screen size, light or dark colours, and reduced motion."""
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"}]})
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1,
        "mobile": False})


def violations(page, axe):
    """The findings of axe-core: a list of rules, each with its places."""
    if evaluate(page, "typeof axe")["value"] == "undefined":
        with open(axe) as f:
            evaluate(page, f.read() + ";0")
    return json.loads(evaluate(page, AXE, awaitPromise=True)["value"])
