#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Every exported name and file of the model packages has a counterpart in docs/hcsshim.md, and every
counterpart exists."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The exported names of hcsshim v0.12.6, except methods of error types.
NAMES = """
cim.CimLayerWriter cim.CimLayerWriter.Add cim.CimLayerWriter.AddAlternateStream
cim.CimLayerWriter.AddLink cim.CimLayerWriter.Close cim.CimLayerWriter.Remove
cim.CimLayerWriter.Write cim.CleanupContainerMounts cim.DestroyCimLayer cim.GetCimDirFromLayer
cim.GetCimMountPath cim.GetCimNameFromLayer cim.GetCimPathFromLayer cim.IsCimLayer
cim.MountCimLayer cim.NewCimLayerWriter cim.UnmountCimLayer
ociwclayer.DestroyCimLayer ociwclayer.ImportCimLayerFromTar
cimfs.CimFsWriter cimfs.CimFsWriter.AddFile cimfs.CimFsWriter.AddLink cimfs.CimFsWriter.Close
cimfs.CimFsWriter.CreateAlternateStream cimfs.CimFsWriter.Unlink cimfs.CimFsWriter.Write
cimfs.Create cimfs.DestroyCim cimfs.GetCimUsage cimfs.IsCimFSSupported cimfs.LinkError cimfs.Mount
cimfs.MountError cimfs.OpError cimfs.PathError cimfs.Unmount
""".split()
FILES = """
internal/wclayer/cim/LayerWriter.go internal/wclayer/cim/bcd.go internal/wclayer/cim/common.go
internal/wclayer/cim/doc.go internal/wclayer/cim/file_writer.go internal/wclayer/cim/mount.go
internal/wclayer/cim/pending.go internal/wclayer/cim/process.go internal/wclayer/cim/registry.go
pkg/ociwclayer/cim/import.go pkg/cimfs/cim_writer_windows.go pkg/cimfs/cimfs.go
pkg/cimfs/common.go pkg/cimfs/mount_cim.go
""".split()


def rows():
    """Yields the code spans of the first and the second cell of each row."""
    for line in (ROOT / "docs/hcsshim.md").read_text("utf-8").splitlines():
        cells = line.split(" | ")
        if line.startswith("| `") and len(cells) >= 2:
            yield re.findall(r"`([^`]+)`", cells[0])[0], re.findall(r"`([^`]+)`", cells[1])


def headers():
    files = [*(ROOT / "include/cimlib").glob("*.h"), ROOT / "cmake/version.h.in"]
    return {file: file.read_text("utf-8") for file in files}


def is_declared(name):
    """Returns True if one header has the namespace or class of a qualified name, and the name."""
    *scopes, last = name.removeprefix("cim::").split("::")
    wanted = [rf"\b{last}\b", *(rf"\b{scope}\b" for scope in scopes)]
    return any(all(re.search(word, text) for word in wanted) for text in headers().values())


class Hcsshim(unittest.TestCase):
    def test_every_name_and_file_is_listed_once(self):
        self.assertEqual(sorted(NAMES + FILES), sorted(theirs for theirs, _ in rows()))

    def test_every_counterpart_exists(self):
        for theirs, ours in rows():
            self.assertTrue(ours, theirs)
            for name in ours:
                exists = is_declared(name) if name.startswith("cim::") else (ROOT / name).exists()
                self.assertTrue(exists, f"{theirs}: {name}")


if __name__ == "__main__":
    unittest.main()
