# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks that the tours of the README and of the site show the real output of the program.

    tour_test.py [--record] CIM

With --record, writes the output into docs/site/tour.md instead.
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

README = ROOT / "README.md"
SITE = ROOT / "docs/site/tour.md"
RECORDING = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
CIM = Path()


def steps(block: str):
    """Yields (command, the output that is shown)."""
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        yield command, output


class Shell:
    """Runs the commands of a tour where the sample layer is."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="cimlib-")
        self.directory = Path(self.temporary.name)
        self.environment = os.environ | {"PATH": "%s:%s" % (CIM.parent, os.environ["PATH"])}

    def __enter__(self):
        sample_layer.make(self.directory / "made").rename(self.directory / "layer.tar")
        (self.directory / "mnt").mkdir()
        return self

    def __exit__(self, *_):
        # The tours do so themselves, unless they failed earlier.
        subprocess.run([CIM, "umount", self.directory / "mnt"], check=False,
                       stderr=subprocess.DEVNULL)
        self.temporary.cleanup()

    def run(self, command: str) -> str:
        return subprocess.run(["bash", "-c", command], cwd=self.directory, check=False,
                              env=self.environment, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout


class Tour(unittest.TestCase):
    def check(self, blocks: list[str]):
        self.assertTrue(blocks)
        with Shell() as shell:
            for block in blocks:
                for command, shown in steps(block):
                    self.assertEqual(shell.run(command), shown, command)

    def test_of_the_readme_shows_what_the_program_says(self):
        text = README.read_text("utf-8")
        self.check(re.findall(r"^## A tour\n\n```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))

    def test_of_the_site_shows_what_the_program_says(self):
        self.check(RECORDING.findall(SITE.read_text("utf-8")))


def record():
    with Shell() as shell:
        def play(match):
            played = "".join("$ %s\n%s" % (command, shell.run(command))
                             for command, _ in steps(match[1]))
            return "```console\n%s```" % played
        SITE.write_text(RECORDING.sub(play, SITE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    CIM = Path(sys.argv.pop()).resolve()
    if sys.argv[1:] == ["--record"]:
        record()
    else:
        unittest.main()
