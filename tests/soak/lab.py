# SPDX-License-Identifier: Apache-2.0
"""The appliance under test: a small disk, Unix users for the roles, `serve` with mount and HTTPS on a clock that can
be moved.  Needs root, /dev/fuse and a loop device."""
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = {"handler": "handler", "archivist": "archivist", "official": "official", "reader": "supervisor",
         "other": "supervisor"}
SECRET = "soak horse of "
DISK_BYTES = 5 << 30  # drafts stop below 2 GiB free
DISK_A_SECOND = 6 << 20  # what the load adds at the most


class Lab:
    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="strongroom-soak-"))
        os.chmod(self.work, 0o755)
        # The checkout may lie where the users cannot go, in /root.
        self.programs = self.work / "bin"
        self.programs.mkdir()
        for name in ("strongroom", "strongroom-probe", "moved-clock.so"):
            shutil.copy(self.build / name, self.programs)
        self.program = str(self.programs / "strongroom")
        self.disk, self.mnt, self.sources = (self.work / name for name in ("disk", "mnt", "sources"))
        for folder in (self.disk, self.mnt, self.sources):
            folder.mkdir()
        self.data = self.disk / "data"
        self.users, self.passwords, self.server, self.port = {}, {}, None, 0
        self.reserved = socket.socket()
        self.ended = threading.Event()
        self.serve_lock = threading.Lock()
        self.starts = 0
        self.log = open(self.work / "serve.err", "ab")
        self.clock_file = self.work / "clock"
        self.move_clock(0)

    # --- making and clearing away ------------------------------------------------------------------

    def make_disk(self, seconds):
        image = self.work / "image"
        with open(image, "wb") as file:
            file.truncate(DISK_BYTES + int(seconds) * DISK_A_SECOND)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1", str(image)], check=True)
        subprocess.run(["mount", "-o", "loop,noatime", str(image), str(self.disk)], check=True)
        os.chmod(self.disk, 0o755)

    def make_people(self):
        done = self.run(None, "--json", "init", "--organ", "样例市医疗保障局", "--organ-code", "000000-YB",
                        "--escrow-out", str(self.work / "escrow"))
        if done.returncode != 0:
            raise RuntimeError(f"init: {done.stderr}")
        self.passwords = {u["user"]: u["password"] for u in json.loads(done.stdout)["users"] if u.get("password")}
        tag = f"srs{os.getpid() % 1000000}"
        for name in ("owner", *ROLES):
            login = f"{tag}-{name}"
            subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", login], check=True)
            self.users[name] = pwd.getpwnam(login)
        for name, role in ROLES.items():
            self.passwords[name] = SECRET + name
            self.must(None, "user", "add", name, "--role", role, "--login", self.users[name].pw_name, "--full-name",
                      "样例" + name, "--clearance", "privacy,commercial", "--password-stdin",
                      input=self.passwords[name] + "\n")
            self.must("security", "user", "confirm", name)
        owner = self.users["owner"]
        subprocess.run(["chown", "-R", f"{owner.pw_uid}:{owner.pw_gid}", str(self.data)], check=True)

    def clear(self):
        self.ended.set()
        if self.server and self.server.poll() is None:
            self.stop()
        self.log.close()
        for folder in (self.mnt, self.disk):
            subprocess.run(["umount", "-l", str(folder)], stderr=subprocess.DEVNULL, check=False)
        for user in self.users.values():
            subprocess.run(["userdel", user.pw_name], stderr=subprocess.DEVNULL, check=False)
        if os.environ.get("SOAK_KEEP"):
            print(f"# left in {self.work}")
        else:
            shutil.rmtree(self.work, ignore_errors=True)

    # --- serving -----------------------------------------------------------------------------------

    def move_clock(self, seconds):
        if not self.clock_file.exists():
            self.clock_file.write_bytes(bytes(8))
        with open(self.clock_file, "r+b") as file:
            file.write(struct.pack("=q", seconds))

    def start(self):
        """Start `serve` where none runs."""
        with self.serve_lock:
            if self.server and self.server.poll() is None:
                return
            if not self.port:  # nobody else is given it, also while no server runs
                self.reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self.reserved.bind(("127.0.0.1", 0))
                self.port = self.reserved.getsockname()[1]
            self.starts += 1
            env = dict(os.environ, LD_PRELOAD=str(self.programs / "moved-clock.so"), MOVED_CLOCK=str(self.clock_file))
            self.server = subprocess.Popen(
                [self.program, "--data", str(self.data), "serve", "--mount", str(self.mnt), "--listen",
                 f"127.0.0.1:{self.port}"], stdout=subprocess.DEVNULL, stderr=self.log, env=env)

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        try:
            return self.server.wait(120)
        except subprocess.TimeoutExpired:
            self.server.kill()
            return self.server.wait()

    def children(self, kind):
        """Processes of one kind below this supervisor."""
        found = subprocess.run(["pgrep", "-P", str(self.server.pid), "-f", f"[s]erve-{kind}"], capture_output=True,
                               text=True, check=False)
        return [int(word) for word in found.stdout.split()]

    def wait_mounted(self, seconds=60):
        end = time.monotonic() + seconds
        place = f" {self.work.resolve() / self.mnt.name} "  # root may not look at the mount itself
        while place not in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8"):
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def wait_serving(self, seconds=60):
        """Until the keeper answers and the clock lets people read, confirming it where it must be."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.server.poll() is not None:
                self.start()
            done = self.run(None, "--json", "status")
            if done.returncode == 0:
                state = json.loads(done.stdout)["clock"]
                if state["state"] == "fine":
                    return True
                if state["state"] == "stopped":
                    self.run(None, "clock", "confirm")
                    self.run("security", "clock", "confirm")
            time.sleep(0.2)
        return False

    # --- acting ------------------------------------------------------------------------------------

    def run(self, who, *words, input="", timeout=120, kill_after=None):
        """A verb as the Unix user of that name; None: root, the administrator; a name without one: by password."""
        command = [self.program, "--data", str(self.data)]
        more = {}
        if who in self.users:
            user = self.users[who]
            more = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        elif who:
            command += ["--as", who, "--password-stdin"]
            input = self.passwords[who] + "\n" + input
        with subprocess.Popen(command + [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **more) as process:
            try:
                out, err = process.communicate(input.encode(), timeout=kill_after or timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                if not kill_after:
                    print(f"not ok - {words[0:3]} does not end within {timeout} s")
                return subprocess.CompletedProcess(words, -9, out, err.decode(errors="replace"))
        return subprocess.CompletedProcess(words, process.returncode, out, err.decode(errors="replace"))

    def must(self, who, *words, **more):
        done = self.run(who, *words, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: exit {done.returncode}: {done.stderr}")
        return done

    def archive(self, case, part=1):
        return self.data / "vault" / self.year_of(case) / f"{case}-{part:03}.tar"

    @staticmethod
    def year_of(case):
        """The year (UTC) of a UUIDv7: 48 bits of milliseconds."""
        return str(time.gmtime(int(case.replace("-", "")[:12], 16) / 1000).tm_year)


class Web:
    """One signed-in user of the HTTPS interface; a new connection a call, so that a cut one costs nothing."""

    def __init__(self, lab, user):
        self.lab, self.user, self.token = lab, user, None

    def connect(self, timeout=30):
        tls = ssl.create_default_context(cafile=str(self.lab.data / "api" / "tls.pem"))
        return http.client.HTTPSConnection("127.0.0.1", self.lab.port, context=tls, timeout=timeout)

    def headers(self, more=None):
        headers = dict(more or {})
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        return headers

    def sign_in(self):
        body = json.dumps({"user": self.user, "password": self.lab.passwords[self.user]}).encode()
        status, _, data = self.ask("POST", "/api/v1/session", body, {"Content-Type": "application/json"}, again=False)
        self.token = json.loads(data)["token"] if status == 200 else None

    def ask(self, method, path, body=None, headers=None, again=True):
        """status, headers, bytes; signs in where it must.  OSError and HTTPException are the caller's."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False).encode()
            headers = dict(headers or {}, **{"Content-Type": "application/json"})
        if again and not self.token:
            self.sign_in()
        link = self.connect()
        try:
            link.request(method, path, body, self.headers(headers))
            answer = link.getresponse()
            status, fields, data = answer.status, answer.headers, answer.read()
        finally:
            link.close()
        if status == 401 and again:
            self.token = None
        return status, fields, data


def fail_early(why):
    print(f"not ok - {why}")
    sys.exit(1)
