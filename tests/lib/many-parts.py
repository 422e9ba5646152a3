"""many-parts.py PORT TOKEN-HEADER PID N - what one more upload costs.

Begins N resumable uploads, of which no byte comes, by one account.  Prints the
CPU time of the gateway, ms, that the first 40 took, and the last 40.
"""
import http.client
import os
import sys

port, auth, pid, n = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def cpu_ms():
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(") ", 1)[1].split()
    tick = 1000 // os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) * tick


def create(times):
    before = cpu_ms()
    for _ in range(times):
        c.putrequest("POST", "/files/")
        c.putheader("Tus-Resumable", "1.0.0")
        c.putheader(*auth.split(": "))
        c.putheader("Upload-Length", "1000")
        c.putheader("Upload-Metadata", "filename " + "QUFB" * 700)
        c.putheader("Content-Length", "0")
        c.endheaders()
        answer = c.getresponse()
        answer.read()
        if answer.status != 201:
            sys.exit(f"status {answer.status}")
    return cpu_ms() - before


first = create(40)
create(int(n) - 80)
print(first, create(40))
