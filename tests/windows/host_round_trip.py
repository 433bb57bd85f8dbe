#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Creates an image from a directory with cim.exe, extracts it with cim and with cim.exe, and compares
bytes, times, attributes and hard links with the directory.

host_round_trip.py --host CIM --windows CIM.EXE [--wine WINE]

Wine shows the directory with the metadata that Unix has; tests/image/host has tests of the rest.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from same_images import Program

LONG = "d" * 120
TIME_NS = 1_234_567_890_123_456_700  # in units of 100 ns, as on NTFS


def make_tree(root):
    """Makes files with all names, sizes, times and attributes that Wine passes on."""
    (root / "dir" / "sub").mkdir(parents=True)
    (root / "dir" / "file").write_bytes(b"text\n")
    (root / "empty").touch()
    (root / "large").write_bytes(os.urandom(3 << 20))
    (root / "n\u00e4me \u6771 \U0001f600").write_bytes(b"unicode")
    os.link(root / "dir" / "file", root / "link")
    deep = root.joinpath(*[LONG] * 4)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"at a long path")
    (root / "readonly").write_bytes(b"x")
    (root / "readonly").chmod(0o444)


def set_times(root):
    """Must be called after the files were read, which changes their times of access."""
    for path in sorted(root.rglob("*"), reverse=True):
        os.utime(path, ns=(TIME_NS + 10_000_000_000, TIME_NS))
    os.utime(root, ns=(TIME_NS, TIME_NS))


def described(root):
    """Returns what two equal trees have in common, by path."""
    found = {}
    links = {}
    before = {path: path.lstat() for path in [root, *sorted(root.rglob("*"))]}
    for path, status in before.items():
        name = str(path.relative_to(root))
        found[name] = {"kind": "directory" if path.is_dir() else "file",
                       "bytes": None if path.is_dir() else path.read_bytes(),
                       "written": status.st_mtime_ns,
                       "readonly": not path.is_dir() and status.st_mode & 0o200 == 0,
                       "first": links.setdefault(status.st_ino, name)}
        if not path.is_dir():
            found[name]["accessed"] = status.st_atime_ns
    return found


def require_equal(what, wanted, found):
    """Ends the test with what differs."""
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            sys.exit(f"{what}: {name}: {str(found.get(name))[:200]} is not "
                     f"{str(wanted.get(name))[:200]}")


def check_listing(host, image, wanted):
    listed = {entry["path"]: entry for entry in json.loads(host.run("ls", "-lR", "--json", image))}
    names = wanted.keys() - {"."}
    if listed.keys() != names:
        sys.exit(f"the listing has other names: {sorted(listed.keys() ^ names)[:5]}")
    ids = {}
    for name in names:
        entry, file = listed[name], wanted[name]
        size = len(file["bytes"] or b"")
        expected = (file["kind"], size, file["readonly"], ids.setdefault(file["first"], entry["id"]))
        found = (entry["type"], entry["size"], "readonly" in entry["attributes"], entry["id"])
        if found != expected:
            sys.exit(f"listing: {name}: {found} is not {expected}")
        if not entry["written"].startswith("2009-02-13T23:31:30.1234567"):
            sys.exit(f"listing: {name}: written {entry['written']}")


def check_paths(windows, directory, source):
    """Paths may have either separator, a drive or none, and be relative."""
    image = directory / "paths" / "image.cim"
    image.parent.mkdir()
    for written in (windows.path(image), "Z:" + str(image), str(image), "\\\\?\\" + windows.path(image)):
        windows.run("create", written, source)
        windows.run("ls", written)
        for file in image.parent.iterdir():
            file.unlink()


def check_failures(windows, directory, source):
    """A failure is one line, and the exit status is 1."""
    for words, text in ((["create", source / "inside.cim", source], "cannot be inside"),
                        (["create", directory / "x.cim", directory / "nowhere"], "nowhere"),
                        (["extract", directory / "image.cim", source], "not an empty directory")):
        words = [windows.path(w) if isinstance(w, pathlib.Path) else w for w in words]
        done = subprocess.run([*windows.command, *words], capture_output=True, check=False)
        if done.returncode != 1 or text.encode() not in done.stderr:
            sys.exit(f"{words}: exit {done.returncode}: {done.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--windows", required=True)
    parser.add_argument("--wine", default="wine")
    arguments = parser.parse_args()
    host = Program([arguments.host], False)
    windows = Program([arguments.wine, arguments.windows], True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="host-round-trip-"))
    try:
        source = directory / "source"
        make_tree(source)
        set_times(source)
        wanted = described(source)
        set_times(source)
        image = directory / "image.cim"
        windows.run("create", image, source)
        host.run("check", "--deep", image)
        check_listing(host, image, wanted)
        # cim does not write attributes.
        host.run("extract", image, directory / "by-host")
        require_equal("extracted by cim", {name: file | {"readonly": False}
                                           for name, file in wanted.items()},
                      described(directory / "by-host"))
        windows.run("extract", image, directory / "by-windows")
        require_equal("extracted by cim.exe", wanted, described(directory / "by-windows"))
        windows.run("create", "--reproducible", directory / "second.cim", directory / "by-windows")
        windows.run("create", "--reproducible", directory / "third.cim", source)
        host.run("diff", directory / "second.cim", directory / "third.cim")
        check_paths(windows, directory, source)
        check_failures(windows, directory, source)
    finally:
        shutil.rmtree(directory)
    print(f"host round trip: {len(wanted)} files and directories, the same by cim and cim.exe")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("WINEDEBUG", "-all")
    sys.exit(main())
