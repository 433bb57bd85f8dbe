#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks a chain of layers: what each level shows, its hives and its sidecar files.

    python3 chain.py --build BUILD_DIR [DIR]

DIR contains manifest.json and the tars of base, child and grandchild, as in a corpus or made by
sample_chain.py; without it, a sample is made, and the corpus that CIMLIB_CORPUS names is checked
too. At the end the layers are destroyed, children first.
"""
import argparse
import base64
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sample_chain
from oracles.simple_cim import Cim

HERE = Path(__file__).parent
CONFIG = "Files/Windows/System32/config/"
HIVES = {"SYSTEM": "SYSTEM", "SOFTWARE": "SOFTWARE", "SAM": "SAM", "SECURITY": "SECURITY",
         "DEFAULT": "DEFAULTUSER"}
LONGEST_IN_TRUTH = 1024
FLAGS_IN_TRUTH = 0x380
EPOCH_DIFFERENCE = 11644473600
UTILITY_VM = {"UtilityVM/Files/EFI/Microsoft/Boot/BCD",
              "UtilityVM/Files/EFI/Microsoft/Boot/bootmgfw.efi",
              "UtilityVM/Files/Windows/System32/config/SYSTEM",
              "UtilityVM/Files/Windows/System32/config/SOFTWARE"}
DESTROY_SECONDS = 5.0  # a hundred times what an idle machine takes


def ticks(text: str) -> int:
    """Returns the FILETIME of a text such as "2020-09-13T12:26:40.1234567Z"."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    date, clock = whole.split("T")
    year, month, day = map(int, date.split("-"))
    hour, minute, second = map(int, clock.split(":"))
    # Days since 1970-01-01 in the proleptic Gregorian calendar.
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second + EPOCH_DIFFERENCE
    return seconds * 10_000_000 + int((fraction + "0000000")[:7])


def shown_value(value) -> list:
    data = bytes.fromhex(value["data"])
    text = base64.b64encode(data).decode()
    if len(data) > LONGEST_IN_TRUTH:
        text = "sha256:" + hashlib.sha256(data).hexdigest()
    return [value["name"], value["type"], len(data), text]


def shown_hive(cim: Path, hive: Path) -> dict:
    done = subprocess.run([cim, "hive", "dump", "--json", hive], check=True, capture_output=True)
    keys = {}
    for key in json.loads(done.stdout):
        shown = {"time": ticks(key["time"]),
                 "sd": hashlib.sha256(bytes.fromhex(key["security"]["hex"])).hexdigest(),
                 "values": sorted(map(shown_value, key["values"]))}
        if key.get("class"):
            shown["class"] = key["class"]
        keys[key["key"]] = shown
    return keys


def true_hive(path: Path) -> dict:
    keys = {}
    for line in path.read_text("utf-8").splitlines():
        key = json.loads(line)
        keys[key["key"]] = {name: key[name] for name in ("time", "sd", "class") if name in key}
        keys[key["key"]]["values"] = sorted(key["values"])
    return keys


class Chain:
    def __init__(self, build: Path, corpus: Path, work: Path):
        self.cim = build / "src" / "cli" / "cim"
        self.dump = build / "tests" / "acceptance" / "dump_image"
        self.corpus = corpus
        self.manifest = json.loads((corpus / "manifest.json").read_text("utf-8"))
        self.store = work / "store"
        self.failed = []
        self.done = []   # names of layers, the latest first

    def fail(self, text):
        self.failed.append(text)
        print("   FAILED: " + text, flush=True)

    def expect(self, condition, text):
        if not condition:
            self.fail(text)

    def run(self, what, *command, expected=0, quiet=False) -> float:
        begin = time.monotonic()
        done = subprocess.run(command, check=False, timeout=1800,
                              capture_output=quiet, text=True)
        seconds = time.monotonic() - begin
        print("-- %s: %.2f s" % (what, seconds), flush=True)
        if done.returncode != expected:
            self.fail("%s: exit status %d %s" % (what, done.returncode, done.stderr or ""))
        return seconds

    def image(self, name) -> Path:
        return self.store / "cim-layers" / (name + ".cim")

    def level(self, name, stage):
        """Imports one layer and checks it."""
        parents = [word for parent in self.done for word in ("--parent", self.store / parent)]
        self.run("import " + name, self.cim, "layer", "import",
                 self.corpus / name / "layer.tar", self.store / name, *parents)
        rules = [] if not self.done else ["--no-rules"]  # the rules are for images from scratch
        manifest = self.corpus / "manifest.json"
        for what, script, *words in (
                ("simple reader", "compare_manifest.py", self.image(name), manifest, *rules),
                ("library", "compare_dump.py", self.dump, self.image(name), manifest)):
            self.run("%s: %s" % (name, what), sys.executable, "-B", HERE / script, *words,
                     "--stage", stage)
        self.run(name + ": check", self.cim, "check", "--deep", self.image(name))
        self.sidecar_files(name)
        self.hives(name, stage)
        self.done.insert(0, name)

    def deltas(self, name) -> set:
        """Returns the names of the hives of which the layer has a delta."""
        return set(self.manifest.get("delta_hives", {}).get(name, {}))

    def sidecar_files(self, name):
        """Checks that the sidecar files are those of the reference, with the bytes in the image."""
        due = {"layout"} | {CONFIG + hive for hive in HIVES} if not self.done else set()
        for hive in HIVES if not self.done else self.deltas(name):
            due.add("Hives/%s_BASE" % HIVES[hive])
        due |= {"Hives/%s_DELTA" % HIVES[hive] for hive in self.deltas(name)}
        layer = self.store / name
        vm = UTILITY_VM & {e["path"] for e in self.manifest["stages"]["base"]["entries"]}
        if vm and not self.done:
            due |= vm
            build = str(self.manifest["options"]["build"])
            self.expect((layer / "uvmbuildversion").read_text() == build, "uvmbuildversion")
        found = {str(p.relative_to(layer)) for p in layer.rglob("*") if not p.is_dir()}
        found -= {"uvmbuildversion", ".cimlib-layer"}  # files that are not in the image
        self.expect(found == due, "%s: sidecar files: %s" % (name, sorted(found ^ due)))
        image = Cim(self.image(name))
        inside = {e.path.upper(): e for e in image.walk() if e.path and not e.record.is_directory}
        for path in sorted(found & due):
            digest = hashlib.sha256((layer / path).read_bytes()).hexdigest()
            entry = inside.get(path.upper())
            self.expect(entry is not None and image.sha256(entry.record.stream) == digest,
                        "%s: %s is not as in the image" % (name, path))
        if not self.done:
            self.expect((layer / "layout").read_bytes() == b"vhd-with-hives\n", "layout")
            for hive, loose in HIVES.items():
                self.expect(os.path.samefile(layer / (CONFIG + hive),
                                             layer / ("Hives/%s_BASE" % loose)) and
                            inside[(CONFIG + hive).upper()].file_id ==
                            inside["HIVES/%s_BASE" % loose].file_id,
                            "%s_BASE is not a hard link to %s" % (loose, hive))

    def hives(self, name, stage):
        """Checks the merged hives of a layer, including those that are its parents'."""
        truths = self.manifest.get("hives", {}).get(stage, {})
        for hive, loose in HIVES.items():
            if hive not in truths:
                continue
            path = self.store / "hive"
            with open(path, "wb") as file:
                subprocess.run([self.cim, "cat", self.image(name), "Hives/%s_BASE" % loose],
                               stdout=file, check=False)
            truth = true_hive(self.corpus / truths[hive]["file"])
            shown = shown_hive(self.cim, path)
            for key in truth.keys() | shown.keys():
                if truth.get(key) != shown.get(key):
                    self.fail("%s: %s: key %r: %s, not %s"
                              % (stage, hive, key, shown.get(key), truth.get(key)))
                    break
            path.unlink()
            print("   %s: %d keys" % (hive, len(truth)))

    def destroy(self):
        """Checks that parents cannot be destroyed before their children, and destroying is fast."""
        for parent in self.done[1:]:
            self.run("destroy %s: refused" % parent, self.cim, "layer", "destroy",
                     self.store / parent, expected=1, quiet=True)
        for name in self.done:
            seconds = self.run("destroy " + name, self.cim, "layer", "destroy", self.store / name)
            self.expect(seconds < DESTROY_SECONDS, "destroying takes long")
        left = [str(p) for p in self.store.rglob("*") if p.name != "cim-layers"]
        self.expect(not left, "left over: %s" % left)

    def oracle(self):
        self.store.mkdir()
        stage = ""
        for name in ("base", "child", "grandchild"):
            stage = stage + "+" + name if stage else name
            self.level(name, stage)
        self.destroy()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("--work", type=Path, help="where to write (the system's temporary files)")
    parser.add_argument("corpus", nargs="?", type=Path)
    args = parser.parse_args()
    failed = []
    with contextlib.ExitStack() as stack:
        corpora = [args.corpus] if args.corpus else []
        if not corpora:
            sample = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cimlib-")))
            sample_chain.make(sample)
            corpora = [sample]
            if "CIMLIB_CORPUS" in os.environ:
                corpora.append(Path(os.environ["CIMLIB_CORPUS"]))
        for corpus in corpora:
            work = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="cimlib-", dir=args.work))
            chain = Chain(args.build.resolve(), corpus, Path(work))
            chain.oracle()
            failed += chain.failed
    print("chain: %s" % ("%d failures" % len(failed) if failed else "all as it must be"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
