#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares an image as the library's reader shows it with a manifest or a layer's tar."""
import argparse
import json
import subprocess
import sys

from oracles import expectation


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the dump_image program")
    parser.add_argument("image")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    args = parser.parse_args()
    oracle = expectation.Oracle(expectation.load(args.expected, args.stage))
    with subprocess.Popen([args.program, args.image], stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            entry = json.loads(line)
            oracle.take(expectation.Seen(
                path=entry["path"], attributes=entry["attributes"],
                times=dict(zip(expectation.TIMES, entry["times"])),
                descriptor=bytes.fromhex(entry["descriptor"]), size=entry["size"],
                sha256=entry.get("sha256"), ea=bytes.fromhex(entry["ea"]),
                streams={name: (size, digest) for name, size, digest in entry["streams"]},
                reparse=bytes.fromhex(entry["reparse"]), identity=entry["id"]))
    if process.returncode:
        oracle.differ(args.image, "exit status of dump_image", 0, process.returncode)
    return 0 if oracle.finish("library") else 1


if __name__ == "__main__":
    sys.exit(main())
