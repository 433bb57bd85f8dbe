#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Lists when the files of an image were created and written, in the order of time.

usage: timeline.py IMAGE [PATH]
"""

import sys

import cimlib


def timeline(image: cimlib.Image, path: str) -> list[tuple[cimlib.FileTime, str, str]]:
    events = []
    for entry in image.walk(path, on_error=lambda at, why: print(f"{at}: {why}", file=sys.stderr)):
        events.append((entry.created, "created", entry.path))
        events.append((entry.written, "written", entry.path))
    return sorted(events)


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        image = cimlib.Image(arguments[0])
        for time, what, path in timeline(image, arguments[1] if len(arguments) == 2 else ""):
            print(f"{time}  {what}  {ascii(path)[1:-1]}")
    except cimlib.Error as error:
        print(f"timeline: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
