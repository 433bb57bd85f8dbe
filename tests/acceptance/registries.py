# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Exchanges images with Debian's docker-registry and skopeo: by plain HTTP, by TLS with a private
certificate authority, with a password file, and with a token service.

    registries.py CIM

The images are the sample and, if CIMLIB_CORPUS names a corpus, its own. Exit status 77 without
docker-registry, skopeo, openssl or htpasswd.
"""
import base64
import hashlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from expectations import exit_status, expect
import oci_layouts
import sample_layer

USER, PASSWORD = "ann", "s3cret-PASSWORD"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True,
                          check=True).stdout


class Authority:
    """A certificate authority, and a certificate of localhost that it signed."""

    def __init__(self, work: Path):
        self.ca, self.key, self.cert = work / "ca.pem", work / "key.pem", work / "cert.pem"
        ca_key, request, names = work / "ca.key", work / "request.pem", work / "names"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", ca_key, "-out", self.ca,
                "-subj", "/CN=authority", "-days", "2")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", request,
                "-subj", "/CN=localhost")
        names.write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial",
                "-out", self.cert, "-days", "2", "-extfile", names)


class TokenService:
    """Signs tokens for docker-registry with the key of a certificate."""

    def __init__(self, authority: Authority):
        self.authority, self.count = authority, 0
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                header = self.headers.get("Authorization", "").removeprefix("Basic ")
                known = base64.b64decode(header) == ("%s:%s" % (USER, PASSWORD)).encode()
                body = json.dumps({"token": service.token(query.get("scope", []))}).encode()
                self.send_response(200 if known else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if known else b" " * len(body))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/token" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, scopes) -> str:
        self.count += 1
        certificate = openssl("x509", "-in", self.authority.cert, "-outform", "der")
        header = {"alg": "RS256", "typ": "JWT", "x5c": [base64.b64encode(certificate).decode()]}
        access = []
        for scope in " ".join(scopes).split():
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        claims = {"iss": "tests", "aud": "registry", "sub": USER, "exp": int(time.time()) + 300,
                  "nbf": int(time.time()) - 10, "iat": int(time.time()), "jti": str(self.count),
                  "access": access}

        def encoded(data: bytes) -> bytes:
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        text = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.authority.key, stdin=text)
        return (text + b"." + encoded(signature)).decode()


class Registry:
    """A running docker-registry. Several may have the same data. `launcher` is the beginning of the
    command that runs it."""

    def __init__(self, work: Path, tls=None, passwords=None, tokens=None, data=None,
                 address="127.0.0.1", launcher=()):
        self.address, self.data = (address, free_port()), data or work / "data"
        self.host = "%s:%d" % ("localhost" if tls else address, self.address[1])
        work.mkdir()
        settings = {"version": 0.1, "log": {"level": "error"},
                    "storage": {"filesystem": {"rootdirectory": str(self.data)}},
                    "http": {"addr": "%s:%d" % self.address, "secret": "x"}}
        if tls:
            settings["http"]["tls"] = {"certificate": str(tls.cert), "key": str(tls.key)}
        if passwords:
            settings["auth"] = {"htpasswd": {"realm": "tests", "path": str(passwords)}}
        if tokens:
            settings["auth"] = {"token": {"realm": tokens.url, "service": "registry",
                                          "issuer": "tests",
                                          "rootcertbundle": str(tokens.authority.ca)}}
        (work / "config.yml").write_text(json.dumps(settings))  # JSON is YAML
        self.process = subprocess.Popen([*launcher, "docker-registry", "serve", work / "config.yml"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.await_start()

    def await_start(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(self.address) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("docker-registry does not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Exchange:
    def __init__(self, cim, work: Path, environment: dict):
        self.cim, self.work, self.environment = cim, work, environment
        self.count = 0

    def path(self, name) -> Path:
        self.count += 1
        return self.work / ("%s %d" % (name, self.count))

    def run(self, *words, stdin=b""):
        done = subprocess.run(list(map(str, words)), capture_output=True, timeout=600, input=stdin,
                              env=self.environment)
        expect(PASSWORD.encode() not in done.stdout + done.stderr, "the password was printed")
        return done

    def works(self, *words, stdin=b""):
        done = self.run(*words, stdin=stdin)
        expect(done.returncode == 0, "%s: %s" % (words[:4], done.stderr.decode()))
        return done

    def skopeo(self, source, target, *options):
        return self.works("skopeo", "--insecure-policy", "copy", "--quiet", *options, source, target)

    def layers(self, done):
        return json.loads(done.stdout)["layers"] if done.returncode == 0 else []

    def round_trip(self, registry, layout, name, options=(), skopeo=(), stdin=b""):
        """skopeo pushes, cim pulls; cim pushes, skopeo pulls: the same at each end."""
        source = "oci:%s:%s" % (layout, name)
        there = "%s/team/app:%s" % (registry.host, name)
        self.skopeo(source, "docker://" + there, *("--dest" + o for o in skopeo))
        copy = self.path("copy")  # as skopeo compressed it
        self.skopeo("docker://" + there, "oci:%s:%s" % (copy, name), *("--src" + o for o in skopeo))
        pulled, imported = self.path("pulled"), self.path("imported")
        ours = self.layers(self.works(self.cim, "oci", "pull", "--json", "--reproducible", there,
                                      pulled, *options, stdin=stdin))
        theirs = self.layers(self.works(self.cim, "oci", "import", "--json",
                                        "--reproducible", "--name", there,
                                        "%s:%s" % (copy, name), imported))
        expect(ours and [e["chain_id"] for e in ours] == [e["chain_id"] for e in theirs],
               "%s: other layers than an import's" % there)
        expect(files(pulled) == files(imported), "%s: other files than an import's" % there)
        images = json.loads(self.works(self.cim, "store", "ls", "--json", pulled).stdout or "[]")
        expect([e["names"] for e in images] == [[there]], "%s: the images %s" % (there, images))
        self.works(self.cim, "store", "check", pulled)
        again = self.layers(self.works(self.cim, "oci", "pull", "--json", there, pulled, *options,
                                       stdin=stdin))
        expect(again and all(e["reused"] for e in again), "%s: layers came again" % there)
        self.push(registry, copy, name, options, skopeo, stdin)
        self.push_store(registry, copy, name, options, skopeo, stdin)

    def push(self, registry, layout, name, options, skopeo, stdin):
        there = "%s/team/pushed:%s" % (registry.host, name)
        done = self.works(self.cim, "oci", "push", "--json", "oci:%s:%s" % (layout, name), there,
                          *options, stdin=stdin)
        expect(json.loads(done.stdout or "{}").get("blobs_sent", 0) > 0, "%s: nothing sent" % there)
        back = self.path("back")
        self.skopeo("docker://" + there, "oci:%s:%s" % (back, name), *("--src" + o for o in skopeo))
        expect(blobs(layout) == blobs(back), "%s: other blobs than those pushed" % there)
        done = self.works(self.cim, "oci", "push", "--json", "oci:%s:%s" % (layout, name), there,
                          *options, stdin=stdin)
        expect(json.loads(done.stdout or "{}").get("blobs_sent") == 0, "%s: sent again" % there)
        elsewhere = "%s/team/shared:%s" % (registry.host, name)
        done = self.works(self.cim, "oci", "push", "--json", "oci:%s:%s" % (layout, name), elsewhere,
                          "--mount-from", "team/pushed", *options, stdin=stdin)
        expect(json.loads(done.stdout or "{}").get("blobs_sent") == 0, "%s: not shared" % elsewhere)
        tags = self.works(self.cim, "oci", "tags", there.rpartition(":")[0], *options, stdin=stdin)
        expect(tags.stdout.decode().split() == [name], "the tags: %s" % tags.stdout)

    def push_store(self, registry, layout, name, options, skopeo, stdin):
        """An image of a store is pushed: the configuration and, as plain tars, the layers are those
        that were imported."""
        store, there = self.path("store"), "%s/team/stored:%s" % (registry.host, name)
        self.works(self.cim, "oci", "import", "--name", "kept", "%s:%s" % (layout, name), store)
        for method in ("none", "gzip"):
            self.works(self.cim, "oci", "push", "--compression", method, store, "kept", there,
                       *options, stdin=stdin)
            back = self.path("back")
            self.skopeo("docker://" + there, "oci:%s:%s" % (back, name), "--preserve-digests",
                        *("--src" + o for o in skopeo))
            config, layers = documents(back)
            expect(config == documents(layout)[0], "%s: another configuration" % there)
            plain = json.loads((back / "blobs/sha256" / config[7:]).read_text())["rootfs"]["diff_ids"]
            expect((layers == plain) == (method == "none"), "%s: the layers are %s" % (there, layers))

    def fails(self, text, *words):
        done = self.run(*words)
        expect(done.returncode == 1 and done.stderr.count(b"\n") == 1 and text in done.stderr.decode(),
               "%s: %d, %s" % (words[:4], done.returncode, done.stderr.decode()))


def documents(layout: Path):
    """Returns the digests of the configuration and of the layers."""
    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads((layout / "blobs/sha256" / index["manifests"][0]["digest"][7:]).read_text())
    return manifest["config"]["digest"], [layer["digest"] for layer in manifest["layers"]]


def files(store: Path) -> dict:
    """Returns the digests of a store's files by path. The records of images differ: they have the
    descriptor in the index of a layout, if the image came from one."""
    return {str(p.relative_to(store)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in store.rglob("*") if p.is_file() and p.parent != store / "cim-images/images"}


def blobs(layout: Path) -> set:
    return {p.name for p in (layout / "blobs/sha256").iterdir()}


def exchange_all(cim, work: Path, layout: Path, name: str):
    home = work / "home"
    (home / ".docker").mkdir(parents=True)
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "DOCKER_CONFIG")
                   and not k.lower().endswith("_proxy")}
    exchange = Exchange(cim, work, {**environment, "HOME": str(home)})
    login = home / ".docker/config.json"
    authority = Authority(work)
    plain = ("-tls-verify=false",)
    secret = ("-tls-verify=false", "-creds=%s:%s" % (USER, PASSWORD))

    registry = Registry(work / "plain", None)
    exchange.round_trip(registry, layout, name, skopeo=plain)
    exchange.fails("does not have the image none", cim, "oci", "pull",
                   registry.host + "/team/app:none", work / "none")
    registry.stop()

    registry = Registry(work / "tls", tls=authority)
    exchange.round_trip(registry, layout, name, ("--ca-file", authority.ca), plain)
    there = "%s/team/app:%s" % (registry.host, name)
    exchange.fails("is not trusted", cim, "oci", "pull", there, work / "none")
    exchange.works(cim, "oci", "pull", "--tls-verify=false", there, exchange.path("unverified"))
    exchange.fails("cannot be read as a file of certificate", cim, "oci", "pull", "--ca-file",
                   work / "missing", there, work / "none")
    registry.stop()

    passwords = work / "passwords"
    passwords.write_bytes(subprocess.run(["htpasswd", "-nbB", USER, PASSWORD], check=True,
                                         capture_output=True).stdout)
    registry = Registry(work / "htpasswd", passwords=passwords)
    exchange.round_trip(registry, layout, name, ("--creds", USER, "--password-stdin"), secret,
                        stdin=PASSWORD.encode())
    there = "%s/team/app:%s" % (registry.host, name)
    exchange.fails("requires a login: no credentials found", cim, "oci", "pull", there, work / "none")
    exchange.works("skopeo", "login", "--tls-verify=false", "--authfile", login, "-u", USER,
                   "--password-stdin", registry.host, stdin=PASSWORD.encode())
    exchange.works(cim, "oci", "pull", there, exchange.path("logged in"))
    registry.stop()

    tokens = TokenService(authority)
    registry = Registry(work / "token", tokens=tokens)
    login.write_text(json.dumps({"auths": {registry.host: {
        "auth": base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()}}}))
    exchange.round_trip(registry, layout, name, skopeo=secret)
    login.unlink()
    exchange.fails("denies access: no credentials found", cim, "oci", "pull",
                   "%s/team/app:%s" % (registry.host, name), work / "none")
    registry.stop()
    expect(not (work / "none").exists(), "a failed pull left a store")


def main():
    needed = [t for t in ("docker-registry", "skopeo", "openssl", "htpasswd") if not shutil.which(t)]
    cim = Path(sys.argv[1]).resolve()
    supported = subprocess.run([cim, "oci", "tags", "127.0.0.1:1/x", "--retries", "0"],
                               capture_output=True)
    if needed or b"does not support registries" in supported.stderr:
        print("not there: %s" % (", ".join(needed) or "support of registries"))
        return 77
    with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
        tars = [sample_layer.make(Path(work)), oci_layouts.make_child(Path(work))]
        layout = oci_layouts.Layout(Path(work) / "layout")
        layout.add(layout.image(tars), "sample")
        exchange_all(cim, Path(work), layout.path, "sample")
    if "CIMLIB_CORPUS" in os.environ:
        with tempfile.TemporaryDirectory(prefix="cimlib-") as work:
            exchange_all(cim, Path(work), Path(os.environ["CIMLIB_CORPUS"]) / "oci", "latest")
    else:
        print("CIMLIB_CORPUS does not name a corpus; it is skipped")
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
