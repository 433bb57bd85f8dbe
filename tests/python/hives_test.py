# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Hives, compared with what the program prints of them."""

import gc
import pathlib
import unittest

import cimlib
from support import SOURCE, program_json

SEEDS = SOURCE / "fuzz/corpus/hive_reader"


def valid_hives() -> list[pathlib.Path]:
    found = []
    for path in sorted(SEEDS.iterdir()):
        try:
            cimlib.Hive(path)
            found.append(path)
        except cimlib.Error:
            pass
    return found


class HivesTest(unittest.TestCase):
    def test_keys_and_values_are_those_of_the_program(self):
        hives = valid_hives()
        self.assertTrue(hives)
        for path in hives:
            hive = cimlib.Hive(path)
            dumped = program_json("hive", "dump", path)
            self.assertEqual(len(dumped), hive.key_count)
            for listed in dumped:
                self.compare(hive.find(listed["key"]), listed)

    def compare(self, key: cimlib.HiveKey, listed: dict) -> None:
        self.assertEqual(str(key.written), listed["time"])
        self.assertEqual(key.flags, listed["flags"])
        self.assertEqual(key.class_name, listed.get("class"))
        self.assertEqual(key.security_descriptor().hex(), listed["security"]["hex"])
        self.assertEqual(
            [(v.name, None if v.is_tombstone else v.type) for v in key.values()],
            [(v["name"], v.get("type")) for v in listed["values"]])

    def test_values_are_typed(self):
        seen = set()
        for path in valid_hives():
            keys = [cimlib.Hive(path).root]
            while keys:
                key = keys.pop()
                keys += key.subkeys()
                for value in key.values():
                    seen.add(value.type_name)
                    expected = {"REG_SZ": str, "REG_EXPAND_SZ": str, "REG_LINK": str,
                                "REG_DWORD": int, "REG_DWORD_BIG_ENDIAN": int,
                                "REG_QWORD": int, "REG_MULTI_SZ": list}.get(value.type_name, bytes)
                    self.assertIsInstance(value.value, (expected, bytes))
                    self.assertEqual(len(value), len(value.data))
        self.assertIn("REG_SZ", seen)

    def test_handles_keep_the_hive_alive(self):
        hive = cimlib.Hive.from_bytes(valid_hives()[0].read_bytes())
        root = hive.root
        del hive
        gc.collect()
        self.assertIsInstance(root.name, str)
        self.assertIsInstance(root.security_descriptor(), bytes)
        self.assertIsNone(root.subkey("no such key"))
        self.assertIsNone(root.value("no such value"))

    def test_damage_is_an_error(self):
        with self.assertRaises(cimlib.Error) as context:
            cimlib.Hive.from_bytes(b"regf" + bytes(5000), "broken")
        self.assertEqual(context.exception.code, "corrupt")
        self.assertEqual(context.exception.path, "broken")


if __name__ == "__main__":
    unittest.main()
