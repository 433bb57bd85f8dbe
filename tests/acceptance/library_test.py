# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Tests the library's reader on images that were not made by cimlib's writer.

    python3 library_test.py DUMP_IMAGE
"""
import subprocess
import sys
import unittest
from pathlib import Path

import handmade_image
from oracles_test import HandmadeImage

DUMP_IMAGE = ""
FLIPS_PER_FILE = 250
IMAGES_AT_ONCE = 50


class Library(HandmadeImage):
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
        """Changes each byte in turn: the result is an error of one line or an answer."""
        def flipped(raw, at):
            return raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1:]
        self.answers_for(flipped)

    def test_answers_for_cut_images(self):
        self.answers_for(lambda raw, size: raw[:size])

    def answers_for(self, damage):
        """Reads many images per process: starting one for each would take most of the time."""
        image = self.make()
        files = [image, *sorted(self.directory.glob("region_*"))]
        for path in files:
            raw = path.read_bytes()
            places = range(0, len(raw), max(1, len(raw) // FLIPS_PER_FILE))
            for first in range(0, len(places), IMAGES_AT_ONCE):
                batch = places[first:first + IMAGES_AT_ONCE]
                images = [self.copy(files, path, damage(raw, at), at) / image.name for at in batch]
                self.check(images, "%s at %s" % (path.name, list(batch)))

    def copy(self, files, damaged: Path, data: bytes, number: int) -> Path:
        """Copies the image's files, one of them with other bytes, to a directory of their own."""
        directory = self.directory / ("%s-%d" % (damaged.name, number))
        directory.mkdir()
        for file in files:
            if file == damaged:
                (directory / file.name).write_bytes(data)
            else:
                (directory / file.name).hardlink_to(file)
        return directory

    def check(self, images, what: str):
        result = subprocess.run([DUMP_IMAGE, *images], capture_output=True, text=True, check=False)
        self.assertIn(result.returncode, range(len(images) + 1), what + "\n" + result.stderr)
        self.assertEqual(result.stderr.count("\n"), result.returncode, what + "\n" + result.stderr)


if __name__ == "__main__":
    DUMP_IMAGE = sys.argv.pop(1)
    unittest.main()
