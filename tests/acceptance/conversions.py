# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Converts many images by parallel jobs of deploy/convert-image, as a cluster would, with
Debian's docker-registry on the own machine. Some jobs are killed and started again.

    conversions.py CIM [--images N] [--workers N] [--killed PERCENT]

1,000 images are converted as in deploy/README.md with --images 1000 --killed 5.
In the end every image must be in the registry, once: as many manifests as one undisturbed
conversion makes, nothing sent by a second run, and every layer pulled from its artifact equals the
one made from the tar. Prints the images an hour and core. Exit status 77 without docker-registry.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import http.client
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
from registries import Registry

SCRIPT = Path(__file__).parents[2] / "deploy/convert-image"
ATTEMPTS = 20  # of one image
SHARED_LAYERS = 7  # base layers, which many images have in common


def layer(files: dict) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folders = {"Files/" + name.rpartition("/")[0] for name in files}
        for name in ("Files", *sorted(folders), "Hives"):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE
            tar.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo("Files/" + name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def text(seed: str, size: int) -> bytes:
    chance = random.Random(seed)
    words = [chance.randbytes(6).hex() for _ in range(200)]
    return " ".join(chance.choices(words, k=size // 13)).encode()


class Sources:
    """Images that are sent to the registry by plain requests."""

    def __init__(self, registry: Registry, count: int):
        self.connection = http.client.HTTPConnection(registry.host, timeout=60)
        self.references = []
        bases = [layer({"base%d/%d.txt" % (n, i): text("base %d-%d" % (n, i), 9000)
                        for i in range(9)}) for n in range(SHARED_LAYERS)]
        for number in range(count):
            own = layer({"app %d/%d.txt" % (number, i): text("%d-%d" % (number, i), 3000)
                         for i in range(4)})
            name, tag = "team/app%d" % (number % 50), "v%d" % number
            self.push(name, tag, [bases[number % len(bases)], own])
            self.references.append("%s/%s:%s" % (registry.host, name, tag))

    def request(self, method, path, body=b"", kind="application/octet-stream"):
        self.connection.request(method, path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        answer.read()
        return answer

    def blob(self, name, data: bytes, kind: str) -> dict:
        of = oci_layouts.digest(data)
        if self.request("HEAD", "/v2/%s/blobs/%s" % (name, of)).status != 200:
            place = self.request("POST", "/v2/%s/blobs/uploads/" % name).headers["Location"]
            path = place.split("/", 3)[-1] if "://" in place else place[1:]
            path = "/%s%sdigest=%s" % (path, "&" if "?" in path else "?", of)
            expect(self.request("PUT", path, data).status == 201, "a blob is not accepted")
        return {"mediaType": kind, "digest": of, "size": len(data)}

    def push(self, name, tag, tars):
        config = {"os": "windows", "architecture": "amd64", "os.version": oci_layouts.VERSION,
                  "rootfs": {"type": "layers", "diff_ids": [oci_layouts.digest(t) for t in tars]}}
        manifest = {"schemaVersion": 2, "mediaType": oci_layouts.MANIFEST,
                    "config": self.blob(name, json.dumps(config).encode(), oci_layouts.CONFIG),
                    "layers": [self.blob(name, t, oci_layouts.LAYER) for t in tars]}
        answer = self.request("PUT", "/v2/%s/manifests/%s" % (name, tag),
                              json.dumps(manifest).encode(), oci_layouts.MANIFEST)
        expect(answer.status == 201, "a manifest is not accepted: %d" % answer.status)


class Fleet:
    """Runs a job for each index of a list, some at once, and starts those that are killed again."""

    def __init__(self, images: Path, environment: dict, workers: int, killed: float):
        self.images, self.environment = images, environment
        self.workers, self.share = workers, killed / 100
        self.chance = random.Random(7)
        self.lock = threading.Lock()
        self.durations = [1.0]
        self.kills = self.started = 0
        self.outputs = collections.defaultdict(list)  # of successful jobs, by index

    def run(self, count: int):
        waiting = collections.deque((number, 0) for number in range(count))

        def work():
            while True:
                with self.lock:
                    if not waiting:
                        return
                    number, attempts = waiting.popleft()
                if not self.is_killed(number):
                    continue
                if attempts + 1 == ATTEMPTS:
                    expect(False, "image %d: killed %d times" % (number, ATTEMPTS))
                    continue
                with self.lock:
                    waiting.append((number, attempts + 1))
        threads = [threading.Thread(target=work) for _ in range(self.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def is_killed(self, number) -> bool:
        """Runs a job; returns true if it was killed before its end."""
        begin = time.monotonic()
        process = subprocess.Popen([SCRIPT, "--list", self.images],
                                   env={**self.environment, "JOB_COMPLETION_INDEX": str(number)},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   start_new_session=True)
        with self.lock:
            self.started += 1
            dies = self.chance.random() < self.share
            average = sum(self.durations) / len(self.durations)
            limit = self.chance.random() * average if dies else 300
        try:
            output = process.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # as when a node is lost
            process.communicate()
            with self.lock:
                self.kills += 1
            expect(dies, "image %d: hangs" % number)
            return True
        with self.lock:
            self.durations = self.durations[-20:] + [time.monotonic() - begin]
            if process.returncode == 0:
                self.outputs[number].append(output)
        expect(process.returncode == 0, "image %d: %s" % (number, output))
        return False


class Targets:
    """The converted images in the directory of the registry."""

    def __init__(self, directory: Path):
        self.root = directory / "data/docker/registry/v2"
        self.repositories = self.root / "repositories/cim"

    def manifests(self) -> set:
        """Returns repository and digest of every manifest."""
        return {(str(path.parents[4].relative_to(self.repositories)), path.parent.name)
                for path in self.repositories.rglob("_manifests/revisions/sha256/*/link")}

    def tags(self) -> set:
        return {(str(path.parents[2].relative_to(self.repositories)), path.name)
                for path in self.repositories.rglob("_manifests/tags/*")}

    def document(self, digits: str) -> dict:
        return json.loads((self.root / "blobs/sha256" / digits[:2] / digits / "data").read_bytes())

    def times(self) -> dict:
        """Returns the time of every file, which a write would change."""
        return {str(path): path.stat().st_mtime_ns for path in self.root.rglob("*")
                if path.is_file()}


def files(store: Path) -> dict:
    return {str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(store.rglob("*"))
            if path.is_file() and "cim-images" not in path.parts}


def verify_counts(targets: Targets, references: list):
    """Every image is there, and nothing that one conversion of each does not make."""
    artifacts, lists, images = collections.Counter(), set(), set()
    for name, digits in targets.manifests():
        document = targets.document(digits)
        if "manifests" in document:
            lists.add((name, digits))
        elif "subject" in document:
            artifacts[name, document["subject"]["digest"][7:],
                      document["annotations"]["org.cimlib.index"]] += 1
        else:
            images.add((name, digits))
    count = len(references)
    expect(len(images) == count, "%d manifests of images" % len(images))
    expect(len(lists) == count, "%d lists of artifacts" % len(lists))
    expect(len(artifacts) == 2 * count and set(artifacts.values()) == {1},
           "%d artifacts, %s of each" % (len(artifacts), set(artifacts.values())))
    tagged = {tag for _, tag in targets.tags() if not tag.startswith("sha256-")}
    expect(tagged == {r.rpartition(":")[2] for r in references}, "tags: %d" % len(tagged))


def pull(cim, store: Path, reference: str, *options) -> dict:
    """Pulls an image and returns its files."""
    done = subprocess.run([cim, "--quiet", "oci", "pull", "--reproducible", *options, reference,
                           store], capture_output=True, timeout=600)
    expect(done.returncode == 0 and not done.stderr,
           "%s: %s" % (reference, done.stderr.decode("utf-8", "replace")))
    found = files(store)
    shutil.rmtree(store, ignore_errors=True)
    return found


def verify_pulls(cim, work: Path, target: str, references: list, workers: int):
    """Layers from artifacts equal those made from the tars of the source."""
    def verify(source: str):
        there = target + "/" + source.replace(":", "-", 1)
        store = work / source.rpartition(":")[2]
        ours = pull(cim, store, there, "--prefer=cim")
        expect(ours and ours == pull(cim, store, source),
               "%s: not the layers of the source" % there)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        list(pool.map(verify, references))
    print("%d images pulled from their artifacts and compared" % len(references), flush=True)


def convert(cim, work: Path, registry: Registry, options):
    begin = time.monotonic()
    sources = Sources(registry, options.images)
    print("%d images in %.0f s" % (options.images, time.monotonic() - begin), flush=True)
    images = work / "images.txt"
    images.write_text("# SOURCE [TARGET]\n\n" + "".join(r + "\n" for r in sources.references))
    target = registry.host + "/cim"
    environment = {**os.environ, "CIM": str(cim), "CIM_WORK": str(work / "jobs"),
                   "CIM_TARGET": target, "TMPDIR": str(work)}
    fleet = Fleet(images, environment, options.workers, options.killed)
    begin, before = time.monotonic(), os.times()
    fleet.run(options.images)
    elapsed, after = time.monotonic() - begin, os.times()
    seconds = (after.children_user - before.children_user
               + after.children_system - before.children_system)
    cores = len(os.sched_getaffinity(0))
    print("%d jobs by %d workers, %d killed, %.0f s: %.0f images an hour and core; %.2f s of a "
          "processor for each image without the registry"
          % (fleet.started, options.workers, fleet.kills, elapsed,
             options.images / elapsed * 3600 / cores, seconds / options.images), flush=True)
    for number in range(options.images):
        expect(len(fleet.outputs[number]) == 1, "image %d: %s" % (number, fleet.outputs[number]))
    expect(not any((work / "jobs").iterdir()), "jobs left something")
    targets = Targets(work / "registry")
    verify_counts(targets, sources.references)
    verify_pulls(cim, work, target, sources.references, options.workers)
    times = targets.times()
    again = Fleet(images, environment, options.workers, 0)
    again.run(options.images)
    expect(all("is there already" in outputs[0] for outputs in again.outputs.values()),
           "a second run converts again")
    expect(times == targets.times(), "a second run changes the registry")


def main():
    parser = argparse.ArgumentParser(description="Converts many images by parallel jobs.")
    parser.add_argument("cim", type=Path)
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--killed", type=float, default=25, help="percent of the jobs")
    options = parser.parse_args()
    cim = options.cim.resolve()
    supported = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                               capture_output=True)
    if not shutil.which("docker-registry") or b"does not support registries" in supported.stderr:
        print("not there: docker-registry, or support of registries")
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as directory:
        work = Path(directory)
        registry = Registry(work / "registry")
        try:
            convert(cim, work, registry, options)
        finally:
            registry.stop()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
