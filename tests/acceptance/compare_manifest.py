#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares an image, as the simple reader sees it, with a manifest or a layer's tar."""
import argparse
import sys

from oracles import cim_rules
from oracles import expectation
from oracles.simple_cim import Cim


def look(image: Cim, entry) -> expectation.Seen:
    record = entry.record
    return expectation.Seen(
        path=entry.path, attributes=record.attributes,
        times={"btime": record.creation, "mtime": record.last_write, "ctime": record.change,
               "atime": record.last_access},
        descriptor=image.descriptor(record), size=entry.size,
        sha256=None if record.is_directory else image.sha256(record.stream),
        streams={name: (s.length, image.sha256(s)) for name, s in image.streams(record).items()},
        ea=image.extended_attributes(record), reparse=image.reparse(record),
        identity=entry.file_id)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    parser.add_argument("--no-rules", action="store_true",
                        help="don't check that the image keeps every rule of the format")
    args = parser.parse_args()
    image = Cim(args.image)
    oracle = expectation.Oracle(expectation.load(args.expected, args.stage))
    for entry in image.walk():
        if entry.path:
            oracle.take(look(image, entry))
    same = oracle.finish("simple reader")
    return 0 if same and (args.no_rules or cim_rules.check(args.image)) else 1


if __name__ == "__main__":
    sys.exit(main())
