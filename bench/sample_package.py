#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes an application package of the files of a tree.

    python3 sample_package.py TREE PACKAGE [MEGABYTES]

Files are added until the package has that size (default: 300). If the tree has too few, they are
added again with a number after them, so that no two are equal.
"""
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests/appx"))

# pylint: disable=wrong-import-position
from package_maker import CONTENT_TYPES, block_map, blocks_of, manifest, stored_name

LARGEST = 64 << 20


def contents(tree: Path):
    """Yields names and bytes without an end, all different."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()
                   and path.stat().st_size <= LARGEST)
    for number in range(1000):
        for index, path in enumerate(files):
            yield f"{number}/{index // 200}/{index}.bin", path.read_bytes() + b"%d" % number


def write(tree: Path, package: Path, size: int):
    parts = {"AppxManifest.xml": manifest(applications=())}
    mapped = [block_map(parts).removesuffix(b"</BlockMap>")]
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AppxManifest.xml", parts["AppxManifest.xml"])
        for name, data in contents(tree):
            archive.writestr(stored_name(name), data)
            blocks = "".join(f'<Block Hash="{digest}"/>' for digest in blocks_of(data))
            windows_name = quoteattr(name.replace("/", "\\"))
            mapped.append(f'<File Name={windows_name} Size="{len(data)}" LfhSize="30">'
                          f'{blocks}</File>'.encode())
            if archive.fp.tell() >= size:
                break
        archive.writestr("AppxBlockMap.xml", b"".join(mapped) + b"</BlockMap>")
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]),
          int(sys.argv[3] if len(sys.argv) > 3 else 300) * 1_000_000)
