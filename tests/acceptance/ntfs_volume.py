#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the attributes that a mount shows under ntfs-3g's names with those of an NTFS volume.

    python3 ntfs_volume.py --build BUILD_DIR [DIR]

DIR is as for acceptance.py; without it, a sample is made. Its base layer is imported and mounted,
and the same files are written to a volume made by mkntfs and mounted with ntfs-3g. After the volume
is remounted, the bytes of every attribute must be equal on both. Finally an image is created from
the volume, which may not differ from the first in anything else. Exit status 77 if nothing can be
mounted.

The volume cannot store the following, so they are not compared:
- the change time: ntfs-3g sets it to the present when the other times are set. That it is the last
  of the four is verified with stat(2), which must return the same time on both;
- descriptors without an owner or a group, which NTFS refuses: its own files have both;
- the sparse attribute of a file without holes: ntfs-3g sets it only for files with holes;
- streams of more than 64 KiB, which are too large for an extended attribute of Linux;
- streams of links, which Linux does not allow;
- in the image created from it, files with the system attribute that ntfs-3g takes for files of
  Interix, and shows as pipes or sockets; and the root, which is the volume's own.
"""
import argparse
import collections
import contextlib
import ctypes
import errno
import json
import os
import resource
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sample_layer
from oracles.expectation import EPOCH
from oracles.host_tree import below

# In the order in which they are written to the volume. A file becomes a link with its reparse data,
# and times are last, since setting the others changes them.
WRITTEN = ("acl", "ea", "reparse_data", "attrib", "times")
COMPARED = (*WRITTEN, "attrib_be", "times_be")
SPARSE = 0x200
XATTR_LIMIT = 65536
PAGE, PIECE = 4096, 1 << 20
TIMEOUT = 600  # seconds
SKIPPED = 77
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.lgetxattr.argtypes = ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t
LIBC.lgetxattr.restype = ctypes.c_ssize_t


def reason_to_skip():
    if os.geteuid() != 0:
        return "only root mounts NTFS"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be opened"
    missing = [tool for tool in ("mkntfs", "ntfs-3g") if not shutil.which(tool)]
    return "there is no " + missing[0] if missing else None


def run(*command):
    subprocess.run([str(part) for part in command], check=True, timeout=1800,
                   stdout=subprocess.DEVNULL)


def value(where: bytes, name: bytes):
    """Returns the value, None if there is none, or the text of an error. Does not use
    os.getxattr(), which tries a short buffer first: to the kernel ntfs-3g's answer to that is a
    broken server."""
    buffer = ctypes.create_string_buffer(XATTR_LIMIT)
    size = LIBC.lgetxattr(where, name, buffer, XATTR_LIMIT)
    if size >= 0:
        return buffer.raw[:size]
    error = ctypes.get_errno()
    return None if error == errno.ENODATA else os.strerror(error)


def stream_names(where: bytes) -> list:
    return sorted(os.fsencode(n) for n in os.listxattr(where, follow_symlinks=False)
                  if n.startswith("user."))


def without_sparse(raw: bytes, name: str) -> bytes:
    order = ">I" if name.endswith("_be") else "<I"
    return struct.pack(order, struct.unpack(order, raw)[0] & ~SPARSE or 0x80)


class Beside:
    """Follows a walk over the image on the volume, with descriptors, since paths may be longer than
    the system allows."""

    def __init__(self, root: Path):
        self.stack = [("", os.open(root, os.O_RDONLY | os.O_DIRECTORY))]

    def place(self, entry) -> bytes:
        while not entry.path.startswith(self.stack[-1][0]):
            os.close(self.stack.pop()[1])
        return b"/proc/self/fd/%d/%s" % (self.stack[-1][1], entry.name)

    def enter(self, entry, where: bytes):
        if entry.kind == stat.S_IFDIR:
            self.stack.append((entry.path + "/", os.open(where, os.O_RDONLY | os.O_DIRECTORY)))

    def close(self):
        for _, descriptor in self.stack:
            os.close(descriptor)


def both(image: Path, volume: Path):
    """Yields each entry of the image with its path on the volume."""
    beside = Beside(volume)
    try:
        for entry in below(image):
            where = beside.place(entry)
            yield entry, where
            beside.enter(entry, where)
    finally:
        beside.close()


class Filling:
    """Copies the files of the image's mount to the volume."""

    def __init__(self, image: Path, volume: Path):
        self.image, self.volume = image, volume
        self.first_names = {}
        self.failures = 0

    def fill(self):
        try:
            for entry, where in both(self.image, self.volume):
                self.create(entry, where)
        finally:
            for descriptor in self.first_names.values():
                os.close(descriptor)
        for entry, where in both(self.image, self.volume):
            self.describe(entry, where)

    def create(self, entry, where: bytes):
        if entry.kind == stat.S_IFDIR or self.attributes(entry) & 0x10:
            os.mkdir(where)
        elif entry.status.st_ino in self.first_names:
            # With src_dir_fd Python calls linkat() with AT_SYMLINK_FOLLOW and links the open file.
            os.link("/proc/self/fd/%d" % self.first_names[entry.status.st_ino], where, src_dir_fd=0)
        else:
            self.create_file(entry, where)

    def attributes(self, entry) -> int:
        return struct.unpack("<I", value(entry.where, b"system.ntfs_attrib"))[0]

    def create_file(self, entry, where: bytes):
        with open(where, "xb", buffering=0) as file:
            if entry.kind == stat.S_IFREG:
                copy(entry.where, file, self.attributes(entry) & SPARSE)
        if entry.status.st_nlink > 1:
            self.first_names[entry.status.st_ino] = os.open(where, os.O_RDONLY)

    def describe(self, entry, where: bytes):
        names = [b"system.ntfs_" + name.encode() for name in WRITTEN]
        if entry.kind != stat.S_IFLNK:
            names = stream_names(entry.where) + names
        for name in names:
            have = value(entry.where, name)
            if not isinstance(have, bytes) or name == b"system.ntfs_acl" and has_no_owner(have):
                continue  # the comparison reports it
            try:
                os.setxattr(where, name, have, follow_symlinks=False)
            except OSError as error:
                self.failures += 1
                print("%s: NTFS does not take %r: %s: %s" % (entry.path, name, error.strerror,
                                                         have[:200].hex()))


def copy(source: bytes, to, with_holes):
    """Copies data; ntfs-3g creates holes where zeros are skipped."""
    with open(source, "rb", buffering=0) as file:
        at = 0
        while piece := file.read(PAGE if with_holes else PIECE):
            if not with_holes or piece.count(0) != len(piece):
                os.pwrite(to.fileno(), piece, at)
            at += len(piece)
    to.truncate(at)


def has_no_owner(descriptor: bytes) -> bool:
    """True if a descriptor has no owner or no group; its header has the offsets of both."""
    return bytes(4) in (descriptor[4:8], descriptor[8:12])


class Comparison:
    def __init__(self):
        self.differences = 0
        self.counts = dict.fromkeys(("files", "values", "streams"), 0)
        self.excuses = set()  # (path, name in `cim diff` of what NTFS cannot store)

    def differ(self, path, name, here, there):
        self.differences += 1
        if self.differences <= 40:
            print("%s: %s: the image has %s, NTFS %s" % (path, name, shown(here), shown(there)))

    def entry(self, entry, where: bytes):
        self.counts["files"] += 1
        there_status = os.lstat(where)
        for name in COMPARED:
            attribute = b"system.ntfs_" + name.encode()
            here, there = value(entry.where, attribute), value(where, attribute)
            self.counts["values"] += here is not None
            if name.startswith("times"):
                here = self.times(entry.path, name, entry.status, here)
                there = self.times(entry.path, name, there_status, there)
            if here != there and not self.excused(entry.path, name, here, there):
                self.differ(entry.path, name, here, there)
        if entry.kind == stat.S_IFREG and not stat.S_ISREG(there_status.st_mode):
            self.excuses.add((entry.path, "removed"))
        if entry.kind != stat.S_IFLNK:
            self.streams(entry, where)

    def times(self, path, name, status, raw: bytes) -> bytes:
        """Returns the times without the last, which must be the change time of stat(2)."""
        *others, change = struct.unpack(">4Q" if name.endswith("_be") else "<4Q", raw)
        if (change - EPOCH) * 100 != status.st_ctime_ns:
            self.differ(path, name + ", the last", change, status.st_ctime_ns)
        return raw[:8 * len(others)]

    def excused(self, path, name, here, there) -> bool:
        if name.startswith("attrib") and without_sparse(here, name) == there:
            self.excuses.add((path, "attributes"))
        elif name == "acl" and has_no_owner(here):
            self.excuses.add((path, "security"))
        else:
            return False
        return True

    def streams(self, entry, where: bytes):
        names = stream_names(entry.where)
        small = [n for n in names if not isinstance(value(entry.where, n), str)]
        if small != names:
            self.excuses.add((entry.path, "streams"))
        if small != stream_names(where):
            self.differ(entry.path, "streams", small, stream_names(where))
        for name in small:
            self.counts["streams"] += 1
            here, there = value(entry.where, name), value(where, name)
            if here != there:
                self.differ(entry.path, name, here, there)


def shown(what) -> str:
    return what[:300].hex() if isinstance(what, bytes) else str(what)


@contextlib.contextmanager
def mounted(point: Path, *command):
    """Runs `command` while the volume is mounted; when it has exited, all data is on the volume."""
    point.mkdir(exist_ok=True)
    server = subprocess.Popen([str(part) for part in (*command, point)])
    deadline = time.monotonic() + TIMEOUT
    while not point.is_mount():
        if server.poll() is not None or time.monotonic() > deadline:
            raise OSError("%s does not mount" % command[0])
        time.sleep(0.05)
    try:
        yield point
    except BaseException:
        run("umount", "--lazy", point)
        raise
    else:
        run("umount", point)
    finally:
        server.wait(TIMEOUT)


class NtfsJudge:
    def __init__(self, cim: Path, tar: Path, work: Path):
        self.cim, self.work = cim, work
        self.image = work / "store" / "cim-layers" / "base.cim"
        self.volume = work / "volume.ntfs"
        (work / "store").mkdir()
        run(cim, "--quiet", "layer", "import", tar, work / "store" / "base")
        with self.volume.open("wb") as file:
            file.truncate(2 * tar.stat().st_size + (256 << 20))
        run("mkntfs", "-F", "-Q", "-q", "-s", "512", "-p", "0", "-H", "255", "-S", "63",
            self.volume)

    def mounted_image(self):
        return mounted(self.work / "image", self.cim, "mount", "--foreground", self.image)

    def mounted_volume(self):
        return mounted(self.work / "ntfs", "ntfs-3g", "-o",
                       "no_detach,noatime,streams_interface=xattr", self.volume)

    def compare(self) -> int:
        with self.mounted_image() as image, self.mounted_volume() as volume:
            filling = Filling(image, volume)
            filling.fill()
        comparison = Comparison()
        with self.mounted_image() as image, self.mounted_volume() as volume:
            for entry, where in both(image, volume):
                comparison.entry(entry, where)
        print("NTFS: %s; %d not taken, %d differences, and what it cannot hold: %s" % (
            ", ".join("%d %s" % (n, what) for what, n in comparison.counts.items()),
            filling.failures, comparison.differences,
            dict(collections.Counter(aspect for _, aspect in comparison.excuses))))
        return filling.failures + comparison.differences + self.create(comparison.excuses)

    def create(self, excuses: set) -> int:
        """Creates an image from the volume and compares it, except the times."""
        again = self.work / "again.cim"
        with self.mounted_volume() as volume:  # which exits with status 1 if there are such files
            subprocess.run([self.cim, "--quiet", "create", again, volume], timeout=1800,
                           stderr=subprocess.DEVNULL, check=False)
        done = subprocess.run([self.cim, "--json", "diff", self.image, again], check=False,
                              stdout=subprocess.PIPE, timeout=1800)
        found = {(entry["path"], what) for entry in json.loads(done.stdout) if entry["path"]
                 for what in entry.get("fields", [entry["change"]]) if what != "times"}
        for path, what in sorted(found - excuses):
            print("%s: the image of the volume differs in: %s" % (path, what))
        print("NTFS: an image of it differs in %d fields besides" % len(found - excuses))
        return len(found - excuses)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("corpus", nargs="?", type=Path)
    args = parser.parse_args()
    if reason := reason_to_skip():
        print("skipped: " + reason)
        return SKIPPED
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="cimlib-") as name:
        work = Path(name)
        if args.corpus is None:
            sample_layer.make(work / "sample")
        oracle = NtfsJudge(args.build.resolve() / "src" / "cli" / "cim",
                          (args.corpus or work / "sample") / "base" / "layer.tar", work)
        failures = oracle.compare()
    print("NTFS: %s" % ("%d failures" % failures if failures else "all the same"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
