#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every address of the HTTP interface for every role, in every state of what it names: what HTTP answers is what the
keeper's own table says, and what the keeper answers to the same command at its socket.  Addresses, commands and roles
are those of /api/v1/openapi.json, which is made from the tables of both; so a new one is asked about, too.
   http_table.py URL CA-FILE PEOPLE.json KEEPER-SOCKET CASE PASS FOLDER
PEOPLE.json: {"ROLE": ["USER", "PASSWORD", "ANOTHER", "PASSWORD"]}; what the second of a role has made is not the first
one's.  PASS is a party's.  Writes the refusals that it saw, by user, to FOLDER/refused.json."""
import collections
import http.client
import itertools
import json
import pathlib
import re
import socket
import ssl
import sys
import time
import urllib.parse

URL, CA, PEOPLE, SOCKET, CASE, PASS, FOLDER = sys.argv[1:8]
HOST = urllib.parse.urlsplit(URL)
TLS = ssl.create_default_context(cafile=CA)
PEOPLE = json.load(open(PEOPLE, encoding="utf-8"))
JSON = {"Content-Type": "application/json"}
failures = 0


def ok(good, name, why=""):
    global failures
    print(("ok - " if good else "not ok - ") + name + ("" if good else f": {why}"))
    failures += not good


class Caller:
    def __init__(self, role, user=None, password=None, one_time=None):
        self.role, self.user, self.password, self.one_time = role, user, password, one_time
        self.link = http.client.HTTPSConnection(HOST.hostname, HOST.port, context=TLS, timeout=60)
        self.token = self.csrf = None
        self.sign_in()

    def sign_in(self):
        if self.one_time:
            status, said = self.raw("POST", "/api/v1/pass", {"pass": self.one_time}, {})
        else:
            status, said = self.raw("POST", "/api/v1/session", {"user": self.user, "password": self.password}, {})
        if status != 200:
            sys.exit(f"not ok - {self.user or 'a party'} signs in: {status} {said}")
        self.token, self.csrf = said["token"], said["csrf"]

    def raw(self, method, path, body=None, headers=None):
        headers = {"Authorization": "Bearer " + self.token} if headers is None else dict(headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            headers.update(JSON)
        try:
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.link.close()  # it was idle for too long
            self.link.request(method, path, body, headers)
            answer = self.link.getresponse()
        data = answer.read()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(data) if data and "json" in kind else data

    def call(self, method, path, body=None):
        status, said = self.raw(method, path, body)
        if status >= 300:
            sys.exit(f"not ok - {self.user}: {method} {path}: {status} {said}")
        return said


def keeper(command, parameters, token):
    """The same command at the keeper's socket: "" or the error's name."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(SOCKET)
        link.settimeout(60)
        call = {"method": "org.strongroom." + command, "parameters": {**parameters, "session": token}, "more": True}
        link.sendall(json.dumps(call).encode() + b"\0")
        got = b""
        while True:
            piece = link.recv(1 << 20)
            if not piece:
                return "closed"
            got += piece
            while b"\0" in got:
                frame, got = got.split(b"\0", 1)
                said = json.loads(frame)
                if not said.get("continues"):
                    return said.get("error", "").rsplit(".", 1)[-1]


# --- who, and what there is ---------------------------------------------------------------------------
first = {role: Caller(role, *four[:2]) for role, four in PEOPLE.items()}
second = {role: Caller(role, *four[2:]) for role, four in PEOPLE.items() if len(four) > 2}
first["party"] = Caller("party", one_time=PASS)
ROLES = list(first)
ok(len(ROLES) == 8, "one of each role is there", ROLES)


def request(channels=("web",)):
    return second["supervisor"].call("POST", "/api/v1/requests", {
        "cases": [CASE], "purpose": "supervision", "reason": "样例", "days": 3, "channels": list(channels)})["request"]


def decide(number, **more):
    return second["official"].call("POST", f"/api/v1/requests/{number}/decision", more)


def granted(**more):
    number = request()
    return number, decide(number, decision="approve", **more)["grant"]


handler, supervisor = second["handler"], second["supervisor"]
tus = {"Tus-Resumable": "1.0.0"}


def uploaded(data, length=None):
    handler.link.close()  # it may have been idle for too long
    handler.link.request("POST", "/api/v1/uploads", b"", {
        **tus, "Authorization": "Bearer " + handler.token, "Upload-Length": str(length or len(data))})
    answer = handler.link.getresponse()
    answer.read()
    place = answer.headers["Location"]
    handler.raw("PATCH", place, data, {**tus, "Authorization": "Bearer " + handler.token, "Upload-Offset": "0",
                                       "Content-Type": "application/offset+octet-stream"})
    return place


def draft():
    return handler.call("POST", "/api/v1/drafts", {})["draft"]


def whole_draft():
    folder, made = pathlib.Path(FOLDER) / "two", draft()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "case.json"):
        handler.call("POST", f"/api/v1/drafts/{made}/members",
                     {"path": str(path.relative_to(folder)), "upload": uploaded(path.read_bytes())})
    handler.call("PATCH", f"/api/v1/drafts/{made}",
                 {"description": json.loads((folder / "case.json").read_text(encoding="utf-8"))})
    handler.call("POST", f"/api/v1/drafts/{made}/submit")
    return made


def job_of(caller, job):
    for _ in range(6000):
        told = caller.call("GET", f"/api/v1/jobs/{job}")
        if told["state"] in ("done", "failed"):
            return told
        time.sleep(0.02)
    sys.exit(f"not ok - a job ends: {told}")


things = collections.defaultdict(dict)  # kind → state → id
things["request"]["approved"], things["grant"]["live"] = granted()
_, things["grant"]["escorted"] = granted(escort=second["handler"].user)
_, things["grant"]["revoked"] = granted()
second["official"].call("POST", f"/api/v1/grants/{things['grant']['revoked']}/revoke", {"reason": "样例"})
_, things["grant"]["returned"] = granted()
supervisor.call("POST", f"/api/v1/grants/{things['grant']['returned']}/return", {})
things["request"]["filed"] = request()
things["request"]["withdrawn"] = request()
supervisor.call("DELETE", f"/api/v1/requests/{things['request']['withdrawn']}")
things["request"]["refused"] = request()
decide(things["request"]["refused"], decision="refuse", reason="样例")
things["draft"]["sealed"] = whole_draft()
job = second["archivist"].call("POST", f"/api/v1/drafts/{things['draft']['sealed']}/seal", {})["job"]
sealing = job_of(second["archivist"], job)
ok(sealing["state"] == "done", "a draft is sealed", sealing)
things["draft"]["open"] = draft()
things["draft"]["dropped"] = draft()
handler.call("DELETE", f"/api/v1/drafts/{things['draft']['dropped']}")
things["upload"]["anothers"] = uploaded(b"half", 8).rsplit("/", 1)[1]
things["case"]["sealed"] = CASE
things["user"]["another"] = handler.user
things["session"]["anothers"] = handler.call("GET", "/api/v1/session")["session"]
things["job"]["anothers"] = job
UNKNOWN = {"grant": "G99999-aaaaaa", "case": "01900000-0000-7000-8000-00000000dead", "draft": "D99999", "request": "R99999",
           "upload": "U" + "0" * 32, "user": "nobody-at-all", "session": "s0000000000000000", "job": "j" + "0" * 32,
           "code": "B99999-aaaaaaaa", "delegation": "E99999", "disposal": "L99999", "review": "V99999", "seq": "99999999",
           "member": "1", "path": "0/x999/999"}
for kind, value in UNKNOWN.items():
    things[kind]["unknown"] = value
# In these nothing can be done any more: whoever tries is refused, and is refused again.
INERT = {"unknown", "revoked", "returned", "withdrawn", "refused", "approved", "dropped", "sealed"}

# --- what an address is asked -------------------------------------------------------------------------
document = first["auditor"].call("GET", "/api/v1/openapi.json")
WORDS = {"decision": "approve", "from": "2020-01-01", "to": "2020-12-31", "year": 2020, "count": 1, "seed": "x",
         "identity": "identity", "purpose": "supervision", "cases": [UNKNOWN["case"]], "case": UNKNOWN["case"],
         "grant": UNKNOWN["grant"], "draft": UNKNOWN["draft"], "request": UNKNOWN["request"], "user": UNKNOWN["user"],
         "deputy": UNKNOWN["user"], "until": "2019-01-01", "upload": UNKNOWN["upload"], "new": "short", "role": "party"}


def word(name, schema):
    if name in WORDS:
        return WORDS[name]
    return {"integer": 0, "boolean": False, "array": [], "object": {}}.get(schema.get("type"), "x")


def body_of(operation):
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if not schema.get("properties"):
        return None
    return {name: word(name, schema["properties"][name]) for name in schema["required"]}


def query_of(operation):
    return {p["name"]: word(p["name"], p["schema"]) for p in operation["parameters"] if p["in"] == "query" and p["required"]}


def asked():
    """(method, template, path, values, states, command, roles, operation, body) of each address in each state."""
    for template, methods in document["paths"].items():
        names = re.findall(r"\{(\w+)\}", template)
        for method, operation in methods.items():
            command, roles = operation.get("x-strongroom-command"), operation.get("x-strongroom-roles")
            if "x-strongroom-commands" in operation:
                for command, roles in operation["x-strongroom-commands"].items():
                    yield "POST", template, template.replace("{command}", command), {}, {"unknown"}, command, roles, operation, None
                continue
            if not template.startswith("/api/v1/"):
                continue
            choices = [list(things[name].items()) for name in names]
            for chosen in itertools.product(*choices):
                values = dict(zip(names, (value for _, value in chosen)))
                path = template
                for name, value in values.items():
                    path = path.replace("{%s}" % name, urllib.parse.quote(value, safe="/"))
                query = query_of(operation)
                if query:
                    path += "?" + urllib.parse.urlencode(query)
                states = {state for state, _ in chosen} or {"none"}
                yield (method.upper(), template, path, {**query, **values}, states, command, roles, operation,
                       body_of(operation))


# By these the caller's own session ends.
SESSION_ENDS = {("DELETE", "/api/v1/session"), ("DELETE", "/api/v1/sessions")}
# These have another name for a parameter there; "web" is the front end's own channel.
AT_SOCKET = {"/api/v1/sessions/{session}": lambda v: {"which": v["session"]},
             "/api/v1/grants/{grant}/cases/{case}/members/{member}": lambda v: {**v, "member": int(v["member"]), "channel": "fs"}}
NOT_THERE = {"CreateUpload", "UploadState", "DropUpload", "Apply", "FollowApplication", "RedeemPass", "OpenSession", "AddMember",
             "LedgerTile", "ChangePassword", "CloseSession", "OpenDraftFile"}
# Without what a session needs.  Bodies and types are right, so that nothing else is in the way.
stale = Caller("auditor", *PEOPLE["auditor"][:2])
stale_token = stale.token
stale.raw("DELETE", "/api/v1/session")
everything = sorted(asked(), key=lambda one: one[:2] in SESSION_ENDS)  # those at the end
routes = {(method, template) for method, template, *_ in everything}
ok(len(routes) > 80, f"{len(routes)} addresses, {len(everything)} with what they name")

wrong = collections.defaultdict(list)
refused = collections.Counter()
strangers_tried = 0
headers_for = {}
for method, template, path, values, states, command, roles, operation, body in everything:
    extra = dict(tus) if "/uploads" in template else {}
    if method == "POST" and template.endswith("/uploads"):
        extra["Upload-Length"] = "4"
    if method == "PATCH" and "/uploads/" in template:
        extra.update({"Upload-Offset": "4", "Content-Type": "application/offset+octet-stream"})
    data = b"" if method == "PATCH" and "/uploads/" in template else body
    headers_for[method, path] = (extra, data)
    needs = operation.get("security") is None
    cookie = {"Cookie": "__Host-session=" + first["supervisor"].token}
    unsafe = method not in ("GET", "HEAD", "OPTIONS")
    tries = [("no session", {}, 401, "NotSignedIn"), ("a session that has ended", {"Authorization": "Bearer " + stale_token}, 401, "NotSignedIn"),
             ("a session that never was", {"Authorization": "Bearer " + "A" * 43}, 401, "NotSignedIn")]
    if unsafe:
        tries += [("a cookie alone", cookie, 403, "MissingCsrfToken"),
                  ("another's header token", {**cookie, "X-CSRF-Token": first["handler"].csrf}, 403, "MissingCsrfToken"),
                  ("from another site", {**cookie, "X-CSRF-Token": first["supervisor"].csrf, "Sec-Fetch-Site": "cross-site"}, 403, "CrossSite")]
    for why, headers, want, name in tries:
        if not needs and why != "from another site":
            continue
        status, said = stale.raw(method, path, data, {**headers, **extra})
        strangers_tried += why.startswith("a session") and status == 401
        kind = said.get("type", "").rsplit(":", 1)[-1] if isinstance(said, dict) else ""
        if status != want or (method != "HEAD" and kind != name):
            wrong["strangers"].append((method, path, why, status, kind))
ok(not wrong["strangers"], "without a session, with a dead one, without the header token, from elsewhere: refused everywhere",
   wrong["strangers"][:5])


def ask_http(caller, method, path, operation):
    """(status, problem's name or ""): of the job, where there is one."""
    extra, data = headers_for[method, path]
    status, said = caller.raw(method, path, data, {"Authorization": "Bearer " + caller.token, **extra})
    if status == 202:
        told = job_of(caller, said["job"])
        return 202, told.get("problem", {}).get("type", "").rsplit(":", 1)[-1]
    if status >= 400 and method == "HEAD":
        return status, {403: "NotYourRole", 404: "NotFound"}.get(status, "")
    return status, said.get("type", "").rsplit(":", 1)[-1] if status >= 400 and isinstance(said, dict) else ""


compared = 0
for method, template, path, values, states, command, roles, operation, body in everything:
    for role in ROLES:
        caller = first[role]
        if (method, template) in SESSION_ENDS:
            if role == "party":
                continue  # a pass opens one session
            caller.sign_in()
        may = roles is None or role in roles
        safe = method in ("GET", "HEAD", "OPTIONS") or "x-strongroom-commands" in operation
        # What somebody may do to a living thing is done in other tests; here it would change what is asked next.
        if may and not safe and not states <= INERT | {"none"} and role not in ("handler", "supervisor", "party"):
            continue
        where = (role, method, path)
        status, name = ask_http(caller, method, path, operation)
        # A wrong password is told among those who have no session.
        if name != "WrongPassword" and (status == 403 or (status == 202 and name == "NotYourRole")):
            refused[caller.user or "party"] += 1
        # Of what is another's, a command may say the same to a role that has it.
        if command and name != "NotYourRole" and not may or name == "NotYourRole" and may and states <= {"unknown", "none"}:
            wrong["roles"].append((*where, status, name))
        if status >= 500 and status != 501 and not (name == "Busy" and template.endswith("/applications")):
            wrong["failures"].append((*where, status, name))
        if status == 401 and not (method, template) in SESSION_ENDS and operation.get("security") is None:
            wrong["signed out"].append((*where, status, name))
        if not command or command in NOT_THERE or roles is None or not (safe or name) or "x-strongroom-commands" in operation:
            continue
        parameters = AT_SOCKET.get(template, lambda v: v)(values)
        parameters = {key: int(value) if key == "seq" else value for key, value in parameters.items()} | (body or {})
        there = keeper(command, parameters, caller.token)
        compared += 1
        if there != name and not (there in ("Invalid", "NotFound") and name in ("Invalid", "NotFound", "NoSuchPath")):
            wrong["states"].append((*where, f"HTTP {status} {name}", f"keeper {there}"))
        elif there != name and {there, name} != {"NotFound", "NoSuchPath"}:
            wrong["states"].append((*where, f"HTTP {status} {name}", f"keeper {there}"))
for role in PEOPLE:
    first[role].sign_in()
total = len(everything) * len(ROLES)
ok(not wrong["roles"], f"each role may exactly what the keeper's table says ({total} attempts)", wrong["roles"][:8])
ok(not wrong["states"], f"in each state HTTP answers what the keeper answers at its socket ({compared} compared)", wrong["states"][:8])
ok(not wrong["failures"], "and nothing of it is a failure of the server", wrong["failures"][:8])
ok(not wrong["signed out"], "nobody's session was ended by it", wrong["signed out"][:8])
ok(compared > 500, "many are compared", compared)
others = [f"/api/v1/grants/{things['grant']['live']}", f"/api/v1/grants/{things['grant']['live']}/cases/{CASE}/members/1",
          f"/api/v1/drafts/{things['draft']['open']}", f"/api/v1/jobs/{things['job']['anothers']}"]
wrong_others = [(role, path) for path in others for role in ("handler", "supervisor", "party")
                if first[role].raw("GET", path)[0] not in (403, 404)]
ok(not wrong_others, "another's grant, member, draft and job are nobody else's", wrong_others)
seen = first["supervisor"].raw("HEAD", f"/api/v1/uploads/{things['upload']['anothers']}", None,
                               {**tus, "Authorization": "Bearer " + first["handler"].token})[0]
ok(seen == 404, "nor is another's upload", seen)
state = handler.raw("HEAD", f"/api/v1/uploads/{things['upload']['anothers']}", None,
                    {**tus, "Authorization": "Bearer " + handler.token})[0]
lives = supervisor.call("GET", "/api/v1/grants?grant=" + things["grant"]["live"])["grants"][0]["state"]
drafts = {d["draft"]: d["state"] for d in handler.call("GET", "/api/v1/drafts")["drafts"]}
ok(state == 200 and lives == "live" and drafts.get(things["draft"]["open"]) == "open",
   "and after all that nothing of another's has changed", (state, lives, drafts))
with open(FOLDER + "/refused.json", "w", encoding="utf-8") as file:
    json.dump({"users": refused, "strangers": strangers_tried}, file)
sys.exit(failures != 0)
