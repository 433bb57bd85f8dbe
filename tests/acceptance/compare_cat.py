#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the output of `cim cat` for an image with a manifest or a layer's tar."""
import argparse
import hashlib
import random
import subprocess
import sys

from oracles import expectation


def special(expected) -> bool:
    """True for entries that are part of every sample of files."""
    return bool(expected.streams) or expected.link_group is not None or \
        "CornerCases" in expected.path


def cat(program: str, image: str, path: str):
    """Returns (size, SHA-256) of the output, or the error message."""
    digest, size = hashlib.sha256(), 0
    with subprocess.Popen([program, "cat", image, path.encode("utf-8", "surrogatepass")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while piece := process.stdout.read(1 << 20):
            digest.update(piece)
            size += len(piece)
        complaint = process.stderr.read().decode("utf-8", "replace").strip()
    return complaint or "exit %d" % process.returncode if process.returncode else (
        size, digest.hexdigest())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the cim program")
    parser.add_argument("image")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    parser.add_argument("--sample", type=int, metavar="N",
                        help="only N files taken at random, and those with streams or links")
    args = parser.parse_args()
    entries = expectation.load(args.expected, args.stage)
    oracle = expectation.Oracle(entries)
    files = [e for e in entries if e.kind == "file" or e.streams]
    if args.sample is not None:
        chosen = random.Random(1).sample(files, min(args.sample, len(files)))
        taken = {e.path for e in chosen}
        files = chosen + [e for e in files if special(e) and e.path not in taken]
    for number, expected in enumerate(files):
        path = expected.path.replace("/", "\\") if number % 2 else expected.path
        wanted = [(path, (expected.size, expected.sha256), "digests")] if expected.kind == "file" \
            else []
        wanted += [("%s:%s" % (path, n), v, "streams") for n, v in expected.streams.items()]
        oracle.counts["paths"] += 1
        for name, want, what in wanted:
            oracle.counts[what] += 1
            have = cat(args.program, args.image, name)
            if have != want:
                oracle.differ(name, "cat", want, have)
    return 0 if oracle.finish("cim cat", everything=False) else 1


if __name__ == "__main__":
    sys.exit(main())
