# SPDX-License-Identifier: Apache-2.0
"""The promises of docs/ARCHITECTURE.md ("What must hold of the processes"), judged from the outside: by the published
log alone (tests/integration/tlog_reader.py), the bytes in the vault, and what people were told while it went on."""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

from lab import ROOT
from load import MARK

sys.path.insert(0, str(ROOT / "tests/integration"))
import tlog_reader  # noqa: E402

# Between the answer to a revocation and the last read that may have been begun, on a machine that may hold up any
# process for seconds (test-mount measures the 100 ms).  Readings are held for longer, so one that goes on is seen.
CUT_S = 5.0
CHUNK, TAG, HEAD = 65536, 16, 200  # age: HEAD bytes before the payload of one X25519 stanza: header 184, nonce 16


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Judge:
    def __init__(self, lab, notes):
        self.lab, self.notes, self.failures = lab, notes, 0

    def say(self, name, wrong):
        """One line for one promise; `wrong` is the list of what breaks it."""
        wrong = list(wrong)
        print(("not ok - " if wrong else "ok - ") + name, flush=True)
        for line in wrong[:10]:
            print(f"#   {line}")
        self.failures += bool(wrong)

    # --- the log -------------------------------------------------------------------------------------

    def read_log(self):
        key = (self.lab.data / "keys/ledger.vkey").read_text().strip()
        self.key = key
        size, root, texts = tlog_reader.check_log(self.lab.data / "ledger", key)
        self.texts, self.leaves = texts, [tlog_reader.leaf_hash(text) for text in texts]
        self.entries = [json.loads(text) for text in texts]
        print(f"# the log has {size} entries, root {root.hex()}")

    def root_at(self, size):
        return tlog_reader.tree_hash(self.leaves[:size])

    def checkpoints(self):
        for note in self.notes.checkpoints[::max(1, len(self.notes.checkpoints) // 60)] + self.notes.checkpoints[-1:]:
            size, root = tlog_reader.open_checkpoint(note, self.key)
            if size > len(self.leaves) or self.root_at(size) != root:
                yield f"a checkpoint of {size} entries is not of this log"

    def receipts(self):
        for text in self.notes.receipts:
            try:
                entry = tlog_reader.check_receipt(text, self.key)
            except tlog_reader.Wrong as wrong:
                yield f"receipt: {wrong}"
                continue
            size, root = tlog_reader.open_checkpoint(text.partition(b"\n\n")[2], self.key)
            if self.texts[json.loads(entry)["seq"]] != entry or self.root_at(size) != root:
                yield f"the receipt of entry {json.loads(entry)['seq']} is not of this log"

    # --- the state machine, replayed -----------------------------------------------------------------

    def replay(self):
        self.roles, self.parts, self.requests, self.grants = {}, {}, {}, {}
        self.proposals, self.opened, self.closed, self.ended = {}, {}, {}, {}
        last = ""
        salts = set()
        for seq, entry in enumerate(self.entries):
            if entry["seq"] != seq or entry["time"] < last or entry["salt"] in salts:
                yield f"entry {seq}: seq, time or salt"
            last = entry["time"]
            salts.add(entry["salt"])
            handler = getattr(self, "on_" + entry["type"].replace(".", "_"), None)
            for why in (handler(entry) if handler else ()) or ():
                yield f"entry {seq} ({entry['type']}): {why}"
        for seq in self.opened.keys() - self.closed.keys():
            yield f"opening {seq} was never closed"

    def on_user_proposed(self, e):
        self.proposals[e["proposal"]] = e

    def on_user_confirmed(self, e):
        proposal = self.proposals.pop(e["proposal"], None)
        if not proposal:
            yield "nobody proposed it"
        elif e["actor"] and proposal["actor"] and e["actor"]["user"] == proposal["actor"]["user"]:
            yield "by the proposer"
        if proposal and proposal.get("role"):
            self.roles[e["user"]] = proposal["role"]

    def on_case_sealed(self, e):
        if (e["case"], e["part"]) in self.parts:
            yield "sealed twice"
        self.parts[e["case"], e["part"]] = e

    def on_request_filed(self, e):
        self.requests[e["request"]] = e

    def on_request_decided(self, e):
        request = self.requests.get(e["request"])
        if not request:
            yield "no such request"
            return
        if self.roles.get(e["official"]) != "official" or e["official"] in (request.get("reader"),
                                                                            request["actor"]["user"]):
            yield f"decided by {e['official']}"
        if e.get("grant"):
            grant = {"cases": request["cases"], "channels": request["channels"], **e}
            if not set(grant["cases"]) <= set(request["cases"]) or not set(grant["channels"]) <= set(request["channels"]):
                yield "wider than the request"
            self.grants[e["grant"]] = grant

    def end_grant(self, e):
        if e["grant"] in self.ended or e["grant"] not in self.grants:
            yield "no live grant"
        self.ended[e["grant"]] = e

    on_grant_revoked = on_grant_returned = end_grant

    def on_access_opened(self, e):
        self.opened[e["seq"]] = e
        grant = self.grants.get(e["grant"])
        if not grant:
            yield "no such grant"
            return
        without = {(one["case"], n) for one in grant.get("without") or () for n in one["members"]}
        checks = {"the grant has ended": e["grant"] in self.ended, "before or after the grant": not
                  moment(grant["from"]) <= moment(e["time"]) < moment(grant["until"]), "another reader": e["actor"]["user"] != grant["reader"],
                  "another case": e["case"] not in grant["cases"], "another channel": e["channel"] not in grant["channels"],
                  "a member that was taken away": (e["case"], e["member"]) in without,
                  "no such part": (e["case"], e["part"]) not in self.parts,
                  "not whom it was approved by": grant["official"] not in e["approved_by"]}
        yield from (why for why, bad in checks.items() if bad)

    def on_access_closed(self, e):
        opening = self.opened.get(e["opened"])
        if not opening or e["opened"] in self.closed:
            yield "closes nothing that is open"
        elif any(e[key] != opening[key] for key in ("grant", "case", "part", "member")):
            yield "closes something else"
        if sum(last - first + 1 for first, last in e["ranges"]) > e["bytes"]:
            yield "ranges of more bytes than were given out"
        self.closed[e["opened"]] = e

    # --- what people were told -----------------------------------------------------------------------

    def promised(self):
        sealed = {e["case"]: e for e in self.parts.values()}
        for case in self.notes.cases:
            entry = sealed.get(case.id)
            if not entry or entry["number"] != case.number or (case.seal and entry["seal"] != case.seal):
                yield f"{case.number} was said to be sealed"
        for request in self.notes.requests:
            if request not in self.requests:
                yield f"{request} was said to be filed"
        for grant in self.notes.grants:
            if grant.name not in self.grants:
                yield f"{grant.name} was said to be granted"
        for name in self.notes.revocations:
            if name not in self.ended:
                yield f"{name} was said to be revoked"

    def numbers(self):
        """Number of each member in its case, as the catalogue has it."""
        self.number = {}
        for case in self.notes.cases:
            done = self.lab.run("archivist", "--json", "show", case.id)
            if done.returncode == 0:
                for part in json.loads(done.stdout)["parts"]:
                    for row in (part.get("catalogue") or {}).get("members", ()):
                        self.number[case.id, row["path"]] = row["number"]

    def readings(self):
        """Every reading that gave bytes has its entry.  Mount and cat: an entry each; HTTPS: one covers a minute."""
        entries, seen = {}, {}
        for e in self.opened.values():
            channel = "web" if e["channel"] == "web" else "fs"
            key = (channel, e["grant"], e["case"], e["member"])
            entries[key] = entries.get(key, 0) + 1
        for channel, grant, case, path, _, _ in self.notes.reads:
            key = ("web" if channel == "web" else "fs", grant.name, case.id, self.number.get((case.id, path)))
            if key[3] is None:
                if not case.flipped:
                    yield f"{case.number} {path} was read and is in no catalogue"
                continue
            seen[key] = 1 if channel == "web" else seen.get(key, 0) + 1
        for key, count in seen.items():
            if entries.get(key, 0) < count:
                yield f"{key}: read {count} times, {entries.get(key, 0)} entries"

    def after_revocation(self):
        latest = 0.0
        for channel, grant, case, path, began, last in self.notes.reads:
            if grant.revoked:
                latest = max(latest, last - grant.revoked)
                if began > grant.revoked or last > grant.revoked + CUT_S:
                    yield f"{channel}: {grant.name} {path}: opened {began - grant.revoked:+.3f} s, read {last - grant.revoked:+.3f} s"
        print(f"# the latest read that gave bytes was begun {max(0.0, latest) * 1000:.0f} ms after its revocation was answered")

    # --- the vault -----------------------------------------------------------------------------------

    def vault(self):
        """Exactly one archive for each case.sealed, under its name, read-only; nothing else, nothing half-written."""
        want = {str(self.lab.archive(case, part).relative_to(self.lab.data / "vault")) for case, part in self.parts}
        have = set()
        for path in (self.lab.data / "vault").rglob("*"):
            if path.is_file():
                have.add(str(path.relative_to(self.lab.data / "vault")))
                if path.stat().st_mode & 0o7777 != 0o400:
                    yield f"{path}: mode {path.stat().st_mode:o}"
        yield from (f"{name} is in the log and not in the vault" for name in want - have)
        yield from (f"{name} is in the vault and not in the log" for name in have - want)

    def archives(self):
        """`verify --all`, and for some the verifier of standard tools: damage where a bit was flipped, nowhere else."""
        done = self.lab.run("auditor", "--json", "verify", "--all", timeout=900)
        flips = {case.id: case.flipped for case in self.notes.cases}
        if done.returncode != (6 if any(flips.values()) else 0):
            yield f"verify --all: exit {done.returncode}: {done.stderr[-300:]}"
            return
        told = {pathlib.Path(a["archive"]).name: a for a in json.loads(done.stdout)["archives"]}
        for case in self.parts:
            name = self.lab.archive(*case).name
            flipped = flips.get(case[0], [])
            archive = told.get(name)
            if not archive or archive["ok"] == bool(flipped):
                yield f"{name}: flipped {flipped}, and verify says {archive and archive['damage']}"
                continue
            where = flipped[0][1] if flipped else None
            if where and where.startswith("data/") and {d["member"] for d in archive["damage"]} != {where}:
                yield f"{name}: flipped in {where}, and verify says {archive['damage']}"
        for case, _ in sorted(self.parts)[::max(1, len(self.parts) // 12)]:
            yield from self.standard_tools(case, flips.get(case, []))

    def standard_tools(self, case, flipped):
        done = subprocess.run(["sh", str(ROOT / "tools/strongroom-verify"), str(self.lab.archive(case)),
                               str(self.lab.data / "keys/root.pem")], capture_output=True, text=True, check=False)
        between = flipped and not flipped[0][1]  # what lies between the files is nothing to it
        if not between and (done.returncode == 0) == bool(flipped):
            yield f"strongroom-verify {case}: exit {done.returncode}, flipped {flipped}: {done.stdout[-300:]}"

    def plaintext(self):
        """Neither what was sealed nor a password stands in the log, database, vault or messages; no core files."""
        secrets = [MARK] + [word.encode() for word in self.lab.passwords.values()]
        for folder, _, names in os.walk(self.lab.disk):
            if "/staging" in folder:  # drafts, in clear as documented
                continue
            for name in names:
                path = os.path.join(folder, name)
                if re.match(r"core(\.|$)", name):
                    yield f"{path}: a core file"
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                yield from (f"{path} has {one!r}" for one in secrets if one in data)
        messages = (self.lab.work / "serve.err").read_bytes()
        yield from (f"the messages of serve have {one!r}" for one in secrets if one in messages)

    # --- every byte once more ------------------------------------------------------------------------

    def every_byte(self, read):
        """read(case, path) -> reader.py's answer, under a fresh grant for everything."""
        for case in self.notes.cases:
            offset, where, _ = case.flipped[0] if case.flipped else (None, None, None)
            for i, path in enumerate(case.members):
                told = read(case, path)
                mine = where == f"data/{self.number.get((case.id, path), i + 1):06}.age"
                if told.get("wrong"):
                    yield f"{case.number} {path}: {told['wrong']}"
                elif not case.flipped and (told.get("errno") or told.get("ended") or told["bad"] or told["short"]):
                    yield f"{case.number} {path}: {told}"
                elif mine and not told.get("errno") and not self.is_damage(told, self.bad_chunk(case, where, offset)):
                    yield f"{case.number} {path}: flipped at {offset} of {where}: EIO at {told['bad']}"

    @staticmethod
    def is_damage(told, chunk):
        """That chunk alone; None: the header, and then nothing of the member is read."""
        return told["bytes"] == 0 if chunk is None else told["bad"] == [chunk]

    def bad_chunk(self, case, where, offset):
        with tarfile.open(self.lab.archive(case.id)) as tar:
            member = next(m for m in tar if m.name.endswith("/" + where))
        at = offset - member.offset_data - HEAD
        return at // (CHUNK + TAG) * CHUNK if at >= 0 else None
