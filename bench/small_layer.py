# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes a layer that changes about a hundredth of another, and one that has just that hundredth.

    small_layer.py TAR CHANGED ORIGINAL: writes both, and prints the number of entries of TAR.
"""
import sys
from pathlib import Path

BLOCK = 512


def entries(tar):
    """Yields the headers and body of each entry, unchanged, and its type, path and size."""
    head, path, size = b"", None, None
    while True:
        block = tar.read(BLOCK)
        if len(block) < BLOCK or not block.strip(b"\0"):
            return
        kind, length = block[156:157], int(block[124:135].strip(b"\0 ") or b"0", 8)
        if kind == b"x":
            body = tar.read(-(-length // BLOCK) * BLOCK)
            for key, value in records(body[:length]):
                path = value if key == b"path" else path
                size = int(value) if key == b"size" else size
            head += block + body
            continue
        name = path or b"/".join(filter(None, (block[345:500].rstrip(b"\0"),
                                               block[:100].rstrip(b"\0"))))
        length = length if size is None else size
        yield head + block, tar.read(-(-length // BLOCK) * BLOCK), kind, name.rstrip(b"/"), length
        head, path, size = b"", None, None


def records(body):
    while body:
        length = int(body[:body.index(b" ")])
        yield body[body.index(b" ") + 1:length - 1].split(b"=", 1)
        body = body[length:]


def write(base: Path, changed: Path, original: Path, share: int = 100) -> int:
    """Writes a regular sample of the files of `base` and their directories: with other bytes, and
    with their own."""
    directories, written, files, count = {}, set(), 0, 0
    with base.open("rb") as tar, changed.open("wb") as new, original.open("wb") as old:
        for head, body, kind, name, size in entries(tar):
            count += 1
            if kind == b"5":
                directories[name] = head + body
            if kind != b"0" or not size or b":" in name or not name.startswith(b"Files/Program"):
                continue
            files += 1
            if files % share:
                continue
            parts = name.split(b"/")[:-1]
            for depth in range(1, len(parts) + 1):
                above = b"/".join(parts[:depth])
                if above not in written and above in directories:
                    written.add(above)
                    new.write(directories[above])
                    old.write(directories[above])
            new.write(head + bytes([body[0] ^ 1]) + body[1:])
            old.write(head + body)
        for out in new, old:
            out.write(bytes(2 * BLOCK))
    return count


if __name__ == "__main__":
    print(write(*map(Path, sys.argv[1:])))
