"""tus-part.py PORT ID TOKEN-HEADER FILE OFFSET COUNT THEN - half a PATCH.

Announces all of FILE from OFFSET on and sends COUNT bytes of it.  THEN: cut,
close the connection at once; wait, keep it open until a line comes on stdin,
send the rest, and print the first line of the answer, or "closed".
"""
import socket
import sys

port, job, auth, name, offset, count, then = sys.argv[1:8]
offset, count = int(offset), int(count)
with open(name, "rb") as f:
    data = f.read()[offset:]
s = socket.create_connection(("127.0.0.1", int(port)), 600)
s.sendall((f"PATCH /files/{job} HTTP/1.1\r\nHost: h\r\n{auth}\r\n"
           "Tus-Resumable: 1.0.0\r\n"
           "Content-Type: application/offset+octet-stream\r\n"
           f"Upload-Offset: {offset}\r\nContent-Length: {len(data)}\r\n\r\n"
           ).encode())
s.sendall(data[:count])
if then == "wait":
    print("sent", flush=True)
    sys.stdin.readline()
    try:
        s.sendall(data[count:])
        line = s.makefile("rb").readline().decode().strip()
    except OSError:
        line = ""
    print(line or "closed")
s.close()
