# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks rules that the compiler does not know: which folders of src/ may use each other, as
cmake/CimlibArchitecture.cmake says, and which functions of the standard library may not be called.
"""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ARROWS = re.compile(r'^  "([a-z/]+):([a-z/ ]*)"', re.MULTILINE)
# A row of the table in docs/architecture.md: folder, job, what it may use.
ROW = re.compile(r"^\| `([a-z/]+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def arrows() -> dict:
    """Returns the folders from the bottom up, each with those that it may use directly."""
    text = (ROOT / "cmake/CimlibArchitecture.cmake").read_text("utf-8")
    return {folder: used.split() for folder, used in ARROWS.findall(text)}


def expanded(folder: str, known) -> list:
    """Returns the folder, or all of its sub-folders."""
    return [name for name in known if name == folder or name.startswith(folder + "/")]


def others(folder: str, used: str, known) -> list:
    """Returns what a folder means by one that it may use: a sub-folder of that is not included."""
    return [name for name in expanded(used, known) if name != folder]


def below(folder: str, table: dict) -> set:
    """Returns the folder and all folders that it may use."""
    found = {folder}
    for used in table[folder]:
        for name in others(folder, used, table):
            found |= below(name, table)
    return found


def folder_of(path: str, table: dict) -> str:
    """Returns the folder of the table that a path below src/ is in, or the path's first part."""
    parts = path.split("/")[:-1]
    while parts and "/".join(parts) not in table:
        parts.pop()
    return "/".join(parts) or path.split("/")[0]


def includes(directory: Path):
    """Yields (file, includes in quotes, includes in angle brackets) of all sources below."""
    for file in sorted(directory.rglob("*")):
        if file.suffix in (".h", ".cpp"):
            found = INCLUDE.findall(file.read_text("utf-8"))
            yield file, [q for q, _ in found if q], [a for _, a in found if a]


class Folders(unittest.TestCase):
    def test_each_have_a_line(self):
        table = arrows()
        for file in (ROOT / "src").rglob("CMakeLists.txt"):
            for name in re.findall(r"cimlib_component\(([a-z/]+)", file.read_text("utf-8")):
                with self.subTest(folder=name):
                    self.assertIn(name, table)

    def test_use_only_what_is_listed_above_them(self):
        table = arrows()
        listed = list(table)
        for place, folder in enumerate(listed):
            for used in table[folder]:
                with self.subTest(folder=folder, used=used):
                    names = others(folder, used, table)
                    self.assertTrue(names)
                    self.assertLessEqual(set(names), set(listed[:place]))

    def test_include_only_what_they_stand_on(self):
        table = arrows()
        for file, quoted, _ in includes(ROOT / "src"):
            name = str(file.relative_to(ROOT / "src"))
            allowed = below(folder_of(name, table), table) | {"cimlib"}
            for included in quoted:
                with self.subTest(file=name, includes=included):
                    self.assertIn(folder_of(included, table), allowed)

    def test_of_backends_know_neither_each_other_nor_what_chooses_between_them(self):
        table = arrows()
        backends = {"mount/fuse", "mount/erofs", "mount/overlay"}
        for folder in backends:
            with self.subTest(folder=folder):
                others = below(folder, table) - {folder}
                self.assertEqual(others & (backends | {"mount"}), set())

    def test_of_layers_use_of_mounts_only_whether_an_image_is_mounted(self):
        table = arrows()
        used = {name for name in below("layer", table) if name.startswith("mount")}
        self.assertEqual(used, {"mount/base"})
        for file, quoted, _ in includes(ROOT / "src/layer"):
            with self.subTest(file=file.name):
                self.assertEqual({q for q in quoted if q.startswith("mount/")}
                                 - {"mount/base/mount_table.h"}, set())

    def test_are_drawn_in_the_document_as_they_are_built(self):
        page = (ROOT / "docs/architecture.md").read_text("utf-8")
        start = page.index("| folder of `src/`")
        drawn = ROW.findall(page[start:page.index("\n\n", start)] + "\n")
        self.assertEqual({folder: [] if uses.strip() == "–" else uses.replace(",", "").split()
                          for folder, uses in drawn},
                         arrows())


# Change the mount table.
MOUNT_CALL = re.compile(r"(?<!\w)::(?:mount|umount2?|fs(?:open|pick|config|mount)|move_mount|"
                        r"open_tree|mount_setattr|pivot_root)\(")


class MountTable(unittest.TestCase):
    def test_is_changed_by_system_calls_of_one_file(self):
        files = {str(file.relative_to(ROOT / "src")) for file, _, _ in includes(ROOT / "src")
                 if MOUNT_CALL.search(without_comments(file.read_text("utf-8")))}
        self.assertEqual(files, {"mount/base/mount_syscalls.cpp"})


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


# File operations of <filesystem>. Each throws an exception of its own unless its last argument is
# an error code, except those of a file_status, which access no file.
OPERATIONS = """absolute canonical copy copy_file copy_symlink create_directory create_directories
    create_directory_symlink create_hard_link create_symlink current_path directory_iterator
    equivalent exists file_size hard_link_count is_block_file is_character_file is_directory is_empty
    is_fifo is_other is_regular_file is_socket is_symlink last_write_time permissions read_symlink
    recursive_directory_iterator remove remove_all rename resize_file space status symlink_status
    temp_directory_path""".split()
OPERATION = re.compile(r"\bfilesystem::(?:directory_entry|(?:%s))\b" % "|".join(OPERATIONS))
STATUS = re.compile(r"(?:\b|_)status(?:_of\(.*\)|\(.*\))?$")
# Throw when the system fails, even with an error code: iteration in a range-based for loop,
# and lookups of a directory entry.
LOOP = re.compile(r"\bfor \([^;()]* : (?:std::)?filesystem::(?:recursive_)?directory_iterator")
ENTRY = re.compile(r"\b(?:entry|next)(?:\.|->)(?:status|symlink_status|refresh|file_size|exists|"
                   r"is_(?:regular_file|directory|symlink))\(\)")
# Change the target of a path if a name in front of ".." is a link.
BY_TEXT = re.compile(r"\b(?:lexically_(?:normal|relative|proximate)|weakly_canonical|"
                     r"filesystem::(?:relative|proximate))\b")


def without_comments(text: str) -> str:
    """Returns the text with spaces in place of its comments, so that positions do not change."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL)


def last_argument(text: str, start: int):
    """Returns the last argument of the call whose parenthesis is at `start`; None if not a call."""
    depth, argument = 0, ""
    for c in text[start:]:
        depth += c in "([{"
        depth -= c in ")]}"
        if depth == 0:
            return argument.strip() if c in ")}" else None
        if depth == 1 and c in ",({":
            argument = ""
        else:
            argument += c
    return None


def throwing_calls(text: str):
    """Yields (position, call) of each file operation that may not throw cim::Error only."""
    codes = set(re.findall(r"\bstd::error_code&? (\w+)", text))
    for found in OPERATION.finditer(text):
        # A declaration has the variable's name between the type and the parenthesis.
        opening = re.compile(r"\s*(?:\w+)?\s*([({])").match(text, found.end())
        last = last_argument(text, opening.start(1)) if opening else None
        is_end = last == "" and found[0].endswith("_iterator")
        if last is not None and last not in codes and not is_end and not STATUS.search(last):
            yield found.start(), found[0]
    for rule in (LOOP, ENTRY, BY_TEXT):
        for found in rule.finditer(text):
            yield found.start(), found[0]


class Sources(unittest.TestCase):
    def test_call_nothing_of_filesystem_that_throws_or_goes_by_text(self):
        for file, _, _ in includes(ROOT / "src"):
            text = without_comments(file.read_text("utf-8"))
            for place, call in throwing_calls(text):
                with self.subTest(call=call):
                    self.fail("%s:%d" % (file.relative_to(ROOT), text.count("\n", 0, place) + 1))

    def test_are_read_as_they_are_meant(self):
        good = """std::error_code error;
            std::filesystem::remove(a(b, c), error);
            for (std::filesystem::directory_iterator at(d, error), end; at != end; at.increment(error))
            at != std::filesystem::directory_iterator();
            std::filesystem::exists(link_status_of(path)) std::filesystem::is_directory(status)"""
        self.assertEqual(list(throwing_calls(good)), [])
        bad = """std::filesystem::exists(path) std::filesystem::rename(error, path)
            std::filesystem::directory_iterator next(path);
            for (const auto& entry : std::filesystem::directory_iterator(path, error))
            entry.symlink_status() path.lexically_normal() std::filesystem::weakly_canonical(p, error)"""
        self.assertEqual(len(list(throwing_calls("std::error_code error;" + bad))), 7)


class PublicHeaders(unittest.TestCase):
    def test_include_each_other_and_the_standard_library_alone(self):
        for file, quoted, angled in includes(ROOT / "include"):
            if file.name.startswith("cimfs"):  # is for C and uses the types of Windows
                self.assertLessEqual(set(quoted), {"cimlib/cimfs_read.h", "cimlib/cimfs_types.h",
                                                   "cimlib/export.h"})
                self.assertEqual(angled, ["windows.h", "stdint.h"] if "types" in file.name else [])
                continue
            if file.name in ("hives.h", "layers.h"):
                self.assertEqual((quoted, angled), (["cimlib/cimfs.h"], ["stddef.h"]))
                continue
            with self.subTest(file=file.name):
                self.assertEqual([q for q in quoted if not q.startswith("cimlib/")], [])
                self.assertEqual([a for a in angled if "/" in a or a.endswith(".h")], [])


if __name__ == "__main__":
    unittest.main()
