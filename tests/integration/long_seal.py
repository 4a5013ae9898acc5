#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""long_seal.py PROGRAM DATA WORK SECRET CASE MEMBERS: seal WORK/long under `serve`, held by a clamd that is asked about
each member and by a time-stamp authority, and meanwhile open, close and revoke.  Prints "ok" lines."""
import atexit
import http.server
import json
import os
import queue
import socketserver
import struct
import subprocess
import sys
import threading
import time

from wire import Caller, Refused

program, data, work, secret, case, members = sys.argv[1:6] + [int(sys.argv[6])]
PATIENCE = 300  # of a machine that does much else; nothing below is judged by the time it took
asked, go = queue.Queue(), threading.Semaphore(0)
failures = 0


def ok(good, what):
    global failures
    failures += not good
    print(f"{'ok' if good else 'not ok'} - {what}", flush=True)


class Clamd(socketserver.StreamRequestHandler):
    """INSTREAM of clamd(8): whatever comes is clean, once it may be."""

    def handle(self):
        self.rfile.read(10)
        while True:
            (size,) = struct.unpack(">I", self.rfile.read(4))
            if size == 0:
                break
            self.rfile.read(size)
        asked.put("member")
        go.acquire(timeout=PATIENCE)
        self.wfile.write(b"stream: OK\0")


class Stamps(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        tsa = work + "/tsa"
        with open(tsa + "/q.tsq", "wb") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
        asked.put("stamp")
        go.acquire(timeout=PATIENCE)
        subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "q.tsq", "-signer", "t.pem", "-inkey",
                        "t.key", "-out", "q.tsr"], cwd=tsa, check=True, stderr=subprocess.DEVNULL)
        with open(tsa + "/q.tsr", "rb") as file:
            body = file.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def background(server):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def configure(lines):
    """Set keys of the configuration: {"url": …, "clamd": …}, each of which stands there once."""
    path = data + "/strongroom.conf"
    with open(path, encoding="utf-8") as file:
        text = file.read().splitlines()
    with open(path, "w", encoding="utf-8") as file:
        file.writelines((f"{key} = {lines[key]}" if (key := line.split("=")[0].strip()) in lines else line) + "\n" for line in text)


def new_grant(reader, official):
    request = reader("FileRequest", cases=[case], purpose="supervision", reason="年度监督", channels=["fs"])["request"]
    return official("DecideRequest", request=request, decision="approve")["grant"]


def read_and_revoke(reader, official, grant):
    """True when all went as it should."""
    reader.close_member(reader.open_member(grant, case, 2)["opened"])
    official("RevokeGrant", grant=grant, reason="异常")
    try:
        reader.open_member(grant, case, 2)
        return False
    except Refused as refused:
        return refused.name == "Revoked"


def connect():
    for _ in range(PATIENCE * 10):
        try:
            return Caller(data, "样例监督", secret, PATIENCE), Caller(data, "样例负责人", secret, PATIENCE)
        except (OSError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("not ok - the keeper does not answer")


def wait_asked(seal):
    """What the seal waits for now; it must wait."""
    for _ in range(PATIENCE):
        try:
            return asked.get(timeout=1)
        except queue.Empty:
            if seal.poll() is not None:
                raise ConnectionError(f"the seal ended with {seal.returncode}: {seal.stderr.read().decode()[-500:]}") from None
    raise ConnectionError("the seal stands still")


def main():
    background(socketserver.ThreadingUnixStreamServer(work + "/clamd", Clamd))
    stamps = background(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stamps))
    configure({"clamd": work + "/clamd", "url": f"http://127.0.0.1:{stamps.server_address[1]}/"})
    with open(work + "/serve.err", "wb") as log:
        serve = subprocess.Popen([program, "serve", "--no-api", "--no-fs"], stdout=log, stderr=log)
    atexit.register(serve.kill)
    reader, official = connect()
    grants = [new_grant(reader, official) for _ in range(members + 1)]
    seal = subprocess.Popen([program, "--as", "样例收卷", "--password-stdin", "--json", "seal", work + "/long"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seal.stdin.write(secret.encode() + b"\n")
    seal.stdin.close()
    atexit.register(seal.kill)
    held = []
    for grant in grants:
        held.append(wait_asked(seal))
        if not read_and_revoke(reader, official, grant) or seal.poll() is not None:
            ok(False, f"held at {held[-1]} {len(held)}: read, revoked, refused")
        go.release()
    ok(failures == 0, "each time a member was opened and closed, the grant revoked, and nothing opened under it any more")
    ok(held == ["member"] * members + ["stamp"], f"the seal was held at each of {members} members and at its stamp")
    out, err = seal.stdout.read(), seal.stderr.read()
    ok(seal.wait() == 0 and json.loads(out)["members"] == members, f"then the case was sealed {err.decode()[-300:]}".rstrip())
    serve.terminate()
    ok(serve.wait(timeout=PATIENCE) == 0, "and the appliance ends")


try:
    main()
except (Refused, ConnectionError) as error:
    ok(False, f"it broke off: {error!r}")
sys.exit(failures != 0)
