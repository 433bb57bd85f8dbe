#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports the layers of a corpus with cim, and gzip-compressed with cim.exe. Both must write the same
files with the same bytes, and each must find the other's images valid and export the same tars.

same_images.py --host CIM --windows CIM.EXE [--wine WINE] CORPUS
"""

import argparse
import gzip
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def layers_of(corpus):
    """Returns the names of the corpus's layers, from the base up."""
    return [name for name in ("base", "child", "grandchild") if (corpus / name).is_dir()]


class Program:
    """One of the two programs; paths are written as on its system."""

    def __init__(self, command, is_windows):
        self.command = command
        self.is_windows = is_windows

    def path(self, path):
        text = str(pathlib.Path(path).absolute())
        return "Z:" + text.replace("/", "\\") if self.is_windows else text

    def run(self, *words):
        words = [self.path(w) if isinstance(w, pathlib.Path) else w for w in words]
        done = subprocess.run([*self.command, "--quiet", *words], capture_output=True, text=True,
                              errors="replace", check=False)
        if done.returncode != 0:
            sys.exit(f"{self.command[-1]} {' '.join(words)}: exit {done.returncode}\n{done.stderr}")
        return done.stdout

    def make_store(self, tars, store):
        """Imports the tars, a map from layer names in order from the base up."""
        store.mkdir()
        below = []
        for name, tar in tars.items():
            parents = [word for parent in below for word in ("--parent", parent)]
            self.run("layer", "import", "--reproducible", tar, store / name, *parents)
            below.insert(0, store / name)


def packed(tars, directory):
    """Compresses each of the tars with gzip."""
    made = {}
    for name, tar in tars.items():
        made[name] = directory / f"{name}.tar.gz"
        made[name].write_bytes(gzip.compress(tar.read_bytes(), 1))
    return made


def digests(store):
    return {str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(store.rglob("*")) if path.is_file()}


def differences(ours, theirs):
    return [name for name in sorted(ours.keys() | theirs.keys())
            if ours.get(name) != theirs.get(name)]


def check_each_others(host, windows, stores, names):
    for program, store in ((host, stores["windows"]), (windows, stores["host"])):
        for name in names:
            program.run("check", "--deep", store / "cim-layers" / f"{name}.cim")
    listings = [program.run("ls", "-lR", store / "cim-layers" / f"{names[-1]}.cim")
                for program, store in ((host, stores["windows"]), (windows, stores["host"]))]
    if listings[0] != listings[1]:
        sys.exit("the listings differ")
    tars = []
    for program, store in ((host, stores["windows"]), (windows, stores["host"])):
        tar = store.parent / f"{store.name}.tar"
        program.run("layer", "export", store / names[0], tar)
        tars.append(hashlib.sha256(tar.read_bytes()).hexdigest())
    if tars[0] != tars[1]:
        sys.exit("the exported tars differ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--windows", required=True)
    parser.add_argument("--wine", default="wine")
    parser.add_argument("corpus", type=pathlib.Path)
    arguments = parser.parse_args()
    host = Program([arguments.host], False)
    windows = Program([arguments.wine, arguments.windows], True)
    names = layers_of(arguments.corpus)
    if not names:
        sys.exit(f"{arguments.corpus}: no layers")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="same-images-"))
    try:
        stores = {"host": directory / "host", "windows": directory / "windows"}
        tars = {name: arguments.corpus / name / "layer.tar" for name in names}
        host.make_store(tars, stores["host"])
        windows.make_store(packed(tars, directory), stores["windows"])
        files = digests(stores["host"])
        different = differences(files, digests(stores["windows"]))
        if different:
            sys.exit(f"{len(different)} files differ: {', '.join(different[:10])}")
        check_each_others(host, windows, stores, names)
    finally:
        shutil.rmtree(directory)
    print(f"same images: {len(names)} layers, {len(files)} files, byte for byte the same; each read "
          "by both")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("WINEDEBUG", "-all")
    sys.exit(main())
