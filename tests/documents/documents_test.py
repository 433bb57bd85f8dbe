# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks the parts of the documents that a program can check."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FENCE = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)")
SOURCE_REFERENCE = re.compile(r'docs/format\.md,?[\s/]*"([^"]+)"')
TEST = re.compile(r"^TEST(?:_F)?\((\w+), (\w+)\)", re.MULTILINE)
TEST_NAME = re.compile(r"`(\w+Test(?:\.\w+)?)`")
# The groups of packaging/debian-packages.
GROUPS = ("build", "run", "test", "package")


def documents():
    for pattern in ("*.md", "docs/*.md", "bench/*.md"):
        yield from sorted(ROOT.glob(pattern))


def squeezed(text: str) -> str:
    return " ".join(text.split())


class Documents(unittest.TestCase):
    def test_link_to_what_is_there(self):
        for document in documents():
            for target in LINK.findall(document.read_text("utf-8")):
                with self.subTest(document=document.name, target=target):
                    self.assertTrue((document.parent / target).exists())

    def test_show_code_that_the_examples_compile(self):
        compiled = squeezed("".join(p.read_text("utf-8") for p in ROOT.glob("examples/*.cpp")))
        for document in documents():
            for block in FENCE.findall(document.read_text("utf-8")):
                for part in block.split("\n\n"):
                    with self.subTest(document=document.name, part=part):
                        self.assertIn(squeezed(part), compiled)

    def test_have_a_readme_that_is_read_in_one_go(self):
        self.assertLessEqual((ROOT / "README.md").read_text("utf-8").count("\n"), 160)

    def test_have_every_section_that_the_source_refers_to(self):
        headings = set(re.findall(r"^#+ (.*)$", (ROOT / "docs/format.md").read_text("utf-8"),
                                  re.MULTILINE))
        for directory in ("include", "src"):
            for file in (ROOT / directory).rglob("*.h"):
                text = file.read_text("utf-8").replace("\n//", " ")
                for name in SOURCE_REFERENCE.findall(text):
                    with self.subTest(file=str(file.relative_to(ROOT)), section=name):
                        self.assertIn(squeezed(name), headings)

    def test_name_tests_that_are_there(self):
        tests = set()
        for file in (ROOT / "tests/capi").glob("*.cpp"):
            for suite, name in TEST.findall(file.read_text("utf-8")):
                tests |= {suite, f"{suite}.{name}"}
        named = TEST_NAME.findall((ROOT / "docs/cimfs.md").read_text("utf-8"))
        self.assertGreater(len(named), 20)
        for name in named:
            with self.subTest(name=name):
                self.assertIn(name, tests)

    def test_name_packages_that_the_scripts_read(self):
        """Checks that every line of the list is a group and a package, and occurs once."""
        lines = [l.split() for l in (ROOT / "packaging/debian-packages").read_text("utf-8")
                 .splitlines() if l and not l.startswith("#")]
        self.assertTrue(all(len(l) == 2 and l[0] in GROUPS for l in lines))
        self.assertEqual(len({l[1] for l in lines}), len(lines))


if __name__ == "__main__":
    unittest.main()
