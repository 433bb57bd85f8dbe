# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Reads and mounts images in a registry without pulling them, and counts what that fetches.

    remote_images.py CIM

A proxy in front of Debian's docker-registry counts requests and bytes, and makes mistakes. Exit
status 77 without docker-registry.
"""
import errno
import http.client
import http.server
import json
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import registries
import sample_layer
from oci_layouts import run

FILES, SIZE, GROUP = 6000, 20_000, 60  # of the large image: a directory is one percent
DEPTH, NAMES, LONG = 6, 2000, 250  # directories in each other, each with 1 MiB of names
ATTRIBUTES = 60_000  # of a file
GROUP_OF_FRAMES = 32 << 20  # bytes of metadata that a request fetches
MOST_REQUESTS = 6
MOST_FETCHED = 0.03


class Proxy:
    """Passes requests on to a registry. With `fault` set, changes the answers to those of blobs."""

    def __init__(self, target: str):
        self.target, self.fault = target, None
        self.reset()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                is_blob = "/blobs/" in self.path
                with proxy.lock:
                    proxy.requests.append("%s %s %s" % (self.command, self.path,
                                                        self.headers.get("Range", "")))
                if is_blob and proxy.fault == "fails":
                    self.answer(500, {}, b"")
                    return
                connection = http.client.HTTPConnection(proxy.target, timeout=60)
                headers = {k: ", ".join(self.headers.get_all(k)) for k in self.headers
                           if k.lower() != "host"}
                if is_blob and proxy.fault == "no ranges":
                    headers.pop("Range", None)
                connection.request(self.command, self.path, headers=headers)
                response = connection.getresponse()
                body = response.read()
                if is_blob:
                    with proxy.lock:
                        proxy.bytes += len(body)
                if is_blob and proxy.fault == "changes":
                    body = body[:-1] + bytes([body[-1] ^ 1])
                if is_blob and proxy.fault == "is short":
                    body = body[:-1]
                if is_blob and proxy.fault == "other part":
                    response.headers.replace_header("Content-Range", "bytes 0-0/1")
                self.answer(response.status, response.headers, body)
                connection.close()

            do_HEAD = do_GET

            def answer(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        self.lock, self.requests, self.bytes = threading.Lock(), [], 0


def make_large(directory: Path) -> Path:
    """A base layer with many files that cannot be compressed."""
    tar = directory / "large.tar"
    source = random.Random(1)
    layer = sample_layer.Layer(tar)
    layer.folder("Files")
    for group in range(FILES // GROUP):
        layer.folder("Files/%03d" % group)
        for i in range(GROUP):
            layer.file("Files/%03d/%04d.bin" % (group, i), source.randbytes(SIZE))
    layer.tar.close()
    return tar


def make_deep(directory: Path, attributes: int) -> tuple[Path, str]:
    """A base layer with much metadata: extended attributes that cannot be compressed, and large
    directories. Returns the path of a file below all of them as well."""
    tar = directory / ("deep %d.tar" % attributes)
    source, folder = random.Random(2), "Files"
    layer = sample_layer.Layer(tar)
    layer.folder(folder)
    for i in range(attributes // ATTRIBUTES):
        layer.file("%s/%04d.bin" % (folder, i), b"", eas={"RANDOM": source.randbytes(ATTRIBUTES)})
    for _ in range(DEPTH):
        folder += "/d"
        layer.folder(folder)
        for i in range(NAMES):
            layer.bare("%s/%0*d" % (folder, LONG, i), tarfile.REGTYPE)
    layer.file(folder + "/file", b"the bytes")
    layer.tar.close()
    return tar, folder + "/file"


class Remote:
    def __init__(self, cim, work: Path, proxy: Proxy):
        self.cim, self.work, self.proxy = cim, work, proxy
        self.cache = work / "cache"

    def done(self, *words):
        return run(self.cim, *words)

    def works(self, what, *words):
        done = self.done(*words)
        expect(done.returncode == 0, "%s: %s" % (what, done.stderr.decode("utf-8", "replace")))
        return done.stdout

    def push(self, tars, name, *options) -> Path:
        """Pushes an image in both forms; returns the image of its uppermost layer."""
        layout, store = oci_layouts.Layout(self.work / ("source " + name)), self.work / name
        layout.add(layout.image(tars), "image")
        self.works("import", "oci", "import", "%s:image" % layout.path, store)
        there = "%s/team/%s" % (self.proxy.target, name)
        self.works("push", "oci", "push", "--as=cim", *options, store, "image", there + ":1")
        done = json.loads(self.works("ls", "store", "ls", "--json", store))
        digest = json.loads(self.works("inspect", "store", "inspect", "--json", store,
                                       done[0]["digest"]))["layers"][-1]["chain_id"][7:]
        return store / "cim-layers" / (digest + ".cim")

    def equal(self, name: str, image: Path, path: str):
        there = "docker://%s/team/%s:1" % (self.proxy.host, name)
        options = ("--cache", self.cache)
        for verb, *words in (("ls",), ("ls", "-lR"), ("cat", path), ("find", "--type", "f"),
                             ("ls", "--json", "-R")):
            wanted = self.works(verb, verb, *words[:1 if verb == "ls" else 0], image,
                                *(words if verb != "ls" else words[1:]))
            found = self.works(verb, verb, *words[:1 if verb == "ls" else 0], there, *options,
                               *(words if verb != "ls" else words[1:]))
            expect(wanted == found, "%s %s: other output" % (name, verb))
        ours, theirs = (json.loads(self.works("info", "info", "--json", *w))
                        for w in ((there, *options), (image,)))
        ours.pop("image", None), theirs.pop("image", None)
        expect(ours == theirs, "info: %s" % sorted(k for k in ours if ours[k] != theirs.get(k)))

    def costs(self, name: str, image: Path, path: str):
        there = "docker://%s/team/%s:1" % (self.proxy.host, name)
        cold = self.work / "cold"
        self.proxy.reset()
        found = self.works("cat", "cat", there, path, "--cache", cold)
        expect(found == self.works("cat", "cat", image, path), "cat: other bytes")
        expect(len(self.proxy.requests) <= MOST_REQUESTS,
               "%d requests: %s" % (len(self.proxy.requests), self.proxy.requests))
        print("first byte: %d requests" % len(self.proxy.requests))
        self.proxy.reset()
        self.works("again", "cat", there, path, "--cache", cold)
        again = [r for r in self.proxy.requests if "/blobs/" in r]
        expect(not again, "fetched again: %s" % again)
        for frame in cold.iterdir():
            frame.write_bytes(b"x" * frame.stat().st_size)
        expect(self.works("cat", "cat", there, path, "--cache", cold) == found, "a damaged cache")
        small = self.work / "small cache"
        self.works("find", "find", there, "--cache", small, "--cache-size", "3M", "--hash", "md5",
                   "--type", "f")
        kept = sum(f.stat().st_size for f in small.iterdir())
        expect(kept <= 3 << 20, "the cache has %d bytes" % kept)
        none = self.work / "no cache"
        self.works("cat", "cat", there, path, "--cache", none, "--cache-size", "0")
        expect(not none.exists(), "a cache of no bytes was made")
        self.works("without ranges", "ls", there, "--cache-size", "0")

    def first_byte(self, name: str, attributes: int):
        """Reads a file of an image whose metadata has many frames, with and without a cache."""
        tar, path = make_deep(self.work, attributes)
        image = self.push([tar], name)
        metadata = min(image.parent.glob("region_*_0")).stat().st_size
        groups = -(-metadata // GROUP_OF_FRAMES)
        there = "docker://%s/team/%s:1" % (self.proxy.host, name)
        for options in (("--cache", self.work / ("cold " + name)), ("--cache-size", "0")):
            self.proxy.reset()
            found = self.works("cat", "cat", there, path, *options)
            expect(found == b"the bytes", "cat: other bytes")
            requests = self.proxy.requests
            expect(len(requests) < MOST_REQUESTS + groups and len(set(requests)) == len(requests),
                   "%s: %d requests: %s" % (name, len(requests), requests))
            print("first byte with %d MiB of metadata: %d requests" % (metadata >> 20,
                                                                       len(requests)))

    def expect_failure(self, what: str, done, text: str, warns: bool):
        """Requires one line of an error, as the last one, and no lines but warnings before it."""
        *warnings, error = done.stderr.decode().splitlines() or [""]
        subject = self.proxy.host + "/team/"
        expect(done.returncode == 1 and error.startswith("cim: " + subject) and text in error,
               "%s: %d %s" % (what, done.returncode, done.stderr))
        expect(all(w.startswith("cim: warning: " + subject) and text in w
                   and w.endswith("; trying again") for w in warnings),
               "%s: other lines: %s" % (what, done.stderr))
        expect(bool(warnings) == warns, "%s: warnings: %s" % (what, warnings))

    def expect_attempts(self, what: str, wanted: int):
        """Requires that the last blob was requested that often, and no part of a blob more often."""
        blobs = [r for r in self.proxy.requests if "/blobs/" in r]
        expect(blobs and blobs.count(blobs[-1]) == wanted, "%s: requests: %s" % (what, blobs))
        expect(all(blobs.count(r) <= wanted for r in blobs), "%s: requests: %s" % (what, blobs))

    def faults(self, name: str, path: str):
        there = "docker://%s/team/%s:1" % (self.proxy.host, name)
        for fault, text, is_temporary in (
                ("changes", "digest", False), ("fails", "status 500", True),
                ("is short", "too short", True), ("other part", "another part", False)):
            self.proxy.fault = fault
            self.proxy.reset()
            done = self.done("cat", there, path, "--cache-size", "0", "--retries", "1")
            self.expect_failure(fault, done, text, is_temporary)
            self.expect_attempts(fault, 2 if is_temporary else 1)
            self.expect_failure(fault, self.done("--quiet", "cat", there, path, "--cache-size",
                                                 "0", "--retries", "1"), text, False)
        self.proxy.fault = "no ranges"
        self.works("no ranges", "cat", there, path, "--cache-size", "0")
        self.proxy.fault = None
        for wrong, text in (("docker://%s/team/none:1" % self.proxy.host, "does not have"),
                            ("docker://%s/team/tars:1" % self.proxy.host, "--as=cim"),
                            ("docker://", "")):
            done = self.done("ls", wrong)
            expect(done.returncode != 0 and text in done.stderr.decode(),
                   "%s: %s" % (wrong, done.stderr))

    def mounted(self, name: str, image: Path):
        there = "docker://%s/team/%s:1" % (self.proxy.host, name)
        point, total = self.work / "mount", 0
        point.mkdir()
        for region in image.parent.glob("region_*"):
            total += region.stat().st_size
        self.proxy.reset()
        done = self.done("mount", there, point, "--cache", self.work / "mount cache", "--retries",
                         "1")
        expect(done.returncode == 0, "mount: %s" % done.stderr)
        if done.returncode != 0:
            return
        try:
            read = 0
            for file in sorted((point / "Files/042").iterdir()):
                data = file.read_bytes()
                if read == 0:
                    requests = self.proxy.requests
                    expect(len(requests) <= MOST_REQUESTS, "mounted: %s" % requests)
                read += len(data)
                inner = "Files/042/" + file.name
                if file.name.endswith("0.bin"):
                    expect(data == self.works("cat", "cat", image, inner), inner)
            expect(read == GROUP * SIZE, "%d bytes were read" % read)
            expect(self.proxy.bytes < MOST_FETCHED * total,
                   "%d of %d bytes were fetched" % (self.proxy.bytes, total))
            share = 100 * self.proxy.bytes / total
            print("one percent of the files: %.2f %% of the bytes" % share)
            self.proxy.fault, before = "fails", time.monotonic()
            try:
                (point / "Files/099/0000.bin").read_bytes()
                expect(False, "read although the registry fails")
            except OSError as error:
                expect(error.errno == errno.EIO, "the error is %s" % error)
            expect(time.monotonic() - before < 60, "the failure took too long")
            self.proxy.fault = None
            expect(len((point / "Files/099/0000.bin").read_bytes()) == SIZE, "no recovery")
            listed = json.loads(self.works("mounts", "mounts", "--json"))
            expect(any(Path(m["mount_point"]) == point for m in listed), "not listed: %s" % listed)
        finally:
            self.works("umount", "umount", point)


def main():
    cim = Path(sys.argv[1]).resolve()
    tags = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                          capture_output=True)
    if not shutil.which("docker-registry") or b"does not support registries" in tags.stderr:
        print("no docker-registry, or no support of registries")
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        work = Path(work)
        registry = registries.Registry(work / "registry")
        try:
            remote = Remote(cim, work, Proxy(registry.host))
            sample = [sample_layer.make(work), oci_layouts.make_child(work)]
            image = remote.push(sample, "sample")
            remote.equal("sample", image, "Files/Added.txt")
            remote.equal("plain", remote.push(sample, "plain", "--cim-compression", "none"),
                         "Files/Added.txt")
            remote.works("push", "oci", "push", work / "sample", "image",
                         "%s/team/tars:1" % registry.host)
            remote.faults("sample", "Files/Added.txt")
            large = remote.push([make_large(work)], "large")
            remote.costs("large", large, "Files/050/0030.bin")
            remote.first_byte("deep", 4 << 20)
            remote.first_byte("deeper", GROUP_OF_FRAMES - (2 << 20))
            if Path("/dev/fuse").exists() and "unknown verb" not in run(
                    cim, "mounts").stderr.decode():
                remote.mounted("large", large)
        finally:
            registry.stop()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
