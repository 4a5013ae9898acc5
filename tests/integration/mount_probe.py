#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What test-mount does as a reader: prints "ok", or what was different."""

import ctypes
import errno
import mmap
import os
import random
import signal
import sys
import time


def different(what):
    print("different:", what)
    sys.exit(1)


def compare(here, source):
    seen = 0
    for folder, _, names in os.walk(source):
        for name in names:
            if name == "case.json":
                continue
            path = os.path.join(folder, name)
            other = os.path.join(here, os.path.relpath(path, source))
            if open(path, "rb").read() != open(other, "rb").read():
                different(other)
            seen += 1
    if seen < 6:
        different(f"{seen} files")


def read_ways(path, source, mapped=True):
    want = open(source, "rb").read()
    size = len(want)
    fd = os.open(path, os.O_RDONLY)
    if os.fstat(fd).st_size != size:
        different("size")
    random.seed(1)
    for _ in range(300):
        at = random.randrange(size + 100) if size else 0
        length = random.choice([1, 7, 4096, 65536, 65537, 300000])
        if os.pread(fd, length, at) != want[at : at + length]:
            different(f"pread {length} at {at}")
    for at in (0, 65535, 65536, 65537, size - 1):
        if 0 <= at < size and os.pread(fd, 1, at) != want[at : at + 1]:
            different(f"one byte at {at}")
    if os.pread(fd, 10, size) != b"" or os.pread(fd, 10, size + 10**9) != b"":
        different("past the end")
    if size:
        if os.lseek(fd, 0, os.SEEK_DATA) != 0 or os.lseek(fd, 0, os.SEEK_HOLE) != size:
            different("lseek")
    if os.lseek(fd, -1 if size else 0, os.SEEK_END) != max(size - 1, 0):
        different("lseek to the end")
    target = os.memfd_create("target")
    at = 0
    while at < size:
        sent = os.sendfile(target, fd, at, size - at)
        if sent == 0:
            break
        at += sent
    if os.pread(target, size + 1, 0) != want:
        different("sendfile")
    os.ftruncate(target, 0)
    os.lseek(target, 0, os.SEEK_SET)
    try:
        at = 0
        while at < size:
            done = os.copy_file_range(fd, target, size - at, offset_src=at)
            if done == 0:
                break
            at += done
        if os.pread(target, size + 1, 0) != want:
            different("copy_file_range")
    except OSError as e:
        if e.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
            different(f"copy_file_range: {e}")
    if size:
        flags = mmap.MAP_SHARED if mapped else mmap.MAP_PRIVATE
        with mmap.mmap(fd, size, flags=flags, prot=mmap.PROT_READ) as m:
            if m[:] != want:
                different("mmap")
    os.close(fd)
    if open(path, "rb").read() != want:
        different("read")
    print("ok")


def handles(path, source):
    want = open(source, "rb").read()
    fds = [os.open(path, os.O_RDONLY) for _ in range(200)]
    random.seed(2)
    for fd in fds:
        at = random.randrange(len(want))
        if os.pread(fd, 5000, at) != want[at : at + 5000]:
            different(f"handle {fd}")
    for fd in fds:
        os.close(fd)
    print("ok")


def writes(folder, name):
    path = os.path.join(folder, name)
    libc = ctypes.CDLL(None, use_errno=True)

    def opened(flags):
        os.close(os.open(path, flags))

    calls = {
        "open for writing": lambda: opened(os.O_WRONLY),
        "open for both": lambda: opened(os.O_RDWR),
        "open and truncate": lambda: opened(os.O_RDONLY | os.O_TRUNC),
        "create": lambda: os.close(os.open(folder + "/new", os.O_WRONLY | os.O_CREAT)),
        "truncate": lambda: os.truncate(path, 0),
        "unlink": lambda: os.unlink(path),
        "rmdir": lambda: os.rmdir(folder + "/documents"),
        "mkdir": lambda: os.mkdir(folder + "/new"),
        "rename": lambda: os.rename(path, path + ".new"),
        "link": lambda: os.link(path, folder + "/new"),
        "symlink": lambda: os.symlink("x", folder + "/new"),
        "mkfifo": lambda: os.mkfifo(folder + "/new"),
        "chmod": lambda: os.chmod(path, 0o600),
        "chown": lambda: os.chown(path, os.getuid(), os.getgid()),
        "utime": lambda: os.utime(path),
        "setxattr": lambda: os.setxattr(path, "user.x", b"1"),
        "removexattr": lambda: os.removexattr(path, "user.strongroom.sha256"),
    }
    for what, call in calls.items():
        try:
            call()
            different(f"{what} was done")
        except OSError as e:
            if e.errno != errno.EROFS:
                different(f"{what}: {e}")
    fd = os.open(path, os.O_RDONLY)
    for what, result in (
        ("write", lambda: libc.write(fd, b"x", 1)),
        ("fallocate", lambda: libc.fallocate(fd, 0, 0, 1)),
        ("ftruncate", lambda: libc.ftruncate(fd, 0)),
    ):
        if result() >= 0:
            different(f"{what} was done")
    try:
        mmap.mmap(fd, 4096, flags=mmap.MAP_SHARED, prot=mmap.PROT_WRITE)
        different("mmap for writing")
    except OSError:
        pass
    print("ok")


def hold(path):
    os.dup2(os.open(path, os.O_RDONLY), 9)
    time.sleep(600)


def until_cut(how, path):
    fd = os.open(path, os.O_RDONLY)
    size = os.fstat(fd).st_size
    said = False

    def cut(*_):
        os.write(1, f"cut {time.time_ns()}\n".encode())
        os._exit(0)

    signal.signal(signal.SIGBUS, cut)
    mapped = mmap.mmap(fd, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ) if how == "mmap" else None
    null = os.open("/dev/null", os.O_WRONLY)
    folder = os.path.dirname(path)
    end = time.time() + 60
    if mapped:
        # The signal handler of Python would not run: the kernel's own verdict is enough.
        signal.signal(signal.SIGBUS, signal.SIG_DFL)
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            cut()
    while time.time() < end:
        try:
            if how == "pread":
                os.pread(fd, 65536, 0)
            elif how == "piece":  # the same small ones again, past the kernel's own pages
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                os.pread(fd, 4096, 8192 * (time.time_ns() % 16))
            elif how == "mmap":
                for at in range(0, size, 4096):
                    mapped[at]
            elif how == "sendfile":
                os.sendfile(null, fd, 0, size)
            elif how == "fd":
                os.close(os.open(path, os.O_RDONLY))
            else:
                os.listdir(folder)
        except OSError as e:
            if e.errno not in (errno.EACCES, errno.ENOENT):
                os.write(1, f"error {e}\n".encode())
            cut()
        if not said:
            os.write(1, b"started\n")
            said = True
    os.write(1, b"never\n")


def piece(path, source):
    """One small read in the middle of a chunk."""
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    with open(source, "rb") as file:
        file.seek(204800)
        if os.pread(fd, 4096, 204800) != file.read(4096):
            different("a small read")
    print("ok")


def mixed(path, source):
    """What fsx does of reading: any way, any place, any length, in any order, with and without cached pages."""
    want = open(source, "rb").read()
    size = len(want)
    fd = os.open(path, os.O_RDONLY)
    mapped = mmap.mmap(fd, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
    target = os.memfd_create("target")
    random.seed(int(os.environ.get("SR_SEED", "11")))
    for number in range(3000):
        at, length = random.randrange(size), random.choice([1, 3, 511, 4096, 65535, 65536, 65537, 1 << 20])
        what = random.randrange(8)
        if what == 0:
            got = os.pread(fd, length, at)
        elif what == 1:
            os.lseek(fd, at, os.SEEK_SET)
            got = os.read(fd, length)
        elif what == 2:
            parts = [bytearray(random.choice([1, 1000, 70000])) for _ in range(3)]
            count = os.preadv(fd, parts, at)
            got = b"".join(parts)[:count]
            length = sum(map(len, parts))
        elif what == 3:
            got = mapped[at : at + length]
        elif what == 4:
            os.ftruncate(target, 0)
            os.lseek(target, 0, os.SEEK_SET)
            count = os.sendfile(target, fd, at, length)
            got, length = os.pread(target, count, 0), count
        elif what == 5:
            ends = os.pipe()
            length = min(length, 65536)
            count = os.splice(fd, ends[1], length, offset_src=at)
            got, length = os.read(ends[0], 1 << 20), count
            os.close(ends[0])
            os.close(ends[1])
        elif what == 6:
            os.posix_fadvise(fd, at // 4096 * 4096, length, os.POSIX_FADV_DONTNEED)
            continue
        else:
            if os.lseek(fd, at, os.SEEK_DATA) != at or os.lseek(fd, at, os.SEEK_HOLE) != size:
                different(f"lseek at {at}")
            continue
        if got != want[at : at + length]:
            different(f"operation {number}: way {what}, {length} at {at}")
    print("ok")


def cwd(path):
    """Stands in the folder, and holds the file as descriptor 9 and mapped."""
    os.chdir(os.path.dirname(path))
    os.dup2(os.open(path, os.O_RDONLY), 9)
    held = mmap.mmap(9, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)
    held[0]
    os.write(1, b"ready\n")
    time.sleep(600)


class FileHandle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]


def by_handle(mount, *numbers):
    """Root, with handles such as an NFS server keeps: of every inode number, decoded by the kernel itself."""
    libc = ctypes.CDLL(None, use_errno=True)
    top = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    opened = read = 0
    for number in map(int, numbers):
        # Kinds that the kernel's FUSE gives out (inode, generation, with and without the folder), and the plain ones.
        for kind, words in ((0x81, [number >> 32, number & 0xFFFFFFFF, 0]), (0x81, [number >> 32, number & 0xFFFFFFFF, 1]),
                            (0x82, [number >> 32, number & 0xFFFFFFFF, 0, 0, 1, 0]), (1, [number & 0xFFFFFFFF, 0]),
                            (1, [number & 0xFFFFFFFF, number >> 32])):
            handle = FileHandle(4 * len(words), kind)
            for place, word in enumerate(words):
                ctypes.memmove(ctypes.addressof(handle.data) + 4 * place, word.to_bytes(4, sys.byteorder), 4)
            for flags in (os.O_RDONLY, os.O_RDONLY | os.O_DIRECTORY, os.O_PATH):
                fd = libc.open_by_handle_at(top, ctypes.byref(handle), flags)
                if fd < 0:
                    continue
                opened += flags != os.O_PATH
                for way in (lambda: os.pread(fd, 1, 0), lambda: os.listdir(fd), lambda: open(f"/proc/self/fd/{fd}", "rb").read(1)):
                    try:
                        way()
                        read += 1
                    except OSError:
                        pass
                os.close(fd)
    print(f"{opened} opened, {read} read")


def name_to_handle(path):
    libc = ctypes.CDLL(None, use_errno=True)
    handle, mount = FileHandle(128), ctypes.c_int()
    if libc.name_to_handle_at(-100, path.encode(), ctypes.byref(handle), ctypes.byref(mount), 0) != 0:
        print(errno.errorcode[ctypes.get_errno()])
        return
    print(handle.type, bytes(handle.data[: handle.bytes]).hex())


def by_this_handle(mount, kind, data):
    libc = ctypes.CDLL(None, use_errno=True)
    raw = bytes.fromhex(data)
    handle = FileHandle(len(raw), int(kind))
    ctypes.memmove(handle.data, raw, len(raw))
    top = os.open(mount, os.O_RDONLY | os.O_DIRECTORY)
    fd = libc.open_by_handle_at(top, ctypes.byref(handle), os.O_RDONLY)
    if fd >= 0:
        print("opened:", os.pread(fd, 4, 0))
    else:
        print("refused")


def damage(path, source):
    want = open(source, "rb").read()
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    bad = []
    for chunk in range((len(want) + 65535) // 65536):
        at = chunk * 65536
        try:
            if os.pread(fd, 4096, at) != want[at : at + 4096]:
                different(f"chunk {chunk}")
        except OSError as e:
            bad.append((errno.errorcode[e.errno], chunk))
    print(*[f"{name} {chunk}" for name, chunk in bad], "ok")


if __name__ == "__main__":
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "compare":
        compare(*rest)
    elif what == "read":
        read_ways(*rest)
    elif what == "read-direct":
        read_ways(*rest, mapped=False)
    elif what == "handles":
        handles(*rest)
    elif what == "write":
        writes(*rest)
    elif what == "mixed":
        mixed(*rest)
    elif what == "piece":
        piece(*rest)
    elif what == "cwd":
        cwd(rest[0])
    elif what == "by-handle":
        by_handle(*rest)
    elif what == "name-to-handle":
        name_to_handle(rest[0])
    elif what == "by-this-handle":
        by_this_handle(*rest)
    elif what == "hold":
        hold(rest[0])
    elif what == "until-cut":
        until_cut(*rest)
    elif what == "damage":
        damage(*rest)
