# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""A second, deliberately simple reader of CIM images.

It is written from the description of the format alone and shares no code
with the library, so that each can verify the other. It raises CimError for anything that it cannot
read; cim_rules.py checks that an image obeys every rule of the format.

    image = Cim("layers/7.cim")
    for entry in image.walk():
        print(entry.path, entry.size, image.sha256(entry.record.stream))
"""
import hashlib
import mmap
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"cimfile0"
FILE_TYPES = {"filesystem": 0, "region": 1, "object id": 2}
METADATA, PAGE_ALIGNED, SMALL = 0, 1, 2
DATA, LINK_TABLE, PE_IMAGE = 0, 1, 2
FILES_PER_TABLE = 1024
RECORD_SIZE = 96
# Attributes that follow from the flags of a record, by their bit there.
FLAG_ATTRIBUTES = {1: 0x1, 2: 0x2, 4: 0x4, 8: 0x20, 16: 0x200}
ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT = 0x10, 0x400


class CimError(Exception):
    """An image that cannot be read."""


def region_of(offset: int) -> int:
    return offset >> 48


def byte_of(offset: int) -> int:
    return offset & ((1 << 48) - 1)


def show(offset: int) -> str:
    return "region %d byte %d" % (region_of(offset), byte_of(offset))


@dataclass
class CommonHeader:
    """The 32 bytes that start every file of an image."""
    length: int
    file_type: int
    reserved: bytes
    major: int
    minor: int

    @classmethod
    def parse(cls, raw: bytes, kind: str) -> "CommonHeader":
        if len(raw) < 32:
            raise CimError("%s file of %d bytes has no room for a header" % (kind, len(raw)))
        magic, length, file_type = struct.unpack_from("<8sIB", raw)
        major, minor = struct.unpack_from("<II", raw, 16)
        if magic != MAGIC:
            raise CimError("%s file starts with %r" % (kind, magic))
        if file_type != FILE_TYPES[kind]:
            raise CimError("%s file is of type %d" % (kind, file_type))
        return cls(length, file_type, bytes(raw[13:16] + raw[24:32]), major, minor)


@dataclass
class RegionSet:
    guid: uuid.UUID
    count: int
    reserved: bytes

    @classmethod
    def parse(cls, raw: bytes) -> "RegionSet":
        return cls(uuid.UUID(bytes_le=bytes(raw[:16])), struct.unpack_from("<H", raw, 16)[0],
                   bytes(raw[18:24]))


class Region:
    """One region file, mapped."""

    def __init__(self, path: Path):
        self.path = path
        try:
            with open(path, "rb") as file:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise CimError("%s: %s" % (path.name, error)) from error
        self.view = memoryview(self.data)
        self.header = CommonHeader.parse(self.data[:40], "region")
        if len(self.data) < 40:
            raise CimError("%s: only %d bytes" % (path.name, len(self.data)))
        self.index, self.type, byte, word = struct.unpack_from("<HBBI", self.data, 32)
        self.reserved = (byte, word)
        if self.type not in (METADATA, PAGE_ALIGNED, SMALL):
            raise CimError("%s: region of type %d" % (path.name, self.type))

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass
class Stream:
    """The location of a file's bytes."""
    offset: int
    length: int
    type: int
    sparse: bool
    unused_bits: int

    @classmethod
    def parse(cls, raw: bytes) -> "Stream":
        offset, packed = struct.unpack("<QQ", raw)
        return cls(offset, packed & ((1 << 48) - 1), (packed >> 48) & 0xFF,
                   bool(packed >> 56 & 1), packed >> 57)


@dataclass
class Record:
    """A file's entry in a file table."""
    flags: int
    ea_length: int
    reparse_tag: int
    creation: int
    last_write: int
    change: int
    last_access: int
    stream: Stream
    descriptor: int
    ea: int
    reparse: int
    streams: int
    parent: int
    base_region: int
    reserved: int

    @classmethod
    def parse(cls, raw: bytes) -> "Record":
        raw = bytes(raw[:RECORD_SIZE]).ljust(RECORD_SIZE, b"\0")
        head = struct.unpack_from("<HHIQQQQ", raw)
        tail = struct.unpack_from("<QQQQIHH", raw, 56)
        return cls(*head, Stream.parse(raw[40:56]), *tail)

    @property
    def is_directory(self) -> bool:
        return self.stream.type == LINK_TABLE

    @property
    def attributes(self) -> int:
        value = sum(bit for flag, bit in FLAG_ATTRIBUTES.items() if self.flags & flag)
        value |= ATTRIBUTE_DIRECTORY if self.is_directory else 0
        return value | (ATTRIBUTE_REPARSE_POINT if self.reparse else 0)


@dataclass
class FileTable:
    offset: int
    count: int
    entry_size: int
    reserved: int


@dataclass
class LinkTable:
    """Names and their values, as they are stored."""
    total: int
    names: list
    values: list
    name_offsets: list


@dataclass
class PeImage:
    data: int
    length: int
    image_length: int
    flags: int
    mappings: list

    def pieces(self):
        """Yields (file offset, size, RegionOffset) of each run, without gaps."""
        starts = [(0, 0)] if not self.mappings or self.mappings[0][0] > 0 else []
        starts += [m for m in self.mappings if m[0] < self.length]
        for i, (start, delta) in enumerate(starts):
            end = starts[i + 1][0] if i + 1 < len(starts) else self.length
            if end > start:
                yield start, end - start, self.data + start + delta


@dataclass
class Entry:
    """One name of a file or directory."""
    path: str
    file_id: int
    parent_id: int
    record: Record

    @property
    def size(self) -> int:
        return 0 if self.record.is_directory else self.record.stream.length


class Cim:
    def __init__(self, path):
        self.path = Path(path)
        raw = self.raw = self.path.read_bytes()
        self.header = CommonHeader.parse(raw, "filesystem")
        if self.header.major not in (2, 3):
            raise CimError("version %d.%d" % (self.header.major, self.header.minor))
        if len(raw) < 72:
            raise CimError("filesystem file of %d bytes" % len(raw))
        self.own_set = RegionSet.parse(raw[32:56])
        self.filesystem_offset, = struct.unpack_from("<Q", raw, 56)
        parents, = struct.unpack_from("<H", raw, 70)
        if len(raw) < 72 + 24 * parents:
            raise CimError("no room for %d parent region sets" % parents)
        self.parent_sets = [RegionSet.parse(raw[72 + 24 * i:96 + 24 * i]) for i in range(parents)]
        self._open_regions()
        self._open_filesystem()

    def _open_regions(self):
        sets = self.parent_sets + [self.own_set]
        if not 1 <= sum(s.count for s in sets) <= 65536:
            raise CimError("%d regions" % sum(s.count for s in sets))
        self.regions = [Region(self.path.with_name("region_%s_%d" % (s.guid, n)))
                        for s in sets for n in range(s.count)]

    def _open_filesystem(self):
        raw = self.bytes_at(self.filesystem_offset, 24)
        self.upcase_offset, self.directory_offset, self.table_count, self.root_id = \
            struct.unpack("<QQII", raw)
        self.upcase = struct.unpack("<65536H", self.bytes_at(self.upcase_offset, 131072))
        entries = self.bytes_at(self.directory_offset, 16 * self.table_count)
        self.tables = [FileTable(*fields) for fields in struct.iter_unpack("<QHHI", entries)]

    def bytes_at(self, offset: int, size: int) -> memoryview:
        index, start = region_of(offset), byte_of(offset)
        if index >= len(self.regions):
            raise CimError("%s: there are %d regions" % (show(offset), len(self.regions)))
        region = self.regions[index]
        if start == 0:
            raise CimError("%s: byte 0 is never valid" % show(offset))
        if start > region.size or size > region.size - start:
            raise CimError("%s: %d bytes pass the region's end at %d"
                           % (show(offset), size, region.size))
        return region.view[start:start + size]

    def record(self, file_id: int) -> Record:
        table, slot = divmod(file_id - 1, FILES_PER_TABLE)
        if file_id < 1 or table >= len(self.tables) or slot >= self.tables[table].count:
            raise CimError("there is no file id %d" % file_id)
        entry_size = self.tables[table].entry_size
        raw = self.bytes_at(self.tables[table].offset, self.tables[table].count * entry_size)
        return Record.parse(raw[slot * entry_size:(slot + 1) * entry_size])

    def link_table(self, offset: int, value_size: int, room=None) -> LinkTable:
        """Reads a link table. Values are bytes; names are str and may have lone surrogates."""
        total, count = struct.unpack("<II", self.bytes_at(offset, 8))
        raw = self.bytes_at(offset, total if room is None else min(total, room))
        names_at = 8 + count * value_size
        if total < 8 or names_at + 4 * count > len(raw):
            raise CimError("%s: link table of %d bytes for %d entries"
                           % (show(offset), total, count))
        values = [raw[8 + i * value_size:8 + (i + 1) * value_size] for i in range(count)]
        offsets = list(struct.unpack_from("<%dI" % count, raw, names_at))
        names = [self._name(raw, at, offset) for at in offsets]
        return LinkTable(total, names, values, offsets)

    @staticmethod
    def _name(table: memoryview, at: int, where: int) -> str:
        if at + 2 > len(table):
            raise CimError("%s: name at %d of %d bytes" % (show(where), at, len(table)))
        units, = struct.unpack_from("<H", table, at)
        if at + 2 + 2 * units > len(table):
            raise CimError("%s: name of %d units at %d of %d bytes"
                           % (show(where), units, at, len(table)))
        return bytes(table[at + 2:at + 2 + 2 * units]).decode("utf-16-le", "surrogatepass")

    def sort_key(self, name: str) -> tuple:
        units = name.encode("utf-16-le", "surrogatepass")
        return tuple(self.upcase[u] for u in struct.unpack("<%dH" % (len(units) // 2), units))

    def children(self, record: Record) -> list:
        """Returns (name, file id) in the order of the table."""
        stream = record.stream
        if not record.is_directory:
            raise CimError("not a directory")
        if stream.length == 0:
            return []
        table = self.link_table(stream.offset, 4, stream.length)
        return [(n, struct.unpack("<I", v)[0]) for n, v in zip(table.names, table.values)]

    def stream_table(self, record: Record):
        """Returns (the LinkTable of alternate streams or None, True if no count is in front)."""
        if record.streams == 0:
            return None, True
        try:
            return self.link_table(record.streams, 16), True
        except CimError:
            return self.link_table(record.streams + 4, 16), False

    def streams(self, record: Record) -> dict:
        """Returns the alternate streams by name."""
        table, _ = self.stream_table(record)
        if table is None:
            return {}
        return {n: Stream.parse(v) for n, v in zip(table.names, table.values)}

    def descriptor(self, record: Record) -> bytes:
        return self._sized(record.descriptor)

    def reparse(self, record: Record) -> bytes:
        return self._sized(record.reparse)

    def extended_attributes(self, record: Record) -> bytes:
        return bytes(self.bytes_at(record.ea, record.ea_length)) if record.ea else b""

    def _sized(self, offset: int) -> bytes:
        if offset == 0:
            return b""
        length, = struct.unpack("<H", self.bytes_at(offset, 2))
        return bytes(self.bytes_at(offset + 2, length))

    def pe_image(self, stream: Stream) -> PeImage:
        fields = struct.unpack("<QQIHH", self.bytes_at(stream.offset, 24))
        data, length, image_length, count, flags = fields
        raw = self.bytes_at(stream.offset + 24, 8 * count)
        return PeImage(data, length, image_length, flags, list(struct.iter_unpack("<II", raw)))

    def pieces(self, stream: Stream):
        """Yields the bytes of a stream, piece by piece."""
        if stream.sparse:
            zeros = bytes(min(stream.length, 1 << 20))
            for at in range(0, stream.length, 1 << 20):
                yield zeros[:stream.length - at]
        elif stream.type == PE_IMAGE:
            for _, size, offset in self.pe_image(stream).pieces():
                yield self.bytes_at(offset, size)
        elif stream.type == DATA:
            yield self.bytes_at(stream.offset, stream.length)
        else:
            raise CimError("stream of type %d" % stream.type)

    def sha256(self, stream: Stream) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces(stream):
            digest.update(piece)
        return digest.hexdigest()

    def walk(self):
        """Yields an Entry for the root, whose path is empty, and each name below, parents first."""
        root = self.record(self.root_id)
        stack, seen = [Entry("", self.root_id, self.root_id, root)], {self.root_id}
        while stack:
            entry = stack.pop()
            yield entry
            if not entry.record.is_directory:
                continue
            below = []
            for name, file_id in self.children(entry.record):
                record = self.record(file_id)
                if record.is_directory:
                    if file_id in seen:
                        raise CimError("%s/%s: directory seen before" % (entry.path, name))
                    seen.add(file_id)
                path = entry.path + "/" + name if entry.path else name
                below.append(Entry(path, file_id, entry.file_id, record))
            stack.extend(reversed(below))
