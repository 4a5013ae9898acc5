#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for clamd: speaks INSTREAM on a Unix socket (clamd(8)) and knows the EICAR string alone."""
import os
import socketserver
import struct
import sys

# In halves, so that scanners leave this file alone.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = int(os.environ.get("CLAMD_STREAM_MAX", "26214400"))


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while True:
            (size,) = struct.unpack(">I", self.rfile.read(4))
            if size == 0:
                break
            if len(data) + size > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
            data += self.rfile.read(size)
        self.wfile.write(b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0")


# Bound under another name first: whoever finds the final one can connect.
with socketserver.ThreadingUnixStreamServer(sys.argv[1] + ".new", Session) as server:
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()
