#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Runs twenty imports at once into one store, and kills ten of twenty.

    python3 many_imports.py --build BUILD_DIR [--rounds N]

First twenty processes import on top of one base layer, then one process does so from twenty
threads: all must succeed, and every image must be sound. Then ten of twenty processes are killed:
seven while they read, each at another place, and three while they publish what they have written.
The others must not be affected, and `cim gc` must remove everything that the killed ones left. A
killed import can be repeated.
"""
import argparse
import concurrent.futures
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect
import hostile_layers
import sample_chain
import sample_layer
from oracles.expectation import DIRECTORY

COUNT = 20
FINISHING = 3   # of the killed processes
TIMEOUT = 240  # seconds, for all imports


def make_tar(path: Path, number: int):
    """Writes the tar of a layer that takes some time, with files of its own and common ones."""
    layer = sample_chain.UpperLayer(path, {"Files": {}})
    layer.folder("Files")
    layer.folder("Files/Windows", attributes=DIRECTORY)
    for n in range(40):
        layer.file("Files/Windows/common %02d" % n, sample_layer.filler(50_000, 1000 + n))
        layer.file("Files/Windows/own %02d" % n, sample_layer.filler(50_000, 2000 + 40 * number + n))
    layer.whiteout("Files/dir")
    layer.file("Hives/SAM_DELTA", hostile_layers.hive(layered=True, values=((b"own", number),)))
    layer.tar.close()


class Store:
    def __init__(self, build: Path, directory: Path):
        self.cim = build / "src" / "cli" / "cim"
        self.threads = build / "tests" / "acceptance" / "import_threads"
        self.path = directory / "store"
        self.directory = directory
        base = directory / "base.tar"
        base.write_bytes(hostile_layers.BASE + hostile_layers.END)
        self.tars = [directory / str(n) / "layer.tar" for n in range(COUNT)]
        for number, tar in enumerate(self.tars):
            make_tar(tar, number)
        expect(self.run("layer", "import", base, self.path / "base") == 0, "the base layer")

    def run(self, *words, **options) -> int:
        return subprocess.run([self.cim, "--quiet", *words], timeout=TIMEOUT, check=False,
                              **options).returncode

    def start(self, name, number):
        return subprocess.Popen([self.cim, "--quiet", "layer", "import", self.tars[number],
                                 self.path / name, "--parent", self.path / "base"])

    def check(self, name, number):
        """Checks that a layer is sound (`check --deep`) and has its own files and its own hive."""
        image = self.path / "cim-layers" / (name + ".cim")
        expect(self.run("check", "--deep", image) == 0, name + ": not sound")
        shown = subprocess.run([self.cim, "cat", image, "Files/Windows/own 39"],
                               capture_output=True, check=False).stdout
        expect(shown == sample_layer.filler(50_000, 2000 + 40 * number + 39),
               name + ": shows something else")
        hive = subprocess.run([self.cim, "hive", "dump", self.path / name / "Hives/SAM_BASE"],
                              capture_output=True, check=False).stdout
        expect(b'"own"=dword:%08x' % number in hive and b'"from"=dword:' in hive,
               name + ": its hive")

    def check_all(self, names):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda item: self.check(*item), names))

    def garbage(self) -> int:
        done = subprocess.run([self.cim, "gc", "--dry-run", self.path / "cim-layers"],
                              capture_output=True, text=True, check=False)
        expect(done.returncode == 0, "gc: " + done.stderr)
        return len(done.stdout.splitlines())

    def processes(self) -> float:
        """Imports from twenty processes. Returns how long the imports took."""
        begin = time.monotonic()
        running = [self.start("process%d" % n, n) for n in range(COUNT)]
        for number, process in enumerate(running):
            expect(process.wait(TIMEOUT) == 0, "process %d" % number)
        longest = time.monotonic() - begin
        self.check_all([("process%d" % n, n) for n in range(COUNT)])
        return longest

    def one_process(self):
        words = [self.threads, self.path / "base"]
        for number, tar in enumerate(self.tars):
            words += [tar, self.path / ("thread%d" % number)]
        done = subprocess.run(words, timeout=TIMEOUT, check=False)
        expect(done.returncode == 0, "threads: exit status %d" % done.returncode)
        self.check_all([("thread%d" % n, n) for n in range(COUNT)])

    def kill_while_it_reads(self, name, number, part):
        """Kills an import that has read that part of its tar and waits for more."""
        with subprocess.Popen([self.cim, "--quiet", "layer", "import", "-", self.path / name,
                               "--parent", self.path / "base"], stdin=subprocess.PIPE) as process:
            tar = self.tars[number].read_bytes()
            process.stdin.write(tar[:int(part * len(tar))])
            process.stdin.flush()
            process.kill()
        return process.returncode

    def kill_while_it_finishes(self, name, number, seconds):
        """Kills an import some time after its directory appears, when it publishes the layer."""
        process = self.start(name, number)
        while process.poll() is None and not (self.path / name).exists():
            time.sleep(0.0005)
        time.sleep(seconds)
        process.kill()
        return process.wait()

    def killed(self, round_number):
        """Kills ten of twenty imports, each at another moment."""
        chance = random.Random(round_number)
        names = ["killed%d-%d" % (round_number, n) for n in range(COUNT)]
        victims = chance.sample(range(COUNT), COUNT // 2)
        with concurrent.futures.ThreadPoolExecutor(COUNT) as pool:
            others = [n for n in range(COUNT) if n not in victims]
            survivors = {n: pool.submit(self.start(names[n], n).wait, TIMEOUT) for n in others}
            ends = {n: pool.submit(self.kill_while_it_finishes, names[n], n,
                                   chance.uniform(0, 0.02)) for n in victims[:FINISHING]}
            ends |= {n: pool.submit(self.kill_while_it_reads, names[n], n, chance.uniform(0, 1))
                     for n in victims[FINISHING:]}
        for n in others:
            expect(survivors[n].result() == 0, names[n] + " was not killed, and failed")
        dead = [n for n in victims if ends[n].result() == -signal.SIGKILL]
        for n in victims:
            expect(n in dead or (ends[n].result() == 0 and n in victims[:FINISHING]),
                   names[n] + ": exit status %d" % ends[n].result())
        left = self.garbage()
        expect(self.run("gc", self.path / "cim-layers") == 0, "gc")
        expect(self.garbage() == 0, "gc leaves something")
        print("   %d killed in time, %d files were left" % (len(dead), left), flush=True)
        # An import killed after its image appeared was complete; of any other no file may show.
        images = {p.stem for p in (self.path / "cim-layers").glob("*.cim")}
        self.check_all([(names[n], n) for n in range(COUNT) if names[n] in images])
        for n in [n for n in dead if names[n] not in images][::2]:
            expect(self.start(names[n], n).wait(TIMEOUT) == 0, "again: " + names[n])
            self.check(names[n], n)
        for name in names:  # of those that were not repeated, whether or not they exist
            self.run("layer", "destroy", self.path / name, stderr=subprocess.DEVNULL)
        # Killed before its marker was written, an import leaves an empty directory, which nothing
        # proves to be a layer's.
        left = [p for p in self.path.iterdir() if p.name.startswith("killed")]
        expect(not any(any(p.iterdir()) for p in left), "destroyed, and there: %s" % left)
        for directory in left:
            directory.rmdir()

    def empty(self):
        """Destroys all layers. No file may be left."""
        for layer in [p for p in self.path.iterdir() if p.name not in ("base", "cim-layers")]:
            expect(self.run("layer", "destroy", layer) == 0, "destroy " + layer.name)
        expect(self.run("layer", "destroy", self.path / "base") == 0, "destroy base")
        left = [str(p) for p in self.path.rglob("*") if p.name != "cim-layers"]
        expect(not left, "left over: %s" % left[:5])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("--rounds", type=int, default=1, help="of killing (%(default)s)")
    args = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="cimlib-"))
    try:
        store = Store(args.build.resolve(), directory)
        longest = store.processes()
        print("-- %d processes: %.1f s" % (COUNT, longest), flush=True)
        begin = time.monotonic()
        store.one_process()
        print("-- %d threads: %.1f s" % (COUNT, time.monotonic() - begin), flush=True)
        for number in range(args.rounds):
            store.killed(number)
        store.empty()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return exit_status("many imports")


if __name__ == "__main__":
    sys.exit(main())
