#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the files that `cim extract` wrote with a manifest or a layer's tar."""
import argparse
import os
import stat
import sys

from oracles import expectation
from oracles.host_tree import HostEntry, below, digest, to_bytes, wrong_target

MAX_NAME_BYTES = 255
# File systems with extended 32-bit seconds have no times before 1901.
EARLIEST = -(1 << 31) * 1_000_000_000


def possible(path: str) -> bool:
    return all(len(to_bytes(name)) <= MAX_NAME_BYTES for name in path.split("/"))


class Extracted:
    def __init__(self, oracle):
        self.oracle = oracle
        self.streams = {}  # path of the file to {name: (size, digest)}
        self.read = set()  # inode numbers; reading a file changes its access time

    def entry(self, entry: HostEntry):
        folder, _, name = entry.path.rpartition("/")
        if ":" in name:
            owner, _, stream = name.partition(":")
            self.streams.setdefault("%s/%s" % (folder, owner), {})[stream] = (
                entry.status.st_size, digest(entry.where))
            return
        seen = expectation.Seen(path=entry.path)
        if entry.kind != stat.S_IFDIR:
            seen.identity, seen.links = entry.status.st_ino, entry.status.st_nlink
        expected = self.oracle.expected.get(entry.path)
        if expected is not None:
            self.times(expected, entry.status)
            self.kind(expected, entry)
        if entry.kind == stat.S_IFREG:
            seen.size, seen.sha256 = entry.status.st_size, digest(entry.where)
            self.read.add(entry.status.st_ino)
        self.oracle.take(seen)

    def times(self, expected, status):
        for name in ("mtime",) if status.st_ino in self.read else ("mtime", "atime"):
            want = max((expected.times[name] - expectation.EPOCH) * 100, EARLIEST)
            have = max(getattr(status, "st_%s_ns" % name), EARLIEST)
            if want != have:
                self.oracle.differ(expected.path, name, want, have)

    def kind(self, expected, entry):
        want = {"file": stat.S_IFREG, "dir": stat.S_IFDIR}.get(expected.kind, stat.S_IFLNK)
        if entry.kind != want:
            self.oracle.differ(entry.path, "kind", oct(want), oct(entry.kind))
        elif want == stat.S_IFLNK:
            have = os.readlink(entry.where)
            if want := wrong_target(entry.path, expected.target, have):
                self.oracle.differ(entry.path, "target", want, have)

    def finish(self):
        """Streams are files beside one name of their file."""
        groups = {}
        for expected in self.oracle.expected.values():
            group = expected.path if expected.link_group is None else expected.link_group
            groups.setdefault(group, []).append(expected)
        for members in groups.values():
            want = {n: v for n, v in members[0].streams.items()
                    if possible("%s:%s" % (members[0].path, n))}
            have = [self.streams[m.path] for m in members if m.path in self.streams]
            self.oracle.counts["streams"] += len(want)
            if have != ([want] if want else []):
                self.oracle.differ(members[0].path, "streams", want, have)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    args = parser.parse_args()
    entries = expectation.load(args.expected, args.stage)
    oracle = expectation.Oracle([e for e in entries if possible(e.path)])
    extracted = Extracted(oracle)
    for entry in below(args.directory):
        extracted.entry(entry)
    extracted.finish()
    left_out = len(entries) - len(oracle.expected)
    same = oracle.finish("extract")
    if left_out:
        print("extract: %d paths are skipped, because their names are too long" % left_out)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
