#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the files of a mounted image with a manifest or a layer's tar.

Through EROFS names and streams that are too long for Linux are missing, lookups are exact, and the
attributes with NTFS metadata have other names (docs/mounts.md).
"""
import argparse
import errno
import hashlib
import os
import stat
import struct
import sys

from oracles import expectation
from oracles.host_tree import HostEntry, below, digest, to_bytes, to_text, wrong_target

XATTR_LIMIT = {"fuse": 65536, "erofs": 65535}
XATTR_NAME_LIMIT = 255
LOOKUP_EVERY = 7
NORMAL = 0x80  # set only if no other attribute is
# Swaps the case of letters, for lookups ignoring case; ASCII only, for simplicity.
SWAP = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def xattr(path: bytes, name: str):
    try:
        return os.getxattr(path, to_bytes(name), follow_symlinks=False)
    except OSError as error:
        if error.errno == errno.ENODATA:
            return None
        raise


def ea_of_volume(raw: bytes) -> bytes:
    """Converts a list from NTFS's form, whose last entry has the offset of its end."""
    at = 0
    while at < len(raw):
        following, = struct.unpack_from("<I", raw, at)
        if at + following == len(raw):
            return raw[:at] + bytes(4) + raw[at + 4:]
        if following == 0:
            break
        at += following
    return raw and b"not as on a volume: " + raw


class Mount:
    def __init__(self, oracle, backend, windows_streams):
        self.oracle = oracle
        self.backend = backend
        self.limit = XATTR_LIMIT[backend]
        self.windows_streams = windows_streams
        self.counts = dict.fromkeys(("xattrs", "targets", "lookups", "streams by name"), 0)

    def fact(self, entry: HostEntry, name: str):
        """Returns the attribute with NTFS metadata whose name ends with `name`."""
        if self.backend == "fuse":
            return xattr(entry.where, "system.ntfs_" + name)
        space = "trusted" if entry.kind == stat.S_IFLNK else "user"
        return xattr(entry.where, "%s.ntfs.%s" % (space, name))

    def entry(self, entry: HostEntry):
        """Compares one entry."""
        expected = self.oracle.expected.get(entry.path)
        where, status = entry.where, entry.status
        seen = expectation.Seen(
            path=entry.path, identity=status.st_ino,
            reparse=self.fact(entry, "reparse_data") or b"",
            descriptor=self.fact(entry, "acl"), ea=ea_of_volume(self.fact(entry, "ea") or b""),
            times=self.times(entry.path, status, self.fact(entry, "times")))
        seen.attributes, = struct.unpack("<I", self.fact(entry, "attrib"))
        if seen.attributes == NORMAL:
            seen.attributes = 0
        if entry.kind == stat.S_IFREG:
            seen.size, seen.sha256 = status.st_size, digest(where)
        if entry.kind != stat.S_IFDIR:
            seen.links = status.st_nlink
        self.counts["xattrs"] += 5
        if expected is not None:
            self.kind(expected, entry.kind)
            if entry.kind == stat.S_IFLNK:
                self.target(expected, os.readlink(where))
            else:
                self.streams(expected, where)
        self.oracle.take(seen)
        self.lookup(entry)

    def times(self, path, status, raw) -> dict:
        """Returns the times of the attribute, which must be equal to those of stat(2)."""
        named = dict(zip(("btime", "mtime", "atime", "ctime"), struct.unpack("<4Q", raw)))
        for name in ("mtime", "atime", "ctime") if self.backend == "fuse" else ("mtime",):
            want = (named[name] - expectation.EPOCH) * 100
            have = getattr(status, "st_%s_ns" % name)
            if want != have:
                self.oracle.differ(path, "st_%s_ns" % name, want, have)
        return named

    def kind(self, expected, kind):
        kinds = {"file": stat.S_IFREG, "dir": stat.S_IFDIR}
        want = kinds.get(expected.kind, stat.S_IFLNK)
        if kind != want:
            self.oracle.differ(expected.path, "kind", oct(want), oct(kind))

    def target(self, expected, have: bytes):
        self.counts["targets"] += 1
        if want := wrong_target(expected.path, expected.target, have):
            self.oracle.differ(expected.path, "target", want, have)

    def streams(self, expected, where: bytes):
        """Reads streams as attributes (up to 64 KiB), or as FILE:STREAM if the mount has that."""
        listed = os.listxattr(where, follow_symlinks=False)
        listed = {n[5:] for n in listed if n.startswith("user.")}
        if self.backend == "erofs":
            listed -= {"ntfs." + n for n in ("acl", "attrib", "times", "reparse_data", "ea")}
        for name, (size, sha256) in expected.streams.items():
            attribute = "user." + name
            self.oracle.counts["streams"] += 1
            if size <= self.limit and len(to_bytes(attribute)) <= XATTR_NAME_LIMIT:
                listed.discard(os.fsdecode(to_bytes(name)))
                value = xattr(where, attribute)
                have = None if value is None else (len(value), hashlib.sha256(value).hexdigest())
                if have != (size, sha256):
                    self.oracle.differ(expected.path, attribute, (size, sha256), have)
            if self.windows_streams:
                self.counts["streams by name"] += 1
                path = where + b":" + to_bytes(name)
                have = os.stat(path).st_size, digest(path)
                if have != (size, sha256):
                    self.oracle.differ("%s:%s" % (expected.path, name), "stream", (size, sha256),
                                      have)
        large = {n for n, (size, _) in expected.streams.items() if size > self.limit}
        if extra := {n for n in listed if to_text(os.fsencode(n)) not in large}:
            self.oracle.differ(expected.path, "streams", "no more", sorted(extra))

    def lookup(self, entry: HostEntry):
        """Checks that lookups ignore case, or that they do not, as the mount's backend says."""
        other = to_text(entry.name).translate(SWAP)
        if self.oracle.counts["paths"] % LOOKUP_EVERY or other == to_text(entry.name):
            return
        self.counts["lookups"] += 1
        try:
            have = os.lstat(entry.sibling(to_bytes(other))).st_ino
        except OSError as error:
            have = error.strerror
        want = entry.status.st_ino if self.backend == "fuse" else os.strerror(errno.ENOENT)
        if have != want:
            self.oracle.differ(entry.path, "looked up as %r" % other, want, have)


def possible(entry) -> bool:
    """True if no name of the path is too long for Linux."""
    return all(len(to_bytes(name)) <= XATTR_NAME_LIMIT for name in entry.path.split("/"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mountpoint")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    parser.add_argument("--backend", choices=sorted(XATTR_LIMIT), default="fuse")
    parser.add_argument("--windows-streams", action="store_true",
                        help="the mount has the option streams_interface=windows")
    args = parser.parse_args()
    expected = expectation.load(args.expected, args.stage)
    if args.backend == "erofs":
        expected = [entry for entry in expected if possible(entry)]
    oracle = expectation.Oracle(expected)
    mount = Mount(oracle, args.backend, args.windows_streams)
    for entry in below(args.mountpoint):
        mount.entry(entry)
    same = oracle.finish("mount")
    print("mount: also " + ", ".join("%d %s" % (n, what) for what, n in mount.counts.items()))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
