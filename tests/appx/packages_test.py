# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Images of application packages, through the program.

usage: packages_test.py CIM [unittest arguments]

Packages are made with Python's zipfile and openssl(1); what unzip(1) and bsdtar(1) find in them
must be in the image.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse

from package_case import CIM, PackageCase, pattern, run, run_json, tree
from package_maker import (BLOCK, STORED, Package, bundled, full_name, publisher_id, write_bundle)

TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"


class Packages(PackageCase):
    # Files

    def files(self):
        long_path = "/".join(["directory" * 5] * 8 + ["x" * 40])
        self.assertGreater(len(long_path), 400)
        return {"tool.exe": b"MZ" + pattern(3 * BLOCK), "empty.txt": b"",
                "block.bin": pattern(BLOCK), "over.bin": pattern(BLOCK + 1),
                "under.bin": pattern(BLOCK - 1), "zeros.bin": bytes(5 * BLOCK),
                "stored.bin": pattern(200000), "Assets/with blank [1] #.png": b"png",
                "Assets/ünïcode/日本語😀.txt": b"text", "100%.txt": b"percent", long_path: b"deep"}

    def test_files_are_those_that_other_programs_unpack(self):
        package = Package(self.files())
        package.compression["stored.bin"] = STORED
        package.write(self.package)
        run("create", self.image, self.package)
        expected = tree_of(package)
        directory = f"apps/{full_name()}"
        self.assertEqual(self.extracted(below=directory), expected)
        self.assertEqual(self.unpacked("unzip", "-q", self.package), expected)
        self.assertEqual(self.unpacked("bsdtar", "-xf", self.package), expected)
        self.assertEqual(run("check", "--deep", "--packages", self.image).returncode, 0)
        digests = {entry["path"]: entry["sha256"] for entry in run_json(
            "find", self.image, "--type", "f", "--hash", "sha256")}
        for name, data in expected.items():
            self.assertEqual(digests[f"{directory}/{name}"], hashlib.sha256(data).hexdigest())

    @unittest.skipUnless(os.access("/dev/fuse", os.R_OK | os.W_OK), "there is no /dev/fuse")
    def test_a_mount_has_the_same_files(self):
        package = Package(self.files())
        package.write(self.package)
        run("create", self.image, self.package)
        mount = self.directory / "mount"
        mount.mkdir()
        if run("mount", "--backend", "fuse", self.image, mount, status=None).returncode != 0:
            self.skipTest("this system does not mount")
        try:
            self.assertEqual(tree(mount / "apps" / full_name()), tree_of(package))
        finally:
            run("umount", mount)

    def test_every_digest_method(self):
        for method in ("sha384", "sha512"):
            with self.subTest(method):
                package = Package({"a.bin": pattern(BLOCK * 2 + 9)}, method=method)
                package.write(self.package)
                image = self.images / f"{method}.cim"
                run("create", image, self.package)
                run("check", "--packages", image)

    def test_zip64(self):
        package = Package({"a.bin": pattern(100000)})
        package.force_zip64 = True
        package.write(self.package)
        run("create", self.image, self.package)
        self.assertEqual(self.extracted(below=f"apps/{full_name()}"), tree_of(package))

    def test_more_entries_than_a_zip_without_zip64_has(self):
        package = Package({f"d{i % 100}/f{i}": b"" for i in range(66000)})
        package.write(self.package)
        run("create", self.image, self.package)
        self.assertEqual(run_json("info", self.image)["files"], 66000 + 3)

    # Where and how

    def test_several_packages_below_another_root(self):
        second = self.directory / "second"
        Package().write(self.package)
        Package({"b": b"b"}, name="Contoso.Other").write(second)
        summary = run_json("create", "--root", "my/apps", self.image, self.package, second)
        self.assertEqual([p["full_name"] for p in summary["packages"]],
                         [full_name(), full_name("Contoso.Other")])
        self.assertIn(f"my/apps/{full_name('Contoso.Other')}/b", self.extracted())

    def test_descriptors(self):
        Package({"Assets/a.png": b"a"}).write(self.package)
        run("create", self.image, self.package)
        top = f"apps/{full_name()}"
        shown = run_json("create", "--acl", "show", self.image.with_name("x.cim"), self.package)
        self.assertFalse(self.image.with_name("x.cim").exists())
        for path, kind in (("apps", "package"), (top, "package"), (f"{top}/Assets", "directory"),
                           (f"{top}/Assets/a.png", "file")):
            with self.subTest(path):
                self.assertEqual(self.sddl(path).upper(), shown[kind].upper())
        for sid in (TRUSTED_INSTALLER, "SY", "BU", "AC", "S-1-15-2-2"):
            self.assertIn(f";;;{sid})", shown["package"])
        self.assertIn("(A;ID;FA;;;SY)", shown["file"])
        self.assertIn("(A;OICIID;FA;;;SY)", shown["directory"])

    def test_descriptors_of_ones_own_and_none(self):
        Package({"Assets/a.png": b"a"}).write(self.package)
        sddl = "O:BAG:SYD:P(A;CI;FA;;;BA)(A;OIIO;FR;;;BU)(A;OICINP;FW;;;AU)(A;;FX;;;WD)"
        run("create", "--acl", sddl, self.image, self.package)
        top = f"apps/{full_name()}"
        self.assertEqual(self.sddl(top), sddl)
        self.assertEqual(self.sddl(f"{top}/Assets"),
                         "O:BAG:SYD:AI(A;CIID;FA;;;BA)(A;OIIOID;FR;;;BU)(A;ID;FW;;;AU)")
        self.assertEqual(self.sddl(f"{top}/AppxManifest.xml"),
                         "O:BAG:SYD:AI(A;ID;FR;;;BU)(A;ID;FW;;;AU)")
        none = self.images / "none.cim"
        run("create", "--acl", "none", none, self.package)
        self.assertEqual(self.sddl(top, none), "D:NO_ACCESS_CONTROL")
        self.assertEqual(run("create", "--acl", "rubbish", self.images / "c.cim", self.package,
                             status=2).stderr.count(b"\n"), 1)

    def test_times_are_those_of_the_archive(self):
        Package().write(self.package)
        run("create", self.image, self.package)
        found = run_json("stat", self.image, f"apps/{full_name()}/tool.exe")
        self.assertTrue(found["written"].startswith("2024-05-06T07:08:10"), found)

    def test_a_dry_run_creates_nothing(self):
        Package().write(self.package)
        text = run("create", "--dry-run", self.image, self.package).stdout.decode()
        self.assertIn(f"package {full_name()}\n", text)
        self.assertIn(f"\\apps\\{full_name()}", text)
        plan = run_json("create", "--dry-run", self.image, self.package)["packages"][0]
        self.assertEqual((plan["files"], plan["directories"]), (4, 1))
        self.assertEqual(list(self.images.iterdir()), [])

    def test_reproducible(self):
        Package(self.files()).write(self.package)
        run("create", "--reproducible", self.image, self.package)
        other = self.directory / "other"
        other.mkdir()
        environment = dict(os.environ, TZ="Asia/Tokyo")
        subprocess.run([CIM, "create", "--reproducible", other / "a.cim", self.package],
                       check=True, env=environment, capture_output=True)
        self.assertEqual(tree(self.images), tree(other))

    def test_an_interruption_leaves_nothing(self):
        Package({f"{i}.bin": random.Random(i).randbytes(4 << 20) for i in range(12)}).write(
            self.package)
        process = subprocess.Popen([CIM, "create", self.image, self.package],
                                   stderr=subprocess.PIPE)
        end = time.monotonic() + 60
        while not list(self.images.glob("region_*")) and time.monotonic() < end:
            if process.poll() is not None:
                break
        process.send_signal(signal.SIGINT)
        process.communicate()
        if process.returncode != 0:  # else it was done before
            self.assertEqual(process.returncode, -signal.SIGINT)
            self.assertEqual(list(self.images.iterdir()), [])

    # Bundles

    def write_sample_bundle(self):
        return write_bundle(self.package, [
            bundled("x64"), bundled("arm64"),
            bundled("neutral", [("Language", "de-DE"), ("Language", "de-AT")], "split.de"),
            bundled("neutral", [("Language", "fr-FR")], "split.fr"),
            bundled("neutral", [("Scale", "200")], "split.scale-200"),
            bundled("neutral", [("Scale", "400")], "split.scale-400")])

    def names_of(self, *options):
        packages = run_json("create", "--dry-run", *options, self.image, self.package)["packages"]
        return {(p["architecture"], p["resource_id"]) for p in packages}

    def test_the_packages_of_a_bundle(self):
        self.write_sample_bundle()
        run("create", self.image, self.package)
        expected = {full_name(architecture=a) for a in ("x64", "arm64")} | {
            full_name(architecture="neutral", resource_id=r)
            for r in ("split.de", "split.fr", "split.scale-200", "split.scale-400")}
        self.assertEqual({name.split("/")[1] for name in self.extracted()}, expected)
        run("check", "--packages", "--deep", self.image)

    def test_a_choice_from_a_bundle(self):
        self.write_sample_bundle()
        scales = {("neutral", "split.scale-200"), ("neutral", "split.scale-400")}
        languages = {("neutral", "split.de"), ("neutral", "split.fr")}
        self.assertEqual(self.names_of("--arch", "X64"), {("x64", "")} | scales | languages)
        self.assertEqual(self.names_of("--arch", "x64", "--language", "de", "--scale", "400"),
                         {("x64", ""), ("neutral", "split.de"), ("neutral", "split.scale-400")})
        self.assertEqual(self.names_of("--arch", "arm64", "--language", "fr-fr", "--language",
                                       "de-at", "--scale", "100"), {("arm64", "")} | languages)
        error = run("create", "--arch", "x86", self.image, self.package, status=1).stderr.decode()
        self.assertIn("it has x64, arm64", error)

    # Others

    def test_wrong_usage(self):
        Package().write(self.package)
        for arguments in (["create", self.image], ["create", self.image, self.package, self.images],
                          ["create", "--root", "x", self.image, self.images],
                          ["create", self.image, self.images, self.images]):
            self.assertEqual(run(*arguments, status=2).stdout, b"")

    def test_the_publisher_of_microsoft(self):
        publisher = ("CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, "
                     "S=Washington, C=US")
        self.assertEqual(publisher_id(publisher), "8wekyb3d8bbwe")  # of the test's own
        Package(publisher=publisher).write(self.package)
        run("create", self.image, self.package)
        self.assertTrue(run_json("info", self.image)["packages"][0]["full_name"].endswith(
            "__8wekyb3d8bbwe"))


def tree_of(package):
    """The parts of a package by their decoded names."""
    return {urllib.parse.unquote(info.filename): data for info, data in package.entries()}


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
