#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole life of a case through the HTTP interface, with the standard library alone.
   http_life.py URL CA-FILE PEOPLE.json FOLDER SEALED-CASE
PEOPLE.json: {"USER": "PASSWORD"}.  Prints "ok - …" and "not ok - …"."""
import base64
import hashlib
import http.client
import json
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse

URL, CA, PEOPLE, FOLDER, SEALED = sys.argv[1:6]
HOST = urllib.parse.urlsplit(URL)
PASSWORDS = json.load(open(PEOPLE, encoding="utf-8"))
TLS = ssl.create_default_context(cafile=CA)
failures = 0


def ok(good, name, why=""):
    global failures
    print(("ok - " if good else "not ok - ") + name + ("" if good else f": {why}"))
    failures += not good


class Caller:
    def __init__(self, token=None):
        self.token = token
        self.link = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=TLS, timeout=120)
        self.used = time.monotonic()

    def raw(self, method, path, body=None, headers=None):
        if time.monotonic() - self.used > 30:
            self.link.close()  # the server closes what was silent for a minute
        self.used = time.monotonic()
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        data = answer.read()
        self.used = time.monotonic()
        return answer, data

    def call(self, method, path, body=None, want=200):
        answer, data = self.raw(method, path, body)
        value = json.loads(data) if data else None
        if answer.status != want:
            raise AssertionError(f"{method} {path}: {answer.status}, not {want}: {data[:400]!r}")
        return value


def sign_in(user):
    session = Caller().call("POST", "/api/v1/session", {"user": user, "password": PASSWORDS[user]})
    return Caller(session["token"])


def step(name):
    def run(function):
        try:
            function()
            ok(True, name)
        except Exception as error:  # whatever it is, the step failed
            ok(False, name, repr(error))
    return run


people = {}


@step("everybody signs in, and the answer has the contract's keys")
def _():
    for user in PASSWORDS:
        session = Caller().call("POST", "/api/v1/session", {"user": user, "password": PASSWORDS[user]})
        assert {"user", "role", "token", "csrf"} <= set(session), session
        people[user] = Caller(session["token"])
        assert people[user].call("GET", "/api/v1/session")["user"] == user


handler, archivist, official = (people[u] for u in ("zhang", "wang", "li"))
tus = {"Tus-Resumable": "1.0.0"}


def upload(caller, data, pieces=3):
    answer, _ = caller.raw("POST", "/api/v1/uploads", b"", {**tus, "Upload-Length": str(len(data)),
                           "Upload-Metadata": "filename " + base64.b64encode("立案.pdf".encode()).decode()})
    assert answer.status == 201, answer.status
    url = answer.headers["Location"]
    size = max(1, len(data) // pieces + 1)
    for at in range(0, len(data), size):
        piece = data[at:at + size]
        answer, said = caller.raw("PATCH", url, piece, {
            **tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(at),
            "Upload-Checksum": "sha1 " + base64.b64encode(hashlib.sha1(piece).digest()).decode()})
        assert answer.status == 204 and answer.headers["Upload-Offset"] == str(at + len(piece)), (answer.status, said)
    return url


state = {}


def file_of(caller, draft, path, **headers):
    return caller.raw("GET", f"/api/v1/drafts/{draft}/file?" + urllib.parse.urlencode({"path": path}), None, headers)


def viewings(draft):
    entries = people["auditor"].call("GET", "/api/v1/ledger/entries?type=draft.viewed&limit=100")["entries"]
    return [e for e in map(json.loads, entries) if e["draft"] == draft]


def look_at(draft, path):
    """The ranges of one viewing are one entry, of another session another; what was not there is none."""
    source = (pathlib.Path(FOLDER) / path).read_bytes()
    for first in (0, 10, 20):
        answer, got = file_of(handler, draft, path, Range=f"bytes={first}-{first + 9}")
        assert answer.status == 206 and got == source[first:first + 10], answer.status
    assert file_of(handler, draft, "documents/none.pdf")[0].status == 404
    assert file_of(people["li"], draft, path)[0].status == 403
    told = viewings(draft)
    assert [(e["actor"]["user"], e["path"], e["bytes"]) for e in told] == [("zhang", path, len(source))], told


def look_at_submitted(draft, path):
    for _ in range(2):
        answer, got = file_of(archivist, draft, path)
        assert answer.status == 200 and got == (pathlib.Path(FOLDER) / path).read_bytes(), answer.status
    told = viewings(draft)
    assert [e["actor"]["user"] for e in told] == ["zhang", "wang"] and told[1]["session"], told


@step("a draft is described, its files are uploaded, checked, submitted and sealed")
def _():
    folder = pathlib.Path(FOLDER)
    description = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    draft = handler.call("POST", "/api/v1/drafts", {}, 201)["draft"]
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "case.json"):
        url = upload(handler, path.read_bytes())
        handler.call("POST", f"/api/v1/drafts/{draft}/members",
                     {"path": str(path.relative_to(folder)), "upload": url}, 201)
        answer, _ = handler.raw("HEAD", url, None, tus)
        assert answer.status == 404, "a taken upload is gone"
    handler.call("PATCH", f"/api/v1/drafts/{draft}", {"description": description})
    findings = handler.call("GET", f"/api/v1/drafts/{draft}/findings")
    assert findings["blockers"] == 0, findings
    look_at(draft, description["members"][0]["path"])
    handler.call("POST", f"/api/v1/drafts/{draft}/submit")
    look_at_submitted(draft, description["members"][0]["path"])
    job = archivist.call("POST", f"/api/v1/drafts/{draft}/seal", {}, 202)["job"]
    Caller(handler.token).call("GET", f"/api/v1/jobs/{job}", want=404)
    for _ in range(1200):
        told = archivist.call("GET", f"/api/v1/jobs/{job}")
        if told["state"] in ("done", "failed"):
            break
        time.sleep(0.1)
    assert told["state"] == "done" and "case" in told["answer"], told
    state["case"] = told["answer"]["case"]
    state["archive"] = told["answer"]["archive"]


@step("the case is found by its number")
def _():
    found = archivist.call("GET", "/api/v1/cases?" + urllib.parse.urlencode({"number": "样医保罚〔2025〕77号"}))
    assert [c["case"] for c in found["cases"]] == [state["case"]] and found["total"] == 1, found
    assert archivist.call("GET", f"/api/v1/cases/{state['case']}")["case"] == state["case"]


def grant_for(case, reader, **more):
    request = reader.call("POST", "/api/v1/requests", {"cases": [case], "purpose": "handling", "reason": "核对案情",
                          "days": 7, "channels": ["web"], **more}, 201)["request"]
    decided = official.call("POST", f"/api/v1/requests/{request}/decision", {"decision": "approve"})
    return decided["grant"]


@step("a request is filed, shown and approved")
def _():
    state["grant"] = grant_for(state["case"], archivist)
    assert state["grant"].startswith("G"), state
    live = archivist.call("GET", "/api/v1/grants")["grants"]
    assert state["grant"] in [g["grant"] for g in live], live


def member(n):
    return f"/api/v1/grants/{state['grant']}/cases/{state['case']}/members/{n}"


@step("many ranges at once, of a member that is not open yet")
def _():
    rows = archivist.call("GET", f"/api/v1/grants/{state['grant']}")["cases"][0]["members"]
    big = next(r for r in rows if r["bytes"] > 8 << 20)
    source = (pathlib.Path(FOLDER) / big["path"]).read_bytes()
    state["big"] = big["number"]
    results = []

    def read(at):
        answer, got = Caller(archivist.token).raw("GET", member(big["number"]), None, {"Range": f"bytes={at}-{at + 999}"})
        results.append(answer.status == 206 and got == source[at:at + 1000])
    threads = [threading.Thread(target=read, args=(i * 1000003,)) for i in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [True] * 16, results


@step("its members come, whole, with digest and names")
def _():
    told = archivist.call("GET", f"/api/v1/grants/{state['grant']}")
    rows = told["cases"][0]["members"]
    for row in rows:
        answer, data = archivist.raw("GET", member(row["number"]))
        assert answer.status == 200 and len(data) == row["bytes"], (answer.status, len(data), row)
        digest = hashlib.sha256(data).hexdigest()
        assert digest == row["sha256"] and answer.headers["ETag"] == f'"{digest}"', row
        assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
        state[row["number"]] = data
    state["rows"] = rows


@step("ranges, conditions and HEAD are as RFC 9110 says")
def _():
    data = state[1]
    etag = '"' + hashlib.sha256(data).hexdigest() + '"'
    size = len(data)

    def get(headers, method="GET"):
        return archivist.raw(method, member(1), None, headers)
    answer, got = get({"Range": "bytes=2-5"})
    assert (answer.status, got, answer.headers["Content-Range"]) == (206, data[2:6], f"bytes 2-5/{size}")
    answer, got = get({"Range": "bytes=-4"})
    assert (answer.status, got) == (206, data[-4:])
    answer, got = get({"Range": f"bytes={size}-"})
    assert answer.status == 416 and answer.headers["Content-Range"] == f"bytes */{size}"
    answer, got = get({"Range": "bytes=5-2"})
    assert (answer.status, got) == (200, data)
    answer, got = get({"Range": "bytes=0-1,4-5"})
    kind = answer.headers["Content-Type"]
    assert answer.status == 206 and kind.startswith("multipart/byteranges; boundary="), kind
    import email.parser
    parts = email.parser.BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + got).get_payload()
    assert [p.get_payload(decode=True) for p in parts] == [data[0:2], data[4:6]]
    assert [p["Content-Range"] for p in parts] == [f"bytes 0-1/{size}", f"bytes 4-5/{size}"]
    assert get({"Range": "bytes=0-1", "If-Range": etag})[0].status == 206
    assert get({"Range": "bytes=0-1", "If-Range": '"other"'})[0].status == 200
    assert get({"If-None-Match": f'"x", W/{etag}'})[0].status == 304
    assert get({"If-Match": '"x"'})[0].status == 412
    answer, got = get({"Range": "bytes=0-1"}, "HEAD")
    assert (answer.status, got, answer.headers["Content-Length"]) == (200, b"", str(size))


@step("all that is one access in the ledger")
def _():
    auditor = people["auditor"]
    entries = auditor.call("GET", "/api/v1/ledger/entries?type=access.opened&limit=100")["entries"]
    mine = [e for e in map(json.loads, entries) if e.get("grant") == state["grant"] and e["member"] == 1]
    assert len(mine) == 1 and mine[0]["channel"] == "web", mine
    big = [e for e in map(json.loads, entries) if e.get("grant") == state["grant"] and e["member"] == state["big"]]
    assert len(big) == 1, big


@step("nobody else reads under the grant")
def _():
    for who in (handler, official):
        answer, _ = who.raw("GET", member(1))
        assert answer.status == 403, answer.status
    answer, _ = Caller().raw("GET", member(1))
    assert answer.status == 401


@step("a member that is not there, a case that is not there")
def _():
    for path in (member(99), member(0), f"/api/v1/grants/{state['grant']}/cases/{SEALED}/members/1"):
        answer, _ = archivist.raw("GET", path)
        assert answer.status == 403, (path, answer.status)
    answer, _ = archivist.raw("GET", member("x"))
    assert answer.status == 404, answer.status


@step("a revoked grant cuts a running download")
def _():
    big = next(r for r in state["rows"] if r["bytes"] > 8 << 20)
    link = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=TLS, timeout=120)
    link.request("GET", member(big["number"]), headers={"Authorization": "Bearer " + archivist.token})
    answer = link.getresponse()
    assert answer.status == 200
    got = len(answer.read(65536))
    official.call("POST", f"/api/v1/grants/{state['grant']}/revoke", {"reason": "试验"})
    try:
        while True:
            time.sleep(0.02)  # all of it would take ten seconds
            piece = answer.read(65536)
            if not piece:
                break
            got += len(piece)
    except (http.client.IncompleteRead, ConnectionError, ssl.SSLError):
        pass
    assert got < big["bytes"], "it came whole"
    assert archivist.raw("GET", member(1))[0].status == 403


@step("parallel decisions: one of them counts")
def _():
    request = archivist.call("POST", "/api/v1/requests", {"cases": [state["case"]], "purpose": "handling",
                             "reason": "再看", "days": 1, "channels": ["web"]}, 201)["request"]
    results = []

    def decide():
        caller = Caller(official.token)
        results.append(caller.raw("POST", f"/api/v1/requests/{request}/decision", {"decision": "approve"})[0].status)
    threads = [threading.Thread(target=decide) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results.count(200) == 1 and all(r in (200, 403, 409, 422) for r in results), results


@step("a damaged chunk cuts the download, and other bytes still come")
def _():
    state["grant"] = grant_for(state["case"], archivist)
    big = next(r for r in state["rows"] if r["bytes"] > 8 << 20)
    archive = pathlib.Path(state["archive"])
    middle = archive.stat().st_size // 2
    archive.chmod(0o600)
    with open(archive, "r+b") as file:
        file.seek(middle)
        byte = file.read(1)
        file.seek(middle)
        file.write(bytes([byte[0] ^ 1]))
    got = 0
    link = Caller(archivist.token)
    link.link.request("GET", member(big["number"]), headers={"Authorization": "Bearer " + link.token})
    answer = link.link.getresponse()
    if answer.status == 200:  # the keeper may see that the file has changed before a byte goes out
        try:
            while piece := answer.read(65536):
                got += len(piece)
            assert got < big["bytes"], "damaged bytes came whole"
        except (http.client.IncompleteRead, ConnectionError, ssl.SSLError):
            pass
        answer, data = Caller(archivist.token).raw("GET", member(big["number"]), None, {"Range": "bytes=0-99"})
        assert (answer.status, data) == (206, state[big["number"]][:100]), answer.status
    else:
        assert answer.status == 500, answer.status
    with open(archive, "r+b") as file:
        file.seek(middle)
        file.write(byte)
    archive.chmod(0o400)


@step("an escort who is not there stops reading, one who is there lets it go on")
def _():
    request = archivist.call("POST", "/api/v1/requests", {"cases": [state["case"]], "purpose": "handling",
                             "reason": "陪同查阅", "days": 1, "channels": ["web"]}, 201)["request"]
    state["grant"] = official.call("POST", f"/api/v1/requests/{request}/decision",
                                   {"decision": "approve", "escort": "zhang"})["grant"]
    assert archivist.raw("GET", member(1))[0].status == 403
    for _ in range(10):
        started = time.monotonic()
        handler.call("POST", f"/api/v1/grants/{state['grant']}/beat", {})
        assert time.monotonic() - started > 1.5, "the answer is held"
        status = archivist.raw("GET", member(1))[0].status
        if status == 200 or time.monotonic() - started < 5:
            break  # else it was asked for too long after the beat
    assert status == 200, status
    handler.call("POST", f"/api/v1/grants/{state['grant']}/beat", {"leave": True})
    time.sleep(0.3)
    assert archivist.raw("GET", member(1))[0].status == 403, "the escort left"


@step("refusals by role are the keeper's")
def _():
    for who, method, path, body in (
            (handler, "GET", "/api/v1/users", None), (people["auditor"], "POST", "/api/v1/drafts", {}),
            (archivist, "POST", "/api/v1/requests/R00001/decision", {"decision": "approve"}),
            (official, "POST", "/api/v1/drafts/D00001/seal", None), (handler, "GET", "/api/v1/live", None)):
        answer, data = who.raw(method, path, body)
        if path.endswith("/seal"):
            assert answer.status == 202
            job = json.loads(data)["job"]
            for _ in range(1200):
                told = who.call("GET", f"/api/v1/jobs/{job}")
                if told["state"] == "failed":
                    break
                time.sleep(0.05)
            assert told["problem"]["type"].endswith("NotYourRole"), told
        else:
            assert answer.status == 403, (path, answer.status, data)
            assert json.loads(data)["type"].startswith("urn:strongroom:"), data


@step("signing out ends the session")
def _():
    answer, _ = handler.raw("DELETE", "/api/v1/session")
    assert answer.status == 204, answer.status
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert handler.raw("GET", "/api/v1/session")[0].status == 401


@step("and everywhere at once")
def _():
    second = sign_in("wang")
    assert archivist.raw("DELETE", "/api/v1/sessions")[0].status == 200
    assert 401 in (archivist.raw("GET", "/api/v1/session")[0].status, second.raw("GET", "/api/v1/session")[0].status)


sys.exit(failures != 0)
