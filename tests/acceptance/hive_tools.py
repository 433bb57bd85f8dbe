# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares hives as cimlib shows them with the output of hivex, libregf and reglookup.

    hive_tools.py CIM HIVE_DIR OFFLINE_HIVES

Compares every .hive of the directory, those that the program OFFLINE_HIVES writes through the
functions of offreg.dll and, where CIMLIB_CORPUS names a corpus, the full hives of its base layer and
the results of `cim hive merge`. hivexregedit also reads the text of `cim hive dump` back. Missing tools are named and skipped; exit status 77
if all are missing.

Differences that are limits of the tools are ignored: hivex refuses hives with deleted values,
libregf prints data of less than four bytes wrongly and ends text at its first NUL, reglookup shows
names and classes that are not ASCII as bytes, shows no time before 1970, and truncates large data.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

REGF_TYPES = {0: "REG_NONE", 1: "REG_SZ", 2: "REG_EXPAND_SZ", 3: "REG_BINARY",
              4: "REG_DWORD_LITTLE_ENDIAN", 5: "REG_DWORD_BIG_ENDIAN", 6: "REG_LINK",
              7: "REG_MULTI_SZ", 11: "REG_QWORD_LITTLE_ENDIAN"}
TEXT_TYPES = ("REG_SZ", "REG_EXPAND_SZ", "REG_LINK", "REG_MULTI_SZ")
LOOKUP_TYPES = {0: "NONE", 1: "SZ", 2: "EXPAND_SZ", 3: "BINARY", 4: "DWORD", 6: "LINK",
                7: "MULTI_SZ", 11: "QWORD"}
CONFIG = "Files/Windows/System32/config/"
EMPTY_HIVE = Path(__file__).resolve().parents[2] / "fuzz/corpus/hive_reader/empty.hive"
HIVEX_LARGEST = 1_000_000 - 4  # bytes of a value: what hivex allocates at most, without the header
failures = 0


def fail(hive, text):
    global failures
    failures += 1
    if failures <= 20:
        print("%s: %s" % (hive.name, text))


def run(*command, env=None):
    return subprocess.run(command, capture_output=True, env=env)


def our_keys(cim, hive):
    done = run(cim, "hive", "dump", "--json", hive)
    if done.returncode:
        sys.exit("%s: %s" % (hive, done.stderr.decode(errors="replace")))
    return json.loads(done.stdout)


def compare(hive, tool, ours, theirs):
    for what, there in ((ours - theirs, "not by %s"), (theirs - ours, "only by %s")):
        for item in list(what)[:3]:
            fail(hive, "shown %s: %r" % (there % tool, item))
    return sum(ours.values())


def registry_text(raw):
    """Yields the lines of an exported text, each with the key that it belongs to."""
    lines, key = Counter(), None
    for line in raw.split(b"\n"):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = line.decode("latin-1")  # as the tool prints data without wide characters
        if text.startswith("["):
            key = text
        if text:
            lines[key, text] += 1
    return lines


def is_too_large(value):
    return value.count(b",") >= HIVEX_LARGEST


def without_large_values(text):
    """Splits a text into what hivexregedit can merge, and the values that are too large for it, each
    in one line of the form that it exports."""
    rest, large, lines = [], Counter(), []
    for line in text.splitlines(keepends=True):
        lines.append(line)
        if line.startswith(b";") or not line.rstrip().endswith(b"\\"):
            whole = b"".join(part.strip().rstrip(b"\\") for part in lines)
            if len(lines) > 1 and is_too_large(whole):
                large[whole.replace(b"=hex:", b"=hex(3):", 1)] += 1
            else:
                rest += lines
            lines = []
    return b"".join(rest + lines), large


def exported(hive):
    return run("hivexregedit", "--export", "--prefix", "P", hive, "\\")


def verify_hivexregedit(cim, hive, keys):
    """Merges the text of a hive into an empty one, which must then be exported as the hive is. Values
    that are too large for hivex are compared as text.

    As its manual says, hivexregedit reads text that was converted to UTF-8. Perl decodes that only
    if told so.
    """
    theirs = exported(hive)
    if theirs.returncode:
        fail(hive, "hivexregedit refuses it: %s" % theirs.stderr.decode(errors="replace")[-200:])
        return 0
    facts = 0
    lines = theirs.stdout.split(b"\n")
    theirs_large = Counter(filter(is_too_large, lines))
    theirs_rest = registry_text(b"\n".join(line for line in lines if not is_too_large(line)))
    for options in ([], ["--comments"], ["--utf16"]):
        text = run(cim, "hive", "dump", "--root", "P", *options, hive)
        with tempfile.TemporaryDirectory() as work:
            copy, file = Path(work) / "copy", Path(work) / "text.reg"
            shutil.copy(EMPTY_HIVE, copy)
            decoded = "--utf16" in options
            raw = text.stdout.decode("utf-16").encode() if decoded else text.stdout
            rest, large = without_large_values(raw)
            facts += compare(hive, "hivexregedit", large, theirs_large)
            file.write_bytes(rest)
            merged = run("hivexregedit", "--merge", "--prefix", "P", copy, file,
                         env={**os.environ, "PERL_UNICODE": "SD"} if decoded else None)
            if text.returncode or merged.returncode:
                fail(hive, "its text is not merged: %s" %
                     (text.stderr + merged.stderr).decode(errors="replace")[-200:])
                continue
            facts += compare(hive, "hivexregedit", registry_text(exported(copy).stdout),
                             theirs_rest)
    return facts


def verify_hivexml(cim, hive, keys):
    done = run("hivexml", hive)
    if done.returncode:
        fail(hive, "hivexml refuses it: %s" % done.stderr.decode(errors="replace")[-200:])
        return 0
    # Characters that XML does not allow are printed raw.
    text = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"?", done.stdout)
    theirs = Counter()

    def walk(node, path):
        time = node.findtext("mtime")
        theirs[len(path), time, len(node.findall("value"))] += 1
        for child in node.findall("node"):
            walk(child, path + [child.get("name")])

    sys.setrecursionlimit(5000)
    walk(ElementTree.fromstring(text).find("node"), [])
    ours = Counter()
    for key in keys:
        depth = key["key"].count("\\") + 1 if key["key"] else 0
        time = key["time"][:19] + "Z"
        ours[depth, None if time.startswith("1601-01-01T00:00:00") else time, len(key["values"])] += 1
    return compare(hive, "hivexml", ours, theirs)


def verify_regfexport(cim, hive, keys):
    done = run("regfexport", hive, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode:
        fail(hive, "regfexport refuses it: %s" % done.stderr.decode(errors="replace")[-200:])
        return 0
    theirs, name, kind = Counter(), None, None
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("Key: "):
            theirs["key"] += 1
        elif found := re.match(r"Value: \d+ (.*)", line):
            name = found[1]
        elif line.startswith("Type: "):
            kind = re.search(r"\((\w+)\)", line)
            kind = kind[1] if kind else None
        elif found := re.match(r"Data size: (\d+)", line):
            if kind in REGF_TYPES.values():
                theirs[kind, None if kind in TEXT_TYPES else int(found[1])] += 1
    ours = Counter(key=len(keys))
    for key in keys:
        for value in key["values"]:
            kind = REGF_TYPES.get(value.get("type", 0))
            if kind:
                size = len(value.get("data", "")) // 2
                ours[kind, None if kind in TEXT_TYPES else size] += 1
    return compare(hive, "regfexport", ours, theirs)


def plain_class(name):
    return name if name.isascii() and "%" not in name else "not ASCII"


def verify_reglookup(cim, hive, keys):
    done = run("reglookup", "-s", hive, env={**os.environ, "LC_ALL": "C.UTF-8"})
    theirs = Counter()
    for line in done.stdout.decode(errors="replace").splitlines()[1:]:
        path, kind = line.split(",")[:2]
        if kind == "KEY":
            theirs["KEY", line.split(",")[3], plain_class(line.rsplit(",", 1)[1])] += 1
        elif kind in LOOKUP_TYPES.values():
            theirs[kind] += 1
    ours = Counter()
    for key in keys:
        time = max(key["time"][:19].replace("T", " "), "1970-01-01 00:00:00")  # as the tool does
        ours["KEY", time, plain_class(key.get("class", ""))] += 1
        for value in key["values"]:
            kind = LOOKUP_TYPES.get(value.get("type", 0))
            if kind:
                ours[kind] += 1
    return compare(hive, "reglookup", ours, theirs)


ORACLES = {"hivexregedit": verify_hivexregedit, "hivexml": verify_hivexml,
          "regfexport": verify_regfexport, "reglookup": verify_reglookup}


def is_delta(hive):
    return hive.read_bytes()[144] & 2


def oracle(cim, hive, tools, counts):
    keys = our_keys(cim, hive)
    for tool in tools:
        if is_delta(hive) and tool.startswith("hivex"):
            continue
        counts[tool] += ORACLES[tool](cim, hive, keys)


def extract(corpus, layer, member, target):
    with target.open("wb") as out:
        return subprocess.run(["tar", "--warning=no-unknown-keyword", "-xOf",
                               corpus / layer / "layer.tar", member], stdout=out).returncode == 0


def corpus_hives(cim, corpus, work):
    manifest = json.loads((corpus / "manifest.json").read_text())
    for name in manifest["hives"]["base"]:
        member = {"NTUSER": "Files/Users/Default/NTUSER.DAT",
                  "BCD": CONFIG + "BCD-Template"}.get(name, CONFIG + name)
        base = work / (name + "_BASE")
        extract(corpus, "base", member, base)
        yield base
        for layer, deltas in manifest["delta_hives"].items():
            if name not in deltas:
                continue
            delta, out = work / (name + "_DELTA_" + layer), work / (name + "_" + layer)
            extract(corpus, layer, deltas[name]["path"], delta)
            yield delta
            done = run(cim, "hive", "merge", base, delta, out)
            if done.returncode:
                fail(delta, done.stderr.decode(errors="replace"))
                break
            if run(cim, "hive", "check", "--strict", out).returncode:
                fail(out, "the check finds something in it")
            yield out
            base = out


def main():
    cim, directory, offline_hives = map(Path, sys.argv[1:4])
    tools = [tool for tool in ORACLES if shutil.which(tool)]
    for tool in sorted(set(ORACLES) - set(tools)):
        print("not there, skipped: %s" % tool)
    if not tools:
        return 77
    counts = Counter()
    for hive in sorted(directory.glob("*.hive")):
        oracle(cim, hive, tools, counts)
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([offline_hives, work], check=True)
        for hive in sorted(Path(work).glob("*.hive")):
            oracle(cim, hive, tools, counts)
            if run(cim, "hive", "check", "--strict", hive).returncode:
                fail(hive, "the check finds something in it")
    if "CIMLIB_CORPUS" in os.environ:
        with tempfile.TemporaryDirectory() as work:
            for hive in corpus_hives(cim, Path(os.environ["CIMLIB_CORPUS"]), Path(work)):
                oracle(cim, hive, tools, counts)
    else:
        print("CIMLIB_CORPUS does not name a corpus; its hives are skipped")
    for tool in tools:
        print("%s: %d facts compared" % (tool, counts[tool]))
    print("%d differences" % failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
