#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Lists a tar as Python's tarfile sees it, a line an entry: TYPE SIZE MTIME SHA256 PATH>LINK."""
import decimal
import hashlib
import os
import sys
import tarfile


def seconds(member):
    exact = decimal.Decimal(member.pax_headers.get("mtime", str(member.mtime)))
    return format(exact, ".9f")


def digest(tar, member):
    body = tar.extractfile(member).read() if member.isreg() else b""
    return hashlib.sha256(body).hexdigest()


with tarfile.open(sys.argv[1], "r:") as tar:
    for member in tar:
        kind = "0" if member.isreg() else member.type.decode("ascii")
        line = "%s %d %s %s " % (kind, member.size, seconds(member), digest(tar, member))
        path = os.fsencode(member.name) + b">" + os.fsencode(member.linkname)
        sys.stdout.buffer.write(line.encode("ascii") + path + b"\n")
