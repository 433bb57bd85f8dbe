#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Runs `cim layer import` with hostile layers.

    python3 hostile_layers.py CIM [--deepest] [--session CIM_SESSION]

Each is imported as a base layer or on top of a small one, in a store with other layers. It must be
refused as bad_input.py requires, or accepted with the contents given here; nothing else may change,
in the store or beside it. No case may take much time or memory.
"""
import argparse
import base64
import gzip
import hashlib
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cim_session import Session
from raw_tar import END, entry, folder, header, padded, pax, record

SECONDS = 30
MEMORY = 1 << 30  # of address space, so that a bomb fails without affecting other processes
CONFIG = b"Files/Windows/System32/config"
HIVES = (b"SYSTEM", b"SOFTWARE", b"SAM", b"SECURITY", b"DEFAULT")
FILES = folder(b"Files")
DEPTH = 300  # of the base layer
DEEPEST = (32767 - len("\\Files")) // 2  # names of one letter, in a path of maximum length
OPEN = bytes.fromhex("01000480") + bytes(16)


# ---- hives ----

def hive(layered=False, layer_byte=0, values=(), sequence=(1, 1)) -> bytes:
    """Returns a registry hive with one key and values of four bytes."""
    def cell(data):
        size = (4 + len(data) + 7) & ~7
        return struct.pack("<i", -size) + data.ljust(size - 4, b"\0")
    descriptor = bytes.fromhex("0100048030000000400000000000000014000000") + bytes.fromhex(
        "02001c0001000000000014003f000f00010100000000000512000000") + bytes.fromhex(
        "010200000000000520000000200200000101000000000005" "12000000")
    body, where = b"", []
    nk_size = (4 + 76 + 4 + 7) & ~7
    sk = 32 + nk_size
    sk_cell = cell(b"sk" + struct.pack("<HIIII", 0, sk, sk, 1, len(descriptor)) + descriptor)
    at = sk + len(sk_cell)
    for name, number in values:
        vk = b"vk" + struct.pack("<HIIIHH", len(name), 0x80000004, number, 4, 1, 0) + name
        where.append(at)
        body += cell(vk)
        at = sk + len(sk_cell) + len(body)
    values_list = 0xFFFFFFFF
    if where:
        values_list = at
        body += cell(b"".join(struct.pack("<I", w) for w in where))
    longest = max([2 * len(n) for n, _ in values], default=0)
    nk = b"nk" + struct.pack("<HQBBHIIIIIIIIIHBBIIIIHH", 0x2C, 132822246093047136, 0, layer_byte, 0,
                             0xFFFFFFFF, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(where), values_list, sk,
                             0xFFFFFFFF, 0, 0, 0, 0, longest, 4 if where else 0, 0, 4, 0) + b"ROOT"
    cells = cell(nk) + sk_cell + body
    size = 4096 * ((32 + len(cells) + 8 + 4095) // 4096)
    free = size - 32 - len(cells)
    bins = b"hbin" + struct.pack("<IIQQI", 0, size, 0, 0, 0) + cells + struct.pack("<i", free)
    head = bytearray(4096)
    head[0:48] = b"regf" + struct.pack("<IIQIIIIIII", *sequence, 0, 1, 6 if layered else 5, 0, 1, 32,
                                       size, 1)
    head[144:148] = struct.pack("<I", 2 if layered else 0)
    sum_ = 0
    for word in struct.unpack("<127I", head[:508]):
        sum_ ^= word
    head[508:512] = struct.pack("<I", {0xFFFFFFFF: 0xFFFFFFFE, 0: 1}.get(sum_, sum_))
    return bytes(head) + bins.ljust(size, b"\0")


def config_folders() -> bytes:
    return FILES + folder(b"Files/Windows") + folder(b"Files/Windows/System32") + folder(CONFIG)


def base_tar(**changed) -> bytes:
    """Returns a sound base layer, or one with other bytes for a hive; None leaves the hive out."""
    out = config_folders()
    for name in HIVES:
        data = changed.get(name.decode(), hive(values=((b"from", 1),)))
        if data is not None:
            out += entry(CONFIG + b"/" + name, data)
    return out


def nested(count, top=b"Files") -> bytes:
    """Returns `count` nested directories."""
    out = []
    for _ in range(count):
        top += b"/d"
        out.append(folder(b"Files/d", path=top))
    return b"".join(out)


BASE = base_tar() + folder(b"Files/dir") + entry(b"Files/dir/a", b"old a") + entry(
    b"Files/dir/b", b"old b") + folder(b"Files/dir/sub") + entry(b"Files/dir/sub/deep", b"old") + \
    folder(b"Files/deep") + nested(DEPTH, b"Files/deep") + \
    entry(b"Files/f", b"old f") + entry(b"Files/link", kind=b"2", link=b"dir") + \
    entry(b"Files/junction", kind=b"2", link=b"C:\\dir", MSWINDOWS__fileattr=b"16",
          MSWINDOWS__mountpoint=b"1") + entry(b"Files/other f", kind=b"1", link=b"Files/f")


# Each function yields cases: (description, bytes of the tar, and for accepted tars the contents).
# The contents are texts by path; None is a path that must not exist.

def whiteout(path: bytes, **more) -> bytes:
    folder_name, _, name = path.rpartition(b"/")
    return entry(folder_name + b"/.wh." + name, **more)


def escapes_refused():
    for name in (b"../escape", b"Files/../../escape", b"Files/../../../../tmp/escape", b"/etc/escape",
                 b"C:/escape", b"\\\\?\\C:\\escape", b"\\\\server\\share\\escape", b"Files/C:/escape",
                 b"Files\\..\\..\\escape", b"Files/..\\../escape", b"cim-layers/base.cim", b"layout",
                 b"uvmbuildversion", b"sandbox.vhdx", b"Files/dir/..", b"./../escape",
                 b"Files/\xe2\x80\xa5/../escape"):
        yield "name %r" % name, FILES + entry(name, b"x") + END
        yield "link to %r" % name, FILES + entry(b"Files/l", kind=b"1", link=name) + END
    for name in (b".wh.", b".wh..", b".wh...", b"dir/.wh.", b"dir/.wh..", b"dir/.wh...",
                 b".wh.../x", b"dir/.wh.x/y", b"../.wh.base", b"../../.wh.store", b".wh.a\\b"):
        if name == b".wh.a\\b" or name.endswith((b"/x", b"/y")):
            continue  # those are accepted as other paths, below
        yield "whiteout %r" % name, FILES + entry(b"Files/" + name) + END
    for name in (b".wh.Files", b"Hives/.wh.SYSTEM_BASE", b"Hives/.wh.SYSTEM_DELTA", b".wh.Hives",
                 b".wh..wh..opq", b"Hives/.wh..wh..opq", b"UtilityVM/.wh.Files",
                 b"/etc/.wh.passwd", b"C:/.wh.x"):
        yield "whiteout %r" % name, FILES + entry(name) + END
    yield "through a symbolic link of the parent", entry(b"Files/link/x", b"x") + END
    yield "through a symbolic link of its own", FILES + entry(
        b"Files/l", kind=b"2", link=b"/etc") + entry(b"Files/l/x", b"x") + END
    yield "hive through a link", FILES + folder(b"Files/Windows") + entry(
        b"Files/Windows/System32", kind=b"2", link=b"/etc") + entry(CONFIG + b"/SYSTEM", hive()) + END


def escapes_taken():
    yield "symbolic link out of the layer", FILES + entry(
        b"Files/out", kind=b"2", link=b"../../../../etc/passwd") + END, {"Files/out": ""}
    yield "junction to another volume", FILES + entry(
        b"Files/out", kind=b"2", link=b"\\\\?\\C:\\Windows", MSWINDOWS__fileattr=b"16",
        MSWINDOWS__mountpoint=b"1") + END, {}
    yield "whiteout of a symbolic link takes the link", whiteout(b"Files/link") + END, {
        "Files/link": None, "Files/dir/a": "old a"}
    yield "whiteout through a symbolic link", whiteout(b"Files/link/a") + END, {
        "Files/dir/a": "old a"}
    # Children of a junction's own directory, which an image can have; no link is followed.
    yield "whiteout through a junction", whiteout(b"Files/junction/a") + END, {
        "Files/dir/a": "old a"}
    yield "opaque marker on a symbolic link", entry(b"Files/link/.wh..wh..opq") + END, {
        "Files/dir/a": "old a"}


def whiteouts_taken():
    yield "opaque marker", entry(b"Files/dir/.wh..wh..opq") + END, {
        "Files/dir/a": None, "Files/dir/sub/deep": None, "Files/f": "old f"}
    yield "opaque marker in another case", entry(b"FILES/DIR/.wh..wh..opq") + END, {
        "Files/dir/a": None, "Files/f": "old f"}
    yield "opaque marker that is a folder", folder(b"Files/dir/.wh..wh..opq") + END, {
        "Files/dir/a": None}
    yield "whiteout in another case", whiteout(b"files/DIR/A") + END, {
        "Files/dir/a": None, "Files/dir/b": "old b"}
    yield "whiteout that is a folder", folder(b"Files/dir/.wh.sub") + END, {
        "Files/dir/sub/deep": None}
    yield "whiteout that is a link", entry(b"Files/.wh.f", kind=b"1", link=b"Files/none") + END, {
        "Files/f": None, "Files/other f": "old f"}
    yield "whiteout with data", entry(b"Files/.wh.f", b"x" * 2000) + END, {"Files/f": None}
    yield "whiteout after what it names", FILES + entry(b"Files/f", b"new") + whiteout(b"Files/f") \
        + END, {"Files/f": "new"}
    yield "whiteout of all that is new and old", FILES + folder(b"Files/dir") + entry(
        b"Files/dir/n", b"new") + whiteout(b"Files/dir") + END, {
        "Files/dir/n": "new", "Files/dir/a": None}
    yield "whiteout twice", whiteout(b"Files/f") * 2 + END, {"Files/f": None}
    yield "whiteout of nothing, often", whiteout(b"Files/none") * 5000 + END, {"Files/f": "old f"}
    yield "whiteout with a backslash", entry(b"Files\\dir\\.wh.a") + END, {
        "Files/dir/a": None, "Files/dir/b": "old b"}
    yield "whiteout of a hive in config", whiteout(CONFIG + b"/SAM") + END, {}
    yield "link to what was hidden before it", FILES + entry(
        b"Files/new", kind=b"1", link=b"Files/other f") + whiteout(b"Files/other f") + END, {
        "Files/new": "old f", "Files/other f": None}
    yield "link to what was hidden after it", whiteout(b"Files/other f") + entry(
        b"Files/new", kind=b"1", link=b"Files/other f") + END, {
        "Files/new": "old f", "Files/other f": None}
    yield "file below what is hidden", whiteout(b"Files/dir") + entry(
        b"Files/dir/x", b"x") + END, {"Files/dir/x": "x", "Files/dir/a": None}
    yield "folder in place of a file", folder(b"Files/f") + entry(b"Files/f/x", b"new") + END, {
        "Files/f/x": "new", "Files/other f": "old f"}
    yield "file in place of a folder", entry(b"Files/dir", b"new") + END, {
        "Files/dir": "new", "Files/dir/a": None}
    yield "link in place of a folder", entry(b"Files/dir", kind=b"1", link=b"Files/f") + END, {
        "Files/dir": "old f"}


def whiteouts_refused():
    yield "link into the folder that it takes the place of", entry(
        b"Files/dir", kind=b"1", link=b"Files/dir/a") + END
    yield "link to a folder", entry(b"Files/new", kind=b"1", link=b"Files/dir") + END
    yield "link to a junction", entry(b"Files/new", kind=b"1", link=b"Files/junction") + END
    yield "link to a stream", entry(b"Files/new", kind=b"1", link=b"Files/f:s") + END


def streams_refused():
    for name in (b"Files/f:s", b"Files/dir:s", b"Files:s"):
        yield "stream of the parent's %r" % name, entry(name, b"s") + END
    yield "stream of a whiteout", whiteout(b"Files/f") + entry(b"Files/.wh.f:s", b"s") + END
    yield "stream of a link's other name", FILES + entry(b"Files/x", b"x") + entry(
        b"Files/y", kind=b"1", link=b"Files/x") + entry(b"Files/y:s", b"s") + END
    for stream in (b":", b"::$DATA", b":s:$INDEX_ALLOCATION", b":s:$DATA:$DATA", b":s:t",
                   b":$DATA", b":..\\..\\x", b":a/../b"):
        if stream == b":$DATA":
            continue  # a stream of that name is allowed
        yield "stream %r" % stream, FILES + entry(b"Files/x", b"x") + entry(
            b"Files/x" + stream, b"s") + END
    for kind in (b"1", b"2", b"3", b"4", b"5", b"6"):
        yield "stream of kind %r" % kind, FILES + entry(b"Files/x", b"x") + entry(
            b"Files/x:s", kind=kind, link=b"Files/f") + END


def streams_taken():
    yield "streams of a folder", FILES + folder(b"Files/dir") + entry(b"Files/dir:s", b"of it") + \
        END, {"Files/dir:s": "of it", "Files/dir/a": "old a"}
    yield "stream of a hive", config_folders() + entry(CONFIG + b"/SAM", hive()) + entry(
        CONFIG + b"/SAM:s", b"of it") + END, {"Files/Windows/System32/config/SAM:s": "of it"}
    yield "stream of a symbolic link", FILES + entry(
        b"Files/l", kind=b"2", link=b"x") + entry(b"Files/l:s", b"of it") + END, {
        "Files/l:s": "of it"}
    yield "streams, very many", FILES + entry(b"Files/x", b"x") + b"".join(
        entry(b"Files/x:%d" % n, b"%d" % n) for n in range(1000)) + END, {"Files/x:999": "999"}


def devices_refused():
    for kind in (b"3", b"4", b"6", b"7", b"S"):
        yield "device or the like of type %r" % kind, FILES + entry(b"Files/dev", kind=kind) + END
        yield "hive of type %r" % kind, config_folders() + entry(CONFIG + b"/SAM", kind=kind) + END


def devices_taken():
    # Names that Windows reserves for devices have no special meaning inside an image.
    for name in (b"CON", b"nul.txt", b"COM1", b"x ", b"x."):
        yield "name %r" % name, FILES + entry(b"Files/" + name, b"x") + END, {
            "Files/" + name.decode(): "x"}


def deltas_refused():
    good = hive(layered=True, values=((b"new", 2),))
    for what, data in (
            ("nothing", b""), ("text", b"no hive at all"), ("zeros", bytes(1 << 16)),
            ("a full hive whose key is deleted", hive(layer_byte=1)),
            ("a deleted root", hive(layered=True, layer_byte=1)),
            ("a torn hive", hive(layered=True, sequence=(2, 1))),
            ("a cut hive", good[:6000]), ("a head alone", good[:4096]),
            ("a hive with a cell that is too large", good[:4128] + b"\x00\x00\x00\x80" + good[4132:]),
            ("a hive whose root is elsewhere", good[:4096] + bytes(4096)),
            ("a log", good[:28] + b"\6" + good[29:])):
        yield "differences that are %s" % what, entry(b"Hives/SAM_DELTA", data) + END
    yield "differences twice, another case", entry(b"Hives/SAM_DELTA", good) + entry(
        b"Hives/Sam_Delta", good) + END
    yield "differences that are a link", entry(
        b"Hives/SAM_DELTA", kind=b"1", link=b"Files/f") + END
    yield "differences as a link to the parent's hive", entry(
        b"Hives/SAM_DELTA", kind=b"1", link=CONFIG + b"/SAM") + END
    yield "a base hive in the tar", entry(b"Hives/SAM_BASE", b"no hive") + END
    yield "differences and a base hive in the tar", entry(b"Hives/SAM_BASE", b"no hive") + entry(
        b"Hives/SAM_DELTA", good) + END


def deltas_taken():
    good = hive(layered=True, values=((b"new", 2),))
    base = "Hives/SAM_BASE"
    yield "differences", entry(b"Hives/Sam_Delta", good) + END, {base: hive}
    yield "differences that are a folder", folder(b"Hives/SAM_DELTA") + END, {}
    yield "differences that are a symbolic link", entry(
        b"Hives/SAM_DELTA", kind=b"2", link=b"/etc/passwd") + END, {}
    yield "differences of another name", entry(b"Hives/OTHER_DELTA", b"no hive") + END, {
        "Hives/OTHER_DELTA": "no hive"}


def bases_refused():
    yield "one hive missing", base_tar(SAM=None) + END
    yield "one hive a folder", base_tar(SAM=None) + folder(CONFIG + b"/SAM") + END
    yield "one hive a symbolic link", base_tar(SAM=None) + entry(
        CONFIG + b"/SAM", kind=b"2", link=b"/etc/passwd") + END
    yield "one hive a link to no hive", base_tar(SAM=None) + entry(b"Files/x", b"x") + entry(
        CONFIG + b"/SAM", kind=b"1", link=b"Files/x") + END
    yield "a base hive in the tar", base_tar() + folder(b"Hives") + entry(
        b"Hives/SAM_BASE", b"no hive") + END
    yield "differences without a parent", base_tar() + folder(b"Hives") + entry(
        b"Hives/SAM_DELTA", hive(layered=True)) + END
    yield "whiteout without a parent", base_tar() + whiteout(b"Files/x") + END
    yield "opaque marker without a parent", base_tar() + entry(b"Files/.wh..wh..opq") + END
    yield "hive twice", base_tar() + entry(CONFIG + b"/sam", hive()) + END
    yield "base hive that is a folder", base_tar() + folder(b"Hives") + folder(
        b"Hives/SAM_BASE") + END
    vm = folder(b"UtilityVM") + folder(b"UtilityVM/Files") + folder(
        b"UtilityVM/Files/Windows") + folder(b"UtilityVM/Files/Windows/System32") + folder(
        b"UtilityVM/Files/Windows/System32/config")
    for what, data in (("no hive", b"no hive"), ("nothing", b"")):
        yield "utility VM whose SOFTWARE is " + what, base_tar() + vm + entry(
            b"UtilityVM/Files/Windows/System32/config/SOFTWARE", data) + END


def bases_taken():
    config = b"UtilityVM/Files/Windows/System32/config"
    folders = b"".join(folder(b"/".join(config.split(b"/")[:n])) for n in range(1, 6))
    yield "utility VM whose SOFTWARE is a hive without a build", base_tar() + folders + entry(
        config + b"/SOFTWARE", hive()) + END, {}
    yield "files named like hives that are not hives", base_tar(SAM=b"", SYSTEM=b"no hive", SOFTWARE=bytes(100_000)) + \
        END, {"Hives/SYSTEM_BASE": "no hive", "layout": "vhd-with-hives\n"}
    yield "one hive a link to another", base_tar(SAM=None) + entry(
        CONFIG + b"/SAM", kind=b"1", link=CONFIG + b"/SYSTEM") + END, {"Hives/SAM_BASE": hive}
    yield "utility VM without Windows", base_tar() + folder(b"UtilityVM") + folder(
        b"UtilityVM/Files") + END, {}


def depths_refused():
    yield "path of 100,000 names", FILES + entry(
        b"Files/x", b"x", path=b"Files" + b"/d" * 100_000) + END
    yield "path of 16,000 names without folders", FILES + entry(
        b"Files/x", b"x", path=b"Files" + b"/d" * 16_000) + END
    yield "whiteout 100,000 names deep", FILES + entry(
        b"Files/x", path=b"Files" + b"/d" * 100_000 + b"/.wh.x") + END
    yield "link 100,000 names deep", FILES + entry(
        b"Files/l", kind=b"1", linkpath=b"Files" + b"/d" * 100_000) + END
    yield "name of 60,000 characters", FILES + entry(b"Files/x", path=b"Files/" + b"n" * 60_000) + END


def depths_taken():
    path = "Files" + 1500 * "/d"
    yield "folders 1,500 deep", FILES + nested(1500) + whiteout(b"Files/d") + END, {path: ""}
    yield "whiteout 16,000 names deep", entry(
        b"Files/x", path=b"Files" + b"/d" * 16_000 + b"/.wh.x") + END, {"Files/f": "old f"}
    deep = b"Files/deep" + b"/d" * DEPTH
    yield "opaque markers all the way down", entry(b"Files/x", b"new", path=deep + b"/x") + b"".join(
        entry(b"Files/x", path=b"Files/deep" + b"/d" * n + b"/.wh..wh..opq")
        for n in range(DEPTH)) * 3 + END, {deep.decode() + "/x": "new"}


def deepest_refused():
    yield "folders deeper than a path reaches", gzip.compress(
        FILES + nested(DEEPEST + 1) + END, 1)


def deepest_taken():
    yield "folders as deep as a path reaches", gzip.compress(FILES + nested(DEEPEST) + END, 1), {}


def sparse(name, size, ranges, data):
    records = {b"size": b"%d" % size, b"map": ranges,
               b"numblocks": b"%d" % ((ranges.count(b",") + 1) // 2)}
    return pax(b"".join(record(b"GNU.sparse." + key, value) for key, value in records.items())) + \
        header(name, size=len(data)) + padded(data)


def bombs():
    yield "10,000 names in one folder", FILES + b"".join(
        header(b"Files/" + b"%05d" % n + b"n" * 80) for n in range(10_000)) + END, {}
    ranges = b",".join(b"%d,1" % (2 * n) for n in range(60_000))
    yield "sparse file of 60,000 ranges", FILES + sparse(
        b"Files/x", 120_000, ranges, b"x" * 60_000) + END, {}
    yield "zeros, 256 MiB in 256 KiB", gzip.compress(
        FILES + header(b"Files/zeros", size=1 << 28) + bytes(1 << 28) + END, 1), {}
    many = record(b"MSWINDOWS.xattr.A", base64.b64encode(b"x" * 60_000))
    yield "the same record, very often", FILES + pax(many * 12) + header(b"Files/x") + END, {}
    yield "global headers, very many", (header(b"g", b"g", 90_000) + padded(
        record(b"comment", b"g" * 89_900).ljust(90_000, b"\n")[:0] + record(
            b"comment", b"g" * 89_981))) * 300 + FILES + END, {}


def bombs_refused():
    yield "records of 1 MiB", FILES + pax(record(b"comment", b"x" * (1 << 20))) + header(
        b"Files/x") + END
    yield "extended attributes of 1 MiB in all", FILES + pax(b"".join(
        record(b"MSWINDOWS.xattr.%d" % n, base64.b64encode(b"x" * 3000)) for n in range(200))) + \
        header(b"Files/x") + END
    yield "differences of 64 MiB of zeros", gzip.compress(
        folder(b"Hives") + header(b"Hives/SAM_DELTA", size=1 << 26) + bytes(1 << 26) + END, 1)
    yield "sparse file of an exabyte", FILES + sparse(b"Files/x", 1 << 60, b"0,1", b"x") + END
    yield "sparse file with data past its end", FILES + sparse(b"Files/x", 4, b"4,1", b"x") + END
    yield "sparse file with more data than it says", FILES + sparse(
        b"Files/x", 9, b"0,1", b"xx") + END
    yield "sparse file whose data overlap", FILES + sparse(b"Files/x", 9, b"0,2,1,2", b"xxxx") + END
    yield "file of an exabyte", FILES + header(
        b"Files/x", size_field=b"\x80" + (1 << 60).to_bytes(11, "big")) + END
    yield "hive of an exabyte", config_folders() + header(
        CONFIG + b"/SAM", size_field=b"\x80" + (1 << 60).to_bytes(11, "big")) + END


def descriptors():
    """Yields (description, bytes, whether they are sound)."""
    sid = bytes.fromhex("010100000000000512000000")
    ace = struct.pack("<BBHI", 0, 0, 8 + len(sid), 0x1F01FF) + sid
    acl = struct.pack("<BBHHH", 2, 0, 8 + len(ace), 1, 0) + ace

    def sd(revision=1, control=0x8004, owner=0, group=0, sacl=0, dacl=20, rest=acl):
        return struct.pack("<BBHIIII", revision, 0, control, owner, group, sacl, dacl) + rest
    yield "a sound one", sd(), True
    yield "no bytes", b"", True
    yield "a NULL DACL", OPEN, True
    yield "one byte", b"\1", False
    yield "19 bytes", OPEN[:19], False
    yield "revision 0", sd(revision=0), False
    yield "revision 2", sd(revision=2), False
    yield "not self-relative", sd(control=4), False
    yield "an owner past the end", sd(owner=4000), False
    yield "an owner that overflows", sd(owner=0xFFFFFFFC), False
    yield "a group in the head", sd(group=4), False
    yield "a DACL past the end", sd(dacl=4000), False
    yield "a DACL whose size passes the end", sd(
        rest=struct.pack("<BBHHH", 2, 0, 60000, 1, 0) + ace), False
    yield "a DACL with more entries than bytes", sd(
        rest=struct.pack("<BBHHH", 2, 0, 8 + len(ace), 60000, 0) + ace), False
    yield "an entry of no bytes", sd(
        rest=struct.pack("<BBHHH", 2, 0, 16, 1, 0) + bytes(8)), False
    yield "an entry whose SID passes it", sd(
        rest=acl[:17] + b"\x0f" + acl[18:]), False
    yield "an owner of 16 sub-authorities", sd(
        owner=20 + len(acl), rest=acl + b"\1\x10" + bytes(6 + 64)), False
    yield "64 KiB", sd(rest=acl + bytes(66_000)), False


def blobs_refused():
    for what, data, sound in descriptors():
        if not sound:
            yield "descriptor: " + what, FILES + entry(
                b"Files/x", b"x", MSWINDOWS__rawsd=base64.b64encode(data)) + END
    for what, key, value in (
            ("no name", b"", b"x"), ("a name of 256 bytes", b"n" * 256, b"x"),
            ("a value of 64 KiB", b"A", b"x" * 65536),
            ("no base64", b"A", None)):
        body = record(b"MSWINDOWS.xattr." + key,
                      b"!!" if value is None else base64.b64encode(value))
        yield "extended attribute: " + what, FILES + pax(body) + header(b"Files/x") + END
    for value in (b"0x20", b"", b"-1", b"4294967296"):
        yield "attributes %r" % value, FILES + entry(b"Files/x", MSWINDOWS__fileattr=value) + END
    evil = "evil".encode("utf-16-le")
    own = struct.pack("<IHHHHHHI", 0xA000000C, 12 + 2 * len(evil), 0, 0, len(evil), len(evil),
                      len(evil), 1) + 2 * evil
    for what, link in (("another", b"harmless"), ("no", b"")):
        yield "a link of its own beside %s target" % what, FILES + entry(
            b"Files/x", kind=b"2", link=link, CIMLIB__reparse=base64.b64encode(own)) + END
    attributes = struct.pack("<IBBH", 0, 0, 1, 1) + b"A\0x"
    yield "extended attributes that no other reader sees", FILES + entry(
        b"Files/x", b"x", CIMLIB__eas=base64.b64encode(attributes)) + END
    yield "a target of 9,000 characters", FILES + entry(
        b"Files/x", kind=b"2", linkpath=b"t" * 9000) + END


def blobs_taken():
    for what, data, sound in descriptors():
        if sound:
            yield "descriptor: " + what, FILES + entry(
                b"Files/x", b"x", MSWINDOWS__rawsd=base64.b64encode(data)) + END, {"Files/x": "x"}
    yield "all attributes", FILES + entry(
        b"Files/x", b"x", MSWINDOWS__fileattr=b"4294967279") + END, {"Files/x": "x"}
    yield "an empty target", FILES + entry(b"Files/x", kind=b"2") + END, {}
    yield "times of all kinds", FILES + entry(
        b"Files/x", b"x", mtime=b"-11644473600", atime=b"0", ctime=b"253402300799.9999999",
        LIBARCHIVE__creationtime=b"-0.5") + END, {"Files/x": "x"}


def cases_refused(deepest):
    """Yields all cases for a layer with a parent, then those that also matter for a base layer."""
    yield "child"
    for make in (escapes_refused, whiteouts_refused, streams_refused, devices_refused,
                 deltas_refused, depths_refused, bombs_refused, blobs_refused):
        yield from make()
    if deepest:
        yield from deepest_refused()
    yield "base"
    for make in (escapes_refused, bases_refused):
        yield from make()


def cases_taken(deepest):
    yield "child"
    if deepest:
        yield from deepest_taken()
    for make in (escapes_taken, whiteouts_taken, streams_taken, devices_taken, deltas_taken,
                 depths_taken, bombs, blobs_taken):
        yield from make()
    yield "base"
    yield from bases_taken()


class Oracle:
    def __init__(self, program: str, session: str | None, directory: Path):
        self.program, self.directory = program, directory
        self.session = Session(session) if session else None
        self.store = directory / "neighbours" / "store"
        self.store.mkdir(parents=True)
        self.input = directory / "input.tar"
        self.cases = self.failures = 0
        self.longest = (0.0, "")
        for name in ("etc", "escape", "passwd"):
            (self.store.parent / name).write_text("a neighbour")
        self.input.write_bytes(BASE + END)
        if self.import_layer("base").returncode:
            sys.exit("the base layer could not be imported")

    def run(self, *words):
        def restrict():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        if self.session:
            return self.session.run(words, timeout=120)
        return subprocess.run([self.program, *words], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, check=False, preexec_fn=restrict)

    def import_layer(self, name, *words):
        return self.run("layer", "import", self.input, self.store / name, *words)

    def fail(self, what, why):
        self.failures += 1
        print("FAILED: %s: %s" % (what, why))

    def snapshot(self) -> dict:
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "folder"
                for p in sorted(self.store.parent.rglob("*"))}

    def attempt(self, what, level, data):
        self.cases += 1
        self.input.write_bytes(data)
        parents = ["--parent", self.store / "base"] if level == "child" else []
        begin = time.monotonic()
        result = self.import_layer("layer", *parents)
        seconds = time.monotonic() - begin
        self.longest = max(self.longest, (seconds, what))
        if seconds > SECONDS:
            self.fail(what, "took %.0f s" % seconds)
        return result

    def refused(self, what, level, data) -> str:
        before = self.snapshot()
        result = self.attempt(what, level, data)
        lines = [line for line in result.stderr.decode("utf-8", "replace").splitlines()
                 if not line.startswith("cim: warning: ")]
        if result.returncode != 1 or len(lines) != 1 or not lines[0].startswith("cim: "):
            self.fail(what, "exit status %d; %s" % (result.returncode, " | ".join(lines)[:300]))
        if self.snapshot() != before:
            self.fail(what, "something changed")
            self.remove_layer()
        return lines[0] if lines else ""

    def taken(self, what, level, data, shown):
        before = self.snapshot()
        result = self.attempt(what, level, data)
        if result.returncode:
            self.fail(what, "exit status %d: %s" % (
                result.returncode, result.stderr.decode("utf-8", "replace")[:300]))
            return
        image = self.store / "cim-layers" / "layer.cim"
        check = self.run("check", "--deep", image)
        if check.returncode:
            self.fail(what, "check: " + check.stdout.decode("utf-8", "replace")[:300])
        for path, due in shown.items():
            self.shows(what, image, path, due)
        self.remove_layer()
        if self.snapshot() != before:
            self.fail(what, "something else changed")

    def shows(self, what, image, path, due):
        """Compares a path with `due`: a text, None if it must not exist, or `hive` for any hive."""
        result = self.run("cat", image, path)
        text = result.stdout
        if due is None or due == "":
            there = self.run("stat", image, path).returncode == 0
            if there != (due is not None):
                self.fail(what, "%s is %sthere" % (path, "" if there else "not "))
        elif due is hive and not text.startswith(b"regf"):
            self.fail(what, "%s is not a hive" % path)
        elif due is not hive and text != due.encode():
            self.fail(what, "%s is %r" % (path, text[:50]))

    def remove_layer(self):
        result = self.run("layer", "destroy", self.store / "layer")
        if result.returncode:
            self.fail("destroy", result.stderr.decode("utf-8", "replace"))
        shutil.rmtree(self.store / "layer", ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the cim program")
    parser.add_argument("--session", help="a program that runs many commands in one process, for "
                        "builds with sanitizers; those take addresses without end")
    parser.add_argument("--deepest", action="store_true",
                        help="also try tars of 300 MB, of paths as long as can be and longer")
    parser.add_argument("--show", action="store_true", help="print the message of each case")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cimlib-") as name:
        oracle = Oracle(os.path.abspath(args.program), args.session, Path(name))
        level = ""
        for case in cases_refused(args.deepest):
            if isinstance(case, str):
                level = case
                continue
            line = oracle.refused(case[0], level, case[1])
            if args.show:
                print("%s: %s\n    %s" % (level, case[0], line))
        for case in cases_taken(args.deepest):
            if isinstance(case, str):
                level = case
                continue
            oracle.taken(case[0], level, *case[1:])
        if oracle.session:
            status, report = oracle.session.end()
            if status:
                oracle.fail("the session", "ends with %d: %s" % (status, report.decode()))
    print("hostile layers: %d cases, %d failures; the longest took %.1f s: %s"
          % (oracle.cases, oracle.failures, *oracle.longest))
    return 1 if oracle.failures else 0


if __name__ == "__main__":
    sys.exit(main())
