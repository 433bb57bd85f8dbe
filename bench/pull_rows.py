# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The row of bench/compare that needs a registry: artifacts are pulled and mounted.

docker-registry runs on this machine while the row is measured, and its disk is the one that is
pulled to, so the network is as fast as memory.
"""
import atexit
import json
import subprocess
import sys
from pathlib import Path

import measure
from measure import Job

sys.path.insert(0, str(measure.ROOT / "tests" / "acceptance"))
from registries import Registry  # noqa: E402

FORMS = ("none", "zstd")  # of the blobs in the registry


def answer(*command) -> dict:
    done = subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def document(host, what) -> dict:
    accepted = "Accept: application/vnd.oci.image.manifest.v1+json"
    accepted_list = "Accept: application/vnd.oci.image.index.v1+json"
    return answer("curl", "-sSf", "-H", accepted, "-H", accepted_list,
                  "http://%s/v2/%s" % (host, what))


class Pushed:
    """The layers of the corpus in a registry, as artifacts whose blobs have one form."""

    def __init__(self, place, registry, store, imported, form):
        self.place, self.name = place, "team/" + form
        self.there = registry.host + "/" + self.name + ":1"
        self.top = Path(imported["layers"][-1]["image"]).name
        pushed = answer(place.cim, "--json", "oci", "push", "--as=cim", "--compression=zstd",
                        "--cim-compression=" + form, store, imported["manifest"], self.there)
        tag = "sha256-" + pushed["manifest"].partition(":")[2]
        blobs = {}
        for artifact in document(registry.host, self.name + "/manifests/" + tag)["manifests"]:
            manifest = document(registry.host, self.name + "/manifests/" + artifact["digest"])
            blobs |= {blob["digest"]: blob["size"] for blob in manifest["layers"]}
        self.size = sum(blobs.values())
        self.downloads = place.work / ("downloads of " + form)
        self.downloads.write_text("".join(
            'url = "http://%s/v2/%s/blobs/%s"\noutput = "%s"\n' % (
                registry.host, self.name, digest, place.out / digest.partition(":")[2])
            for digest in blobs), "utf-8")

    def jobs(self):
        out = self.place.out
        mountpoint = self.place.work / "mountpoint"
        mountpoint.mkdir(exist_ok=True)

        def prepare():
            subprocess.run(["umount", "-q", mountpoint], check=False)
            self.place.empty()

        image = out / "store" / "cim-layers" / self.top
        return [Job("cim pull and mount, " + self.name,
                    [[self.place.cim, "--quiet", "oci", "pull", "--prefer=cim", self.there,
                      out / "store"], [self.place.cim, "--quiet", "mount", image, mountpoint]],
                    prepare),
                Job("curl of the blobs, %s, %.0f MB" % (self.name, self.size / 1e6),
                    [["curl", "-sSfL", "-K", self.downloads], ["sync", "-f", out]], prepare)]


def pull_jobs(place):
    store = place.work / "pushed"
    layout = place.tar.parent.parent / "oci"
    index = json.loads((layout / "index.json").read_text("utf-8"))
    imported = answer(place.cim, "--json", "oci", "import",
                      "%s@%s" % (layout, index["manifests"][-1]["digest"]), store)
    registry = Registry(place.work / "registry")
    atexit.register(registry.stop)
    place.empty()
    return [job for form in FORMS
            for job in Pushed(place, registry, store, imported, form).jobs()]


def pull_targets(jobs, place):
    jobs[0].prepare()  # unmounts
    return [("time of " + ours.name + " to that of curl", ours.seconds / theirs.seconds, 1.1)
            for ours, theirs in zip(jobs[::2], jobs[1::2])]
