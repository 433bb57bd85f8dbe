# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks what bash offers for the beginning of a command line.

    completion_test.py SCRIPT      the script as the program makes it
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None


def offers(*words, directory):
    """Returns the completions of the last word."""
    line = " ".join(f"'{word}'" for word in words)
    program = (
        f"source '{SCRIPT}'; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
        "COMPREPLY=(); _cim; printf '%s\\n' \"${COMPREPLY[@]}\"")
    answer = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True,
                            cwd=directory, check=True)
    assert not answer.stderr, answer.stderr
    return set(answer.stdout.split("\n")) - {""}


class Completion(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.directory = pathlib.Path(self.temporary.name)
        (self.directory / "seven of nine.cim").touch()
        (self.directory / "notes.txt").touch()
        (self.directory / "layers").mkdir()

    def offered(self, *words):
        return offers(*words, directory=self.directory)

    def test_verbs(self):
        self.assertIn("help", self.offered("cim", ""))
        self.assertEqual(self.offered("cim", "hel"), {"help"})

    def test_global_options_before_the_verb(self):
        self.assertEqual(self.offered("cim", "--ver"), {"--verbose", "--version"})

    def test_options_of_a_verb(self):
        self.assertEqual(self.offered("cim", "help", "--m"), {"--man"})

    def test_options_before_a_verb_do_not_hide_it(self):
        self.assertEqual(self.offered("cim", "-q", "help", "--m"), {"--man"})

    def test_verbs_as_arguments_of_help(self):
        self.assertIn("help", self.offered("cim", "help", ""))

    def test_images_and_directories_for_an_image(self):
        self.assertEqual(self.offered("cim", "ls", ""), {"seven of nine.cim", "layers"})
        self.assertEqual(self.offered("cim", "ls", "-l", "se"), {"seven of nine.cim"})

    def test_nothing_for_paths_in_an_image(self):
        self.assertNotIn("layers", self.offered("cim", "ls", "seven of nine.cim", ""))

    def test_directories_for_a_directory(self):
        self.assertEqual(self.offered("cim", "extract", "seven of nine.cim", "Files", ""),
                         {"layers"})

    def test_verbs_of_a_group(self):
        self.assertEqual(self.offered("cim", "layer", ""),
                         {"destroy", "export", "import", "path"})
        self.assertEqual(self.offered("cim", "layer", "import", "--pl"), {"--plain-executables"})
        self.assertIn("notes.txt", self.offered("cim", "layer", "import", "n"))

    def test_values_of_options_are_not_arguments(self):
        self.assertEqual(self.offered("cim", "tree", "--depth", ""), set())
        self.assertIn("layers", self.offered("cim", "tree", "--depth", "2", ""))

    def test_json_only_where_it_is_supported(self):
        self.assertEqual(self.offered("cim", "ls", "--js"), {"--json"})
        self.assertEqual(self.offered("cim", "cat", "--js"), set())


if __name__ == "__main__":
    unittest.main()
