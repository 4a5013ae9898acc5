#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What no browser sends.  http_abuse.py URL CA-FILE PEOPLE.json PID-OF-API; prints "ok - …" and "not ok - …"."""
import http.client
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import urllib.parse

URL, CA, PEOPLE, PID = sys.argv[1:5]
HOST = urllib.parse.urlsplit(URL)
PASSWORDS = json.load(open(PEOPLE, encoding="utf-8"))
TLS = ssl.create_default_context(cafile=CA)
failures = 0


def ok(good, name, why=""):
    global failures
    print(("ok - " if good else "not ok - ") + name + ("" if good else f": {why}"))
    failures += not good


def plain(source=None):
    return socket.create_connection((HOST.hostname, HOST.port), 60, (source, 0) if source else None)


def raw(data, wait=30):
    """All that comes back until the other side closes, or nothing comes for WAIT seconds."""
    link = TLS.wrap_socket(plain(), server_hostname=HOST.hostname)
    link.settimeout(wait)
    got = b""
    try:
        link.sendall(data)
        while True:
            piece = link.recv(65536)
            if not piece:
                break
            got += piece
    except OSError:
        pass
    link.close()
    return got


def statuses(data):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def call(method, path, body=None, headers=None, source=None):
    link = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=TLS, timeout=60,
                                       source_address=(source, 0) if source else None)
    link.request(method, path, body, headers or {})
    answer = link.getresponse()
    return answer.status, dict(answer.headers), answer.read()


JSON = {"Content-Type": "application/json"}
session = json.loads(call("POST", "/api/v1/session", json.dumps({"user": "li", "password": PASSWORDS["li"]}), JSON)[2])
BEARER = {"Authorization": "Bearer " + session["token"]}
COOKIE = {"Cookie": "__Host-session=" + session["token"]}


def memory():
    return next(int(line.split()[1]) for line in open(f"/proc/{PID}/status") if line.startswith("VmRSS"))


def descriptors():
    return len(os.listdir(f"/proc/{PID}/fd"))


# A byte now and then is never silence; the header's own deadline (20 s) ends it all the same.
drip_took = None


def drip():
    global drip_took
    started = time.monotonic()
    link = TLS.wrap_socket(plain("127.0.0.5"), server_hostname=HOST.hostname)
    link.sendall(b"GET /health HTTP/1.1\r\nHo")
    while time.monotonic() - started < 60:
        try:
            link.settimeout(1)
            link.send(b"x")
            if link.recv(1) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        return
    drip_took = time.monotonic() - started


dripper = threading.Thread(target=drip)
dripper.start()

# --- cookies and the header token ------------------------------------------------------------------
status, headers, _ = call("POST", "/api/v1/session", json.dumps({"user": "li", "password": PASSWORDS["li"]}), JSON)
cookie = headers.get("Set-Cookie", "")
ok(all(w in cookie for w in ("__Host-session=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict")), "the cookie", cookie)
ok("default-src 'none'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"],
   "a strict policy goes with every answer")
reason = json.dumps({"reason": "x"})
path = "/api/v1/grants/G00001-000000/revoke"
ok(call("POST", path, reason, {**JSON, **COOKIE})[0] == 403, "a cookie without the header token is refused")
ok(call("POST", path, reason, {**JSON, **COOKIE, "X-CSRF-Token": session["csrf"][:-1] + "x"})[0] == 403,
   "a wrong header token is refused")
ok(call("POST", path, reason, {**JSON, **COOKIE, "X-CSRF-Token": session["csrf"]})[0] in (403, 404),
   "with the right one the keeper is asked")
ok(b"Csrf" not in call("POST", path, reason, {**JSON, **COOKIE, "X-CSRF-Token": session["csrf"]})[2],
   "and it is not the token that is missing")
ok(call("POST", path, reason, {**JSON, **BEARER, "Sec-Fetch-Site": "cross-site"})[0] == 403, "other sites are refused")
ok(call("GET", "/api/v1/session", None, COOKIE)[0] == 200, "reading needs the cookie alone")
for name, value in (("none", None), ("stale", "A" * 43), ("short", "abc"), ("long", "A" * 3000), ("odd", "a b;c")):
    headers = {} if value is None else {"Authorization": "Bearer " + value}
    ok(call("GET", "/api/v1/grants", None, headers)[0] == 401, f"a token that is none: {name}")
ok(call("POST", "/api/v1/session", json.dumps({"user": "li", "password": "wrong"}), JSON)[0] == 401,
   "a wrong password is 401")

# --- every route of the document, with every kind of bad body --------------------------------------
document = json.loads(call("GET", "/api/v1/openapi.json")[2])
bodies = {
    "not JSON": b"{", "no object": b"[1]", "not UTF-8": b'{"reason":"\xff\xfe"}', "a NUL": b'{"reason":"a\\u0000b"}',
    "deep": b"[" * 5000 + b"]" * 5000, "doubled": b'{"reason":"a","reason":"b"}', "unknown": b'{"frob":1}',
    "claims": b'{"session":"x","address":"y","uid":0}', "a number": b"7", "huge number": b'{"days":1e999}',
}
wrong = []
routes = 0
for path, methods in document["paths"].items():
    real = path
    for name in ("grant", "case", "draft", "request", "upload", "job", "user", "code", "disposal", "delegation",
                 "review", "session", "command", "path"):
        real = real.replace("{%s}" % name, "FindCases" if name == "command" else "zz99")
    real = real.replace("{member}", "1").replace("{seq}", "1")
    for method, operation in methods.items():
        if (method, path) in (("delete", "/api/v1/session"), ("delete", "/api/v1/sessions"), ("post", "/api/v1/session")):
            continue
        routes += 1
        for why, body in bodies.items():
            status = call(method.upper(), real, body, {**JSON, **BEARER, "Tus-Resumable": "1.0.0"})[0]
            if status >= 500 and status != 501 or (status < 300 and "requestBody" in operation):
                wrong.append((method, real, why, status))
ok(not wrong, f"{routes} routes refuse bad bodies and go on", wrong[:5])
wrong = [(m, p) for p, ms in document["paths"].items() for m, o in ms.items()
         if o.get("security") is None and "/ledger/tile" not in p and p not in ("/",)
         and call(m.upper(), p.replace("{member}", "1").replace("{seq}", "1").replace("{", "%7B").replace("}", "%7D"),
                  None, {"Tus-Resumable": "1.0.0"})[0] not in (401,)]
ok(not wrong, "without a session everything else is 401", wrong[:5])
status = call("POST", "/api/v1/requests", b'{"reason":"' + b"x" * (300 << 10) + b'"}', {**JSON, **BEARER})[0]
ok(status == 413, "a body that is too large", status)
ok(call("POST", "/api/v1/requests", b"a=b", {**BEARER, "Content-Type": "text/plain"})[0] == 415, "another type")
status, _, body = call("POST", "/api/v1/requests", b'{"cases":["x"],"purpose":"handling","reason":"r","days":"seven"}',
                       {**JSON, **BEARER})
ok(status == 422 and json.loads(body)["errors"][0]["pointer"] == "/days", "the place of a mistake is told", body)

# --- paths and methods -----------------------------------------------------------------------------
tricks = {"/api/v1/../v1/session": 400, "/api/v1/%2e%2e/session": 400, "/api/v1//session": 400, "/api/v1/session/": 400,
          "/api/v1/session%00": 400, "/api/v1/session%2f": 400, "/api/v1/SESSION": 404, "/api/v1/session;x=1": 404,
          "/api/v1/cases?q=%ff": 400, "/api/v1/cases?limit=-1": 422, "/api/v1/cases?limit=1&limit=2": 400,
          "/api/v1/cases?x=1": 422, "/index.html/../../etc/passwd": 400, "/..%2f..%2fetc%2fpasswd": 400,
          "/api/v1/requests/" + "x" * 4200: 414, "/api/v1/commands/OpenMember": 405, "/etc/passwd": 404}
for target, want in tricks.items():
    got = statuses(raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {session['token']}\r\n\r\n".encode()))
    ok(got == [want], f"GET {target[:40]} is {want}", got)
ok(call("POST", "/api/v1/commands/OpenMember", b"{}", {**JSON, **BEARER})[0] == 404, "keys are no answer over HTTP")
for method, want in (("TRACE", 405), ("CONNECT", 400), ("PUT", 405), ("FROB", 405), ("get", 405)):
    got = statuses(raw(f"{method} /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()))
    ok(got and got[0] in (want, 400, 405, 501), f"method {method}", got)

# --- where a body ends -----------------------------------------------------------------------------
smuggled = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
shapes = {
    "both": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd",
    "a list of lengths": b"Content-Length: 4, 4\r\n\r\nabcd",
    "a sign": b"Content-Length: +4\r\n\r\nabcd",
    "hexadecimal": b"Content-Length: 0x4\r\n\r\nabcd",
    "an unknown coding": b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a coding with a tab": b"Transfer-Encoding:\tchunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"Content-Length : 4\r\n\r\nabcd",
}
for why, rest in shapes.items():
    got = statuses(raw(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + rest + smuggled, 3))
    ok(200 not in got and all(s >= 400 for s in got), f"no second request is read out of a body: {why}", got)
got = statuses(raw(smuggled * 20 + smuggled.replace(b"Host: x", b"Host: x\r\nConnection: close")))
ok(got == [200] * 21, "21 requests in one piece get 21 answers", len(got))
many = b"".join(b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n" % session["token"].encode()
                for _ in range(20))
got = statuses(raw(many + smuggled.replace(b"Host: x", b"Host: x\r\nConnection: close")))
ok(got == [200] * 21, "so do 20 that the keeper is asked about", got)
got = raw(b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 100 + b"Connection: close\r\n\r\n")
ok(statuses(got) == [431], "a hundred headers", got[:80])
got = raw(b"GET /health HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100000 + b"\r\n\r\n")
ok(200 not in statuses(got), "a header of 100,000 bytes", got[:80])

# --- what the keeper would not take ----------------------------------------------------------------
for why, body in (("values", json.dumps({"q": [1] * 250000})), ("lists", json.dumps({"q": [[]] * 60000})),
                  ("depth", '{"q":' + "[" * 31 + "]" * 31 + "}")):
    status = call("POST", "/api/v1/commands/FindCases", body, {**JSON, **BEARER})[0]
    ok(status in (413, 422), f"a body that no frame takes: {why}", status)
    good = [call("GET", "/api/v1/organs", None, BEARER)[0] for _ in range(5)]
    ok(good == [200] * 5, f"and whoever asks next is answered: {why}", good)

# --- an upload that is still being judged ----------------------------------------------------------
handler = json.loads(call("POST", "/api/v1/session", json.dumps({"user": "zhang", "password": PASSWORDS["zhang"]}), JSON)[2])
HANDLER = {"Authorization": "Bearer " + handler["token"], "Tus-Resumable": "1.0.0"}
upload = call("POST", "/api/v1/uploads", None, {**HANDLER, "Upload-Length": "10"})[1]["Location"]
writing = TLS.wrap_socket(plain(), server_hostname=HOST.hostname)
writing.sendall((f"PATCH {upload} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {handler['token']}\r\n"
                 "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
                 "Upload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "a\r\n0123456789\r\n").encode())
for _ in range(600):
    if call("HEAD", upload, None, HANDLER)[1].get("Upload-Offset") == "10":
        break
    time.sleep(0.1)
taking = json.dumps({"path": "documents/a.txt", "upload": upload})
ok(call("POST", "/api/v1/drafts/zz99/members", taking, {**JSON, **HANDLER})[0] == 423,
   "bytes whose checksum is not judged are nobody's member")
writing.sendall(b"0\r\n\r\n")
ok(statuses(writing.recv(4096)) == [460], "and a wrong checksum takes them back")
writing.close()
status = call("POST", "/api/v1/drafts/zz99/members", taking, {**JSON, **HANDLER})[0]
ok(status == 409, "then it is not finished", status)
call("DELETE", upload, None, HANDLER)

# --- TLS -------------------------------------------------------------------------------------------
old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
old.check_hostname = False
old.verify_mode = ssl.CERT_NONE
old.set_ciphers("ALL:@SECLEVEL=0")
import warnings
warnings.simplefilter("ignore")
old.minimum_version = ssl.TLSVersion.TLSv1
old.maximum_version = ssl.TLSVersion.TLSv1_1
try:
    old.wrap_socket(plain()).close()
    ok(False, "TLS 1.1 is refused", "it was taken")
except (ssl.SSLError, OSError):
    ok(True, "TLS 1.1 is refused")
new = ssl.create_default_context(cafile=CA)
new.maximum_version = ssl.TLSVersion.TLSv1_2
with new.wrap_socket(plain(), server_hostname=HOST.hostname) as link:
    ok("GCM" in link.cipher()[0] or "CHACHA" in link.cipher()[0], "TLS 1.2 has an authenticated cipher", link.cipher())
link = plain()
link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
link.settimeout(5)
try:
    got = link.recv(100)
except OSError:
    got = b""
ok(not got.startswith(b"HTTP/1.1 200"), "no plain HTTP at the port of HTTPS", got)
link.close()

# --- many, and slow ones ---------------------------------------------------------------------------
before = memory()
began = time.monotonic()
idle = []
for _ in range(2000):
    try:
        idle.append(plain("127.0.0.3"))
    except OSError:
        break
while True:  # those beyond are closed as they are come by; twenty seconds of silence would close the others
    alive = 0
    for link in idle:
        link.settimeout(0.0)
        try:
            alive += link.recv(1) != b""
        except BlockingIOError:
            alive += 1
        except OSError:
            pass
    if alive <= 1024 or time.monotonic() - began > 18:
        break
    time.sleep(0.1)
ok(alive <= 1024, "one address gets so many connections and no more", alive)
slow = []
for _ in range(4):  # the quickest, for the machine may have other things to do
    for link in slow:
        link.close()
    slow = []
    for data in (b"GET /health HTTP/1.1\r\nHo", b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 100\r\n\r\n{"):
        for _ in range(50):
            link = TLS.wrap_socket(plain("127.0.0.4"), server_hostname=HOST.hostname)
            link.sendall(data)
            slow.append(link)
    started = time.monotonic()
    good = [call("GET", "/api/v1/session", None, BEARER, "127.0.0.2")[0] for _ in range(20)]
    took = time.monotonic() - started
    if good != [200] * 20 or took < 5:
        break
ok(good == [200] * 20 and took < 5, f"{len(idle)} idle and {len(slow)} slow ones: others are served", (good, took))
ok(memory() - before < 96 << 10, "and memory is bounded", f"{before} KiB, then {memory()} KiB")
for link in idle:
    link.close()
dripper.join()
ok(drip_took is not None, "a header that drips is cut", drip_took)
for link in slow:
    link.close()
ok(call("GET", "/health")[0] == 200, "the server is well after all that")
sys.exit(failures != 0)
