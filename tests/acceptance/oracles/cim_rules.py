# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks that an image that cimlib wrote from scratch obeys every rule of the format.

    python3 cim_rules.py IMAGE.cim

prints each violation on a line, and counts; exit status 0 if there are none. It is stricter
than a reader may be: it also requires what the format leaves to the writer and cimlib has chosen
(docs/format.md calls these "cimlib's choices").
"""
import struct
import sys

from oracles import upcase
from oracles.object_ids import object_id
from oracles.simple_cim import (DATA, METADATA, PAGE_ALIGNED, PE_IMAGE, RECORD_SIZE, SMALL, Cim,
                        CimError, byte_of, region_of, show)

HEADER_LENGTHS = {"filesystem": 72, "region": 40, "object id": 48}
REGION_HEADER = 40
PAGE = 4096
ALIGNMENT = {METADATA: 8, PAGE_ALIGNED: PAGE, SMALL: 8}
FORBIDDEN = set("\\/:\0")


class Rules:
    """Checks one image; `broken` has the lines, `counts` the numbers of things checked."""

    def __init__(self, path):
        self.image = Cim(path)
        self.broken = []
        self.counts = dict.fromkeys(
            ("files", "directories", "names", "streams", "sparse", "pe images", "objects"), 0)
        # For each region: {(start, end): object}, to find the padding between objects.
        self.used = [{} for _ in self.image.regions]
        self.parents = {}
        self.records = {}

    def run(self):
        for step in (self.filesystem_file, self.regions, self.filesystem_object, self.files,
                     self.links, self.object_ids, self.padding):
            try:
                step()
            except (CimError, OSError, struct.error) as error:
                self.broken.append("%s: %s" % (step.__name__.replace("_", " "), error))
        return self.broken

    def want(self, holds, rule, *values):
        if not holds:
            self.broken.append(rule % values if values else rule)

    def use(self, offset, size, what, region_type=METADATA, align=None):
        """Records an object and checks its region's type and its alignment."""
        self.image.bytes_at(offset, size)
        index, start = region_of(offset), byte_of(offset)
        region = self.image.regions[index]
        self.want(region.type == region_type, "%s at %s is in a region of type %d", what,
                  show(offset), region.type)
        self.want(start >= REGION_HEADER, "%s at %s is in the header", what, show(offset))
        align = ALIGNMENT[region_type] if align is None else align
        self.want(start % align == 0, "%s at %s is not aligned to %d", what, show(offset), align)
        if size:
            self.used[index][(start, start + size)] = what

    # Headers

    def header(self, header, kind, name):
        self.want(header.length == HEADER_LENGTHS[kind], "%s: header length %d", name,
                  header.length)
        self.want((header.major, header.minor) == (2, 0), "%s: version %d.%d", name, header.major,
                  header.minor)
        self.want(not any(header.reserved), "%s: reserved bytes are not zero", name)

    def filesystem_file(self):
        image = self.image
        self.header(image.header, "filesystem", image.path.name)
        self.want(len(image.raw) == 72, "filesystem file of %d bytes", len(image.raw))
        self.want(not any(image.raw[64:72]), "filesystem file: bytes 64 to 71 are not zero")
        self.want(not image.parent_sets, "parent region sets in an image from scratch")
        self.want(image.own_set.count == 3, "%d regions", image.own_set.count)
        self.want(not any(image.own_set.reserved), "region set: reserved bytes are not zero")

    def regions(self):
        for n, region in enumerate(self.image.regions):
            name = region.path.name
            self.header(region.header, "region", name)
            self.want(region.index == n, "%s: index %d", name, region.index)
            self.want(region.reserved == (0, 0), "%s: reserved bytes are not zero", name)
            if region.type == PAGE_ALIGNED:
                self.want(region.size % PAGE == 0, "%s: %d bytes, not a multiple of the page size", name,
                          region.size)
        types = sorted(r.type for r in self.image.regions)
        self.want(types == [METADATA, PAGE_ALIGNED, SMALL], "region types %s", types)

    def filesystem_object(self):
        image = self.image
        self.use(image.filesystem_offset, 24, "Filesystem object")
        self.use(image.upcase_offset, 131072, "upcase table")
        self.use(image.directory_offset, 16 * image.table_count, "file table directory")
        self.want(image.bytes_at(image.upcase_offset, 131072) == upcase.TABLE,
                  "upcase table is not that of a Windows volume")
        self.want(image.table_count > 0, "no file tables")
        for n, table in enumerate(image.tables):
            self.want(1 <= table.count <= 1024, "file table %d: %d files", n, table.count)
            self.want(table.entry_size == RECORD_SIZE, "file table %d: records of %d bytes", n,
                      table.entry_size)
            self.want(table.reserved == 0, "file table %d: reserved bytes are not zero", n)
            self.use(table.offset, table.count * table.entry_size, "file table %d" % n)

    # Files

    def files(self):
        for entry in self.image.walk():
            self.counts["names"] += entry.path != ""
            self.parents.setdefault(entry.file_id, []).append(entry.parent_id)
            if entry.file_id not in self.records:
                self.records[entry.file_id] = entry.record
                self.file(entry.path or "the root", entry.record)

    def file(self, path, record):
        self.want(record.flags < 32, "%s: flags %#x", path, record.flags)
        self.want(record.reserved == 0, "%s: reserved bytes are not zero", path)
        self.want(record.base_region == 0, "%s: base region %d", path, record.base_region)
        self.descriptor(path, record)
        self.extended_attributes(path, record)
        self.reparse(path, record)
        if record.is_directory:
            self.counts["directories"] += 1
            self.directory(path, record)
        else:
            self.counts["files"] += 1
            self.stream(path, record.stream)
        self.stream_table(path, record)

    def descriptor(self, path, record):
        raw = self.image.descriptor(record)
        self.want(len(raw) >= 20, "%s: descriptor of %d bytes", path, len(raw))
        if len(raw) >= 20:
            self.use(record.descriptor, 2 + len(raw), "descriptor")
            self.want(raw[0] == 1 and raw[3] & 0x80, "%s: descriptor is not self-relative", path)

    def extended_attributes(self, path, record):
        self.want((record.ea_length == 0) == (record.ea == 0), "%s: %d bytes of EAs at %s", path,
                  record.ea_length, show(record.ea))
        raw = self.image.extended_attributes(record)
        if not raw:
            return
        self.use(record.ea, len(raw), "extended attributes")
        at, more = 0, True
        while more:
            if at + 8 > len(raw):
                self.broken.append("%s: EA at %d of %d bytes" % (path, at, len(raw)))
                return
            step, _, name, value = struct.unpack_from("<IBBH", raw, at)
            size = (9 + name + value + 3) & ~3
            self.want(step in (0, size) and at + size <= len(raw) and name > 0,
                      "%s: EA at %d: next %d, name %d, value %d", path, at, step, name, value)
            at, more = at + size, step == size
        self.want(at == len(raw), "%s: %d bytes of EAs, %d used", path, len(raw), at)

    def reparse(self, path, record):
        self.want((record.reparse_tag == 0) == (record.reparse == 0), "%s: reparse tag %#x at %s",
                  path, record.reparse_tag, show(record.reparse))
        if record.reparse == 0:
            return
        raw = self.image.reparse(record)
        self.use(record.reparse, 2 + len(raw), "reparse data")
        if len(raw) < 8:
            self.broken.append("%s: reparse data of %d bytes" % (path, len(raw)))
            return
        tag, length = struct.unpack_from("<IH", raw)
        self.want(tag == record.reparse_tag, "%s: reparse tags %#x and %#x", path, tag,
                  record.reparse_tag)
        self.want(length == len(raw) - 8, "%s: reparse data of %d bytes say %d", path, len(raw),
                  length)

    def directory(self, path, record):
        stream = record.stream
        self.want(not stream.sparse and stream.unused_bits == 0, "%s: odd bits in its stream", path)
        if stream.length == 0:
            self.want(stream.offset == 0, "%s: empty directory at %s", path, show(stream.offset))
            return
        table = self.image.link_table(stream.offset, 4)
        self.want(table.total == stream.length, "%s: link table of %d bytes in a stream of %d",
                  path, table.total, stream.length)
        self.want(bool(table.names), "%s: link table without entries", path)
        self.use(stream.offset, table.total, "link table")
        self.names(path, table, 4)

    def names(self, path, table, value_size):
        keys = [self.image.sort_key(name) for name in table.names]
        for before, after, name in zip(keys, keys[1:], table.names[1:]):
            self.want(before < after, "%s: %r is out of order", path, name)
        first = 8 + len(table.names) * (value_size + 4)
        for name, at in zip(table.names, table.name_offsets):
            units = len(name.encode("utf-16-le", "surrogatepass")) // 2
            self.want(1 <= units <= 255, "%s: a name of %d units", path, units)
            self.want(not FORBIDDEN & set(name), "%s: name %r", path, name)
            self.want(at >= first and at % 2 == 0, "%s: %r is at %d of its table", path, name, at)

    def stream_table(self, path, record):
        table, direct = self.image.stream_table(record)
        if table is None:
            return
        self.want(direct, "%s: the table of streams starts with a count", path)
        self.want(bool(table.names), "%s: stream table without entries", path)
        self.use(record.streams, table.total, "stream table")
        self.names(path, table, 16)
        for name, stream in self.image.streams(record).items():
            self.counts["streams"] += 1
            self.want(stream.type == DATA, "%s:%s: stream of type %d", path, name, stream.type)
            self.stream("%s:%s" % (path, name), stream)

    # Streams

    def stream(self, path, stream):
        self.want(stream.type in (DATA, PE_IMAGE), "%s: stream of type %d", path, stream.type)
        self.want(stream.unused_bits == 0, "%s: odd bits in its stream", path)
        if stream.sparse:
            self.counts["sparse"] += 1
            self.want(stream.offset == 0 and stream.type == DATA and stream.length > 0,
                      "%s: sparse, of type %d and length %d, with data at %s", path, stream.type,
                      stream.length, show(stream.offset))
        elif stream.type == PE_IMAGE:
            self.counts["pe images"] += 1
            self.pe_image(path, stream)
        elif stream.length == 0:
            self.want(self.region_type(stream.offset) == SMALL and byte_of(stream.offset) == 40,
                      "%s: empty, at %s", path, show(stream.offset))
            self.image.bytes_at(stream.offset, 0)
        else:
            region = SMALL if stream.length < PAGE else PAGE_ALIGNED
            self.use(stream.offset, stream.length, path, region)

    def region_type(self, offset):
        index = region_of(offset)
        return self.image.regions[index].type if index < len(self.image.regions) else None

    def pe_image(self, path, stream):
        pe = self.image.pe_image(stream)
        self.use(stream.offset, 24 + 8 * len(pe.mappings), "PE descriptor")
        self.want(pe.length == stream.length, "%s: PE image of %d bytes in a stream of %d", path,
                  pe.length, stream.length)
        self.want(pe.flags == 1, "%s: PE flags %#x", path, pe.flags)
        starts = [at for at, _ in pe.mappings]
        self.want(starts == sorted(set(starts)), "%s: PE mappings out of order", path)
        self.want(all(at < pe.length for at in starts), "%s: PE mapping past the end", path)
        end = pe.image_length
        for _, size, offset in pe.pieces():
            end = max(end, offset - pe.data + size)
        self.use(pe.data, end, path, PAGE_ALIGNED)
        self.pe_sections(path, stream, pe)

    def pe_sections(self, path, stream, pe):
        """Checks that each section is at its address; data after them is on a page of its own."""
        whole = b"".join(self.image.pieces(stream))
        at, = struct.unpack_from("<I", whole, 60)
        count, = struct.unpack_from("<H", whole, at + 6)
        optional, = struct.unpack_from("<H", whole, at + 20)
        alignment, = struct.unpack_from("<I", whole, at + 24 + 32)
        self.want(whole[at:at + 4] == b"PE\0\0" and alignment == PAGE,
                  "%s: expanded, yet its headers are not sound", path)
        last = 0
        for n in range(count):
            section = at + 24 + optional + 40 * n
            address, size, start = struct.unpack_from("<III", whole, section + 12)
            if size:
                self.want(self.pe_place(pe, start) == address, "%s: section %d is at %#x, not %#x",
                          path, n, self.pe_place(pe, start), address)
                self.want(address + size <= pe.image_length, "%s: section %d passes the image",
                          path, n)
                last = max(last, start + size)
        if last < pe.length:
            place = self.pe_place(pe, last)
            self.want(place >= pe.image_length and place % PAGE == 0,
                      "%s: what follows the sections is at %#x", path, place)

    @staticmethod
    def pe_place(pe, file_offset):
        delta = 0
        for at, value in pe.mappings:
            if at <= file_offset:
                delta = value
        return file_offset + delta

    # Rules that concern several files

    def links(self):
        image = self.image
        for file_id, directories in self.parents.items():
            parent = self.records[file_id].parent
            self.want(parent in directories, "file %d: parent %d, but it is in %s", file_id, parent,
                      directories)
        for n, table in enumerate(image.tables):
            for slot in range(table.count):
                file_id = n * 1024 + slot + 1
                self.want(file_id in self.records, "file %d has no name", file_id)

    def object_ids(self):
        """Checks that every object in the data regions has an object id, and each id is right."""
        for n, region in enumerate(self.image.regions):
            listed = self.object_id_file(n, region)
            missing = set(self.used[n]) - listed if region.type != METADATA else set()
            self.want(not missing, "region %d: objects %s have no object id", n, missing)

    def object_id_file(self, n, region):
        path = region.path.with_name(region.path.name.replace("region_", "objectid_", 1))
        raw = path.read_bytes()
        header = type(self.image.header).parse(raw, "object id")
        self.header(header, "object id", path.name)
        index, kind, byte, word, start, count = struct.unpack_from("<HBBIII", raw, 32)
        self.want(index == n and kind == region.type, "%s: index %d, type %d", path.name, index,
                  kind)
        self.want(byte == 0 and word == 0, "%s: reserved bytes are not zero", path.name)
        end = 48 + 40 * count
        self.want(start == 48 and len(raw) >= end, "%s: %d entries at %d in %d bytes", path.name,
                  count, start, len(raw))
        self.want(raw[end:] == self.back_references(region), "%s: %d bytes after the entries",
                  path.name, len(raw) - end)
        entries = list(struct.iter_unpack("<Q24sQ", raw[start:start + 40 * count]))
        self.want(entries == sorted(set(entries)), "%s: entries out of order or twice", path.name)
        for length, identity, at in entries:
            self.counts["objects"] += 1
            data = self.image.bytes_at(n << 48 | at, length)
            self.want(at % ALIGNMENT[region.type] == 0, "%s: object at %d", path.name, at)
            self.want(object_id(data) == identity, "%s: id of %d bytes at %d", path.name, length,
                      at)
        return {(at, at + length) for length, _, at in entries}

    def back_references(self, region):
        """Checks the list after the ids of metadata: directories with other names of files."""
        if region.type != METADATA:
            return b""
        pairs = sorted({(file_id, directory) for file_id, directories in self.parents.items()
                        for directory in directories if directory != self.records[file_id].parent})
        return b"cimnames" + struct.pack("<II", len(pairs), 0) + b"".join(
            struct.pack("<II", *pair) for pair in pairs)

    def padding(self):
        """Checks that only zeros are between objects, no more of them than alignment requires."""
        for region, used in zip(self.image.regions, self.used):
            at, last = REGION_HEADER, "the header"
            for start, end in sorted(used):
                what = used[(start, end)]
                self.want(start >= at, "%s: %s at %d overlaps %s", region.path.name, what, start,
                          last)
                self.gap(region, at, start, what)
                at, last = max(at, end), what
            self.gap(region, at, region.size, "the end")

    def gap(self, region, start, end, what):
        if start >= end:
            return
        self.want(end - start < ALIGNMENT[region.type], "%s: %d bytes before %s are of no use",
                  region.path.name, end - start, what)
        self.want(region.data[start:end].count(0) == end - start,
                  "%s: padding before %s at %d is not zero", region.path.name, what, end)


def check(path, limit=40, out=sys.stdout) -> bool:
    """Prints the violations and a summary. Returns True if there are none."""
    try:
        rules = Rules(path)
        broken, counts = rules.run(), rules.counts
    except (CimError, OSError) as error:
        broken, counts = [str(error)], {}
    for line in broken[:limit]:
        print("broken: " + line, file=out)
    summary = ", ".join("%d %s" % (n, what) for what, n in counts.items())
    print("rules: %s: %s; %d broken" % (path, summary, len(broken)), file=out)
    return not broken


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: cim_rules.py IMAGE.cim")
    sys.exit(0 if check(sys.argv[1]) else 1)
