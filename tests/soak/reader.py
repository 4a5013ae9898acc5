#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads mounted files as the user that it runs as: a JSON object a line in, one out.

   {"path", "source", "seed", "hold": SECONDS}
   -> {"errno"}                                       it could not be opened
   -> {"began", "bytes", "last", "bad": […], "short": […], "wrong"}
                                                      last: when the last read that gave bytes was begun; bad: offsets
                                                      that gave EIO; short: reads that stopped before the end, as they
                                                      do before a page that fails; wrong: not the source's bytes, or an
                                                      end of the file where there is none
Times are CLOCK_MONOTONIC.
"""
import errno
import json
import os
import random
import sys
import time

CHUNK = 65536


def read_at(fd, want, at, size, told):
    began = time.monotonic()
    try:
        got = os.pread(fd, size, at)
    except OSError as error:
        if error.errno != errno.EIO:
            told["ended"] = error.errno
            return False
        told["bad"].append(at)
        return True
    if got != want[at:at + len(got)] or (not got and at < len(want)):
        told["wrong"] = f"{len(got)} bytes at {at}"
    elif got != want[at:at + size]:
        told["short"].append(at)
    if got:
        told["last"] = began
        told["bytes"] += len(got)
    return True


def serve(order):
    rng = random.Random(order["seed"])
    with open(order["source"], "rb") as file:
        want = file.read()
    told = {"began": time.monotonic(), "bytes": 0, "last": None, "bad": [], "short": [], "wrong": None}
    try:
        fd = os.open(order["path"], os.O_RDONLY)
    except OSError as error:
        return {"errno": error.errno}
    end = time.monotonic() + order.get("hold", 0)
    try:
        if os.fstat(fd).st_size != len(want):
            told["wrong"] = "size"
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
        for at in range(0, len(want), CHUNK):
            if not read_at(fd, want, at, CHUNK, told):
                return told
        while time.monotonic() < end:
            if not read_at(fd, want, rng.randrange(max(1, len(want))), rng.choice((1, 4096, CHUNK + 1)), told):
                return told
            time.sleep(0.02)
    except OSError as error:
        told["ended"] = error.errno
    finally:
        try:
            os.close(fd)
        except OSError:
            pass  # unmounted meanwhile
    return told


for line in sys.stdin:
    print(json.dumps(serve(json.loads(line))), flush=True)
