# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes packages and bundles, valid ones and others, with Python's zipfile.

Everything here is written from the description of the formats and shares no code with the library.
"""

import base64
import hashlib
import io
import urllib.parse
import zipfile
from xml.sax.saxutils import quoteattr

BLOCK = 64 * 1024
DEFLATED = zipfile.ZIP_DEFLATED
STORED = zipfile.ZIP_STORED
PUBLISHER = "CN=Contoso, C=US"
CONTENT_TYPES = (b'<?xml version="1.0" encoding="UTF-8"?>'
                 b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                 b'<Default Extension="xml" ContentType="application/vnd.ms-appx.manifest+xml"/>'
                 b'<Override PartName="/AppxSignature.p7x"'
                 b' ContentType="application/vnd.ms-appx.signature"/></Types>')
METHODS = {"sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
           "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
           "sha512": "http://www.w3.org/2001/04/xmlenc#sha512"}


def publisher_id(publisher):
    """The 13 characters that stand for a publisher."""
    digest = hashlib.sha256(publisher.encode("utf-16-le")).digest()[:8]
    bits = "".join(f"{byte:08b}" for byte in digest) + "0"
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(alphabet[int(bits[i:i + 5], 2)] for i in range(0, 65, 5))


def full_name(name="Contoso.Tool", version="1.0.0.0", architecture="x64", resource_id="",
              publisher=PUBLISHER):
    """The name of a package's directory."""
    return f"{name}_{version}_{architecture}_{resource_id}_{publisher_id(publisher)}"


def manifest(name="Contoso.Tool", version="1.0.0.0", architecture="x64", resource_id="",
             publisher=PUBLISHER, applications=(("App", "tool.exe"),), extra=""):
    """AppxManifest.xml."""
    apps = "".join(f'<Application Id={quoteattr(app)} Executable={quoteattr(exe)}'
                   ' EntryPoint="Windows.FullTrustApplication"/>' for app, exe in applications)
    resource = f" ResourceId={quoteattr(resource_id)}" if resource_id else ""
    return (f'<?xml version="1.0" encoding="utf-8"?>{extra}'
            '<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10">'
            f'<Identity Name={quoteattr(name)} Publisher={quoteattr(publisher)}'
            f' Version={quoteattr(version)} ProcessorArchitecture={quoteattr(architecture)}'
            f'{resource}/><Properties><DisplayName>The Tool</DisplayName>'
            '<PublisherDisplayName>Contoso</PublisherDisplayName></Properties>'
            f'<Applications>{apps}</Applications></Package>').encode()


def blocks_of(data, method="sha256"):
    """The digests of the blocks of a file, in base64."""
    return [base64.b64encode(hashlib.new(method, data[i:i + BLOCK]).digest()).decode()
            for i in range(0, len(data), BLOCK)]


def block_map(files, method="sha256", extra=""):
    """AppxBlockMap.xml for a dictionary of names with slashes and contents."""
    text = [f'<?xml version="1.0" encoding="UTF-8"?>{extra}'
            '<BlockMap xmlns="http://schemas.microsoft.com/appx/2010/blockmap"'
            f' HashMethod="{METHODS.get(method, method)}">']
    for name, data in files.items():
        text.append(f'<File Name={quoteattr(name.replace("/", chr(92)))} Size="{len(data)}"'
                    ' LfhSize="30">')
        text += [f'<Block Hash="{digest}"/>' for digest in blocks_of(data, method)]
        text.append("</File>")
    text.append("</BlockMap>")
    return "".join(text).encode()


def stored_name(name):
    """The name of a part in the archive: percent-encoded, slashes kept."""
    return urllib.parse.quote(name, safe="/!$&'()+,;=@-._~")


class Package:
    """The parts of a package before they are written. Tests change what they like."""

    def __init__(self, files=None, method="sha256", **identity):
        self.files = {"tool.exe": b"MZ" + b"tool" * 100} if files is None else dict(files)
        self.files["AppxManifest.xml"] = manifest(**identity)
        self.method = method
        self.block_map = None  # derived from the files
        self.content_types = CONTENT_TYPES
        self.compression = {}  # by name; deflate otherwise
        self.extra = []  # pairs of raw names, or ZipInfo, and data
        self.omitted = set()  # files that are in the block map only
        self.unmapped = set()  # files that are in the archive only
        self.force_zip64 = False

    def entries(self):
        """All entries in order: pairs of ZipInfo and data."""
        parts = [(stored_name(name), data) for name, data in self.files.items()
                 if name not in self.omitted]
        mapped = {n: d for n, d in self.files.items() if n not in self.unmapped}
        blocks = self.block_map
        parts.append(("AppxBlockMap.xml",
                      block_map(mapped, self.method) if blocks is None else blocks))
        if self.content_types is not None:
            parts.append(("[Content_Types].xml", self.content_types))
        for name, data in parts + self.extra:
            info = name
            if isinstance(name, str):
                info = zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10))
                info.compress_type = self.compression.get(urllib.parse.unquote(name), DEFLATED)
            yield info, data

    def entries_by_name(self):
        """Pairs of decoded names and data."""
        return [(urllib.parse.unquote(info.filename), data) for info, data in self.entries()]

    def write(self, path):
        """Writes the archive; `path` may be a stream."""
        with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
            for info, data in self.entries():
                if self.force_zip64:
                    with archive.open(info, "w", force_zip64=True) as part:
                        part.write(data)
                elif data is not None:
                    archive.writestr(info, data)
        return path

    def to_bytes(self):
        """The archive."""
        stream = io.BytesIO()
        self.write(stream)
        return stream.getvalue()


def bundle_manifest(packages, name="Contoso.Tool", version="1.0.0.0", publisher=PUBLISHER,
                    extra=""):
    """AppxBundleManifest.xml; packages are dictionaries of attributes and `resources`."""
    text = [f'<?xml version="1.0" encoding="UTF-8"?>{extra}'
            '<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle" SchemaVersion="6.0">'
            f'<Identity Name={quoteattr(name)} Publisher={quoteattr(publisher)}'
            f' Version={quoteattr(version)}/><Packages>']
    for package in packages:
        attributes = {k: v for k, v in package.items() if k != "resources"}
        text.append("<Package " + " ".join(f"{k}={quoteattr(v)}" for k, v in attributes.items()))
        text.append("><Resources>")
        text += [f"<Resource {kind}={quoteattr(value)}/>"
                 for kind, value in package.get("resources", [])]
        text.append("</Resources></Package>")
    text.append("</Packages></Bundle>")
    return "".join(text).encode()


def write_bundle(path, packages, listed=None, compression=STORED, **identity):
    """Writes a bundle of pairs of attributes and archives; `listed` replaces its manifest."""
    described = [attributes for attributes, _ in packages]
    text = bundle_manifest(described, **identity) if listed is None else listed
    parts = {"AppxMetadata/AppxBundleManifest.xml": text}
    with zipfile.ZipFile(path, "w") as archive:
        for attributes, data in packages:
            archive.writestr(stored_name(attributes["FileName"]), data, compression)
        archive.writestr("AppxMetadata/AppxBundleManifest.xml", text, DEFLATED)
        archive.writestr("AppxBlockMap.xml", block_map(parts), DEFLATED)
        archive.writestr("[Content_Types].xml", CONTENT_TYPES, DEFLATED)
    return path


def bundled(architecture="x64", resources=(), resource_id="", file_name=None, version="1.0.0.0",
            files=None):
    """A package of a bundle: its attributes and its archive. Without an architecture of its own, a
    resource package is neutral."""
    is_resource = bool(resource_id)
    package = Package(files, architecture=architecture, resource_id=resource_id, version=version,
                      applications=() if is_resource else (("App", "tool.exe"),))
    attributes = {"Type": "resource" if is_resource else "application", "Version": version,
                  "Architecture": architecture, "resources": list(resources),
                  "FileName": file_name or f"Tool_{architecture}_{resource_id}.msix"}
    if resource_id:
        attributes["ResourceId"] = resource_id
    return attributes, package.to_bytes()
