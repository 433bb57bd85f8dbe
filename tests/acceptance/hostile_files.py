#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Runs cim on images, layouts and tars that are hostile by their kind rather than by their bytes:
things that are not regular files, directory cycles, unprintable names, endless documents.

    python3 hostile_files.py CIM [--session CIM_SESSION]

Every command must end soon, with an exit status, and with one line if it fails; a failed command
must leave no file.
"""
import argparse
import gzip
import hashlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from cim_session import Session
from expectations import exit_status, expect
from handmade_image import GUID, LINK_TABLE, SPARSE, Image
from raw_tar import END, entry, folder, header, padded, pax, record

SECONDS = 60
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
FILES = folder(b"Files")
LAYER = FILES + entry(b"Files/a", b"x") + END


class Oracle:
    def __init__(self, cim: str, session: str | None, work: Path):
        self.cim, self.work = cim, work
        self.session = Session(session) if session else None
        self.commands = 0

    def run(self, what, *arguments, statuses=(0, 1, 2), says="", stdin=None):
        """Runs a command. Returns its output if its exit status and errors are as expected."""
        self.commands += 1
        what = "%s: %s" % (what, " ".join(map(str, arguments[:2])))
        try:
            if self.session and stdin is None:
                done = self.session.run(arguments, SECONDS)
            else:
                done = subprocess.run([self.cim, *arguments], input=stdin or b"",
                                      capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return expect(False, what + ": does not end")
        errors = done.stderr.decode("utf-8", "replace")
        lines = [e for e in errors.splitlines() if not e.startswith("cim: warning: ")]
        expect(done.returncode in statuses, "%s: status %d, %s" % (
            what, done.returncode, errors[-3000:]))
        expect("unexpected" not in errors, "%s: %s" % (what, errors[:300]))
        # Listings and extraction continue after a failure and print a line for each.
        if done.returncode != 0 and arguments[0] in ("ls", "info", "extract"):
            expect(lines and all(line.startswith(("cim: ", "extracted ", '{"error":{')) for line in lines),
                   "%s: lines of another form: %s" % (what, errors[:300]))
        elif done.returncode != 0 and arguments[0] != "check":
            expect(len(lines) == 1, "%s: not one line: %s" % (what, errors[:300]))
        expect(says in errors, "%s: does not say %r: %s" % (what, says, errors[:300]))
        expect(not set(done.stderr) & set(range(0x20)) - {0x0A}, "%s: raw %r" % (what, errors))
        return done

    def directory(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.work))


# ---- other things in the place of an image's files ----

def pair(image) -> int:
    a, b = image.file(image.data(b"small"), 3), image.file(image.data(b"p" * 5000), 3)
    return image.file(image.directory({"a": a, "b": b}), 3)


def bind(path: Path):
    back = os.getcwd()
    os.chdir(path.parent)  # socket names have a small limit
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(back)


def odd_files(oracle: Oracle):
    kinds = {"a FIFO": os.mkfifo, "a directory": Path.mkdir, "a socket": bind,
             "a link to zeros": lambda p: p.symlink_to("/dev/zero"),
             "a link to a text": lambda p: p.symlink_to("/etc/passwd"),
             "a link to itself": lambda p: p.symlink_to(p.name),
             "a link to nothing": lambda p: p.symlink_to("nowhere")}
    for kind, make in kinds.items():
        for name in ("region_%s_0" % GUID, "region_%s_1" % GUID, "objectid_%s_1" % GUID,
                     "handmade.cim"):
            directory = oracle.directory()
            image = Image(96, False)
            path = image.write(directory, pair(image))
            (directory / name).unlink()
            make(directory / name)
            what = "%s as %s" % (kind, name)
            good = (0,) if name.startswith("objectid") else (1,)
            # The listing needs the region of metadata alone, the file's bytes theirs.
            oracle.run(what, "ls", path, statuses=(0,) if name.endswith("_1") else good)
            oracle.run(what, "cat", path, "b", statuses=good)
            oracle.run(what, "check", path, statuses=(1, 2))
            oracle.run(what, "gc", directory)
            shutil.rmtree(directory)


# ---- invalid trees ----

def cycle(image) -> int:
    image.file(image.directory({"a": 2}), 3)
    image.file(image.directory({"b": 1}), 1)
    return image.file(image.directory({"a": 1}), 3)


def root_in_itself(image) -> int:
    return image.file(image.directory({"a": 1}), 1)


def two_to_the_forty(image) -> int:
    at = image.file(image.data(b"x"), 1)
    for _ in range(40):
        at = image.file(image.directory({"l": at, "r": at}), 1)
    return at


def parents_that_lie(image) -> int:
    file = image.file(image.data(b"abc"), 4_000_000_000)
    below = image.file(image.directory({"f": file}), file)
    return image.file(image.directory({"a": below, "h": file}), below)


def shared_table(image) -> int:
    file = image.file(image.data(b"x"), 2)
    table = image.directory({"f": file})
    one, other = image.file(table, 4), image.file(table, 4)
    return image.file(image.directory({"a": one, "b": other}), 4)


def zeros_without_end(image) -> int:
    whole = struct.pack("<QQ", 0, (1 << 48) - 1 | SPARSE)
    streams = image.streams({"s%d" % n: whole for n in range(3)})
    return image.file(image.directory({"a": image.file(whole, 2, streams=streams)}), 2)


def names_to_print(image) -> int:
    names = ["\ud800", "\udc00\ud800", "a\nb", "\x1b[2J", "a\u202eb", " ", "x.", "CON", "-rf", "\1",
             "$(id)", "\ufeff", "*"]
    root = len(names) + 1
    files = {name: image.file(image.data(b"x"), root) for name in names}
    return image.file(image.directory(files), root)


def one_name(name):
    def build(image) -> int:
        return image.file(image.directory({name: image.file(image.data(b"x"), 2)}), 2)
    return build


def trees(oracle: Oracle):
    refused, taken = (1, 2), (0,)
    cases = [("directories in a circle", cycle, refused),
             ("the root in itself", root_in_itself, refused),
             ("2^40 ways down", two_to_the_forty, refused),
             ("parents that lie", parents_that_lie, taken),
             ("two directories of one table", shared_table, taken),
             ("names to print", names_to_print, taken),
             ("a directory of no table", lambda image: image.file(
                 struct.pack("<QQ", 1 << 47, LINK_TABLE << 48 | 1 << 47), 1), refused)]
    cases += [("the name %r" % name, one_name(name), refused)
              for name in ("a\0b", "a/b", "a\\b", "a:b", ".", "..", "")]
    for what, build, statuses in cases:
        directory = oracle.directory()
        image = Image(96, False)
        path = image.write(directory, build(image))
        for command in (("ls", "-R", path), ("ls", "-R", "--json", path),
                        ("info", "--executables", path), ("diff", path, path),
                        ("extract", path, directory / "out")):
            oracle.run(what, *command, statuses=statuses)
        oracle.run(what, "check", "--deep", path, statuses=(1,))
        oracle.run(what, "cat", path, "a\n\x1b[31m", statuses=(1,))
        escaped = [p for p in oracle.work.iterdir() if not p.is_dir()]
        expect(not escaped, "%s: beside the destination: %s" % (what, escaped))
        shutil.rmtree(directory)


def giant(oracle: Oracle):
    directory = oracle.directory()
    image = Image(96, False)
    path = image.write(directory, zeros_without_end(image))
    for command in (("ls", "-l", path), ("info", "--executables", path), ("diff", path, path),
                    ("stat", path, "a")):
        oracle.run("2^48 zeros", *command, statuses=(0,))
    oracle.run("2^48 zeros", "extract", path, directory / "out")  # if the file system can


# ---- names of images and layers ----

def names(oracle: Oracle):
    source = oracle.directory()
    (source / "f").write_bytes(b"x")
    for name in (b"-x.cim", b"a\nb.cim", b"\xff\xfe.cim", b"x" * 255, b"\xc3\xa4" * 127, b" ",
                 b"\x1b[31m.cim", b"a:b.cim", b"region_%s_0x" % str(GUID).encode()):
        directory = oracle.directory()
        image = os.fsencode(directory) + b"/" + name
        what = "the image %r" % name[:20]
        oracle.run(what, "create", image, source, statuses=(0,))
        oracle.run(what, "check", image, statuses=(0,))
        oracle.run(what, "info", "--json", image, statuses=(0,))
        oracle.run(what, "ls", image, "no\nt\x1bhere", statuses=(1,), says="does not exist")
        oracle.run(what, "gc", directory, statuses=(0,))
        expect(os.path.exists(image), what + ": gc took it")
    for name, statuses in ((b"-x", (0,)), (b"a\nb", (0,)), (b"\xff\xfe", (0,)), (b"a:b", (0,)),
                           (b"x" * 251, (0,)), (b"x" * 252, (1,)), (b"x" * 300, (1,)),
                           (b"cim-layers", (1,)), (b"CIM-LAYERS", (1,)), (b".", (1,)),
                           (b"..", (1,)), (b"../../" + b"../" * 5000, (1,))):
        directory = oracle.directory()
        layer = os.fsencode(directory) + b"/store/" + name
        what = "the layer %r" % name[:20]
        oracle.run(what, "layer", "import", "-", layer, stdin=LAYER, statuses=statuses)
        left = [p for p in directory.rglob("*") if p.is_file()]
        expect(bool(left) == (statuses == (0,)), "%s: left are %s" % (what, left))
    for command in (("ls", "x" * 300), ("create", "x" * 300, source), ("oci", "import", "x" * 300,
                    oracle.work / "s"), ("layer", "export", "x" * 300, "-"),
                    ("hive", "dump", "x" * 300)):
        oracle.run("a name too long", *command, statuses=(1,))


# ---- image layouts ----

class Layout:
    def __init__(self, path: Path):
        self.path = path
        (path / "blobs/sha256").mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', "ascii")

    def blob(self, data: bytes, kind="application/vnd.oci.image.layer.v1.tar") -> dict:
        digest = hashlib.sha256(data).hexdigest()
        (self.path / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(data)}

    def document(self, value, kind: str) -> dict:
        return self.blob(json.dumps(value).encode(), kind)

    def image(self, count=1, ids=1) -> dict:
        layer = self.blob(LAYER)
        config = self.document({
            "os": "windows", "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]] * ids}},
            "application/vnd.oci.image.config.v1+json")
        return self.document({"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
                              "layers": [layer] * count}, MANIFEST)

    def index(self, *descriptors):
        self.write(json.dumps({"schemaVersion": 2, "manifests": descriptors}).encode())

    def write(self, text: bytes):
        (self.path / "index.json").write_bytes(text)

    def replace(self, name, make):
        (self.path / name).unlink()
        make(self.path / name)


def nested(layout, width, depth):
    at = layout.image()
    for _ in range(depth):
        at = layout.document({"schemaVersion": 2, "mediaType": INDEX, "manifests": [at] * width},
                             INDEX)
    layout.index(at)


def changed(member, value):
    return lambda layout: layout.index({**layout.image(), member: value})


def replaced(which, make):
    def build(layout):
        layout.index(layout.image())
        name = which or "blobs/sha256/" + hashlib.sha256(LAYER).hexdigest()
        layout.replace(name, make)
    return build


def layout_cases():
    for which in ("index.json", "oci-layout", None):
        yield "a FIFO as %s" % which, replaced(which, os.mkfifo)
        yield "zeros as %s" % which, replaced(which, lambda p: p.symlink_to("/dev/zero"))
        yield "a directory as %s" % which, replaced(which, Path.mkdir)
    for value in ("sha256:../../../../etc/passwd", "sha256:" + "A" * 64,
                  "sha256:" + "a" * 64 + "\n", "sha256:" + "a" * 63 + "/", "md5:" + "a" * 32, 5,
                  None, ["sha256"]):
        yield "the digest %r" % value, changed("digest", value)
    for value in (-1, 1.5, 1e30, 1 << 63, 1 << 64, "5", None, True, 0):
        yield "the size %r" % value, changed("size", value)
    yield "indexes in indexes", lambda layout: nested(layout, 1, 200)
    yield "2^24 ways to a manifest", lambda layout: nested(layout, 2, 24)
    yield "two ids for a layer", lambda layout: layout.index(layout.image(1, 2))
    yield "a layer 3,000 times", lambda layout: layout.index(layout.image(3000, 3000))
    yield "no layers", lambda layout: layout.index(layout.image(0, 0))
    yield "an unknown type", changed("mediaType", "text/plain\n\x1b[31m")
    yield "a platform of other types", changed("platform", {"os": "win\0", "architecture": ["x"]})
    for what, text in (("deep objects", b'{"a":' * 100_000), ("deep arrays", b"[" * 3_000_000),
                       ("UTF-16", '{"schemaVersion":2}'.encode("utf-16")),
                       ("no UTF-8", b'{"x":"\xff"}'), ("half a surrogate pair", b'["\\ud800"]'),
                       ("an endless number", b'{"schemaVersion":2' + b"0" * 100_000 + b"}"),
                       ("an endless exponent", b'{"schemaVersion":2e' + b"9" * 1000 + b"}"),
                       ("members twice", b'{"schemaVersion":2,"manifests":[],"manifests":5}')):
        yield what, lambda layout, text=text: layout.write(text)


def layouts(oracle: Oracle):
    for what, build in layout_cases():
        directory = oracle.directory()
        layout = Layout(directory / "layout")
        build(layout)
        oracle.run(what, "oci", "import", layout.path, directory / "store", statuses=(1,))
        expect(not (directory / "store").exists(), what + ": something landed")
        shutil.rmtree(directory)


# ---- tars and their compression ----

def skippable(size: int, data=b"") -> bytes:
    return struct.pack("<II", 0x184D2A50, size) + data


def sparse(map_: bytes, size: bytes) -> bytes:
    return FILES + entry(b"Files/s", padded(map_) + bytes(512), GNU__sparse__major=b"1",
                         GNU__sparse__minor=b"0", GNU__sparse__name=b"Files/s",
                         GNU__sparse__realsize=size) + END


def long_name(data: bytes, size=None) -> bytes:
    return header(b"././@LongLink", b"L", len(data) if size is None else size) + padded(data)


def tar_cases():
    packed = gzip.compress(LAYER, mtime=0)
    yield "100,000 empty members", gzip.compress(b"", mtime=0) * 100_000 + packed, True
    yield "a name of 50 MB in gzip's header", b"\x1f\x8b\x08\x08" + bytes(4) + b"\0\3" + bytes(
        [110]) * 50_000_000, False
    yield "a skippable frame of 4 GiB", skippable(0xFFFFFFFF, bytes(1000)), False
    yield "skippable frames alone", skippable(4, b"abcd") * 10, False
    yield "gzip in gzip", gzip.compress(packed), False
    for map_, size in ((b"2\n512\n512\n0\n512\n", b"2000"), (b"2\n0\n512\n100\n512\n", b"2000"),
                       (b"99999999999999\n0\n1\n", b"2000"), (b"0\n", b"281474976710655"),
                       (b"1\n9223372036854775000\n512\n", b"9223372036854775807")):
        yield "holes %r of %r" % (map_, size), sparse(map_, size), False
    for body in (b"000000000000000000000000000019 path=Files/y\n", b"+9 a=b\n\n\n", b" 9 a=bcd\n",
                 b"9 a=bcd\0", b"99999999999999999999 a=b\n", b"0 a=b\n", record(b"", b"x"),
                 record(b"mtime", b"1e300"), record(b"mtime", b"9" * 400), record(b"mtime", b"nan"),
                 record(b"path", b"Files/a\0b"), record(b"path", b"Files/\xf4\x90\x80\x80"),
                 record(b"path", b"Files/\xc0\xaf"), record(b"MSWINDOWS.xattr.", b"AAAA"),
                 record(b"MSWINDOWS.fileattr", b"18446744073709551616")):
        yield "the record %r" % body[:60], FILES + pax(body) + header(b"Files/x") + END, False
    yield "half a surrogate pair", FILES + entry(b"Files/x", path=b"Files/\xed\xa0\x80") + END, True
    file = header(b"Files/x")
    yield "three long names", FILES + long_name(b"Files/a\0") * 3 + file + END, True
    yield "a long name of 1 GiB", FILES + long_name(b"n" * 100_000, 1 << 30), False
    yield "an empty long name", FILES + long_name(b"") + file + END, False
    yield "a long name that goes on", FILES + long_name(b"Files/a\0../../b\0") + file + END, True


def tars(oracle: Oracle):
    for what, data, is_taken in tar_cases():
        directory = oracle.directory()
        oracle.run(what, "layer", "import", "-", directory / "store/x", stdin=data,
                  statuses=(0,) if is_taken else (1,))
        expect(is_taken or not list(directory.iterdir()), what + ": something is left")
        shutil.rmtree(directory)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the cim program")
    parser.add_argument("--session", help="a program that runs many commands in one process")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        oracle = Oracle(str(Path(args.program).resolve()), args.session, Path(work))
        for part in (odd_files, trees, giant, names, layouts, tars):
            part(oracle)
        if oracle.session:
            status, report = oracle.session.end()
            expect(status == 0, "the session ends with %d: %s" % (status, report.decode()))
    return exit_status("%d commands" % oracle.commands)


if __name__ == "__main__":
    sys.exit(main())
