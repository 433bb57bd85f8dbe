# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The object ids that cimlib writes: XXH3 of 128 bits, by libxxhash, and the name of the kind."""
import ctypes
import struct

KIND = b"xxh3-128"
SIZE = 24


class _Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


_hash = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
_hash.restype = _Hash
_hash.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def object_id(data: bytes) -> bytes:
    """Returns the id of an object, whose hash is stored with the most significant byte first."""
    data = bytes(data)
    result = _hash(data, len(data))
    return struct.pack(">QQ", result.high, result.low) + KIND
