#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Runs `cim layer import` with bad input.

    python3 bad_input.py CIM [--session CIM_SESSION]

Every case must end with exit status 1, nothing on standard output, exactly one line on standard
error that starts with "cim: ", and a store in which no byte has changed. A few good
inputs that differ little from bad ones must be accepted.
"""
import argparse
import gzip
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import sample_layer
from cim_session import Session
from raw_tar import END, entry, folder, header, padded, pax, record

FILES = folder(b"Files")
TEXT = entry(b"Files/a.txt", b"some text\r\n" * 100)
GOOD = FILES + TEXT + folder(b"Files/dir") + entry(b"Files/dir/b.bin", bytes(range(256)) * 33)


def tar(*parts: bytes) -> bytes:
    return FILES + b"".join(parts) + END


def name_in_pax(name: bytes, **more) -> bytes:
    return entry(b"Files/short", b"x", path=name, **more)


# Each function yields (description, bytes of the tar).

def cut_tars():
    whole = GOOD + END
    for size in list(range(1, len(GOOD), 333)) + [len(GOOD) - 1]:
        yield "tar cut to %d of %d bytes" % (size, len(whole)), whole[:size]
    # A block that no entry ends with; a tar that lacks its end marker alone is taken with a warning.
    yield "tar cut after a whole block inside an entry", whole[:len(FILES + TEXT) - 512]
    yield "extended header and no entry after it", FILES + pax(record(b"path", b"Files/x")) + END
    yield "no bytes at all", b""


def no_tars():
    noise = random.Random(7)
    yield "one byte", b"x"
    yield "random bytes", noise.randbytes(100000)
    yield "random bytes, less than a block", noise.randbytes(400)
    yield "text", b"This is not a tar.\n" * 1000
    yield "a zip", b"PK\3\4" + noise.randbytes(2000)
    yield "an xz", b"\xfd7zXZ\0" + noise.randbytes(2000)
    yield "a bzip2", b"BZh91AY&SY" + noise.randbytes(2000)


def compressed():
    packed = gzip.compress(GOOD + END, mtime=0)
    for size in (2, 9, 10, 11, 18, len(packed) // 2, len(packed) - 8, len(packed) - 1):
        yield "gzip cut to %d of %d bytes" % (size, len(packed)), packed[:size]
    for at in (3, 30, len(packed) // 2, len(packed) - 6, len(packed) - 2):
        changed = bytearray(packed)
        changed[at] ^= 0x5A
        yield "gzip with byte %d changed" % at, bytes(changed)
    yield "gzip of a cut tar", gzip.compress((GOOD + END)[:3000], mtime=0)
    yield "gzip of nothing", gzip.compress(b"", mtime=0)
    yield "gzip and noise after it", packed + random.Random(8).randbytes(300)
    yield "raw deflate", zlib.compress(GOOD + END)
    yield from zstd_cases()


def zstd_cases():
    if not shutil.which("zstd"):
        return
    packed = subprocess.run(["zstd", "-q", "--check"], input=GOOD + END, capture_output=True,
                            check=True).stdout
    for size in (5, len(packed) // 2, len(packed) - 1):
        yield "zstd cut to %d of %d bytes" % (size, len(packed)), packed[:size]
    for at in (len(packed) // 2, len(packed) - 1):
        changed = bytearray(packed)
        changed[at] ^= 0x5A
        yield "zstd with byte %d changed" % at, bytes(changed)


def headers():
    name = b"Files/x"
    yield "checksum wrong", tar(header(name, checksum=b"000001\0 "), TEXT)
    yield "checksum no number", tar(header(name, checksum=b"zzzzzz\0 "), TEXT)
    yield "size no number", tar(header(name, size_field=b"12z45678901\0"), TEXT)
    yield "size negative, base-256", tar(header(name, size_field=b"\xff" * 12), TEXT)
    yield "size past 63 bits", tar(header(name, size_field=b"\x80" + b"\xff" * 11), TEXT)
    for kind in (b"3", b"4", b"6", b"7", b"S", b"M", b"Z", b"\xfe"):
        yield "entry of type %r" % kind, tar(header(name, kind), TEXT)


def extended_headers():
    after = header(b"Files/x")
    good = record(b"path", b"Files/y")
    for what, body in (
            ("length no number", b"x path=Files/y\n"), ("length missing", b" path=Files/y\n"),
            ("length too small", b"5 path=Files/y\n"), ("length zero", b"0 path=Files/y\n"),
            ("length past the header", b"99 path=Files/y\n"),
            ("length signed", b"-16 path=Files\n"),
            ("length huge", b"99999999999999999999 path=Files/y\n"),
            ("no newline", b"16 path=Files/yZ"), ("no equals sign", b"16 pathFiles/y0\n"),
            ("no key", b"12 =Files/y\n"), ("rest after the records", good + b"rest"),
            ("NUL in a path", record(b"path", b"Files/\0y")),
            ("NUL in a key", record(b"pa\0th", b"Files/y"))):
        yield "PAX: " + what, tar(pax(body), after)
    for value in (b"abc", b"-1", b"1.5", b"0x10", b"99999999999999999999999"):
        yield "PAX: size %r" % value, tar(pax(record(b"size", value)), after)
    for key in (b"mtime", b"atime", b"ctime", b"LIBARCHIVE.creationtime"):
        for value in (b"abc", b".5", b"1.2.3", b"1e5", b"99999999999999999999"):
            yield "PAX: %s %r" % (key.decode(), value), tar(pax(record(key, value)), after)
    yield "PAX: larger than a megabyte", tar(pax(record(b"comment", b"x" * (1 << 20))), after)


def windows_records():
    def one(key, value):
        return "PAX: %s %r" % (key, value[:40]), tar(pax(record(key.encode(), value)),
                                                     header(b"Files/x"))
    for value in (b"", b"0x20", b"-1", b"+32", b"4294967296", b" 32", b"32 ", b"abc"):
        yield one("MSWINDOWS.fileattr", value)
    for value in (b"AQAEgBQ", b"!!!!", b"AQAE gBQA", b"AQAE"):
        yield one("MSWINDOWS.rawsd", value)
    for value in (b"nonsense", b"O:", b"D:(A;;FA;;;ZZ)", b"O:BAG:SYD:(A;;FA;;BA)"):
        yield one("MSWINDOWS.sd", value)
    yield one("MSWINDOWS.xattr.A", b"!!!!")
    yield one("MSWINDOWS.xattr.", b"eHl6")
    yield one("MSWINDOWS.xattr." + "n" * 256, b"eHl6")
    yield one("MSWINDOWS.xattr.A", b"AAAA" * 30000)
    yield "a folder by its attributes that has data", tar(
        entry(b"Files/x", b"data", MSWINDOWS__fileattr=b"16"))


def names():
    for name in (b"../x", b"Files/../x", b"Files/../../x", b"Files/dir/..", b"..", b"/Files/x",
                 b"/x", b"//server/x", b"\\Files\\x", b"C:/Files/x", b"C:x", b"Files\\..\\..\\x",
                 b"Other/x", b"x", b"layout", b"Files/a/\xff\xfe", b"Files/\xc0\xaf", b"", b"."):
        yield "name %r" % name, tar(entry(name, b"x"))
        if name:
            yield "name %r in a record" % name, tar(name_in_pax(name))
    yield "name of 256 units", tar(name_in_pax(b"Files/" + b"n" * 256))
    yield "name of 128 units pairs and one more", tar(name_in_pax(
        b"Files/" + "\U0001F600".encode() * 128))
    deep = b"Files" + b"/d" * 17000
    yield "path past 32,767 units", tar(name_in_pax(deep))


def links():
    yield "link before its target", tar(
        entry(b"Files/l", kind=b"1", link=b"Files/a.txt"), TEXT)
    for target in (b"Files/missing", b"Files/l", b"Files", b"../a.txt", b"Files/../Files/a.txt",
                   b"/Files/a.txt", b"", b"Files/a.txt/x", b"Files/a.txt:s"):
        yield "link to %r" % target, tar(TEXT, entry(b"Files/l", kind=b"1", link=target))
    yield "link over its target", tar(TEXT, entry(b"Files/a.txt", kind=b"1", link=b"Files/a.txt"))
    yield "link over a file", tar(TEXT, entry(b"Files/b", b"b"),
                                  entry(b"Files/b", kind=b"1", link=b"Files/a.txt"))
    yield "symbolic link of 8,200 units", tar(entry(b"Files/l", kind=b"2", linkpath=b"t" * 8200))


def trees():
    yield "file as a parent", tar(TEXT, entry(b"Files/a.txt/b", b"b"))
    yield "file as a parent's parent", tar(TEXT, entry(b"Files/a.txt/b/c", b"c"))
    yield "link as a parent", tar(entry(b"Files/l", kind=b"2", link=b"dir"),
                                  entry(b"Files/l/x", b"x"))
    yield "parent that is missing", tar(entry(b"Files/none/x", b"x"))
    yield "parent that is missing, at the top", entry(b"Files/x", b"x") + END
    pairs = {"the same": b"Files/a.txt", "another case": b"Files/A.TXT", "a dot": b"Files/./a.txt"}
    for what, name in pairs.items():
        yield "file twice, " + what, tar(TEXT, entry(name, b"again"))
        yield "file, then folder, " + what, tar(TEXT, folder(name))
        yield "file, then symbolic link, " + what, tar(TEXT, entry(name, kind=b"2", link=b"x"))
        yield "folder, then file, " + what, tar(folder(b"Files/a.txt"), entry(name, b"x"))
    yield "equal by the table of Windows", tar(name_in_pax("Files/\u00e4\u01c6".encode()),
                                               name_in_pax("Files/\u00c4\u01c4".encode()))


def sizes():
    x = header(b"Files/x", size=5000)
    yield "size larger than the data", tar(x, TEXT)
    yield "size that passes the end", tar(header(b"Files/x", size=1 << 20))
    yield "size of 8 GiB less one", tar(header(b"Files/x", size_field=b"77777777777\0"), TEXT)
    yield "size of an exabyte", tar(
        header(b"Files/x", size_field=b"\x80" + (1 << 60).to_bytes(11, "big")), TEXT)
    yield "size smaller than the data", tar(header(b"Files/x", size=100), b"data " * 512, TEXT)
    yield "size of an exabyte in a record", tar(pax(record(b"size", b"%d" % (1 << 60))), x, TEXT)
    yield "size in a record and another in the header", tar(
        pax(record(b"size", b"5000")), header(b"Files/x", size=10), b"0123456789".ljust(512, b"\0"))
    yield "size of a stream that passes the end", tar(TEXT, header(b"Files/a.txt:s", size=1 << 20))
    yield "sparse map past the size", tar(entry(
        b"Files/x", b"0123456789", GNU__sparse__major=b"0", GNU__sparse__minor=b"1",
        GNU__sparse__size=b"5", GNU__sparse__numblocks=b"1", GNU__sparse__map=b"0,10"))


def streams():
    one = entry(b"Files/a.txt:s", b"s")
    yield "stream twice", tar(TEXT, one, one)
    yield "stream twice, another case", tar(TEXT, one, entry(b"Files/a.txt:S", b"s"))
    yield "stream twice, in both spellings", tar(TEXT, one, entry(b"Files/a.txt:s:$DATA", b"s"))
    yield "stream without a file", tar(one)
    yield "stream of another file", tar(TEXT, entry(b"Files/b", b"b"), one)
    yield "stream without a name", tar(TEXT, entry(b"Files/a.txt:", b"s"))
    yield "stream without a name, with a type", tar(TEXT, entry(b"Files/a.txt::$DATA", b"s"))
    yield "stream of another type", tar(TEXT, entry(b"Files/a.txt:$I30:$INDEX_ALLOCATION", b"s"))
    yield "stream with three colons", tar(TEXT, entry(b"Files/a.txt:s:t:$DATA", b"s"))
    yield "stream of 256 units", tar(TEXT, name_in_pax(b"Files/a.txt:" + b"s" * 256))
    yield "stream with a slash", tar(TEXT, entry(b"Files/a.txt:s/t", b"s"))
    yield "folder with a colon", tar(folder(b"Files/d:s"))


def good_cases():
    dir_twice = folder(b"Files/dir")
    yield "the plain one", GOOD + END
    yield "only a folder", FILES + END
    yield "folder twice", tar(dir_twice, dir_twice, entry(b"Files/dir/x", b"x"))
    yield "folder twice, another case", tar(dir_twice, entry(b"Files/dir/x", b"x"),
                                            folder(b"Files/DIR"))
    yield "slash at the end, dots, doubled slashes", tar(
        folder(b"Files/dir/"), entry(b"./Files//dir/./x", b"x"))
    yield "backslashes", tar(folder(b"Files\\dir"), entry(b"Files\\dir\\x", b"x"))
    yield "global header", header(b"g", b"g", 18) + padded(record(b"comment", b"global")) \
        + GOOD + END
    yield "records that are empty, so those of the header count", tar(
        pax(record(b"path", b"") + record(b"size", b"")), TEXT)
    yield "zeros after the end", GOOD + END + bytes(10240)
    yield "old kind of file", tar(header(b"Files/v7", b"\0"))
    yield "name of 255 units", tar(name_in_pax(b"Files/" + b"n" * 255))
    yield "not equal by the table of Windows", tar(name_in_pax("Files/\u00df".encode()),
                                                   name_in_pax(b"Files/SS"))
    yield "gzip", gzip.compress(GOOD + END, mtime=0)
    yield "gzip in two members", gzip.compress(GOOD[:2000], mtime=0) + gzip.compress(
        GOOD[2000:] + END, mtime=0)


BAD = (cut_tars, no_tars, compressed, headers, extended_headers, windows_records, names, links,
       trees, sizes, streams)


def snapshot(directory: Path) -> dict:
    """Returns the digest of every path below, except empty directories of images."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.name != "cim-layers":
            found[str(path)] = "no file"
    return found


class Importer:
    """Runs the program in a store of its own and checks its exit status and output."""

    def __init__(self, program: str, session: str | None, directory: Path):
        self.program = program
        self.session = Session(session) if session else None
        self.input = directory / "input.tar"
        self.store = directory / "store"
        self.store.mkdir()
        self.cases = self.failures = 0

    def run(self, *, source=None, layer="layer", store=None, stdin=None, limit=None):
        def restrict():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        words = ["layer", "import", source or self.input, (store or self.store) / layer]
        if self.session and stdin is None and limit is None:
            return self.session.run(words, timeout=120)
        return subprocess.run(
            [self.program, *words], stdin=stdin or subprocess.DEVNULL, capture_output=True,
            timeout=120, check=False, preexec_fn=restrict, restore_signals=False)

    def fail(self, what, why):
        self.failures += 1
        print("FAILED: %s: %s" % (what, why))

    def refused(self, what, word="", store=None, **how):
        self.cases += 1
        store = store or self.store
        before = snapshot(store)
        result = self.run(store=store, **how)
        lines = result.stderr.decode("utf-8", "replace").splitlines()
        after = snapshot(store)
        if result.returncode != 1:
            self.fail(what, "exit status %d; %s" % (result.returncode, " ".join(lines)[:300]))
        elif len(lines) != 1 or not lines[0].startswith("cim: ") or word not in lines[0]:
            self.fail(what, "standard error: %r" % lines)
        elif result.stdout:
            self.fail(what, "standard output: %r" % result.stdout[:100])
        if after != before:
            changed = sorted(k for k in before.keys() | after.keys()
                             if before.get(k) != after.get(k))
            self.fail(what, "not removed, or changed: %s" % ", ".join(
                os.path.relpath(path, store) for path in changed)[:200])
            self.clean(store, before)
        return lines[0] if lines else ""

    @staticmethod
    def clean(store, before):
        for path in sorted(store.rglob("*"), reverse=True):
            if str(path) not in before and path.name != "cim-layers":
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()

    def taken(self, what, **how):
        self.cases += 1
        result = self.run(**how)
        if result.returncode != 0:
            self.fail(what, "exit status %d: %s"
                      % (result.returncode, result.stderr.decode("utf-8", "replace").strip()))
        for path in self.store.glob("cim-layers/*"):
            path.unlink()
        shutil.rmtree(self.store / "layer", ignore_errors=True)


def full_disk(importer: Importer, directory: Path):
    """Imports onto a disk too small for the layer; without root, under a limit of the file size."""
    sample = sample_layer.make(directory / "sample")
    for limit in (0, 4096, 100000, 1000000):
        importer.refused("files limited to %d bytes" % limit, source=sample, limit=limit)
    small = directory / "small"
    small.mkdir()
    for size in ("4k", "64k", "400k", "2m"):
        command = ["mount", "-t", "tmpfs", "-o", "size=" + size, "none", small]
        if os.geteuid() != 0 or subprocess.run(command, check=False,
                                               stderr=subprocess.DEVNULL).returncode:
            print("skipped: a disk of %s that is full: needs the right to mount" % size)
            continue
        try:
            importer.refused("a full disk of " + size, word="space", source=sample, store=small)
        finally:
            subprocess.run(["umount", small], check=True)


def other_ways(importer: Importer, directory: Path):
    importer.refused("a tar that does not exist", source=directory / "none.tar")
    importer.refused("a folder for a tar", source=directory)
    importer.input.write_bytes((GOOD + END)[:3000])
    with open(importer.input, "rb") as file:
        importer.refused("a cut tar on standard input", source="-", stdin=file)
    importer.input.write_bytes(GOOD + END)
    if importer.run(layer="first").returncode != 0:
        importer.fail("a good layer", "exit status")
    importer.refused("a layer that is there already", layer="first")
    importer.input.write_bytes(GOOD[:3000])
    importer.refused("a cut tar beside a good layer", layer="second")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the cim program")
    parser.add_argument("--session", help="a program that runs many commands in one process")
    parser.add_argument("--show", action="store_true", help="print the message of each case")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        importer = Importer(os.path.abspath(args.program), args.session, Path(name))
        for make in BAD:
            for what, data in make():
                importer.input.write_bytes(data)
                line = importer.refused(what)
                if args.show:
                    print("%s\n    %s" % (what, line))
        for what, data in good_cases():
            importer.input.write_bytes(data)
            importer.taken(what)
        full_disk(importer, Path(name))
        other_ways(importer, Path(name))
        if importer.session:
            status, report = importer.session.end()
            if status:
                importer.fail("the session", "ends with %d: %s" % (status, report.decode()))
    print("bad input: %d cases, %d failures" % (importer.cases, importer.failures))
    return 1 if importer.failures else 0


if __name__ == "__main__":
    sys.exit(main())
