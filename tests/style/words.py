#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks the tree for retired names and for phrases that must be read twice.

    tests/style/words.py [FILE...]

Without arguments, all files that git tracks are read. Phrases are looked for in the comments and
messages of sources and scripts, and in documents. tests/style/exceptions.txt lists the
places where such a phrase is right, one per line: FILE: PHRASE.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")
UNREAD = ("fuzz/corpus/", "tests/data/", "tests/style/", "LICENSE", "CHANGELOG.md")

# Names that were replaced, as regular expressions for whole identifiers.
RETIRED_NAMES = (
    "Patience", "DirectoryUse", "LockKind", "FurtherNames?", "HolderSearch", "mend_parents",
    "BaseDirectories", "WaitingFiles", "LooseFiles", "standard_files", "looks_", "may_be_known",
    "SyncBehind", "take_names", "FamilyMember", "PathTrail", "turn_to", "go_on", "HostPieces",
    "DirectoryPair", "PairWalk", r"\w+_never", r"inferred_\w+", r"\w+_inference", "HiveImage",
    "Losses", "why_not_erofs", "Appearance", "kSilent", "kAnswers", "kGone", "Audience",
    "Unmounting", "unverified_facts", "C face", r"aspect::\w+", "tests/judge")

# Phrases, each with its replacement.
PHRASES = (
    (r"^(?:What|Of|Those|Whether|That) (?!if\b|happens\b)", "start with the thing or a verb: Returns, Removes"),
    (r"\b(?<!there )(?:is|are|was|were) none\b", "is not a …"),
    (r"\bor nothing\b", "nullopt if …, or empty"),
    (r"\b(?:tells|told)\b(?! apart)", "reports, says, passes to"),
    (r"\b(?:goes|went) (?:with|away|if|once|too|when|unless|again|in the end)\b", "is removed, is destroyed"),
    (r"\bstays? (?:behind|open|there|as)\b", "is kept, remains"),
    (r"\b(?:lies?|lay) (?:in|at|beside|below|behind|there|where|loose|on|by)\b", "is stored in, is located at"),
    (r"\bbehind (?:it|them|the|each|its|another|that|this|those)\b", "after"),
    (r"\b(?:[Ww]hoever|[Ss]omebody|[Nn]obody|[Aa]nybody)\b", "name the actor: the caller, another process"),
    (r"\b(?<![Tt]here )(?:is|are|was|were) no (?!longer\b|more than\b|larger\b|less\b|later\b|need\b|way\b|such\b)", "is not a …"),
    (r"\bfor ever\b", "until …, or indefinitely"),
    (r"\bupon\b", "on, on top of"),
    (r"\bletter case apart\b", "ignoring case"),
    (r"\blaid over\b", "applied to, merged into"),
    (r"\bmend(?:s|ed|ing)?\b", "repair, fix"),
    (r"\bby way of\b", "through, by means of"),
)

LINE_COMMENT = {".h": "//", ".cpp": "//", ".c": "//", ".py": "#", ".cmake": "#", ".txt": "#", "": "#"}
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def tracked():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name]


def prose(path: Path, text: str):
    """Yields (line number, text): comments without their marks, messages, lines of documents."""
    mark = LINE_COMMENT.get(path.suffix)
    for number, line in enumerate(text.splitlines(), 1):
        if path.suffix == ".md" or mark is None:
            yield number, line.strip()
            continue
        code, found, comment = line.partition(mark)
        if found:
            yield number, comment.lstrip("/!< ").strip()
        for literal in STRING.findall(code):
            if " " in literal:
                yield number, literal


def findings(name: str, exceptions, only_names: bool):
    path = ROOT / name
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return
    for number, line in enumerate(text.splitlines(), 1):
        for retired in RETIRED_NAMES:
            found = re.search(rf"(?<![A-Za-z0-9_]){retired}(?![A-Za-z0-9_])", line)
            if found and (name, found[0]) not in exceptions:
                yield f"{name}:{number}: '{found[0]}' is a retired name"
    for number, line in () if only_names else prose(path, text):
        for phrase, instead in PHRASES:
            found = re.search(phrase, line)
            if found and (name, found[0].strip()) not in exceptions:
                yield f"{name}:{number}: '{found[0].strip()}' (write: {instead}): {line}"


def read_exceptions():
    entries = set()
    for line in EXCEPTIONS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, phrase = line.partition(": ")
            entries.add((name, phrase))
    return entries


def main(words) -> int:
    exceptions = read_exceptions()
    names = [word for word in words if word != "--names"]
    found = [finding for name in names or tracked() if not name.startswith(UNREAD)
             for finding in findings(name, exceptions, "--names" in words)]
    print("\n".join(found) if found else "names and phrases: nothing to change")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
