#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Tests mounts in the foreground, and mounts with and without access for other users.

    python3 mount_options.py --build BUILD_DIR

Through each available backend: `cim mount --foreground` runs until it is interrupted or the image
is unmounted, and leaves nothing; without `allow_other` only the user who mounted has access, with
it all users have. Exit status 77 if nothing can be mounted.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect

TIMEOUT = 60  # seconds
NOBODY = 65534
SKIPPED = 77
TEXT = "what the image says"


class Options:
    def __init__(self, cim: Path, directory: Path):
        self.cim, self.directory = cim, directory
        self.image, self.place = directory / "a.cim", directory / "at"
        source = directory / "source"
        source.mkdir()
        (source / "name").write_text(TEXT, "ascii")
        subprocess.run([cim, "--quiet", "create", self.image, source], check=True)
        self.place.mkdir()
        directory.chmod(0o755)

    def command(self, backend, *options) -> list:
        return [self.cim, "mount", *options, "--backend", backend,
                "-o", "cache=%s" % (self.directory / "cache"), self.image, self.place]

    def reason_not_to_mount(self, backend):
        done = subprocess.run(self.command(backend), text=True, capture_output=True, check=False,
                              timeout=TIMEOUT)
        if done.returncode == 0:
            self.unmount()
        return done.stderr.strip()

    def unmount(self):
        done = subprocess.run([self.cim, "umount", self.place], check=False, timeout=TIMEOUT)
        expect(done.returncode == 0, "umount")

    def read_as(self, user) -> str:
        done = subprocess.run(["cat", self.place / "name"], text=True, capture_output=True,
                              check=False, user=user, timeout=TIMEOUT)
        return done.stdout if done.returncode == 0 else done.stderr

    def start_in_foreground(self, backend):
        process = subprocess.Popen(self.command(backend, "--foreground"))
        deadline = time.monotonic() + TIMEOUT
        while not self.place.is_mount() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        expect(self.read_as(os.geteuid()) == TEXT, backend + ": reads in the foreground")
        expect(process.poll() is None, backend + ": stays in the foreground")
        return process

    def expect_end(self, process, what):
        try:
            expect(process.wait(TIMEOUT) == 0, "%s: exit status %s" % (what,
                                                                      process.returncode))
        except subprocess.TimeoutExpired:
            process.kill()
            expect(False, what + ": does not end")
        expect(not self.place.is_mount(), what + ": is mounted still")

    def foreground(self, backend):
        for interruption in (signal.SIGINT, signal.SIGTERM):
            process = self.start_in_foreground(backend)
            process.send_signal(interruption)
            self.expect_end(process, "%s: %s" % (backend, interruption.name))
        process = self.start_in_foreground(backend)
        self.unmount()
        self.expect_end(process, backend + ": unmounted by another")

    def others(self, backend):
        for options, may in (([], False), (["-o", "allow_other"], True)):
            subprocess.run(self.command(backend, *options), check=True, timeout=TIMEOUT)
            expect(self.read_as(os.geteuid()) == TEXT, backend + ": who mounted reads")
            seen = self.read_as(NOBODY)
            expect(seen == TEXT if may else "Permission denied" in seen,
                   "%s, %s: another user sees %r" % (backend, options, seen))
            self.unmount()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    args = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="cimlib-options-")).resolve()
    checked = 0
    try:
        options = Options(args.build.resolve() / "src" / "cli" / "cim", directory)
        for backend in ("fuse", "erofs"):
            if reason := options.reason_not_to_mount(backend):
                print("%s skipped: %s" % (backend, reason))
                continue
            checked += 1
            options.foreground(backend)
            if os.geteuid() == 0:
                options.others(backend)
    finally:
        if options.place.is_mount():
            subprocess.run([options.cim, "umount", "--lazy", options.place], check=False)
        shutil.rmtree(directory, ignore_errors=True)
    if not checked:
        return SKIPPED
    return exit_status("mount options")


if __name__ == "__main__":
    sys.exit(main())
