# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Streams as file objects."""

import gc
import io
import os
import threading
import unittest

from support import SampleTest

BIG = bytes(range(256)) * 4096


class StreamsTest(SampleTest):
    def test_reads_and_seeks(self):
        with self.image.open("Files/big.bin") as file:
            self.assertTrue(file.readable() and file.seekable() and not file.writable())
            self.assertEqual(file.read(3), BIG[:3])
            self.assertEqual(file.tell(), 3)
            self.assertEqual(file.seek(-2, os.SEEK_END), len(BIG) - 2)
            self.assertEqual(file.read(), BIG[-2:])
            self.assertEqual(file.read(1), b"")
            self.assertEqual(file.seek(1000), 1000)
            self.assertEqual(file.seek(24, os.SEEK_CUR), 1024)
            self.assertEqual(file.read(1), BIG[1024:1025])
            self.assertEqual(file.seek(len(BIG) + 5), len(BIG) + 5)
            self.assertEqual(file.read(), b"")

    def test_rejects_impossible_positions(self):
        file = self.image.open("Files/a.txt")
        with self.assertRaises(ValueError):
            file.seek(-1)
        with self.assertRaises(ValueError):
            file.seek(0, 9)
        self.assertEqual(file.tell(), 0)
        file.close()
        with self.assertRaises(ValueError):
            file.read(1)
        with self.assertRaises(ValueError):
            file.tell()

    def test_readinto_fills_any_buffer(self):
        file = self.image.open("Files/big.bin")
        for buffer in (bytearray(100), memoryview(bytearray(100))[10:50]):
            file.seek(7)
            self.assertEqual(file.readinto(buffer), len(buffer))
            self.assertEqual(bytes(buffer), BIG[7:7 + len(buffer)])
        with self.assertRaises(BufferError):
            file.readinto(b"constant")
        with self.assertRaises(TypeError):
            file.readinto(7)

    def test_works_with_a_buffered_reader(self):
        with io.BufferedReader(self.image.open("Files/big.bin"), 4096) as file:
            self.assertEqual(file.peek(4)[:4], BIG[:4])
            self.assertEqual(b"".join(iter(lambda: file.read(1000), b"")), BIG)
        text = io.TextIOWrapper(io.BufferedReader(self.image.open("Files/a.txt:zone.identifier")))
        self.assertEqual(text.readlines(), ["[ZoneTransfer]\n"])

    def test_opens_alternate_streams(self):
        entry = self.image.get("Files/a.txt")
        self.assertEqual([(s.name, s.size) for s in entry.streams()], [("Zone.Identifier", 16)])
        self.assertEqual(entry.open("ZONE.IDENTIFIER").read(), b"[ZoneTransfer]\r\n")
        with self.assert_error("not-found"):
            entry.open("none")
        with self.assert_error("invalid-argument"):
            self.image.open("Files")

    def test_keeps_the_image_open(self):
        file = self.image.open("Files/big.bin")
        self.image = None
        gc.collect()
        self.assertEqual(file.read(), BIG)

    def test_threads_share_a_stream(self):
        stream = self.image.get("Files/big.bin").open_raw()
        results = []

        def read_all():
            buffer = bytearray(stream.size)
            for offset in range(0, stream.size, 65536):
                stream.read_into(offset, memoryview(buffer)[offset:offset + 65536])
            results.append(bytes(buffer) == BIG)

        threads = [threading.Thread(target=read_all) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [True] * 8)

    def test_an_empty_file(self):
        self.assertEqual(self.image.open("Files/sub/empty").read(), b"")


if __name__ == "__main__":
    unittest.main()
