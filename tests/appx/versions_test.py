# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Forks of images with another version of a package, through the program.

usage: versions_test.py CIM [unittest arguments]

A fork must be what a new image of the same package is, whatever its base has.
"""

import os
import random
import shutil
import sys
import unittest

from package_case import PackageCase, run, run_json
from package_maker import Package, full_name


def numbered(count, size, seed=1):
    """Files in directories of 100."""
    return {f"{i // 100}/{i}.bin": random.Random(f"{seed} {i}").randbytes(size)
            for i in range(count)}


def create(*arguments):
    """The time of the root is a constant, so that images can be compared."""
    return run("create", "--reproducible", *arguments)


class Versions(PackageCase):
    def setUp(self):
        super().setUp()
        self.fork = self.images / "fork.cim"
        self.base_files = {}

    def make_base(self, files, *options):
        package = Package(files, version="1.0.0.0")
        package.write(self.package)
        create(*options, self.image, self.package)
        self.base_files = dict(package.entries_by_name())

    def size(self):
        return sum(f.stat().st_size for f in self.images.iterdir())

    def make_fork(self, files, *options, version="2.0.0.0", replaced=("1.0.0.0",), differing=()):
        """Returns the bytes that the fork wrote, and the size of the files that differ."""
        package = Package(files, version=version)
        package.write(self.package)
        before = self.size()
        done = run_json("create", "--reproducible", *options, "--base", self.image, self.fork, self.package)
        written = self.size() - before
        self.assertEqual(done["replaced"], [full_name(version=v) for v in replaced])
        self.check_fork(*options, differing=differing)
        return written, sum(len(data) for name, data in package.entries_by_name()
                            if self.base_files.get(name) != data)

    def check_fork(self, *options, packages=(), differing=()):
        """Compares the fork with a new image, metadata included."""
        run("check", "--deep", self.image)
        run("check", "--packages", "--deep", self.fork)
        fresh = self.directory / "fresh"
        fresh.mkdir()
        create(*options, fresh / "a.cim", *packages or [self.package])
        found = run_json("diff", fresh / "a.cim", self.fork, status=1 if differing else 0)
        self.assertEqual([entry["path"] for entry in found], list(differing))

    def test_what_differs_is_written(self):
        files = numbered(20, 1 << 20)
        self.make_base(files)
        files["0/3.bin"] = files["0/3.bin"][:70000] + b"changed" + files["0/3.bin"][70007:]
        files["new.bin"] = random.Random(99).randbytes(1 << 20)
        written, changed = self.make_fork(files)
        self.assertLess(changed, 2.1 * (1 << 20))
        self.assertLessEqual(written, 1.05 * changed)
        self.assertEqual([p["version"] for p in run_json("info", self.fork)["packages"]],
                         ["2.0.0.0"])
        run("diff", self.image, self.fork, status=1)

    def test_names_and_records_of_files_that_are_equal_are_not_written(self):
        files = numbered(8000, 100) | {"large.bin": random.Random(1).randbytes(4 << 20)}
        self.make_base(files)
        files["large.bin"] = random.Random(2).randbytes(4 << 20)
        written, changed = self.make_fork(files)
        self.assertLessEqual(written, 1.05 * changed)

    def test_the_same_version_again(self):
        files = numbered(1000, 2000)
        self.make_base(files)
        written, changed = self.make_fork(files, version="1.0.0.0")
        self.assertEqual(changed, 0)
        self.assertLess(written, 30000)

    def test_names_that_go_and_change(self):
        self.make_base({"tool.exe": b"MZ1", "gone.txt": b"1", "gone/a/b.txt": b"1",
                        "file": b"1", "directory/file.txt": b"1", "Case.txt": b"1",
                        "Case/Inner.txt": b"1", "other case/x.txt": b"1"})
        self.make_fork({"tool.exe": b"MZ1", "file/inner.txt": b"1", "directory": b"1",
                        "cASE.txt": b"1", "case/inner.TXT": b"1", "Other case/x.txt": b"1"})
        names = {entry["path"] for entry in run_json("find", self.fork)}
        top = f"apps/{full_name(version='2.0.0.0')}"
        self.assertLessEqual({f"{top}/case/inner.TXT", f"{top}/cASE.txt", f"{top}/directory"},
                             names)
        self.assertFalse([n for n in names if "gone" in n or "1.0.0.0" in n])

    def test_another_descriptor(self):
        files = numbered(10, 2000)
        self.make_base(files)
        self.make_fork(files, "--acl", "none", differing=["apps"])  # the base's remains

    def test_another_root(self):
        files = numbered(10, 2000)
        self.make_base(files, "--root", "old")
        package = Package(files, version="2.0.0.0")
        package.write(self.package)
        done = create("--base", self.image, "--root", "new/er", self.fork, self.package)
        self.assertIn(f"removed {full_name()}".encode(), done.stderr)
        run("check", "--packages", "--deep", self.fork)
        self.assertEqual(run("ls", self.fork, "new/er").stdout.decode().strip(),
                         full_name(version="2.0.0.0"))
        self.assertEqual(run("ls", self.fork, "old").stdout, b"")

    def test_a_root_in_the_version_that_goes(self):
        self.make_base(numbered(10, 2000))
        self.make_fork(numbered(10, 2000), "--root", f"apps/{full_name()}")

    def test_a_base_that_is_not_ours(self):
        """Hard links, other times, more files, alternate streams and attributes."""
        files = {"a.txt": b"same", "b.txt": b"same", "c.txt": b"same", "d/e.txt": b"other"}
        Package(files).write(self.package)
        top = self.directory / "tree" / "apps" / full_name()
        top.mkdir(parents=True)
        self.unpack_into(top)
        for name in ("b.txt", "linked.txt"):
            (top / name).unlink(missing_ok=True)
            os.link(top / "a.txt", top / name)
        (top / "c.txt:hidden").write_bytes(b"a stream")
        (top / "d" / "more.txt").write_bytes(b"more")
        create(self.image, self.directory / "tree")
        self.make_fork(files | {"a.txt": b"changed"}, differing=["", "apps"])
        text = run("cat", self.fork, f"apps/{full_name(version='2.0.0.0')}/b.txt").stdout
        self.assertEqual(text, b"same")

    def unpack_into(self, directory):
        shutil.unpack_archive(self.package, directory, "zip")

    def test_several_versions(self):
        files = numbered(10, 2000)
        for version in ("1.0.0.0", "1.5.0.0"):
            Package(files, version=version).write(self.directory / version)
        create(self.image, self.directory / "1.0.0.0", self.directory / "1.5.0.0")
        self.make_fork(files, replaced=("1.0.0.0", "1.5.0.0"))

    def test_two_new_versions(self):
        old = numbered(10, 2000)
        self.make_base(old)
        for version in ("1.0.0.0", "2.0.0.0"):
            Package(numbered(10, 2000, version), version=version).write(self.directory / version)
        both = (self.directory / "1.0.0.0", self.directory / "2.0.0.0")
        create("--base", self.image, self.fork, *both)
        self.check_fork(packages=both)

    def test_other_packages_of_the_base_remain(self):
        Package().write(self.package)
        create(self.image, self.package)
        Package(name="Contoso.Other").write(self.package)
        self.assertEqual(
            run_json("create", "--reproducible", "--base", self.image, self.fork, self.package)["replaced"], [])
        self.assertEqual({p["name"] for p in run_json("info", self.fork)["packages"]},
                         {"Contoso.Tool", "Contoso.Other"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
