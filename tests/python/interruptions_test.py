# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Ctrl-C ends long calls, and other threads run meanwhile."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import cimlib

SLOW_IMPORT = """
import io, os, signal, sys, threading, time
import cimlib

class Endless(io.RawIOBase):
    def readinto(self, buffer):
        time.sleep(0.01)
        buffer[:512] = HEADER if not self.started else bytes(512)
        self.started = True
        return 512
    started = False

import tarfile
info = tarfile.TarInfo("Files/x")
info.size = 1 << 40
HEADER = info.tobuf(tarfile.PAX_FORMAT)[:512]
print("ready", flush=True)
try:
    cimlib.import_layer(Endless(), sys.argv[1])
except KeyboardInterrupt:
    print("interrupted", os.path.exists(sys.argv[1]), flush=True)
"""


class InterruptionsTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def test_an_import_ends_at_an_interruption(self):
        process = subprocess.Popen([sys.executable, "-c", SLOW_IMPORT, self.directory / "layer"],
                                   stdout=subprocess.PIPE, text=True, env=os.environ)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(0.5)  # inside the call, or just before it: both end the same way
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(output, "interrupted False\n")

    def test_a_walk_ends_at_an_interruption(self):
        path = self.directory / "image.cim"
        with cimlib.ImageWriter(path) as writer:
            for n in range(5000):
                writer.add(f"file{n}")
        main = threading.main_thread().ident
        seen = 0
        with self.assertRaises(KeyboardInterrupt):
            for _ in cimlib.Image(path).walk():
                seen += 1
                if seen == 1000:
                    signal.pthread_kill(main, signal.SIGINT)
        self.assertLess(seen, 5000)

    def test_other_threads_run_during_a_check(self):
        path = self.directory / "image.cim"
        data = os.urandom(1 << 20)
        with cimlib.ImageWriter(path) as writer:
            for n in range(64):
                writer.add(f"file{n}", n.to_bytes(4, "little") + data)
        counted = 0
        done = threading.Event()

        def count():
            nonlocal counted
            while not done.is_set():
                counted += 1
                time.sleep(0)

        thread = threading.Thread(target=count)
        thread.start()
        meanwhile = 0
        for _ in range(1000):  # one check may end before the other thread gets a processor
            before = counted
            cimlib.check(path, deep=True)
            meanwhile += counted - before
            if meanwhile > 100:
                break
        done.set()
        thread.join()
        self.assertGreater(meanwhile, 100)


if __name__ == "__main__":
    unittest.main()
