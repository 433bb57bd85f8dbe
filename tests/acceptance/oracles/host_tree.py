# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Walks a host directory whose paths may be longer than the system allows.

Every name is reached from its directory's descriptor. Names are WTF-8 there and str here.
"""
import hashlib
import os
import posixpath
import re
import stat
from dataclasses import dataclass

ON_DRIVE_C = re.compile(r"(?://\?/)?[Cc]:/?(.*)|/([^/].*)")


def to_text(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")


def to_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


@dataclass
class HostEntry:
    path: str           # from the root of the walk
    name: bytes
    where: bytes        # a short path to it, valid while the walk is at it
    status: os.stat_result

    @property
    def kind(self) -> int:
        return stat.S_IFMT(self.status.st_mode)

    def sibling(self, name: bytes) -> bytes:
        return self.where[:len(self.where) - len(self.name)] + name


def below(root):
    """Yields a HostEntry for everything below, parents first."""
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    stack = [("", directory, names_of(directory))]
    while stack:
        prefix, directory, names = stack[-1]
        name = next(names, None)
        if name is None:
            os.close(directory)
            stack.pop()
            continue
        where = b"/proc/self/fd/%d/%s" % (directory, name)
        entry = HostEntry(prefix + to_text(name), name, where, os.lstat(where))
        yield entry
        if entry.kind == stat.S_IFDIR:
            directory = os.open(where, os.O_RDONLY | os.O_DIRECTORY)
            stack.append((entry.path + "/", directory, names_of(directory)))


def names_of(directory: int):
    return iter(sorted(os.listdir(b"/proc/self/fd/%d" % directory)))


def wrong_target(path: str, target: str, have: bytes):
    """Returns the target that a link of a layer should have here, if `have` is another: relative
    targets are unchanged except for the slashes; those on drive C lead to its root, the directory
    `Files`; others may be anything."""
    target = target.replace("\\", "/")
    on_drive = ON_DRIVE_C.fullmatch(target)
    if on_drive:
        want = posixpath.normpath("Files/" + (on_drive[1] or on_drive[2] or ""))
        folder = posixpath.dirname(path)
        good = posixpath.normpath(posixpath.join(folder, to_text(have))) == want
    else:
        elsewhere = target.startswith("/") or target[1:2] == ":"
        want, good = target, bool(have) and (elsewhere or have == to_bytes(target))
    return None if good else want


def digest(path: bytes) -> str:
    with open(path, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
