# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks what bash, zsh and fish offer for the beginning of a command line.

    completion_test.py DIRECTORY      the scripts as the program makes them

A shell that is not installed is skipped.
"""

import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPTS = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None


def bash_offers(words, directory):
    line = " ".join(f"'{word}'" for word in words)
    program = (
        f"source '{SCRIPTS}/cim.bash'; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
        "COMPREPLY=(); _cim; printf '%s\\n' \"${COMPREPLY[@]}\"")
    answer = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True,
                            cwd=directory, check=True)
    assert not answer.stderr, answer.stderr
    return set(answer.stdout.split("\n")) - {""}


def fish_offers(words, directory):
    line = " ".join(word.replace(" ", "\\ ") for word in words)
    program = f"source '{SCRIPTS}/cim.fish'; complete -C \"{line}\""
    answer = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True,
                            cwd=directory, check=True,
                            env={**os.environ, "HOME": str(directory), "LC_ALL": "C.UTF-8"})
    assert not answer.stderr, answer.stderr
    return {offer.split("\t")[0].rstrip("/") for offer in answer.stdout.split("\n")} - {""}


# zsh completes in its line editor only, so it runs on a pseudoterminal. The wrapper of compadd
# records what the script offers.
ZSH_SETUP = r"""
autoload -Uz compinit && compinit -u -D
compadd() {
  if [[ " $* " != *" -"[ADO]" "* ]]; then
    local -a offered
    builtin compadd -O offered "$@"
    print -rl -- $offered >> $OFFERS
  fi
  builtin compadd "$@"
}
record() { _main_complete; print DONE >> $OFFERS }
zle -C record complete-word record
bindkey '^I' record
source "$SCRIPT"
print READY >> $OFFERS
"""


def wait_for(path, mark):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.is_file() and mark in path.read_text().split("\n"):
            return path.read_text().split("\n")
        time.sleep(0.01)
    raise AssertionError(f"zsh did not print {mark}")


def zsh_offers(words, directory):
    with tempfile.TemporaryDirectory() as scratch:
        offers = pathlib.Path(scratch) / "offers"
        setup = pathlib.Path(scratch) / "setup"
        setup.write_text(ZSH_SETUP)
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(directory)
            os.environ.update(OFFERS=str(offers), SCRIPT=f"{SCRIPTS}/_cim", TERM="dumb", HOME=scratch)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        try:
            os.write(terminal, f"source {setup}\n".encode())
            wait_for(offers, "READY")
            offers.write_text("")
            line = " ".join(word.replace(" ", "\\ ") for word in words)
            os.write(terminal, f"{line}\t".encode())
            found = wait_for(offers, "DONE")
        finally:
            os.close(terminal)
            os.kill(child, 9)
            os.waitpid(child, 0)
        return {offer.rstrip("/").replace("\\", "") for offer in found} - {"", "DONE"}


class Completion:
    """Offers that are the same in every shell."""

    shell = ""

    def setUp(self):
        if not shutil.which(self.shell):
            self.skipTest(f"{self.shell} is not installed")
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.directory = pathlib.Path(self.temporary.name)
        (self.directory / "seven of nine.cim").touch()
        (self.directory / "notes.txt").touch()
        (self.directory / "layers").mkdir()

    def offered(self, *words):
        return globals()[f"{self.shell}_offers"](words, self.directory)

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
        self.assertLessEqual({"seven of nine.cim", "layers"}, self.offered("cim", "ls", ""))
        self.assertIn("seven of nine.cim", self.offered("cim", "ls", "-l", "se"))

    def test_nothing_for_paths_in_an_image(self):
        self.assertNotIn("layers", self.offered("cim", "ls", "seven of nine.cim", ""))

    def test_directories_for_a_directory(self):
        self.assertEqual(self.offered("cim", "extract", "seven of nine.cim", "Files", ""),
                         {"layers"})

    def test_verbs_of_a_group(self):
        self.assertLessEqual({"destroy", "export", "import", "path"},
                             self.offered("cim", "layer", ""))
        self.assertEqual(self.offered("cim", "layer", "import", "--pl"), {"--plain-executables"})
        self.assertIn("notes.txt", self.offered("cim", "layer", "import", "n"))

    def test_values_of_options(self):
        backends = {"fuse", "erofs", "auto"}
        self.assertEqual(self.offered("cim", "mount", "--backend", ""), backends)
        self.assertEqual(self.offered("cim", "mount", "-b", ""), backends)

    def test_values_of_options_are_not_arguments(self):
        self.assertEqual(self.offered("cim", "tree", "--depth", ""), set())
        self.assertIn("layers", self.offered("cim", "tree", "--depth", "2", ""))

    def test_json_only_where_it_is_supported(self):
        self.assertEqual(self.offered("cim", "ls", "--js"), {"--json"})
        self.assertEqual(self.offered("cim", "cat", "--js"), set())


class Bash(Completion, unittest.TestCase):
    shell = "bash"

    def test_value_behind_an_equals_sign(self):
        self.assertEqual(self.offered("cim", "mount", "--backend", "=", "er"), {"erofs"})

    def test_only_images_and_directories_for_an_image(self):
        self.assertEqual(self.offered("cim", "ls", ""), {"seven of nine.cim", "layers"})


class Zsh(Completion, unittest.TestCase):
    shell = "zsh"

    def test_value_behind_an_equals_sign(self):
        self.assertEqual(self.offered("cim", "mount", "--backend=er"), {"erofs"})


class Fish(Completion, unittest.TestCase):
    shell = "fish"

    def test_value_behind_an_equals_sign(self):
        self.assertEqual(self.offered("cim", "mount", "--backend=er"), {"--backend=erofs"})


if __name__ == "__main__":
    unittest.main()
