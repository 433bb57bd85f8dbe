# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports what `cim hive dump --utf16` writes with Wine's regedit, and compares what that exports.

    hive_regedit.py CIM

CIMLIB_CORPUS names a corpus, whose base layer has the hives. Lines must be equal, in which
bytes are wrapped in the same places; the order of values is another. Left out are the corner cases of the
corpus: regedit ends text at its first NUL, adds a missing one, and shows any REG_DWORD as a number.
Exit status 77 without Wine or a corpus.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hive_tools import CONFIG, extract

ROOT = "HKEY_CURRENT_USER\\cimlib"
NAMES = ("SAM", "SECURITY", "DEFAULT", "SYSTEM", "SOFTWARE")


def lines_of(file: Path) -> Counter:
    """Returns the lines of a file in UTF-16, each with its key and the line before a continued one."""
    lines, key, before = Counter(), "", ""
    for line in file.read_text("utf-16").splitlines():
        if line.startswith("["):
            key = line
        if line and "\\CornerCases" not in key:
            lines[key, before if before.endswith("\\") else "", line] += 1
        before = line
    return lines


def verify(cim: str, hive: Path, root: str) -> tuple:
    """Returns the number of lines, and of those that only one of the two files has."""
    ours, theirs = hive.with_suffix(".ours.reg"), hive.with_suffix(".theirs.reg")
    with ours.open("wb") as out:
        subprocess.run([cim, "hive", "dump", "--utf16", "--root", root, hive], stdout=out, check=True)
    for options in (["/S", ours], ["/E", theirs, root]):
        subprocess.run(["wine", "regedit", *options], check=True, stdout=subprocess.DEVNULL)
    due, found = lines_of(theirs), lines_of(ours)
    for line in list((due - found).items())[:3] + list((found - due).items())[:3]:
        print("%s: %r" % (hive.name, line))
    return sum(found.values()), sum(((due - found) + (found - due)).values())


def main() -> int:
    if "CIMLIB_CORPUS" not in os.environ or not all(map(shutil.which, ("wine", "wineserver"))):
        print("needs wine, and CIMLIB_CORPUS with the name of a corpus")
        return 77
    count = failures = 0
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(WINEPREFIX=str(Path(work) / "wine"), WINEDEBUG="-all",
                          WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe=")
        for name in NAMES:
            hive = Path(work) / name
            if extract(Path(os.environ["CIMLIB_CORPUS"]), "base", CONFIG + name, hive):
                lines, wrong = verify(sys.argv[1], hive, ROOT + name)
                count, failures = count + lines, failures + wrong
        subprocess.run(["wineserver", "--kill", "--wait"], check=False)
    print("%d lines compared, %d of them wrong" % (count, failures))
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
