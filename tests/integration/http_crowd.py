#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many and slow clients, and ranges of every shape.  http_crowd.py URL CA-FILE TOKEN MEMBER-PATH SOURCE PID-OF-API
MEMBER-PATH is the address of a member that TOKEN reads, SOURCE its bytes.  Prints "ok - …" and "not ok - …"."""
import email.parser
import hashlib
import http.client
import random
import resource
import socket
import ssl
import sys
import threading
import time
import urllib.parse

URL, CA, TOKEN, PATH, SOURCE, PID = sys.argv[1:7]
HOST = urllib.parse.urlsplit(URL)
TLS = ssl.create_default_context(cafile=CA)
BEARER = {"Authorization": "Bearer " + TOKEN}
IDLE = 5000
failures = 0


def ok(good, name, why=""):
    global failures
    print(("ok - " if good else "not ok - ") + name + ("" if good else f": {why}"), flush=True)
    failures += not good


def memory():
    """MiB."""
    return next(int(line.split()[1]) for line in open(f"/proc/{PID}/status") if line.startswith("VmRSS")) // 1024


def call(method, path, headers=None, source="127.0.0.2", body=None):
    link = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=TLS, timeout=60, source_address=(source, 0))
    link.request(method, path, body, {**BEARER, **(headers or {})})
    answer = link.getresponse()
    return answer, answer.read()


def connect(source, buffer=0):
    plain = socket.socket()
    if buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    plain.settimeout(60)
    plain.bind((source, 0))
    plain.connect((HOST.hostname, HOST.port))
    return TLS.wrap_socket(plain, server_hostname=HOST.hostname)


data = open(SOURCE, "rb").read()
size = len(data)
etag = '"' + hashlib.sha256(data).hexdigest() + '"'

# --- ranges: RFC 9110, 14 ---------------------------------------------------------------------------
whole, got = call("GET", PATH)
ok(whole.status == 200 and got == data and whole.headers["ETag"] == etag, "the whole member")
answer, got = call("HEAD", PATH)
same = [key for key in whole.headers if key not in ("Date",) and answer.headers[key] != whole.headers[key]]
ok(answer.status == 200 and got == b"" and not same, "HEAD has the headers of GET, and no body", same)
for text, want in (("bytes=0-0", data[:1]), ("bytes=65535-65536", data[65535:65537]), (f"bytes={size - 1}-", data[-1:]),
                   (f"bytes=-{size + 5}", data), (f"bytes=10-{size + 10**9}", data[10:]), ("bytes=-1", data[-1:]),
                   ("BYTES=3-4", data[3:5]), ("bytes= 3-4", data[3:5]), (f"bytes=65536-{3 * 65536 - 1}", data[65536:3 * 65536])):
    answer, got = call("GET", PATH, {"Range": text})
    first = size - len(want) if text.startswith("bytes=-") else int(text.split("=")[1].split("-")[0])
    ok(answer.status == 206 and got == want and answer.headers["Content-Range"] == f"bytes {first}-{first + len(want) - 1}/{size}",
       f"Range: {text}", (answer.status, answer.headers["Content-Range"], len(got)))
for text in ("bytes=4-3", "bytes=x-", "lines=1-2", "bytes", "bytes=1-2-3", "bytes=-", "bytes=99999999999999999999-"):
    answer, got = call("GET", PATH, {"Range": text})
    ok(answer.status in (200, 416) and (answer.status == 416 or got == data), f"Range: {text} is no range, or none of this member", answer.status)
answer, _ = call("GET", PATH, {"Range": f"bytes={size}-"})
ok(answer.status == 416 and answer.headers["Content-Range"] == f"bytes */{size}", "a range behind the end", answer.status)
random.seed(3)
wanted = [(at, at + random.choice([0, 9, 70000])) for at in sorted(random.sample(range(0, size - 80000, 80000), 16))]
answer, got = call("GET", PATH, {"Range": "bytes=" + ", ".join(f"{a}-{b}" for a, b in wanted)})
kind = answer.headers["Content-Type"].encode()
parts = email.parser.BytesParser().parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + got).get_payload() if b"multipart" in kind else []
ok(answer.status == 206 and [p["Content-Range"] for p in parts] == [f"bytes {a}-{b}/{size}" for a, b in wanted] and
   int(answer.headers["Content-Length"]) == len(got), "16 ranges at once", answer.status)
boundary = kind.split(b"boundary=")[-1]
bodies = [piece.split(b"\r\n\r\n", 1)[1][:-2] for piece in got.split(b"--" + boundary)[1:-1]]
ok(bodies == [data[a:b + 1] for a, b in wanted], "each with its bytes")
answer, _ = call("GET", PATH, {"Range": "bytes=" + ",".join(f"{i}-{i}" for i in range(0, 34, 2))})
ok(answer.status in (200, 416), "17 ranges are too many", answer.status)
answer, _ = call("GET", PATH, {"Range": "bytes=0-,0-,0-,0-"})
ok(answer.status in (200, 416), "ranges that are the whole again and again", answer.status)
for headers, status in (({"If-Range": etag}, 206), ({"If-Range": "W/" + etag}, 200), ({"If-Range": '"other"'}, 200),
                        ({"If-Range": "Sat, 21 Nov 2026 08:00:00 GMT"}, 200), ({"If-Match": etag}, 206), ({"If-Match": '"x", *'}, 206),
                        ({"If-Match": "*"}, 206), ({"If-Match": '"x"'}, 412), ({"If-None-Match": etag}, 304),
                        ({"If-None-Match": "*"}, 304), ({"If-None-Match": '"x"'}, 206)):
    answer, got = call("GET", PATH, {"Range": "bytes=0-9", **headers})
    if list(headers.values()) == ['"x", *']:
        status = answer.status if answer.status in (206, 400, 412) else 206  # "*" stands alone (RFC 9110, 13.1.1)
    ok(answer.status == status and (status != 206 or got == data[:10]) and (status != 200 or got == data), f"{headers} is {status}", answer.status)

# --- slow ones --------------------------------------------------------------------------------------
before = memory()
slow = []
for number in range(100):
    link = connect("127.0.0.6", 4096)
    link.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    slow.append(link)
stop = threading.Event()


def sip():
    """A byte a second of each."""
    while not stop.wait(1):
        for one in slow:
            try:
                one.recv(1)
            except OSError:
                pass


sipper = threading.Thread(target=sip)
sipper.start()
for number in range(50):
    link = connect("127.0.0.7")
    link.sendall(b"GET /health HTTP/1.1\r\nHo" if number % 2 else
                 b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
    slow.append(link)


def others_are_served(what):
    """Promptly as a rule; a machine that is held up may make one or the other wait, but not for what the slow ones take."""
    took, load = [], []
    for _ in range(30):
        started = time.monotonic()
        good = call("GET", "/api/v1/session")[0].status == 200
        took.append(time.monotonic() - started if good else 99)
    for _ in range(3):
        started = time.monotonic()
        good = call("GET", PATH)[1] == data
        load.append(time.monotonic() - started if good else 99)
    took.sort()
    ok(took[15] < 2 and took[-1] < 30 and min(load) < 10 and max(load) < 99, f"{what}: others are served, downloads too",
       f"{took[15]:.2f} s to {took[-1]:.2f} s, {min(load):.2f} s")


others_are_served("100 readers of a byte a second, 50 slow headers and bodies")
ok(memory() - before < 64, "and memory is bounded", f"{before} MiB, then {memory()} MiB")

# --- idle ones --------------------------------------------------------------------------------------
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY and hard < 16384 else 16384, hard))
idle, spoke = [], {}


def speak(links):
    for one in links:
        try:
            one.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            spoke[one] = time.monotonic()
        except OSError:
            pass  # counted below
    for one in links:
        try:
            one.recv(4096)
        except OSError:
            pass


# Who is silent for a minute is let go, and so many take their time to come.
for number in range(IDLE):
    idle.append(connect(f"127.0.1.{number // 800 + 1}"))
    if number % 250 == 249:
        speak(idle[-250:])
        speak([one for one in idle if time.monotonic() - spoke.get(one, 0) > 15])
with_all = memory()
alive = 0
for one in idle:
    one.settimeout(0)
    try:
        alive += one.recv(1) != b""
    except (ssl.SSLWantReadError, BlockingIOError):
        alive += 1
    except OSError:
        pass
ok(alive > IDLE - 100, f"{IDLE} idle connections are held", alive)
others_are_served(f"{IDLE} idle connections")
ok(with_all - before < 512, "and memory is bounded", f"{before} MiB, then {with_all} MiB")
stop.set()
sipper.join()
for one in idle + slow:
    one.close()
for _ in range(100):
    open_now = len([1 for line in open(f"/proc/{PID}/net/tcp") if line.split()[3] == "01" and line.split()[1].endswith(f":{HOST.port:04X}")])
    if open_now < 20:
        break
    time.sleep(0.1)
ok(call("GET", "/health")[0].status == 200, "the server is well after all that")
sys.exit(failures != 0)
