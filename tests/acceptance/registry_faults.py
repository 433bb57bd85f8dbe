# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Pulls from and pushes to a registry with faults: each operation must succeed or fail with one
line, leave nothing unfinished in the store, and send no credentials to another host.

    registry_faults.py CIM
"""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import sample_layer
from faulty_registry import MANIFEST, Registry, Tokens, digest, packed

INDEX = "application/vnd.oci.image.index.v1+json"
FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
SECRET = "s3cret-PASSWORD"
USER = "ann:" + SECRET
cases = []


def case(function):
    cases.append(function)
    return function


class Bench:
    """The program, a registry with one image of two layers, and another host."""

    def __init__(self, cim, work: Path):
        self.cim, self.work = cim, work
        self.registry, self.other = Registry(), Registry("127.0.0.2")
        self.name = "?"
        self.layout = work / "layout"
        tars = [sample_layer.make(work), oci_layouts.make_child(work)]
        layout = oci_layouts.Layout(self.layout)
        layout.add(layout.image(tars), "app")
        plain = [tar.read_bytes() for tar in tars]
        self.layers = [packed(data) for data in plain]
        self.diff_ids = [digest(data) for data in plain]
        self.fill()

    def fill(self):
        blobs = self.registry.blobs
        blobs.clear()
        self.registry.manifests.clear()
        self.config = self.config_of()
        for data in (*self.layers, self.config):
            blobs[digest(data)] = data
        self.manifest = self.manifest_of()
        self.put("1", MANIFEST, self.manifest)

    def config_of(self, **more):
        return json.dumps({"os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1",
                           "rootfs": {"type": "layers", "diff_ids": self.diff_ids}, **more}).encode()

    def manifest_of(self, **more):
        layer = "application/vnd.oci.image.layer.v1.tar+gzip"
        return json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, **more,
            "config": self.descriptor(self.config, "application/vnd.oci.image.config.v1+json"),
            "layers": [self.descriptor(data, layer) for data in self.layers]}).encode()

    @staticmethod
    def descriptor(data, kind, **more):
        return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

    def put(self, tag, kind, body):
        for name in (tag, digest(body)):
            self.registry.manifests[name] = (kind, body)

    def reference(self, tag="1"):
        return "%s/team/app%s%s" % (self.registry.host, "@" if ":" in tag else ":", tag)

    def environment(self, auth=None):
        home = self.work / "home"
        shutil.rmtree(home, ignore_errors=True)
        (home / ".docker").mkdir(parents=True)
        if auth is not None:
            (home / ".docker/config.json").write_text(json.dumps(auth))
        clean = {k: v for k, v in os.environ.items()
                 if k not in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "DOCKER_CONFIG")
                 and not k.lower().endswith("_proxy")}
        return {**clean, "HOME": str(home), "PATH": "%s:%s" % (self.work / "bin", clean["PATH"])}

    def login(self, **more):
        """Returns an auth file with the user's login to the registry."""
        return {"auths": {self.registry.host: {"auth": base64.b64encode(USER.encode()).decode()}},
                **more}

    def run(self, *words, auth=None, stdin=b"", timeout=60):
        done = subprocess.run([self.cim, *map(str, words)], capture_output=True, timeout=timeout,
                              env=self.environment(auth), input=stdin)
        for text in (done.stdout, done.stderr):
            expect(SECRET.encode() not in text, "%s: the password was printed" % self.name)
        return done

    OPTIONS = ("-q", "--retries", "2", "--stall-timeout", "20")
    AT_ONCE = ("-q", "--retries", "0", "--stall-timeout", "2")

    def pull(self, tag="1", *options, auth=None, stdin=b"", base=OPTIONS):
        """Pulls into a new store; returns the result, after a look at what is in the store."""
        self.store = self.work / "store"
        shutil.rmtree(self.store, ignore_errors=True)
        done = self.run("oci", "pull", *base, self.reference(tag), self.store, *options,
                        auth=auth, stdin=stdin)
        self.look(done)
        return done

    def look(self, done):
        odd = [p for p in self.store.rglob("*") if p.name.endswith(".tmp")]
        expect(not odd, "%s: left over: %s" % (self.name, odd))
        layers = {p.stem for p in self.store.glob("cim-layers/*.cim")}
        found = {p.name for p in self.store.glob("*")} - {"cim-layers", "cim-images"}
        expect(found == layers, "%s: in the store: %s, %s" % (self.name, found, layers))
        if self.store.exists() and (self.store / "cim-layers").exists():
            gc = self.run("gc", "--dry-run", self.store / "cim-layers")
            expect(not gc.stdout, "%s: garbage: %s" % (self.name, gc.stdout))
        self.landed = len(layers)
        expect(done.returncode != 0 or self.landed == 2, "%s: %d layers" % (self.name, self.landed))

    def works(self, *words, **more):
        done = self.pull(*words, **more)
        expect(done.returncode == 0, "%s: %s" % (self.name, done.stderr.decode()))

    def fails(self, text, *words, landed=None, **more):
        self.fails_with(self.pull(*words, **more), text)
        expect(landed is None or self.landed == landed,
               "%s: %d layers landed" % (self.name, self.landed))

    def fails_with(self, done, text):
        errors = done.stderr.decode()
        expect(done.returncode == 1, "%s: status %d" % (self.name, done.returncode))
        expect(errors.count("\n") == 1 and errors.startswith("cim: " + self.registry.host),
               "%s: not one line that names the registry: %s" % (self.name, errors))
        expect(re.search(text, errors), "%s: another message: %s" % (self.name, errors))

    def push(self, *options, auth=None):
        self.registry.blobs.clear()
        self.registry.manifests.clear()
        return self.run("oci", "push", *self.OPTIONS, "oci:%s:app" % self.layout, self.reference(),
                        *options, auth=auth)

    def push_works(self, *options, auth=None):
        done = self.push(*options, auth=auth)
        expect(done.returncode == 0, "%s: %s" % (self.name, done.stderr.decode()))
        blobs = {p.name: p.read_bytes() for p in (self.layout / "blobs/sha256").iterdir()}
        have = {**self.registry.blobs, **{k: v for k, (_, v) in self.registry.manifests.items()}}
        for name, data in blobs.items():
            expect(have.get("sha256:" + name) == data, "%s: %s is missing" % (self.name, name))

    def push_fails(self, text, *options, auth=None):
        self.fails_with(self.push(*options, auth=auth), text)
        expect(not self.registry.manifests, "%s: there is a manifest" % self.name)

    def other_saw_nothing_secret(self):
        for entry in self.other.log:
            for header in ("authorization", "cookie", "proxy-authorization"):
                expect(header not in entry["headers"], "%s: another host got %s" % (self.name, header))
            expect(SECRET not in json.dumps(entry, default=str), "%s: leaked" % self.name)


def once(action, times=1):
    """Returns a fault that occurs for the first blobs only, or only so often."""
    left = [times]

    def fault(handler):
        if handler.blob() is None or handler.command != "GET" or left[0] == 0:
            return False
        left[0] -= 1
        action(handler)
        return True
    return fault


def always(action, of="blob"):
    """Returns a fault of every blob or manifest."""
    def fault(handler):
        if getattr(handler, of)() is None:
            return False
        action(handler)
        return True
    return fault


def layer_fault(bench, action):
    """Returns a fault of the base layer only."""
    def fault(handler):
        if handler.blob() != bench.layers[0]:
            return False
        action(handler)
        return True
    return fault


def requires_basic(user=USER):
    def check(handler):
        if handler.basic() == user:
            return False
        handler.error(401, "UNAUTHORIZED", {"WWW-Authenticate": 'Basic realm="test"'})
        return True
    return check


# Without faults.

@case
def no_fault(b):
    b.works()
    b.works(digest(b.manifest))
    done = b.run("oci", "pull", *b.OPTIONS, b.reference(), b.store)
    expect(done.returncode == 0, "the second pull: %s" % done.stderr)
    expect(len(b.registry.requests("blobs/" + digest(b.layers[0]))) == 2, "a layer came again")


@case
def index_of_platforms(b):
    entries = [b.descriptor(b.manifest, MANIFEST, platform={
        "os": "windows", "architecture": "amd64", "os.version": "10.0.20348.1"})]
    entries.append({**entries[0], "digest": "sha256:" + "1" * 64, "platform": {
        "os": "linux", "architecture": "amd64"}})
    b.put("index", INDEX, json.dumps({"schemaVersion": 2, "manifests": entries}).encode())
    b.works("index")
    b.works("index", "--platform", "windows/amd64:10.0.20348")
    b.fails("has no image for windows/arm64", "index", "--platform", "windows/arm64")


# Authentication.

@case
def loop_of_401(b):
    Tokens(b.registry, b.other)
    b.registry.authorize = lambda h: h.error(
        401, "UNAUTHORIZED", {"WWW-Authenticate": 'Bearer realm="%s/token"' % b.other.url}) or True
    b.fails("denies access: no credentials found in .*config.json; log in", landed=0)
    expect(len(b.registry.log) < 10, "%d requests" % len(b.registry.log))


@case
def loop_of_401_with_basic(b):
    b.registry.authorize = requires_basic("another")
    b.fails("the credentials were not accepted; log in again", auth=b.login())
    b.registry.authorize = requires_basic()
    b.fails("requires a login: no credentials found")
    b.works(auth=b.login())
    b.works("1", "--creds", USER)
    b.works("1", "--creds", "ann", "--password-stdin", stdin=SECRET.encode() + b"\n")


@case
def challenge_of_an_unknown_kind(b):
    for challenge in ("Negotiate", "", 'Bearer realm="', "Bearer", 'Bearer realm="not a url"'):
        b.registry.authorize = lambda h, c=challenge: h.error(
            401, "UNAUTHORIZED", {"WWW-Authenticate": c}) or True
        b.fails("in no way that is supported|no valid token service", auth=b.login())


@case
def tokens(b):
    service = Tokens(b.registry, b.other, users={USER})
    b.works(auth=b.login())
    expect(service.count == 1, "%d tokens" % service.count)
    expect(not b.registry.requests("token"), "the registry was asked for a token")
    expect("Basic" not in json.dumps(b.registry.log, default=str), "a password instead of a token")
    b.fails("token service .* denies access: no credentials")
    identity = {"auths": {b.registry.host: {"identitytoken": USER}}}
    b.works(auth=identity)


@case
def token_that_expires(b):
    service = Tokens(b.registry, b.other, uses=2)
    b.works()
    expect(service.count >= 2, "%d tokens" % service.count)
    service.uses, service.expires = None, 0
    b.works()


@case
def token_service_with_faults(b):
    Tokens(b.registry, b.other)
    for body in (b"", b"{", b"[]", b"{}", b'{"token": ""}', b'{"token": 7}',
                 b'{"token": "a\\r\\nX-Injected: 1"}'):
        b.other.fault = lambda h, body=body: h.answer(200, body) or True
        b.fails("the answer of")
    expect("x-injected" not in json.dumps(b.registry.log, default=str).lower(), "a header was injected")
    b.other.fault = lambda h: h.error(500) or True
    b.fails("token service .* status 500")
    b.other.fault = lambda h: h.answer(302, headers={"Location": b.registry.url + "/v2/"}) or True
    b.fails("token service .* status 302")
    b.other.fault = lambda h: h.answer(200, b" " * (2 << 20)) or True
    b.fails("longer than")


@case
def token_service_by_plain_http(b):
    for realm in ("http://192.0.2.1/token", "file:///etc/passwd", "http://ann:x@127.0.0.1/"):
        b.registry.authorize = lambda h, realm=realm: h.error(
            401, "UNAUTHORIZED", {"WWW-Authenticate": 'Bearer realm="%s"' % realm}) or True
        b.fails("plain HTTP|no valid token service", auth=b.login())


@case
def credential_helpers(b):
    b.registry.authorize = requires_basic()
    tools = b.work / "bin"
    tools.mkdir(exist_ok=True)
    helper = tools / "docker-credential-test"

    def install(script):
        helper.write_text("#!/bin/sh\n" + script)
        helper.chmod(0o755)
    answer = json.dumps({"ServerURL": "x", "Username": "ann", "Secret": SECRET})
    install("[ \"$1\" = get ] && read s && [ \"$s\" = '%s' ] && echo '%s'" % (b.registry.host, answer))
    b.works(auth={"credsStore": "test"})
    b.works(auth={"credHelpers": {b.registry.host: "test"}})
    install("echo credentials not found in native keychain; exit 1")
    b.works(auth=b.login(credsStore="test"))
    failing = (("echo %s; exit 3" % SECRET, "test", "helper failed"), ("echo '{'", "test", "JSON"),
               ("exit 0", "test", "JSON"), ("exit 0", "missing", "cannot run"),
               ("exit 0", "../x", "invalid name"), ("exit 0", "x;touch y", "invalid name"))
    for script, name, text in failing:
        install(script)
        done = b.pull(auth={"credsStore": name})
        expect(done.returncode == 1 and done.stderr.count(b"\n") == 1
               and text in done.stderr.decode(), "%s: %s" % (b.name, done.stderr))


@case
def auth_files_with_faults(b):
    b.registry.authorize = requires_basic()
    for auth in ([], {"auths": {b.registry.host: {"auth": "%%%"}}},
                 {"auths": {b.registry.host: {"auth": base64.b64encode(b"nocolon").decode()}}}):
        done = b.pull(auth=auth)
        expect(done.returncode == 1 and b"config.json" in done.stderr
               and done.stderr.count(b"\n") == 1, "%s: %s" % (b.name, done.stderr))


# Failures that may be temporary.

@case
def too_many_requests(b):
    b.registry.fault = once(lambda h: h.error(429, "TOOMANYREQUESTS", {"Retry-After": "1"}), 2)
    start = time.monotonic()
    b.works()
    expect(time.monotonic() - start >= 2, "the pause was not kept")
    b.registry.fault = once(lambda h: h.error(429, "TOOMANYREQUESTS", {"Retry-After": "3600"}), 2)
    b.fails("left alone for 3600 s")
    past = "Sun, 06 Nov 1994 08:49:37 GMT"
    b.registry.fault = once(lambda h: h.error(503, "UNAVAILABLE", {"Retry-After": past}), 2)
    b.works()


@case
def internal_errors(b):
    b.registry.fault = once(lambda h: h.error(500))
    b.works()
    b.registry.fault = always(lambda h: h.error(502))
    b.fails(r"status 502 \(after 3 attempts\)", landed=0)
    b.registry.fault = always(lambda h: h.error(501), "manifest")
    b.fails("status 501")
    expect(len(b.registry.requests("manifests")) == 3, "501 was tried again")


@case
def connections_that_close(b):
    def close(handler):
        handler.close_connection = True
        handler.connection.close()
    b.registry.fault = once(close)
    b.works()
    b.registry.fault = always(close)
    b.fails("connection to .* failed", landed=0)


@case
def nothing_listens(b):
    done = b.run("oci", "pull", "-q", "--retries", "0", "127.0.0.1:1/app", b.work / "store")
    expect(done.returncode == 1 and b"127.0.0.1:1/app: the connection to" in done.stderr,
           "%s" % done.stderr)


# Bodies.

@case
def cut_bodies(b):
    b.registry.fault = once(lambda h: h.cut(h.blob(), len(h.blob()) // 2), 2)
    b.works()
    ranges = [e for e in b.registry.log if "range" in e["headers"]]
    expect(ranges, "no range was requested")
    b.registry.fault = always(lambda h: h.cut(h.blob(), 10))
    b.fails("bytes", landed=0)


@case
def cut_bodies_without_ranges(b):
    half = [False]

    def fault(handler):
        if handler.blob() != b.layers[0]:
            return False
        if not half[0]:
            half[0] = True
            handler.cut(handler.blob(), 100_000)
        else:
            handler.answer(200, handler.blob())
        return True
    b.registry.fault = fault
    b.works()


@case
def ranges_with_faults(b):
    size = len(b.layers[0])
    wrong = ({"Content-Range": "bytes 0-%d/%d" % (size - 1, size)}, {},
             {"Content-Range": "bytes 100000-%d/%d" % (size, size + 1)}, {"Content-Range": "x"})
    for headers in wrong:
        def fault(handler):
            if handler.blob() != b.layers[0]:
                return False
            if "Range" in handler.headers:
                handler.answer(206, handler.blob()[:1000], headers)
            elif not b.registry.requests("x-cut"):
                b.registry.log.append({"method": "x-cut", "path": "", "headers": {}})
                handler.cut(handler.blob(), 100_000)
            else:
                handler.answer(200, handler.blob())
            return True
        b.registry.reset()
        b.registry.fault = fault
        b.works()
    b.registry.fault = layer_fault(b, lambda h: h.answer(416) if "Range" in h.headers
                                   else h.cut(h.blob(), 100_000))
    b.fails("bytes|failed", landed=0)
    b.registry.fault = layer_fault(b, lambda h: h.answer(206, h.blob()[:5]))
    b.fails("status 206", landed=0)


@case
def resumed_bytes_that_differ(b):
    def fault(handler):
        if handler.blob() != b.layers[0]:
            return False
        if "Range" not in handler.headers:
            handler.cut(handler.blob(), 100_000)
        else:
            body = bytearray(handler.blob())
            body[-1] ^= 1
            handler.answer(206, bytes(body[100_000:]), {
                "Content-Range": "bytes 100000-%d/%d" % (len(body) - 1, len(body))})
        return True
    b.registry.fault = fault
    b.fails("has the digest|bytes", landed=0)


@case
def wrong_lengths(b):
    b.registry.fault = layer_fault(b, lambda h: h.answer(200, h.blob() + b"x"))
    b.fails("bytes, expected", landed=0)
    b.registry.fault = layer_fault(b, lambda h: h.answer(200, h.blob()[:-1]))
    b.fails("bytes, expected", landed=0)

    def without_length(extra):
        def action(handler):
            handler.answer(200, handler.blob() + extra, length=False)
            handler.close_connection = True
        return action
    b.registry.fault = layer_fault(b, without_length(b""))
    b.works()
    b.registry.fault = layer_fault(b, without_length(b"more"))
    b.fails("at least", landed=0)


@case
def wrong_digests(b):
    for data in (b.config, *b.layers):
        for place in (0, len(data) // 2, len(data) - 1):
            bad = data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
            b.registry.fault = lambda h, data=data, bad=bad: (
                h.answer(200, bad) or True) if h.blob() == data else False
            done = b.pull()
            expect(done.returncode == 1 and done.stderr.count(b"\n") == 1, "%s" % done.stderr)
            expect(b.landed == (1 if data == b.layers[1] else 0), "%d layers landed" % b.landed)


@case
def gzip_that_another_digest_belongs_to(b):
    """The tar, and so the diff id, is right; only the blob is another."""
    other = packed(b"") + b.layers[0]
    b.registry.fault = layer_fault(b, lambda h: h.answer(200, other, length=len(other)))
    b.fails("bytes, expected", landed=0)
    same_size = bytearray(b.layers[0])
    same_size[4] ^= 1  # the time in the header of gzip
    b.registry.fault = layer_fault(b, lambda h: h.answer(200, bytes(same_size)))
    b.fails("has the digest", landed=0)


@case
def wrong_diff_ids(b):
    diff_ids, b.diff_ids = b.diff_ids, [digest(b"x"), b.diff_ids[1]]
    b.fill()
    b.fails("the digest of the tar is", landed=0)
    b.diff_ids = diff_ids
    b.fill()


@case
def slow_bodies(b):
    def half(handler):
        handler.answer(200, handler.blob()[:1000], length=len(handler.blob()))
        handler.hang()
    start = time.monotonic()
    b.registry.fault = layer_fault(b, half)
    b.fails("no data for 2 s", base=b.AT_ONCE)
    b.registry.fault = layer_fault(b, lambda h: h.trickle(h.blob()))
    b.fails("no data for 2 s", base=b.AT_ONCE)
    b.registry.fault = always(lambda h: h.hang(), "manifest")
    b.fails("no data for 2 s", base=b.AT_ONCE)
    expect(time.monotonic() - start < 30, "it took too long")


@case
def content_encodings(b):
    b.registry.fault = layer_fault(b, lambda h: h.answer(200, h.blob(), {"Content-Encoding": "gzip"}))
    b.works()
    expect(all(e["headers"].get("accept-encoding", "identity") == "identity" for e in b.registry.log),
           "an encoding was asked for")
    b.registry.fault = always(lambda h: h.answer(
        200, packed(h.manifest()[1]), {"Content-Encoding": "gzip", "Content-Type": MANIFEST}),
        "manifest")
    b.fails("JSON", landed=0)


# Manifests.

@case
def large_manifests(b):
    b.put("large", MANIFEST, b.manifest_of(padding="x" * (5 << 20)))
    b.fails("longer than the 4194304 bytes", "large", landed=0)
    endless = always(lambda h: h.answer(200, b" " * (8 << 20), length=False), "manifest")
    b.registry.fault = endless
    b.fails("longer than the 4194304 bytes", landed=0)


@case
def content_types(b):
    for kind in (None, "text/html", "application/json; charset=utf-8", MANIFEST + "; a=b"):
        b.registry.fault = always(lambda h, kind=kind: h.answer(
            200, h.manifest()[1], {"Content-Type": kind} if kind else {}), "manifest")
        b.works()
    b.registry.fault = always(lambda h: h.answer(200, b"<html>", {"Content-Type": "text/html"}),
                              "manifest")
    b.fails("JSON")
    b.registry.fault = always(lambda h: h.answer(200, b'{"schemaVersion": 1, "fsLayers": []}', {
        "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"}), "manifest")
    b.fails("is not an image: the type of its manifest is unknown")


@case
def manifests_of_another_digest(b):
    other = b.manifest + b" "
    b.registry.fault = always(lambda h: h.answer(200, other, {"Content-Type": MANIFEST}), "manifest")
    b.fails("a manifest with the digest", digest(b.manifest), landed=0)
    b.registry.fault = always(lambda h: h.answer(200, other, {
        "Content-Type": MANIFEST, "Docker-Content-Digest": digest(b.manifest)}), "manifest")
    b.fails("a manifest with the digest", landed=0)


@case
def missing_things(b):
    b.fails("does not have the image 2: manifest_unknown", "2")
    del b.registry.blobs[digest(b.layers[1])]
    b.fails("does not have the blob", landed=1)
    b.fill()
    b.registry.fault = always(lambda h: h.error(403, "DENIED"), "manifest")
    b.fails("denies access to the image 1: denied")


@case
def headers_without_end(b):
    def endless(handler):
        handler.send_response(200)
        for i in range(1000):
            handler.send_header("X-%d" % i, "y" * 1000)
        handler.end_headers()
    b.registry.fault = always(endless, "manifest")
    b.fails("headers of the response are too long")


# Redirections.

@case
def redirection_to_another_host(b):
    b.other.blobs = b.registry.blobs
    for status in (301, 302, 303, 307, 308):
        b.registry.authorize = requires_basic()
        b.registry.fault = always(lambda h, s=status: requires_basic()(h) or h.answer(
            s, headers={"Location": b.other.url + h.path, "Set-Cookie": "a=" + SECRET}))
        b.works(auth=b.login())
        expect(b.other.log, "the other host was not asked")
        b.other_saw_nothing_secret()
    Tokens(b.registry, b.other, users={USER})
    redirect = b.registry.fault
    b.registry.fault = None
    check = b.registry.authorize
    b.other.log.clear()
    b.registry.authorize = lambda h: check(h) or (h.blob() is not None and not h.answer(
        307, headers={"Location": b.other.url + h.path}))
    b.works(auth=b.login())
    blobs = [e for e in b.other.log if "/blobs/" in e["path"]]
    expect(blobs and all("authorization" not in e["headers"] for e in blobs), "a token was sent on")
    b.registry.fault = redirect
    b.other.blobs = {}


@case
def redirection_to_another_host_and_back(b):
    b.registry.authorize = requires_basic()
    b.registry.fault = always(lambda h: False if "back" in h.path else requires_basic()(h) or h.answer(
        307, headers={"Location": b.other.url + h.path}))
    b.other.fault = lambda h: h.answer(307, headers={"Location": b.registry.url + "/v2/back"}) or True
    b.fails("denies access", auth=b.login())
    back = b.registry.requests("back")
    expect(back and "authorization" not in back[0]["headers"], "the password came back")
    b.other_saw_nothing_secret()


@case
def redirection_within_the_registry(b):
    b.registry.authorize = requires_basic()

    def fault(handler):
        if handler.blob() is None or "elsewhere" in handler.path or requires_basic()(handler):
            return False
        handler.answer(307, headers={"Location": handler.path.replace("team/app", "elsewhere")})
        return True
    b.registry.fault = fault
    b.works(auth=b.login())


@case
def redirection_loops(b):
    b.registry.fault = always(lambda h: h.answer(302, headers={"Location": h.path}))
    b.fails("more than 8 redirections", landed=0)
    b.registry.fault = always(lambda h: h.answer(302, headers={"Location": h.path}), "manifest")
    b.fails("more than 8 redirections", landed=0)


@case
def redirections_to_nowhere(b):
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/x", "http://", "gopher://127.0.0.1/",
                   "http://ann:%s@127.0.0.2/x" % SECRET, "http://192.0.2.1/x", None, "http://a b/"):
        b.registry.fault = always(lambda h, t=target: h.answer(
            302, headers={"Location": t} if t else {}))
        b.fails("redirects to no valid URL|plain HTTP|more than 8", landed=0)


# Layers that may not be distributed.

@case
def foreign_layers(b):
    b.other.blobs = {digest(b.layers[0]): b.layers[0]}
    url = b.other.url + "/v2/x/blobs/" + digest(b.layers[0])
    manifest = json.loads(b.manifest)
    del b.registry.blobs[digest(b.layers[0])]
    b.registry.authorize = requires_basic()
    for urls, good in (([url], True), ([b.other.url + "/no", url], True),
                       ([b.other.url + "/no"], False), (["ftp://x/y"], False), ([], False)):
        manifest["layers"][0].update({"mediaType": FOREIGN, "urls": urls})
        b.put("foreign", MANIFEST, json.dumps(manifest).encode())
        if good:
            b.works("foreign", auth=b.login())
        else:
            b.fails("does not have the blob|not an HTTP URL", "foreign", auth=b.login(), landed=0)
    b.other_saw_nothing_secret()
    b.other.fault = lambda h: h.answer(200, b"x" * len(b.layers[0])) or True
    manifest["layers"][0]["urls"] = [url]
    b.put("foreign", MANIFEST, json.dumps(manifest).encode())
    b.fails("gzip|digest|tar", "foreign", auth=b.login(), landed=0)
    b.fill()
    b.other.blobs = {}


# Tags.

@case
def lists_of_tags(b):
    pages = {"/v2/team/app/tags/list?n=1000": (["a", "b\x1b[31m"], '</v2/team/app/tags/list?last=b>; rel="next"'),
             "/v2/team/app/tags/list?last=b": (["c"], None)}

    def fault(handler):
        if handler.path not in pages:
            return False
        tags, link = pages[handler.path]
        handler.answer(200, json.dumps({"name": "team/app", "tags": tags}).encode(),
                       {"Link": link} if link else {})
        return True
    b.registry.fault = fault
    words = ("oci", "tags", *b.OPTIONS, b.registry.host + "/team/app")
    done = b.run(*words)
    expect(done.stdout == b"a\nb\\x1b[31m\nc\n", "the tags: %s %s" % (done.stdout, done.stderr))
    pages["/v2/team/app/tags/list?last=b"] = (["c"], '<list?last=b>; rel="next"')
    b.fails_with(b.run(*words), "leads back to itself")
    pages["/v2/team/app/tags/list?last=b"] = (["c"], '<%s/x>; rel="next"' % b.other.url)
    b.fails_with(b.run(*words), "another host")
    for body, text in ((b"{", "JSON"), (b'{"tags": 1}', "not an array"), (b'{"tags": [1]}', "type")):
        b.registry.fault = lambda h, body=body: h.answer(200, body) or True
        b.fails_with(b.run(*words), text)
    b.registry.fault = lambda h: h.answer(200, b'{"tags": null}') or True
    expect(b.run(*words).stdout == b"", "tags of null")
    b.registry.fault = lambda h: h.error(404, "NAME_UNKNOWN") or True
    b.fails_with(b.run(*words), "does not have the list of tags: name_unknown")


# Pushing.

@case
def pushes(b):
    b.push_works()
    b.registry.authorize = requires_basic()
    b.push_works(auth=b.login())
    b.registry.authorize = None
    Tokens(b.registry, b.other, users={USER}, uses=2)
    b.push_works(auth=b.login())
    b.fill()


@case
def uploads_with_other_locations(b):
    def with_location(change, auth=None):
        def fault(handler):
            if handler.command != "POST" or (auth and auth(handler)):
                return False
            b.registry.uploads["u"] = b""
            location = change("/v2/team/app/blobs/uploads/u")
            handler.answer(202, headers={"Location": location} if location is not None else {})
            return True
        return fault
    for change in (lambda p: p, lambda p: b.registry.url + p, lambda p: "//" + b.registry.host + p,
                   lambda p: p + "?a=b&_state=%2Fx", lambda p: "u"):
        b.registry.fault = with_location(change)
        b.push_works()
    for bad in (None, "", "file:///tmp/x", "http://192.0.2.1/x", "http://u:p@127.0.0.1/"):
        b.registry.fault = with_location(lambda p, bad=bad: bad)
        b.push_fails("where to upload to|plain HTTP|upload")
    b.other.uploads = b.registry.uploads
    b.other.blobs = b.registry.blobs
    b.registry.authorize = requires_basic()
    b.registry.fault = with_location(lambda p: b.other.url + p, requires_basic())
    b.push_works(auth=b.login())
    expect(b.other.log, "the other host got nothing")
    b.other_saw_nothing_secret()
    b.other.blobs = {}
    b.fill()


@case
def uploads_that_vanish(b):
    lost = []

    def fault(handler):
        if handler.command != "PUT" or "/uploads/" not in handler.path or len(lost) >= 2:
            return False
        lost.append(handler.path)
        handler.error(404, "BLOB_UPLOAD_UNKNOWN")
        return True
    b.registry.fault = fault
    b.push_works()
    expect(b.registry.requests("^PATCH"), "no chunk was sent")
    for status in (400, 405, 413):
        b.registry.fault = lambda h, s=status: (h.error(s) or True) if (
            h.command == "PUT" and "/uploads/" in h.path and h.body) else False
        b.push_works()
    b.registry.fault = lambda h: (h.error(404, "BLOB_UPLOAD_UNKNOWN") or True) if (
        h.command in ("PUT", "PATCH") and "/uploads/" in h.path) else False
    b.push_fails("lost the upload of the blob")


@case
def uploads_that_fail(b):
    failed = []

    def fault(handler):
        if handler.command == "PUT" and len(failed) < 2:
            failed.append(handler.path)
            handler.error(500)
            return True
        return False
    b.registry.fault = fault
    b.push_works()
    b.registry.fault = lambda h: (h.error(500) or True) if h.command == "POST" else False
    b.push_fails("status 500")
    b.registry.fault = lambda h: (h.answer(201, headers={
        "Docker-Content-Digest": "sha256:" + "0" * 64}) or True) if h.command == "PUT" else False
    b.push_fails("the registry stored")
    b.registry.fault = lambda h: (h.answer(307, headers={"Location": b.other.url}) or True) if (
        h.command == "POST") else False
    b.push_fails("redirects a POST")
    b.registry.fault = lambda h: (h.error(400, "MANIFEST_INVALID") or True) if (
        h.command == "PUT" and "manifests" in h.path) else False
    b.push_fails("status 400 .*manifest_invalid")
    b.registry.fault = lambda h: (h.error(403, "DENIED") or True) if h.command == "POST" else False
    b.push_fails("denies access to an upload")
    b.fill()


@case
def blobs_that_are_shared(b):
    b.registry.fault = lambda h: (h.answer(201) or True) if "mount=" in h.path else False
    done = b.push("--mount-from", "team/base", "--json")
    expect(done.returncode == 0 and json.loads(done.stdout)["blobs_sent"] == 0, "%s" % done.stderr)
    b.registry.fault = None
    b.push_works("--mount-from", "team/base")
    b.fill()


@case
def pushes_of_a_store(b):
    store = b.work / "stored"
    b.run("oci", "import", "-q", "--name", "kept", b.layout, store)

    def push(*options):
        done = b.run("oci", "push", *b.OPTIONS, *options, store, "kept", b.reference("stored"))
        odd = [path for path in store.rglob("*.tmp")]
        expect(not odd, "left in the store: %s" % odd)
        return done
    for method in ("none", "gzip", "zstd"):
        done = push("--compression", method)
        expect(done.returncode == 0, "%s: %s" % (method, done.stderr))
    done = push("--json")
    expect(done.returncode == 0 and json.loads(done.stdout)["blobs_sent"] == 0, "sent again")
    b.registry.blobs.clear()
    failed = []

    def fault(handler):
        if handler.command != "PUT" or len(failed) > 1:
            return False
        failed.append(handler.path)
        handler.error(500)
        return True
    b.registry.fault = fault
    expect(push().returncode == 0 and len(failed) == 2, "it was not repeated")
    b.registry.blobs.clear()
    b.registry.manifests.clear()
    b.registry.fault = lambda h: (h.error(403, "DENIED") or True) if h.command == "POST" else False
    b.fails_with(push(), "denies access to an upload")
    expect(not b.registry.manifests, "a manifest was sent")
    b.fill()


# The process.

@case
def interruption(b):
    b.registry.authorize = requires_basic()
    started = []

    def hang(handler):
        handler.answer(200, handler.blob()[:50_000], length=len(handler.blob()))
        started.append(1)
        handler.hang()
    b.registry.fault = lambda h: requires_basic()(h) or (
        (hang(h) or True) if h.blob() == b.layers[0] else False)
    store = b.store = b.work / "store"
    for kill in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        shutil.rmtree(store, ignore_errors=True)
        started.clear()
        process = subprocess.Popen([b.cim, "oci", "pull", b.reference(), store, "--creds", USER],
                                   stderr=subprocess.PIPE, env=b.environment())
        deadline = time.monotonic() + 30
        while not started and time.monotonic() < deadline:
            time.sleep(0.01)
        words = Path("/proc/%d/cmdline" % process.pid).read_bytes()
        expect(SECRET.encode() not in words and b"ann:xxx" in words, "the password is in %s" % words)
        process.send_signal(kill)
        start = time.monotonic()
        process.communicate(timeout=30)
        expect(time.monotonic() - start < 5, "%s: it did not stop" % kill)
        expect(process.returncode == -kill, "%s: status %d" % (kill, process.returncode))
        if kill != signal.SIGKILL:
            b.look(process)
        b.registry.released.set()
        b.registry.released.clear()
    b.registry.fault = None
    done = b.run("oci", "pull", *b.OPTIONS, b.reference(), store, auth=b.login())
    expect(done.returncode == 0, "after a kill: %s" % done.stderr)


def main():
    cim = Path(sys.argv[1]).resolve()
    supported = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                               capture_output=True)
    if b"does not support registries" in supported.stderr:
        print("this build has no registry support")
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        bench = Bench(cim, Path(work))
        for function in cases:
            if sys.argv[2:] and function.__name__ not in sys.argv[2:]:
                continue
            bench.name = function.__name__
            bench.registry.reset()
            bench.other.reset()
            start = time.monotonic()
            function(bench)
            print("%s: %.1f s" % (bench.name, time.monotonic() - start), flush=True)
        bench.registry.close()
        bench.other.close()
    return exit_status("%d cases" % len(cases))


if __name__ == "__main__":
    sys.exit(main())
