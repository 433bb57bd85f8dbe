# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The trees of bench/mounts, and the files that are read."""
import os
import shutil
import stat
import subprocess
from pathlib import Path

import measure

FILES = 50_000
SMALL_ENOUGH, LARGEST, LARGE_BYTES = 1 << 20, 64 << 20, 512 << 20
MANY_SMALL, AT_LEAST = 16 << 10, 1 << 20
RANDOM_FILES = 64
FORBIDDEN = frozenset(':\\\n')


def files_below(top: Path):
    """Yields the path below `top` and the size of each regular file, in the order of names, except
    for names that Windows or a list of lines cannot have."""
    for directory, directories, names in os.walk(top):
        directories[:] = sorted(d for d in directories
                                if not os.path.ismount(os.path.join(directory, d)))
        for name in sorted(names):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and not FORBIDDEN.intersection(path):
                yield os.path.relpath(path, top), status.st_size


def chosen(files: list) -> list:
    """Returns the largest files, half a gigabyte in total, and a regular sample of the others."""
    large, room = [], LARGE_BYTES
    for path, size in sorted(files, key=lambda f: (-f[1], f[0])):
        if SMALL_ENOUGH < size <= min(LARGEST, room):
            large.append(path)
            room -= size
    others = [path for path, size in files if size <= SMALL_ENOUGH]
    count = min(FILES - len(large), len(others))
    return large + [others[i * len(others) // count] for i in range(count)]


def usr_tree(tree: Path):
    """Copies 50,000 files of this system's /usr. Of names that differ only in case one is kept."""
    taken = {}
    for path in chosen(list(files_below(Path("/usr")))):
        taken.setdefault(path.lower(), path)
    directories = {}
    for path in taken.values():
        parent = os.path.dirname(path)
        # The first spelling of a directory is used for all that differ only in case.
        place = os.path.join(tree, directories.setdefault(parent.lower(), parent))
        os.makedirs(place, exist_ok=True)
        shutil.copy2(os.path.join("/usr", path), place)


def layer_tree(tar: Path, tree: Path):
    """Unpacks a layer's tar, except streams, which tar would unpack as files, and the corner cases,
    whose names some file systems cannot handle."""
    tree.mkdir()
    subprocess.run(["bsdtar", "-x", "-f", tar, "-C", tree], check=False,
                   stderr=subprocess.DEVNULL)
    shutil.rmtree(tree / "Files/CornerCases", ignore_errors=True)
    for stream in [path for path in tree.rglob("*:*") if not path.is_dir()]:
        stream.unlink()


def prepare(make, tree: Path):
    """Makes a tree with `make`, unless an earlier run has."""
    if not tree.exists():
        unfinished = tree.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(tree)
        os.sync()


class Lists:
    """The lists of files that each row reads, written to files for tree_reader."""

    def __init__(self, tree: Path, work: Path):
        files = list(files_below(tree))
        by_size = sorted(files, key=lambda f: (-f[1], f[0]))
        self.count, self.bytes = len(files), sum(size for _, size in files)
        self.small = self.write(work / "small", [f for f in files if 0 < f[1] <= MANY_SMALL])
        self.large = self.write(work / "large", [f for f in by_size if f[1] >= AT_LEAST])
        self.random = self.write(work / "random", by_size[:RANDOM_FILES])

    def write(self, path: Path, files: list) -> Path:
        path.write_bytes(b"".join(os.fsencode(name) + b"\n" for name, _ in files))
        return path


def described(lists: Lists) -> str:
    counts = [sum(1 for _ in path.open("rb")) for path in (lists.small, lists.large)]
    return "%d files, %.0f MB; %d small, %d large" % (lists.count, lists.bytes / 1e6, *counts)
