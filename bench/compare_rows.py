# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The rows of bench/compare: the jobs that are timed and compared, and the targets.

The first job of a row is cimlib's. A target is a text, the measured value, and its upper limit.
"""
import functools
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import measure
from measure import Job

MEMORY_BASE, MEMORY_PER_FILE = 64 << 20, 250


class Place:
    """The program, the tar of a base layer, and a directory for everything made from it."""

    def __init__(self, cim: Path, tar: Path, work: Path):
        self.cim, self.tar, self.work = cim, tar, work
        self.out = work / "out"

    def empty(self):
        measure.empty(self.out)

    @functools.cached_property
    def small(self) -> tuple:
        """Returns a tar with a hundredth of the files, and the number of entries of the whole."""
        path = self.work / "small.tar"
        # In a process of its own, since this one's memory would count for all that it starts.
        done = subprocess.run([sys.executable, measure.ROOT / "bench/small_layer.py", self.tar,
                               path], check=True, capture_output=True)
        return path, int(done.stdout)

    @functools.cached_property
    def tree(self) -> Path:
        """Unpacks the tar except the corner cases, whose names some programs cannot handle."""
        self.unpack(self.work / "tree")
        shutil.rmtree(self.work / "tree/Files/CornerCases", ignore_errors=True)
        return self.work / "tree"

    def unpack(self, tree: Path):
        tree.mkdir(exist_ok=True)
        subprocess.run(["bsdtar", "-x", "-f", self.tar, "-C", tree], check=False,
                       stderr=subprocess.DEVNULL)

    @functools.cached_property
    def store(self) -> Path:
        """Returns a store with the layer "base"."""
        store = self.work / "store"
        subprocess.run([self.cim, "--quiet", "layer", "import", self.tar, store / "base"],
                       check=True)
        return store

    @functools.cached_property
    def regions(self) -> list:
        return sorted((self.store / "cim-layers").glob("region_*"))

    def packed(self, suffix: str, *command) -> Path:
        path = self.work / ("layer.tar." + suffix)
        if not path.exists():
            with self.tar.open("rb") as tar, path.open("wb") as out:
                subprocess.run(command, stdin=tar, stdout=out, check=True)
        return path

    def importing(self, tar: Path, name="cim import", *options) -> Job:
        return Job(name, [[self.cim, "--quiet", "layer", "import", tar,
                                    self.out / "layer", *options]], self.empty)


@dataclass
class Row:
    what: str
    jobs: object  # function of a place
    targets: object  # function of the jobs, after they have run, and the place


def ratio(jobs, index, limit, text=None):
    peer = jobs[index]
    return text or "time to that of " + peer.name, jobs[0].seconds / peer.seconds, limit


def memory(jobs, place):
    return ("memory, of 64 MiB and 250 bytes an entry",
            jobs[0].memory / (MEMORY_BASE + MEMORY_PER_FILE * place.small[1]), 1)


def tolerant(*command):
    """Returns the command, changed not to fail for names too long for a host's file system."""
    return ["sh", "-c", '"$0" "$@" 2>/dev/null; exit 0', *command]


def import_jobs(place):
    out, flush = place.out, ["sync", "-f", place.out]
    tree = place.tree
    return [
        place.importing(place.tar),
        Job("cp", [["cp", place.tar, out / "copy"], flush], place.empty),
        Job("bsdtar", [tolerant("bsdtar", "-x", "-f", place.tar, "-C", out), flush], place.empty),
        Job("tar", [tolerant("tar", "--warning=none", "-x", "-f", place.tar, "-C", out), flush],
            place.empty),
        Job("wimlib-imagex", [["wimlib-imagex", "capture", tree, out / "wim", "--compress=none",
                               "--no-acls"], flush], place.empty),
        Job("tar2sqfs", [["sh", "-c", 'exec tar2sqfs -q -s -c lz4 "$1" <"$0" 2>/dev/null',
                          place.tar, out / "sqfs"], flush], place.empty),
        Job("mkfs.erofs", [["mkfs.erofs", "--quiet", out / "erofs", tree], flush], place.empty),
    ]


def import_targets(jobs, place):
    fastest = min(jobs[2:], key=lambda job: job.seconds)
    return [ratio(jobs, 1, 1.15),
            ("time to that of the fastest, " + fastest.name, jobs[0].seconds / fastest.seconds,
             0.6), memory(jobs, place)]


def gzip_jobs(place):
    packed = place.packed("gz", "gzip", "-6", "-c")
    return [place.importing(packed), Job("igzip", [["igzip", "-d", "-c", packed]])]


def zstd_jobs(place):
    packed = place.packed("zst", "zstd", "-q", "-3", "-c")
    return [place.importing(packed), Job("zstd", [["zstd", "-q", "-d", "-c", packed]]),
            place.importing(place.tar, "cim import of the plain tar")]


def zstd_targets(jobs, place):
    longer = max(jobs[1:], key=lambda job: job.seconds)
    return [("time to that of " + longer.name, jobs[0].seconds / longer.seconds, 1.15),
            memory(jobs, place)]


def child_jobs(place):
    def prepare():
        place.empty()
        place.store  # exists already after the first time
        shutil.rmtree(place.store / "child", ignore_errors=True)
        subprocess.run([place.cim, "--quiet", "layer", "destroy", place.store / "child"],
                       check=True)

    child = Job("cim import on top of its parent",
                [[place.cim, "--quiet", "layer", "import", place.small[0], place.store / "child",
                  "--parent", place.store / "base"]], prepare)
    return [child, place.importing(place.small[0], "cim import as a base")]


def export_jobs(place):
    exported = place.work / "exported.tar"
    job = [place.cim, "--quiet", "layer", "export", place.store / "base"]
    if not exported.exists():
        subprocess.run([*job, exported], check=True)
    return [Job("cim export", [[*job, place.out / "layer.tar"]], place.empty),
            Job("cp", [["cp", exported, place.out / "copy"], ["sync", place.out / "copy"]],
                place.empty)]


def destroy_jobs(place):
    def layer():
        place.empty()
        subprocess.run([place.cim, "--quiet", "layer", "import", place.tar, place.out / "layer"],
                       check=True)

    def tree():
        place.empty()
        place.unpack(place.out / "tree")
        subprocess.run(["sync", "-f", place.out], check=True)

    return [Job("cim destroy", [[place.cim, "--quiet", "layer", "destroy",
                                  place.out / "layer"]], layer),
            Job("rm -rf", [["rm", "-rf", place.out / "tree"]], tree)]


def check_jobs(place):
    image = place.store / "cim-layers" / "base.cim"
    return [Job("cim check", [[place.cim, "--quiet", "check", image]]),
            Job("find", [["find", place.tree, "-printf", "%s %m %T@ %n\\n"]])]


def deep_jobs(place):
    image = place.store / "cim-layers" / "base.cim"
    return [Job("cim check --deep", [[place.cim, "--quiet", "check", "--deep", image]]),
            Job("sha256sum", [["sha256sum", *place.regions]])]


def one_target(limit):
    return lambda jobs, place: [ratio(jobs, 1, limit)]


ROWS = {
    "import": Row("a plain tar becomes a layer", import_jobs, import_targets),
    "gzip": Row("a tar.gz becomes a layer", gzip_jobs,
                lambda jobs, place: [ratio(jobs, 1, 1.1), memory(jobs, place)]),
    "zstd": Row("a tar.zst becomes a layer", zstd_jobs, zstd_targets),
    "child": Row("a layer that changes a hundredth of its parent", child_jobs, one_target(1.2)),
    "export": Row("a layer becomes a tar", export_jobs, one_target(1.3)),
    "destroy": Row("a layer goes", destroy_jobs, one_target(0.02)),
    "check": Row("the structure of an image is checked", check_jobs, one_target(0.2)),
    "deep": Row("every byte of an image is checked", deep_jobs, one_target(1.1)),
}
