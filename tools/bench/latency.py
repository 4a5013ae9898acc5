#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""latency.py STRONGROOM DIR FOLDER SECONDS: openings and revocations while FOLDER is sealed, and while nothing is.

Makes an appliance below DIR, serves it, and calls the keeper over one connection for each person (docs/WIRE.md).  Every
tenth call is a revocation of a grant that was made before.  Prints a Markdown table; exit 1 when no opening succeeded
while the case was being sealed, or one took over SR_LATENCY_MAX_MS.
"""
import json
import os
import subprocess
import sys
import threading
import time

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(root, "tests/integration"))
from wire import Caller  # noqa: E402

strongroom, folder, large, seconds = sys.argv[1:]
data = os.path.join(folder, "data")
secret = "correct horse 马"
EVERY = 10  # calls; one of them a revocation


def run(*words, stdin=None):
    done = subprocess.run([strongroom, "--data", data, "--json", *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"strongroom {' '.join(words)}: {done.stderr.strip()}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def small_case(path, number):
    for name in ("documents", "media", "explanations"):
        os.makedirs(os.path.join(path, name))
    with open(os.path.join(root, "tests/integration/small-case.json"), encoding="utf-8") as source:
        case = json.load(source)
    case["number"] = number
    for member, head in zip(case["members"], (b"%PDF-1.4\n% sample\n", b"\xff\xd8\xff\xe0photo", "# 文字说明\n\n虚构样例。\n".encode())):
        with open(os.path.join(path, member["path"]), "wb") as out:
            out.write(head)
    with open(os.path.join(path, "case.json"), "w", encoding="utf-8") as out:
        json.dump(case, out, ensure_ascii=False)


def make_room():
    made = run("init", "--organ", "样例市医疗保障局", "--organ-code", "000000-YB", "--escrow-out", os.path.join(folder, "escrow"))
    security = next(user["password"] for user in made["users"] if user["user"] == "security")
    small_case(os.path.join(folder, "small"), "样医保罚〔2025〕1号")
    case = run("seal", os.path.join(folder, "small"))["case"]
    for user, role in (("样例负责人", "official"), ("样例监督", "supervisor")):
        run("user", "add", user, "--role", role, "--clearance", "privacy", "--password-stdin", stdin=secret + "\n")
        run("--as", "security", "--password-stdin", "user", "confirm", user, stdin=security + "\n")
    return case


def grant(reader, official, case):
    request = reader("FileRequest", cases=[case], purpose="supervision", reason="年度监督", channels=["fs"])["request"]
    return official("DecideRequest", request=request, decision="approve")["grant"]


class Phase:
    def __init__(self):
        self.openings, self.revocations = [], []

    def row(self, name, values):
        values = sorted(values)
        if not values:
            return f"| {name} | 0 | | | |"
        at = lambda share: f"{values[min(len(values) - 1, int(len(values) * share))] * 1000:.2f}"  # noqa: E731
        return f"| {name} | {len(values)} | {at(0.5)} | {at(0.99)} | {at(1)} |"


def measure(phase, reader, official, case, kept, to_revoke, go_on):
    count = 0
    while go_on():
        count += 1
        if count % EVERY == 0 and to_revoke:
            began = time.perf_counter()
            official("RevokeGrant", grant=to_revoke.pop(), reason="测量")
            phase.revocations.append(time.perf_counter() - began)
            continue
        began = time.perf_counter()
        answer = reader.open_member(kept, case, 2)
        phase.openings.append(time.perf_counter() - began)
        reader.close_member(answer["opened"])
        time.sleep(0.002)  # as readers do: the machine is not to be filled by the measurement itself


def main():
    case = make_room()
    server = subprocess.Popen([strongroom, "--data", data, "serve", "--no-api", "--no-fs"], stderr=subprocess.DEVNULL)
    try:
        while not os.path.exists(os.path.join(data, "run/keeper.sock")):
            time.sleep(0.05)
        reader, official = Caller(data, "样例监督", secret), Caller(data, "样例负责人", secret)
        kept = grant(reader, official, case)
        to_revoke = [grant(reader, official, case) for _ in range(400)]
        idle, sealing = Phase(), Phase()
        until = time.monotonic() + float(seconds)
        measure(idle, reader, official, case, kept, to_revoke[:200], lambda: time.monotonic() < until)
        seal = {}
        # The administrator at the owner's shell, for there is no archivist yet (docs/KEEPER.md, "First days").
        thread = threading.Thread(target=lambda: seal.update(run("seal", large)))
        began = time.monotonic()
        thread.start()
        measure(sealing, reader, official, case, kept, to_revoke[200:], thread.is_alive)
        thread.join()
        took = time.monotonic() - began
    finally:
        server.terminate()
        server.wait()
    if "members" not in seal:
        sys.exit("the case was not sealed")
    print(f"{seal['members']} members, {seal['bytes'] / 1e6:.0f} MB, sealed in {took:.1f} s; {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}\n")
    print("| | calls | median ms | p99 ms | most ms |")
    print("| --- | --- | --- | --- | --- |")
    print(idle.row("opening, nothing else", idle.openings))
    print(sealing.row("opening, while it is sealed", sealing.openings))
    print(idle.row("revocation, nothing else", idle.revocations))
    print(sealing.row("revocation, while it is sealed", sealing.revocations))
    most = float(os.environ.get("SR_LATENCY_MAX_MS", "inf"))
    if not sealing.openings or max(sealing.openings + sealing.revocations) * 1000 > most:
        sys.exit(1)


main()
