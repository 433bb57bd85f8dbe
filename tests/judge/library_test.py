# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The library's reader, on images that no writer of cimlib made.

    python3 library_test.py DUMP_IMAGE
"""
import subprocess
import sys
import unittest
from pathlib import Path

import handmade_image
from judge_test import HandmadeImage

DUMP_IMAGE = ""
FLIPS_PER_FILE = 250


class Library(HandmadeImage):
    def dump(self, image: Path) -> subprocess.CompletedProcess:
        return subprocess.run([DUMP_IMAGE, image], capture_output=True, text=True, check=False)

    def compare(self, image: Path):
        script = Path(__file__).with_name("compare_dump.py")
        result = subprocess.run([sys.executable, "-B", script, DUMP_IMAGE, image,
                                 self.directory / "manifest.json"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_shows_the_image_laid_out_by_hand(self):
        self.compare(self.make())

    def test_takes_shorter_and_longer_records(self):
        for size in (88, 104):
            with self.subTest(size=size):
                self.compare(self.make(entry_size=size))

    def test_takes_a_stream_table_with_a_count_in_front(self):
        self.compare(handmade_image.make(self.directory, count_before_streams=True))

    def test_answers_for_damaged_images(self):
        """Whatever byte changes: an error of one line, or an answer; never anything else."""
        image = self.make()
        for path in [image, *sorted(self.directory.glob("region_*"))]:
            raw = bytearray(path.read_bytes())
            for at in range(0, len(raw), max(1, len(raw) // FLIPS_PER_FILE)):
                raw[at] ^= 0xFF
                path.write_bytes(raw)
                self.check(image, "%s at %d" % (path.name, at))
                raw[at] ^= 0xFF
            path.write_bytes(raw)

    def test_answers_for_cut_images(self):
        image = self.make()
        for path in [image, *sorted(self.directory.glob("region_*"))]:
            raw = path.read_bytes()
            for size in range(0, len(raw), max(1, len(raw) // FLIPS_PER_FILE)):
                path.write_bytes(raw[:size])
                self.check(image, "%s cut to %d" % (path.name, size))
            path.write_bytes(raw)

    def check(self, image: Path, what: str):
        result = self.dump(image)
        self.assertIn(result.returncode, (0, 1), what)
        self.assertEqual(result.stderr.count("\n"), result.returncode, what + "\n" + result.stderr)


if __name__ == "__main__":
    DUMP_IMAGE = sys.argv.pop(1)
    unittest.main()
