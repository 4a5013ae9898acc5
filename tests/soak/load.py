# SPDX-License-Identifier: Apache-2.0
"""What people do all the time: seal, gather drafts over HTTPS, ask, decide, read in three ways, revoke, verify, fetch
receipts.  Every answer that promises something is written down in `Notes` and judged at the end."""
import base64
import hashlib
import http.client
import json
import random
import shutil
import subprocess
import threading
import time

from lab import ROOT, Web

MARK = b"PLAINTEXT-OF-A-SEALED-MEMBER-"  # must be nowhere but in the sources
WEB_TROUBLE = (OSError, http.client.HTTPException, ValueError, KeyError)


class Case:
    def __init__(self, number, folder, members):
        self.number, self.folder, self.members = number, folder, members  # members: paths in order
        self.id, self.seal = None, None
        self.flipped, self.turned = [], False  # (offset, name in the tar, mask), from before it is done; it is done

    def source(self, path):
        return self.folder / path


class Grant:
    def __init__(self, name, reader, cases):
        self.name, self.reader, self.cases = name, reader, cases
        self.made = time.monotonic()
        self.revoking, self.revoked = False, None  # revoked: when the answer came


class Notes:
    """What was promised, and what was seen."""

    def __init__(self):
        self.lock = threading.Lock()
        self.cases, self.grants = [], []
        self.requests, self.revocations = [], []  # answered
        self.receipts, self.checkpoints = [], []
        self.reads = []    # (channel, grant, case, path, began, last)
        self.wrong = []    # broken promises
        self.counts = {}
        self.lives = 0     # of fs, keeper, supervisor: grows before and after one ends, so it is odd meanwhile

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + n

    def broken(self, what):
        with self.lock:
            self.wrong.append(what)

    def sealed(self):
        with self.lock:
            return [case for case in self.cases if case.id]

    def live(self, reader, now):
        with self.lock:
            return [g for g in self.grants if g.reader == reader and g.revoked is None and not g.revoking
                    and now - g.made < 600]


# --- cases -----------------------------------------------------------------------------------------

def make_case(lab, rng, number):
    """A correct case: a document, a photograph with its explanation, and up to four further documents."""
    folder = lab.sources / number.replace("〔", "-").replace("〕", "-")
    description = json.loads((ROOT / "tests/integration/small-case.json").read_text(encoding="utf-8"))
    description["number"] = number
    files = {"documents/001 立案审批表.pdf": b"%PDF-1.4\n% " + number.encode() + MARK,
             "media/现场照片.jpg": b"\xff\xd8\xff\xe0photo " + MARK + rng.randbytes(rng.choice((100, 70000, 1 << 20))),
             "explanations/现场照片.md": "# 文字说明\n\n虚构样例。\n".encode() + MARK}
    for i in range(rng.randrange(5)):
        path = f"documents/b{i:02}.txt"
        files[path] = MARK + rng.randbytes(rng.choice((0, 1, 65536, 200001, 3 << 20))).hex().encode()
        description["members"].append({"path": path, "class": "document", "kind": "other", "title": f"件{i}"})
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "case.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)
    return Case(number, folder, [m["path"] for m in description["members"]])


def learn(lab, case):
    """A case whose sealing was not answered, or was sealed already: what the appliance says of it."""
    done = lab.run("archivist", "--json", "find", "--number", case.number)
    if done.returncode != 0:
        return False
    found = json.loads(done.stdout)["cases"]
    if found:
        case.id = found[0]["case"]
    return bool(found)


def took(lab, notes, case, done):
    """After a sealing that was asked for: True when the case is sealed."""
    if done.returncode == 0:
        told = json.loads(done.stdout)
        case.id, case.seal = told["case"], told["seal"]
    elif not learn(lab, case):
        return False
    with notes.lock:
        notes.cases.append(case)
    notes.count("cases sealed")
    return True


class Worker(threading.Thread):
    """One kind of work with a random generator of its own, so that a seed gives the same decisions again."""

    def __init__(self, name, seed, lab, notes, pause):
        super().__init__(name=name, daemon=True)
        self.rng, self.lab, self.notes, self.pause = random.Random(f"{seed}/{name}"), lab, notes, pause

    def run(self):
        while not self.lab.ended.is_set():
            try:
                self.work()
            except WEB_TROUBLE as trouble:  # whoever is cut off tries again
                self.notes.count(f"{self.name}: cut off")
                self.trouble = trouble
            self.lab.ended.wait(self.pause * self.rng.uniform(0.5, 1.5))


class Sealer(Worker):
    n = 0

    def work(self):
        Sealer.n += 1
        case = make_case(self.lab, self.rng, f"样医保罚〔2025〕{Sealer.n}号")
        for _ in range(20):
            cut = self.rng.uniform(0.01, 0.4) if self.rng.random() < 0.15 else None
            done = self.lab.run("archivist", "--json", "seal", case.folder, kill_after=cut)
            if took(self.lab, self.notes, case, done) or self.lab.ended.wait(0.5):
                return
        shutil.rmtree(case.folder)


class Drafter(Worker):
    """A handler over HTTPS: tus uploads in pieces, some connections cut in the middle of one; an archivist seals."""
    n = 0

    def __init__(self, *words):
        super().__init__(*words)
        self.web = Web(self.lab, "handler")
        self.left = []  # addresses of what was begun and not finished

    def clear(self):
        """Who begins anew puts away what is left of the last time."""
        for url in self.left:
            self.web.ask("DELETE", url, None, {"Tus-Resumable": "1.0.0"})
        self.left = []

    def need(self, want, method, path, body=None, headers=None):
        status, fields, data = self.web.ask(method, path, body, headers)
        if status not in want:
            raise ValueError(f"{method} {path}: {status} {data[:200]!r}")
        return fields, json.loads(data) if data[:1] == b"{" else {}

    def cut_piece(self, url, at, piece):
        """Half a piece, then the connection breaks; nobody answers."""
        link = self.web.connect(5)
        link.putrequest("PATCH", url)
        for name, value in self.web.headers({"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream",
                                             "Upload-Offset": str(at), "Content-Length": str(len(piece))}).items():
            link.putheader(name, value)
        link.endheaders()
        link.send(piece[:len(piece) // 2])
        link.sock.close()
        self.notes.count("uploads cut")

    def offset(self, url):
        fields, _ = self.need((200,), "HEAD", url, None, {"Tus-Resumable": "1.0.0"})
        return int(fields["Upload-Offset"])

    def upload(self, data):
        tus = {"Tus-Resumable": "1.0.0"}
        fields, _ = self.need((201,), "POST", "/api/v1/uploads", b"", {**tus, "Upload-Length": str(len(data))})
        url, at, tries = fields["Location"], 0, 0
        self.left.append(url)
        while at < len(data):
            piece = data[at:at + self.rng.choice((65536, 400000, 1 << 20))]
            if self.rng.random() < 0.15:
                self.cut_piece(url, at, piece)
            try:
                sha1 = base64.b64encode(hashlib.sha1(piece).digest()).decode()
                self.need((204,), "PATCH", url, piece, {
                    **tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(at),
                    "Upload-Checksum": "sha1 " + sha1})
                at += len(piece)
            except WEB_TROUBLE:
                tries += 1
                if tries > 20 or self.lab.ended.wait(0.3):
                    raise
                before, at = at, self.offset(url)
                if at > before + len(piece):
                    self.notes.broken(f"an upload has {at} bytes, {before + len(piece)} were sent")
        return url

    def work(self):
        self.clear()
        Drafter.n += 1
        case = make_case(self.lab, self.rng, f"样医保检〔2025〕{Drafter.n}号")
        draft = self.need((201,), "POST", "/api/v1/drafts", {})[1]["draft"]
        self.left.append(f"/api/v1/drafts/{draft}")
        for path in case.members:
            url = self.upload(case.source(path).read_bytes())
            self.need((201,), "POST", f"/api/v1/drafts/{draft}/members", {"path": path, "upload": url})
            self.left.remove(url)
        description = json.loads((case.folder / "case.json").read_text(encoding="utf-8"))
        self.need((200, 204), "PATCH", f"/api/v1/drafts/{draft}", {"description": description})
        self.need((200,), "POST", f"/api/v1/drafts/{draft}/submit")
        self.left = []
        for _ in range(20):
            if took(self.lab, self.notes, case, self.lab.run("archivist", "--json", "draft", "seal", draft)):
                self.notes.count("drafts sealed")
                return
            if self.lab.ended.wait(0.5):
                return


# --- requests, decisions, revocations --------------------------------------------------------------

class Granter(Worker):
    def work(self):
        now = time.monotonic()
        reader = self.rng.choice(("reader", "other"))
        cases = self.notes.sealed()
        if not cases or len(self.notes.live(reader, now)) >= 4:
            return
        chosen = self.rng.sample(cases, min(len(cases), self.rng.randrange(1, 4)))
        words = [word for case in chosen for word in ("--case", case.id)]
        done = self.lab.run(reader, "--json", "request", "new", *words, "--purpose", "supervision", "--reason",
                            "年度监督", "--channel", "fs,web", "--days", str(self.rng.randrange(2, 30)))
        if done.returncode != 0:
            return
        request = json.loads(done.stdout)["request"]
        with self.notes.lock:
            self.notes.requests.append(request)
        more = ["--no-cache"] if self.rng.random() < 0.3 else []
        done = self.lab.run("official", "--json", "decide", request, "approve", *more)
        if done.returncode != 0:
            return
        with self.notes.lock:
            self.notes.grants.append(Grant(json.loads(done.stdout)["grant"], reader, chosen))
        self.notes.count("grants")


class Revoker(Worker):
    def work(self):
        now = time.monotonic()
        live = [g for who in ("reader", "other") for g in self.notes.live(who, now) if now - g.made > 5]
        if len(live) < 3:
            return
        grant = self.rng.choice(live)
        grant.revoking = True
        done = self.lab.run("official", "grant", "revoke", grant.name, "--reason", "试验")
        if done.returncode == 0:
            grant.revoked = time.monotonic()
            with self.notes.lock:
                self.notes.revocations.append(grant.name)
            self.notes.count("grants revoked")


# --- reading ---------------------------------------------------------------------------------------

class Reader(Worker):
    """Reads members of live grants, and tries those of revoked ones."""

    def choose(self, who):
        with self.notes.lock:
            mine = [g for g in self.notes.grants if g.reader == who]
        ended = [g for g in mine if g.revoked]
        live = [g for g in mine if not g.revoked and not g.revoking]
        pool = ended[-5:] if ended and self.rng.random() < 0.15 else live
        if not pool:
            return None
        grant = self.rng.choice(pool)
        case = self.rng.choice(grant.cases)
        return grant, case, self.rng.choice(case.members)

    def saw(self, channel, grant, case, path, began, last):
        """Bytes came: `began` and `last` are when the opening and the last read that gave any were begun."""
        with self.notes.lock:
            self.notes.reads.append((channel, grant, case, path, began, last))
        self.notes.count(f"reads by {channel}")


class MountReader(Reader):
    def __init__(self, *words, who):
        super().__init__(*words)
        self.who = who
        user = self.lab.users[who]
        script = self.lab.work / "reader.py"
        self.process = subprocess.Popen(["/usr/bin/python3", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[])

    def work(self):
        chosen = self.choose(self.who)
        if not chosen:
            return
        grant, case, path = chosen
        lives = self.notes.lives
        order = {"path": str(self.lab.mnt / grant.name / case.number / path), "source": str(case.source(path)),
                 "seed": self.rng.random(), "hold": self.rng.choice((0, 0, 0, 2, 15))}
        told = self.ask(order)
        if told.get("wrong"):
            self.notes.broken(f"mount: {grant.name} {case.number} {path}: not the source's bytes: {told['wrong']}")
        undisturbed = lives == self.notes.lives and lives % 2 == 0
        if told.get("short") and undisturbed and not case.flipped and not grant.revoking:
            self.notes.broken(f"mount: {grant.name} {case.number} {path}: short reads at {told['short']}")
        if told.get("last") is None:
            return
        # What lay in the page cache when fs was killed stays readable for whoever has the file open (docs/FILESYSTEM.md).
        last = told["began"] if lives != self.notes.lives else told["last"]
        self.saw("mount", grant, case, path, told["began"], last)

    def ask(self, order):
        """What reader.py says of it."""
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            self.notes.broken(f"{self.name}: reader.py has ended")
            raise


class CatReader(Reader):
    def work(self):
        chosen = self.choose("reader")
        if not chosen:
            return
        grant, case, path = chosen
        began = time.monotonic()
        cut = self.rng.uniform(0.02, 0.3) if self.rng.random() < 0.2 else None
        done = self.lab.run("reader", "cat", grant.name, case.id, path, kill_after=cut)
        want = case.source(path).read_bytes()
        if not want.startswith(done.stdout) or (done.returncode == 0 and done.stdout != want):
            self.notes.broken(f"cat: {grant.name} {case.number} {path}: {len(done.stdout)} bytes that are not the source's")
        if done.stdout:
            self.saw("cat", grant, case, path, began, began)


class WebReader(Reader):
    def __init__(self, *words, who):
        super().__init__(*words)
        self.who, self.web, self.numbers = who, Web(self.lab, who), {}

    def number(self, grant, case, path):
        if (case.id, path) not in self.numbers:
            status, _, data = self.web.ask("GET", f"/api/v1/grants/{grant.name}")
            if status == 200:
                for one in json.loads(data)["cases"]:
                    for row in one.get("members", ()):
                        self.numbers[one["case"], row["path"]] = row["number"]
        return self.numbers.get((case.id, path))

    def work(self):
        chosen = self.choose(self.who)
        if not chosen:
            return
        grant, case, path = chosen
        number = self.number(grant, case, path)
        if not number:
            return
        want = case.source(path).read_bytes()
        headers, at, end = {}, 0, len(want)
        if want and self.rng.random() < 0.5:
            at = self.rng.randrange(len(want))
            end = min(len(want), at + self.rng.choice((1, 1000, 300000)))
            headers["Range"] = f"bytes={at}-{end - 1}"
        url = f"/api/v1/grants/{grant.name}/cases/{case.id}/members/{number}"
        began = time.monotonic()
        try:
            status, _, got = self.web.ask("GET", url, None, headers)
        except http.client.IncompleteRead as cut:
            status, got = 0, cut.partial
        if status not in (0, 200, 206):
            return
        whole = got == want[at:end]
        if not want[at:end].startswith(got) or (status and not whole):
            self.notes.broken(f"web: {grant.name} {case.number} {path}: {len(got)} bytes that are not the source's")
        if got:
            self.saw("web", grant, case, path, began, began)


# --- verifying -------------------------------------------------------------------------------------

class Verifier(Worker):
    def work(self):
        cases = self.notes.sealed()
        if not cases:
            return
        case = self.rng.choice(cases)
        turned = case.turned
        lives = self.notes.lives
        done = self.lab.run("archivist", "--json", "verify", case.id)
        if done.returncode == 6 and not case.flipped and lives == self.notes.lives:
            self.notes.broken(f"verify: {case.number} is called damaged, nobody touched it: {done.stdout[-300:]!r}")
        if done.returncode == 0 and turned:
            self.notes.broken(f"verify: {case.number} is called whole, byte {case.flipped[0]} was flipped")
        if done.returncode in (0, 6):
            self.notes.count("cases verified")


class Prover(Worker):
    """Receipts, and the published checkpoint as anybody sees it."""
    seen = 0

    def work(self):
        try:
            note = (self.lab.data / "ledger/checkpoint").read_bytes()
        except OSError:
            return
        size = int(note.split(b"\n")[1])
        if size != self.seen:
            self.seen = size
            self.notes.checkpoints.append(note)
        if self.rng.random() < 0.3 and size:
            done = self.lab.run("auditor", "ledger", "prove", self.rng.randrange(size))
            if done.returncode == 0:
                self.notes.receipts.append(done.stdout)
                self.notes.count("receipts")


def crew(seed, lab, notes):
    """Everybody at work."""
    def words(name, pause):
        return name, seed, lab, notes, pause
    return [Sealer(*words("sealer", 1.5)), Drafter(*words("drafter", 2)), Granter(*words("granter", 0.6)),
            Revoker(*words("revoker", 2)), MountReader(*words("mount reader", 0.1), who="reader"),
            MountReader(*words("other mount reader", 0.1), who="other"), CatReader(*words("cat reader", 0.7)),
            WebReader(*words("web reader", 0.3), who="reader"), WebReader(*words("other web reader", 0.5), who="other"),
            Verifier(*words("verifier", 2.5)), Prover(*words("prover", 0.4))]
