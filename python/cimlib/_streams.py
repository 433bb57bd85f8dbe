# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Streams of images as file objects."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core import Stream


class StreamFile(io.RawIOBase):
    """A stream as a raw file object that can be read at any position.

    Wrap it in io.BufferedReader to read in small pieces. It keeps its image open until it is
    closed. As with other file objects, threads that share one share its position.
    """

    def __init__(self, stream: Stream, name: str = "") -> None:
        super().__init__()
        self.name = name
        self._stream: Stream | None = stream
        self._position = 0

    @property
    def stream(self) -> Stream:
        """The stream itself, which reads at any offset without a shared position."""
        if self._stream is None:
            raise ValueError("I/O operation on closed file")
        return self._stream

    def close(self) -> None:
        self._stream = None
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        _ = self.stream
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.stream.size}
        if whence not in starts:
            raise ValueError(f"whence must be 0, 1 or 2, not {whence}")
        position = starts[whence] + offset
        if position < 0:
            raise ValueError(f"the position {position} is before the start")
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self.stream.size:
            return 0
        count = self.stream.read_into(self._position, buffer)
        self._position += count
        return count

    def readall(self) -> bytes:
        rest = bytearray(max(self.stream.size - self._position, 0))
        count = self.readinto(rest) if rest else 0
        return bytes(memoryview(rest)[:count])
