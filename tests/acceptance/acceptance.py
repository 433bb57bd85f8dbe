#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports a layer's tar and compares the image, read in every way, with what it must contain.

    python3 acceptance.py --build BUILD_DIR [DIR]

DIR contains base/layer.tar and manifest.json, as in a corpus or made by sample_layer.py; without
it, a sample is made. The imported image is read in four ways: by the simple reader of these tests,
by the library, through `cim cat`, and through a mount.
"""
import argparse
import contextlib
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compare_extract
from oracles import expectation
import sample_layer

HERE = Path(__file__).parent
FILES_OF_AN_IMAGE = 7  # the filesystem file, three regions, three times object ids


class Acceptance:
    def __init__(self, build: Path, corpus: Path, work: Path, sample):
        self.cim = build / "src" / "cli" / "cim"
        self.dump = build / "tests" / "acceptance" / "dump_image"
        self.tar = corpus / "base" / "layer.tar"
        self.manifest = corpus / "manifest.json"
        self.store = work / "store"
        self.image = self.store / "cim-layers" / "base.cim"
        self.mountpoint = work / "mount"
        self.sample = sample
        self.failed = []

    def run(self, what, *command, expected=0, **options) -> bool:
        begin = time.monotonic()
        print("-- " + what, flush=True)
        status = subprocess.run(command, check=False, timeout=1800, **options).returncode
        good = status == expected
        if not good:
            self.failed.append(what)
        print("   %s, %.1f s" % ("ok" if good else "exit status %d" % status,
                                 time.monotonic() - begin), flush=True)
        return good

    def oracle(self, what, script, *arguments) -> bool:
        return self.run(what, sys.executable, "-B", HERE / script, *arguments)

    def imports(self):
        self.store.mkdir()
        self.run("import", self.cim, "layer", "import", self.tar, self.store / "base")
        files = sorted(p.name for p in self.image.parent.iterdir())
        if len(files) != FILES_OF_AN_IMAGE:
            self.failed.append("files of the image: %s" % files)

    def compressed(self):
        """Imports the same layer compressed and from a pipe."""
        packed = self.store / "packed"
        with open(self.tar, "rb") as plain, gzip.open(packed, "wb", compresslevel=1) as file:
            shutil.copyfileobj(plain, file, 1 << 20)
        with open(packed, "rb") as file:
            self.run("import, gzip from a pipe", self.cim, "layer", "import", "-",
                     self.store / "gzip", stdin=file)
        self.oracle("gzip: simple reader", "compare_manifest.py",
                   self.image.with_name("gzip.cim"), self.manifest)
        if shutil.which("zstd"):
            self.run("pack with zstd", "zstd", "-q", "-f", "-1", self.tar, "-o", packed)
            self.run("import, zstd", self.cim, "layer", "import", packed, self.store / "zstd")
            self.oracle("zstd: simple reader", "compare_manifest.py",
                       self.image.with_name("zstd.cim"), self.manifest)
        packed.unlink()

    def read(self):
        self.oracle("simple reader", "compare_manifest.py", self.image, self.manifest)
        self.oracle("library", "compare_dump.py", self.dump, self.image, self.manifest)
        sample = [] if self.sample is None else ["--sample", str(self.sample)]
        self.oracle("cim cat", "compare_cat.py", self.cim, self.image, self.manifest, *sample)

    def extracts(self):
        """Extracts what this system allows: leaving out names that are too long is a failure."""
        directory = self.store / "extracted"
        entries = expectation.load(self.manifest)
        incomplete = not all(compare_extract.possible(e.path) for e in entries)
        self.run("extract", self.cim, "--quiet", "extract", self.image, directory,
                 expected=int(incomplete), stderr=subprocess.DEVNULL)
        self.oracle("extract: compare", "compare_extract.py", directory, self.manifest)
        shutil.rmtree(directory, ignore_errors=True)

    def mounts(self):
        self.mountpoint.mkdir()
        self.fuse_mounts()
        self.erofs_mount()

    def erofs_mount(self):
        """Mounts through EROFS if root can; otherwise prints the reason, as `auto` does."""
        options = ("--backend", "auto", "-o", "cache=%s" % self.store.with_name("cache"))
        told = json.loads(subprocess.run(
            [self.cim, "--json", "mount", self.image, self.mountpoint, *options], check=True,
            capture_output=True, timeout=1800).stdout)
        self.run("unmount", self.cim, "umount", self.mountpoint)
        reason = told.get("fallback_reason", "")
        if reason and "names of more than" not in reason:
            print("-- mount through EROFS skipped: " + reason, flush=True)
            return
        if not self.run("mount through EROFS", self.cim, "--quiet", "mount", self.image,
                        self.mountpoint, "--backend", "erofs", *options[2:]):
            return
        try:
            self.oracle("EROFS: compare", "compare_mount.py", self.mountpoint, self.manifest,
                       "--backend", "erofs")
            self.run("destroying what is mounted is refused", self.cim, "layer", "destroy",
                     self.store / "base", expected=1, stderr=subprocess.DEVNULL)
        finally:
            self.run("unmount", self.cim, "umount", self.mountpoint)

    def fuse_mounts(self):
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            self.failed.append("mount: /dev/fuse cannot be used here")
            return
        for what, options, arguments in (
                ("mount", [], []),
                ("mount with streams", ["-o", "streams_interface=windows"], ["--windows-streams"])):
            if not self.run(what, self.cim, "mount", self.image, self.mountpoint, *options):
                continue
            try:
                self.oracle(what + ": compare", "compare_mount.py", self.mountpoint, self.manifest,
                           *arguments)
                self.run("destroying what is mounted is refused", self.cim, "layer", "destroy",
                         self.store / "base", expected=1, stderr=subprocess.DEVNULL)
            finally:
                self.run("unmount", self.cim, "umount", self.mountpoint)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("--sample", type=int, metavar="N",
                        help="of the files for `cim cat`, take N at random and the odd ones")
    parser.add_argument("corpus", nargs="?", type=Path)
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cimlib-")))
        corpus = args.corpus
        if corpus is None:
            corpus = work / "sample"
            sample_layer.make(corpus)
        acceptance = Acceptance(args.build.resolve(), corpus, work, args.sample)
        for part in (acceptance.imports, acceptance.read, acceptance.extracts,
                     acceptance.compressed, acceptance.mounts):
            part()
    for what in acceptance.failed:
        print("FAILED: " + what)
    print("acceptance: %s" % ("%d failures" % len(acceptance.failed) if acceptance.failed
                              else "all as it must be"))
    return 1 if acceptance.failed else 0


if __name__ == "__main__":
    sys.exit(main())
