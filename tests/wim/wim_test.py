# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Images of WIM files that wimlib-imagex(1) captured.

usage: wim_test.py CIM [unittest arguments]
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "acceptance"))

import ntfs_volume  # pylint: disable=wrong-import-position
import sample_layer  # pylint: disable=wrong-import-position

CIM = sys.argv[1]


def run(*arguments, status=0):
    done = subprocess.run([CIM, *map(str, arguments)], capture_output=True, check=False)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stderr.decode()}")
    return done


def tool(*command):
    subprocess.run([*map(str, command)], check=True, capture_output=True)


def tree(directory):
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in directory.rglob("*") if path.is_file() and not path.is_symlink()}


class Wim(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cim wim "))
        self.addCleanup(shutil.rmtree, self.directory)
        self.images = self.directory / "images"
        self.images.mkdir()
        self.image = self.images / "a.cim"
        self.wim = self.directory / "file"
        self.tree = self.directory / "tree"
        (self.tree / "dir/ünïcode").mkdir(parents=True)
        (self.tree / "dir/text.bin").write_bytes(random.Random(1).randbytes(150000).hex().encode())
        (self.tree / "random.bin").write_bytes(random.Random(2).randbytes(100000))
        (self.tree / "empty").write_bytes(b"")
        (self.tree / "dir/ünïcode/small").write_bytes(b"small")
        (self.tree / "link").symlink_to("dir")
        os.link(self.tree / "random.bin", self.tree / "dir/again")

    def capture(self, *options, source=None):
        tool("wimlib-imagex", "capture", source or self.tree, self.wim, *options)

    def test_every_compression(self):
        for compression in ("none", "XPRESS", "LZX", "LZMS"):
            with self.subTest(compression):
                self.wim.unlink(missing_ok=True)
                self.capture(f"--compress={compression}")
                image = self.images / f"{compression}.cim"
                summary = json.loads(run("--json", "create", image, self.wim).stdout)
                self.assertEqual((summary["files"], summary["hard_links"], summary["symlinks"]),
                                 (4, 1, 1))
                target = self.directory / compression
                run("extract", image, target)
                self.assertEqual(tree(target), tree(self.tree))
                run("check", "--deep", image)

    def test_an_image_of_several(self):
        self.capture()
        (self.tree / "second").write_bytes(b"2")
        tool("wimlib-imagex", "append", self.tree, self.wim, "second")
        self.assertIn(b"has 2 images", run("create", self.image, self.wim, status=1).stderr)
        self.assertIn(b"no image 3", run("create", "--image", 3, self.image, self.wim,
                                         status=1).stderr)
        run("create", "--image", 2, self.image, self.wim)
        self.assertEqual(run("cat", self.image, "second").stdout, b"2")
        self.assertEqual(len([p for p in self.images.iterdir() if p.suffix == ".cim"]), 1)

    def test_solid_files_are_refused(self):
        self.capture("--solid")
        self.assertIn(b"solid resource", run("create", self.image, self.wim, status=1).stderr)
        self.assertEqual(list(self.images.iterdir()), [])

    def test_names_that_windows_does_not_allow_are_skipped(self):
        for name in ("a:b", "CASE", "case", "back\\slash"):
            (self.tree / name).mkdir()
            (self.tree / name / "file").write_bytes(name.encode())
        self.capture()
        lines = run("create", self.image, self.wim, status=1).stderr.decode().splitlines()
        self.assertEqual(len([line for line in lines if ": skipped: " in line]), 3, lines)
        self.assertTrue(lines[-1].endswith("file: 3 entries were skipped"), lines)
        target = self.directory / "target"
        run("extract", self.image, target)
        found = tree(target)
        (kept,) = [name for name in found if name.lower() == "case/file"]
        self.assertEqual(found.pop(kept), kept.split("/")[0].encode())
        self.assertEqual(len(found), 5)

    def test_damaged_files_leave_nothing(self):
        self.capture("--compress=LZX")
        data = self.wim.read_bytes()
        for at in (0, 8, 60, 208, 300, len(data) // 2, len(data) - 200):
            with self.subTest(at):
                damaged = bytearray(data)
                damaged[at:at + 16] = bytes(b ^ 0x5A for b in damaged[at:at + 16])
                self.wim.write_bytes(damaged)
                done = run("create", self.image, self.wim, status=None)
                if done.returncode != 0:
                    self.assertEqual(len(done.stderr.splitlines()), 1)
                    self.assertEqual(list(self.images.iterdir()), [])
                else:
                    for path in self.images.iterdir():
                        path.unlink()
        for size in (100, 208, len(data) // 2, len(data) - 1):
            self.wim.write_bytes(data[:size])
            done = run("create", self.image, self.wim, status=1)
            self.assertEqual(list(self.images.iterdir()), [])

    def test_pipable_files_are_refused(self):
        self.capture("--pipable")
        self.assertIn(b"pipable", run("create", self.image, self.wim, status=1).stderr)
        self.assertEqual(list(self.images.iterdir()), [])

    @unittest.skipIf(ntfs_volume.reason_to_skip(), "NTFS cannot be mounted here")
    def test_an_ntfs_volume_gives_the_same_image(self):
        """A volume with the metadata of a layer: `cim create` of it and of its capture."""
        volume = self.make_volume()
        mounted = self.images / "mounted.cim"
        with volume.mounted_volume() as mount:
            run("create", mounted, mount, status=None)  # 1 for what ntfs-3g shows as devices
        self.capture(source=volume.volume)
        done = run("create", self.image, self.wim)
        self.assertNotIn(b"warning", done.stderr)
        run("check", "--deep", self.image)
        differences = [d for d in json.loads(run("--json", "diff", mounted, self.image,
                                                 status=None).stdout) if d["path"]]
        self.assertEqual([d for d in differences if not self.has_no_place(d)], [])
        times, same = self.times(self.image), self.times(mounted)
        self.assertGreater(len(same), 1000)
        self.assertEqual(same, {path: times[path] for path in same})

    def make_volume(self):
        """Writes the base layer of CIMLIB_CORPUS, or the sample, to a new volume."""
        corpus = os.environ.get("CIMLIB_CORPUS")
        if corpus is None:
            corpus = self.directory / "corpus"
            sample_layer.make(corpus)
        volume = ntfs_volume.NtfsJudge(pathlib.Path(CIM).resolve(),
                                       pathlib.Path(corpus) / "base/layer.tar", self.directory)
        with volume.mounted_image() as image, volume.mounted_volume() as mount:
            ntfs_volume.Filling(image, mount).fill()
        return volume

    def times(self, image):
        """All times but that of the change, which WIM files do not have."""
        found = json.loads(run("--json", "find", image, "--type", "f", "--type", "d",
                               "--type", "l").stdout)
        return {e["path"]: (e["created"], e["written"], e["accessed"]) for e in found
                if e["path"]}

    def has_no_place(self, difference):
        """Extended attributes, which libwim does not capture from NTFS, and the change time; and
        files that ntfs-3g takes for devices of Interix, which are not in the first image."""
        if difference["change"] == "changed":
            return set(difference["fields"]) <= {"times", "extended-attributes"}
        found = json.loads(run("--json", "stat", self.image, difference["path"]).stdout)
        return difference["change"] == "added" and "system" in found["attributes"]


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
