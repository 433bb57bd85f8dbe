# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes a directory of many small files, a thousand in each of its directories.

    many_files.py DIRECTORY COUNT
"""
import sys
from pathlib import Path

EACH = 1000


def make(directory: Path, count: int):
    for number in range(count):
        where = directory / ("dir%04d" % (number // EACH))
        if number % EACH == 0:
            where.mkdir(parents=True)
        (where / ("file%07d.txt" % number)).write_bytes(b"file %d" % number)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
