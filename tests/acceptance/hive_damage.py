# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks what `cim hive check` finds in damaged hives, and how other readers handle them.

    hive_damage.py CIM DAMAGED_HIVES [--others]

DAMAGED_HIVES writes a hive for each kind of damage that the tests know. cimlib must find each
damage, find nothing in the sound hives, and use no more memory than a small multiple of the file in
addition to that for an empty hive. With --others, hivex, reglookup and libregf are run too, if they
are installed: "silent" is a tool with the same exit status and output as for the sound hive.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = {"hivexml": ["hivexml"], "reglookup": ["reglookup", "-s"],
         "regfexport": ["regfexport"]}
MEMORY = 16 << 20  # more than for an empty hive; the damaged hives have less than 256 KiB


# A small process of its own, since the peak memory of a process includes its memory before exec.
MEASURE = """
import os, sys
result = os.dup(1)
with open(os.devnull, "w") as nowhere:
    os.dup2(nowhere.fileno(), 1)
    os.dup2(nowhere.fileno(), 2)
for hive in sys.argv[2:]:
    pid = os.posix_spawn(sys.argv[1], [sys.argv[1], "hive", "check", "--strict", hive], os.environ)
    _, status, usage = os.wait4(pid, 0)
    os.write(result, b"%d %d\\n" % (os.waitstatus_to_exitcode(status), usage.ru_maxrss))
"""


def check(cim, hives):
    """Returns for each hive the exit status of the strictest check and its peak memory in KiB."""
    done = subprocess.run([sys.executable, "-S", "-E", "-c", MEASURE, cim, *hives], check=True,
                          capture_output=True, timeout=300)
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


def seen(command, hive):
    try:
        done = subprocess.run([*command, hive], capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return "hangs"
    name = str(hive).encode()
    return done.returncode, done.stdout.replace(name, b""), done.stderr.replace(name, b"")


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["--others"]):
        sys.exit(__doc__)
    cim, maker, *others = sys.argv[1:]
    tools = {name: command for name, command in TOOLS.items()
             if others and shutil.which(command[0])}
    failures = []
    silent = dict.fromkeys(tools, 0)
    with tempfile.TemporaryDirectory(prefix="cimlib-") as name:
        directory = Path(name)
        listing = subprocess.run([maker, directory], capture_output=True, check=True, text=True)
        cases = [line.split() for line in listing.stdout.splitlines()]
        hives = [directory / (case + ".hive") for case, _ in cases]
        sound, delta, *checks = check(cim, [directory / "sound.hive",
                                            directory / "sound-delta.hive", *hives])
        if sound[0] or delta[0]:
            failures.append("exit status %d for the sound hive, %d for the delta" %
                            (sound[0], delta[0]))
        for (case, severity), (status, _) in zip(cases, checks):
            if status not in (1, 2):
                failures.append("%s (%s): exit status %d" % (case, severity, status))
        most = max(peak for _, peak in checks) - sound[1]
        for tool, command in tools.items():
            whole = seen(command, directory / "sound.hive")
            silent[tool] = sum(seen(command, hive) == whole for hive in hives)
    if most * 1024 > MEMORY:
        failures.append("%d KiB more memory than for a sound hive" % most)
    print("%d kinds of damage; at most %d KiB of memory more than for a sound hive" %
          (len(cases), max(most, 0)))
    print("cim hive check finds: %d" % (len(cases) - len(failures)))
    for tool, count in silent.items():
        print("%s is silent on: %d" % (tool, count))
    for failure in failures:
        print("FAILED: " + failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
