# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""CIM images and Windows container layers.

    import cimlib

    image = cimlib.Image("layers/7.cim")
    for entry in image.walk("Files/Windows"):
        print(entry.path, entry.size, entry.written)
    with image.open("Files/Windows/win.ini") as file:
        text = file.read()

Paths inside an image may be written with `/` or `\\`, and are compared ignoring case. Every failure
of the library raises cimlib.Error. Images, entries and streams may be used from several threads.
Long calls release the GIL, and Ctrl-C ends them.
"""

import enum

from ._core import (
    CheckReport, Entry, ExtendedAttribute, FileTime, FileTimes, Finding, Hive, HiveKey, HiveValue,
    Image, ImageWriter, Match, ReparsePoint, Stream, StreamInfo, Walk, __version__, check,
    create_image, descriptor_from_sddl, descriptor_to_sddl, destroy_layer,
    encode_extended_attributes, export_layer, extract, import_layer, is_layer, layer_image,
    layer_usage, parse_extended_attributes, read_layer_chain, search, write_layer_chain)
from ._errors import Error
from ._streams import StreamFile


class Attributes(enum.IntFlag):
    """FILE_ATTRIBUTE_* of Windows."""

    READ_ONLY = 0x1
    HIDDEN = 0x2
    SYSTEM = 0x4
    DIRECTORY = 0x10
    ARCHIVE = 0x20
    NORMAL = 0x80
    TEMPORARY = 0x100
    SPARSE_FILE = 0x200
    REPARSE_POINT = 0x400
    COMPRESSED = 0x800
    OFFLINE = 0x1000
    NOT_CONTENT_INDEXED = 0x2000
    ENCRYPTED = 0x4000


__all__ = [
    "Attributes", "CheckReport", "Entry", "Error", "ExtendedAttribute", "FileTime", "FileTimes",
    "Finding", "Hive", "HiveKey", "HiveValue", "Image", "ImageWriter", "Match", "ReparsePoint",
    "Stream", "StreamFile", "StreamInfo", "Walk", "__version__", "check", "create_image",
    "descriptor_from_sddl", "descriptor_to_sddl", "destroy_layer", "encode_extended_attributes",
    "export_layer", "extract", "import_layer", "is_layer", "layer_image", "layer_usage",
    "parse_extended_attributes", "read_layer_chain", "search", "write_layer_chain"]
