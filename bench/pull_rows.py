# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The row of bench/compare that needs a registry: artifacts are pulled and mounted.

docker-registry runs on this machine while the row is measured, and its disk is the one that is
pulled to. On loopback, the network is as fast as memory; links of limited speed, which only root
can make, show what a network adds.
"""
import atexit
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import measure
from measure import Job

sys.path.insert(0, str(measure.ROOT / "tests" / "acceptance"))
from registries import Registry  # noqa: E402

FORMS = ("none", "zstd")  # of the blobs in the registry
RATES = ("1gbit", "2.5gbit")  # of links


def answer(*command) -> dict:
    done = subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def document(host, what) -> dict:
    accepted = "Accept: application/vnd.oci.image.manifest.v1+json"
    accepted_list = "Accept: application/vnd.oci.image.index.v1+json"
    return answer("curl", "-sSf", "-H", accepted, "-H", accepted_list,
                  "http://%s/v2/%s" % (host, what))


class Link:
    """A network namespace behind a pair of interfaces, which sends at a limited rate."""
    SPACE, NEAR, FAR, ADDRESS = "cimlib-bench", "cimlib-near", "cimlib-far", "10.231.0.2"

    def __init__(self):
        for command in ("ip netns add " + self.SPACE,
                        "ip link add %s type veth peer name %s netns %s" % (self.NEAR, self.FAR,
                                                                           self.SPACE),
                        "ip addr add 10.231.0.1/30 dev " + self.NEAR,
                        "ip link set %s up" % self.NEAR,
                        "ip -n %s addr add %s/30 dev %s" % (self.SPACE, self.ADDRESS, self.FAR),
                        "ip -n %s link set %s up" % (self.SPACE, self.FAR)):
            subprocess.run(command.split(), check=True)
        atexit.register(self.stop)
        self.limit(RATES[0])

    def limit(self, rate):
        subprocess.run(("tc -n %s qdisc replace dev %s root tbf rate %s burst 512kb latency 20ms" %
                        (self.SPACE, self.FAR, rate)).split(), check=True)

    def stop(self):
        subprocess.run(["ip", "link", "del", self.NEAR], check=False)
        subprocess.run(["ip", "netns", "del", self.SPACE], check=False)


class Pushed:
    """The layers of an image in a registry, as artifacts whose blobs have one form."""

    def __init__(self, place, registry, store, imported, form):
        self.place = place
        layers = len(imported["layers"])
        self.name = "%s, %s" % ("base" if layers == 1 else "%d layers" % layers, form)
        self.repository = "team/%d/%s" % (layers, form)
        self.top = Path(imported["layers"][-1]["image"]).name
        pushed = answer(place.cim, "--json", "oci", "push", "--as=cim", "--compression=zstd",
                        "--cim-compression=" + form, store, imported["manifest"],
                        "%s/%s:1" % (registry.host, self.repository))
        manifests = self.repository + "/manifests/"
        tag = "sha256-" + pushed["manifest"].partition(":")[2]
        self.blobs = {}
        for artifact in document(registry.host, manifests + tag)["manifests"]:
            manifest = document(registry.host, manifests + artifact["digest"])
            self.blobs |= {blob["digest"]: blob["size"] for blob in manifest["layers"]}

    def downloads(self, host, network) -> Path:
        """Returns a configuration of curl that downloads all blobs."""
        file = self.place.work / ("downloads of %s, %s" % (self.name, network))
        file.write_text("".join(
            'url = "http://%s/v2/%s/blobs/%s"\noutput = "%s"\n' % (
                host, self.repository, digest, self.place.out / digest.partition(":")[2])
            for digest in self.blobs), "utf-8")
        return file

    def jobs(self, host, network, prepare_network=lambda: None):
        out = self.place.out
        mountpoint = self.place.work / "mountpoint"
        mountpoint.mkdir(exist_ok=True)

        def prepare():
            subprocess.run(["umount", "-q", mountpoint], check=False)
            self.place.empty()
            prepare_network()

        image = out / "store" / "cim-layers" / self.top
        what = "%s, %s" % (self.name, network)
        size = sum(self.blobs.values()) / 1e6
        return [Job("cim pull and mount, " + what,
                    [[self.place.cim, "--quiet", "oci", "pull", "--plain-http", "--prefer=cim",
                      "%s/%s:1" % (host, self.repository), out / "store"],
                     [self.place.cim, "--quiet", "mount", image, mountpoint]], prepare),
                Job("curl of %.0f MB, %s" % (size, what),
                    [["curl", "-sSfL", "-K", self.downloads(host, network)],
                     ["sync", "-f", out]], prepare)]


def start(*words, **settings) -> Registry:
    registry = Registry(*words, **settings)
    atexit.register(registry.stop)
    return registry


def link_jobs(place, registry, images):
    if os.geteuid() != 0 or not shutil.which("tc"):
        print("compare: no links without root and tc (package iproute2)", file=sys.stderr)
        return []
    link = Link()
    far = start(place.work / "far registry", data=registry.data,
                address=link.ADDRESS, launcher=("ip", "netns", "exec", link.SPACE))
    return [job for rate in RATES for image in images
            for job in image.jobs(far.host, rate, lambda rate=rate: link.limit(rate))]


def pull_jobs(place):
    store = place.work / "pushed"
    layout = place.tar.parent.parent / "oci"
    manifests = json.loads((layout / "index.json").read_text("utf-8"))["manifests"]
    registry = start(place.work / "registry")
    base, whole = (
        [Pushed(place, registry, store, imported, form) for form in FORMS] for imported in (
            answer(place.cim, "--json", "oci", "import", "%s@%s" % (layout, each["digest"]), store)
            for each in (manifests[0], manifests[-1])))
    place.empty()
    return [job for image in whole + base for job in image.jobs(registry.host, "loopback")
            ] + link_jobs(place, registry, base)


def pull_targets(jobs, place):
    jobs[0].prepare()  # unmounts
    return [("time of " + ours.name + " to that of curl", ours.seconds / theirs.seconds, 1.1)
            for ours, theirs in zip(jobs[::2], jobs[1::2])]
