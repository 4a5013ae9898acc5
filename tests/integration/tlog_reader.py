#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read a published ledger or a receipt without Strongroom: C2SP signed-note, tlog-checkpoint, tlog-tiles and
tlog-proof, RFC 6962 section 2.1; Python's library, and the openssl program for Ed25519.

    tlog_reader.py log FOLDER VERIFIER-KEY [--dump]     check everything; --dump: one entry a line
    tlog_reader.py receipt FILE VERIFIER-KEY            check one entry and print it
    tlog_reader.py consistency FOLDER VERIFIER-KEY OLD-CHECKPOINT-FILE

Prints what it found and ends with 0; ends with 1 and says why when anything is wrong.  Needs the key's text only.
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile


class Wrong(Exception):
    pass


def need(condition, why):
    if not condition:
        raise Wrong(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def decode(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"base64: {error}") from error
    need(base64.b64encode(data) == text, "base64 in another spelling")
    return data


def decimal(text):
    need(text.isdigit() and text.isascii() and (text == b"0" or text[0:1] != b"0"), f"no decimal number: {text!r}")
    return int(text)


# --- signed-note --------------------------------------------------------------------------------

def ed25519(public_key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key.der", "message", "signature")]
        # RFC 8410: SubjectPublicKeyInfo of an Ed25519 key
        for name, data in zip(names, (bytes.fromhex("302a300506032b6570032100") + public_key, message, signature)):
            with open(name, "wb") as file:
                file.write(data)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", names[0],
                               "-in", names[1], "-sigfile", names[2]], capture_output=True, check=False)
        return done.returncode == 0


def open_note(note, vkey):
    name, key_id, key = vkey.encode().split(b"+", 2)
    key, key_id = decode(key), bytes.fromhex(key_id.decode())
    need(len(key) == 33 and key[0] == 1, "the verifier key is not Ed25519")
    need(sha256(name, b"\n", key)[:4] == key_id, "the verifier key's id is wrong")
    need(all(c >= 0x20 or c == 0x0A for c in note), "control character in the note")
    note.decode("utf-8")
    at = note.rfind(b"\n\n")
    need(at >= 0 and note.endswith(b"\n"), "no signed note")
    text, lines = note[:at + 1], note[at + 2:]
    need(lines != b"", "no signatures")
    good = False
    for line in lines[:-1].split(b"\n"):
        dash, signer, blob = (line.split(b" ") + [b"", b"", b""])[:3]
        need(dash == "\u2014".encode() and line.count(b" ") == 2, f"no signature line: {line!r}")
        blob = decode(blob)
        if signer == name and blob[:4] == key_id and not good:
            need(len(blob) == 68 and ed25519(key[1:], text, blob[4:]), "the signature is wrong")
            good = True
    need(good, "no signature of that key")
    return text, name


def open_checkpoint(note, vkey):
    text, name = open_note(note, vkey)
    lines = text[:-1].split(b"\n")
    need(len(lines) >= 3 and all(lines), "no checkpoint")
    need(lines[0] == name, "the origin is not the key's name")
    root = decode(lines[2])
    need(len(root) == 32, "the root is no SHA-256")
    return decimal(lines[1]), root


# --- RFC 6962, section 2.1 ----------------------------------------------------------------------

def leaf_hash(entry):
    return sha256(b"\0", entry)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def split(n):
    return 1 << ((n - 1).bit_length() - 1)


def tree_hash(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def path_root(index, size, leaf, proof):
    """Root that an inclusion proof (leaf to root) leads to: PATH's definition read backwards."""
    if size == 1:
        need(not proof, "the proof has a hash too many")
        return leaf
    need(proof, "the proof has a hash too few")
    k = split(size)
    if index < k:
        return node_hash(path_root(index, k, leaf, proof[:-1]), proof[-1])
    return node_hash(proof[-1], path_root(index - k, size - k, leaf, proof[:-1]))


# --- tlog-tiles ---------------------------------------------------------------------------------

def tile_name(level, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    name = f"tile/{level}/" + "/".join(groups)
    return name if width == 256 else f"{name}.p/{width}"


def read_tile(folder, level, index, width):
    """The file's bytes, and how many items it has: a full one may have taken a partial one's place."""
    for items in (width, 256):
        path = os.path.join(folder, tile_name(level, index, items))
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read(), items
    raise Wrong(f"{tile_name(level, index, width)} is missing")


def tiles(count):
    return [(n, min(256, count - 256 * n)) for n in range((count + 255) // 256)]


def read_entries(folder, size):
    entries = []
    for index, width in tiles(size):
        data, items = read_tile(folder, "entries", index, width)
        at, bundle = 0, []
        for _ in range(items):
            length = int.from_bytes(data[at:at + 2], "big")
            need(at + 2 + length <= len(data), f"bundle {index} is cut")
            bundle.append(data[at + 2:at + 2 + length])
            at += 2 + length
        need(at == len(data), f"bundle {index} has bytes too many")
        entries += bundle[:width]
    return entries


def check_log(folder, vkey):
    with open(os.path.join(folder, "checkpoint"), "rb") as file:
        size, root = open_checkpoint(file.read(), vkey)
    entries = read_entries(folder, size)
    leaves = [leaf_hash(entry) for entry in entries]
    need(tree_hash(leaves) == root, "the entries do not give the checkpoint's root")
    level, count = 0, size
    while count > 0:
        for index, width in tiles(count):
            data, items = read_tile(folder, level, index, width)
            need(len(data) == 32 * items, f"tile {index} of level {level} has {len(data)} bytes")
            for i in range(width):
                first = (index * 256 + i) * 256 ** level
                expected = tree_hash(leaves[first:first + 256 ** level])
                need(data[32 * i:32 * i + 32] == expected, f"hash {i} of tile {index} of level {level} is wrong")
        level, count = level + 1, count // 256
    return size, root, entries


def check_consistency(folder, vkey, old_note):
    size, _, entries = check_log(folder, vkey)
    old_size, old_root = open_checkpoint(old_note, vkey)
    need(old_size <= size, "the log is shorter than the old checkpoint")
    leaves = [leaf_hash(entry) for entry in entries[:old_size]]
    need(tree_hash(leaves) == old_root, "the log does not extend the old checkpoint")
    return old_size, size


# --- tlog-proof ---------------------------------------------------------------------------------

def check_receipt(text, vkey):
    head, _, checkpoint = text.partition(b"\n\n")
    lines = head.split(b"\n")
    need(len(lines) >= 3 and lines[0] == b"c2sp.org/tlog-proof@v1", "no receipt")
    need(lines[1].startswith(b"extra ") and lines[2].startswith(b"index "), "no entry or no index")
    entry, index = decode(lines[1][6:]), decimal(lines[2][6:])
    proof = [decode(line) for line in lines[3:]]
    need(all(len(item) == 32 for item in proof), "the proof is no list of hashes")
    size, root = open_checkpoint(checkpoint, vkey)
    need(index < size, "the index is beyond the checkpoint")
    need(path_root(index, size, leaf_hash(entry), proof) == root, "the proof does not lead to the root")
    return entry


def main(arguments):
    if arguments[0] == "log":
        size, root, entries = check_log(arguments[1], arguments[2])
        if "--dump" in arguments:
            for entry in entries:
                print(entry.decode("utf-8"))
        else:
            print(size, root.hex())
    elif arguments[0] == "receipt":
        with open(arguments[1], "rb") as file:
            print(check_receipt(file.read(), arguments[2]).decode("utf-8"))
    elif arguments[0] == "consistency":
        with open(arguments[3], "rb") as file:
            print(*check_consistency(arguments[1], arguments[2], file.read()))
    else:
        raise Wrong(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:] or [""])
    except (Wrong, ValueError, OSError) as problem:
        sys.exit(f"tlog_reader.py: {problem}")
