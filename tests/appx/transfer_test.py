# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Copying and moving images with all of their files, and the images that need a file.

usage: transfer_test.py CIM [unittest arguments]
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from package_maker import Package

CIM = sys.argv[1]


def run(*arguments, status=0, **options):
    done = subprocess.run([CIM, *map(str, arguments)], capture_output=True, check=False, **options)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stderr.decode()}")
    return done


def names(directory):
    return {path.name for path in directory.iterdir()}


class Transfer(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cim transfer "))
        self.addCleanup(shutil.rmtree, self.directory)
        self.source = self.directory / "a source\nwith newline"
        self.target = self.directory / "the target"
        self.tree = self.directory / "tree"
        for each in (self.source, self.target, self.tree):
            each.mkdir()
        (self.tree / "a.bin").write_bytes(os.urandom(3 << 20))
        (self.tree / "zeros.bin").write_bytes(bytes(1 << 20))
        (self.tree / "small.txt").write_bytes(b"small")
        self.image = self.source / "my image.cim"
        run("create", self.image, self.tree)

    def check(self, image):
        run("check", "--deep", image)
        target = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        run("extract", image, target)
        for path in self.tree.iterdir():
            self.assertEqual((target / path.name).read_bytes(), path.read_bytes())

    def add_fork(self, name="fork.cim", image=None):
        """Makes a fork that has a package more."""
        package = Package().write(self.directory / "package")
        base = image or self.image
        run("create", "--base", base, base.parent / name, package)
        return base.parent / name

    def test_a_copy_has_all_files(self):
        run("cp", self.image, self.target)
        self.assertEqual(names(self.source), names(self.target))
        for path in self.source.iterdir():
            self.assertEqual(path.read_bytes(), (self.target / path.name).read_bytes())
            self.assertNotEqual(path.stat().st_ino, (self.target / path.name).stat().st_ino)
        self.check(self.target / self.image.name)

    def test_a_copy_of_a_fork_has_the_files_of_its_ancestors(self):
        fork = self.add_fork()
        run("cp", fork, self.target / "new name.cim")
        self.assertEqual(names(self.target) - {"new name.cim"},
                         names(self.source) - {self.image.name, fork.name})
        self.check(self.target / "new name.cim")

    def test_files_that_are_there_are_compared(self):
        fork = self.add_fork()
        run("cp", self.image, self.target)
        before = names(self.target) - {self.image.name}
        done = json.loads(run("--json", "cp", fork, self.target).stdout)
        there = {pathlib.Path(f["to"]).name for f in done["files"] if f["was_there"]}
        self.assertEqual(there, before)
        self.check(self.target / fork.name)

    def test_another_file_of_that_name_is_not_replaced(self):
        region = next(self.source.glob("region_*"))
        other = self.target / region.name
        other.write_bytes(region.read_bytes()[:-1] + b"?")
        before = names(self.target)
        self.assertIn(b"not the same file", run("cp", self.image, self.target, status=1).stderr)
        self.assertEqual(names(self.target), before)

    def test_an_image_of_that_name_is_not_replaced(self):
        (self.target / self.image.name).write_bytes(b"mine")
        self.assertIn(b"already exists", run("cp", self.image, self.target, status=1).stderr)
        self.assertEqual(names(self.target), {self.image.name})

    def test_an_incomplete_image_is_not_copied(self):
        next(self.source.glob("region_*")).unlink()
        for verb in ("cp", "mv"):
            self.assertIn(b"missing", run(verb, self.image, self.target, status=1).stderr)
        self.assertEqual(names(self.target), set())

    def test_a_move(self):
        before = names(self.source)
        run("mv", self.image, self.target)
        self.assertEqual((names(self.source), names(self.target)), (set(), before))
        self.check(self.target / self.image.name)

    def test_a_rename_keeps_forks(self):
        fork = self.add_fork()
        renamed = self.source / "renamed.cim"
        run("mv", self.image, renamed)
        self.assertFalse(self.image.exists())
        self.check(renamed)
        self.check(fork)

    def test_an_image_with_forks_stays(self):
        self.add_fork()
        before = names(self.source)
        self.assertIn(b"other images need it: fork.cim",
                      run("mv", self.image, self.target, status=1).stderr)
        self.assertEqual((names(self.source), names(self.target)), (before, set()))

    def test_a_moved_fork_leaves_the_files_of_its_ancestor(self):
        before = names(self.source)
        fork = self.add_fork()
        done = run("mv", fork, self.target)
        self.assertIn(b"also left in the old directory", done.stderr)
        self.assertEqual(names(self.source), before)
        self.check(self.image)
        self.check(self.target / fork.name)

    def test_a_full_disk_leaves_nothing(self):
        done = run("cp", self.image, self.target, status=None, preexec_fn=limit_file_size)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(names(self.target), set())
        self.check(self.image)

    def test_uses_of_the_files_of_a_directory(self):
        fork = self.add_fork()
        (self.source / "region_00000000-1111-2222-3333-444444444444_0").write_bytes(
            next(self.source.glob("region_*")).read_bytes())
        uses = json.loads(run("--json", "files", self.source).stdout)
        self.assertEqual({pathlib.Path(u["file"]).name for u in uses}, names(self.source))
        for use in uses:
            owner = use["owner"]
            if "00000000-1111" in use["file"]:
                self.assertEqual((owner, use["images"]), (None, []))
            elif owner == str(self.image) and use["kind"] != "filesystem":
                self.assertEqual(use["images"], [str(fork), str(self.image)])
            else:
                self.assertEqual(use["images"], [owner])
        region = next(u["file"] for u in uses
                      if u["kind"] == "region" and len(u["images"]) == 2)
        text = run("files", region).stdout.decode()
        self.assertIn("fork.cim, my image.cim (owner)", text)
        os.unlink(region)
        self.assertIn(b"1 file is missing", run("files", self.source, status=1).stderr)


def limit_file_size():
    import resource  # pylint: disable=import-outside-toplevel
    import signal  # pylint: disable=import-outside-toplevel
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
