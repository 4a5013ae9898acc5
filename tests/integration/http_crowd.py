#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many and slow clients, and ranges of every shape.  http_crowd.py URL CA-FILE TOKEN MEMBER-PATH SOURCE PID-OF-API
MEMBER-PATH is the address of a member that TOKEN reads, SOURCE its bytes.  Prints "ok - …" and "not ok - …"."""
import email.parser
import hashlib
import http.client
import random
import re
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
readers, askers = [], []
stop, sipping = threading.Event(), threading.Lock()


def sip():
    """A byte a second of each."""
    while not stop.wait(1):
        for one in readers:
            try:
                with sipping:  # a descriptor that was closed may be another connection's by now
                    one.recv(1)
            except OSError:
                pass


def slow_ones():
    """Anew, for the server cuts each in time."""
    with sipping:
        for link in readers + askers:
            link.close()
    askers.clear()
    fresh = [connect("127.0.0.6", 4096) for _ in range(100)]
    for link in fresh:
        link.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        link.settimeout(1)
    readers[:] = fresh
    for number in range(50):
        askers.append(connect("127.0.0.7"))
        askers[-1].sendall(b"GET /health HTTP/1.1\r\nHo" if number % 2 else
                           b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")


def others_are_served(what, prepare):
    """The quickest of five times, for the machine may have other things to do."""
    for _ in range(5):
        prepare()
        took, good = [], True
        for _ in range(30):
            started = time.monotonic()
            good = call("GET", "/api/v1/session")[0].status == 200 and good
            took.append(time.monotonic() - started)
        started = time.monotonic()
        good = call("GET", PATH)[1] == data and good
        load = time.monotonic() - started
        if not good or (max(took) < 2 and load < 10):
            break
    ok(good and max(took) < 2 and load < 10, f"{what}: others are served, downloads too", f"{good}, {max(took):.2f} s, {load:.2f} s")


sipper = threading.Thread(target=sip)
sipper.start()
others_are_served("100 readers of a byte a second, 50 slow headers and bodies", slow_ones)
ok(memory() - before < 64, "and memory is bounded", f"{before} MiB, then {memory()} MiB")

# --- idle ones --------------------------------------------------------------------------------------
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY and hard < 16384 else 16384, hard))
idle, used = [], {}


def take_answer(link):
    got = b""
    while True:
        head, end, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            return
        piece = link.recv(4096)
        if not piece:
            return
        got += piece


def use(links):
    """A request on each of them; one that the server closed is counted later."""
    for step in (lambda link: link.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"), take_answer):
        for link in links:
            try:
                step(link)
            except OSError:
                pass
    used.update((link, time.monotonic()) for link in links)


def use_the_oldest():
    """The server closes what was silent for a minute, and so many are not made in a minute everywhere."""
    use([link for link in idle if time.monotonic() - used[link] > 15])


for first in range(0, IDLE, 250):
    fresh = [connect(f"127.0.1.{number // 800 + 1}") for number in range(first, first + 250)]
    use(fresh)
    idle += fresh
    use_the_oldest()
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
    one.settimeout(60)
ok(alive > IDLE - 100, f"{IDLE} idle connections are held", alive)
others_are_served(f"{IDLE} idle connections", use_the_oldest)
ok(with_all - before < 512, "and memory is bounded", f"{before} MiB, then {with_all} MiB")
stop.set()
sipper.join()
for one in idle + readers + askers:
    one.close()
for _ in range(100):
    open_now = len([1 for line in open(f"/proc/{PID}/net/tcp") if line.split()[3] == "01" and line.split()[1].endswith(f":{HOST.port:04X}")])
    if open_now < 20:
        break
    time.sleep(0.1)
ok(call("GET", "/health")[0].status == 200, "the server is well after all that")
sys.exit(failures != 0)
