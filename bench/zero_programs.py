# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes executables with large sections of zeros, as Go's linker does.

    zero_programs.py DIR: ten programs of 4 MiB, each with 24 MiB of zeros between its sections once
    it is mapped.
"""
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/acceptance"))
import sample_pe  # pylint: disable=wrong-import-position


def main():
    folder = Path(sys.argv[1])
    folder.mkdir()
    text = 1 << 20
    sample_pe.SECTIONS = ((b".text", text, text), (b".bss", 0, 24 << 20), (b".rsrc", 4608, 4592))
    for number in range(10):
        rest = random.Random(number).randbytes(3 << 20)
        program = sample_pe.make_pe(overlay=rest, seed=number)
        (folder / ("%d.exe" % number)).write_bytes(program.file)


main()
