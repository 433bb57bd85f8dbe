# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The output of each verb with --json is as docs/json describes it.

usage: json_test.py CIM [unittest option...]
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs/json"
CIM = ""
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
         "null": type(None), "number": (int, float)}
# Verbs that need a registry or a mount, which other tests have.
NOT_RUN = {"mount", "oci pull", "oci push", "oci tags"}
# Names that mean different things in different verbs, and documents of others within.
AMBIGUOUS = {"after", "annotations", "before", "configuration", "created", "directory", "entries",
             "faults", "files", "images", "layer", "layers", "manifest", "name", "names", "parent",
             "platform", "removed", "streams", "text", "type", "value", "values", "notes", "config",
             "keys", "packages", "version"}


def faults(value, schema: dict, place: str = "$") -> list[str]:
    """Checks the part of JSON Schema that docs/json uses."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = [isinstance(value, TYPES[kind]) and not (kind == "integer" and isinstance(value, bool))
            for kind in kinds]
    if kinds and not any(fits):
        return [f"{place}: {value!r} is not of the type {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is not one of {schema['enum']}"]
    found = []
    if isinstance(value, dict):
        found += object_faults(value, schema, place)
    if isinstance(value, list):
        for index, element in enumerate(value):
            found += faults(element, schema.get("items", {}), f"{place}[{index}]")
    return found


def object_faults(value: dict, schema: dict, place: str) -> list[str]:
    found = [f"{place}: there is no {name}" for name in schema.get("required", [])
             if name not in value]
    for name, member in value.items():
        part = schema.get("properties", {}).get(name)
        for pattern, described in schema.get("patternProperties", {}).items():
            if part is None and re.search(pattern, name):
                part = described
        if part is None:
            part = schema.get("additionalProperties", True)
        if part is False:
            found.append(f"{place}.{name} is not described")
        elif part is not True:
            found += faults(member, part, f"{place}.{name}")
    return found


def load(verb: str) -> dict:
    return json.loads((SCHEMAS / f"{verb.replace(' ', '-')}.json").read_text("utf-8"))


def properties(schema: dict):
    """All properties in a schema: name and description."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for part in schema.values():
            yield from properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from properties(part)


def help_of(*words: str) -> str:
    return subprocess.run([CIM, *words], check=True, capture_output=True, text=True).stdout


class SchemasTest(unittest.TestCase):
    def test_each_verb_with_json_has_one(self):
        verbs = help_of("help", "--verbs").split("\n")
        with_json = {verb for verb in verbs
                     if verb and "\n  --json " in help_of(*verb.split(), "--help")}
        described = {path.stem for path in SCHEMAS.glob("*.json")} - {"error"}
        self.assertEqual(described, {verb.replace(" ", "-") for verb in with_json})

    def test_each_field_is_described(self):
        for path in SCHEMAS.glob("*.json"):
            for name, property_schema in properties(json.loads(path.read_text("utf-8"))):
                self.assertTrue(property_schema.get("description"), (path.name, name))

    def test_a_field_means_the_same_in_each_verb(self):
        meanings = {}
        for path in SCHEMAS.glob("*.json"):
            for name, described in properties(json.loads(path.read_text("utf-8"))):
                if name not in AMBIGUOUS:
                    meanings.setdefault(name, {}).setdefault(
                        (str(described["type"]), described["description"]), []).append(path.name)
        self.assertEqual({name: uses for name, uses in meanings.items() if len(uses) > 1}, {})

    def test_the_validator_finds_faults(self):
        schema = load("layer usage")
        self.assertTrue(faults({}, schema))
        self.assertTrue(faults([], schema))
        good = {name: "x" if part["type"] == "string" else [] if part["type"] == "array" else 1
                for name, part in schema["properties"].items()}
        self.assertEqual(faults(good, schema), [])
        self.assertTrue(faults({**good, "size": True}, schema))
        self.assertTrue(faults({**good, "more": 1}, schema))


class OutputTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.work = pathlib.Path(directory.name)
        subprocess.run([sys.executable, "-B", ROOT / "tests/acceptance/sample_chain.py", cls.work],
                       check=True, stdout=subprocess.DEVNULL)
        cls.store = cls.work / "store"
        cls.seen = set()

    def check(self, verb: str, *arguments, statuses=(0,)):
        """Runs a verb, and returns its output after comparing it with the schema."""
        done = subprocess.run([CIM, *verb.split(), *map(str, arguments), "--json"],
                              capture_output=True, check=False)
        self.assertIn(done.returncode, statuses, (verb, arguments, done.stderr))
        output = json.loads(done.stdout)
        self.assertEqual(faults(output, load(verb))[:5], [], (verb, arguments))
        self.seen.add(verb)
        return output

    def image(self, name: str) -> pathlib.Path:
        return self.store / f"cim-layers/{name}.cim"

    def test_everything(self):
        self.make_layers()
        self.look_at_images()
        self.look_at_hives()
        self.move_images()
        self.check("layer destroy", self.store / "child")
        self.use_stores()
        self.check("mounts")
        verbs = {path.stem.replace("-", " ", 1) for path in SCHEMAS.glob("*.json")}
        self.assertEqual(verbs - self.seen - NOT_RUN, {"error"})

    def make_layers(self):
        self.check("layer import", self.work / "base/layer.tar", self.store / "base")
        self.check("layer import", self.work / "child/layer.tar", self.store / "child",
                   "--parent", self.store / "base")
        self.check("layer path", self.store / "base")
        self.check("layer usage", self.store / "child")
        self.check("layer export", self.store / "child", self.work / "child.tar.gz", "--digest",
                   "--parent", self.store / "base")
        self.check("layer export", self.store / "base", self.work / "base.tar")

    def look_at_images(self):
        for name in ("base", "child"):
            image = self.image(name)
            for entry in self.check("ls", "-R", image)[::25]:
                self.check("stat", image, entry["path"])
            for options in ([], ["--type", "stream"], ["--hash", "sha256"], ["--hash", "md5"]):
                self.check("find", image, *options)
            self.check("ls", image)
            self.check("info", image)
            self.check("files", image)
            self.check("check", image, "--deep", statuses=(0, 1))
            self.check("report", image, "-o", self.work / f"{name}.html")
        self.check("diff", self.image("base"), self.image("child"), statuses=(1,))
        self.check("gc", self.store / "cim-layers", "--dry-run")
        self.check("gc", self.store / "cim-layers")
        broken = self.work / "broken.cim"
        broken.write_bytes(self.image("base").read_bytes())
        self.check("check", broken, statuses=(1,))
        self.check("files", broken, statuses=(1,))

    def look_at_hives(self):
        seeds = ROOT / "fuzz/corpus/hive_reader"
        base, delta = seeds / "values-lh.hive", seeds / "delta.hive"
        for hive in (base, delta):
            self.check("hive ls", "-R", hive)
            self.check("hive dump", hive)
            self.check("hive check", hive, statuses=(0, 1))
        self.check("hive find", base, "*")
        self.check("hive get", base, "Alpha")
        self.check("hive merge", base, delta, self.work / "merged")
        self.check("hive diff", base, self.work / "merged", statuses=(0, 1))

    def move_images(self):
        tree = self.work / "tree"
        tree.mkdir()
        (tree / "file").write_bytes(b"bytes")
        (tree / "link").symlink_to("file")
        self.check("create", self.work / "created.cim", tree)
        self.check("extract", self.image("base"), self.work / "extracted", statuses=(0, 1))
        self.check("export", self.image("base"), self.work / "exported.tar")
        upper = self.work / "upper"
        (upper / "Files").mkdir(parents=True)
        (upper / "Files/new").write_bytes(b"bytes")
        self.check("layer commit", upper, self.store / "committed", "--parent", self.store / "base")
        other = self.work / "other"
        other.mkdir()
        self.check("cp", self.work / "created.cim", other)
        self.check("mv", other / "created.cim", other / "renamed.cim")
        self.check("files", other)

    def use_stores(self):
        store = self.work / "images"
        layout = make_layout(self.work)
        self.check("oci import", f"{layout}:latest", store)
        self.check("oci import", f"{layout}:latest", store)
        self.check("store ls", store)
        self.check("store inspect", store, "latest")
        self.check("store usage", store)
        self.check("store check", store, "--deep")
        upper = self.work / "upper"
        parent = self.check("store inspect", store, "latest")["layers"][-1]["directory"]
        self.check("layer commit", upper, store / "committed", "--parent", parent, "--name", "new")
        self.check("store inspect", store, "new")
        self.check("store rm", store, "new")
        self.check("oci export", store, "latest", f"oci:{self.work / 'out'}")
        self.check("store rm", store, "latest")
        self.check("store gc", store, "--dry-run")
        self.check("store gc", store)
        self.check("store check", store)

    def test_failures(self):
        for arguments, status in ((["info", "none.cim"], 1), (["check", __file__], 2), (["lss"], 2),
                                  (["ls"], 2), (["hive", "ls", __file__], 1)):
            done = subprocess.run([CIM, *arguments, "--json"], capture_output=True, check=False)
            self.assertEqual(done.returncode, status, arguments)
            self.assertEqual(done.stdout, b"")
            lines = done.stderr.splitlines()
            self.assertTrue(lines)
            for line in lines:
                self.assertEqual(faults(json.loads(line), load("error")), [], line)


def make_layout(work: pathlib.Path) -> pathlib.Path:
    """An OCI layout with the base layer, its documents by this function alone."""
    import hashlib
    layout = work / "layout"
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, media_type: str) -> dict:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    prefix = "application/vnd.oci.image"
    layer = blob((work / "base/layer.tar").read_bytes(), f"{prefix}.layer.v1.tar")
    config = blob(json.dumps({
        "architecture": "amd64", "os": "windows", "os.version": "10.0.20348.1",
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}).encode(),
        f"{prefix}.config.v1+json")
    manifest = blob(json.dumps({
        "schemaVersion": 2, "mediaType": f"{prefix}.manifest.v1+json", "config": config,
        "layers": [layer]}).encode(), f"{prefix}.manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return layout


if __name__ == "__main__":
    CIM = sys.argv.pop(1)
    unittest.main()
