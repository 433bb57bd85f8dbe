# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Images, entries and walks."""

import gc
import pathlib
import threading
import unittest

import cimlib
from support import LONE_SURROGATE, SampleTest, program, program_json


class ImagesTest(SampleTest):
    def test_lists_what_the_program_lists(self):
        listed = program_json("ls", "-R", self.path)
        walked = list(self.image.walk())
        self.assertEqual(walked[0].path, "")
        self.assertEqual(len(walked), len(listed) + 1)
        for entry, json in zip(walked[1:], listed):
            self.assertEqual(entry.path.replace("\ud800", "\ufffd"), json["path"])
            self.assertEqual(entry.id, json["id"])
            self.assertEqual(entry.size, json["size"])
            self.assertEqual(entry.is_directory, json["type"] == "directory")
            self.assertEqual(entry.storage, json["storage"])
            self.assertEqual(entry.has_streams, json["has_streams"])
            for name in ("created", "written", "changed", "accessed"):
                self.assertEqual(str(getattr(entry, name)), json[name])

    def test_finds_ignoring_case(self):
        self.assertEqual(self.image.find("files\\A.TXT").id, self.image.get("Files/a.txt").id)
        self.assertIsNone(self.image.find("Files/none"))
        with self.assert_error("not-found") as context:
            self.image.get("Files/none")
        self.assertEqual(context.error.path, str(self.path))
        self.assertIsNone(context.error.offset)

    def test_lists_a_directory(self):
        names = [entry.name for entry in self.image.list("Files")]
        self.assertEqual(names, ["a.txt", "b.txt", "big.bin", "link", LONE_SURROGATE, "sub"])
        self.assertEqual([e.path for e in self.image.get("Files/sub").list()], ["Files/sub/empty"])
        with self.assert_error("invalid-argument"):
            self.image.list("Files/a.txt")

    def test_a_name_that_is_not_unicode_is_found_again(self):
        self.assertEqual(self.image.get(f"Files/{LONE_SURROGATE}").name, LONE_SURROGATE)

    def test_walks_a_part_and_some_levels(self):
        self.assertEqual([e.path for e in self.image.walk("Files/sub")],
                         ["Files/sub", "Files/sub/empty"])
        self.assertEqual([e.path for e in self.image.walk(depth=1)], ["", "Files"])
        with self.assert_error("not-found"):
            list(self.image.walk("none"))

    def test_a_walk_that_is_not_finished_ends(self):
        before = threading.active_count()
        walk = self.image.walk()
        next(walk)
        del walk
        gc.collect()
        self.assertEqual(threading.active_count(), before)

    def test_entries_keep_the_image_open(self):
        entry = self.image.get("Files/a.txt")
        self.image = None
        gc.collect()
        self.assertEqual(entry.open().read(), b"hello")

    def test_summary_equals_that_of_the_program(self):
        info = program_json("info", "--executables", self.path)
        for name, value in self.image.summary().items():
            self.assertEqual(value, info[name], name)
        self.assertEqual(f"{self.image.version[0]}.{self.image.version[1]}", info["version"])
        self.assertEqual([path.name for path in self.image.regions],
                         [r["file"] for s in info["region_sets"] for r in s["regions"]])

    def test_damage_is_an_error_with_its_place(self):
        header = bytearray(self.path.read_bytes())
        header[16] = 99
        broken = self.directory / "broken.cim"
        broken.write_bytes(header)
        with self.assert_error("unsupported") as context:
            cimlib.Image(broken)
        self.assertEqual(context.error.path, str(broken))
        with self.assert_error("not-found"):
            cimlib.Image(pathlib.Path("no/such.cim"))

    def test_finds_regions_in_other_directories(self):
        apart = self.path.parent / "apart"
        apart.mkdir()
        for region in self.image.regions:
            pathlib.Path(region).rename(apart / pathlib.Path(region).name)
        with self.assert_error("not-found"):
            cimlib.Image(self.path)
        image = cimlib.Image(self.path, region_directories=[apart])
        self.assertEqual(image.open("Files/a.txt").read(), self.image.open("Files/a.txt").read())

    def test_a_walk_reports_what_cannot_be_read(self):
        self.damage()
        failures = []
        image = cimlib.Image(self.path)
        entries = list(image.walk(on_error=lambda path, error: failures.append((path, error.code))))
        self.assertEqual(failures, [("Files/a.txt", "corrupt"), ("Files/b.txt", "corrupt")])
        self.assertIn("Files/big.bin", [entry.path for entry in entries])
        with self.assertRaises(cimlib.Error):
            list(image.walk())

    def damage(self):
        """Makes the ids of the first two names in Files those of no file."""
        metadata = next(r for r in self.image.regions if r.name.endswith("_0"))
        self.image = None
        data = bytearray(metadata.read_bytes())
        data[328:336] = b"\xff" * 8
        metadata.write_bytes(data)

    def test_an_exception_of_the_callback_ends_the_walk(self):
        self.damage()

        def fail(_path, error):
            raise KeyError(error.code)

        with self.assertRaises(KeyError):
            list(cimlib.Image(self.path).walk(on_error=fail))

    def test_many_threads_walk_at_once(self):
        expected = [entry.path for entry in self.image.walk()]
        results = []
        threads = [threading.Thread(target=lambda: results.append(
            [entry.path for entry in self.image.walk()])) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [expected] * 16)

    def test_extracts_as_the_program_does(self):
        counts = cimlib.extract(self.image, self.directory / "out", "Files")
        self.assertEqual((self.directory / "out/a.txt").read_bytes(),
                         program("cat", self.path, "Files/a.txt"))
        self.assertEqual(counts["skipped"], 0)


if __name__ == "__main__":
    unittest.main()
