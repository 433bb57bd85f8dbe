# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Copying and moving images with all of their files, and the images that need a file.

usage: transfer_test.py CIM [unittest arguments]
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from package_case import CIM, run
from package_maker import Package


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

    # Ends in the middle

    def add_large_file(self):
        (self.tree / "large.bin").write_bytes(os.urandom(96 << 20))
        self.image = self.source / "large\nimage.cim"
        run("create", self.image, self.tree)

    def ended(self, verb, target, number):
        """Starts a transfer and sends it a signal once the target has a large file."""
        process = subprocess.Popen([CIM, verb, self.image, target], stderr=subprocess.PIPE)
        end = time.monotonic() + 60
        while (process.poll() is None and time.monotonic() < end
               and not has_large_file(target)):
            pass
        process.send_signal(number)
        process.communicate()
        return process.returncode

    def test_an_interrupted_copy_leaves_nothing(self):
        self.add_large_file()
        before = names(self.source)
        if self.ended("cp", self.target, signal.SIGINT) != 0:  # else it was done before
            self.assertEqual(names(self.target), set())
        self.assertEqual(names(self.source), before)

    def test_what_a_killed_copy_leaves_is_garbage(self):
        self.add_large_file()
        if self.ended("cp", self.target, signal.SIGKILL) != 0:
            self.assertFalse((self.target / self.image.name).exists())
        else:
            (self.target / self.image.name).unlink()
        run("gc", self.target)
        self.assertEqual(names(self.target), set())
        run("cp", self.image, self.target)
        self.check(self.target / self.image.name)

    def test_a_move_to_another_file_system(self):
        before = names(self.source)
        with self.another_file_system() as other:
            run("mv", self.image, other)
            self.assertEqual((names(self.source), names(other)), (set(), before))
            self.check(other / self.image.name)

    def test_a_killed_move_leaves_one_complete_image(self):
        self.add_large_file()
        with self.another_file_system() as other:
            self.ended("mv", other, signal.SIGKILL)
            moved = other / self.image.name
            self.check(moved if moved.exists() else self.image)

    @contextlib.contextmanager
    def another_file_system(self):
        """A directory on another file system, if this machine has one."""
        if not os.access("/dev/shm", os.W_OK) or (
                os.stat("/dev/shm").st_dev == self.directory.stat().st_dev):
            self.skipTest("there is no other file system")
        with tempfile.TemporaryDirectory(prefix="cim transfer ", dir="/dev/shm") as name:
            yield pathlib.Path(name)

    # Lists

    def test_a_list_for_other_programs(self):
        listed = run("files", "-0", self.image).stdout.split(b"\0")
        self.assertEqual([os.fsdecode(path) for path in listed[:-1]],
                         [f["file"] for f in json.loads(run("--json", "files", self.image).stdout)])
        self.assertIn("newline", os.fsdecode(listed[0]))
        self.assertEqual(listed[-1], b"")
        for arguments in (["-l", self.image], [self.source]):
            self.assertEqual(run("files", "-0", *arguments, status=2).stdout, b"")

    def test_a_line_for_each_file_of_a_directory(self):
        self.image.rename(self.source / "a\nb.cim")
        lines = run("files", self.source).stdout.decode().splitlines()
        self.assertEqual(len(lines), len(names(self.source)))

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


def has_large_file(directory):
    try:
        return any(path.stat().st_size > 1 << 20 for path in directory.iterdir())
    except FileNotFoundError:  # renamed meanwhile
        return True


def limit_file_size():
    import resource  # pylint: disable=import-outside-toplevel
    import signal  # pylint: disable=import-outside-toplevel
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
