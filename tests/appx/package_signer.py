# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Signs packages: PKCS #7 put together in DER here, with the key and signature of openssl(1)."""

import hashlib
import io
import pathlib
import subprocess
import zipfile

SHA256 = bytes.fromhex("608648016503040201")
RSA = bytes.fromhex("2a864886f70d010101")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
INDIRECT_DATA = bytes.fromhex("2b060104018237020104")
SIP_INFO = bytes.fromhex("2b06010401823702011e")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")


def der(tag, *parts):
    """One value of DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts):
    return der(0x30, *parts)


def identifier(value):
    return der(0x06, value)


def split(content):
    """The values in the content of another, each complete."""
    values = []
    while content:
        size, start = content[1], 2
        if size & 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(content[2:start], "big")
        values.append((content[0], content[:start + size], content[start:start + size]))
        content = content[start + size:]
    return values


class Signer:
    """A key and a certificate of its own."""

    def __init__(self, directory, subject="/C=US/CN=Contoso"):
        self.key = pathlib.Path(directory) / "key.pem"
        certificate = pathlib.Path(directory) / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        self.key, "-out", certificate, "-utf8", "-multivalue-rdn", "-subj", subject,
                        "-days", "30"],
                       check=True, capture_output=True)
        self.certificate = subprocess.run(["openssl", "x509", "-in", certificate, "-outform",
                                           "DER"], check=True, capture_output=True).stdout
        fields = split(split(split(self.certificate)[0][2])[0][2])
        self.serial, self.issuer = fields[1][1], fields[3][1]
        self.alter_infos = lambda infos: infos  # of the signatures in a message, usually one

    def sign(self, data):
        """The RSA signature of the SHA-256 digest of the data."""
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=data,
                              check=True, capture_output=True).stdout

    def message(self, digests):
        """AppxSignature.p7x for the digests of a package."""
        algorithm = sequence(identifier(SHA256), der(0x05))
        content = (sequence(identifier(SIP_INFO), sequence(der(0x02, b"\1")))
                   + sequence(algorithm, der(0x04, digests)))
        attributes = (sequence(identifier(CONTENT_TYPE),
                               der(0x31, identifier(INDIRECT_DATA)))
                      + sequence(identifier(MESSAGE_DIGEST),
                                 der(0x31, der(0x04, hashlib.sha256(content).digest()))))
        info = sequence(der(0x02, b"\1"), sequence(self.issuer, self.serial), algorithm,
                        der(0xA0, attributes), sequence(identifier(RSA), der(0x05)),
                        der(0x04, self.sign(der(0x31, attributes))))
        signed = sequence(der(0x02, b"\1"), der(0x31, algorithm),
                          sequence(identifier(INDIRECT_DATA), der(0xA0, sequence(content))),
                          der(0xA0, self.certificate), der(0x31, *self.alter_infos([info])))
        return b"PKCX" + sequence(identifier(SIGNED_DATA), der(0xA0, signed))


def digests_of(archive):
    """The digests that a signature has of an archive without one."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        directory = opened.start_dir
        parts = {tag: hashlib.sha256(opened.read(name)).digest() for tag, name in (
            (b"AXCT", "[Content_Types].xml"), (b"AXBM", "AppxBlockMap.xml"),
            (b"AXCI", "AppxMetadata/CodeIntegrity.cat")) if name in opened.namelist()}
    return {b"AXPC": hashlib.sha256(archive[:directory]).digest(),
            b"AXCD": hashlib.sha256(archive[directory:]).digest(), **parts}


def signed(archive, signer, change=lambda digests: digests, alter=lambda message: message):
    """The archive with a signature as its last entry. `change` gets the digests by their tags,
    `alter` the message."""
    digests = change(digests_of(archive))
    message = alter(signer.message(b"APPX" + b"".join(t + d for t, d in digests.items())))
    stream = io.BytesIO(archive)
    with zipfile.ZipFile(stream, "a") as opened:
        opened.writestr("AppxSignature.p7x", message, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
