# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks that the tour of the README shows the real output of the program.

    python3 tour_test.py CIM
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
import sample_layer  # noqa: E402

CIM = Path()


def steps():
    """Yields (command, the output that is shown) of the README's tour."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"^## A tour\n\n```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        yield command, output


class Tour(unittest.TestCase):
    def test_shows_what_the_program_says(self):
        with tempfile.TemporaryDirectory(prefix="cimlib-") as name:
            directory = Path(name)
            sample_layer.make(directory / "made").rename(directory / "layer.tar")
            (directory / "mnt").mkdir()
            environment = os.environ | {"PATH": "%s:%s" % (CIM.parent, os.environ["PATH"])}
            try:
                for command, shown in steps():
                    result = subprocess.run(["bash", "-c", command], cwd=directory, check=False,
                                            env=environment, text=True, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT)
                    self.assertEqual(result.stdout, shown, command)
            finally:  # the tour does so itself, unless it failed earlier
                subprocess.run([CIM, "umount", directory / "mnt"], check=False,
                               stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    CIM = Path(sys.argv.pop(1)).resolve()
    unittest.main()
