# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Signatures of packages, packages in an image, and packages that are refused.

usage: verification_test.py CIM [unittest arguments]
"""

import hashlib
import sys
import unittest

import package_signer
from hostile_packages import CASES
from package_case import PackageCase, pattern, run, run_json
from package_maker import BLOCK, Package, bundled, full_name, write_bundle


def flipped(data):
    """The bytes with another last bit."""
    return data[:-1] + bytes([data[-1] ^ 1])


class Verification(PackageCase):
    # Signatures

    def test_a_signature(self):
        signer = package_signer.Signer(self.directory)
        self.package.write_bytes(package_signer.signed(Package().to_bytes(), signer))
        done = run("create", self.image, self.package)
        self.assertNotIn(b"warning", done.stderr)
        signature = run_json("info", self.image)["packages"][0]["signature"]
        self.assertEqual(signature["signer"], "CN=Contoso, C=US")
        self.assertTrue(signature["matches_publisher"])
        self.assertEqual(signature["fingerprint"],
                         hashlib.sha256(signer.certificate).hexdigest())
        self.assertTrue(signature["valid"])
        run("check", "--packages", self.image)

    def test_a_signature_of_a_package_with_a_catalog_and_zip64(self):
        signer = package_signer.Signer(self.directory)
        package = Package()
        package.extra.append(("AppxMetadata/CodeIntegrity.cat", b"catalog"))
        package.force_zip64 = True
        self.package.write_bytes(package_signer.signed(package.to_bytes(), signer))
        self.assertNotIn(b"warning", run("create", self.image, self.package).stderr)
        package.extra[0] = ("AppxMetadata/CodeIntegrity.cat", b"CATALOG")
        self.package.write_bytes(package_signer.signed(
            package.to_bytes(), signer, lambda digests: {**digests, b"AXCI": bytes(32)}))
        self.assertIn(b"CodeIntegrity.cat is not the file", run(
            "create", self.images / "b.cim", self.package, status=1).stderr)

    def test_a_signature_of_other_bytes(self):
        signer = package_signer.Signer(self.directory)
        archive = Package().to_bytes()
        for tag, message in ((b"AXBM", b"AppxBlockMap.xml is not the file that was signed"),
                             (b"AXCT", b"[Content_Types].xml is not the file that was signed")):
            self.package.write_bytes(package_signer.signed(
                archive, signer, lambda digests, t=tag: {**digests, t: bytes(32)}))
            self.assertIn(message, run("create", self.image, self.package, status=1).stderr)
        for tag, message in ((b"AXPC", b"its entries are not"), (b"AXCD", b"its directory is not")):
            self.package.write_bytes(package_signer.signed(
                archive, signer, lambda digests, t=tag: {**digests, t: bytes(32)}))
            image = self.images / f"{tag.decode()}.cim"
            self.assertIn(message, run("create", image, self.package).stderr)

    def test_a_signer_that_is_not_the_publisher(self):
        """The same attributes in another order are another name to Windows."""
        for subject, spelled in (("/CN=Contoso/C=US", "C=US, CN=Contoso"),
                                 ("/C=US/ST=Ohio/CN=Contoso", "CN=Contoso, S=Ohio, C=US")):
            with self.subTest(spelled):
                signer = package_signer.Signer(self.directory, subject)
                self.package.write_bytes(package_signer.signed(Package().to_bytes(), signer))
                image = self.images / f"{len(spelled)}.cim"
                text = f"the signer {spelled} is not the publisher CN=Contoso, C=US"
                self.assertIn(text, run("create", image, self.package).stderr.decode())
                self.assertIn(f"  publisher    CN=Contoso, C=US\n  signer       {spelled} "
                              "(not the publisher)\n", run("info", image).stdout.decode())
                report = run_json("check", "--packages", image, status=1)["packages"]
                self.assertEqual([(f["path"].rsplit("\\", 1)[1], f["text"])
                                  for f in report["findings"]],
                                 [("AppxSignature.p7x", f"{text} of the manifest")])

    def test_a_publisher_with_quotes(self):
        publisher = 'CN="Contoso, ""Ltd""", O=Über + OU=x, S=Ohio, OID.2.5.4.15=y, C=US'
        subject = '/C=US/businessCategory=y/ST=Ohio/OU=x+O=Über/CN=Contoso, "Ltd"'
        signer = package_signer.Signer(self.directory, subject)
        self.package.write_bytes(package_signer.signed(
            Package(publisher=publisher).to_bytes(), signer))
        self.assertNotIn(b"warning", run("create", self.image, self.package).stderr)
        package = run_json("info", self.image)["packages"][0]
        self.assertEqual(package["signature"]["signer"], package["publisher"])

    def test_a_bundle_that_alone_is_signed(self):
        write_bundle(self.package, [bundled()])
        signer = package_signer.Signer(self.directory)
        self.package.write_bytes(package_signer.signed(self.package.read_bytes(), signer))
        done = run("create", self.image, self.package)
        self.assertIn(b"not signed itself, only its bundle", done.stderr)
        plan = run_json("create", "--dry-run", self.images / "b.cim", self.package)["packages"][0]
        self.assertIsNone(plan["signature"])
        self.assertTrue(plan["bundle_signature"]["matches_publisher"])
        other = package_signer.Signer(self.directory, "/CN=Other")
        write_bundle(self.package, [bundled()])
        self.package.write_bytes(package_signer.signed(self.package.read_bytes(), other))
        self.assertIn(b"the signer CN=Other is not the publisher", run(
            "create", self.images / "c.cim", self.package).stderr)

    def assert_not_valid(self, signer, reason, alter=lambda message: message):
        self.package.write_bytes(package_signer.signed(Package().to_bytes(), signer, alter=alter))
        error = run("create", self.image, self.package, status=1).stderr.decode()
        self.assertIn("AppxSignature.p7x: the signature is not valid: " + reason, error)
        self.assertEqual(list(self.images.iterdir()), [])

    def test_a_forged_signature(self):
        signer = package_signer.Signer(self.directory)
        self.assert_not_valid(signer, "it does not verify: signature failure", flipped)

        def forge_digest(message):
            end = message.index(b"AXPC") + 5
            return flipped(message[:end]) + message[end:]
        self.assert_not_valid(signer, "it does not verify: digest failure", forge_digest)

    def test_each_signature_of_a_message_is_verified(self):
        signer = package_signer.Signer(self.directory)
        signer.alter_infos = lambda infos: infos * 2
        self.package.write_bytes(package_signer.signed(Package().to_bytes(), signer))
        run("create", "--dry-run", self.image, self.package)
        for infos in (lambda infos: [infos[0], flipped(infos[0])],
                      lambda infos: [flipped(infos[0]), infos[0]]):
            signer.alter_infos = infos
            self.assert_not_valid(signer, "it does not verify: signature failure")
        signer.alter_infos = lambda infos: []
        self.assert_not_valid(signer, "it does not have the certificate of its signer")

    def test_a_signature_with_an_unknown_digest(self):
        signer = package_signer.Signer(self.directory)
        known = package_signer.SHA256
        for count, reason in ((1, "it does not verify: unknown digest type"), (-1, "it ")):
            self.assert_not_valid(signer, reason, lambda message, n=count: message.replace(
                known, known[:-1] + b"\x7f", n))

    # Packages in an image

    def test_info_and_find(self):
        Package({"tool.exe": b"MZ", "b/c.dll": b"c"}).write(self.package)
        run("create", self.image, self.package)
        package = run_json("info", self.image)["packages"][0]
        self.assertEqual(package["full_name"], full_name())
        self.assertEqual(package["publisher"], "CN=Contoso, C=US")
        self.assertEqual(package["applications"], [{
            "application_id": "App", "executable": "tool.exe",
            "entry_point": "Windows.FullTrustApplication"}])
        self.assertIsNone(package["signature"])
        text = run("info", self.image).stdout.decode()
        self.assertIn("entry point  App: tool.exe (Windows.FullTrustApplication)", text)
        found = run("find", self.image, "--package", "Contoso.*", "--name", "*.dll").stdout
        self.assertEqual(found.decode(), f"apps/{full_name()}/b/c.dll\n")
        self.assertEqual(run("find", self.image, "--package", "Fabrikam.*").stdout, b"")

    def test_a_changed_file_is_found_in_the_image(self):
        Package({"a.bin": pattern(3 * BLOCK), "b.bin": b"b", "gone.bin": b"gone"}).write(
            self.package)
        run("create", self.image, self.package)
        source = self.directory / "source"
        run("extract", self.image, source)
        top = source / "apps" / full_name()
        data = bytearray((top / "a.bin").read_bytes())
        data[BLOCK + 1] ^= 1
        (top / "a.bin").write_bytes(data)
        (top / "b.bin").write_bytes(b"bb")
        (top / "gone.bin").unlink()
        (top / "evil.dll").write_bytes(b"MZ")
        image = self.images / "changed.cim"
        run("create", image, source)
        report = run_json("check", "--packages", image, status=1)["packages"]
        texts = {f["path"].rsplit("\\", 1)[1]: f["text"] for f in report["findings"]}
        self.assertEqual(set(texts), {"a.bin", "b.bin", "gone.bin", "evil.dll"})
        self.assertEqual(texts["a.bin"], f"differs from the block map at byte {BLOCK}")
        self.assertEqual(texts["gone.bin"], "is missing")

    # Refusals

    def test_hostile_packages(self):
        self.assertGreaterEqual(len(CASES), 60)
        for name, (write, message) in CASES.items():
            with self.subTest(name):
                write(self.package)
                done = run("create", self.image, self.package, status=1)
                lines = done.stderr.decode(errors="strict").splitlines()
                self.assertEqual(len([x for x in lines if not x.startswith("cim: warning")]), 1,
                                 lines)
                self.assertIn(message, lines[-1])
                self.assertEqual(list(self.images.iterdir()), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[1:])
