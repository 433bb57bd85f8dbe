#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Changes files of writable mounts, commits the changes as layers, and compares both.

    python3 commits.py --build BUILD_DIR [--backend erofs] [--rounds N] [--seed N]

In each round random changes are made to the mounted sample layer. A mount of the committed layer
must show what the writable mount showed, and changed files must have the NTFS metadata of the
sample. The layer must also survive an export and import. Exit status 77 where the system does not
permit such mounts.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from expectations import exit_status, expect
import sample_layer

TIMEOUT = 120  # seconds, for a single call
CHANGES = 250
SKIPPED = 77
# Files that boot a container or a utility VM must remain valid.
UNTOUCHED = ("Files/Windows/System32/config", "Hives", "UtilityVM")
RESERVED = ("user.overlay.", "user.ntfs.")


def xattrs(path: bytes) -> dict:
    names = [n for n in os.listxattr(path, follow_symlinks=False)
             if n.startswith("user.") and not n.startswith(RESERVED)]
    values = {}
    for name in names:
        try:
            values[name] = os.getxattr(path, name, follow_symlinks=False)
        except OSError as error:  # a stream that is too large for an attribute
            values[name] = error.errno
    return values


def describe(path: bytes) -> dict:
    """Returns what both mounts must show of a file, apart from its path."""
    status = os.lstat(path)
    shown = {"kind": stat.S_IFMT(status.st_mode), "written": status.st_mtime_ns // 100,
             "xattrs": xattrs(path)}
    if stat.S_ISLNK(status.st_mode):
        shown["target"] = os.readlink(path)
        return shown
    shown["writable"] = status.st_mode & 0o222 != 0
    if stat.S_ISREG(status.st_mode):
        shown["size"] = status.st_size
        with open(path, "rb") as file:
            shown["digest"] = hashlib.file_digest(file, "sha256").hexdigest()
    return shown


def tree(mount: Path) -> dict:
    """Returns the description of each file below a mount, without the root of the image."""
    found = {}
    top = os.fsencode(mount)
    for directory, directories, files in os.walk(top):
        for name in directories + files:
            path = os.path.join(directory, name)
            found[os.path.relpath(path, top)] = describe(path)
    return found


class Changer:
    """Makes random changes in a mounted layer."""

    def __init__(self, mount: Path, chance: random.Random):
        self.top = os.fsencode(mount)
        self.chance = chance
        self.count = 0
        self.changed = set()   # paths of files of the sample that were changed in place
        self.replaced = set()  # paths at which there was something else later
        self.files, self.directories = [], []
        untouched = [os.path.join(self.top, os.fsencode(name)) for name in UNTOUCHED]
        for directory, directories, files in os.walk(self.top):
            directories[:] = [name for name in directories
                              if os.path.join(directory, name) not in untouched]
            if directory != self.top:
                self.directories.append(directory)
                self.files += [os.path.join(directory, name) for name in files]

    def new_name(self, directory=None) -> bytes:
        self.count += 1
        return os.path.join(directory or self.chance.choice(self.directories),
                            b"new \xc3\xa9 %d" % self.count)

    def remember(self, path):
        self.changed.add(os.path.relpath(path, self.top))

    def forget(self, path):
        self.replaced.add(os.path.relpath(path, self.top))

    def append(self, path):
        with open(path, "ab") as file:
            file.write(self.chance.randbytes(self.chance.randrange(20_000)))
        self.remember(path)

    def truncate(self, path):
        os.truncate(path, self.chance.randrange(200_000))
        self.remember(path)

    def permissions(self, path):
        if not os.path.isdir(path):  # new directories are never read-only
            os.chmod(path, self.chance.choice((0o444, 0o644)))
            self.remember(path)

    def touch(self, path):
        time = self.chance.randrange(10 ** 18) * 100 % 4 * 10 ** 18 + self.count
        os.utime(path, ns=(time, time), follow_symlinks=False)
        self.remember(path)

    def attribute(self, path):
        os.setxattr(path, "user.added %d" % self.count, self.chance.randbytes(50))
        self.remember(path)

    def no_attributes(self, path):
        for name in xattrs(path):
            os.removexattr(path, name)
        self.remember(path)

    def remove(self, path):
        os.unlink(path)
        self.forget(path)

    def move(self, path):
        os.rename(path, self.new_name())
        self.forget(path)

    def create(self, _):
        path = self.new_name()
        with open(path, "wb") as file:
            file.write(self.chance.randbytes(self.chance.randrange(100_000)))
            file.truncate(self.chance.randrange(200_000))
        self.files.append(path)

    def replace(self, path):
        other = self.new_name(os.path.dirname(path))
        with open(other, "wb") as file:
            file.write(b"replaced")
        os.rename(other, path)
        self.forget(path)

    def link(self, path):
        other = self.new_name(os.path.dirname(path))
        os.symlink(os.path.basename(path), other)

    def hard_link(self, _):
        first = self.new_name()
        with open(first, "wb") as file:
            file.write(b"of several names")
        os.link(first, self.new_name())

    def directory(self, path):
        self.directories.append(self.new_name(os.path.dirname(path)))
        os.mkdir(self.directories[-1])

    def remake_directory(self, path):
        directory = os.path.dirname(path)
        if directory.count(b"/") > self.top.count(b"/") + 1:
            self.forget(directory)
            shutil.rmtree(directory)
            if self.chance.random() < 0.7:
                os.mkdir(directory)

    def file_to_directory(self, path):
        os.unlink(path)
        os.mkdir(path)
        self.forget(path)
        with open(os.path.join(path, b"inside"), "wb") as file:
            file.write(b"inside")

    def run(self, count):
        actions = [self.append, self.truncate, self.permissions, self.touch, self.attribute,
                   self.no_attributes, self.remove, self.move, self.create, self.replace,
                   self.link, self.hard_link, self.directory, self.file_to_directory]
        through_links = (self.append, self.truncate, self.permissions, self.attribute,
                         self.no_attributes)
        done = 0
        for number in range(count):
            action = self.remake_directory if number % 60 == 59 else self.chance.choice(actions)
            path = self.chance.choice(self.files)
            while not os.path.lexists(path) or (os.path.islink(path) and action in through_links):
                path = self.chance.choice(self.files)
            try:
                action(path)
                done += 1
            except OSError:  # its directory was removed, or an overlay cannot copy its streams
                pass
        return done


class Commits:
    def __init__(self, build: Path, work: Path, backend: str):
        self.cim, self.work, self.backend = build / "src" / "cli" / "cim", work, backend
        self.store, self.place = work / "store", work / "at"
        self.place.mkdir()
        tar = sample_layer.make(work / "sample")
        done = self.run("layer", "import", tar, self.store / "base")
        expect(done.returncode == 0, "import: " + done.stderr)

    def run(self, *words):
        return subprocess.run([self.cim, "--quiet", *words], timeout=TIMEOUT, check=False,
                              capture_output=True, text=True)

    def image(self, layer):
        return self.store / "cim-layers" / (layer + ".cim")

    def mount(self, layer, *options):
        words = ["mount", self.image(layer), self.place, "--backend", self.backend, *options]
        if self.backend == "erofs":
            words += ["-o", "cache=%s" % (self.work / "cache")]
        return self.run(*words)

    def unmount(self):
        expect(self.run("umount", self.place).returncode == 0, "umount")

    def reason_not_to_mount(self):
        done = self.mount("base", "--writable", self.work / "probe")
        if done.returncode == 0:
            self.unmount()
            return None
        return done.stderr.strip()

    def metadata(self, layer, paths):
        """Returns the metadata of some files of a layer, as `cim stat` prints it."""
        found = {}
        for path in paths:
            done = self.run("--json", "stat", self.image(layer), os.fsdecode(path))
            if done.returncode == 0:
                found[path] = json.loads(done.stdout)
        return found

    def compare_metadata(self, what, paths):
        paths = sorted(paths)[:60]
        before, after = self.metadata("base", paths), self.metadata("new", paths)
        for path in before.keys() & after.keys():
            old, new = before[path], after[path]
            if old["type"] != new["type"]:
                continue
            for key in ("security", "extended_attributes", "reparse_data", "created"):
                expect(old.get(key) == new.get(key), "%s: %s of %r: %s, %s" %
                       (what, key, path, old.get(key), new.get(key)))

    def round(self, number, seed):
        what = "round %d" % number
        changes = self.work / ("changes %d" % number)
        expect(self.mount("base", "--writable", changes).returncode == 0, what + ": mount")
        changer = Changer(self.place, random.Random(seed))
        done = changer.run(CHANGES)
        expect(done > CHANGES / 2, "%s: only %d changes succeeded" % (what, done))
        merged = tree(self.place)
        busy = self.run("layer", "commit", changes, self.store / "new", "--parent",
                        self.store / "base")
        expect(busy.returncode != 0 and "stores its changes there" in busy.stderr,
               what + ": commit while it is mounted: " + busy.stderr)
        self.unmount()
        result = self.run("layer", "commit", changes, self.store / "new", "--parent",
                          self.store / "base")
        expect(result.returncode == 0, "%s: %s" % (what, result.stderr))
        if result.returncode != 0:
            return
        expect(self.run("check", "--deep", self.image("new")).returncode == 0,
               what + ": check")
        self.mount("new")
        committed = tree(self.place)
        self.unmount()
        for path in sorted(merged.keys() | committed.keys()):
            if merged.get(path) != committed.get(path):
                expect(False, "%s: %r was %s, is %s" % (what, path, merged.get(path),
                                                        committed.get(path)))
        self.compare_metadata(what, changer.changed - changer.replaced)
        self.round_trip(what)

    def round_trip(self, what):
        tar = self.work / "new.tar"
        parent = ("--parent", self.store / "base")
        for words in (("layer", "export", self.store / "new", tar, *parent),
                      ("layer", "import", tar, self.store / "again", *parent),
                      ("diff", self.image("new"), self.image("again")),
                      ("layer", "destroy", self.store / "again"),
                      ("layer", "destroy", self.store / "new")):
            done = self.run(*words)
            expect(done.returncode == 0, "%s: %s: %s%s" % (what, words[:2], done.stdout[:2000],
                                                           done.stderr))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--backend", default="fuse")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="cimlib-commits-"))
    try:
        commits = Commits(options.build.resolve(), work, options.backend)
        if reason := commits.reason_not_to_mount():
            print("skipped: " + reason)
            return SKIPPED
        for number in range(options.rounds):
            commits.round(number, options.seed * 1000 + number)
        return exit_status()
    finally:
        subprocess.run(["umount", "-l", work / "at"], check=False, capture_output=True)
        subprocess.run(["umount", "-l", work / "at"], check=False, capture_output=True)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
