# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Packages that must be refused, and what the message says."""

import struct
import zipfile

from package_maker import (BLOCK, DEFLATED, Package, block_map, bundle_manifest, bundled, manifest,
                           write_bundle)

CASES = {}


def case(message, **variants):
    """Registers a function as one case, or as one for each variant."""
    def register(function):
        for name, value in (variants or {"": None}).items():
            arguments = () if value is None else (value,)
            CASES[f"{function.__name__} {name}".strip()] = (
                lambda path, a=arguments: function(path, *a), message)
        return function
    return register


def with_entry(path, name, data=b"x", mapped=None):
    """A package with one more entry, under a raw name, that the block map has as `mapped`."""
    package = Package()
    if mapped is not None:
        package.files[mapped] = data
        package.omitted.add(mapped)
    package.extra.append((name, data))
    package.write(path)


@case("", dots="../evil", inner="a/../../evil", absolute="/evil", empty="a//b", here="./evil",
      encoded="%2e%2e/evil", slash="a%2Fb", backslash="a%5Cb", backslashes="..\\evil",
      drive="C:/evil", stream="tool.exe:evil", nul="a%00b", control="a%0Ab", star="a*b",
      device="aux", device_extension="Assets/com1.txt", lpt="LPT9", dot="a.", space="a ",
      bad_percent="a%zz", short_percent="a%4", not_utf8="a%FF", surrogate="%ED%A0%80",
      overlong="%C0%AE%C0%AE/evil", long="n" * 300)
def name(path, stored):
    with_entry(path, stored)


@case("is there twice", same="tool.exe", encoded="tool%2Eexe", case="TOOL.EXE",
      non_ascii="%C3%84.txt")
def duplicate(path, stored):
    package = Package()
    package.files["ä.txt"] = b"x"
    package.extra.append((stored, b"x"))
    package.write(path)


@case("is that of a file and of a directory", below="tool.exe/x", case="Tool.EXE/x",
      entry="tool.exe/")
def file_and_directory(path, stored):
    with_entry(path, stored, b"" if stored.endswith("/") else b"x")


@case("is that of a directory, but has data")
def directory_with_data(path):
    with_entry(path, "Assets/", b"data")


@case("levels")
def deep_name(path):
    with_entry(path, "a/" * 400 + "b")


@case("is not in the block map")
def absent_from_block_map(path):
    with_entry(path, "evil.dll")


@case("is in the block map, but not in the package")
def missing_file(path):
    package = Package({"tool.exe": b"MZ", "lost.dll": b"lost"})
    package.omitted.add("lost.dll")
    package.write(path)


@case("has no AppxBlockMap.xml", name="AppxBlockMap.xml")
@case("has no [Content_Types].xml", name="[Content_Types].xml")
@case("is a ZIP archive, but not a package", name="AppxManifest.xml")
def missing_part(path, omitted):
    package = Package()
    entries = [(info, data) for info, data in package.entries() if info.filename != omitted]
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in entries:
            archive.writestr(info, data)


def with_block_map(path, change):
    package = Package({"tool.exe": bytes(range(256)) * 1000})
    package.block_map = change(block_map(package.files))
    package.write(path)


@case("", first=0, last=-1)
def wrong_block(path, which):
    """One byte of a block differs."""
    package = Package({"tool.exe": bytes(3 * BLOCK + 5)})
    mapped = bytearray(package.files["tool.exe"])
    mapped[which] = 1
    package.block_map = block_map({**package.files, "tool.exe": bytes(mapped)})
    package.write(path)


@case("", size=(b'Size="256000"', b'Size="256001"'), huge=(b'Size="256000"', b'Size="9e9"'),
      overflow=(b'Size="256000"', b'Size="99999999999999999999"'),
      negative=(b'Size="256000"', b'Size="-1"'), zero=(b'Size="256000"', b'Size="0"'),
      enormous=(b'Size="256000"', b'Size="18446744073709551615"'),
      hash=(b'Hash="', b'Hash="A'), no_hash=(b"Hash=", b"Hsah="), no_name=(b"Name=", b"Nmae="),
      method=(b"#sha256", b"#md5"), no_method=(b"HashMethod=", b"Method="),
      root=(b"BlockMap", b"Blockmap"), cut=(b"</BlockMap>", b""),
      twice=(b"</BlockMap>", b'<File Name="tool.exe" Size="0"/></BlockMap>'),
      more=(b"</BlockMap>", b'<File Name="..\\evil" Size="0"/></BlockMap>'))
def block_map_with(path, change):
    with_block_map(path, lambda text: text.replace(*change))


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(ord(c) + 1)} "{"&" + c + ";" * 1}{"&" + c + ";"}">' for c in "abcdefgh") + "]>"


@case("document type", laughs=LAUGHS, external='<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/passwd">]>')
def manifest_entities(path, extra):
    package = Package()
    package.files["AppxManifest.xml"] = manifest(extra=extra)
    package.write(path)


@case("document type")
def block_map_entities(path):
    package = Package()
    package.block_map = block_map(package.files, extra=LAUGHS)
    package.write(path)


@case("nest deeper")
def deep_manifest(path):
    package = Package()
    package.files["AppxManifest.xml"] = b"<Package>" + b"<a>" * 100000
    package.write(path)


@case("at most")
def manifest_bomb(path):
    package = Package()
    package.files["AppxManifest.xml"] = b"<Package>" + b" " * (17 << 20)
    package.write(path)


@case("at most")
def content_types_bomb(path):
    package = Package()
    package.content_types = bytes(20 << 20)
    package.write(path)


@case("at most")
def signature_bomb(path):
    package = Package()
    package.extra.append(("AppxSignature.p7x", bytes(5 << 20)))
    package.write(path)


@case("", name={"name": "../../evil"}, name_dots={"name": ".."}, short_name={"name": "ab"},
      device={"name": "con.tool"}, version={"version": "1.0"},
      long_version={"version": "1.2.3.4.5"},
      big_version={"version": "1.0.0.65536"}, zeros={"version": "1.0.0.01"},
      architecture={"architecture": "../x"}, resource={"resource_id": "a/b"},
      publisher={"publisher": ""})
def identity(path, values):
    Package(**values).write(path)


@case("", empty=b"", text=b"not XML", other=b"<Package/>", bundle=b"<Bundle/>",
      two=manifest().replace(b"<Properties>", b'<Identity Name="Abc"/><Properties>'),
      encoding=manifest().replace(b"utf-8", b"klingon"))
def manifest_text(path, text):
    package = Package()
    package.files["AppxManifest.xml"] = text
    package.write(path)


def patched(path, change):
    """A package whose bytes are changed after it was written."""
    data = bytearray(Package({"tool.exe": b"MZ" + bytes(5000)}).to_bytes())
    change(data)
    path.write_bytes(data)


def directory_of(data):
    return struct.unpack_from("<I", data, len(data) - 6)[0]


@case("is encrypted")
def encrypted_entry(path):
    def change(data):
        at = directory_of(data)
        data[at + 8] |= 1
    patched(path, change)


@case("encrypted package", package=b"EXPH", bundle=b"EXBH")
def encrypted_package(path, magic):
    path.write_bytes(magic + bytes(1000))


@case("method 12")
def other_method(path):
    package = Package()
    package.compression["tool.exe"] = zipfile.ZIP_BZIP2
    package.write(path)


@case("", size=24, packed_size=20, crc=16, offset=42)
def directory_lie(path, field):
    """A number in the archive's directory is too large by one."""
    def change(data):
        at = directory_of(data) + field
        struct.pack_into("<I", data, at, struct.unpack_from("<I", data, at)[0] + 1)
    patched(path, change)


@case("")
def deflate_damage(path):
    def change(data):
        data[40] ^= 0xFF
    patched(path, change)


@case("", tail=-30, half=0.5, start=30)
def cut(path, where):
    data = Package({"tool.exe": b"MZ" + bytes(5000)}).to_bytes()
    path.write_bytes(data[:int(len(data) * where) if isinstance(where, float) else where])


@case("")
def claimed_entries(path):
    def change(data):
        struct.pack_into("<HH", data, len(data) - 14, 0xFFFE, 0xFFFE)
    patched(path, change)


@case("is not valid", empty=b"", magic=b"PKXX", text=b"PKCX not DER")
def signature(path, data):
    package = Package()
    package.extra.append(("AppxSignature.p7x", data))
    package.write(path)


@case("", missing={"FileName": "Lost.msix"}, version={"Version": "2.0.0.0"},
      architecture={"Architecture": "x86"}, kind={"Type": "evil"},
      escape={"FileName": "..\\..\\evil.msix"})
def bundle_with(path, change):
    attributes, data = bundled()
    write_bundle(path, [(attributes, data)], listed=bundle_manifest([{**attributes, **change}]))


@case("")
def bundle_of_another(path):
    attributes, data = bundled()
    write_bundle(path, [(attributes, data)],
                 listed=bundle_manifest([attributes], name="Contoso.Other"))


@case("compressed once more")
def compressed_bundle(path):
    write_bundle(path, [bundled()], compression=DEFLATED)


@case("")
def bundle_in_bundle(path):
    attributes, data = bundled()
    inner = path.with_suffix(".inner")
    write_bundle(inner, [(attributes, data)])
    write_bundle(path, [(attributes, inner.read_bytes())])
    inner.unlink()


@case("is given twice")
def bundle_with_twins(path):
    first, data = bundled()
    second = dict(first, FileName="Twin.msix")
    write_bundle(path, [(first, data), (second, data)])

