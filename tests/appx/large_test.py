# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Large packages: their files, and the memory that they need.

usage: large_test.py CIM [unittest arguments]

Not for sanitized programs, which are too slow and use more memory.
"""

import hashlib
import subprocess
import sys
import unittest
import zipfile

from package_case import CIM, PackageCase, pattern, run, run_json
from package_maker import (BLOCK, CONTENT_TYPES, STORED, Package, block_map, blocks_of, full_name,
                           manifest)

MAX_KIBIBYTES = 96 * 1024


def create(image, package):
    """Creates an image and returns the memory that the program used, in KiB."""
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run([sys.executable, "-c", code, CIM, "-q", "create", image, package],
                              check=True, capture_output=True).stdout)


def write_zeros(path, size):
    """Writes a package with a file of zeros, which is never in memory as a whole."""
    parts = {"AppxManifest.xml": manifest()}
    block = f'<Block Hash="{blocks_of(bytes(BLOCK))[0]}"/>'.encode() * (size // BLOCK)
    zeros = b'<File Name="zeros.bin" Size="%d" LfhSize="30">%s</File>' % (size, block)
    parts["AppxBlockMap.xml"] = block_map(parts).replace(b"</BlockMap>", zeros + b"</BlockMap>")
    parts["[Content_Types].xml"] = CONTENT_TYPES
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        with archive.open("zeros.bin", "w", force_zip64=True) as file:
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))


class LargePackages(PackageCase):
    def test_a_file_of_five_gibibytes(self):
        size = 5 << 30
        write_zeros(self.package, size)
        self.assertLess(create(self.image, self.package), MAX_KIBIBYTES)
        path = f"apps/{full_name()}/zeros.bin"
        self.assertEqual(run_json("stat", self.image, path)["size"], size)
        digest = hashlib.sha256()
        for _ in range(size >> 20):
            digest.update(bytes(1 << 20))
        found = run_json("find", self.image, "--name", "zeros.bin", "--hash", "sha256")
        self.assertEqual(found[0]["sha256"], digest.hexdigest())
        self.assertEqual(run_json("check", "--packages", self.image)["packages"]["faults"], 0)
        self.assertLess(sum(f.stat().st_blocks * 512 for f in self.images.iterdir()), 1 << 24)

    def test_many_large_files(self):
        Package({f"{i}.bin": pattern(16 << 20, i) for i in range(20)}).write(self.package)
        self.assertLess(create(self.image, self.package), MAX_KIBIBYTES)
        run("check", "--packages", self.image)

    def test_many_files(self):
        # Each file's data is just long enough to be written without being copied.
        data = {f"directory {i // 100}/file {i}.bin": pattern(17000, i) for i in range(5000)}
        data |= {f"directory {i // 100}/a file with a longer name {i}": b"" for i in range(60000)}
        package = Package(data)
        package.compression = dict.fromkeys(data, STORED)
        package.write(self.package)
        self.assertLess(create(self.image, self.package), MAX_KIBIBYTES)

    def test_many_deep_directories(self):
        # All paths together would have a gigabyte.
        Package({"/".join([f"{i:04}" + "x" * 100] * 255 + ["f"]): b"" for i in range(150)}).write(
            self.package)
        self.assertLess(create(self.image, self.package), MAX_KIBIBYTES)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
