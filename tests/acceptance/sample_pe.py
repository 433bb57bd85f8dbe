# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Small synthetic executables, and how an image stores them expanded."""
import struct
from dataclasses import dataclass

PAGE = 4096
FILE_ALIGNMENT = 512
# Name, bytes in the file, size in memory; one is larger in memory, one has no bytes in the file.
SECTIONS = ((b".text", 0x5A0, 0x5A0), (b".data", 0x200, 0x1800), (b".bss", 0, 0x3000),
            (b".rsrc", 0x1200, 0x11F0))


@dataclass
class SamplePe:
    file: bytes
    image: bytes         # as stored in the page-aligned region
    image_length: int    # without the data after the sections
    mappings: list       # (file offset, delta)


def up(value: int, unit: int) -> int:
    return (value + unit - 1) // unit * unit


def _filler(length: int, seed: int) -> bytes:
    """Returns bytes that differ from place to place."""
    state, out = seed * 2654435761 % (1 << 32), bytearray()
    while len(out) < length:
        state = (state * 1664525 + 1013904223) % (1 << 32)
        out += struct.pack("<I", state)
    return bytes(out[:length])


def _headers(sections: list, image_length: int, section_alignment: int) -> bytes:
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 128)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, len(sections), 0x5F5E1000, 0, 0, 240, 0x22)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0x600, 0x1400, 0, 0x1000, 0x1000)
    optional += struct.pack("<QIIHHHHHHIIIIHH", 0x140000000, section_alignment, FILE_ALIGNMENT,
                            10, 0, 0, 0, 10, 0, 0, image_length, 0x400, 0, 3, 0x8160)
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    table = b""
    for name, start, size, address, extent in sections:
        table += struct.pack("<8sIIIIIIHHI", name, extent, address, size, start, 0, 0, 0, 0,
                             0x60000020)
    return (dos.ljust(128, b"\0") + coff + optional.ljust(240, b"\0") + table).ljust(0x400, b"\0")


def make_pe(overlay: bytes = b"overlay, as of an installer" * 9, seed: int = 1,
            section_alignment: int = PAGE) -> SamplePe:
    """Builds a valid 64-bit program with data after its sections."""
    start, address, sections = 0x400, PAGE, []
    for name, size, extent in SECTIONS:
        raw = up(size, FILE_ALIGNMENT)
        sections.append((name, start if raw else 0, raw, address, extent))
        start, address = start + raw, address + up(extent, PAGE)
    file = bytearray(_headers(sections, address, section_alignment))
    for n, (_, at, size, _, _) in enumerate(sections):
        file += _filler(size, seed * 16 + n)
    image, mappings = bytearray(address), []
    image[:0x400] = file[:0x400]
    for _, at, size, rva, _ in sections:
        if size:
            image[rva:rva + size] = file[at:at + size]
            mappings.append((at, rva - at))
    if overlay:
        mappings.append((len(file), len(image) - len(file)))
        file += overlay
        image += overlay
    return SamplePe(bytes(file), bytes(image), address, mappings)
