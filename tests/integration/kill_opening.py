#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill_opening.py DATA SUPERVISOR USER PASSWORD GRANT CASE all|DAY: the sweep of test-kill-opening.

strace attaches to all threads of the keeper, traces one kind of call and kills the process when one thread enters its
Nth call of that kind (strace counts for each thread).  Which kinds there are is seen in openings that are traced whole.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Caller, Refused  # noqa: E402

data, supervisor, user, password, grant, case, day = sys.argv[1:]
member = 2
token = None


def children():
    with open(f"/proc/{supervisor}/task/{supervisor}/children") as file:
        return [int(pid) for pid in file.read().split()]


def connect():
    """A caller that is signed in; its session outlives the keeper."""
    global token
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            caller = Caller(data, timeout=60)
            if token is None:
                token = caller("OpenSession", user=user, password=password)["token"]
            caller.session = token
            caller("WhoAmI")
            return caller
        except (OSError, ConnectionError):
            time.sleep(0.01)
    sys.exit("the keeper does not come back")


def attach(pid, arguments, output):
    """strace on every thread of the keeper, once it traces them."""
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", output, *arguments, "-p", str(pid)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
            if all(traced(pid, task) for task in tasks):
                return tracer
        except OSError:
            break
        time.sleep(0.002)
    return tracer


def traced(pid, task):
    try:
        with open(f"/proc/{pid}/task/{task}/status") as file:
            return re.search(r"^TracerPid:\t(\d+)", file.read(), re.M).group(1) != "0"
    except OSError:
        return True  # the thread has ended


def detach(tracer):
    """strace can wait for ever for threads of a process that is killed as it lets go of them."""
    tracer.terminate()
    try:
        tracer.wait(2)
    except subprocess.TimeoutExpired:
        tracer.kill()
        tracer.wait()


def open_once(caller):
    """The number of the opening whose key came, or None."""
    try:
        answer = caller.open_member(grant, case, member)
        assert answer["key"]
        return answer["opened"]
    except (OSError, ConnectionError):
        return None


def kinds():
    """How often one thread makes each kind of call while a member is opened and closed, at most."""
    most = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(4):
            caller = connect()
            tracer = attach(children()[0], [], f"{folder}/trace")
            opened = open_once(caller)
            time.sleep(0.3)  # what is published after it
            detach(tracer)
            caller.close_member(opened)
            caller.close()
            counts = collections.Counter()
            with open(f"{folder}/trace", errors="replace") as trace:
                for line in trace:
                    found = re.match(r"(\d+) +(\w+)\(", line)
                    if found:
                        counts[found.groups()] += 1
            for (_, call), count in counts.items():
                most[call] = max(most[call], count)
    return most


def is_dead(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def in_log(caller, opened):
    """Is the opening's entry in the log, as the reader themselves sees it?"""
    try:
        entries = caller("LedgerEntries", **{"from": opened, "limit": 1})["entries"]
    except Refused:
        return False
    return any(f'"seq":{opened},' in entry and '"type":"access.opened"' in entry for entry in map(str, entries))


def main():
    runs = killed = gave = 0
    bad = []
    slowest = 0.0
    most = kinds()
    calls = [(call, n) for call in sorted(most) for n in range(1, most[call] + 1)]
    if day != "all":
        calls = calls[int(day) % 3::3]
    began = time.monotonic()
    for call, n in calls:
        caller = connect()
        pid = children()[0]
        tracer = attach(pid, ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={n}"], "/dev/null")
        opened = open_once(caller)
        runs += 1
        dead = False
        # What is published after the opening; a keeper that gave no answer is about to be gone.
        until = time.monotonic() + (0.35 if opened is not None else 60)
        while not dead and time.monotonic() < until:
            dead = is_dead(pid)
            time.sleep(0.01)
        detach(tracer)
        caller.close()
        if dead:
            killed += 1
            died = time.monotonic()
        elif opened is None:
            bad.append(f"{call} {n}: no answer from a keeper that lives")
        after = connect()
        if dead:
            slowest = max(slowest, time.monotonic() - died)
        if opened is not None:
            gave += 1
            if not in_log(after, opened):
                bad.append(f"{call} {n}: a key came out, and entry {opened} is not in the log")
        if not dead:
            if opened is not None:
                try:
                    after.close_member(opened)
                except Refused:
                    pass  # closed with its connection
        after.close()
        # Who dies within a second of its start waits longer and longer before the next one.
        if dead:
            time.sleep(max(0.0, 1.05 - (time.monotonic() - died)))
    print(f"# {runs} runs over {len(most)} kinds of calls ({sum(most.values())} in all), {killed} killed, "
          f"{gave} gave a key, {time.monotonic() - began:.0f} s, slowest restart {slowest * 1000:.0f} ms")
    for one in bad:
        print("#", one)
    print(f"{'not ok' if bad else 'ok'} - killed at a system call of an opening, the keeper gave no key that is not in the log")
    print(f"{'ok' if killed * 3 > runs else 'not ok'} - the calls were hit")


main()
