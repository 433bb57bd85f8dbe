#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the tar that a layer was exported to with the contents that the layer must have.

    python3 compare_export.py TAR EXPECTED [--stage STAGE] [--upon STAGE]

EXPECTED is a manifest.json or the tar that the layer was imported from. The exported tar is read
with layer_tar.py, which accepts only the form that go-winio writes, and is applied to the stage
below entry by entry, as hcsshim does. The result is compared with the stage that it must be.
"""
import argparse
import gzip
import hashlib
import subprocess
import sys

from oracles import expectation
from oracles.layer_tar import LayerTar, TarError
from oracles.upcase import sort_key


class Node:
    """A file or directory; all names of a file share one object."""

    def __init__(self, kind):
        self.kind = kind
        self.children = {}
        self.shown = {}
        self.streams = {}

    def is_directory(self):
        return self.kind == "dir"


class Tree:
    """A layer merged with all layers below it, changed entry by entry."""

    def __init__(self, below: list):
        self.root = Node("dir")
        groups = {}
        for e in sorted(below, key=lambda e: e.path.count("/")):
            node = groups.get(e.link_group) if e.link_group is not None else None
            if node is None:
                node = Node(e.kind)
                node.shown = {"attributes": e.attributes, "times": e.times, "size": e.size,
                              "sha256": e.sha256, "ea": e.ea, "reparse": e.reparse}
                node.streams = e.streams
                groups[e.link_group] = node
            self.place(e.path, node)

    def folder(self, path: str) -> Node:
        node = self.root
        for name in path.split("/")[:-1]:
            node = node.children[sort_key(name)][1]
        return node

    def find(self, path: str) -> Node:
        return self.folder(path).children[sort_key(path.rpartition("/")[2])][1]

    def place(self, path: str, node: Node):
        name = path.rpartition("/")[2]
        self.folder(path).children[sort_key(name)] = (name, node)

    def remove(self, path: str):
        del self.folder(path).children[sort_key(path.rpartition("/")[2])]

    def add(self, path: str, node: Node):
        """A directory that replaces a directory keeps its contents."""
        old = self.folder(path).children.get(sort_key(path.rpartition("/")[2]))
        if old and old[1].is_directory() and node.is_directory():
            node.children = old[1].children
        self.place(path, node)

    def apply(self, entry, pieces):
        if entry.kind == "whiteout":
            self.remove(entry.name)
        elif entry.kind == "link":
            target = self.find(entry.link)
            if target.is_directory():
                raise TarError("link to the folder %s" % entry.link)
            self.place(entry.name, target)
        elif entry.kind == "stream":
            self.find(entry.name).streams[entry.stream] = digest(entry, pieces)
        else:
            self.add(entry.name, made(entry, pieces))

    def walk(self):
        todo = [("", self.root)]
        while todo:
            path, node = todo.pop()
            for name, child in node.children.values():
                at = "%s/%s" % (path, name) if path else name
                yield at, child
                if child.children:
                    todo.append((at, child))


def digest(entry, pieces) -> tuple:
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
    return entry.size, sha256.hexdigest()


def made(entry, pieces) -> Node:
    node = Node(entry.kind)
    size, sha256 = digest(entry, pieces)
    is_link = entry.kind in ("symlink", "junction")
    reparse = expectation.reparse_buffer(entry.link, entry.kind == "junction") if is_link else b""
    node.shown = {"attributes": expectation.kept_attributes(entry.attributes, entry.kind),
                  "times": entry.times, "descriptor": entry.descriptor, "size": size,
                  "sha256": None if entry.kind == "dir" else sha256,
                  "ea": expectation.ea_list(entry.eas), "reparse": reparse}
    return node


class Unpacked:
    """Opens a tar that may be compressed."""

    def __init__(self, path):
        self.process = None
        with open(path, "rb") as file:
            magic = file.read(4)
        if magic[:2] == b"\x1f\x8b":
            self.file = gzip.open(path, "rb")
        elif magic == b"\x28\xb5\x2f\xfd":
            self.process = subprocess.Popen(["zstd", "-qdc", path], stdout=subprocess.PIPE)
            self.file = self.process.stdout
        else:
            self.file = open(path, "rb")

    def __enter__(self):
        return self.file

    def __exit__(self, *_):
        self.file.close()
        if self.process and self.process.wait() != 0:
            raise TarError("zstd failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tar")
    parser.add_argument("expected", help="manifest.json or the layer's tar")
    parser.add_argument("--stage", default="base", help="of the manifest (%(default)s)")
    parser.add_argument("--upon", help="the stage of the parent; omit for a base layer")
    args = parser.parse_args()
    tree = Tree(expectation.load(args.expected, args.upon) if args.upon else [])
    count = 0
    with Unpacked(args.tar) as file:
        try:
            for entry, pieces in LayerTar(file):
                tree.apply(entry, pieces)
                count += 1
        except (TarError, KeyError, ValueError) as error:
            print("%s: entry %d: %r" % (args.tar, count, error))
            return 1
    oracle = expectation.Oracle(expectation.load(args.expected, args.stage))
    for path, node in tree.walk():
        oracle.take(expectation.Seen(path=path, streams=node.streams, identity=id(node),
                                    **node.shown))
    return 0 if oracle.finish("exported tar, %d entries" % count) else 1


if __name__ == "__main__":
    sys.exit(main())
