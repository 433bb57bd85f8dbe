# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Builds tar blocks by hand, valid or invalid."""

END = bytes(1024)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def header(name: bytes, kind=b"0", size=0, link=b"", size_field=None, checksum=None) -> bytes:
    """Returns one POSIX header block; `size_field` and `checksum` replace the right bytes."""
    block = bytearray(512)
    block[0:len(name[:100])] = name[:100]
    block[100:108] = b"0000644\0"
    block[108:116] = block[116:124] = b"0000000\0"
    block[124:136] = size_field if size_field is not None else b"%011o\0" % size
    block[136:148] = b"%011o\0" % 1600000000
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\00000"
    block[148:156] = b" " * 8
    block[148:156] = checksum or b"%06o\0 " % sum(block)
    return bytes(block)


def record(key: bytes, value: bytes) -> bytes:
    """Returns a PAX record with the right length."""
    rest = b" " + key + b"=" + value + b"\n"
    size = len(rest)
    while size != len(str(size)) + len(rest):
        size = len(str(size)) + len(rest)
    return b"%d" % size + rest


def pax(body: bytes) -> bytes:
    """Returns an extended header of these records, which may have any bytes."""
    return header(b"PaxHeaders.0/x", b"x", len(body)) + padded(body)


def entry(name: bytes, data=b"", kind=b"0", link=b"", **records: bytes) -> bytes:
    """Returns an entry, a file unless `kind` is given. Records are keywords, `__` is a dot."""
    extended = b"".join(record(k.replace("__", ".").encode(), v) for k, v in records.items())
    return (pax(extended) if extended else b"") + header(name, kind, len(data), link) + padded(data)


def folder(name: bytes, **records: bytes) -> bytes:
    return entry(name, kind=b"5", **records)
