# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Compares a boot store edited for booting from a CIM with what hivex, libregf and reglookup read.

    boot_store_tools.py BOOT_STORE

hivexregedit fills a store and makes the same edits in a copy, from bytes written down here; then
both stores must export alike, and every other tool must show the bytes. Exit status 77 without
hivexregedit; other missing tools are named and skipped.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from expectations import exit_status, expect

DISK = "{0D1C2B3A-4958-6776-8594-a3b2c1d0e0f1}"
PARTITION = "f1e0d0c1-b2a3-9485-7667-58493a2b1c0d"
IMAGE = "\\cim-layers\\42.cim"
BOOT_MANAGER = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
ENTRY = "{4636856e-540f-4170-a130-a84776f4c654}"
CIM_OPTIONS = "{763e9fea-502d-434f-aad9-5fabe9c91a7b}"
COMPOSITE_OPTIONS = "{e1787220-d17f-49e7-977a-d8fe4c8537e2}"

VMBUS = bytes.fromhex("00" * 16 + "07000000 00000000 48000000 00000000"
                      "c3c176c3 76d2d248 90a9c047 48072c60 df9b3cc6 a55f0842 b03f6b45 8b365592"
                      + "00" * 24)
PARTITION_DEVICE = bytes.fromhex("00" * 16 + "06000000 00000000 48000000 00000000"
                                 "c1d0e0f1 a3b28594 76675849 3a2b1c0d 00000000 00000000"
                                 "3a2b1c0d 58497667 8594a3b2 c1d0e0f1" + "00" * 16)
CIM_DEVICE = bytes.fromhex("ea9f3e76 2d504f43 aad95fab e9c91a7b 0b000000 01000000 30000000 00000000"
                           "02000000 00000000 00000000 00000000 4c4590b8 de80984e a7ab56b7 4b4fbd0c")
COMPOSITE = bytes.fromhex("207278e1 7fd1e749 977ad8fe 4c8537e2 0a000000 01000000 48000000 00000000"
                          "798f0374 c791b14a 9e867141 78656c52" + "00" * 40)


def text(value):
    return 1, (value + "\0").encode("utf-16-le")


def key_lines(key, values):
    lines = ["[P\\%s]" % key]
    for name, (kind, data) in values.items():
        lines.append('"%s"=hex(%d):%s' % (name, kind, ",".join("%02x" % b for b in data)))
    return lines + [""]


def object_lines(guid, kind, elements):
    lines = key_lines("Objects\\" + guid, {})
    if kind is not None:
        lines += key_lines("Objects\\%s\\Description" % guid,
                           {"Type": (4, kind.to_bytes(4, "little"))})
    lines += key_lines("Objects\\%s\\Elements" % guid, {})
    for name, value in elements.items():
        lines += key_lines("Objects\\%s\\Elements\\%s" % (guid, name), {"Element": value})
    return lines


def original():
    return (key_lines("Description", {"KeyName": text("BCD00000001")}) + key_lines("Objects", {})
            + object_lines(BOOT_MANAGER, 0x10100002, {
                "12000002": text("\\EFI\\Microsoft\\Boot\\bootmgfw.efi"), "23000003": text(ENTRY)})
            + object_lines(ENTRY, 0x10200003, {
                "11000001": (3, VMBUS), "12000002": text("\\Windows\\System32\\winload.efi"),
                "12000004": text("Windows Server"), "21000001": (3, VMBUS),
                "22000002": text("\\Windows"), "25000020": (3, bytes(8))}))


def edits():
    return (object_lines(ENTRY, None, {
        "16000053": (3, b"\1"), "11000001": (3, COMPOSITE), "21000001": (3, COMPOSITE),
        "12000002": text("\\UtilityVM\\Files\\Windows\\System32\\winload.efi"),
        "22000002": text("\\UtilityVM\\Files\\Windows")})
        + object_lines(CIM_OPTIONS, 0x30000000, {
            "12000004": text("CimFS Device Options"), "31000012": (3, VMBUS),
            "32000011": text(IMAGE)})
        + object_lines(COMPOSITE_OPTIONS, 0x30000000, {
            "12000004": text("Composite Device Options"), "3100000e": (3, PARTITION_DEVICE),
            "3100000f": (3, CIM_DEVICE)}))


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True)
    expect(done.returncode == 0, "%s fails: %s" % (command[0], done.stderr.decode("utf-8", "replace")))
    return done.stdout


def merge(store, lines):
    file = store.with_suffix(".reg")
    file.write_text("Windows Registry Editor Version 5.00\n\n" + "\n".join(lines), "utf-8")
    run("hivexregedit", "--merge", "--prefix", "P", "--encoding", "UTF-8", store, file)


def exported(store):
    """Returns the lines of each key, ignoring the order of keys and the case of their names."""
    keys = {}
    for part in run("hivexregedit", "--export", "--prefix", "P", store, "\\").decode().split("\n\n"):
        lines = part.strip().splitlines()
        if lines and lines[0].startswith("["):
            keys[lines[0]] = sorted(lines[1:])
    return keys


def verify_hivexget(store):
    for guid, element, data in ((CIM_OPTIONS, "31000012", VMBUS), (ENTRY, "11000001", COMPOSITE),
                                (COMPOSITE_OPTIONS, "3100000e", PARTITION_DEVICE),
                                (COMPOSITE_OPTIONS, "3100000f", CIM_DEVICE)):
        shown = run("hivexget", store, "\\Objects\\%s\\Elements\\%s" % (guid, element), "Element")
        expect(shown == data, "hivexget shows other bytes of %s" % element)


def verify_regfexport(store):
    shown = run("regfexport", store).decode("utf-8", "replace")
    found = [b"".join(bytes.fromhex(re.sub(r"^[0-9a-f]{8}: ", "", line)[:48].replace(" ", ""))
                      for line in block.splitlines())
             for block in re.findall(r"Data:\n((?:[0-9a-f]{8}: .*\n)+)", shown)]
    for data in (VMBUS, COMPOSITE, PARTITION_DEVICE, CIM_DEVICE):
        expect(data in found, "regfexport does not show %s" % data.hex())


def verify_reglookup(store):
    for guid, element, data in ((CIM_OPTIONS, "31000012", VMBUS), (ENTRY, "21000001", COMPOSITE),
                                (COMPOSITE_OPTIONS, "3100000f", CIM_DEVICE)):
        shown = run("reglookup", "-p", "/Objects/%s/Elements/%s/Element" % (guid, element), store)
        value = shown.decode("latin-1").splitlines()[1].split(",")[2]
        raw = re.sub(r"%([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), value).encode("latin-1")
        expect(raw == data, "reglookup shows other bytes of %s" % element)


ORACLES = {"hivexget": verify_hivexget, "regfexport": verify_regfexport, "reglookup": verify_reglookup}


def oracle(boot_store, work):
    ours, expected = work / "ours", work / "expected"
    run(boot_store, "empty", ours)
    merge(ours, original())
    shutil.copyfile(ours, expected)
    merge(expected, edits())
    report = run(boot_store, "edit", ours, DISK, PARTITION, IMAGE).decode().split("\n")
    expect("entry " + ENTRY in report and "vmbus equal" in report, "the report: %s" % report)
    expect([l for l in report if l.startswith("kept")] == ["kept 12000004", "kept 25000020"],
           "other elements kept: %s" % report)
    expect(exported(ours) == exported(expected), "the exported stores differ")
    for tool, look in ORACLES.items():
        if shutil.which(tool):
            look(ours)
        else:
            print("not there, skipped: %s" % tool)


def main():
    if not shutil.which("hivexregedit"):
        print("not there: hivexregedit")
        return 77
    with tempfile.TemporaryDirectory() as work:
        oracle(Path(sys.argv[1]), Path(work))
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
