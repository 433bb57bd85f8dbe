# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The exception of cimlib."""

from __future__ import annotations


class Error(Exception):
    """A failure of the library.

    code    the kind of failure, as "not-found" or "corrupt"; stable across releases
    path    the object concerned: a path on the host or inside an image
    reason  the cause, a phrase
    offset  the position in that object in bytes; None where it has no meaning
    """

    def __init__(self, code: str, path: str, reason: str, offset: int | None = None) -> None:
        super().__init__(code, path, reason, offset)
        self.code = code
        self.path = path
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        place = "" if self.offset is None else f"at byte {self.offset}: "
        return f"{self.path}: {place}{self.reason}"
