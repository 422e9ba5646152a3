"""browsing - how tests in a browser report and wait."""
import time

LONG = 120          # seconds for what takes its time on a busy machine


def check(good, what, seen=""):
    """Print a result: passed or not, and what was seen instead."""
    print("ok" if good else "not", what +
          ("" if good else "\t" + str(seen).replace("\n", " | ")), flush=True)
    return good


def until(f, seconds=LONG, passing=()):
    """Call f until its result is true; return that, or the last one after a
    timeout.  Temporary errors count as not true yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            got = f()
        except passing:
            got = None
        if got or time.monotonic() > end:
            return got
        time.sleep(0.1)
