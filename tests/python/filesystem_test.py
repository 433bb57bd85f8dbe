# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The class with the shape of a forensic framework's file system, and the example."""

import os
import stat
import subprocess
import sys
import unittest

import cimlib
from cimlib.filesystem import CimFilesystem
from support import SOURCE, SampleTest


class FilesystemTest(SampleTest):
    def setUp(self):
        super().setUp()
        self.fs = CimFilesystem(self.path)

    def test_detects_images_by_their_first_bytes(self):
        with open(self.path, "rb") as file:
            file.seek(3)
            self.assertTrue(CimFilesystem.detect(file))
            self.assertEqual(file.tell(), 3)
        with open(self.image.regions[0], "rb") as file:
            self.assertFalse(CimFilesystem.detect(file))
        with open(__file__, "rb") as file:
            self.assertFalse(CimFilesystem.detect(file))

    def test_gets_lists_and_opens(self):
        self.assertEqual(sorted(self.fs.listdir("/files")),
                         sorted(entry.name for entry in self.image.list("Files")))
        self.assertEqual([e.name for e in self.fs.get("Files").scandir() if e.is_dir()], ["sub"])
        self.assertEqual(self.fs.open("Files\\a.txt").read(), b"hello")
        self.assertEqual(self.fs.get("Files").get("sub/empty").lstat().st_size, 0)
        self.assertEqual(self.fs.get("Files/a.txt").lattr(), {b"NAME": b"value"})

    def test_follows_links(self):
        link = self.fs.get("Files/link")
        self.assertTrue(link.is_symlink())
        self.assertEqual(self.fs.readlink("Files/link"), "a.txt")
        self.assertTrue(stat.S_ISLNK(link.lstat().st_mode))
        self.assertTrue(stat.S_ISREG(link.stat().st_mode))
        self.assertEqual(link.open().read(), b"hello")
        self.assertEqual(link.readlink_ext().path, "Files/a.txt")
        with self.assertRaises(OSError):
            self.fs.readlink("Files/a.txt")

    def test_resolves_targets_as_windows_does(self):
        path = self.directory / "links.cim"
        link = cimlib.ReparsePoint.symbolic_link
        with cimlib.ImageWriter(path) as writer:
            for name in ("Files", "Files/dir", "Files/dir/deep"):
                writer.add(name, attributes=cimlib.Attributes.DIRECTORY)
            writer.add("Files/target", b"t")
            for name, target in (("up", "..\\..\\target"), ("drive", "C:\\target"),
                                 ("rooted", "\\dir\\..\\target"),
                                 ("beyond", "..\\..\\..\\..\\target"),
                                 ("loop", "loop"), ("other", "D:\\target"), ("none", "x")):
                writer.add(f"Files/dir/deep/{name}", reparse_data=link(target).encode())
            writer.add("Files/junction", attributes=cimlib.Attributes.DIRECTORY,
                       reparse_data=cimlib.ReparsePoint.mount_point("C:\\dir\\deep").encode())
        fs = CimFilesystem(path)
        for name in ("up", "drive", "rooted", "beyond"):
            self.assertEqual(fs.open(f"Files/dir/deep/{name}").read(), b"t", name)
            self.assertEqual(fs.open(f"Files/junction/{name}").read(), b"t", name)
        for name in ("loop", "other", "none"):
            self.assertFalse(fs.exists(f"Files/dir/deep/{name}"), name)
            with self.assertRaises(OSError):
                fs.open(f"Files/dir/deep/{name}")

    def test_errors_are_those_of_files(self):
        with self.assertRaises(FileNotFoundError):
            self.fs.get("none")
        with self.assertRaises(NotADirectoryError):
            self.fs.get("Files/a.txt/below")
        with self.assertRaises(NotADirectoryError):
            self.fs.scandir("Files/a.txt")
        with self.assertRaises(IsADirectoryError):
            self.fs.open("Files")

    def test_stat(self):
        entry = self.image.get("Files/a.txt")
        result = self.fs.stat("Files/a.txt")
        self.assertEqual((result.st_size, result.st_ino), (5, entry.id))
        self.assertEqual(result.st_mtime_ns, entry.written.unix_ns)
        self.assertEqual(int(result.st_mtime), entry.written.unix_ns // 10**9)
        self.assertTrue(stat.S_ISDIR(self.fs.stat("").st_mode))

    def test_the_timeline(self):
        done = subprocess.run([sys.executable, SOURCE / "examples/python/timeline.py", self.path],
                              env=os.environ, capture_output=True, text=True, check=True)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 2 * sum(1 for _ in self.image.walk()))
        self.assertEqual(lines, sorted(lines))


if __name__ == "__main__":
    unittest.main()
