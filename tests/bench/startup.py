"""--help of every command, compared with an empty C program."""
import os
import subprocess
import sys
import tempfile

import measure

bin_dir, n = sys.argv[1], int(sys.argv[2])
ROUNDS = 40  # runs of one sample: a single one is too short to time

with tempfile.TemporaryDirectory() as tmp:
    empty = os.path.join(tmp, "empty")
    subprocess.run(["cc", "-O2", "-x", "c", "-o", empty, "-"],
                   input=b"int main(void) { return 0; }", check=True)

    def many(argv):
        return sum(measure.run(argv).wall for _ in range(ROUNDS))

    print("start-up: --help / an empty C program, medians of %d pairs of "
          "%d runs" % (n, ROUNDS))
    for name in sorted(os.listdir(bin_dir)):
        argv = [os.path.join(bin_dir, name), "--help"]
        ratios = []
        for turn in range(n + 1):
            a, b = many(argv), many([empty])
            if turn > 0:
                ratios.append(a / b)
        print("%-22s %s" % (name, measure.spread(ratios)))
