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
import struct
import subprocess
import sys
import tempfile
import unittest

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
                self.assertEqual((summary["files"], summary["hard_links"], summary["links"]),
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

    @unittest.skipUnless(os.access("/dev/fuse", os.R_OK | os.W_OK) and shutil.which("ntfs-3g"),
                         "NTFS cannot be mounted here")
    def test_an_ntfs_volume_gives_the_same_image(self):
        volume = self.directory / "volume"
        with open(volume, "wb") as file:
            file.truncate(32 << 20)
        tool("mkntfs", "-F", "-Q", "-q", volume)
        mount = self.directory / "mount"
        mount.mkdir()
        options = "streams_interface=xattr,no_detach"
        server = None
        try:
            server = subprocess.Popen(["ntfs-3g", "-o", options, volume, mount],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for_mount(server, mount, self)
            shutil.copytree(self.tree, mount, symlinks=True, dirs_exist_ok=True)
            os.setxattr(mount / "random.bin", "user.stream", b"alternate")
            os.setxattr(mount / "empty", "system.ntfs_attrib", struct.pack("<I", 0x22))
            run("create", self.images / "mounted.cim", mount)
        finally:
            subprocess.run(["fusermount3", "-u", mount], check=False, capture_output=True)
            subprocess.run(["umount", mount], check=False, capture_output=True)
            if server is not None:
                server.wait()
        self.capture(source=volume)
        run("create", self.image, self.wim)
        done = run("diff", self.images / "mounted.cim", self.image, status=None)
        # WIM files do not have the time of change.
        lines = [line for line in done.stdout.decode().splitlines()
                 if not line.endswith(("change-time", "change"))]
        self.assertEqual(lines, [])


def wait_for_mount(server, mount, test):
    for _ in range(500):
        if os.path.ismount(mount):
            return
        try:
            server.wait(0.02)
            test.skipTest("NTFS cannot be mounted here")
        except subprocess.TimeoutExpired:
            pass
    test.fail("the volume was not mounted")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
