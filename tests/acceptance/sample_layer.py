#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Creates a small Windows layer of synthetic files, with every kind of entry.

    python3 sample_layer.py DIR

writes DIR/base/layer.tar, the same bytes every time, and DIR/manifest.json with the contents that a
correct import must have.
"""
import base64
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

from oracles import descriptors
from oracles.expectation import DIRECTORY, EPOCH, REPARSE_POINT
from sample_pe import make_pe

ARCHIVE = 0x20
# From before 1970 to after 2038, in whole seconds and in single ticks.
ODD_TIMES = (1, EPOCH - 1, EPOCH - 15_000_000, EPOCH, EPOCH + 5, 132444736001234567,
             132444736010000000, 159000000000000001)
FAR_NAMES = ("\u65e5\u672c\u8a9e.txt", "\U0001F4E6 box.txt", "e\u0301.txt", "\u00e9.txt",
             "Stra\u00dfe.txt", "STRASSE.txt", "\u0131.txt", "i.txt", "with space.txt", "a" * 255,
             "\u4e2d" * 255, "semi;colon.txt", "plus+sign.txt", "100%.txt")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pax_time(ticks: int) -> str:
    """Returns decimal seconds with the precision of a FILETIME."""
    seconds, fraction = divmod(abs(ticks - EPOCH), 10_000_000)
    text = "%s%d.%07d" % ("-" if ticks < EPOCH else "", seconds, fraction)
    return text.rstrip("0").rstrip(".")


class Member(tarfile.TarInfo):
    """A header whose name is not changed; tarfile would add a slash to a directory's."""

    def get_info(self):
        return super().get_info() | {"name": self.name}


class Layer:
    """A tar while it is written, and the contents that it must have."""

    def __init__(self, path: Path):
        self.tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT, encoding="utf-8",
                                errors="surrogateescape")
        self.shown = {}
        self.count = 0
        self.groups = 0

    def times(self) -> dict:
        """Returns times, different for each entry."""
        self.count += 1
        start = 132444736000000000 + self.count * 10_000_019
        return {"btime": start, "mtime": start + 7, "atime": start + 70_000_000,
                "ctime": start + 77}

    def put(self, name, kind, times=None, data=b"", pax=None, linkname=""):
        info = Member(name)
        info.type, info.size, info.linkname = kind, len(data), linkname
        info.mode = {tarfile.DIRTYPE: 0o40000, tarfile.REGTYPE: 0o100000}.get(kind, 0o120000)
        info.pax_headers = dict(pax or {})
        if times:
            keys = {"mtime": "mtime", "atime": "atime", "ctime": "ctime",
                    "LIBARCHIVE.creationtime": "btime"}
            info.pax_headers |= {key: pax_time(times[t]) for key, t in keys.items()}
        self.tar.addfile(info, io.BytesIO(data))

    def add(self, path, kind, attributes, descriptor, times=None, data=None, eas=None, target=None,
            records=None, name=None):
        """Adds an entry with all its records, and its expected contents."""
        times = times or self.times()
        pax = {"MSWINDOWS.fileattr": str(attributes)}
        if descriptor != descriptors.OPEN:
            pax["MSWINDOWS.rawsd"] = base64.b64encode(descriptor).decode()
        entry = {"path": path, "type": kind, "attributes": attributes, **times,
                 "sd": digest(descriptor)}
        if data is not None:
            entry |= {"sha256": digest(data), "size": len(data)}
        if eas:
            entry["eas"] = {n: base64.b64encode(v).decode() for n, v in eas.items()}
            pax |= {"MSWINDOWS.xattr." + n: v for n, v in entry["eas"].items()}
        if target is not None:
            entry["target"] = target
            pax |= {"MSWINDOWS.mountpoint": "1"} if kind == "junction" else {}
        tar_kind = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE}.get(kind, tarfile.SYMTYPE)
        if records is not None:
            pax = {k: v for k, v in (pax | records).items() if v is not None}
        self.put(name or path, tar_kind, times, data or b"", pax, target or "")
        self.shown[path] = entry

    def folder(self, path, attributes=DIRECTORY, **more):
        self.add(path, "dir", attributes, descriptors.FOLDER, **more)

    def file(self, path, data, attributes=ARCHIVE, descriptor=descriptors.FILE, **more):
        self.add(path, "file", attributes, descriptor, data=data, **more)

    def stream(self, path, name, data, suffix=""):
        """Adds a stream, which must follow its file immediately."""
        self.put("%s:%s%s" % (path, name, suffix), tarfile.REGTYPE, self.shown[path], data)
        self.shown[path].setdefault("streams", []).append(
            {"name": name, "size": len(data), "sha256": digest(data)})

    def link(self, path, existing):
        first = self.shown[existing]
        if "link_group" not in first:
            self.groups += 1
            first["link_group"] = self.groups
        self.shown[path] = {**first, "path": path}
        pax = {"MSWINDOWS.fileattr": str(first["attributes"])}
        self.put(path, tarfile.LNKTYPE, first, b"", pax, existing)

    def symlink(self, path, target, folder=False):
        bits = REPARSE_POINT | (DIRECTORY if folder else ARCHIVE)
        self.add(path, "symlink", bits, descriptors.FILE, target=target)

    def junction(self, path, target):
        self.add(path, "junction", REPARSE_POINT | DIRECTORY, descriptors.FOLDER, target=target)

    def bare(self, path, kind, data=b""):
        """Adds an entry as a tool that does not know Windows: without records, in whole seconds."""
        info = Member(path)
        info.type, info.size, info.mtime = kind, len(data), 1600000000
        self.tar.addfile(info, io.BytesIO(data))
        ticks = EPOCH + info.mtime * 10_000_000
        entry = {"path": path, "type": "dir" if kind == tarfile.DIRTYPE else "file",
                 "attributes": DIRECTORY if kind == tarfile.DIRTYPE else 0,
                 **dict.fromkeys(("btime", "mtime", "atime", "ctime"), ticks),
                 "sd": digest(descriptors.OPEN)}
        if kind == tarfile.REGTYPE:
            entry |= {"sha256": digest(data), "size": len(data)}
        self.shown[path] = entry


def filler(length: int, seed: int) -> bytes:
    """Returns text that differs from one 4096 bytes to the next."""
    line = b"line %d of file %d, made up for a sample\r\n"
    out = b"".join(line % (n, seed) for n in range(length // 30 + 1))
    return out[:length]


def windows(layer: Layer):
    layer.folder("Files")
    layer.folder("Files/Windows")
    layer.file("Files/Windows/win.ini", b"; for 16-bit app support\r\n[fonts]\r\n[extensions]\r\n")
    layer.folder("Files/Windows/System32")
    layer.folder("Files/Windows/System32/config")
    for number, hive in enumerate(("SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT")):
        layer.file("Files/Windows/System32/config/" + hive, filler(8192, 900 + number))
    layer.folder("Files/Program Files", attributes=0x11)
    layer.folder("Files/Users")
    layer.junction("Files/Users/All Users", "C:\\ProgramData")
    layer.folder("Files/ProgramData", attributes=0x2010)


def programs(layer: Layer):
    folder = "Files/Windows/System32/"
    pe = make_pe()
    layer.file(folder + "sample.exe", pe.file)
    layer.file(folder + "unsigned.dll", make_pe(overlay=b"", seed=2).file,
               eas={"$CI.CATALOGHINT": b"\1\0\5\0a.cat",
                    "$KERNEL.PURGE.ESBCACHE": bytes(range(18))})
    layer.file(folder + "copy of sample.exe", pe.file)
    layer.file(folder + "odd alignment.sys", make_pe(section_alignment=512).file)
    layer.file(folder + "cut.exe", pe.file[:5000])
    layer.file(folder + "dos.com", b"MZ" + filler(6000, 3))
    layer.folder("Files/Windows/WinSxS")
    layer.link("Files/Windows/WinSxS/amd64_sample.exe", folder + "sample.exe")
    layer.link("Files/Windows/WinSxS/amd64_sample2.exe", folder + "sample.exe")


def sizes(layer: Layer):
    layer.folder("Files/Sizes")
    for size in (0, 1, 7, 8, 9, 511, 512, 513, 4088, 4095, 4096, 4097, 8191, 8192, 8193, 65535,
                 65536, 65537, 131072, 1048577):
        layer.file("Files/Sizes/%07d.txt" % size, filler(size, 1))
    layer.file("Files/Sizes/the same again.txt", filler(8193, 1))
    layer.file("Files/Sizes/small and the same.txt", filler(513, 1))
    layer.file("Files/Sizes/zeros.bin", bytes(300000), attributes=0x220)
    layer.file("Files/Sizes/zeros too.bin", bytes(5000))
    layer.file("Files/Sizes/zeros within.bin", filler(4096, 5) + bytes(200000) + filler(100, 6),
               attributes=0x220)


def streams(layer: Layer):
    layer.folder("Files/Streams")
    zone = b"[ZoneTransfer]\r\nZoneId=3\r\n"
    for name, suffix in (("plain.txt", ""), ("typed.txt", ":$DATA")):
        layer.file("Files/Streams/" + name, filler(100, 7))
        layer.stream("Files/Streams/" + name, "Zone.Identifier", zone, suffix)
        layer.stream("Files/Streams/" + name, "big", filler(70000, 8), suffix)
        layer.stream("Files/Streams/" + name, "\u6d41 \U0001F30A", b"", suffix)
    layer.link("Files/Streams/linked.txt", "Files/Streams/plain.txt")
    layer.folder("Files/Streams/folder")
    layer.stream("Files/Streams/folder", "of a folder", b"folders have streams too")
    layer.file("Files/Streams/empty.txt", b"")
    layer.stream("Files/Streams/empty.txt", "full", filler(4096, 9), ":$data")


def links(layer: Layer):
    layer.folder("Files/Links")
    layer.file("Files/Links/target.txt", b"here\r\n")
    for name, target in (("sibling", "target.txt"), ("up", "..\\Sizes\\0000001.txt"),
                         ("absolute", "C:\\Links\\target.txt"), ("rooted", "\\Windows\\win.ini"),
                         ("unc", "\\\\server\\share\\x"), ("device", "\\\\?\\C:\\Windows"),
                         ("slashes", "../Sizes/0000001.txt"), ("itself", "itself"),
                         ("broken", "not there"), ("\u94fe", "\u65e5\u672c")):
        layer.symlink("Files/Links/" + name, target)
    layer.symlink("Files/Links/folder", "..\\Sizes", folder=True)
    layer.junction("Files/Links/junction", "C:\\Sizes")
    layer.junction("Files/Links/volume", "\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\")


def metadata(layer: Layer):
    layer.folder("Files/Metadata")
    for n, ticks in enumerate(ODD_TIMES):
        times = {t: ticks + i for i, t in enumerate(("btime", "mtime", "atime", "ctime"))}
        layer.file("Files/Metadata/time %d.txt" % n, b"%d" % ticks, times=times)
    for bits in (0, 0x1, 0x2, 0x4, 0x7, 0x20, 0x27, 0x80, 0x100, 0x800, 0x1000, 0x2000, 0x20020):
        layer.file("Files/Metadata/attributes %x.txt" % bits, b"%x" % bits, attributes=bits)
    layer.folder("Files/Metadata/hidden folder", attributes=0x16)
    layer.file("Files/Metadata/no descriptor.txt", b"", descriptor=descriptors.OPEN)
    layer.file("Files/Metadata/sddl.txt", b"older layers have text",
               records={"MSWINDOWS.rawsd": None, "MSWINDOWS.sd": descriptors.FILE_SDDL})
    layer.file("Files/Metadata/both.txt", b"the raw one counts",
               records={"MSWINDOWS.sd": "O:SYG:SY"})
    layer.file("Files/Metadata/eas.txt", b"", eas={"LXUID": b"\1\2\3\4", "A": b"xyz", "EMPTY": b"",
                                                   "N" * 200: bytes(1000)})
    layer.folder("Files/Metadata/ea folder", eas={"LXMOD": b"\xed\x41\0\0"})


def names(layer: Layer):
    layer.folder("Files/Names")
    for n, name in enumerate(FAR_NAMES):
        layer.file("Files/Names/" + name, b"%d" % n)
    deep = "Files/Names"
    for level in range(40):
        deep += "/level %02d" % level
        layer.folder(deep)
    layer.file(deep + "/bottom.txt", b"deep")
    layer.folder("Files/Names/many")
    for n in range(1500):
        layer.file("Files/Names/many/entry %04d" % (n * 7919 % 1500), b"%d" % n)
    layer.folder("Files/Names/ends with a slash", name="Files/Names/ends with a slash/")
    layer.file("Files/Names/dots.txt", b"dots", name="./Files/./Names//dots.txt")
    layer.bare("Files/Names/bare", tarfile.DIRTYPE)
    layer.bare("Files/Names/bare/file.txt", tarfile.REGTYPE, b"no records\n")


def make(directory: Path) -> Path:
    """Returns the tar's path."""
    path = directory / "base" / "layer.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    layer = Layer(path)
    for part in (windows, programs, sizes, streams, links, metadata, names):
        part(layer)
    layer.tar.close()
    entries = sorted(layer.shown.values(), key=lambda e: e["path"].encode())
    manifest = {"layers": [{"name": "base", "tar": "base/layer.tar"}],
                "stages": {"base": {"entries": entries}}}
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: sample_layer.py DIR")
    print(make(Path(sys.argv[1])))
