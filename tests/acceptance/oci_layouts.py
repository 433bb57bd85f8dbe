# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Imports images from layouts made by skopeo, compares the results, and damages the layouts.

    oci_layouts.py CIM

The layers are the sample, one on top of it and, if CIMLIB_CORPUS names a corpus, its layers. skopeo
recompresses them with gzip and zstd, and puts several images into one index. Exit status 77 without
skopeo.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from expectations import exit_status, expect
import sample_layer

HERE = Path(__file__).parent
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
VERSION = "10.0.20348.1"
TOGETHER = 4  # imports of one image


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, timeout=600)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Layout:
    """An image layout written from the specification, its layers plain tars."""

    def __init__(self, path: Path):
        self.path = path
        (path / "blobs/sha256").mkdir(parents=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.manifests = []

    def blob(self, data: bytes, media_type: str) -> dict:
        (self.path / "blobs/sha256" / digest(data)[7:]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def document(self, value, media_type: str) -> dict:
        return self.blob(json.dumps(value).encode(), media_type)

    def image(self, tars, version=VERSION) -> dict:
        layers = [tar.read_bytes() for tar in tars]
        config = {"os": "windows", "architecture": "amd64", "os.version": version,
                  "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in layers]}}
        return {**self.document({"schemaVersion": 2, "mediaType": MANIFEST,
                                 "config": self.document(config, CONFIG),
                                 "layers": [self.blob(data, LAYER) for data in layers]}, MANIFEST),
                "platform": {"os": "windows", "architecture": "amd64", "os.version": version}}

    def add(self, descriptor: dict, name: str):
        annotations = {"org.opencontainers.image.ref.name": name}
        self.manifests.append({**descriptor, "annotations": annotations})
        (self.path / "index.json").write_text(
            json.dumps({"schemaVersion": 2, "manifests": self.manifests}))


def blob_path(layout: Path, of: str) -> Path:
    return layout / "blobs/sha256" / of.partition(":")[2]


def layer_blobs(layout: Path) -> list:
    """Returns the paths of the layers of a layout's only image, the base first."""
    index = json.loads((layout / "index.json").read_text("utf-8"))
    manifest = json.loads(blob_path(layout, index["manifests"][0]["digest"]).read_text("utf-8"))
    return [blob_path(layout, layer["digest"]) for layer in manifest["layers"]]


def make_child(directory: Path) -> Path:
    """Makes a layer on top of the sample, and the manifest's stage that shows both."""
    tar = directory / "child" / "layer.tar"
    tar.parent.mkdir()
    layer = sample_layer.Layer(tar)
    layer.folder("Files")
    layer.file("Files/Added.txt", b"from the second layer")
    layer.folder("Files/Sizes")
    layer.file("Files/Sizes/0000001.txt", b"changed")
    layer.bare("Files/Sizes/.wh.0000008.txt", tarfile.REGTYPE)
    layer.bare("Files/.wh.Links", tarfile.REGTYPE)
    layer.tar.close()
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    shown = {e["path"]: e for e in manifest["stages"]["base"]["entries"]
             if e["path"] != "Files/Sizes/0000008.txt" and e["path"] != "Files/Links"
             and not e["path"].startswith("Files/Links/")}
    shown |= {p: e for p, e in layer.shown.items() if "/.wh." not in p}
    manifest["stages"]["base+child"] = {
        "entries": sorted(shown.values(), key=lambda e: e["path"].encode())}
    path.write_text(json.dumps(manifest), "utf-8")
    return tar


class Oracle:
    def __init__(self, cim, work: Path):
        self.cim, self.work = cim, work
        self.stores = 0

    def store(self) -> Path:
        self.stores += 1
        return self.work / ("store %d" % self.stores)

    def skopeo(self, source, target, *options):
        done = run("skopeo", "--insecure-policy", "copy", "--quiet", *options,
                   "oci:" + str(source), "oci:" + str(target))
        expect(done.returncode == 0, "skopeo: %s" % done.stderr.decode("utf-8", "replace"))

    def imported(self, what, image, store, *options):
        done = run(self.cim, "oci", "import", "--json", image, store, *options)
        expect(done.returncode == 0, "%s: %s" % (what, done.stderr.decode("utf-8", "replace")))
        return json.loads(done.stdout)["layers"] if done.returncode == 0 else []

    def compare(self, what, layers, manifest, stages):
        """Compares each layer; the rules not for forks, which keep records of removed files."""
        expect(len(layers) == len(stages), "%s: %d layers" % (what, len(layers)))
        for layer, stage in zip(layers, stages):
            rules = [] if stage == stages[0] else ["--no-rules"]
            done = run(sys.executable, "-B", HERE / "compare_manifest.py", layer["image"], manifest,
                       "--stage", stage, *rules)
            expect(done.returncode == 0, "%s, %s: %s" % (what, stage, done.stdout.decode()[-2000:]))
            deep = run(self.cim, "check", "--deep", layer["image"])
            expect(deep.returncode == 0, "%s, %s: %s" % (what, stage, deep.stdout.decode()[-2000:]))

    def packings(self, source, manifest, stages):
        """Imports an image plain and compressed in two ways: the layers are equal, and reused."""
        store = self.store()
        self.compare("plain", self.imported("plain", source, store), manifest, stages)
        for packing in ("gzip", "zstd"):
            target = self.work / (packing + " of " + Path(str(source).partition(":")[0]).name)
            self.skopeo(source, "%s:packed" % target, "--dest-compress", "--dest-compress-format",
                        packing)
            layers = self.imported(packing, "%s:packed" % target, self.store())
            self.compare(packing, layers, manifest, stages)
            again = self.imported(packing, target, store)
            expect(again and all(layer["reused"] for layer in again),
                   "%s: the layers are not known again" % packing)

    def tampering(self, layout: Path):
        """Damages each blob in turn. Nothing may be imported if a blob is missing or has another
        size, and else only the layers below the damaged one."""
        store = self.store()
        layers = layer_blobs(layout)
        for path in sorted((layout / "blobs/sha256").iterdir()):
            below = layers.index(path) if path in layers else 0
            good = path.read_bytes()
            middle = len(good) // 2
            for bad, landed in ((good[:-1], 0), (good + b"\0", 0), (None, 0),
                                (bytes([good[0] ^ 1]) + good[1:], below),
                                (good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:],
                                 below)):
                path.unlink(missing_ok=True)
                if bad is not None:
                    path.write_bytes(bad)
                done = run(self.cim, "oci", "import", layout, store)
                is_told = bad is None or len(bad) != len(good) or b"was modified" in done.stderr
                expect(done.returncode == 1 and done.stderr.count(b"\n") == 1 and is_told,
                       "damage of %s: %d, %s" % (path.name, done.returncode, done.stderr))
                self.landed(store, landed)
            path.write_bytes(good)
        expect(len(self.imported("healed", layout, store)) == 2, "healed: not two layers")

    def landed(self, store: Path, count: int):
        """Compares the number of layers that a failed import left, and removes them."""
        layers = [{"directory": path.parent} for path in store.glob("*/oci-layer.json")]
        expect(len(layers) == count, "damage: %d layers landed" % len(layers))
        expect(store.exists() == (count > 0), "damage: something landed")
        if layers:
            self.left_over(store, layers)
            shutil.rmtree(store)

    def together(self, source, manifest, stages):
        """Imports one image into one store several times at once: each import reports all layers,
        whichever import made them, and nothing else is left."""
        store = self.store()
        running = [subprocess.Popen([self.cim, "oci", "import", "--json", source, store],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                   for _ in range(TOGETHER)]
        ends = [process.communicate(timeout=600) for process in running]
        for process, (_, errors) in zip(running, ends):
            expect(process.returncode == 0,
                   "together: %s" % errors.decode("utf-8", "replace"))
        if any(process.returncode for process in running):
            return
        results = [json.loads(out)["layers"] for out, _ in ends]
        for layers in results:
            expect([e["image"] for e in layers] == [e["image"] for e in results[0]],
                   "together: other images")
        for i, stage in enumerate(stages):
            makers = sum(not layers[i]["reused"] for layers in results)
            expect(makers == 1, "together: %d made the layer of %s" % (makers, stage))
        self.compare("together", results[0], manifest, stages)
        self.left_over(store, results[0])

    def left_over(self, store, layers):
        done = run(self.cim, "gc", "--dry-run", store / "cim-layers")
        expect(done.returncode == 0 and not done.stdout, "garbage: %s" % done.stdout)
        found = {p for p in store.iterdir() if p.name not in ("cim-layers", "cim-images")}
        expect(found == {Path(layer["directory"]) for layer in layers}, "in the store: %s" % found)
        odd = [p for p in store.rglob("*") if p.name.endswith(".tmp")]
        expect(not odd, "left over: %s" % odd)

    def platforms(self, layout: Layout, tars):
        """Imports from an index of two versions of Windows, copied by skopeo."""
        index = layout.document({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            layout.image(tars[:1], "10.0.17763.1"), layout.image(tars)]}, INDEX)
        layout.add(index, "several")
        target = self.work / "several"
        self.skopeo("%s:several" % layout.path, "%s:several" % target, "--all")
        done = run(self.cim, "oci", "import", target, self.store())
        expect(done.returncode == 1 and b"several images match" in done.stderr,
               "two platforms and none chosen: %s" % done.stderr)
        for version, count in (("10.0.17763", 1), ("10.0.20348.1", 2)):
            layers = self.imported(version, "%s:several" % target, self.store(),
                                   "--platform", "windows/amd64:" + version)
            expect(len(layers) == count, "%s: %d layers" % (version, len(layers)))


def verify_sample(cim, work: Path):
    tars = [sample_layer.make(work), make_child(work)]
    layout = Layout(work / "layout")
    layout.add(layout.image(tars), "sample")
    oracle = Oracle(cim, work)
    oracle.packings("%s:sample" % layout.path, work / "manifest.json", ("base", "base+child"))
    for _ in range(3):
        oracle.together("%s:sample" % layout.path, work / "manifest.json", ("base", "base+child"))
    oracle.tampering(work / "zstd of layout")
    oracle.platforms(layout, tars)


def verify_corpus(cim, work: Path, corpus: Path):
    stages = ("base", "base+child", "base+child+grandchild")
    oracle = Oracle(cim, work)
    oracle.packings("%s:latest" % (corpus / "oci"), corpus / "manifest.json", stages)
    oracle.together("%s:latest" % (corpus / "oci"), corpus / "manifest.json", stages)


def main():
    if not shutil.which("skopeo"):
        print("not there: skopeo")
        return 77
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
