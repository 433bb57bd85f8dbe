# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""A small image laid out by hand, from the description of the format alone.

    python3 handmade_image.py DIR

writes handmade.cim with its regions and object ids, and manifest.json with its contents, so
that a reader can be tested without cimlib's writer.
"""
import base64
import hashlib
import json
import struct
import sys
import uuid
from pathlib import Path

from oracles import descriptors
from oracles import upcase
from oracles.object_ids import object_id
from sample_pe import make_pe

GUID = uuid.UUID("6d0c3a52-8f17-4e5b-9a40-1f2e3d4c5b6a")
METADATA, PAGE_ALIGNED, SMALL = 0, 1, 2
ALIGNMENT = {METADATA: 8, PAGE_ALIGNED: 4096, SMALL: 8}
DATA, LINK_TABLE, PE_IMAGE = 0, 1, 2
SPARSE = 1 << 56
EMPTY_FILE = SMALL << 48 | 40
# A = "xyz", LXUID = 01 02 03 04
EAS = bytes.fromhex("1000000000010300410078797a000000000000000005"
                    "04004c58554944000102030400 00")
SYMLINK_TO_SIBLING = bytes.fromhex("0c0000a020000000000008000a000800010000002e002e005c00620000002e"
                                   "002e005c0062000000")
TIMES = (132444736001234567, 132444736011234567, 132444736021234567, 132444736031234567)


class Regions:
    """The bytes of the three regions while they are built."""

    def __init__(self):
        self.bytes = [bytearray(40) for _ in range(3)]
        self.objects = [set() for _ in range(3)]

    def add(self, region: int, data: bytes, identified: bool = False) -> int:
        """Appends an aligned object; returns its RegionOffset."""
        area = self.bytes[region]
        area += bytes(-len(area) % ALIGNMENT[region])
        at = len(area)
        area += data
        if identified:
            self.objects[region].add((len(data), object_id(data), at))
        return region << 48 | at


def common_header(length: int, file_type: int) -> bytes:
    return struct.pack("<8sIBBHIIQ", b"cimfile0", length, file_type, 0, 0, 2, 0, 0)


def link_table(entries: dict, value_size: int) -> bytes:
    """Builds a link table from a map of names to value bytes, sorted as the format requires."""
    ordered = sorted(entries.items(), key=lambda item: upcase.sort_key(item[0]))
    at = 8 + len(ordered) * (value_size + 4)
    offsets, names = b"", b""
    for name, _ in ordered:
        units = name.encode("utf-16-le", "surrogatepass")
        offsets += struct.pack("<I", at + len(names))
        names += struct.pack("<H", len(units) // 2) + units
    body = b"".join(value for _, value in ordered) + offsets + names
    return struct.pack("<II", 8 + len(body), len(ordered)) + body


class Image:
    """An image while it is built, bottom up: a directory's table needs the ids of its files."""

    def __init__(self, entry_size, count_before_streams):
        self.regions = Regions()
        self.count_before_streams = count_before_streams
        self.entry_size = entry_size
        self.records = []
        self.open = self.sized(descriptors.OPEN)
        self.system = self.sized(descriptors.SYSTEM_OWNED)
        self.further = []  # (file, directory that has a name of it and is not its parent)

    def sized(self, data: bytes) -> int:
        return self.regions.add(METADATA, struct.pack("<H", len(data)) + data)

    def data(self, data: bytes) -> bytes:
        """Returns the 16 bytes of a plain stream."""
        if not data:
            return struct.pack("<QQ", EMPTY_FILE, 0)
        region = SMALL if len(data) < 4096 else PAGE_ALIGNED
        return struct.pack("<QQ", self.regions.add(region, data, True), len(data))

    def pe(self, data: bytes, image: bytes, image_length: int, mappings: list) -> bytes:
        at = self.regions.add(PAGE_ALIGNED, image, True)
        raw = struct.pack("<QQIHH", at, len(data), image_length, len(mappings), 1)
        raw += b"".join(struct.pack("<II", *mapping) for mapping in mappings)
        return struct.pack("<QQ", self.regions.add(METADATA, raw), len(data) | PE_IMAGE << 48)

    def directory(self, entries: dict) -> bytes:
        if not entries:
            return struct.pack("<QQ", 0, LINK_TABLE << 48)
        raw = link_table({n: struct.pack("<I", i) for n, i in entries.items()}, 4)
        return struct.pack("<QQ", self.regions.add(METADATA, raw), len(raw) | LINK_TABLE << 48)

    def streams(self, named: dict) -> int:
        count = struct.pack("<I", len(named)) if self.count_before_streams else b""
        return self.regions.add(METADATA, count + link_table(named, 16))

    def file(self, stream, parent, flags=8, descriptor=None, ea=b"", reparse=b"", streams=0) -> int:
        """Returns the new file's id."""
        tag = struct.unpack_from("<I", reparse)[0] if reparse else 0
        self.records.append(
            struct.pack("<HHIQQQQ", flags, len(ea), tag, *TIMES) + stream +
            struct.pack("<QQQQIHH", descriptor or self.open,
                        self.regions.add(METADATA, ea) if ea else 0,
                        self.sized(reparse) if reparse else 0, streams, parent, 0, 0))
        return len(self.records)

    def back_references(self) -> bytes:
        return b"cimnames" + struct.pack("<II", len(self.further), 0) + b"".join(
            struct.pack("<II", *pair) for pair in sorted(self.further))

    def write(self, directory: Path, root: int) -> Path:
        resized = [r[:self.entry_size].ljust(self.entry_size, b"\xA5") for r in self.records]
        table = self.regions.add(METADATA, b"".join(resized))
        tables = self.regions.add(METADATA, struct.pack("<QHHI", table, len(self.records),
                                                        self.entry_size, 0))
        upper = self.regions.add(METADATA, upcase.TABLE)
        top = self.regions.add(METADATA, struct.pack("<QQII", upper, tables, 1, root))
        for n, area in enumerate(self.regions.bytes):
            area[:40] = common_header(40, 1) + struct.pack("<HBBI", n, n, 0, 0)
            area += bytes(-len(area) % 4096 if n == PAGE_ALIGNED else 0)
            (directory / ("region_%s_%d" % (GUID, n))).write_bytes(area)
            objects = sorted(self.regions.objects[n])
            (directory / ("objectid_%s_%d" % (GUID, n))).write_bytes(
                common_header(48, 2) + struct.pack("<HBBIII", n, n, 0, 0, 48, len(objects)) +
                b"".join(struct.pack("<Q24sQ", *entry) for entry in objects) +
                (self.back_references() if n == METADATA else b""))
        image = directory / "handmade.cim"
        image.write_bytes(common_header(72, 0) + GUID.bytes_le + struct.pack("<HHI", 3, 0, 0) +
                          struct.pack("<QIHH", top, 0, 0, 0))
        return image


def expected(path, kind, attributes, data=None, descriptor=descriptors.OPEN, **more) -> dict:
    entry = {"path": path, "type": kind, "attributes": attributes, "btime": TIMES[0],
             "mtime": TIMES[1], "ctime": TIMES[2], "atime": TIMES[3],
             "sd": hashlib.sha256(descriptor).hexdigest()}
    if data is not None:
        entry |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return entry | more


def make(directory: Path, entry_size=96, count_before_streams=False) -> Path:
    """Builds the tree: root 1 contains everything except the files of `Docs` (2). Ids are in the
    order of the calls of file().

    Records may be shorter or longer than those of version 2.0, and stream tables may have a count
    in front, as one published reader expects.
    """
    text, page, zeros = b"hello, image\r\n", bytes(range(256)) * 20, bytes(100000)
    note, big_note = b"[ZoneTransfer]\r\nZoneId=3\r\n", bytes(range(255, -1, -1)) * 17
    pe = make_pe()
    image = Image(entry_size, count_before_streams)
    root, docs = 1, 2
    image.records += [b"", b""]
    linked = image.file(image.data(text), docs, descriptor=image.system, ea=EAS)
    paged = image.file(image.data(page), root, flags=1 | 2 | 4 | 8, streams=image.streams(
        {"Zone.Identifier": image.data(note), "big": image.data(big_note), "n": image.data(b"")}))
    sparse = image.file(struct.pack("<QQ", 0, len(zeros) | SPARSE), root, flags=8 | 16)
    empty = image.file(image.data(b""), root, flags=0)
    program = image.file(image.pe(pe.file, pe.image, pe.image_length, pe.mappings), root)
    link = image.file(image.data(b""), root, reparse=SYMLINK_TO_SIBLING)
    hollow = image.file(image.directory({}), root, flags=0)
    lone = image.file(image.data(b"lone"), docs)
    entries = {"Docs": docs, "page.bin": paged, "SPARSE": sparse, "empty": empty,
               "prog.exe": program, "link": link, "hollow": hollow, "Straße.txt": linked}
    below = {"a.txt": linked, "\ud83d\ude00.txt": lone, "\u4e2d\u6587": image.file(
        image.directory({}), docs, flags=2)}
    placed = [(root, root, entries), (docs, root, below)]
    for file_id, parent, names in placed:
        image.file(image.directory(names), parent, flags=0)
        image.records[file_id - 1] = image.records.pop()
    image.further.append((linked, root))
    path = image.write(directory, root)

    same = {"link_group": 1, "links": 2, "descriptor": descriptors.SYSTEM_OWNED,
            "eas": {"A": base64.b64encode(b"xyz").decode(),
                    "LXUID": base64.b64encode(b"\1\2\3\4").decode()}}
    named = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()}
             for n, d in (("Zone.Identifier", note), ("big", big_note), ("n", b""))]
    manifest = [
        expected("Docs", "dir", 0x10), expected("Docs/a.txt", "file", 0x20, text, **same),
        expected("Docs/\u4e2d\u6587", "dir", 0x12),
        expected("Docs/\U0001F600.txt", "file", 0x20, b"lone"),
        expected("SPARSE", "file", 0x220, zeros),
        expected("Straße.txt", "file", 0x20, text, **same),
        expected("empty", "file", 0, b""), expected("hollow", "dir", 0x10),
        expected("link", "symlink", 0x420, target="..\\b"),
        expected("page.bin", "file", 0x27, page, streams=named),
        expected("prog.exe", "file", 0x20, pe.file)]
    (directory / "manifest.json").write_text(
        json.dumps({"stages": {"base": {"entries": manifest}}}, indent=1), "utf-8")
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: handmade_image.py DIR")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    print(make(Path(sys.argv[1])))
