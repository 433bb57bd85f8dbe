# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""A reader of layer tars that accepts only the form that go-winio writes.

It parses the blocks itself, and every deviation from the form in which go-winio and Go's
archive/tar write a layer is a TarError: other keys, another order of keys, another mode, fields
that are not empty, entries before their directory, links before their file.
"""
import base64
import re
from dataclasses import dataclass, field

BLOCK = 512
EPOCH = 116444736000000000
FILE, LINK, SYMLINK, DIRECTORY, RECORDS = "0", "1", "2", "5", "x"
TIME = re.compile(rb"(-?)(0|[1-9][0-9]*)(?:\.([0-9]{0,8}[1-9]))?")
REPARSE_MODES = (0o120000, 0o160000)
TIMES = {"atime": "atime", "ctime": "ctime", "LIBARCHIVE.creationtime": "btime"}
KEYS = {"LIBARCHIVE.creationtime", "MSWINDOWS.fileattr", "MSWINDOWS.mountpoint", "MSWINDOWS.rawsd",
        "atime", "ctime", "linkpath", "mtime", "path", "size"}
EA = "MSWINDOWS.xattr."


class TarError(Exception):
    pass


@dataclass
class Entry:
    name: str
    kind: str                # file, dir, symlink, junction, link, stream, whiteout
    size: int = 0
    link: str = ""
    attributes: int = 0
    times: dict = field(default_factory=dict)
    descriptor: bytes = b""
    eas: dict = field(default_factory=dict)
    stream: str = ""
    mode: int = 0            # of a file or directory


def ticks(text: bytes) -> int:
    found = TIME.fullmatch(text)
    if not found:
        raise TarError("time %r" % text)
    sign, whole, fraction = found.groups()
    value = int(whole) * 10_000_000 + int(((fraction or b"") + b"0000000")[:7])
    if fraction and len(fraction) > 7:
        raise TarError("time %r is finer than 100 ns" % text)
    return EPOCH + (-value if sign else value)


def decoded(value: bytes) -> bytes:
    return base64.b64decode(value, validate=True)


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def octal(block: bytes, at: int, length: int) -> int:
    raw = block[at:at + length]
    if not re.fullmatch(rb"[0-7]{%d}\0" % (length - 1), raw):
        raise TarError("number field %r" % raw)
    return int(raw[:-1], 8)


def string(block: bytes, at: int, length: int) -> bytes:
    value, _, rest = block[at:at + length].partition(b"\0")
    if rest.strip(b"\0"):
        raise TarError("bytes after the end of a text field")
    return value


class LayerTar:
    """Yields (Entry, pieces of its body); a body that is not read is skipped."""

    def __init__(self, file, own_records=False):
        self.file = file
        self.own_records = own_records  # whether records of cimlib's own are allowed
        self.names = {}                 # the paths in the tar, with their kinds
        self.last = None

    def take(self, size: int) -> bytes:
        data = self.file.read(size)
        if len(data) != size:
            raise TarError("cut off")
        return data

    def block(self):
        block = self.take(BLOCK)
        if block == bytes(BLOCK):
            return None
        blank = block[:148] + b" " * 8 + block[156:]
        if block[148:156] != b"%06o\0 " % sum(blank):
            raise TarError("checksum %r" % block[148:156])
        if block[257:265] != b"ustar\x0000" or block[265:329].strip(b"\0"):
            raise TarError("magic or owner")
        if octal(block, 108, 8) or octal(block, 116, 8):
            raise TarError("owner that is not 0")
        return block

    def body(self, size: int):
        left = size
        while left:
            piece = self.take(min(left, 1 << 20))
            left -= len(piece)
            yield piece
        if any(self.take(-size % BLOCK)):
            raise TarError("padding that is not zero")

    def __iter__(self):
        while (block := self.block()) is not None:
            records, pax_name = {}, None
            if chr(block[156]) == RECORDS:
                pax_name = string(block, 0, 100)
                records = self.records(block)
                block = self.block()
            entry = self.entry(block, records, pax_name)
            self.order(entry)
            body = self.body(entry.size)
            yield entry, body
            for _ in body:
                pass
        if self.take(BLOCK) != bytes(BLOCK) or self.file.read(1):
            raise TarError("not exactly two blocks of zeros at the end")

    def records(self, block: bytes) -> dict:
        if octal(block, 100, 8) or octal(block, 136, 12) or block[329:].strip(b"\0"):
            raise TarError("header of records with more than a name and a size")
        raw, records = b"".join(self.body(octal(block, 124, 12))), {}
        while raw:
            length, _, rest = raw.partition(b" ")
            record, raw = raw[:int(length)], raw[int(length):]
            key, equals, value = record[len(length) + 1:-1].partition(b"=")
            if not equals or record[-1:] != b"\n" or length[:1] == b"0" or not rest:
                raise TarError("record %r" % record[:60])
            records[text(key)] = value
            if list(records)[-2:] != sorted(list(records)[-2:], key=str.encode):
                raise TarError("order of the keys %s" % list(records))
        known = {k for k in records if k in KEYS or k.startswith(EA)
                 or self.own_records and k in ("CIMLIB.eas", "CIMLIB.reparse")}
        if known != records.keys():
            raise TarError("keys %s" % (records.keys() - known))
        return records

    def entry(self, block: bytes, records: dict, pax_name) -> Entry:
        if octal(block, 329, 8) or octal(block, 337, 8):
            raise TarError("device numbers")
        name = self.whole(records, "path", string(block, 0, 100), 100)
        prefix = string(block, 345, 155)
        if prefix:
            if records or len(prefix + b"/" + name) <= 100:
                raise TarError("prefix field where none is needed")
            name = prefix + b"/" + name
        self.check_pax_name(name, pax_name)
        link = self.whole(records, "linkpath", string(block, 157, 100), 100)
        mtime = EPOCH + octal(block, 136, 12) * 10_000_000
        if "mtime" in records:
            exact = ticks(records["mtime"])
            seconds = (exact - EPOCH) // 10_000_000
            if mtime != EPOCH + (seconds if 0 <= seconds < 8 ** 11 else 0) * 10_000_000:
                raise TarError("mtime of the header is not that of the record")
            if (exact - EPOCH) % 10_000_000 == 0 and 0 <= seconds < 8 ** 11:
                raise TarError("mtime record where none is needed")
            mtime = exact
        size = octal(block, 124, 12)
        if "size" in records:
            size = int(records["size"])
            if size < 8 ** 11:
                raise TarError("size record where none is needed")
        entry = Entry(name=text(name), kind="", size=size, link=text(link))
        entry.times = {t: ticks(records[k]) for k, t in TIMES.items() if k in records}
        entry.times["mtime"] = mtime
        self.classify(entry, chr(block[156]), octal(block, 100, 8), records)
        return entry

    @staticmethod
    def whole(records: dict, key: str, shown: bytes, room: int) -> bytes:
        """Returns a text of the header, or of its record if the text does not fit the header."""
        if key not in records:
            return shown
        value = records[key]
        plain = bytes(b for b in value if 0 < b < 128)
        if shown != plain[:room] and shown != plain[:room].rstrip(b"/"):
            raise TarError("%s of the header is not that of the record" % key)
        if value == plain and len(value) <= room:
            raise TarError("%s record where none is needed" % key)
        return value

    @staticmethod
    def check_pax_name(name: bytes, pax_name):
        if pax_name is None:
            return
        directory, slash, base = name.rpartition(b"/")
        whole = directory + slash + b"PaxHeaders.0/" + base
        plain = bytes(b for b in whole if 0 < b < 128)
        if pax_name != plain[:100].rstrip(b"/"):
            raise TarError("name of the records %r" % pax_name)

    def classify(self, entry: Entry, flag: str, mode: int, records: dict):
        base = entry.name.rpartition("/")[2]
        if base.startswith(".wh."):
            entry.kind = "whiteout"
            entry.name = entry.name[:-len(base)] + base[4:]
            good = (flag == FILE and mode == 0 and entry.size == 0
                    and not records.keys() - {"path"} and entry.times == {"mtime": EPOCH})
        elif ":" in base:
            entry.kind = "stream"
            entry.name, _, entry.stream = entry.name.rpartition(":")
            good = flag == FILE and not records.keys() - {"atime", "ctime", "mtime", "path", "size"}
            good = good and self.last is not None and mode == self.last.mode
        else:
            good = self.classify_file(entry, flag, mode, records)
        if not good or entry.name.startswith("/") or entry.name.endswith("/"):
            raise TarError("%s: flag %s, mode %o, keys %s" % (entry.name, flag, mode, list(records)))

    @staticmethod
    def classify_file(entry: Entry, flag: str, mode: int, records: dict) -> bool:
        if not {"LIBARCHIVE.creationtime", "MSWINDOWS.fileattr", "atime", "ctime"} <= records.keys():
            return False
        entry.attributes = int(records["MSWINDOWS.fileattr"])
        entry.descriptor = decoded(records.get("MSWINDOWS.rawsd", b""))
        entry.eas = {k[len(EA):]: decoded(v) for k, v in records.items() if k.startswith(EA)}
        junction = "MSWINDOWS.mountpoint" in records
        is_directory = bool(entry.attributes & 0x10)
        if bool(entry.attributes & 0x400) != (flag == SYMLINK) and flag != LINK:
            return False
        if flag == LINK:
            entry.kind = "link"
            return mode == 0o644 and not entry.descriptor and not entry.eas and entry.size == 0
        if flag == SYMLINK:
            entry.kind = "junction" if junction else "symlink"
            return mode == REPARSE_MODES[is_directory] and entry.size == 0
        entry.kind = "dir" if flag == DIRECTORY else "file"
        entry.mode = 0o40000 if is_directory else 0o100000 if entry.size else 0
        return (flag in (FILE, DIRECTORY) and not junction and not entry.link
                and is_directory == (flag == DIRECTORY) and mode == entry.mode
                and not (is_directory and entry.size))

    def order(self, entry: Entry):
        """Checks that an entry comes after its directory, its file or its link target."""
        parent = entry.name.rpartition("/")[0]
        if parent and self.names.get(parent) not in ("dir", "junction", "symlink"):
            raise TarError("%s before its directory" % entry.name)
        if entry.kind == "stream":
            if self.last is None or entry.name != self.last.name or any(
                    entry.times[t] != self.last.times[t] for t in entry.times):
                raise TarError("stream of %s that does not follow it" % entry.name)
            return
        self.last = None if entry.kind in ("link", "whiteout") else entry
        if entry.kind == "whiteout":
            if entry.name in self.names:
                raise TarError("whiteout of %s, which the tar has" % entry.name)
            return
        if entry.name in self.names:
            raise TarError("%s twice" % entry.name)
        self.names[entry.name] = entry.kind
