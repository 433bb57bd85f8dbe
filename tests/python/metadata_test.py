# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Times, descriptors, extended attributes, links."""

import datetime
import unittest

import cimlib
from support import SDDL, TIMES, SampleTest, program_json


class MetadataTest(SampleTest):
    def test_times(self):
        entry = self.image.get("Files/a.txt")
        self.assertEqual((entry.created, entry.written, entry.changed, entry.accessed),
                         (TIMES.created, TIMES.written, TIMES.changed, TIMES.accessed))
        time = cimlib.FileTime.from_unix_ns(1_600_000_000_123_456_700)
        self.assertEqual(time.unix_ns, 1_600_000_000_123_456_700)
        self.assertEqual(str(time), "2020-09-13T12:26:40.1234567Z")
        self.assertEqual(time.datetime(), datetime.datetime(
            2020, 9, 13, 12, 26, 40, 123456, tzinfo=datetime.timezone.utc))
        self.assertEqual(cimlib.FileTime(0).unix_ns, -11_644_473_600_000_000_000)
        self.assertEqual(cimlib.FileTime.from_unix_ns(-11_644_473_600_000_000_000).ticks, 0)
        self.assertLess(cimlib.FileTime(1), cimlib.FileTime(2))
        self.assertEqual(len({cimlib.FileTime(1), cimlib.FileTime(1)}), 1)
        with self.assertRaises(OverflowError):
            cimlib.FileTime(2**64 - 1).datetime()
        with self.assertRaises(ValueError):
            cimlib.FileTime.from_unix_ns(-10**20)

    def test_security_descriptors(self):
        entry = self.image.get("Files/a.txt")
        self.assertEqual(entry.sddl(), SDDL)
        self.assertEqual(entry.security_descriptor(), cimlib.descriptor_from_sddl(SDDL))
        stat = program_json("stat", self.path, "Files/a.txt")
        self.assertEqual(stat["security"]["sddl"], SDDL)
        with self.assert_error("corrupt"):
            cimlib.descriptor_to_sddl(b"\1")
        with self.assert_error("corrupt") as context:
            cimlib.descriptor_from_sddl("O:BAG:??")
        self.assertIsInstance(context.error.offset, int)

    def test_extended_attributes(self):
        self.assertEqual(self.image.get("Files/a.txt").extended_attributes(),
                         [cimlib.ExtendedAttribute(b"NAME", b"value")])
        attributes = [cimlib.ExtendedAttribute(b"A", bytearray(b"\0\1"), 0x80)]
        encoded = cimlib.encode_extended_attributes(attributes)
        self.assertEqual(cimlib.parse_extended_attributes(memoryview(encoded)), attributes)
        self.assertEqual(attributes[0].value, b"\0\1")

    def test_links(self):
        entry = self.image.get("Files/link")
        self.assertTrue(entry.is_reparse_point)
        self.assertEqual(entry.readlink(), "a.txt")
        self.assertIsNone(self.image.get("Files/a.txt").readlink())
        point = cimlib.ReparsePoint.parse(entry.reparse_data())
        self.assertEqual((point.tag, point.target, point.is_relative),
                         (entry.reparse_tag, "a.txt", True))
        self.assertEqual(cimlib.ReparsePoint.mount_point("C:\\x").substitute_name, "\\??\\C:\\x")

    def test_attributes_and_links(self):
        entry = self.image.get("Files/a.txt")
        self.assertEqual(cimlib.Attributes(entry.attributes), cimlib.Attributes.ARCHIVE)
        self.assertEqual(entry.id, self.image.get("Files/b.txt").id)


if __name__ == "__main__":
    unittest.main()
