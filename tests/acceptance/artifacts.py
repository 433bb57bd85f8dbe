# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Moves images as artifacts of their layers: through layouts, and through Debian's docker-registry
and skopeo if these are there.

    artifacts.py CIM

A layer that was taken from an artifact must equal the one that was exported: its image, its other
files, and the tars made from it. Damaged and hostile artifacts must fail with one line and leave
nothing in the store. The images are the sample and a layer on top of it and, if CIMLIB_CORPUS names
a corpus, its own.
"""
import base64
import copy
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import registries
import sample_layer
from oci_layouts import digest, run

ARTIFACT = "application/vnd.cimlib.image.v1"
REGION = "application/vnd.cimlib.region.v1+zstd"
PREFIX = "org.cimlib."
KILLS = 15


def tree(directory: Path) -> dict:
    """Returns the files of a layer's directory by their digests, without the marker, which names
    the same files."""
    return {str(p.relative_to(directory)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in directory.rglob("*") if p.is_file()}


class Layout:
    """A layout that is changed: documents get new digests, and what names them follows."""

    def __init__(self, path: Path, name: str):
        self.path = path
        self.index = json.loads((path / "index.json").read_text())
        entries = self.index["manifests"]
        names = [e["annotations"]["org.opencontainers.image.ref.name"] for e in entries]
        self.image = entries[names.index(name)]
        self.listed = next(e for e, n in zip(entries, names) if n.startswith("sha256-"))
        self.referrers = self.read(self.listed)
        self.artifacts = [self.read(e) for e in self.referrers["manifests"]]

    def read(self, descriptor) -> dict:
        return json.loads(self.bytes_of(descriptor))

    def bytes_of(self, descriptor) -> bytes:
        return (self.path / "blobs/sha256" / descriptor["digest"][7:]).read_bytes()

    def put(self, data: bytes) -> dict:
        (self.path / "blobs/sha256" / digest(data)[7:]).write_bytes(data)
        return {"digest": digest(data), "size": len(data)}

    def replace(self, descriptor, data: bytes):
        descriptor.update(self.put(data))
        if "data" in descriptor:
            descriptor["data"] = base64.b64encode(data).decode()

    def write(self):
        """Writes the artifacts, the base first, since each names the one below."""
        for i, artifact in enumerate(self.artifacts):
            text = json.dumps(artifact).encode()
            old = self.referrers["manifests"][i]["digest"]
            self.referrers["manifests"][i].update(self.put(text))
            for above in self.artifacts[i + 1:]:
                if above["annotations"].get(PREFIX + "parent") == old:
                    above["annotations"][PREFIX + "parent"] = digest(text)
        self.listed.update(self.put(json.dumps(self.referrers).encode()))
        (self.path / "index.json").write_text(json.dumps(self.index))

    def blob(self, kind: str, layer=0) -> dict:
        return next(b for b in self.artifacts[layer]["layers"]
                    if "." + kind + ".v1" in b["mediaType"])


def note(descriptor, name, value=None):
    """Changes an annotation, or removes it."""
    descriptor["annotations"].pop(PREFIX + name, None)
    if value is not None:
        descriptor["annotations"][PREFIX + name] = value


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def seek_table(entries) -> bytes:
    body = b"".join(struct.pack("<II", *e) for e in entries)
    return (struct.pack("<II", 0x184D2A5E, len(body) + 9) + body +
            struct.pack("<IBI", len(entries), 0, 0x8F92EAB1))


def entries_of(layout: Layout, blob) -> list:
    table = base64.b64decode(blob["annotations"][PREFIX + "seek-table"])
    return [struct.unpack_from("<II", table, 8 + 8 * i) for i in range((len(table) - 17) // 8)]


def set_table(layout: Layout, blob, entries):
    """Replaces the seek table, in the blob and beside it."""
    old = int(blob["annotations"][PREFIX + "seek-table-offset"])
    table = seek_table(entries)
    layout.replace(blob, layout.bytes_of(blob)[:old] + table)
    note(blob, "seek-table", base64.b64encode(table).decode())
    note(blob, "seek-table-size", str(len(table)))


def swap_frames(layout: Layout, change):
    blob = layout.blob("frames")
    layout.replace(blob, change(layout.bytes_of(blob)))


def bomb(layout: Layout):
    """A frame that unpacks to sixteen times what the table says, with the right digests."""
    blob = layout.blob("region")
    zeros = subprocess.run(["zstd", "-q", "-c"], input=bytes(16 << 20), capture_output=True,
                           check=True).stdout
    entries = entries_of(layout, blob)
    first = entries[0][0]
    offset = int(blob["annotations"][PREFIX + "seek-table-offset"])
    layout.replace(blob, zeros + layout.bytes_of(blob)[first:offset])
    note(blob, "seek-table-offset", str(offset - first + len(zeros)))
    set_table(layout, blob, [(len(zeros), entries[0][1]), *entries[1:]])
    swap_frames(layout, lambda d: hashlib.sha256(zeros).digest() + d[32:])


def damaged_region(layout: Layout, position: int):
    """Changes the plain bytes of the metadata region, and all digests with them."""
    blob = layout.blob("region")
    offset = int(blob["annotations"][PREFIX + "seek-table-offset"])
    entries = entries_of(layout, blob)
    plain = subprocess.run(["zstd", "-q", "-d", "-c"], input=layout.bytes_of(blob)[:offset],
                           capture_output=True, check=True).stdout
    plain = plain[:position] + b"\xff" * 64 + plain[position + 64:]
    frames = [subprocess.run(["zstd", "-q", "-c"], input=plain[i:i + (1 << 20)],
                             capture_output=True, check=True).stdout
              for i in range(0, len(plain), 1 << 20)]
    layout.replace(blob, b"".join(frames) + layout.bytes_of(blob)[offset:])
    note(blob, "seek-table-offset", str(sum(map(len, frames))))
    note(blob, "plain-digest", digest(plain))
    set_table(layout, blob, [(len(f), e[1]) for f, e in zip(frames, entries)])
    swap_frames(layout, lambda d: b"".join(hashlib.sha256(f).digest() for f in frames) +
                d[32 * len(frames):])


def sidecars(layout: Layout, change, layer=0):
    blob = layout.blob("sidecars", layer)
    value = json.loads(layout.bytes_of(blob))
    change(value)
    layout.replace(blob, json.dumps(value).encode())


def other_filesystem(layout: Layout, layer: int, change):
    blob = layout.blob("filesystem", layer)
    layout.replace(blob, change(layout.bytes_of(blob)))


def rename(layout: Layout, kind: str, name: str):
    layout.blob(kind)["annotations"]["org.opencontainers.image.title"] = name


# Each changes a layout, and has a part of the message. Their digests are right unless the case is
# about them.
def hostile_cases():
    def annotation(kind, name, value, layer=0):
        return lambda l: note(l.blob(kind, layer), name, value)

    def document(name, value, layer=0):
        return lambda l: note(l.artifacts[layer], name, value)

    def blob(kind, name, value):
        return lambda l: l.blob(kind).__setitem__(name, value)

    def spoil(kind, at):
        def change(layout):
            descriptor = layout.blob(kind)
            path = layout.path / "blobs/sha256" / descriptor["digest"][7:]
            path.write_bytes(flipped(path.read_bytes(), at))
        return change

    def truncate(layout):
        descriptor = layout.blob("region")
        path = layout.path / "blobs/sha256" / descriptor["digest"][7:]
        path.write_bytes(path.read_bytes()[:-1])

    def remove(kind):
        def change(layout):
            layout.artifacts[0]["layers"].remove(layout.blob(kind))
        return change

    def missing(layout):
        (layout.path / "blobs/sha256" / layout.blob("region")["digest"][7:]).unlink()

    def two(kind):
        return lambda l: l.artifacts[0]["layers"].insert(
            l.artifacts[0]["layers"].index(l.blob(kind)), copy.deepcopy(l.blob(kind)))

    def swapped_regions(layout):
        layers = layout.artifacts[0]["layers"]
        layers[1], layers[2] = layers[2], layers[1]

    def parent_of_other(layout):
        other_filesystem(layout, 1, lambda d: layout.bytes_of(layout.blob("filesystem", 0)))

    guid = "region_00000000-0000-0000-0000-000000000001_0"
    return [
        ("wrong frame digest", lambda l: swap_frames(l, lambda d: flipped(d, 0)),
         "a frame does not have the digest"),
        ("frames too short", lambda l: swap_frames(l, lambda d: d[:-32]), "bytes of digests for"),
        ("frames cut", lambda l: swap_frames(l, lambda d: d[:-1]), "bytes of digests for"),
        ("frames too long", lambda l: swap_frames(l, lambda d: d + d[:32]), "bytes of digests for"),
        ("bomb", bomb, "unpacks to more than"),
        ("region outside", lambda l: rename(l, "region", "../x"), "name of a file of an image"),
        ("region with a path", lambda l: rename(l, "region", "/etc/" + guid),
         "name of a file of an image"),
        ("region of another set",
         lambda l: rename(l, "objectid", guid.replace("region", "objectid")),
         "another image or out of order"),
        ("region as the image", lambda l: rename(l, "region", "x.cim"),
         "name of a file of an image"),
        ("object ids as a region", lambda l: rename(l, "objectid", guid),
         "name of a file of an image"),
        ("regions out of order", swapped_regions, "out of order"),
        ("region twice", two("region"), "out of order"),
        ("filesystem twice", two("filesystem"), "not in its place"),
        ("no frames", remove("frames"), "lacks blobs"),
        ("no sidecars", remove("sidecars"), "lacks blobs"),
        ("unknown blob", blob("frames", "mediaType", "text/plain"), "unknown type"),
        ("larger plain size", annotation("region", "plain-size", str(1 << 40)), "bytes"),
        ("impossible plain size", annotation("region", "plain-size", str(1 << 63)), "no number"),
        ("negative plain size", annotation("region", "plain-size", "-1"), "no number"),
        ("no plain size", annotation("region", "plain-size", None), "no number"),
        ("wrong plain digest", annotation("region", "plain-digest", "sha256:" + "0" * 64),
         "another digest"),
        ("seek table elsewhere", annotation("region", "seek-table-offset", "0"),
         "not at the end"),
        ("damaged seek table", annotation("region", "seek-table", "AAAA"), "seek table"),
        ("seek table without base64", annotation("region", "seek-table", "%"), "base64"),
        ("other frame sizes", lambda l: set_table(
            l, l.blob("region"), [(a + 1, b) for a, b in entries_of(l, l.blob("region"))]),
         "seek table"),
        ("frames of no bytes", lambda l: set_table(
            l, l.blob("region"), [(a, 0) for a, b in entries_of(l, l.blob("region"))]),
         "seek table"),
        ("too many frames", lambda l: set_table(
            l, l.blob("region"), entries_of(l, l.blob("region")) + [(1, 1)]), "seek table"),
        ("other header", annotation("region", "header",
                                    base64.b64encode(bytes(40)).decode()), "other bytes"),
        ("damaged blob", spoil("region", 20), ""),
        ("cut blob", truncate, "bytes"),
        ("blob missing", missing, "does not have this blob"),
        ("other data", blob("filesystem", "data", base64.b64encode(b"x").decode()),
         "another digest or size"),
        ("other filesystem", lambda l: other_filesystem(l, 0, lambda d: flipped(d, 8)), ""),
        ("filesystem of noise", lambda l: other_filesystem(l, 0, lambda d: b"noise"), ""),
        ("damaged metadata", lambda l: damaged_region(l, 4096), ""),
        ("parents of another image", parent_of_other, "region set"),
        ("sidecar outside", lambda l: sidecars(
            l, lambda v: v["files"].__setitem__("../../x", "sha256:" + "0" * 64)), "not a sidecar file"),
        ("sidecar that is the record", lambda l: sidecars(
            l, lambda v: v["files"].__setitem__("oci-layer.json", "sha256:" + "0" * 64)),
         "not a sidecar file"),
        ("sidecar that the image lacks", lambda l: sidecars(
            l, lambda v: v["files"].__setitem__("UtilityVM/Files/EFI/Microsoft/Boot/BCD",
                                                "sha256:" + "0" * 64)), "does not have this file"),
        ("build that is text", lambda l: sidecars(
            l, lambda v: v.__setitem__("utilityVmBuild", "../x")), "build number"),
        ("sidecars of a future version", lambda l: sidecars(
            l, lambda v: v.__setitem__("version", 2)), "not supported"),
        ("no parent", document("parent", None, 1), "must name a parent"),
        ("parent of the base", document("parent", "sha256:" + "0" * 64), "must name a parent"),
        ("no index", document("index", None), "no number"),
        ("no chain id", document("chain-id", "x"), "no digest"),
    ]


# The artifacts are not used, and the tars are.
def fallback_cases():
    def document(name, value, layer=0):
        return lambda l: note(l.artifacts[layer], name, value)

    def circle(layout):
        """Each names the other; the digests cannot be right."""
        note(layout.artifacts[1], "parent", layout.referrers["manifests"][1]["digest"])
    return [
        ("none", lambda l: l.referrers["manifests"].clear() or l.artifacts.clear()),
        ("only the upper", lambda l: l.referrers["manifests"].pop(0) and l.artifacts.pop(0)),
        ("only the base", lambda l: l.referrers["manifests"].pop() and l.artifacts.pop()),
        ("chain id of another", document("chain-id", "sha256:" + "1" * 64, 1)),
        ("diff id of another", document("diff-id", "sha256:" + "1" * 64)),
        ("subject of another", lambda l: l.artifacts[1]["subject"].__setitem__(
            "digest", "sha256:" + "1" * 64)),
        ("place of another", document("index", "7", 1)),
        ("circle", circle),
        ("other type", lambda l: l.referrers["manifests"][0].__setitem__("artifactType", "x/y")),
    ]


class Artifacts:
    def __init__(self, cim, work: Path):
        self.cim, self.work = cim, work
        self.count = 0

    def path(self, what) -> Path:
        self.count += 1
        return self.work / ("%s %d" % (what, self.count))

    def works(self, what, *arguments):
        done = run(self.cim, *arguments)
        expect(done.returncode == 0, "%s: %s" % (what, done.stderr.decode("utf-8", "replace")))
        return done

    def answer(self, what, *arguments):
        done = self.works(what, "--json", *arguments)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def layers(self, what, store):
        images = self.answer(what, "store", "ls", store)
        expect(len(images) == 1, "%s: %d images" % (what, len(images)))
        return self.answer(what, "store", "inspect", store, images[0]["digest"])["layers"]

    def equal(self, what, ours: Path, theirs: Path):
        """Every layer of two stores is the same: files, images and exports."""
        for a, b in zip(self.layers(what, ours), self.layers(what, theirs), strict=True):
            expect(a["chain_id"] == b["chain_id"], what + ": another layer")
            a, b = Path(a["directory"]), Path(b["directory"])
            expect(tree(a) == tree(b), "%s: other files: %s" % (
                what, sorted(set(tree(a).items()) ^ set(tree(b).items()))[:4]))
            images = [d.parent / "cim-layers" / (d.name + ".cim") for d in (a, b)]
            found = run(self.cim, "diff", *images)
            expect(found.returncode == 0, "%s: differences: %s" % (what, found.stdout[-500:]))
            tars = []
            for layer in (a, b):
                tars.append(self.path("tar"))
                chain = [Path(p["directory"]) for p in self.layers(what, layer.parent)]
                below = chain[:chain.index(layer)][-1:]
                self.works(what, "layer", "export", layer, tars[-1],
                           *(w for p in below for w in ("--parent", p)))
            expect(tars[0].read_bytes() == tars[1].read_bytes(), what + ": another tar")
            for tar in tars:
                tar.unlink()
        self.works(what, "store", "check", "--deep", ours)

    def layouts(self, source: str, name: str) -> Path:
        """In and out through a layout and an archive; returns the layout."""
        store, layout = self.path("store"), self.path("layout")
        self.works("import", "oci", "import", "--name", name, source, store)
        exported = self.answer("export", "oci", "export", "--as=cim", store, name,
                               "oci:%s:%s" % (layout, name))
        expect(exported.get("configuration_kept"), "the configuration was changed")
        pulled = self.path("store")
        done = self.answer("import of artifacts", "oci", "import", "--prefer=cim",
                           "%s:%s" % (layout, name), pulled)
        expect(all(e.get("artifact_size") for e in done.get("layers", [{}])), "the tars were used")
        self.equal("layout", pulled, store)
        self.works("again", "oci", "import", "--prefer=cim", "%s:%s" % (layout, name), pulled)
        again = self.path("layout")
        exported = self.answer("export", "oci", "export", pulled, name, "oci:%s:%s" % (again, name))
        expect(exported.get("configuration_kept"), "the record of a tar was lost")
        archive = self.path("archive")
        self.works("archive", "oci", "export", "--as=cim", "--cim-compression", "none", store, name,
                   "oci-archive:%s:%s" % (archive, name))
        pulled = self.path("store")
        done = self.answer("import of an archive", "oci", "import", "--prefer=cim",
                           "oci-archive:%s:%s" % (archive, name), pulled)
        expect(all(e.get("artifact_size") for e in done.get("layers", [{}])), "the tars were used")
        self.equal("archive", pulled, store)
        self.works("rm", "store", "rm", pulled, name)
        self.works("gc", "store", "gc", pulled)
        left = [p for p in pulled.rglob("*") if p.is_file()]
        expect(not left, "the collection of garbage leaves %s" % left[:3])
        plain = self.path("store")
        done = self.answer("tars by default", "oci", "import", "%s:%s" % (layout, name), plain)
        expect(not any(e.get("artifact_size") for e in done.get("layers", [])),
               "artifacts were used without being asked for")
        done = run(self.cim, "oci", "export", "--as=cim", store, name,
                   "docker-archive:%s" % self.path("archive"))
        expect(done.returncode == 1 and done.stderr.count(b"\n") == 1, "docker-archive --as=cim")
        return layout

    def changed(self, layout: Path, name: str, change) -> Path:
        copied = self.path("changed")
        shutil.copytree(layout, copied)
        edited = Layout(copied, name)
        change(edited)
        edited.write()
        return copied

    def hostile(self, layout: Path, name: str):
        for what, change, text in hostile_cases():
            changed, store = self.changed(layout, name, change), self.path("hostile")
            done = run(self.cim, "oci", "import", "--prefer=cim", "%s:%s" % (changed, name), store)
            error = done.stderr.decode("utf-8", "replace")
            expect(done.returncode == 1 and error.count("\n") == 1 and text in error,
                   "%s: %d, %s" % (what, done.returncode, error[-500:]))
            if store.exists():  # layers below the one at fault are complete
                self.works(what, "store", "check", "--deep", store)
                self.works(what, "store", "gc", store)
            left = [p for p in store.rglob("*") if p.is_file()] if store.exists() else []
            expect(not left, "%s: leaves %s" % (what, left[:4]))
            shutil.rmtree(changed)
        outside = [p for p in self.work.parent.iterdir() if p.name == "x"]
        expect(not outside, "a file outside of the store")
        for what, change in fallback_cases():
            changed, store = self.changed(layout, name, change), self.path("fallback")
            done = run(self.cim, "oci", "import", "--prefer=cim", "--json",
                       "%s:%s" % (changed, name), store)
            error = done.stderr.decode("utf-8", "replace")
            expect(done.returncode == 0 and "the tars of the layers are used" in error,
                   "%s: %d, %s" % (what, done.returncode, error[-500:]))
            shutil.rmtree(changed)
            shutil.rmtree(store, ignore_errors=True)

    def mixed(self, layout: Path, name: str):
        """A store whose base was made from the tar: the artifacts above it cannot be used."""
        store = self.path("store")
        self.works("tars", "oci", "import", "%s:%s" % (layout, name), store)
        top = self.layers("tars", store)[-1]["directory"]
        self.works("destroy", "layer", "destroy", top)
        done = run(self.cim, "oci", "import", "--prefer=cim", "%s:%s" % (layout, name), store)
        expect(done.returncode == 0 and b"was made from its tar" in done.stderr,
               "a base from a tar: %s" % done.stderr)
        self.works("mixed", "store", "check", "--deep", store)

    def killed(self, layout: Path, name: str):
        """An import that was killed anywhere is completed by the next one."""
        words = [str(self.cim), "oci", "import", "--prefer=cim", "%s:%s" % (layout, name)]
        begun = time.monotonic()
        subprocess.run([*words, str(self.path("store"))], capture_output=True, check=True)
        whole = time.monotonic() - begun
        chance = random.Random(1)
        for _ in range(KILLS):
            store = self.path("killed")
            process = subprocess.Popen([*words, str(store)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(chance.random() * whole)
            process.send_signal(signal.SIGKILL)
            process.wait()
            done = self.answer("after a kill", *words[1:], store)
            expect(done.get("layers"), "nothing was imported")
            self.works("after a kill", "store", "check", "--deep", store)
            self.works("after a kill", "store", "rm", store, name)
            self.works("after a kill", "store", "gc", store)
            left = [p for p in store.rglob("*") if p.is_file()]
            expect(not left, "a killed import left %s" % left[:3])
            shutil.rmtree(store)

    def registry(self, layout: Path, name: str):
        registry = registries.Registry(self.work / "registry")
        try:
            self.exchange(registry.host, layout, name)
        finally:
            registry.stop()

    def exchange(self, host: str, layout: Path, name: str):
        store, there = self.path("store"), "%s/team/app:1" % host
        self.works("import", "oci", "import", "--name", name, "%s:%s" % (layout, name), store)
        done = self.answer("push", "oci", "push", "--as=cim", store, name, there)
        count = len(self.layers("push", store))
        expect(done.get("artifacts") == count, "pushed %s" % done)
        pulled = self.path("store")
        got = self.answer("pull", "oci", "pull", "--prefer=cim", there, pulled)
        expect(all(e.get("artifact_size") for e in got.get("layers", [{}])), "the tars were used")
        self.equal("registry", pulled, store)
        # The store that pulled knows the image by the digest that it has in the registry.
        more = self.answer("push again", "oci", "push", "--as=cim", pulled, there, there)
        expect(more.get("blobs_sent") == 0, "sent again: %s" % more)
        tars = self.path("store")
        got = self.answer("pull of tars", "oci", "pull", there, tars)
        more = self.answer("push of artifacts", "oci", "push", "--as=cim", tars, there, there)
        expect(more.get("artifacts") == count, "pushed %s" % more)
        again = self.path("store")
        got = self.answer("pull", "oci", "pull", "--prefer=cim", there, again)
        expect(all(e.get("artifact_size") for e in got.get("layers", [{}])), "the tars were used")
        self.equal("pushed without tars", again, tars)
        if shutil.which("skopeo"):
            self.carry(host, there, again)

    def carry(self, host: str, there: str, store: Path):
        """skopeo copies image and artifacts to a layout and to another repository."""
        image = self.answer("ls", "store", "ls", store)[0]["digest"]
        tag, layout = image.replace(":", "-"), self.path("carried")
        source, target = "docker://%s" % there, "docker://%s/team/copy" % host
        plain = ("--src-tls-verify=false", "--dest-tls-verify=false")
        listed = "docker://%s:%s" % (there.rpartition(":")[0], tag)
        for words in ((source, "oci:%s:app" % layout),
                      ("--all", listed, "oci:%s:%s" % (layout, tag)),
                      ("oci:%s:app" % layout, target + ":1"),
                      ("--all", "oci:%s:%s" % (layout, tag), target + ":" + tag)):
            # skopeo 1.9 cannot preserve the digest of an index by request, but does so.
            kept = () if words[0] == "--all" else ("--preserve-digests",)
            done = run("skopeo", "--insecure-policy", "copy", "--quiet", *plain, *kept, *words)
            expect(done.returncode == 0, "skopeo copy %s: %s" % (words, done.stderr))
        for what, verb, name in (("carried layout", "import", "%s:app" % layout),
                                 ("carried image", "pull", "%s/team/copy:1" % host)):
            pulled = self.path("store")
            got = self.answer(what, "oci", verb, "--prefer=cim", name, pulled)
            expect(all(e.get("artifact_size") for e in got.get("layers", [{}])),
                   what + ": the tars were used")
            self.equal(what, pulled, store)


def main():
    cim = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        work = Path(work)
        tars = [sample_layer.make(work), oci_layouts.make_child(work)]
        source = oci_layouts.Layout(work / "source")
        source.add(source.image(tars), "sample")
        artifacts = Artifacts(cim, work / "work")
        artifacts.work.mkdir()
        layout = artifacts.layouts("%s:sample" % source.path, "sample")
        artifacts.hostile(layout, "sample")
        artifacts.mixed(layout, "sample")
        artifacts.killed(layout, "sample")
        tags = run(cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0")
        if shutil.which("docker-registry") and b"does not support" not in tags.stderr:
            artifacts.registry(layout, "sample")
        else:
            print("no registry; its part is skipped")
        if "CIMLIB_CORPUS" in os.environ:
            corpus = Artifacts(cim, work / "corpus")
            corpus.work.mkdir()
            corpus.layouts("%s:latest" % (Path(os.environ["CIMLIB_CORPUS"]) / "oci"), "latest")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
