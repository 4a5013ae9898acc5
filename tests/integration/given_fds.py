#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service manager as systemd is one for strongroom.service (sd_notify(3), sd_listen_fds(3)).

usage: given_fds.py STRONGROOM DATA MOUNT

Runs `serve-mount MOUNT` and keeps the descriptor that it stores; opens a socket; runs `serve --mount MOUNT` with both,
in a mount namespace of its own.  Prints a line for each thing that happens; "end" on standard input ends the service.
"""
import array
import os
import socket
import subprocess
import sys
import tempfile

strongroom, data, mount = sys.argv[1:4]
folder = tempfile.mkdtemp()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(f"{folder}/notify")
os.chmod(folder, 0o711)
os.chmod(f"{folder}/notify", 0o666)
stored = {}


def hear(timeout):
    """One message; descriptors that come with it are kept or, as a barrier is answered, closed."""
    notify.settimeout(timeout)
    text, ancillary, _, _ = notify.recvmsg(4096, socket.CMSG_SPACE(16 * 4))
    fds = array.array("i")
    for _, kind, content in ancillary:
        if kind == socket.SCM_RIGHTS:
            fds.frombytes(content[:len(content) // 4 * 4])
    said = dict(line.split("=", 1) for line in text.decode().split("\n") if "=" in line)
    name = said.get("FDNAME")
    if "FDSTORE" in said:
        stored[name] = fds[0]
        print("stored", name, flush=True)
    else:
        for fd in fds:
            os.close(fd)
    if "FDSTOREREMOVE" in said and name in stored:
        os.close(stored.pop(name))
        print("forgotten", name, flush=True)
    return said


def give(listener):
    """In the new process: the descriptors from 3 on, and whom they are for."""
    first, second = os.dup(listener.fileno()), os.dup(stored["fuse"])
    os.dup2(first, 3)
    os.dup2(second, 4)
    os.set_inheritable(3, True)
    os.set_inheritable(4, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="https:fuse")


environment = dict(os.environ, NOTIFY_SOCKET=f"{folder}/notify")
mounter = subprocess.Popen([strongroom, "serve-mount", mount], env=environment)
while "BARRIER" not in hear(60):
    pass
print("mounter", mounter.wait(), flush=True)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(16)
print("port", listener.getsockname()[1], flush=True)
os.environ["NOTIFY_SOCKET"] = f"{folder}/notify"
service = subprocess.Popen(["unshare", "--mount", "--propagation", "slave", strongroom, "--data", data, "serve", "--mount", mount],
                           preexec_fn=lambda: give(listener), close_fds=False)
while "READY" not in hear(60):
    pass
print("ready", flush=True)
sys.stdin.readline()
service.terminate() if service.poll() is None else None
print("ended", service.wait(60), flush=True)
