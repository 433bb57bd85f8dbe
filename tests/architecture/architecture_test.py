# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""That the folders of src/ use each other only as docs/architecture.md draws it.

Since all folders share one include root, the compiler would not notice.
"""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What each folder may use, besides what those may use themselves.
MAY_USE = {
    "base": [], "ntfs": ["base"], "format": ["base"], "image": ["format", "ntfs"],
    "tar": ["ntfs"], "registry": ["base"], "bcd": ["registry"], "mount": ["image"],
    "layer": ["image", "tar", "registry", "bcd", "mount"], "oci": ["layer"],
    "capi": ["image", "mount"], "cli": []}
INCLUDE = re.compile(r'^\s*#include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def below(folder: str) -> set:
    """Everything that a folder may use."""
    found = set(MAY_USE[folder])
    for used in MAY_USE[folder]:
        found |= below(used)
    return found


def used_by(folder: Path) -> set:
    """The folders that its CMakeLists.txt names."""
    text = re.sub(r"#.*", "", (folder / "CMakeLists.txt").read_text("utf-8"))
    found = re.search(r"\bUSES((?:\s+[a-z0-9]+)+)", text)
    return set(found[1].split()) if found else set()


def includes(directory: Path):
    """(file, what it includes in quotes, what in angles) of all sources below."""
    for file in sorted(directory.rglob("*")):
        if file.suffix in (".h", ".cpp"):
            found = INCLUDE.findall(file.read_text("utf-8"))
            yield file, [q for q, _ in found if q], [a for _, a in found if a]


class Folders(unittest.TestCase):
    def test_are_known(self):
        folders = {p.parent.name for p in ROOT.glob("src/*/CMakeLists.txt")}
        self.assertLessEqual(folders, MAY_USE.keys())

    def test_name_only_what_lies_below_them(self):
        for file in ROOT.glob("src/*/CMakeLists.txt"):
            with self.subTest(folder=file.parent.name):
                self.assertLessEqual(used_by(file.parent), below(file.parent.name))

    def test_include_only_what_they_name(self):
        for folder in (ROOT / "src").iterdir():
            if not folder.is_dir():
                continue
            allowed = used_by(folder) | {folder.name, "cimlib"}
            for file, quoted, _ in includes(folder):
                for name in quoted:
                    with self.subTest(file=str(file.relative_to(ROOT)), includes=name):
                        self.assertIn(name.split("/")[0], allowed)


class Containers(unittest.TestCase):
    def test_of_the_library_hash_with_a_secret_seed(self):
        hashed = re.compile(r"\bunordered_(map|set)\b|\bstd::hash\b")
        for folder in (ROOT / "src").iterdir():
            for file, _, _ in includes(folder):
                if file.name != "seeded_hash.h":
                    with self.subTest(file=str(file.relative_to(ROOT))):
                        self.assertIsNone(hashed.search(file.read_text("utf-8")))


class Files(unittest.TestCase):
    def test_stay_readable(self):
        for folder in ("include", "src", "tests", "fuzz", "bench", "examples"):
            for file, _, _ in includes(ROOT / folder):
                with self.subTest(file=str(file.relative_to(ROOT))):
                    self.assertLessEqual(len(file.read_text("utf-8").splitlines()), 800)


class PublicHeaders(unittest.TestCase):
    def test_include_each_other_and_the_standard_library_alone(self):
        for file, quoted, angled in includes(ROOT / "include"):
            if file.name == "cimfs.h":  # is for C, and for the types of Windows
                self.assertEqual((quoted, angled), (["cimlib/export.h"], ["windows.h", "stdint.h"]))
                continue
            with self.subTest(file=file.name):
                self.assertEqual([q for q in quoted if not q.startswith("cimlib/")], [])
                self.assertEqual([a for a in angled if "/" in a or a.endswith(".h")], [])


if __name__ == "__main__":
    unittest.main()
