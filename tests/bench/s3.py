"""The time of a conversion from S3, compared with one from a folder.

    s3.py WORK PAIRS
"""
import os
import sys

import measure
from place import Place

WORK, PAIRS = sys.argv[1], int(sys.argv[2])


def conversion(path, **settings):
    """Seconds that a worker takes for this one job."""
    place = Place(**settings)
    place.run("v2m-upload", "--quiet", path)
    took = place.time("v2m-convert-worker", "--once")
    place.close()
    return took


for name in "5-0.1", "5-1", "25-0.1", "25-1":
    clip = os.path.join(WORK, "reads-%s.mp4" % name)
    ratios = [conversion(clip, V2M_OBJECTS=os.environ["S3_PROXY"]) /
              conversion(clip) for _ in range(PAIRS)]
    measure.line("%s Mbit/s, sound every %s s, S3 / dir:" %
                 tuple(name.split("-")), ratios, most=1.5)
