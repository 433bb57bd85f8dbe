#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports, exports and imports layers again: checks the tars, and that the images are equal.

The exported tars are imported into a store of their own, each on top of the one before, so that the
store contains only exported layers.

    python3 export_round_trip.py --build BUILD_DIR [CORPUS]

CORPUS contains manifest.json and the tars of layers, as in a corpus or made by sample_layer.py;
without it, a sample is made, and CIMLIB_CORPUS may name another.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sample_layer

HERE = Path(__file__).parent
class RoundTrip:
    def __init__(self, build: Path, corpus: Path, work: Path):
        self.cim = build / "src" / "cli" / "cim"
        self.corpus = corpus
        self.work = work
        self.store = work / "store"
        self.second = work / "second store"
        self.layers = json.loads((corpus / "manifest.json").read_text("utf-8"))["layers"]
        self.failures = 0

    def fail(self, what):
        self.failures += 1
        print("FAILED: %s" % what)

    def run(self, *command, expected=(0,), **options):
        done = subprocess.run([self.cim, "--quiet", *command], check=False, timeout=1800, **options)
        if done.returncode not in expected:
            self.fail("cim %s: status %d" % (" ".join(map(str, command)), done.returncode))
        return done

    def bring_in(self, tar: Path, store: Path, name: str, parents: list):
        options = [o for p in parents for o in ("--parent", store / p)]
        self.run("layer", "import", "--reproducible", tar, store / name, *options)

    def oracle(self, tar: Path, depth: int):
        names = [layer["name"] for layer in self.layers]
        upon = ["--upon", "+".join(names[:depth])] if depth else []
        done = subprocess.run(
            [sys.executable, "-B", HERE / "compare_export.py", tar, self.corpus / "manifest.json",
             "--stage", "+".join(names[:depth + 1]), *upon], check=False, timeout=1800)
        if done.returncode != 0:
            self.fail("what %s holds" % tar.name)

    def differences(self, before: Path, after: Path) -> list:
        done = self.run("--json", "diff", before, after, expected=(0, 1), stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def compare(self, name: str):
        images = [store / "cim-layers" / (name + ".cim") for store in (self.store, self.second)]
        for found in self.differences(*images):
            self.fail("%s: %s differs from what it was exported from" % (name, found))
        directory = self.store / name
        for path in [p.relative_to(directory) for p in directory.rglob("*") if p.is_file()]:
            other = self.second / name / path
            if not other.is_file() or other.read_bytes() != (directory / path).read_bytes():
                self.fail("%s: sidecar file %s" % (name, path))

    def packed(self, name: str, tar: Path):
        """Checks that compressed tars decompress to the plain one, and a second export is equal."""
        for end, unpack in ((".gz", "gzip"), (".zst", "zstd"), ("", None)):
            other = tar.with_name("other.tar" + end)
            self.run("layer", "export", self.store / name, other)
            with open(other, "rb") as file:
                plain = file.read() if unpack is None else subprocess.run(
                    [unpack, "-dc"], stdin=file, stdout=subprocess.PIPE, check=True).stdout
            if plain != tar.read_bytes():
                self.fail("%s is not the same as %s" % (other.name, tar.name))
            other.unlink()

    def layer(self, depth: int, packs: bool):
        layer = self.layers[depth]
        name, below = layer["name"], [e["name"] for e in reversed(self.layers[:depth])]
        self.bring_in(self.corpus / layer["tar"], self.store, name, below)
        tar = self.work / (name + ".tar")
        begin = time.monotonic()
        self.run("layer", "export", self.store / name, tar)
        print("-- %s exported, %.1f s" % (name, time.monotonic() - begin), flush=True)
        self.oracle(tar, depth)
        self.bring_in(tar, self.second, name, below)
        self.compare(name)
        if packs:
            self.packed(name, tar)
        tar.unlink()

    def flattened(self):
        """Imports a flattened export as a base: it equals the topmost layer, except for hives."""
        name = self.layers[-1]["name"]
        tar = self.work / "flat.tar"
        self.run("layer", "export", "--flatten", self.store / name, tar)
        self.bring_in(tar, self.work / "third store", "flat", [])
        for found in self.differences(self.store / "cim-layers" / (name + ".cim"),
                                      self.work / "third store" / "cim-layers" / "flat.cim"):
            path = found["path"].strip("/\\").replace("\\", "/").upper()
            if not path.startswith(("HIVES", "FILES/WINDOWS/SYSTEM32/CONFIG/")) and path not in (
                    "", "LAYOUT"):
                self.fail("flattened: %s" % found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("corpus", nargs="?", type=Path, default=os.environ.get("CIMLIB_CORPUS"))
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cimlib-")))
        corpus = args.corpus
        if corpus is None:
            corpus = work / "sample"
            sample_layer.make(corpus)
        trip = RoundTrip(args.build.resolve(), Path(corpus), work)
        for depth in range(len(trip.layers)):
            trip.layer(depth, packs=args.corpus is None)
        trip.flattened()
    print("export: %d layers, %d failures" % (len(trip.layers), trip.failures))
    return 1 if trip.failures else 0


if __name__ == "__main__":
    sys.exit(main())
