# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Shared by the tests of packages: running the program, and directories for each test."""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import warnings

CIM = sys.argv[1]


def run(*arguments, status=0, **options):
    """Runs the program; fails if the exit status is another."""
    done = subprocess.run([CIM, *map(str, arguments)], capture_output=True, check=False, **options)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stderr.decode()}")
    return done


def run_json(*arguments, status=0):
    return json.loads(run("--json", *arguments, status=status).stdout)


def tree(directory):
    """All files below a directory and their contents."""
    return {str(path.relative_to(directory)): path.read_bytes()
            for path in sorted(pathlib.Path(directory).rglob("*")) if path.is_file()}


def pattern(size, seed=1):
    """Bytes that are compressible, but not periodic."""
    return random.Random(seed).randbytes((size + 1) // 2).hex().encode()[:size]


class PackageCase(unittest.TestCase):
    """A package file and a directory for images."""

    def setUp(self):
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cim packages "))
        self.addCleanup(shutil.rmtree, self.directory)
        self.images = self.directory / "images"
        self.images.mkdir()
        self.image = self.images / "a.cim"
        self.package = self.directory / "package.bin"  # the name says nothing

    def extracted(self, image=None, below=None):
        target = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        run("extract", image or self.image, target)
        return tree(target / below if below else target)

    def unpacked(self, *command):
        """The files that another program unpacks, with decoded names."""
        target = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        subprocess.run([*command], cwd=target, check=True, capture_output=True)
        return {urllib.parse.unquote(name): data for name, data in tree(target).items()}

    def sddl(self, path, image=None):
        return run_json("stat", image or self.image, path)["security"]["sddl"]
