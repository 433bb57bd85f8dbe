# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Layers: import and export through paths and file objects."""

import io
import pathlib
import tarfile
import tempfile
import unittest

import cimlib


def small_layer(files: dict[str, bytes]) -> bytes:
    """A tar of a layer, by Python's own tar writer."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("Files", "Hives"):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class LayersTest(unittest.TestCase):
    def setUp(self):
        store = tempfile.TemporaryDirectory()
        self.addCleanup(store.cleanup)
        self.store = pathlib.Path(store.name)
        self.base = self.store / "base"
        self.top = self.store / "top"
        self.tar = small_layer({"Files/a": b"1", "Files/b": b"2" * 100_000})

    def test_imports_and_exports_file_objects(self):
        result = cimlib.import_layer(io.BytesIO(self.tar), self.base)
        self.assertEqual(result["tar_size"], len(self.tar))
        self.assertEqual(result["entries"], 4)
        self.assertTrue(cimlib.is_layer(self.base))
        image = cimlib.Image(cimlib.layer_image(self.base))
        self.assertEqual(image.open("Files/b").read(), b"2" * 100_000)
        out = io.BytesIO()
        exported = cimlib.export_layer(self.base, out)
        self.assertEqual(exported["tar_size"], len(out.getvalue()))
        out.seek(0)
        with tarfile.open(fileobj=out) as tar:
            self.assertEqual(tar.extractfile("Files/a").read(), b"1")

    def test_a_chain(self):
        path = self.store / "base.tar"
        path.write_bytes(self.tar)
        cimlib.import_layer(path, self.base, diff_id=None)
        cimlib.import_layer(io.BytesIO(small_layer({"Files/.wh.a": b"", "Files/c": b"3"})),
                            self.top, [self.base])
        top = cimlib.Image(cimlib.layer_image(self.top))
        self.assertIsNone(top.find("Files/a"))
        self.assertIsNotNone(top.find("Files/b"))
        cimlib.write_layer_chain(self.top, [self.base])
        self.assertEqual(cimlib.read_layer_chain(self.top), [self.base])
        self.assertIsNone(cimlib.read_layer_chain(self.base))
        exported = cimlib.export_layer(self.top, self.store / "top.tar.gz", [self.base],
                                       compression="gzip")
        self.assertEqual(exported["whiteouts"], 1)
        with tarfile.open(self.store / "top.tar.gz") as tar:
            self.assertIn("Files/.wh.a", tar.getnames())
        self.assertGreater(cimlib.layer_usage(self.top)["shared_size"], 0)
        with self.assertRaises(cimlib.Error) as context:
            cimlib.destroy_layer(self.base)
        self.assertEqual(context.exception.code, "busy")
        self.assertTrue(cimlib.destroy_layer(self.top))
        self.assertTrue(cimlib.destroy_layer(self.base))
        self.assertFalse(cimlib.destroy_layer(self.base))

    def test_failures_leave_nothing(self):
        with self.assertRaises(cimlib.Error) as context:
            cimlib.import_layer(io.BytesIO(self.tar[:1000]), self.base)
        self.assertEqual(context.exception.code, "corrupt")
        with self.assertRaises(cimlib.Error):
            cimlib.import_layer(io.BytesIO(self.tar), self.base, diff_id="sha256:" + "0" * 64)

        class Failing(io.RawIOBase):
            def readinto(self, buffer):
                raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            cimlib.import_layer(Failing(), self.base)
        self.assertFalse(cimlib.is_layer(self.base))
        self.assertFalse(self.base.exists())
        with self.assertRaises(ValueError):
            cimlib.export_layer(self.base, "x", compression="xz")


if __name__ == "__main__":
    unittest.main()
