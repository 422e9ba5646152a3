"""looking - check how a state of a page looks on every screen size: axe finds
nothing, nothing is wider than the window, nothing is cut off."""
import base64
import os

from selenium.webdriver.common.by import By

from browsing import check
from chromium import view, violations

SCREENS = [(width, height, scheme)
           for width, height in ((360, 740), (768, 1024), (1440, 900))
           for scheme in ("light", "dark")]
FEW = [SCREENS[1], SCREENS[4]]      # a phone, dark; a large one, light

# What is wider than the window, or than the place that it has.
CUT = """
const top = document.querySelector('dialog[open]') || document.body;
const bad = [];
const unseen = (e) => e !== null && (getComputedStyle(e).clipPath ===
    'inset(50%)' || unseen(e.parentElement));
const say = (e, what) => bad.push(what + ': ' + (e.id || e.className ||
    e.tagName) + ' ' + e.textContent.trim().slice(0, 60));
const more = document.scrollingElement.scrollWidth - innerWidth;
if (more > 0)
    bad.push(more + ' pixels to scroll sideways');
for (const e of top.querySelectorAll('*')) {
    if (!e.checkVisibility() || e.closest('noscript, .choose input') ||
        unseen(e))
        continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5))
        say(e, 'beside the window');
    if (/hidden|clip/.test(style.overflowX + style.overflowY) &&
        !['PROGRESS', 'METER', 'INPUT', 'SELECT', 'AUDIO'].includes(
        e.tagName) && (e.scrollWidth > e.clientWidth + 1 ||
        e.scrollHeight > e.clientHeight + 1))
        say(e, 'cut off');
    for (const n of e.childNodes) {
        if (n.nodeType !== 3 || n.data.trim() === '' ||
            e.tagName === 'OPTION')
            continue;
        let place = e;
        while (getComputedStyle(place).display === 'inline')
            place = place.parentElement;
        const range = document.createRange();
        range.selectNodeContents(n);
        const text = range.getBoundingClientRect(),
            room = place.getBoundingClientRect();
        if (text.left < room.left - 1 || text.right > room.right + 1)
            say(e, 'wider than its place');
    }
}
const dialog = document.querySelector('dialog[open]');
if (dialog !== null) {
    const box = dialog.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight)
        say(dialog, 'dialogue higher than the window');
}
return bad;
"""


def picture(page, name, folder):
    """A PNG of the whole page, or of what a dialogue covers."""
    if not folder:
        return
    more = {}
    if not page.find_elements(By.CSS_SELECTOR, "dialog[open]"):
        width, height = page.execute_script(
            "return [innerWidth, document.documentElement.scrollHeight]")
        more = {"captureBeyondViewport": True, "clip": {
            "x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
    got = page.execute_cdp_cmd("Page.captureScreenshot",
                               {"format": "png", **more})
    with open(os.path.join(folder, name + ".png"), "wb") as f:
        f.write(base64.b64decode(got["data"]))


def looks(page, name, axe, pictures="", screens=SCREENS):
    """Check these screen sizes; with a folder, save pictures there."""
    for width, height, scheme in screens:
        view(page, width, height, scheme)
        where = "%s, %d pixels, %s" % (name, width, scheme)
        bad = page.execute_script(CUT)
        check(bad == [], where + ": nothing is cut off", bad)
        if axe:
            bad = violations(page, axe)
            check(bad == [], where + ": axe finds nothing", bad)
        picture(page, "%s-%d-%s" % (name.replace(" ", "-"), width, scheme),
                pictures)
