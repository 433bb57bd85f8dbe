#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Builds and runs the example in another language.

    examples_test.py LANGUAGE --library LIBCIMLIB.SO --work DIRECTORY

The exit status is 77 if the compiler is not installed.
"""
import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SKIPPED = 77


def build_go(program: Path, library: Path):
    environment = dict(
        os.environ, CGO_ENABLED="1", GOFLAGS="-buildvcs=false", GOPROXY="off",
        GOCACHE=str(program.parent / "go-cache"), GOPATH=str(program.parent / "go-path"),
        CGO_CFLAGS="-Wall -Werror -I%s" % (SOURCE / "include"), CGO_LDFLAGS="-L%s" % library.parent)
    subprocess.run(["go", "build", "-o", program], cwd=SOURCE / "examples/go", env=environment,
                   check=True)


def build_rust(program: Path, library: Path):
    subprocess.run(["rustc", "--edition", "2021", "-D", "warnings", "-L", library.parent,
                    SOURCE / "examples/rust/layers.rs", "-o", program], check=True)


BUILDERS = {"go": ("go", build_go), "rust": ("rustc", build_rust)}


def sample() -> bytes:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as layer:
        directory = tarfile.TarInfo("Files")
        directory.type = tarfile.DIRTYPE
        layer.addfile(directory)
        file = tarfile.TarInfo("Files/a.txt")
        file.size = 1 << 20
        layer.addfile(file, io.BytesIO(bytes(file.size)))
    return tar.getvalue()


def check(program: Path, library: Path, store: Path):
    """Runs the program with a layer, and with a file that is not one."""
    environment = dict(os.environ, LD_LIBRARY_PATH=str(library.parent))

    def run(tar: bytes):
        return subprocess.run([program, store / "layer"], input=tar, capture_output=True,
                              env=environment, timeout=60)

    tar = sample()
    done = run(tar)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, done
    assert lines[:2] == ["digest sha256:" + hashlib.sha256(tar).hexdigest(),
                         "size %d" % len(tar)], lines
    assert re.fullmatch(r"usage \d{4,} bytes in \d+ inodes", lines[2]), lines
    assert not any(path.is_file() for path in store.rglob("*"))
    failed = run(b"This is not a tar.")
    assert failed.returncode == 1 and failed.stderr.startswith(b"layers: input: "), failed


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("language", choices=BUILDERS)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    compiler, build = BUILDERS[options.language]
    if shutil.which(compiler) is None:
        print("%s is not installed" % compiler)
        return SKIPPED
    work = options.work.resolve()
    shutil.rmtree(work / "store", ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    build(work / "layers", options.library.resolve())
    check(work / "layers", options.library.resolve(), work / "store")
    return 0


if __name__ == "__main__":
    sys.exit(main())
