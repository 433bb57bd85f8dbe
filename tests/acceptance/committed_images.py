# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Changes an image of a store, commits the changes as an image, and exchanges that with Debian's
docker-registry, skopeo and, if it is installed, umoci.

    committed_images.py CIM

What skopeo pulls must have the diff ids that the commit reported, and what cim pulls the same
files. Exit status 77 without docker-registry or skopeo.
"""
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import registries
import sample_layer
from oci_layouts import run

REPRODUCIBLE = ("--reproducible",)  # else what an import adds to a layer has the time of the import


def blob(layout: Path, of: str) -> bytes:
    return oci_layouts.blob_path(layout, of).read_bytes()


class Committed:
    """A store with the sample image, and an image of changes to it."""

    def __init__(self, cim, work: Path, registry):
        self.cim, self.work, self.registry = cim, work, registry
        self.store, self.layer = work / "store", work / "store/changed"
        layout = oci_layouts.Layout(work / "layout")
        layout.add(layout.image([sample_layer.make(work), oci_layouts.make_child(work)]), "sample")
        self.works("oci", "import", *REPRODUCIBLE, "%s:sample" % layout.path, self.store)
        self.parent = self.inspect("sample")["layers"][-1]
        self.upper = self.make_upper(work / "changes/upper")
        self.image = json.loads(self.works(
            "layer", "commit", "--json", self.upper, self.layer, "--parent",
            self.parent["directory"], "--name", "app:2", "-m", "why", "-a", "ann", *REPRODUCIBLE))

    def make_upper(self, upper: Path) -> Path:
        """An upper directory as fuse-overlayfs leaves it."""
        (upper / "Files/Sizes").mkdir(parents=True)
        (upper / "Files/new.txt").write_bytes(b"new")
        (upper / "Files/Added.txt").write_bytes(b"replaced")
        (upper / "Files/Sizes/.wh.0000001.txt").touch()
        return upper

    def works(self, *words) -> bytes:
        done = run(self.cim, *words)
        expect(done.returncode == 0, "%s: %s" % (words[:3], done.stderr.decode("utf-8", "replace")))
        return done.stdout

    def inspect(self, name: str) -> dict:
        return json.loads(self.works("store", "inspect", "--json", self.store, name))

    def skopeo(self, *words) -> bytes:
        done = run("skopeo", "--insecure-policy", *words)
        expect(done.returncode == 0, "skopeo %s: %s" % (words, done.stderr.decode()))
        return done.stdout

    def same_tree(self, what: str, store: Path):
        """Compares the layer with the one that another store has under its chain id."""
        other = store / "cim-layers" / (self.image["chain_id"][7:] + ".cim")
        done = run(self.cim, "diff", self.store / "cim-layers/changed.cim", other)
        expect(done.returncode == 0, "%s: %s" % (what, done.stdout.decode()[:500]))
        self.works("store", "check", "--deep", store)

    def is_recorded(self):
        made, below = self.inspect("app:2"), self.inspect("sample")
        expect(made["layers"][-1]["directory"] == str(self.layer), "another directory")
        expect([e["diff_id"] for e in made["layers"]]
               == [e["diff_id"] for e in below["layers"]] + [self.image["diff_id"]],
               "other diff ids: %s" % made["layers"])
        last = made["configuration"]["history"][-1]
        expect((last["author"], last["comment"]) == ("ann", "why"), "the history: %s" % last)
        self.works("store", "check", "--deep", self.store)

    def pushed(self, compression: str):
        there = "%s/team/app:%s" % (self.registry.host, compression)
        self.works("oci", "push", "--compression", compression, self.store, "app:2", there)
        config = json.loads(self.skopeo("inspect", "--tls-verify=false", "--config",
                                        "docker://" + there))
        expect(config["rootfs"]["diff_ids"][-1] == self.image["diff_id"], "another diff id")
        copy = self.work / ("copy of " + compression)
        self.skopeo("copy", "--quiet", "--preserve-digests", "--src-tls-verify=false",
                    "docker://" + there, "oci:%s:app" % copy)
        configuration, layers = registries.documents(copy)
        expect(configuration == self.image["configuration"], "another configuration")
        tars = [blob(copy, layer) for layer in layers]
        tars = [gzip.decompress(tar) if compression == "gzip" else tar for tar in tars]
        expect(["sha256:" + hashlib.sha256(tar).hexdigest() for tar in tars]
               == config["rootfs"]["diff_ids"], "the layers have other diff ids")
        pulled = self.work / ("pulled " + compression)
        self.works("oci", "pull", *REPRODUCIBLE, there, pulled)
        self.same_tree("pulled " + compression, pulled)
        again = json.loads(self.works("oci", "pull", "--json", there, self.store))
        expect(all(e["reused"] for e in again["layers"]), "pulled again: %s" % again["layers"])

    def pushed_as_cim(self):
        there = "%s/team/cim:1" % self.registry.host
        self.works("oci", "push", "--as=cim", self.store, "app:2", there)
        pulled = self.work / "pulled as cim"
        self.works("oci", "pull", "--prefer=cim", there, pulled)
        self.same_tree("pulled as cim", pulled)
        remote = self.works("cat", "docker://" + there, "Files/new.txt", "--cache-size", "0")
        expect(remote == b"new", "read remotely: %s" % remote)

    def exported(self):
        for form in ("oci", "oci-archive", "docker-archive"):
            target = "%s:%s" % (form, self.work / ("exported " + form))
            self.works("oci", "export", self.store, "app:2",
                       target + ":2" if form == "oci" else target)
            shown = target + {"oci": ":2", "docker-archive": ":app:2"}.get(form, "")
            config = json.loads(self.skopeo("inspect", "--config", shown))
            expect(config["rootfs"]["diff_ids"][-1] == self.image["diff_id"],
                   form + ": another diff id")
            other = self.work / ("imported " + form)
            self.works("oci", "import", *REPRODUCIBLE, target, other)
            self.same_tree(form, other)
        if shutil.which("umoci"):
            done = run("umoci", "stat", "--json", "--image", self.work / "exported oci:2")
            expect(done.returncode == 0, "umoci: %s" % done.stderr.decode())
            if done.returncode == 0:
                history = json.loads(done.stdout)["history"]
                expect(history[-1]["layer"]["digest"] == self.image["diff_id"],
                       "umoci: %s" % history)

    def removed(self):
        for image in json.loads(self.works("store", "ls", "--json", self.store)):
            self.works("store", "rm", "--force", self.store, image["digest"])
        self.works("store", "gc", self.store)
        left = [path for path in self.store.rglob("*") if not path.is_dir()]
        expect(not left, "left after gc: %s" % left[:5])


def main():
    cim = Path(sys.argv[1]).resolve()
    tags = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                          capture_output=True)
    needed = [tool for tool in ("docker-registry", "skopeo") if not shutil.which(tool)]
    if needed or b"does not support registries" in tags.stderr:
        print("not there: %s" % (", ".join(needed) or "support of registries"))
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as directory:
        work = Path(directory)
        registry = registries.Registry(work / "registry")
        try:
            committed = Committed(cim, work, registry)
            committed.is_recorded()
            committed.pushed("none")
            committed.pushed("gzip")
            committed.pushed_as_cim()
            committed.exported()
            committed.removed()
        finally:
            registry.stop()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
