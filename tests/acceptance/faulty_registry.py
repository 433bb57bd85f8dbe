# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""A container registry for tests, in memory, whose answers a test can replace one by one. It keeps
all requests with their headers.

A fault is a function of the request's handler that returns True if it has answered the request.
"""
import base64
import gzip
import hashlib
import http.server
import json
import re
import socket
import threading
import time
import urllib.parse

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    """One server, at an address of its own."""

    def __init__(self, address="127.0.0.1"):
        self.blobs, self.manifests, self.uploads = {}, {}, {}
        self.log, self.lock = [], threading.Lock()
        self.fault = self.authorize = None
        self.released = threading.Event()
        registry = self

        class Bound(Handler):
            pass
        Bound.registry = registry
        self.server = http.server.ThreadingHTTPServer((address, 0), Bound)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients close connections
        self.host = "%s:%d" % self.server.server_address
        self.url = "http://" + self.host
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        """Forgets faults, requests and uploads."""
        self.released.set()  # ends handlers that hang
        self.released = threading.Event()
        self.fault = self.authorize = None
        self.log = []
        self.uploads = {}

    def requests(self, pattern=""):
        return [entry for entry in self.log if re.search(pattern, entry["method"] + " " + entry["path"])]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    registry = None

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=(), length=True):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if length is not False and status != 204:
            self.send_header("Content-Length", str(len(body) if length is True else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code="UNKNOWN", headers=()):
        body = json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode()
        self.answer(status, body, {"Content-Type": "application/json", **dict(headers)})

    def cut(self, body, size, headers=(), status=200):
        """Announces the whole body, sends its first bytes and closes the connection."""
        self.answer(status, body[:size], headers, length=len(body))
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def hang(self):
        """Waits until the test is over."""
        self.wfile.flush()
        self.registry.released.wait(60)
        self.close_connection = True

    def trickle(self, body, seconds=0.2):
        self.answer(200, b"", length=len(body))
        for byte in body:
            if self.registry.released.wait(seconds):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def blob(self):
        """Returns the blob that is requested, or None."""
        name = re.fullmatch(r"/v2/.+/blobs/(sha256:[0-9a-f]{64})", self.path)
        return self.registry.blobs.get(name[1]) if name else None

    def manifest(self):
        """Returns (type, bytes) of the manifest that is requested, or None."""
        name = re.fullmatch(r"/v2/.+/manifests/([^/]+)", self.path)
        return self.registry.manifests.get(name[1]) if name else None

    def basic(self):
        """Returns the user and password of the request, or None."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode() if kind == "Basic" else None

    def handle_request(self):
        registry = self.registry
        size = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(size) if size else b""
        with registry.lock:
            registry.log.append({"method": self.command, "path": self.path,
                                 "headers": {k.lower(): v for k, v in self.headers.items()},
                                 "body": self.body})
        for rule in (registry.fault, registry.authorize):
            if rule and rule(self):
                return
        self.serve()

    def serve(self):
        """Answers as a registry without faults."""
        path = urllib.parse.urlsplit(self.path).path
        if path == "/v2/":
            self.answer(200, b"{}")
        elif "/uploads/" in path:
            self.upload()
        elif self.command == "PUT":
            self.put_manifest(path)
        elif self.blob() is not None:
            self.serve_blob(self.blob())
        elif self.manifest():
            kind, body = self.manifest()
            self.answer(200, body, {"Content-Type": kind, "Docker-Content-Digest": digest(body)})
        else:
            self.error(404, "BLOB_UNKNOWN" if "/blobs/" in path else "MANIFEST_UNKNOWN")

    def serve_blob(self, body):
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not start:
            return self.answer(200, body, {"Content-Type": "application/octet-stream"})
        first = int(start[1])
        self.answer(206, body[first:], {"Content-Range": "bytes %d-%d/%d"
                                        % (first, len(body) - 1, len(body))})

    def upload(self):
        registry, parts = self.registry, urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        base, _, key = parts.path.rpartition("/")
        if self.command == "POST":
            if query.get("mount") in registry.blobs:
                return self.answer(201)
            key = "u%d" % len(registry.uploads)
            registry.uploads[key] = b""
            return self.answer(202, headers={"Location": "%s/%s?state=1" % (base, key)})
        if key not in registry.uploads:
            return self.error(404, "BLOB_UPLOAD_UNKNOWN")
        registry.uploads[key] += self.body
        if self.command == "PATCH":
            return self.answer(202, headers={"Location": "%s/%s?state=2" % (base, key)})
        data = registry.uploads.pop(key)
        if query.get("digest") != digest(data):
            return self.error(400, "DIGEST_INVALID")
        registry.blobs[digest(data)] = data
        self.answer(201, headers={"Docker-Content-Digest": digest(data)})

    def put_manifest(self, path):
        kind = self.headers.get("Content-Type")
        for name in (path.rpartition("/")[2], digest(self.body)):
            self.registry.manifests[name] = (kind, self.body)
        self.answer(201, headers={"Docker-Content-Digest": digest(self.body)})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_request


class Tokens:
    """A token service with a registry that requires its tokens."""

    def __init__(self, registry, service, users=None, uses=None, expires=300):
        self.registry, self.service = registry, service
        self.users, self.uses, self.expires = users, uses, expires
        self.left, self.count = {}, 0
        registry.authorize = self.check
        service.fault = self.issue

    def challenge(self):
        return {"WWW-Authenticate": 'Bearer realm="%s/token",service="test, of tokens",'
                                    'scope="repository:team/app:pull"' % self.service.url}

    def check(self, handler):
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.left.get(token, 0) <= 0:
            handler.error(401, "UNAUTHORIZED", self.challenge())
            return True
        self.left[token] -= 1
        return False

    def issue(self, handler):
        if not handler.path.startswith("/token"):
            return False
        form = dict(urllib.parse.parse_qsl(handler.body.decode()))
        if self.users is not None and handler.basic() not in self.users \
                and form.get("refresh_token") not in self.users:
            handler.error(401, "UNAUTHORIZED")
            return True
        self.count += 1
        token = "token-%d" % self.count
        self.left[token] = self.uses or 1 << 30
        handler.answer(200, json.dumps({"token": token, "expires_in": self.expires}).encode())
        return True


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def now() -> float:
    return time.monotonic()
