# SPDX-License-Identifier: Apache-2.0
"""A caller of the keeper's socket in Python, written from docs/WIRE.md: frames, errors, descriptors."""
import array
import json
import os
import socket


class Refused(Exception):
    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name.rsplit(".", 1)[-1]
        self.message = message


class Caller:
    """One connection.  A call raises Refused, or ConnectionError where the keeper is gone."""

    def __init__(self, data, user=None, password=None, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(os.path.join(data, "run/keeper.sock"))
        self.rest = b""
        self.descriptors = []
        self.session = None
        if user:
            self.session = self("OpenSession", user=user, password=password)["token"]

    def close(self):
        self.drop()
        self.socket.close()

    def drop(self):
        """Close the descriptors that came so far."""
        for fd in self.descriptors:
            os.close(fd)
        self.descriptors = []

    def send(self, method, parameters):
        if self.session:
            parameters = {**parameters, "session": self.session}
        text = json.dumps({"method": f"org.strongroom.{method}", "parameters": parameters}, ensure_ascii=False)
        self.socket.sendall(text.encode() + b"\0")

    def receive(self):
        while b"\0" not in self.rest:
            data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(64 * 4))
            for level, kind, bytes_ in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds = array.array("i")
                    fds.frombytes(bytes_[: len(bytes_) - len(bytes_) % fds.itemsize])
                    self.descriptors += list(fds)
            if not data:
                raise ConnectionError("the keeper closed the connection")
            self.rest += data
        frame, self.rest = self.rest.split(b"\0", 1)
        answer = json.loads(frame)
        if "error" in answer:
            raise Refused(answer["error"], answer.get("parameters", {}).get("message", ""))
        return answer.get("parameters", {})

    def __call__(self, method, **parameters):
        self.send(method, parameters)
        return self.receive()

    def open_member(self, grant, case, member):
        return self("OpenMember", grant=grant, case=case, member=member, channel="fs")

    def close_member(self, opened):
        self.drop()
        return self("CloseMember", opened=opened, bytes=0, ranges=[])
