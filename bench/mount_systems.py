# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The file systems of bench/mounts: how each is filled with a tree, mounted and unmounted."""
import os
import shutil
import subprocess
import time
from pathlib import Path

import measure


class System:
    """A file system with the tree in one file below `work`, mounted at `point`."""
    name, tools, is_fuse = "", (), True
    image_name = ""

    def __init__(self, tree: Path, work: Path, pinned: list):
        self.tree, self.pinned = tree, pinned
        self.image, self.point = work / self.image_name, work / "mount"

    def missing(self) -> list:
        return [tool for tool in self.tools if not shutil.which(tool)]

    def prepare(self):
        """Makes the image, unless an earlier run has; it gets its name when it is complete."""
        if not self.image.exists():
            unfinished = self.image.with_name("unfinished-" + self.image.name)
            self.make(unfinished)
            unfinished.rename(self.image)
            os.sync()

    def mount(self) -> Path:
        self.point.mkdir(exist_ok=True)
        run(*self.pinned, *self.mount_command())
        deadline = time.monotonic() + 10
        while not self.point.is_mount():  # some return before it is mounted
            if time.monotonic() > deadline:
                raise OSError("%s is not mounted after ten seconds" % self.name)
            time.sleep(0.01)
        return self.point

    def unmount(self):
        run("umount", self.point)

    def make(self, image: Path):
        raise NotImplementedError

    def mount_command(self) -> list:
        raise NotImplementedError


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Plain(System):
    """The tree itself, in its own directory."""
    name, is_fuse, image_name = "the directory itself", False, ""

    def __init__(self, tree, work, pinned):
        super().__init__(tree, work, pinned)
        kind = measure.text_of("stat", "-f", "-c", "%T", tree).replace("ext2/ext3", "ext4")
        self.name = "plain " + kind

    def prepare(self):
        pass

    def mount(self):
        return self.tree

    def unmount(self):
        pass


class Erofs(System):
    name, tools, is_fuse, image_name = "EROFS", ("mkfs.erofs",), False, "tree.erofs"

    def make(self, image):
        run("mkfs.erofs", "--quiet", image, self.tree)

    def mount_command(self):
        return ["mount", "-t", "erofs", "-o", "loop,ro", self.image, self.point]


class Squashfuse(System):
    name, tools, image_name = "squashfuse", ("squashfuse_ll", "mksquashfs"), "tree.squashfs"

    def make(self, image):
        run("mksquashfs", self.tree, image, "-noI", "-noD", "-noF", "-noX", "-noappend", "-quiet",
            "-no-progress")

    def mount_command(self):
        return ["squashfuse_ll", self.image, self.point]


class Wimmount(System):
    name, tools, image_name = "wimmount", ("wimlib-imagex",), "tree.wim"

    def make(self, image):
        run("wimlib-imagex", "capture", self.tree, image, "--compress=none", "--no-acls")

    def mount_command(self):
        return ["wimlib-imagex", "mount", self.image, self.point]

    def unmount(self):
        run("wimlib-imagex", "unmount", self.point)


class Ntfs3g(System):
    name, tools, image_name = "ntfs-3g", ("ntfs-3g", "mkntfs"), "tree.ntfs"

    def make(self, image):
        size = int(measure.text_of("du", "-s", "--block-size=1", self.tree).split()[0])
        with image.open("wb") as file:
            file.truncate(size + size // 4 + (256 << 20))
        run("mkntfs", "-F", "-Q", "-q", "-s", "512", "-p", "0", "-H", "255", "-S", "63", image)
        self.point.mkdir(exist_ok=True)
        run("ntfs-3g", "-o", "big_writes", image, self.point)
        try:
            run("cp", "-r", "-P", "--preserve=timestamps,links", "%s/." % self.tree, self.point)
        finally:
            self.unmount()

    def mount_command(self):
        return ["ntfs-3g", "-o", "ro", self.image, self.point]


class Cim(System):
    """cimlib; `backend` is the option of `cim mount`, or None if it has no such option."""
    image_name = "tree.cim"

    def __init__(self, tree, work, pinned, cim: Path, backend):
        super().__init__(tree, work, pinned)
        self.cim, self.backend, self.is_fuse = cim, backend, backend != "erofs"
        self.name = "cim, " + (backend or "fuse")

    def prepare(self):
        if not self.image.exists():
            run(self.cim, "--quiet", "create", self.image, self.tree)
            os.sync()

    def mount_command(self):
        backend = ["--backend", self.backend] if self.backend else []
        return [self.cim, "mount", *backend, self.image, self.point]

    def unmount(self):
        run(self.cim, "umount", self.point)


def systems(tree: Path, work: Path, pinned: list, cim: Path) -> list:
    """Returns the file systems, cimlib through FUSE first."""
    offers_backends = "erofs" in measure.text_of(cim, "mount", "--help")
    ours = [Cim(tree, work, pinned, cim, backend)
            for backend in (("fuse", "erofs") if offers_backends else (None,))]
    return ours + [kind(tree, work, pinned)
                   for kind in (Squashfuse, Wimmount, Ntfs3g, Plain, Erofs)]
