#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Copies images by a tar and by a directory with all metadata: the copy has no differences.

    python3 image_copies.py CIM [DIR]

DIR is as for chain.py; without it, a sample is made. A directory of this system cannot have every
name of an image, so names of more than 255 bytes, also with a stream's name behind them, may be
missing there, and metadata that the program names as too large for the file system; nothing else
may. If a volume of ntfs-3g can be mounted, the base layer is extracted to it too; ntfs_volume.py
lists what such a volume cannot store.
"""
import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sample_chain

MAX_NAME_BYTES = 255
NTFS_MEGABYTES = 256
# Set by ntfs-3g itself, or refused by it (ntfs_volume.py).
NOT_ON_NTFS = {"times", "attributes", "security", "links"}


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Copies:
    def __init__(self, cim: Path, work: Path):
        self.cim = cim
        self.work = work
        self.failures = []

    def run(self, *arguments, expected=(0,), **options):
        process = subprocess.run([self.cim, *arguments], check=False, capture_output=True,
                                 timeout=600, **options)
        if process.returncode not in expected:
            self.failures.append("%s: status %d: %s" % (
                " ".join(map(str, arguments)), process.returncode, process.stderr[:500]))
        return process

    def differences(self, before, after) -> list:
        process = self.run("--json", "diff", before, after, expected=(0, 1))
        return json.loads(process.stdout) if process.returncode in (0, 1) else [{"change": "not compared", "path": ""}]

    def compare(self, what, before, after, may_differ=lambda _: False):
        wrong = [d for d in self.differences(before, after) if not may_differ(d)]
        if wrong:
            self.failures.append("%s: %d differences, such as %s" % (what, len(wrong), wrong[:3]))
        print("%s: %s" % (what, "differs" if wrong else "equal"), flush=True)

    def by_tar(self, image: Path):
        tar = self.work / "image.tar.gz"
        copy = self.work / "by-tar.cim"
        self.run("export", image, tar)
        self.run("create", copy, tar)
        self.compare("%s, by a tar" % image.stem, image, copy)
        exported = self.run("export", image, "-")
        piped = self.work / "by-pipe.cim"
        self.run("create", piped, "-", input=exported.stdout)
        self.compare("%s, by a pipe" % image.stem, image, piped)

    def long_names(self, image: Path) -> set:
        """Returns the paths that a directory here cannot have, and files with such streams."""
        found = json.loads(self.run("--json", "find", image, "--type", "f", "--type", "d", "--type",
                                    "l", "--type", "stream").stdout)
        paths = set()
        for entry in found:
            stream = ":" + entry["stream"] if "stream" in entry else ""
            parts = entry["path"].split("/")
            for n, name in enumerate(parts):
                with_stream = stream if n + 1 == len(parts) else ""
                if len(utf8(name + with_stream)) > MAX_NAME_BYTES:
                    paths.add("/".join(parts[:n + 1]))
        return paths

    @staticmethod
    def named_as_lost(target: Path, errors: bytes) -> set:
        """Returns the paths whose metadata the program names as too large for the file system."""
        start, end = b"cim: warning: %s/" % os.fsencode(target), b": skipped: the file system here"
        return {line[len(start):line.index(end)].decode() for line in errors.splitlines()
                if line.startswith(start) and end in line}

    def by_directory(self, image: Path):
        target = self.work / "tree"
        target.mkdir()
        try:
            os.setxattr(target, "user.cim-test", b"x")
            os.removexattr(target, "user.cim-test")
        except OSError as error:
            print("by a directory skipped: %s" % error)
            target.rmdir()
            return
        long = self.long_names(image)
        extracted = self.run("extract", "--metadata", image, target, expected=(0, 1))
        lost = self.named_as_lost(target, extracted.stderr)
        if extracted.returncode != (1 if long or lost else 0):
            self.failures.append("extract: status %d" % extracted.returncode)
        copy = self.work / "by-directory.cim"
        self.run("create", "--metadata", copy, target)
        self.compare("%s, by a directory" % image.stem, image, copy,
                     lambda d: d["path"] in lost or
                     any(d["path"] == p or d["path"].startswith(p + "/") for p in long))
        shutil.rmtree(target, ignore_errors=True)

    def is_shown_as_device(self, image: Path, difference) -> bool:
        """Returns whether ntfs-3g takes the file for one of Interix (ntfs_volume.py)."""
        if difference["change"] != "removed":
            return False
        found = json.loads(self.run("--json", "stat", image, difference["path"]).stdout)
        return "system" in found["attributes"]

    def by_ntfs(self, image: Path):
        size_of_data = json.loads(self.run("--json", "info", image).stdout)["data_bytes"]
        volume, mountpoint = self.work / "volume", self.work / "ntfs"
        mountpoint.mkdir()
        with open(volume, "wb") as file:
            file.truncate(2 * size_of_data + (NTFS_MEGABYTES << 20))
        try:
            subprocess.run(["mkntfs", "-q", "-F", "-f", volume], check=True, capture_output=True,
                           timeout=120)
            subprocess.run(["ntfs-3g", "-o", "noatime", volume, mountpoint], check=True,
                           capture_output=True, timeout=60)
        except (OSError, subprocess.CalledProcessError) as error:
            print("by ntfs-3g skipped: %s" % error)
            return
        try:
            target = mountpoint / "tree"
            self.run("extract", "--metadata", image, target, expected=(0, 1))
            # At once: the kernel still knows links as the files that they were (extract's
            # refresh_kind()), for a second.
            copy = self.work / "by-ntfs.cim"
            self.run("create", copy, target, expected=(0, 1))
            print("%s, by ntfs-3g: " % image.stem, end="")
            long = self.long_names(image)
            lost = [d for d in self.differences(image, copy)
                    if not (d["change"] == "changed" and set(d["fields"]) <= NOT_ON_NTFS)
                    and not any(d["path"] == p or d["path"].startswith(p + "/") for p in long)
                    and not self.is_shown_as_device(image, d)]
            print("%d other differences" % len(lost), flush=True)
            if lost:
                self.failures.append("by ntfs-3g: %d differences, such as %s" % (
                    len(lost), lost[:3]))
        finally:
            subprocess.run(["umount", mountpoint], check=False, timeout=60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cim", type=Path)
    parser.add_argument("corpus", nargs="?", type=Path)
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        corpus = args.corpus
        if corpus is None:
            corpus = work / "corpus"
            corpus.mkdir()
            sample_chain.make(corpus)
        store = work / "store"
        store.mkdir()
        cim = args.cim.resolve()
        copies = Copies(cim, work)
        parents = []
        for layer in ("base", "child"):
            copies.run("layer", "import", corpus / layer / "layer.tar", store / layer, *parents)
            parents = ["--parent", store / layer]
            image = store / "cim-layers" / (layer + ".cim")
            copies.by_tar(image)
            copies.by_directory(image)
            for made in work.glob("by-*.cim"):
                made.unlink()
        copies.by_ntfs(store / "cim-layers" / "base.cim")
        for failure in copies.failures:
            print(failure)
        return 1 if copies.failures else 0


if __name__ == "__main__":
    sys.exit(main())
