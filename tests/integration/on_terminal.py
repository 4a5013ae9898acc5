#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""on_terminal.py [PROMPT=ANSWER | PROMPT==ANSWER ...] -- COMMAND...: run COMMAND on a terminal of its own and answer its
prompts.

Each PROMPT is waited for and answered in order; an answer of one control character is sent without a line's end.  An
ANSWER behind one "=" is typed once the terminal does not show it, behind "==" at once.
What the terminal shows goes to standard output; the exit code is the command's (128 + the signal's number where
one ended it), 99 when a prompt did not come.  A last line says whether the terminal echoes.
"""
import os
import pty
import select
import signal
import sys
import termios
import time


def echoes(fd):
    """None: the terminal is gone."""
    try:
        return bool(termios.tcgetattr(fd)[3] & termios.ECHO)
    except termios.error:
        return None


def main():
    at = sys.argv.index("--")
    prompts = [word.split("=", 1) for word in sys.argv[1:at]]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
    shown, seen, missing = b"", 0, False
    deadline = time.monotonic() + 300
    while True:
        if prompts and prompts[0][0].encode() in shown[seen:]:
            answer = prompts.pop(0)[1].encode()
            seen = len(shown)
            if answer.startswith(b"="):
                answer = answer[1:]
            else:  # TCSAFLUSH drops what was typed before the echo went off
                until = time.monotonic() + 60
                while echoes(fd) and time.monotonic() < until:
                    time.sleep(0.01)
            os.write(fd, answer if len(answer) == 1 and answer < b" " else answer + b"\n")
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            missing = True
        ready, _, _ = select.select([fd], [], [], 0.2)
        if not ready:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    echo = echoes(fd)
    _, status = os.waitpid(pid, 0)
    sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
    print(f"\nECHO {'on' if echo in (True, None) else 'off'}")
    if missing or prompts:
        print("prompts that did not come:", [p[0] for p in prompts], file=sys.stderr)
        sys.exit(99)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
