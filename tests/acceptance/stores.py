# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports images in every form, exports them again, and has skopeo and umoci read the exports.

    stores.py CIM

The image is that of the sample and one layer on top of it and, if CIMLIB_CORPUS names a corpus, the
corpus'. An image that goes in, out and in must be the same, its configuration included. Imports are
also killed, and run beside removals and the collection of garbage. Exit status 77 without skopeo.
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
from oci_layouts import run

PULLS = 20  # imports at once
KILLS = 30
FORMS = ("oci", "oci-archive", "docker-archive")
NAME = "example.org/sample:1"


def entry_of(layout: Path, name: str) -> dict:
    """Returns the descriptor in the index of a layout that has a name."""
    entries = json.loads((layout / "index.json").read_text())["manifests"]
    return next(entry for entry in entries
                if entry["annotations"]["org.opencontainers.image.ref.name"] == name)


class Stores:
    def __init__(self, cim, work: Path, source: str, manifest: Path, stages):
        self.cim, self.work, self.source = cim, work, source
        self.manifest, self.stages = manifest, stages
        self.count = 0

    def path(self, what) -> Path:
        self.count += 1
        return self.work / ("%s %d" % (what, self.count))

    def done(self, what, *arguments, data=None):
        done = subprocess.run([str(part) for part in (self.cim, *arguments)], input=data,
                              capture_output=True, timeout=600)
        expect(done.returncode == 0, "%s: %s" % (what, done.stderr.decode("utf-8", "replace")))
        return done

    def answer(self, what, *arguments):
        done = self.done(what, "--json", *arguments)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def equal(self, what, store):
        """Compares every layer of the only image of a store with the manifest."""
        images = self.answer(what, "store", "ls", store)
        expect(len(images) == 1, "%s: %d images" % (what, len(images)))
        image = self.answer(what, "store", "inspect", store, images[0]["digest"])
        expect(len(image["layers"]) == len(self.stages), what + ": other layers")
        for layer, stage in zip(image["layers"], self.stages):
            rules = [] if stage == self.stages[0] else ["--no-rules"]
            cim = Path(layer["directory"]).parent / "cim-layers"
            cim = cim / (Path(layer["directory"]).name + ".cim")
            found = run(sys.executable, "-B", oci_layouts.HERE / "compare_manifest.py", cim,
                        self.manifest, "--stage", stage, *rules)
            expect(found.returncode == 0, "%s, %s: %s" % (what, stage, found.stdout.decode()[-2000:]))
        self.done(what, "store", "check", "--deep", store)

    def configuration(self, what, store, image):
        return self.done(what, "store", "inspect", "--config", store, image).stdout

    def read_by_others(self, what, target, config):
        """skopeo and, for a layout, umoci read the export; the configuration is the wanted one."""
        found = run("skopeo", "inspect", "--override-os", "windows", "--config", "--raw", target)
        expect(found.returncode == 0, "%s: skopeo: %s" % (what, found.stderr))
        expect(config is None or found.stdout == config, what + ": another configuration")
        found = run("skopeo", "inspect", "--override-os", "windows", target)
        expect(found.returncode == 0, "%s: skopeo: %s" % (what, found.stderr))
        if target.startswith("oci:") and shutil.which("umoci"):
            found = run("umoci", "stat", "--image", target[4:])
            expect(found.returncode == 0, "%s: umoci: %s" % (what, found.stderr))

    def documents_kept(self, store):
        """A layout that gets the image under its own name has the same entry in the index, manifest
        and configuration, as far as the layers are plain tars."""
        source, _, name = self.source.rpartition(":")
        wanted = entry_of(Path(source), name)
        target = self.path("out")
        result = self.answer("kept", "oci", "export", store, NAME, "oci:%s:%s" % (target, name))
        found = entry_of(target, name)
        if result["manifest_kept"]:
            expect(found == wanted, "another entry in the index: %s, not %s" % (found, wanted))
        else:
            for entry in (found, wanted):
                entry.pop("digest"), entry.pop("size")
            expect(found == wanted, "another entry in the index: %s, not %s" % (found, wanted))
        again = self.path("store")
        self.done("kept", "oci", "import", "oci:%s:%s" % (target, name), again)
        ours, theirs = (self.answer("kept", "store", "inspect", *w)
                        for w in ((again, name), (store, NAME)))
        keys = ["configuration", "index_entry"] + (["manifest"] if result["manifest_kept"] else [])
        for key in keys:
            ours[key].pop("digest", None), theirs[key].pop("digest", None)
            ours[key].pop("size", None), theirs[key].pop("size", None)
            expect(ours[key] == theirs[key], "%s: %s, not %s" % (key, ours[key], theirs[key]))

    def forms_of_skopeo(self, store, config):
        """Imports what skopeo writes in each form, from files and from standard input."""
        for form in FORMS + ("dir",):
            target = self.path("from-skopeo")
            copied = run("skopeo", "--insecure-policy", "copy", "--quiet", "oci:" + self.source,
                         "%s:%s%s" % (form, target, "" if form == "dir" else ":" + NAME))
            expect(copied.returncode == 0, "skopeo, %s: %s" % (form, copied.stderr))
            image = self.answer(form, "oci", "import", "%s:%s" % (form, target), store,
                                "--name", form)
            expect(all(layer["reused"] for layer in image["layers"]), form + ": other layers")
            expect(self.configuration(form, store, form) == config,
                   form + ": another configuration")
            if form.endswith("archive"):
                other = self.path("store")
                self.done(form, "oci", "import", form + ":-", other, data=target.read_bytes())
                self.equal(form + " from standard input", other)

    def round_trips(self):
        """An image goes out and in again without a difference; without records of its tars it is
        the same image with another configuration."""
        store, bare = self.path("store"), self.path("store")
        self.done("import", "oci", "import", self.source, store, "--name", NAME)
        self.done("import", "oci", "import", "--no-keep-tar", self.source, bare, "--name", NAME)
        config = self.configuration("inspect", store, NAME)
        for form in FORMS:
            for packing in ("none", "gzip", "zstd") if form != "docker-archive" else ("none",):
                what = "%s, %s" % (form, packing)
                target = self.path("out")
                result = self.answer(what, "oci", "export", "--compression", packing, store, NAME,
                                     "%s:%s:%s" % (form, target, NAME))
                expect(result["configuration_kept"], what + ": not kept")
                self.read_by_others(what, "%s:%s:%s" % (form, target, NAME), config)
                again = self.path("store")
                self.done(what, "oci", "import", "%s:%s" % (form, target), again)
                self.equal(what, again)
                expect(self.configuration(what, again, NAME) == config, what + ": changed")
            target = self.path("out")
            result = self.answer(form, "oci", "export", bare, NAME, "%s:%s:%s" % (form, target, NAME))
            expect(not result["configuration_kept"], form + ": kept without records")
            self.read_by_others(form, "%s:%s:%s" % (form, target, NAME), None)
            again = self.path("store")
            self.done(form, "oci", "import", "%s:%s" % (form, target), again)
            self.equal(form + " without records", again)
        self.documents_kept(store)
        self.forms_of_skopeo(store, config)
        self.empties(store)

    def empties(self, store):
        """Removes all images and expects that only directories remain."""
        for image in self.answer("ls", "store", "ls", store):
            self.done("rm", "store", "rm", "--force", store, image["digest"])
        self.done("gc", "store", "gc", store)
        files = [path for path in store.rglob("*") if not path.is_dir()]
        expect(not files, "left after gc: %s" % files[:5])

    def killed(self):
        """Kills imports at random moments: the next goes on, and nothing remains in the end."""
        store = self.path("store")
        started = time.monotonic()
        self.done("timing", "oci", "import", self.source, self.path("store"))
        duration = time.monotonic() - started
        choices = random.Random(1)
        for _ in range(KILLS):
            process = subprocess.Popen([str(self.cim), "oci", "import", self.source, str(store)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(choices.random() * duration)
            process.send_signal(signal.SIGKILL)
            process.wait()
            if choices.random() < 0.5 and store.exists() and any(store.iterdir()):
                self.done("gc after a kill", "store", "gc", store)
        self.done("after kills", "oci", "import", self.source, store, "--name", NAME)
        self.equal("after kills", store)
        self.empties(store)

    def beside_gc(self):
        """Imports an image many times at once, each under its own name that it removes again, while
        garbage is collected."""
        store = self.path("store")
        (store / "cim-layers").mkdir(parents=True)
        script = ('"$0" oci import --quiet --wait 300 --name "$3" "$1" "$2" && '
                  '"$0" store inspect "$2" "$3" >/dev/null && "$0" store check --quiet "$2" && '
                  '"$0" store ls "$2" >/dev/null && "$0" store usage "$2" >/dev/null && '
                  '"$0" store rm --quiet --wait 300 "$2" "$3"')
        running = [subprocess.Popen(["sh", "-c", script, str(self.cim), self.source, str(store),
                                     "name%d" % i], stderr=subprocess.PIPE)
                   for i in range(PULLS)]
        while any(process.poll() is None for process in running):
            self.done("gc beside imports", "store", "gc", "--quiet", "--wait", "300", store)
        for process in running:
            errors = process.communicate()[1]
            expect(process.returncode == 0, "beside gc: %s" % errors.decode("utf-8", "replace"))
        self.empties(store)


def verify_sample(cim, work: Path):
    tars = [sample_layer.make(work), oci_layouts.make_child(work)]
    layout = oci_layouts.Layout(work / "layout")
    layout.add(layout.image(tars), "sample")
    stores = Stores(cim, work, "%s:sample" % layout.path, work / "manifest.json",
                    ("base", "base+child"))
    stores.round_trips()
    stores.killed()
    stores.beside_gc()


def verify_corpus(cim, work: Path, corpus: Path):
    stores = Stores(cim, work, "%s:latest" % (corpus / "oci"), corpus / "manifest.json",
                    ("base", "base+child", "base+child+grandchild"))
    stores.round_trips()


def main():
    if not shutil.which("skopeo"):
        print("not there: skopeo")
        return 77
    if not shutil.which("umoci"):
        print("not there: umoci; its part is skipped")
    cim = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        verify_sample(cim, Path(work))
    if "CIMLIB_CORPUS" in os.environ:
        with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
            verify_corpus(cim, Path(work), Path(os.environ["CIMLIB_CORPUS"]))
    else:
        print("CIMLIB_CORPUS does not name a corpus; it is skipped")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
