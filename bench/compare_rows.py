# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The rows of bench/compare: the jobs that are timed and compared, and the targets.

The first job of a row is cimlib's. A target is a text, the measured value, and its upper limit.
"""
import functools
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import measure
import pull_rows
from measure import Job

MEMORY_BASE, MEMORY_PER_FILE = 64 << 20, 200


class Place:
    """The program, the tar of a base layer, a directory for everything made from it, and the number
    of files of a tree with many."""

    def __init__(self, cim: Path, tar: Path, work: Path, files: int):
        self.cim, self.tar, self.work, self.files = cim, tar, work, files
        self.out = work / "out"

    def empty(self):
        measure.empty(self.out)

    @functools.cached_property
    def small(self) -> tuple:
        """Returns tars with a hundredth of the files, changed and as they are, and the number of
        entries of the whole."""
        changed, original = self.work / "changed.tar", self.work / "original.tar"
        # In a process of its own, since this one's memory would count for all that it starts.
        done = subprocess.run([sys.executable, measure.ROOT / "bench/small_layer.py", self.tar,
                               changed, original], check=True, capture_output=True)
        return changed, original, int(done.stdout)

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
    def many_files(self) -> Path:
        """Makes a tree of many files, and an image of it beside it."""
        tree = self.work / "many"
        subprocess.run([sys.executable, measure.ROOT / "bench/many_files.py", tree,
                        str(self.files)], check=True)
        subprocess.run([self.cim, "--quiet", "create", self.work / "many.cim", tree], check=True)
        return tree

    def package(self, version: int) -> Path:
        """Returns a version of an application package of 300 MB."""
        path = self.work / ("package-%d.msix" % version)
        if not path.exists():
            subprocess.run([sys.executable, "-B", measure.ROOT / "bench/sample_package.py",
                            self.tree, path, str(version)], check=True)
        return path

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
    is_default: bool = True  # false if it takes minutes


def ratio(jobs, index, limit, text=None):
    peer = jobs[index]
    return text or "time to that of " + peer.name, jobs[0].seconds / peer.seconds, limit


def memory(jobs, place):
    return ("memory, of 64 MiB and 200 bytes an entry",
            jobs[0].memory / (MEMORY_BASE + MEMORY_PER_FILE * place.small[2]), 1)


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
    targets = [ratio(jobs, 1, 1.05), memory(jobs, place)]
    if others := jobs[2:]:  # none may be left of the other importers
        fastest = min(others, key=lambda job: job.seconds)
        targets.append(("time to that of the fastest, " + fastest.name,
                        jobs[0].seconds / fastest.seconds, 0.45))
    return targets


def gzip_jobs(place):
    packed = place.packed("gz", "gzip", "-6", "-c")
    return [place.importing(packed), Job("igzip", [["igzip", "-d", "-c", packed]])]


def zstd_jobs(place):
    packed = place.packed("zst", "zstd", "-q", "-3", "-c")
    return [place.importing(packed), Job("zstd", [["zstd", "-q", "-d", "-c", packed]]),
            place.importing(place.tar, "cim import of the plain tar")]


def zstd_targets(jobs, place):
    longer = max(jobs[1:], key=lambda job: job.seconds)
    return [("time to that of " + longer.name, jobs[0].seconds / longer.seconds, 1.1),
            memory(jobs, place)]


def oci_jobs(place):
    """The digests of the packed and the plain bytes are what any importer has to compute."""
    layout = place.tar.parent.parent / "oci"
    index = json.loads((layout / "index.json").read_text("utf-8"))

    def document(descriptor):
        return layout / "blobs" / descriptor["digest"].replace(":", "/")

    manifest = json.loads(document(index["manifests"][-1]).read_text("utf-8"))
    blobs = [document(layer) for layer in manifest["layers"]]
    hashing = [["sh", "-c", 'sha256sum "$0" && igzip -d -c <"$0" | sha256sum', blob]
               for blob in blobs]
    unpacking = []
    for number, blob in enumerate(blobs):
        unpacking += [["mkdir", place.out / str(number)], ["sha256sum", blob],
                      tolerant("bsdtar", "-x", "-f", blob, "-C", place.out / str(number))]
    return [Job("cim oci import", [[place.cim, "--quiet", "oci", "import",
                                    "%s@%s" % (layout, index["manifests"][-1]["digest"]),
                                    place.out / "store"]], place.empty),
            Job("sha256sum and igzip with sha256sum", hashing),
            Job("bsdtar after sha256sum", [*unpacking, ["sync", "-f", place.out]], place.empty)]


def oci_targets(jobs, place):
    limits = {"sha256sum": 1.1, "bsdtar": 0.2}
    return [*(ratio(jobs, index, limits[job.name.split()[0]])
              for index, job in enumerate(jobs) if index > 0), memory(jobs, place)]


def child_jobs(place):
    def prepare():
        place.empty()
        place.store  # exists already after the first time
        shutil.rmtree(place.store / "child", ignore_errors=True)
        subprocess.run([place.cim, "--quiet", "layer", "destroy", place.store / "child"],
                       check=True)

    def child(name, parent):
        return Job(name, [[place.cim, "--quiet", "layer", "import", place.small[0],
                           place.store / "child", "--parent", place.store / parent]], prepare)

    if not (place.store / "small").exists():  # the same child changes all files of this one
        subprocess.run([place.cim, "--quiet", "layer", "import", place.small[1],
                        place.store / "small"], check=True)
    return [child("cim import on top of its parent", "base"),
            child("cim import on top of a small layer", "small")]


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


def calls_jobs(place):
    image = place.store / "cim-layers" / "base.cim"
    return [Job("cim " + verb, [tolerant(place.cim, "--quiet", verb, image, *where)], place.empty)
            for verb, where in (("info", ()), ("tree", ()), ("extract", (place.out / "tree",)))]


def calls_targets(jobs, place):
    """For `extract`, only what reads the image is counted."""
    targets = []
    for job, limit in zip(jobs, (0.1, 0.1, 1.5)):
        job.prepare()
        counts = place.work / "calls"
        which = ["-e", "trace=pread64"] if job.name == "cim extract" else []
        subprocess.run(["strace", "-f", "-c", "-o", counts, *which, *job.commands[0]],
                       check=True, stdout=subprocess.DEVNULL)
        total = next(line for line in counts.read_text("utf-8").splitlines()
                     if line.endswith(" total"))
        targets.append(("calls an entry of " + job.name, int(total.split()[3]) / place.small[2],
                        limit))
    return targets


def zeros_jobs(place):
    folder = place.work / "programs"
    if not folder.exists():
        subprocess.run([sys.executable, measure.ROOT / "bench/zero_programs.py", folder],
                       check=True)
    return [Job("cim create", [[place.cim, "--quiet", "create", place.out / "a.cim", folder]],
                place.empty),
            Job("cp", [["cp", "-r", folder, place.out / "copy"], ["sync", "-f", place.out]],
                place.empty)]


def zeros_targets(jobs, place):
    def taken(folder):
        return sum(path.stat().st_blocks for path in folder.iterdir() if path.is_file())

    jobs[0].prepare()
    subprocess.run(jobs[0].commands[0], check=True)
    return [("space to that of the folder", taken(place.out) / taken(place.work / "programs"),
             1.1)]


def package_jobs(place):
    """cim also compares a digest of every block, which unzip(1) does not know."""
    return [Job("cim create", [[place.cim, "--quiet", "create", place.out / "a.cim",
                                place.package(1)]], place.empty),
            Job("unzip", [["unzip", "-q", place.package(1), "-d", place.out],
                          ["sync", "-f", place.out]], place.empty)]


def fork_target(place):
    """Writes an image of a package, and a fork with the next version of it. Region 0 of a set has
    metadata, the others have data."""
    place.empty()
    create = [place.cim, "--quiet", "create"]
    subprocess.run([*create, place.out / "a.cim", place.package(1)], check=True)
    before = set(place.out.iterdir())
    subprocess.run([*create, "--base", place.out / "a.cim", place.out / "b.cim",
                    place.package(2)], check=True)
    sizes = {file.name: file.stat().st_blocks * 512 for file in set(place.out.iterdir()) - before}
    data = sum(size for name, size in sizes.items()
               if name.startswith("region_") and not name.endswith("_0"))
    print("  next version: %.1f MB written, %.1f MB of it data of files" % (
        sum(sizes.values()) / 1e6, data / 1e6))
    return "bytes that a fork writes to those of the changed files", sum(sizes.values()) / data, 1.05


def package_targets(jobs, place):
    return [ratio(jobs, 1, 1.2), ("memory, of 96 MiB", jobs[0].memory / (96 << 20), 1),
            fork_target(place)]


def erofs_jobs(place):
    tree, flush = place.many_files, ["sync", "-f", place.out]
    return [Job("cim metadata image", [[measure.ROOT / "build/bench/bench/erofs_image",
                                        place.work / "many.cim", place.out], flush], place.empty),
            Job("mkfs.erofs", [["mkfs.erofs", "--quiet", place.out / "erofs", tree], flush],
                place.empty)]


def one_target(limit):
    return lambda jobs, place: [ratio(jobs, 1, limit)]


ROWS = {
    "import": Row("a plain tar becomes a layer", import_jobs, import_targets),
    "gzip": Row("a tar.gz becomes a layer", gzip_jobs,
                lambda jobs, place: [ratio(jobs, 1, 1.1), memory(jobs, place)]),
    "zstd": Row("a tar.zst becomes a layer", zstd_jobs, zstd_targets),
    "oci": Row("an image of several layers becomes a chain", oci_jobs, oci_targets),
    "child": Row("a layer that changes a hundredth of its parent", child_jobs, one_target(1.5)),
    "export": Row("a layer becomes a tar", export_jobs, one_target(1.0)),
    "destroy": Row("a layer goes", destroy_jobs, one_target(0.02)),
    "check": Row("the structure of an image is checked", check_jobs, one_target(0.2)),
    "deep": Row("every byte of an image is checked", deep_jobs, one_target(0.15)),
    "calls": Row("system calls for each entry of an image", calls_jobs, calls_targets),
    "zeros": Row("executables with large sections of zeros", zeros_jobs, zeros_targets),
    "package": Row("an application package becomes an image", package_jobs, package_targets),
    "erofs": Row("many small files become an EROFS file system", erofs_jobs, one_target(0.2),
                 is_default=False),
    "pull": Row("artifacts in a registry become a mount", pull_rows.pull_jobs,
                pull_rows.pull_targets, is_default=False),
}
