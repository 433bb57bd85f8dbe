# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares the output of `cim hive diff` with the differences of two hives by the corpus' truth.

    hive_differences.py CIM

CIMLIB_CORPUS names a corpus. The full hive of its base layer is compared with the hive of each layer
above it, which `cim hive merge` makes; what each of them contains is in the corpus. Exit status 77
without a corpus.
"""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from hive_tools import corpus_hives
from oracles.upcase import sort_key

LONGEST_IN_TRUTH = 1024
FLAGS = ("symlink", "flags", "control", "debug")


def ignoring_case(names: dict) -> dict:
    """Returns the items by the sort key of their names, each with its name."""
    return {sort_key(name): (name, item) for name, item in names.items()}


def truth_of(path: Path) -> dict:
    keys = {}
    for line in path.read_text("utf-8").splitlines():
        key = json.loads(line)
        keys[key["key"]] = key
    return ignoring_case(keys)


def last_name(path: str) -> str:
    return path.rpartition("\\")[2]


def different_values(before: list, after: list) -> dict:
    """Returns the kind and the fields of each value that differs, by its name."""
    old = ignoring_case({value[0]: value[1:] for value in before})
    new = ignoring_case({value[0]: value[1:] for value in after})
    found = {}
    for name in old.keys() | new.keys():
        if name not in new:
            found[old[name][0]] = ("removed", ())
        elif name not in old:
            found[new[name][0]] = ("added", ())
        else:
            (old_name, old_value), (new_name, new_value) = old[name], new[name]
            fields = {"name": old_name != new_name, "type": old_value[0] != new_value[0],
                      "data": old_value[1:] != new_value[1:]}
            if any(fields.values()):
                found[new_name] = ("changed", tuple(f for f in fields if fields[f]))
    return found


def expected(before: dict, after: dict) -> dict:
    """Returns kind, fields and values of each key that differs, by its path."""
    found = {}
    for name in before.keys() | after.keys():
        old_path, old = before.get(name, (None, {"values": []}))
        new_path, new = after.get(name, (None, {"values": []}))
        values = different_values(old["values"], new["values"])
        if new_path is None or old_path is None:
            kind = "removed" if new_path is None else "added"
            found[old_path if new_path is None else new_path] = (kind, (), values)
            continue
        fields = {"name": last_name(old_path) != last_name(new_path),
                  "class": old.get("class") != new.get("class"), "security": old["sd"] != new["sd"],
                  "time": old["time"] != new["time"],
                  "flags": any(old.get(flag) != new.get(flag) for flag in FLAGS),
                  "values": bool(values)}
        if any(fields.values()):
            found[new_path] = ("changed", tuple(f for f in fields if fields[f]), values)
    return found


def shown(output: bytes) -> dict:
    found = {}
    for key in json.loads(output):
        values = {}
        for value in key["values"]:
            values[value["name"]] = (value["change"], tuple(value.get("fields", ())))
        found[key["key"]] = (key["change"], tuple(key.get("fields", ())), values)
    return found


def data_of(value: list) -> str:
    """Returns data as the truth has it, from a value as the program shows it."""
    data = bytes.fromhex(value["data"])
    if len(data) > LONGEST_IN_TRUTH:
        return "sha256:" + hashlib.sha256(data).hexdigest()
    return base64.b64encode(data).decode()


def wrong_data(output: bytes, after: dict) -> list:
    """Returns the values whose new data is not that of the truth."""
    wrong = []
    for key in json.loads(output):
        for value in key["values"]:
            if "after" in value:
                true = {v[0]: v[1:] for v in after[sort_key(key["key"])][1]["values"]}
                new = value["after"]
                if [new["type"], len(new["data"]) // 2, data_of(new)] != true[value["name"]]:
                    wrong.append((key["key"], value["name"]))
    return wrong


def compare(cim: str, before: Path, after: Path, truths: tuple) -> tuple:
    """Returns the number of differences, and of those that are not the expected ones."""
    done = subprocess.run([cim, "hive", "diff", "--json", before, after], capture_output=True,
                          check=False)
    due, found = expected(*truths), shown(done.stdout)
    wrong = [path for path in due.keys() | found.keys() if due.get(path) != found.get(path)]
    for path in wrong[:5]:
        print("%s: %r\n due   %r\n found %r" % (after.name, path, due.get(path), found.get(path)))
    wrong += wrong_data(done.stdout, truths[1])
    if done.returncode != (1 if due else 0):
        print("%s: exit status %d" % (after.name, done.returncode))
        wrong.append(after.name)
    return len(due), len(wrong)


def main() -> int:
    if "CIMLIB_CORPUS" not in os.environ:
        print("CIMLIB_CORPUS does not name a corpus")
        return 77
    cim, corpus = sys.argv[1], Path(os.environ["CIMLIB_CORPUS"])
    hives = json.loads((corpus / "manifest.json").read_text())["hives"]
    count = failures = pairs = 0
    with tempfile.TemporaryDirectory() as work:
        files = {path.name: path for path in corpus_hives(cim, corpus, Path(work))}
        for stage in ("base+child", "base+child+grandchild"):
            for name, facts in hives.get(stage, {}).items():
                after = files.get("%s_%s" % (name, stage.rpartition("+")[2]))
                if after is None:
                    continue  # this layer has no delta for the hive
                truths = (truth_of(corpus / hives["base"][name]["file"]),
                          truth_of(corpus / facts["file"]))
                due, wrong = compare(cim, files[name + "_BASE"], after, truths)
                pairs, count, failures = pairs + 1, count + due, failures + wrong
    print("%d pairs of hives, %d keys that differ, %d of them wrong" % (pairs, count, failures))
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
