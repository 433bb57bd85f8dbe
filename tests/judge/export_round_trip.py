#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Layers imported, exported and imported again: the tars are judged, and nothing may differ.

    python3 export_round_trip.py --build BUILD_DIR [CORPUS]

CORPUS holds manifest.json and its layers' tars, as a corpus or sample_layer.py makes them; without
it, a sample is made, and CIMLIB_CORPUS may name another.
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
# Importing makes these itself, at the time of the import; hives tell that time inside, too.
MADE = {"": {"times"}, "Hives": {"times"}, "layout": {"times"}} | {
    "Hives/%s_BASE" % hive: {"times", "data"}
    for hive in ("SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULTUSER")}


class RoundTrip:
    def __init__(self, build: Path, corpus: Path, work: Path):
        self.cim = build / "src" / "cli" / "cim"
        self.corpus = corpus
        self.work = work
        self.store = work / "store"
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

    def bring_in(self, tar: Path, name: str, parents: list):
        options = [o for p in parents for o in ("--parent", self.store / p)]
        self.run("layer", "import", tar, self.store / name, *options)

    def judge(self, tar: Path, depth: int):
        names = [layer["name"] for layer in self.layers]
        upon = ["--upon", "+".join(names[:depth])] if depth else []
        done = subprocess.run(
            [sys.executable, "-B", HERE / "compare_export.py", tar, self.corpus / "manifest.json",
             "--stage", "+".join(names[:depth + 1]), *upon], check=False, timeout=1800)
        if done.returncode != 0:
            self.fail("what %s holds" % tar.name)

    def compare(self, name: str, again: str):
        images = self.store / "cim-layers"
        done = self.run("--json", "diff", images / (name + ".cim"), images / (again + ".cim"),
                        expected=(0, 1), stdout=subprocess.PIPE)
        for found in json.loads(done.stdout):
            path = found["path"].strip("/\\").replace("\\", "/")
            if found["change"] != "changed" or set(found["aspects"]) - MADE.get(path, set()):
                self.fail("%s: %s differs from what it was exported from" % (again, found))

    def packed(self, name: str, tar: Path):
        """Packed tars unpack to the plain one, and a second export is the same."""
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
        self.bring_in(self.corpus / layer["tar"], name, below)
        tar = self.work / (name + ".tar")
        begin = time.monotonic()
        self.run("layer", "export", self.store / name, tar)
        print("-- %s exported, %.1f s" % (name, time.monotonic() - begin), flush=True)
        self.judge(tar, depth)
        self.bring_in(tar, name + "-again", below)
        self.compare(name, name + "-again")
        if packs:
            self.packed(name, tar)
        tar.unlink()

    def flattened(self):
        """One layer of all: as a base, it shows what the topmost one does, hives apart."""
        name = self.layers[-1]["name"]
        tar = self.work / "flat.tar"
        self.run("layer", "export", "--flatten", self.store / name, tar)
        self.bring_in(tar, "flat", [])
        images = self.store / "cim-layers"
        done = self.run("--json", "diff", images / (name + ".cim"), images / "flat.cim",
                        expected=(0, 1), stdout=subprocess.PIPE)
        for found in json.loads(done.stdout):
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
