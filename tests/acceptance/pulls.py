# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Pulls from Debian's docker-registry: many at once beside removals, and killed at random moments.

    pulls.py CIM [KILLS]

No pull may lose what it needs, the next pull must go on from the layers that are complete, and in
the end nothing may remain in the store. The images are the sample and, if CIMLIB_CORPUS names a
corpus, its own, for which the memory and the time of a pull are limited as well. Exit status 77
without docker-registry or skopeo.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import sample_layer
from registries import Registry

PULLS = 20  # at once
KILLS = 50
MOST_MEMORY = 128 << 10  # KiB
MOST_TIME = 1.15  # times that of an import of the same image from a layout
LONG_ENOUGH = 5  # seconds that an import takes, for times to be compared


class Pulls:
    def __init__(self, cim, work: Path, registry: Registry, layout: str):
        self.cim, self.work, self.layout = str(cim), work, layout
        self.there = registry.host + "/team/app:1"
        self.count = 0
        done = subprocess.run(["skopeo", "--insecure-policy", "copy", "--quiet",
                               "--dest-tls-verify=false", "oci:" + layout,
                               "docker://" + self.there], capture_output=True)
        expect(done.returncode == 0, "skopeo: %s" % done.stderr)

    def path(self, name) -> Path:
        self.count += 1
        return self.work / ("%s %d" % (name, self.count))

    def works(self, *words):
        done = subprocess.run([self.cim, *map(str, words)], capture_output=True, timeout=600)
        expect(done.returncode == 0, "%s: %s" % (words[:3], done.stderr.decode("utf-8", "replace")))
        return done.stdout

    def layers(self, store):
        """Pulls into the store; returns the layers and whether each was there."""
        output = self.works("oci", "pull", "--json", self.there, store)
        layers = json.loads(output or "{}").get("layers", [])
        return [(layer["chain_id"], layer["reused"]) for layer in layers]

    def complete(self, store):
        """Returns the chain ids of the complete layers of a store."""
        return {"sha256:" + path.stem for path in store.glob("cim-layers/*.cim")
                if not path.name.startswith(".")}

    def empties(self, store):
        """Removes all images and expects that only directories remain."""
        for image in json.loads(self.works("--json", "store", "ls", store) or "[]"):
            self.works("store", "rm", "--force", store, image["digest"])
        self.works("store", "gc", store)
        files = [path for path in store.rglob("*") if not path.is_dir()]
        expect(not files, "left after gc: %s" % files[:5])

    def beside_removals(self):
        """Each process pulls the image under its own name, uses it and removes the name, while
        garbage is collected all the time."""
        store = self.path("store")
        (store / "cim-layers").mkdir(parents=True)
        script = ('for i in 1 2; do "$0" oci pull --quiet --wait 300 --name "$3" "$1" "$2" && '
                  '"$0" store inspect "$2" "$3" >/dev/null && "$0" store check --quiet "$2" && '
                  '"$0" store rm --quiet --wait 300 "$2" "$3" || exit 1; done')
        running = [subprocess.Popen(["sh", "-c", script, self.cim, self.there, str(store),
                                     "name%d" % i], stderr=subprocess.PIPE) for i in range(PULLS)]
        collections = 0
        while any(process.poll() is None for process in running):
            self.works("store", "gc", "--quiet", "--wait", "300", store)
            collections += 1
        for process in running:
            errors = process.communicate()[1]
            expect(process.returncode == 0, "beside removals: " + errors.decode("utf-8", "replace"))
        self.empties(store)
        print("%d pulls beside %d collections" % (2 * PULLS, collections), flush=True)

    def killed(self, kills):
        store, chance = self.path("store"), random.Random(1)
        started = time.monotonic()
        chain = [layer for layer, _ in self.layers(self.path("timing"))]
        duration = time.monotonic() - started
        resumed = 0
        for number in range(kills):
            process = subprocess.Popen([self.cim, "oci", "pull", self.there, str(store)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.random() * duration)
            process.send_signal(signal.SIGKILL)
            process.wait()
            if number % 3 == 0 or not store.exists():
                continue  # the next one meets what is left
            before = self.complete(store)
            expect(before == set(chain[:len(before)]), "layers without those below: %s" % before)
            if number % 3 == 1:
                layers = self.layers(store)
                expect([reused for _, reused in layers] == [e in before for e in chain],
                       "kill %d: pulled again: %s" % (number, layers))
                resumed += 1 if 0 < len(before) < len(chain) else 0
                self.works("store", "check", store)
            self.empties(store)
        self.layers(store)
        self.works("store", "check", "--deep", store)
        self.empties(store)
        print("%d kills; %d pulls went on from some layers" % (kills, resumed), flush=True)

    def measured(self, *words):
        """Returns the seconds and the peak memory in KiB that a command takes."""
        started = time.monotonic()
        process = subprocess.Popen([self.cim, *map(str, words)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        expect(status == 0, "%s: status %d" % (words[:2], status))
        return time.monotonic() - started, usage.ru_maxrss

    def costs(self):
        pull = [self.measured("oci", "pull", "--quiet", self.there, self.path("store"))
                for _ in range(3)]
        imported = [self.measured("oci", "import", "--quiet", self.layout, self.path("store"))
                    for _ in range(3)]
        time_of_pull, time_of_import = min(pull)[0], min(imported)[0]
        memory = max(peak for _, peak in pull)
        print("pull %.2f s, import %.2f s, memory of a pull %.1f MiB"
              % (time_of_pull, time_of_import, memory / 1024), flush=True)
        expect(memory < MOST_MEMORY, "a pull takes %d KiB" % memory)
        expect(time_of_import < LONG_ENOUGH or time_of_pull <= MOST_TIME * time_of_import,
               "a pull takes %.2f s, an import %.2f s" % (time_of_pull, time_of_import))


def main():
    cim = Path(sys.argv[1]).resolve()
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else KILLS
    supported = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                               capture_output=True)
    needed = [tool for tool in ("docker-registry", "skopeo") if not shutil.which(tool)]
    if needed or b"does not support registries" in supported.stderr:
        print("not there: %s" % (", ".join(needed) or "support of registries"))
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as directory:
        work = Path(directory)
        registry = Registry(work / "registry")
        try:
            tars = [sample_layer.make(work), oci_layouts.make_child(work)]
            layout = oci_layouts.Layout(work / "layout")
            layout.add(layout.image(tars), "sample")
            pulls = Pulls(cim, work, registry, "%s:sample" % layout.path)
            pulls.beside_removals()
            pulls.killed(kills)
            if "CIMLIB_CORPUS" in os.environ:
                Pulls(cim, work, registry, os.environ["CIMLIB_CORPUS"] + "/oci:latest").costs()
            else:
                print("CIMLIB_CORPUS does not name a corpus; it is skipped")
        finally:
            registry.stop()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
