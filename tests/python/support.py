# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Shared by the tests of the Python package: a sample image, a directory, the program."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import cimlib

PROGRAM = os.environ["CIM"]
SOURCE = pathlib.Path(os.environ["CIMLIB_SOURCE"])

TIMES = cimlib.FileTimes(*(cimlib.FileTime(132_444_736_000_000_000 + n) for n in range(4)))
SDDL = "O:BAG:SYD:(A;;FA;;;BA)"
LONE_SURROGATE = "lone\ud800.txt"


def program(*arguments: str | os.PathLike, status: int = 0) -> bytes:
    """The output of the program, which must end with that status."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False)
    if done.returncode != status:
        raise AssertionError(f"{arguments}: {done.returncode}: {done.stderr!r}")
    return done.stdout


def program_json(*arguments: str | os.PathLike):
    return json.loads(program(*arguments, "--json"))


def write_sample(image: pathlib.Path) -> None:
    """Writes an image with one of everything."""
    with cimlib.ImageWriter(image) as writer:
        writer.add("Files", attributes=cimlib.Attributes.DIRECTORY)
        writer.add("Files/a.txt", b"hello", attributes=cimlib.Attributes.ARCHIVE, times=TIMES,
                   security_descriptor=cimlib.descriptor_from_sddl(SDDL),
                   extended_attributes=cimlib.encode_extended_attributes(
                       [cimlib.ExtendedAttribute(b"NAME", b"value")]))
        writer.add_alternate_stream("Files/a.txt:Zone.Identifier", b"[ZoneTransfer]\r\n")
        writer.add_link("Files/b.txt", "Files/a.txt")
        writer.add("Files/link", reparse_data=cimlib.ReparsePoint.symbolic_link("a.txt").encode())
        writer.add("Files/big.bin", bytes(range(256)) * 4096)
        writer.add(f"Files/{LONE_SURROGATE}", b"x", attributes=cimlib.Attributes.READ_ONLY)
        writer.add("Files/sub", attributes=cimlib.Attributes.DIRECTORY)
        writer.add("Files/sub/empty")


class SampleTest(unittest.TestCase):
    """A test with a temporary directory and the sample image in it."""

    def setUp(self) -> None:
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.path = self.directory / "sample.cim"
        write_sample(self.path)
        self.image = cimlib.Image(self.path)

    def assert_error(self, code: str):
        return _ErrorContext(self, code)


class _ErrorContext:
    def __init__(self, test: unittest.TestCase, code: str) -> None:
        self.test = test
        self.code = code
        self.error: cimlib.Error | None = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback) -> bool:
        self.test.assertIs(kind, cimlib.Error, f"no cimlib.Error but {error!r}")
        self.test.assertEqual(error.code, self.code, str(error))
        self.error = error
        return True
