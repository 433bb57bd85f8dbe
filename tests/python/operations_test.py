# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks, searches, creation and writers."""

import hashlib
import threading
import unittest

import cimlib
from support import SampleTest, program, program_json


class OperationsTest(SampleTest):
    def test_a_check_finds_what_the_program_finds(self):
        report = cimlib.check(self.path, deep=True)
        self.assertTrue(report.is_clean)
        self.assertGreater(report.verified_bytes, 0)
        region = max(self.image.regions, key=lambda path: path.stat().st_size)
        data = bytearray(region.read_bytes())
        data[-4000] ^= 1
        region.write_bytes(data)
        report = cimlib.check(str(self.path), deep=True)
        self.assertFalse(report.is_clean)
        listed = program_json_of_findings(self.path)
        self.assertEqual([f.kind for f in report.findings], [f["kind"] for f in listed])
        self.assertEqual([f.offset for f in report.findings], [f.get("offset") for f in listed])
        self.assertTrue(str(report.findings[0]))

    def test_progress_is_reported(self):
        calls = []
        cimlib.check(self.path, deep=True, progress=lambda *values: calls.append(values))
        self.assertTrue(calls)
        self.assertEqual(len(calls[-1]), 4)

    def test_an_exception_of_a_callback_is_raised(self):
        def fail(*_values):
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            cimlib.check(self.path, deep=True, progress=fail)

    def test_searches(self):
        found = cimlib.search(self.image, names=["*.TXT"], hash="sha256")
        self.assertEqual([m.entry.path for m in found][:2], ["Files/a.txt", "Files/b.txt"])
        self.assertEqual(found[0].digest, hashlib.sha256(b"hello").digest())
        self.assertEqual([m.entry.name for m in cimlib.search(self.image, contents=[b"ell"])],
                         ["a.txt", "b.txt"])
        self.assertEqual([m.entry.name for m in cimlib.search(self.image, min_size=1000)],
                         ["big.bin"])
        streams = [match.stream for match in cimlib.search(self.image, streams=True)]
        self.assertIn("Zone.Identifier", streams)
        with self.assertRaises(ValueError):
            cimlib.search(self.image, hash="crc32")

    def test_creates_as_the_program_does(self):
        tree = self.directory / "tree"
        tree.mkdir()
        (tree / "file").write_bytes(b"data")
        (self.directory / "a").mkdir()
        (self.directory / "b").mkdir()
        counts = cimlib.create_image(self.directory / "a/x.cim", tree, reproducible=True)
        json = program_json("create", "--reproducible", self.directory / "b/x.cim", tree)
        for name, value in counts.items():
            self.assertEqual(value, json[name], name)
        self.assertEqual((self.directory / "a/x.cim").read_bytes(),
                         (self.directory / "b/x.cim").read_bytes())

    def test_a_writer_publishes_at_the_end_only(self):
        path = self.directory / "new.cim"
        with self.assertRaises(RuntimeError):
            with cimlib.ImageWriter(path) as writer:
                writer.add("file", b"data")
                raise RuntimeError
        self.assertFalse(path.exists())
        writer = cimlib.ImageWriter(path)
        writer.add("file", memoryview(b"data"))
        self.assertTrue(writer.exists("FILE"))
        self.assertFalse(path.exists())
        self.assertEqual(writer.commit()["files"], 2)
        self.assertEqual(program("cat", path, "file"), b"data")
        with self.assert_error("invalid-argument"):
            writer.add("more", b"")
        self.assertEqual(sorted(p.name for p in self.directory.glob("*.cim")),
                         ["new.cim", "sample.cim"])

    def test_a_fork_changes_an_image(self):
        source = self.directory / "source"
        source.write_bytes(b"from a file")
        with cimlib.ImageWriter(self.directory / "fork.cim", base=self.path) as writer:
            self.assertTrue(writer.remove("Files/big.bin"))
            self.assertFalse(writer.remove("Files/none"))
            self.assertTrue(writer.remove("Files/a.txt:Zone.Identifier"))
            writer.add("Files/new", source)
            with self.assert_error("not-found"):
                writer.add("none/new", b"")
        fork = cimlib.Image(self.directory / "fork.cim")
        self.assertIsNone(fork.find("Files/big.bin"))
        self.assertEqual(fork.open("Files/new").read(), b"from a file")
        self.assertEqual(fork.get("Files/a.txt").streams(), [])

    def test_threads_may_share_a_writer(self):
        path = self.directory / "threads.cim"
        with cimlib.ImageWriter(path) as writer:
            threads = [threading.Thread(target=lambda n=n: [
                writer.add(f"file{n}-{i}", b"%d" % i) for i in range(50)]) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(cimlib.Image(path).list()), 400)
        self.assertTrue(cimlib.check(path, deep=True).is_clean)


def program_json_of_findings(image) -> list:
    import json
    return json.loads(program("check", "--deep", "--json", image, status=1))["findings"]


if __name__ == "__main__":
    unittest.main()
