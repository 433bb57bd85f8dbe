# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The expected contents of an image, and their comparison with what was seen.

An expectation comes from a corpus' manifest.json (one stage of it), or from a layer's tar itself.
What was seen is one Seen for each path; members that are unknown to a reader are None
and are not compared.
"""
import base64
import hashlib
import json
import struct
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from oracles import descriptors

EPOCH = 116444736000000000  # 1970 as a FILETIME
TIMES = ("btime", "mtime", "ctime", "atime")
# The attributes whose bits an image stores; two more follow from the kind of a file.
KEPT_ATTRIBUTES = 0x1 | 0x2 | 0x4 | 0x20 | 0x200
DIRECTORY, REPARSE_POINT = 0x10, 0x400
EMPTY_SHA256 = hashlib.sha256().hexdigest()
# Files that the layer import makes itself and that are not in a tar.
IMPORTER_MAKES = {"Hives", "layout"} | {
    "Hives/%s_BASE" % n for n in ("SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULTUSER")}


@dataclass
class Expected:
    path: str
    kind: str                 # file, dir, symlink, junction
    attributes: int
    times: dict
    descriptor_sha256: str
    size: int = 0
    sha256: str | None = None
    target: str | None = None
    streams: dict = field(default_factory=dict)   # name to (size, SHA-256)
    ea: bytes = b""
    reparse: bytes = b""
    link_group: object = None


@dataclass
class Seen:
    path: str
    attributes: int | None = None
    times: dict | None = None
    descriptor: bytes | None = None
    size: int | None = None
    sha256: str | None = None
    streams: dict | None = None
    ea: bytes | None = None
    reparse: bytes | None = None
    identity: object = None   # equal for the names of the same file only
    links: int | None = None


def kept_attributes(value: int, kind: str) -> int:
    """Returns the attributes that an image shows for those of a tar."""
    kept = value & KEPT_ATTRIBUTES
    kept |= DIRECTORY if kind == "dir" or value & DIRECTORY else 0
    return kept | (REPARSE_POINT if kind in ("symlink", "junction") else 0)


def ea_list(named: dict) -> bytes:
    """Returns FILE_FULL_EA_INFORMATION entries in the bytewise order of their names."""
    out = b""
    ordered = sorted((name.encode("utf-8"), value) for name, value in named.items())
    for n, (name, value) in enumerate(ordered):
        body = struct.pack("<BBH", 0, len(name), len(value)) + name + b"\0" + value
        size = (4 + len(body) + 3) & ~3
        out += struct.pack("<I", size if n + 1 < len(ordered) else 0) + body
        out += bytes(size - 4 - len(body))
    return out


def reparse_buffer(target: str, junction: bool) -> bytes:
    """Returns the REPARSE_DATA_BUFFER of a link to `target` as the layer import makes it."""
    target = target.replace("/", "\\")
    relative, substitute = 0, target
    if target.startswith("\\\\?\\"):
        substitute = "\\??\\" + target[4:]
    elif target.startswith("\\\\"):
        substitute = "\\??\\UNC\\" + target[2:]
    elif target[1:2] == ":" and target[0].isascii() and target[0].isalpha():
        substitute = "\\??\\" + target
    else:
        relative = 1
    first = substitute.encode("utf-16-le", "surrogatepass")
    second = target.encode("utf-16-le", "surrogatepass")
    fields = struct.pack("<HHHH", 0, len(first), len(first) + 2, len(second))
    fields += b"" if junction else struct.pack("<I", relative)
    data = fields + first + b"\0\0" + second + b"\0\0"
    return struct.pack("<IHH", 0xA0000003 if junction else 0xA000000C, len(data), 0) + data


# From a manifest

def from_manifest(path, stage="base") -> list:
    stages = json.loads(Path(path).read_text("utf-8"))["stages"]
    return [_from_entry(entry) for entry in stages[stage]["entries"]]


def _from_entry(entry: dict) -> Expected:
    kind, target = entry["type"], entry.get("target")
    named = {n: base64.b64decode(v) for n, v in entry.get("eas", {}).items()}
    return Expected(
        path=entry["path"], kind=kind, attributes=kept_attributes(entry["attributes"], kind),
        times={t: entry[t] for t in TIMES},
        descriptor_sha256=entry.get("sd") or hashlib.sha256(descriptors.OPEN).hexdigest(),
        size=entry.get("size", 0),
        sha256=entry.get("sha256", EMPTY_SHA256 if target is not None else None), target=target,
        streams={s["name"]: (s["size"], s["sha256"]) for s in entry.get("streams", [])},
        ea=ea_list(named),
        reparse=b"" if target is None else reparse_buffer(target, kind == "junction"),
        link_group=entry.get("link_group"))


# From a tar

def from_tar(path) -> list:
    """Reads a base layer's tar, compressed or not, with Python's own tarfile."""
    found, last = {}, None
    with tarfile.open(path, "r:*", encoding="utf-8", errors="surrogateescape") as tar:
        for member in tar:
            name = "/".join(n for n in member.name.split("/") if n not in ("", "."))
            if ":" in name:
                stream = name.split(":", 1)[1]
                stream = stream[:-6] if stream.upper().endswith(":$DATA") else stream
                last.streams[stream] = _digest(tar, member)
            elif member.islnk():
                first = found[member.linkname]
                first.link_group = first.link_group or first.path
                found[name] = first
            else:
                last = found[name] = _from_member(tar, member, name)
    return [_renamed(entry, name) for name, entry in found.items()]


def _digest(tar, member) -> tuple:
    digest = hashlib.sha256()
    file = tar.extractfile(member)
    while piece := file.read(1 << 20):
        digest.update(piece)
    return member.size, digest.hexdigest()


def _from_member(tar, member, name) -> Expected:
    pax = member.pax_headers
    kind = "dir" if member.isdir() else "file"
    if member.issym():
        kind = "junction" if "MSWINDOWS.mountpoint" in pax else "symlink"
    attributes = int(pax.get("MSWINDOWS.fileattr", DIRECTORY if kind == "dir" else 0))
    mtime = _ticks(pax["mtime"]) if "mtime" in pax else EPOCH + int(member.mtime) * 10_000_000
    keys = {"btime": "LIBARCHIVE.creationtime", "atime": "atime", "ctime": "ctime"}
    times = {t: _ticks(pax[k]) if k in pax else mtime for t, k in keys.items()} | {"mtime": mtime}
    sd = base64.b64decode(pax.get("MSWINDOWS.rawsd", ""))
    if "MSWINDOWS.rawsd" not in pax and "MSWINDOWS.sd" in pax:
        sd = descriptors.FROM_SDDL[pax["MSWINDOWS.sd"]]
    named = {k[16:]: base64.b64decode(v) for k, v in pax.items()
             if k.startswith("MSWINDOWS.xattr.")}
    size, sha256 = _digest(tar, member) if member.isreg() else (0, EMPTY_SHA256)
    link = member.issym()
    return Expected(
        path=name, kind=kind, attributes=kept_attributes(attributes, kind), times=times,
        descriptor_sha256=hashlib.sha256(sd or descriptors.OPEN).hexdigest(), size=size,
        sha256=None if kind == "dir" else sha256, target=member.linkname if link else None,
        ea=ea_list(named),
        reparse=reparse_buffer(member.linkname, kind == "junction") if link else b"")


def _ticks(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("-").partition(".")
    return EPOCH + sign * (int(whole) * 10_000_000 + int((fraction + "0000000")[:7]))


def _renamed(entry: Expected, name: str) -> Expected:
    return Expected(**{**entry.__dict__, "path": name})


def load(path, stage="base") -> list:
    """Loads an expectation from a manifest or a tar."""
    return from_manifest(path, stage) if str(path).endswith(".json") else from_tar(path)


# Comparing

class Oracle:
    """Compares each file that was seen with the expectation and prints the differences."""

    def __init__(self, expected: list, limit=40):
        self.expected = {e.path: e for e in expected}
        self.limit = limit
        self.differences = 0
        self.counts = dict.fromkeys(("paths", "digests", "streams", "links"), 0)
        self.seen = set()
        self.identities = {}
        self.groups = {}
        self.group_sizes = {}
        self.links = []       # (expected, link count, identity), where a link count was seen
        self.made = {}        # the number of names that importing gave to a file
        for e in expected:
            if e.link_group is not None:
                self.group_sizes[e.link_group] = self.group_sizes.get(e.link_group, 0) + 1

    def differ(self, path, what, want, have):
        self.differences += 1
        if self.differences <= self.limit:
            print("differs: %s: %s: expected %s, found %s" % (path, what, want, have))

    def take(self, seen: Seen):
        expected = self.expected.get(seen.path)
        if expected is None:
            if seen.path not in IMPORTER_MAKES:
                self.differ(seen.path, "path", "none", "one")
            self.made[seen.identity] = self.made.get(seen.identity, 0) + 1
            return
        self.seen.add(seen.path)
        self.counts["paths"] += 1
        self._metadata(expected, seen)
        self._content(expected, seen)
        self._identity(expected, seen)

    def _metadata(self, expected, seen):
        path = seen.path
        if seen.attributes not in (None, expected.attributes):
            self.differ(path, "attributes", hex(expected.attributes), hex(seen.attributes))
        for name, value in (seen.times or {}).items():
            if value != expected.times[name]:
                self.differ(path, name, expected.times[name], value)
        if seen.descriptor is not None:
            digest = hashlib.sha256(seen.descriptor).hexdigest()
            if digest != expected.descriptor_sha256:
                self.differ(path, "descriptor", expected.descriptor_sha256, digest)
        for what in ("ea", "reparse"):
            want, have = getattr(expected, what), getattr(seen, what)
            if have not in (None, want):
                self.differ(path, what, want.hex() or "none", have.hex() or "none")

    def _content(self, expected, seen):
        if seen.size not in (None, expected.size):
            self.differ(seen.path, "size", expected.size, seen.size)
        if seen.sha256 is not None:
            self.counts["digests"] += 1
            if seen.sha256 != expected.sha256:
                self.differ(seen.path, "digest", expected.sha256, seen.sha256)
        if seen.streams is not None:
            self.counts["streams"] += len(seen.streams)
            for name in expected.streams.keys() | seen.streams.keys():
                want, have = expected.streams.get(name), seen.streams.get(name)
                if want != have:
                    self.differ("%s:%s" % (seen.path, name), "stream", want, have)

    def _identity(self, expected, seen):
        if seen.links is not None:
            self.links.append((expected, seen.links, seen.identity))
        if seen.identity is None:
            return
        group = expected.path if expected.link_group is None else (expected.link_group,)
        self.counts["links"] += expected.link_group is not None
        if self.identities.setdefault(seen.identity, group) != group:
            self.differ(seen.path, "link group", group, self.identities[seen.identity])
        if self.groups.setdefault(group, seen.identity) != seen.identity:
            self.differ(seen.path, "file of its link group", self.groups[group], seen.identity)

    def finish(self, what, everything=True) -> bool:
        """Names what is missing and prints the summary. Returns True if all was as expected."""
        for expected, links, identity in self.links:
            due = self.group_sizes.get(expected.link_group, 1) + self.made.get(identity, 0)
            if links != due:
                self.differ(expected.path, "links", due, links)
        if everything:
            for path in self.expected.keys() - self.seen:
                self.differ(path, "path", "one", "none")
        counts = ", ".join("%d %s" % (n, name) for name, n in self.counts.items())
        print("%s: %d paths expected; compared %s; %d differences"
              % (what, len(self.expected), counts, self.differences))
        return self.differences == 0
