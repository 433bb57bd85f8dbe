#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the names that a DLL exports with those of its .def file: programs find functions by
name, so the names must be those in the header, without the decoration of 32-bit compilers.

exports.py --objdump OBJDUMP DLL DEF
"""

import argparse
import pathlib
import re
import subprocess
import sys

# "\t[   0] +base[   1] 0000 CimCloseImage", in newer versions with another address.
EXPORT = re.compile(r"^\s*\[ *\d+\](?: \+base\[ *\d+\])?(?: +[0-9a-f]+)? +(\S+)$")


def exported(objdump, dll):
    listing = subprocess.run([objdump, "-p", dll], capture_output=True, text=True, check=True).stdout
    _, _, names = listing.partition("[Ordinal/Name Pointer] Table")
    return [found[1] for found in map(EXPORT.match, names.partition("\n\n")[0].splitlines()) if found]


def wanted(definition):
    lines = definition.read_text("utf-8").partition("EXPORTS")[2].splitlines()
    return [line.strip() for line in lines if line.strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objdump", required=True)
    parser.add_argument("dll", type=pathlib.Path)
    parser.add_argument("definition", type=pathlib.Path)
    arguments = parser.parse_args()
    names = exported(arguments.objdump, arguments.dll)
    if sorted(names) != sorted(wanted(arguments.definition)):
        sys.exit(f"{arguments.dll.name} exports {', '.join(names) or 'nothing'}")
    print(f"{arguments.dll.name} exports {len(names)} functions")


if __name__ == "__main__":
    main()
