#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Reads images with each kind of damage: whatever is intact is delivered, all else is named.

    python3 damaged_images.py CIM [DIR]

DIR is as for chain.py; without it, a sample is made. The base layer and its child are imported, and
their files are damaged in every way that a disk, a copy or a careless hand damages files. From each
damaged image `ls -R`, `find --hash` and `extract --keep-going` must give every file that the damage
does not touch, byte for byte as the manifest has it, and must name every other one, or a directory
above it. Which data are touched is determined by the simple reader of these tests.
"""
import argparse
import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import sample_chain
from compare_extract import possible
from oracles import expectation
from oracles.host_tree import below, digest
from oracles.simple_cim import METADATA, PE_IMAGE, Cim, byte_of, region_of

HEADER = 40
BLOCK = 4096


class Image:
    """An intact image: what it contains, and where."""

    def __init__(self, path: Path, expected: list):
        self.path = path
        self.expected = {e.path: e for e in expected}
        cim = Cim(path)
        self.regions = [region.path.name for region in cim.regions]
        self.types = [region.type for region in cim.regions]
        self.sizes = [region.size for region in cim.regions]
        self.own = len(cim.regions) - cim.own_set.count
        self.pieces = {}  # path, of a file or "file:stream", to its [(region, start, end)]
        for entry in cim.walk():
            if not entry.record.is_directory:
                self.place(entry.path, cim, entry.record.stream)
            for name, stream in cim.streams(entry.record).items():
                self.place("%s:%s" % (entry.path, name), cim, stream)

    def place(self, path, cim, stream):
        if stream.sparse or not stream.length:
            places = []
        elif stream.type == PE_IMAGE:
            places = [(size, place) for _, size, place in cim.pe_image(stream).pieces()]
        else:
            places = [(stream.length, stream.offset)]
        self.pieces[path] = [(region_of(place), byte_of(place), byte_of(place) + size)
                             for size, place in places]


@dataclass
class Damage:
    name: str
    apply: Callable[[Path], object]      # to the directory of the image
    region: int
    touches: Callable[[int, int], bool]  # whether a piece of the region, by its start and end, is
    options: tuple = ()
    harmless: bool = False


def cut(image: Image, region: int, size: int) -> Damage:
    def apply(directory: Path):
        with open(directory / image.regions[region], "r+b") as file:
            file.truncate(size)
    return Damage("region %d cut to %d bytes" % (region, size), apply, region,
                  lambda _, end: size < HEADER or end > size)


def overwrite(image: Image, region: int, start: int, data: bytes, what: str) -> Damage:
    def apply(directory: Path):
        with open(directory / image.regions[region], "r+b") as file:
            file.seek(start)
            file.write(data)
    return Damage("region %d %s at %d" % (region, what, start), apply, region,
                  lambda first, end: start < HEADER or first < start + len(data) and start < end)


def replaced(image: Image, region: int, what: str, make: Callable[[Path], object]) -> Damage:
    def apply(directory: Path):
        path = directory / image.regions[region]
        path.unlink()
        make(path)
    return Damage("region %d %s" % (region, what), apply, region, lambda *_: True)


def of_data(image: Image, region: int):
    """Damages that only the object ids can show: others read as if nothing had happened."""
    original = (image.path.parent / image.regions[region]).read_bytes()
    size = len(original)
    for eighth in range(1, 8):
        at = size * eighth // 8
        if at >= HEADER:
            yield overwrite(image, region, at, bytes([original[at] ^ 0x10]), "has a flipped bit")
    at = size // 2 // BLOCK * BLOCK
    if at:
        yield overwrite(image, region, at, bytes(min(BLOCK, size - at)), "has a lost block")
    other = original[:HEADER] + hashlib.shake_256(b"other").digest(size - HEADER)
    yield replaced(image, region, "of another image", lambda path: path.write_bytes(other))


def damages(image: Image, region: int):
    name, size = image.regions[region], image.sizes[region]
    yield replaced(image, region, "missing", lambda path: None)
    yield replaced(image, region, "is a directory", lambda path: path.mkdir())
    yield replaced(image, region, "is a link", lambda path: path.symlink_to("/dev/zero"))
    yield replaced(image, region, "is another file", lambda path: path.write_bytes(b"x" * size))
    wrong = image.regions[region - 1 if image.types[region] else region + 1]
    yield replaced(image, region, "is another region",
                   lambda path: path.write_bytes(path.with_name(wrong).read_bytes()))
    for part in (0, HEADER - 1, HEADER, size // 4, size // 2, size - size // 8):
        yield cut(image, region, part)
    yield overwrite(image, region, 0, bytes(HEADER), "has no header")
    if image.types[region] == METADATA:
        for part in range(16):
            at = max(size * part // 16 // BLOCK * BLOCK, HEADER)
            yield overwrite(image, region, at, bytes(BLOCK), "has a lost block")
    elif region >= image.own:
        yield from of_data(image, region)
    upper = lambda directory: (directory / name).rename(directory / name.upper())
    yield Damage("region %d in upper case" % region, upper, region, lambda *_: False,
                 harmless=True)
    moved = lambda directory: (directory / name).rename(
        directory.with_name("elsewhere") / name.title())
    yield Damage("region %d elsewhere" % region, moved, region, lambda *_: False, harmless=True,
                 options=("--regions", "/nonexistent", "--regions", "../elsewhere"))


def without_ids(directory: Path):
    for file in directory.glob("objectid_*"):
        file.unlink()


class Reading:
    """One way of reading: what it delivered, and the paths that it named."""

    def __init__(self, process):
        self.status = process.returncode
        self.stderr = process.stderr
        self.named, self.fatal = set(), False
        for line in filter(None, process.stderr.split("\n")):
            try:
                error = json.loads(line)["error"]
            except (ValueError, KeyError):
                continue
            if "path" in error:
                self.named.add(error["path"].replace("\\", "/").strip("/"))
            elif "reason" in error:
                self.fatal = True
        self.found = {}

    def names(self, path: str) -> bool:
        """Returns whether the path is named, or a directory above it."""
        if self.fatal or "" in self.named:
            return True
        parts = path.split("/")
        return any("/".join(parts[:n]) in self.named for n in range(1, len(parts) + 1))


class Test:
    def __init__(self, cim: Path, work: Path, verbose: bool):
        self.cim = cim
        self.verbose = verbose
        self.work = work
        self.failures = []
        self.kinds = self.delivered = self.lost = 0

    def run(self, image: Path, verb: str, options, *arguments) -> Reading:
        process = subprocess.run(
            [self.cim, "--json", verb, *options, image, *arguments], capture_output=True,
            check=False, timeout=600, cwd=image.parent, text=True, errors="surrogateescape")
        reading = Reading(process)
        reading.output = process.stdout
        return reading

    def list(self, image, options) -> Reading:
        reading = self.run(image, "ls", ("-R", "--keep-going", *options))
        with contextlib.suppress(ValueError):
            reading.found = {e["path"]: None for e in json.loads(reading.output)}
        return reading

    def find(self, image, options) -> Reading:
        reading = self.run(image, "find", ("--hash", "sha256", "--keep-going", "--type", "f",
                                           "--type", "l", "--type", "stream", *options))
        with contextlib.suppress(ValueError):
            for e in json.loads(reading.output):
                path = e["path"] + (":" + e["stream"] if "stream" in e else "")
                reading.found[path] = e.get("sha256")
        reading.found = {p: d for p, d in reading.found.items() if d is not None}
        return reading

    def extract(self, image, options) -> Reading:
        target = self.work / "out"
        reading = self.run(image, "extract", ("--keep-going", *options), target)
        if target.exists():
            for entry in below(target):
                kind = stat.S_IFMT(entry.status.st_mode)
                reading.found[entry.path] = digest(entry.where) if kind == stat.S_IFREG else None
        shutil.rmtree(target, ignore_errors=True)
        return reading

    def check(self, image: Image, damage: Damage):
        self.kinds += 1
        if self.verbose:
            print(damage.name, flush=True)
        directory = self.work / "damaged"
        (self.work / "elsewhere").mkdir()
        shutil.copytree(image.path.parent, directory, copy_function=os.link)
        damaged = directory / image.regions[damage.region]
        damaged.unlink()
        shutil.copy(image.path.parent / damaged.name, damaged)
        damage.apply(directory)
        path = directory / image.path.name
        for read in (self.list, self.find, self.extract):
            before = len(self.failures)
            self.judge(image, damage, read(path, damage.options),
                       "%s, %s" % (damage.name, read.__name__), read)
            del self.failures[before + 3:]
            if self.verbose and self.failures[before:]:
                print("\n".join(self.failures[before:]), flush=True)
        shutil.rmtree(directory)
        shutil.rmtree(self.work / "elsewhere")

    def judge(self, image, damage, reading, what, read):
        lost = 0
        for path, expected in self.wanted(image, read):
            pieces = image.pieces.get(path, ())
            touched = any(region == damage.region and damage.touches(start, end)
                          for region, start, end in pieces)
            exact = path in reading.found and (
                read == self.list or reading.found[path] in (expected, None))
            if exact and not (touched and read != self.list):
                self.delivered += 1
            elif not exact and path in reading.found and reading.found[path] is not None:
                self.failures.append("%s: %s has wrong bytes" % (what, path))
            elif not exact and not reading.names(path):
                self.failures.append("%s: %s is lost and not named" % (what, path))
            elif not exact and not touched and image.types[damage.region] != METADATA:
                self.failures.append("%s: %s is lost, but not touched" % (what, path))
            elif exact:
                self.failures.append("%s: %s is touched, but delivered" % (what, path))
            else:
                lost += 1
        self.lost += lost
        # Some names of the sample are too long to be extracted anywhere.
        if damage.harmless and (lost or reading.status > (read == self.extract)):
            self.failures.append("%s: status %d, %d lost: %s" % (
                what, reading.status, lost, reading.stderr[:300]))
        if lost and reading.status != 1:
            self.failures.append("%s: %d lost, but status %d" % (what, lost, reading.status))

    def wanted(self, image, read):
        groups = set()
        for path, e in image.expected.items():
            if not possible(path):
                continue
            if read == self.list:
                yield path, None
                continue
            if e.kind == "file" or read == self.extract:
                yield path, e.sha256 if e.kind == "file" else None
            if e.link_group in groups and read == self.extract:
                continue  # streams are written beside the first name
            groups.add(e.link_group) if e.link_group is not None else None
            if e.link_group is None or read == self.find:
                for name, (_, sha256) in e.streams.items():
                    if possible("%s:%s" % (path, name)):
                        yield "%s:%s" % (path, name), sha256


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cim", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print each damage")
    parser.add_argument("--stride", type=int, default=1, help="test only each Nth kind of damage")
    parser.add_argument("corpus", nargs="?", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        corpus = args.corpus
        if corpus is None:
            corpus = work / "corpus"
            corpus.mkdir()
            sample_chain.make(corpus)
        store = work / "store"
        store.mkdir()
        cim = args.cim.resolve()
        for layer, parent in (("base", None), ("child", "base")):
            above = ["--parent", store / parent] if parent else []
            subprocess.run([cim, "-q", "layer", "import", corpus / layer / "layer.tar",
                            store / layer, *above], check=True, timeout=600)
        test = Test(cim, work, args.verbose)
        for name, stage in (("base", "base"), ("child", "base+child")):
            image = Image(store / "cim-layers" / (name + ".cim"),
                          expectation.from_manifest(corpus / "manifest.json", stage))
            image.expected = {p: e for p, e in image.expected.items()
                              if p not in expectation.IMPORTER_MAKES
                              and not p.startswith("Hives")}
            for region in range(len(image.regions)):
                # A fork differs only in that it uses parts of some regions.
                for damage in list(damages(image, region))[::args.stride if name == "base" else 5]:
                    test.check(image, damage)
            test.check(image, Damage("no object ids", without_ids, 0, lambda *_: False,
                                     harmless=True))
        print("%d kinds of damage: %d deliveries, %d named losses" % (
            test.kinds, test.delivered, test.lost))
        for failure in test.failures[:60]:
            print(failure)
        if len(test.failures) > 60:
            print("... %d in all" % len(test.failures))
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
