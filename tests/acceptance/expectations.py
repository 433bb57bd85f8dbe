# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Counts what is not as expected while a test goes on, for all modules of the test."""

failures = []


def expect(condition, text):
    if not condition:
        failures.append(text)
        print("FAILED: " + text, flush=True)


def exit_status(what="") -> int:
    """Prints the number of failures, and returns the exit status of the test."""
    print("%s%d failures" % (what and what + ": ", len(failures)), flush=True)
    return 1 if failures else 0
