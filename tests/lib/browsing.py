"""browsing - what tests in a browser say, and how they wait."""
import time

LONG = 120          # seconds for what takes its time on a busy machine


def check(good, what, seen=""):
    """A line of the test: passed or not, and what was seen instead."""
    print("ok" if good else "not", what +
          ("" if good else "\t" + str(seen).replace("\n", " | ")), flush=True)
    return good


def until(f, seconds=LONG, passing=()):
    """What f gives once it is true; what it gave last, if it never is.  Errors
    that are passing are no answer yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            got = f()
        except passing:
            got = None
        if got or time.monotonic() > end:
            return got
        time.sleep(0.1)
