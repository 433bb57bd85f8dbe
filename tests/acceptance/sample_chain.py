#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes two layers on top of the sample layer, with all changes that a layer can make.

    python3 sample_chain.py DIR

writes DIR/{base,child,grandchild}/layer.tar and DIR/manifest.json, with the contents of each level.
"""
import copy
import json
import sys
import tarfile
from pathlib import Path

from oracles import descriptors
import sample_layer
from oracles.expectation import DIRECTORY
from sample_layer import filler


class UpperLayer(sample_layer.Layer):
    """A layer on top of others; `below` has their contents."""

    def __init__(self, path: Path, below: dict):
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path)
        self.shown = copy.deepcopy(below)
        self.groups = 1 + max(e.get("link_group", 0) for e in below.values())
        self.count = 100_000 * self.groups

    def hidden(self, path, keep=()):
        """Removes what a whiteout removes, or what an entry of another kind replaces."""
        for name in [n for n in self.shown if n == path or n.startswith(path + "/")]:
            if name not in keep:
                del self.shown[name]

    def mark(self, path):
        info = sample_layer.Member(path)
        self.tar.addfile(info)

    def whiteout(self, path, keep=()):
        folder, _, name = path.rpartition("/")
        self.mark("%s/.wh.%s" % (folder, name))
        self.hidden(path, keep)

    def opaque(self, path, keep=()):
        self.mark(path + "/.wh..wh..opq")
        self.hidden(path, {path, *keep})

    def in_place_of(self, path):
        """Removes an entry that one of another kind or with other streams replaces."""
        self.hidden(path)
        return path


def child(layer: UpperLayer):
    for path in ("Files", "Files/Windows", "Files/Windows/System32", "Files/Sizes"):
        layer.folder(path)
    for path in ("Files/Sizes/0000001.txt", "Files/Names/many", "Files/Windows/WinSxS/amd64_sample.exe",
                 "Files/Links/junction", "Files/Links/broken", "Files/Streams/typed.txt",
                 "Files/Sizes/not there", "Files/not there/at all"):
        layer.whiteout(path)
    # One name of a file with several, and a file without its streams.
    layer.file("Files/Windows/System32/sample.exe", filler(20_000, 21))
    layer.file(layer.in_place_of("Files/Streams/plain.txt"), b"no streams any more")
    layer.file("Files/Streams/empty.txt", b"no longer empty")
    # Other kinds.
    layer.folder(layer.in_place_of("Files/Sizes/0000007.txt"))
    layer.file("Files/Sizes/0000007.txt/inside", b"a file was here")
    layer.file(layer.in_place_of("Files/Streams/folder"), b"a folder was here")
    layer.file(layer.in_place_of("Files/Links/sibling"), b"a link was here")
    layer.symlink(layer.in_place_of("Files/Sizes/0000008.txt"), "0000009.txt")
    layer.in_place_of("Files/Metadata/ea folder")
    layer.link("Files/Metadata/ea folder", "Files/Sizes/0000513.txt")
    # Another name for a file of the parent, whose first name is removed.
    layer.link("Files/Links/of the base", "Files/Links/target.txt")
    layer.whiteout("Files/Links/target.txt")
    # Only the directory itself changes.
    layer.folder("Files/Program Files", attributes=0x12, eas={"NEW": b"one"})
    # Markers hide files of the layers below, before and after what the layer adds.
    layer.folder("Files/Names/bare")
    layer.file("Files/Names/bare/before.txt", b"before")
    layer.opaque("Files/Names/bare", keep=["Files/Names/bare/before.txt"])
    layer.file("Files/Names/bare/after.txt", b"after")
    layer.file("Files/Windows/win.ini", b"[new]\r\n")
    layer.whiteout("Files/Windows/win.ini", keep=["Files/Windows/win.ini"])
    # In another case.
    layer.file(layer.in_place_of("Files/Metadata/both.txt").replace("both", "BOTH"), b"other case")
    layer.file("Files/Windows/System32/new.exe", sample_layer.make_pe(seed=5).file)
    layer.folder("Files/New")
    layer.file("Files/New/streams", filler(9000, 22))
    layer.stream("Files/New/streams", "of the child", filler(70_000, 23))


def grandchild(layer: UpperLayer):
    layer.whiteout("Files/New")
    layer.folder("Files/New")
    layer.file("Files/New/again", b"made anew")
    layer.file("Files/Sizes/0000001.txt", b"back again")
    layer.link("Files/Links/of the child", "Files/Windows/System32/new.exe")
    layer.link("Files/Links/of the base too", "Files/Links/of the base")
    layer.whiteout("Files/Windows/System32/new.exe")
    layer.bare("Files/Names/bare/records", tarfile.REGTYPE, b"none")
    layer.whiteout("Files/Names/bare/after.txt")
    layer.file("Files/Metadata/time 0.txt", b"descriptor", descriptor=descriptors.OPEN)
    layer.folder("Files/Windows", attributes=DIRECTORY | 4)


def make(directory: Path):
    sample_layer.make(directory)
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    shown = {e["path"]: e for e in manifest["stages"]["base"]["entries"]}
    stage = "base"
    for name, fill in (("child", child), ("grandchild", grandchild)):
        layer = UpperLayer(directory / name / "layer.tar", shown)
        fill(layer)
        layer.tar.close()
        shown = layer.shown
        stage += "+" + name
        manifest["layers"].append({"name": name, "tar": name + "/layer.tar"})
        manifest["stages"][stage] = {
            "entries": sorted(shown.values(), key=lambda e: e["path"].encode())}
    path.write_text(json.dumps(manifest, indent=1), "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: sample_chain.py DIR")
    make(Path(sys.argv[1]))
