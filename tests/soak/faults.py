# SPDX-License-Identifier: Apache-2.0
"""What goes wrong meanwhile: processes are killed, the disk fills up, bits of the vault turn, the clock jumps,
connections are cut in the middle of a frame."""
import json
import os
import random
import signal
import socket
import tarfile
import threading
import time

CLOCK_JUMPS_S = (420, -420, 7 * 3600, -7 * 3600)
FAR_JUMP_S = 26 * 3600  # over 24 hours: no openings until two people confirm


def name_at(archive, offset):
    """Which file of the archive has that byte; None for what lies between them."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.offset_data <= offset < member.offset_data + member.size:
                return member.name.split("/", 1)[1]
    return None


def turn_bits(archive, offset, mask):
    with open(archive, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ mask]))


class Faults(threading.Thread):
    def __init__(self, seed, lab, notes, pause):
        super().__init__(name="faults", daemon=True)
        self.rng, self.lab, self.notes, self.pause = random.Random(f"{seed}/faults"), lab, notes, pause
        self.done = {}
        self.kinds = [(self.kill_keeper, 3), (self.kill_fs, 2), (self.kill_api, 2), (self.kill_supervisor, 1.5),
                      (self.fill_disk, 2), (self.flip_bit, 2), (self.jump_clock, 2), (self.jump_far, 0.7),
                      (self.cut_frames, 1.5)]

    def run(self):
        # Everything once, in an order of the seed; then by weight.
        first = [kind for kind, _ in self.kinds]
        self.rng.shuffle(first)
        while not self.lab.ended.wait(self.rng.uniform(0.5, 1.5) * self.pause):
            kind = first.pop() if first else self.rng.choices(*zip(*self.kinds))[0]
            print(f"# {time.monotonic() - self.notes.began:6.1f} s {kind.__name__}", flush=True)
            if self.lab.server.poll() is not None:
                print("#   serve has ended and is started anew, as a service manager does")
                self.lab.start()
            try:
                happened = kind()
            except OSError as trouble:
                print(f"#   {trouble}")
                happened = False
            if happened:
                self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
            elif kind.__name__ not in self.done and kind not in first:
                first.insert(0, kind)

    # --- killing -----------------------------------------------------------------------------------

    def kill(self, kind):
        killed = False
        for _ in range(self.rng.choice((1, 1, 1, 3))):
            for pid in self.lab.children(kind):
                self.notes.lives += 1
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed = True
                except ProcessLookupError:
                    pass
                self.notes.lives += 1
            self.lab.ended.wait(self.rng.uniform(0, 0.6))
        return killed

    def kill_keeper(self):
        return self.kill("keeper")

    def kill_fs(self):
        return self.kill("fs")

    def kill_api(self):
        return self.kill("api")

    def kill_supervisor(self):
        server = self.lab.server
        children = self.lab.children("")
        self.notes.lives += 1
        server.kill()
        server.wait()
        for pid in children:  # the end of their supervisor is their end
            for _ in range(1200):  # what is under way is finished, as fast as the disk is
                if not os.path.exists(f"/proc/{pid}/root"):
                    break
                time.sleep(0.05)
            else:
                self.notes.broken(f"process {pid} outlives its killed supervisor by 60 s")
        self.notes.lives += 1
        self.lab.start()
        return True

    # --- disk --------------------------------------------------------------------------------------

    def fill_disk(self):
        ballast = self.lab.disk / "ballast"
        space = os.statvfs(self.lab.disk)
        spare = self.rng.choice((0, 0, 1, 20, 500)) * space.f_frsize
        try:
            with open(ballast, "wb", buffering=0) as file:
                os.posix_fallocate(file.fileno(), 0, max(1, space.f_bavail * space.f_frsize - spare - (1 << 20)))
                file.seek(0, 2)
                while os.statvfs(self.lab.disk).f_bavail * space.f_frsize > spare:
                    file.write(bytes(space.f_frsize))
        except OSError:
            pass  # full: as it was meant
        self.notes.lives += 1  # a keeper that cannot commit ends
        self.lab.ended.wait(self.rng.uniform(1, 4))
        ballast.unlink()
        time.sleep(0.5)  # one that could not is on its way out
        self.notes.lives += 1
        return True

    # --- bits --------------------------------------------------------------------------------------

    def flip_bit(self):
        cases = self.notes.sealed()
        whole = [case for case in cases if not case.flipped]
        if len(whole) < 4 or len(whole) * 4 < len(cases) * 3:
            return False
        case = self.rng.choice(whole)
        archive = self.lab.archive(case.id)
        offset = self.rng.randrange(archive.stat().st_size)
        name = name_at(archive, offset)
        mask = 1 << self.rng.randrange(8)
        case.flipped.append((offset, name, mask))
        turn_bits(archive, offset, mask)
        case.turned = True
        return True

    # --- clock -------------------------------------------------------------------------------------

    def jump_clock(self):
        self.lab.move_clock(self.rng.choice(CLOCK_JUMPS_S))
        self.lab.ended.wait(self.rng.uniform(1, 4))
        self.lab.move_clock(0)
        return True

    def jump_far(self):
        """While the clock is a day off nothing may be opened; two people set it right."""
        live = self.notes.live("reader", time.monotonic())
        if not live:
            return False
        self.lab.move_clock(self.rng.choice((FAR_JUMP_S, -FAR_JUMP_S)))
        self.lab.ended.wait(1)
        grant = live[0]
        case = grant.cases[0]
        self.lab.run("reader", "cat", grant.name, case.id, case.members[0])  # whatever it is: the keeper looked at the clock
        done = self.lab.run("reader", "cat", grant.name, case.id, case.members[0])
        if done.returncode == 0 or done.stdout:
            self.notes.broken(f"the clock is a day off and {grant.name} is read")
        self.lab.move_clock(0)
        return self.lab.wait_serving()

    # --- connections -------------------------------------------------------------------------------

    def cut_frames(self):
        """Half a frame, noise and silence at the keeper's socket and at HTTPS."""
        frame = json.dumps({"method": "org.strongroom.WhoAmI", "parameters": {}}).encode() + b"\0"
        for piece in (frame[:self.rng.randrange(1, len(frame))], self.rng.randbytes(5000), b"", frame * 50):
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(2)
                link.connect(str(self.lab.data / "run/keeper.sock"))
                link.sendall(piece)
            with socket.create_connection(("127.0.0.1", self.lab.port), 2) as link:
                link.sendall(piece)
        return True
