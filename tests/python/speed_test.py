# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Walking 10,000 files takes at most three times as long as `cim ls -R`, without Python's start."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import cimlib
from support import PROGRAM

WALK = """
import sys
import cimlib
count = sum(1 for entry in cimlib.Image(sys.argv[1]).walk() if entry.path)
print(count)
"""


def seconds(command: list) -> float:
    """The best of several runs, since other programs run on the same machine."""
    best = 1e9
    for _ in range(7):
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=os.environ)
        best = min(best, time.perf_counter() - begin)
    return best


class SpeedTest(unittest.TestCase):
    def test_walks_ten_thousand_files(self):
        with tempfile.TemporaryDirectory() as directory:
            image = pathlib.Path(directory) / "image.cim"
            with cimlib.ImageWriter(image) as writer:
                for d in range(100):
                    writer.add(f"directory{d}", attributes=cimlib.Attributes.DIRECTORY)
                    for f in range(100):
                        writer.add(f"directory{d}/file{f}.txt", b"x" * f)
            listing = seconds([PROGRAM, "ls", "-R", image])
            walking = seconds([sys.executable, "-c", WALK, image])
            starting = seconds([sys.executable, "-c", "pass"])
            print(f"ls -R {listing:.3f} s, walk {walking:.3f} s, of it Python's start "
                  f"{starting:.3f} s", file=sys.stderr)
            self.assertLessEqual(walking - starting, 3 * listing)


if __name__ == "__main__":
    unittest.main()
