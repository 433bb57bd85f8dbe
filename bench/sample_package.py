#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes an application package of the files of a tree.

    python3 sample_package.py TREE PACKAGE VERSION

Files are added until the package has 300 MB. If the tree has too few, they are
added again with a number after them, so that no two are equal. Versions from 2 on differ from
version 1 in a tenth of the files.
"""
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests/appx"))

# pylint: disable=wrong-import-position
from package_maker import CONTENT_TYPES, block_map, blocks_of, manifest, stored_name

LARGEST = 64 << 20
SIZE = 300_000_000
TIME = (2024, 5, 6, 7, 8, 10)


def contents(tree: Path, version: int):
    """Yields names and bytes without an end, all different."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()
                   and path.stat().st_size <= LARGEST)
    for number in range(1000):
        for index, path in enumerate(files):
            mark = b"%d" % (number if number % 10 else 1000 * version + number)
            yield f"{number}/{index // 200}/{index}.bin", path.read_bytes() + mark


def add(archive: zipfile.ZipFile, name: str, data: bytes):
    part = zipfile.ZipInfo(name, TIME)
    part.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(part, data)


def write(tree: Path, package: Path, version: int):
    parts = {"AppxManifest.xml": manifest(applications=(), version=f"{version}.0.0.0")}
    mapped = [block_map(parts).removesuffix(b"</BlockMap>")]
    with zipfile.ZipFile(package, "w") as archive:
        add(archive, "AppxManifest.xml", parts["AppxManifest.xml"])
        for name, data in contents(tree, version):
            add(archive, stored_name(name), data)
            blocks = "".join(f'<Block Hash="{digest}"/>' for digest in blocks_of(data))
            windows_name = quoteattr(name.replace("/", "\\"))
            mapped.append(f'<File Name={windows_name} Size="{len(data)}" LfhSize="30">'
                          f'{blocks}</File>'.encode())
            if archive.fp.tell() >= SIZE:
                break
        add(archive, "AppxBlockMap.xml", b"".join(mapped) + b"</BlockMap>")
        add(archive, "[Content_Types].xml", CONTENT_TYPES)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
