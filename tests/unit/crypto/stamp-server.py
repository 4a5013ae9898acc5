#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A time stamp authority on a free loopback port, for test_stamp_http alone.

stamp-server.py FOLDER: prints the port, answers with `openssl ts -reply` in FOLDER (tsa.conf, t.pem, t.key), well or
badly as the path says, and ends when standard input does.
"""
import http.server
import os
import subprocess
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()


def answer(query):
    """The openssl command's response to a query."""
    with lock:
        with open(os.path.join(folder, "q.tsq"), "wb") as out:
            out.write(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "q.tsq", "-signer", "t.pem", "-inkey", "t.key",
             "-out", "q.tsr"], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(folder, "q.tsr"), "rb") as made:
            return made.read()


def other_query(*options):
    """A query that the caller did not send."""
    return subprocess.run(["openssl", "ts", "-query", *options, "-cert", "-sha256"], cwd=folder, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def der_content(data):
    """Offset of the content of the DER element at the start of data."""
    return 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)


def head(tag, size):
    if size < 0x80:
        return bytes([tag, size])
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length


def with_status(response, status):
    """The response with another PKIStatusInfo, which nothing signs."""
    body = response[der_content(response):]
    token = body[der_content(body) + body[1]:]
    return head(0x30, len(status) + len(token)) + status + token


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, body, code=200, kind="application/timestamp-reply", **headers):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(b"POST only", 405)

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] != "application/timestamp-query":
            self.reply(b"", 415)
            return
        name = self.path.strip("/")
        if name == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.02)
            except OSError:
                return
        if name.startswith("hop"):
            left = int(name[3:])
            self.reply(b"", 307, Location="/hop%d" % (left - 1) if left > 1 else "/good")
            return
        bodies = {
            "good": lambda: answer(query),
            "text": lambda: with_status(answer(query), bytes.fromhex("300f020100300a0c08") + b"all good"),
            "mods": lambda: with_status(answer(query), bytes.fromhex("3003020101")),
            "reject": lambda: answer(other_query("-tspolicy", "1.9.9.9", "-data", "data")),
            "waiting": lambda: bytes.fromhex("30053003020103"),
            "nonce": lambda: answer(other_query("-data", "data")),
            "no-nonce": lambda: answer(other_query("-no_nonce", "-data", "data")),
            "imprint": lambda: answer(query.replace(query[22:56], query[22:24] + bytes(32))),
            "garbage": lambda: b"<html>sign in to the network first</html>",
            "empty": lambda: b"",
            "cut": lambda: answer(query)[:-1],
            "behind": lambda: answer(query) + b"x",
            "echo": lambda: query,
            "large": lambda: bytes(65537),
        }
        if name == "file":
            self.reply(b"", 302, Location="file:///etc/passwd")
        elif name == "missing":
            self.reply(b"no such page", 404)
        elif name == "error":
            self.reply(answer(query), 500)
        else:
            self.reply(bodies[name]())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
os.write(1, b"%d\n" % server.server_address[1])  # in one piece
sys.stdin.read()
