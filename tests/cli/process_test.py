# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Tests that need a real process: its standard streams, its terminal, and signals.

    process_test.py PROGRAM
"""
import fcntl
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from io import BytesIO
from pathlib import Path

CIM = sys.argv.pop(1) if len(sys.argv) > 1 else None
HIVE = Path(__file__).resolve().parents[2] / "fuzz/corpus/hive_reader/values-lh.hive"
BIG = 4 << 20  # more than a pipe takes


def tar_of(name: str, size: int) -> bytes:
    bytes_ = BytesIO()
    with tarfile.open(fileobj=bytes_, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folder = tarfile.TarInfo("Files")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        file = tarfile.TarInfo("Files/" + name)
        file.size = size
        tar.addfile(file, BytesIO(os.urandom(size)))
    return bytes_.getvalue()


def status_of(process, mask: str) -> int:
    """Returns a mask of signals of a process, as the kernel reports it."""
    lines = Path("/proc/%d/status" % process.pid).read_text("ascii").splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith(mask + ":"))


def wait_until(condition, seconds=5):
    """Polls a condition until it is true, for a limited time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def waits_in(process, function: str) -> bool:
    """Returns whether a thread of the process waits in a kernel function of that name."""
    threads = Path("/proc/%d/task" % process.pid).glob("*/wchan")
    return any(function in thread.read_text("ascii") for thread in threads)


class Process(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="cimlib-process-")
        cls.addClassCleanup(temporary.cleanup)
        cls.directory = Path(temporary.name)
        cls.store = cls.directory / "store"
        cls.tar = tar_of("big", BIG)
        cls.cim("layer", "import", "-", cls.store / "base", input=cls.tar)
        cls.image = cls.store / "cim-layers/base.cim"

    @classmethod
    def cim(cls, *arguments, status=0, **more):
        done = subprocess.run([CIM, *arguments], stdout=more.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, **more)
        assert done.returncode == status, done
        return done

    def test_a_layer_is_read_from_standard_input(self):
        self.assertEqual(len(self.cim("cat", self.image, "Files/big").stdout), BIG)

    def test_a_hive_is_read_from_standard_input(self):
        for name, *more in (["dump"], ["ls", "-R"], ["find", "*"], ["get", ""], ["check"]):
            with self.subTest(verb=name):
                piped = self.cim("hive", name, "-", *more, input=HIVE.read_bytes())
                self.assertEqual(piped.stdout, self.cim("hive", name, HIVE, *more).stdout)
        for hives in ((HIVE, "-"), ("-", HIVE)):
            self.cim("hive", "diff", *hives, input=HIVE.read_bytes())
        done = self.cim("hive", "ls", "-", status=1, input=b"text")
        self.assertIn(b"standard input: ", done.stderr)

    def test_what_is_not_a_hive_is_not_read_to_its_end(self):
        with subprocess.Popen([CIM, "hive", "ls", "-"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            with self.assertRaises(BrokenPipeError):
                while True:
                    process.stdin.write(bytes(BIG))
            self.assertEqual(process.wait(), 1)

    def test_a_layer_is_read_from_a_named_pipe(self):
        reader, writer = os.pipe()
        with subprocess.Popen([CIM, "--quiet", "layer", "import", "/dev/fd/%d" % reader,
                               self.directory / "named/x"], pass_fds=[reader]) as process:
            os.close(reader)
            with open(writer, "wb") as file:
                file.write(self.tar)
            self.assertEqual(process.wait(), 0)
        self.assertTrue((self.directory / "named/cim-layers/x.cim").is_file())

    def test_a_full_disk_under_standard_output_is_a_failure(self):
        for command in (["--version"], ["ls", self.image], ["cat", self.image, "Files/big"]):
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                done = self.cim(*command, status=1, stdout=full)
                self.assertEqual(done.stderr, b"cim: standard output: cannot write: "
                                              b"No space left on device\n")

    @staticmethod
    def closing(*numbers):
        """For preexec_fn: closes descriptors after Popen has set up those of the process."""
        def close():
            for number in numbers:
                os.close(number)
        return close

    def test_no_file_gets_the_number_of_a_closed_stream(self):
        tar = self.directory / "closed.tar"
        tar.write_bytes(self.tar)
        source = self.directory / "closed-source"
        source.mkdir()
        (source / "file").write_bytes(os.urandom(100_000))
        for count in range(1, 8):
            closed = [n for n in range(3) if count >> n & 1]
            out = Path(tempfile.mkdtemp(dir=self.directory))
            for command in (["layer", "import", tar, out / "store/x"],
                            ["layer", "export", out / "store/x", out / "x.tar"],
                            ["create", out / "x.cim", source],
                            ["extract", out / "x.cim", out / "extracted"]):
                with self.subTest(closed=closed, command=command[:2]):
                    done = subprocess.run([CIM, "--quiet", *command],
                                          preexec_fn=self.closing(*closed))
                    self.assertEqual(done.returncode, 0)
            with self.subTest(closed=closed):
                self.cim("check", "--deep", out / "store/cim-layers/x.cim")
                self.cim("check", "--deep", out / "x.cim")
                self.assertEqual((out / "extracted/file").read_bytes(),
                                 (source / "file").read_bytes())
                with tarfile.open(out / "x.tar") as exported:
                    self.assertIn("Files/big", exported.getnames())

    @unittest.skipUnless(os.access("/dev/fuse", os.W_OK), "needs FUSE")
    def test_a_mount_serves_without_standard_streams(self):
        for count in range(1, 8):
            closed = [n for n in range(3) if count >> n & 1]
            place = Path(tempfile.mkdtemp(dir=self.directory))
            with self.subTest(closed=closed):
                done = subprocess.run([CIM, "mount", self.image, place],
                                      preexec_fn=self.closing(*closed))
                self.assertEqual(done.returncode, 0)
                self.assertEqual(len((place / "Files/big").read_bytes()), BIG)
                self.cim("umount", place)

    def test_a_limit_of_the_size_of_files_is_a_failure_that_leaves_nothing(self):
        limit = 1 << 20
        done = subprocess.run([CIM, "layer", "import", "-", self.directory / "limited/x"],
                              input=self.tar, stderr=subprocess.PIPE,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                    (limit, limit)))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"File too large", done.stderr)
        self.assertEqual([p for p in self.directory.glob("limited/**/*") if p.is_file()], [])

    def test_output_to_a_closed_stream_is_a_failure(self):
        for command in (["--version"], ["ls", self.image], ["ls", "--json", self.image],
                        ["cat", self.image, "Files/big"], ["help"],
                        ["layer", "export", self.store / "base", "-"]):
            with self.subTest(command=command):
                done = subprocess.run([CIM, *command], stderr=subprocess.PIPE,
                                      preexec_fn=self.closing(1))
                self.assertEqual(done.returncode, 1)
                message = "standard output: cannot write: Bad file descriptor"
                if "--json" in command:
                    self.assertEqual(json.loads(done.stderr)["error"]["message"], message)
                else:
                    self.assertEqual(done.stderr.decode(), f"cim: {message}\n")

    def test_input_from_a_closed_stream_is_a_failure(self):
        done = subprocess.run([CIM, "layer", "import", "-", self.directory / "closed/x"],
                              stderr=subprocess.PIPE, preexec_fn=self.closing(0))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Bad file descriptor", done.stderr)

    def test_a_thread_that_does_not_start_is_a_failure_with_a_message(self):
        def no_room_for_a_stack():
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 47, resource.RLIM_INFINITY))
        done = subprocess.run([CIM, "layer", "import", "-", self.directory / "threads/x"],
                              input=self.tar, stderr=subprocess.PIPE,
                              preexec_fn=no_room_for_a_stack)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot create a thread", done.stderr)

    def test_a_closed_pipe_is_a_failure_without_a_message(self):
        process = subprocess.Popen([CIM, "cat", self.image, "Files/big"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(), 1)

    def interrupted_import(self, number, **more):
        """Sends a signal to a running import. Returns the process and its output directory."""
        store = Path(tempfile.mkdtemp(dir=self.directory))
        process = subprocess.Popen([CIM, "layer", "import", "-", store / "x"], **more,
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdin.write(self.tar[:BIG // 2])
        process.stdin.flush()
        wait_until(lambda: any(store.rglob("region_*")))
        process.send_signal(number)
        wait_until(lambda: not status_of(process, "ShdPnd"))
        return process, store

    def test_an_interruption_leaves_nothing_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process, store = self.interrupted_import(number)
                # Though the input stalls. A shell ends its loop only after a death by the signal.
                self.assertEqual(process.wait(30), -number)
                _, errors = process.communicate()
                self.assertEqual(errors.count(b"\n"), 1, errors)
                self.assertTrue(errors.startswith(b"cim: "), errors)
                self.assertEqual([p for p in store.rglob("*") if p.is_file()], [])

    def test_an_interruption_ends_the_wait_for_a_directory(self):
        store = Path(tempfile.mkdtemp(dir=self.directory))
        images = store / "cim-layers"
        images.mkdir()
        source = store / "source"
        source.mkdir()
        holder = os.open(images, os.O_RDONLY)
        self.addCleanup(os.close, holder)
        fcntl.flock(holder, fcntl.LOCK_EX)
        tar = store / "tar"
        tar.write_bytes(self.tar)
        wait = ["--wait", "3600"]
        for command in (["layer", "import", *wait, tar, store / "x"],
                        ["create", *wait, images / "x.cim", source]):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(command=command, signal=number.name):
                    process = subprocess.Popen([CIM, *command], stderr=subprocess.PIPE)
                    wait_until(lambda: status_of(process, "SigBlk") >> (number - 1) & 1)
                    wait_until(lambda: waits_in(process, "nanosleep"))
                    process.send_signal(number)
                    self.assertEqual(process.wait(5), -number)
                    _, errors = process.communicate()
                    self.assertIn(b"cancelled while waiting for process ", errors)
                    self.assertEqual(errors.count(b"\n"), 1, errors)
                    self.assertEqual(list(images.iterdir()), [])
                    self.assertFalse((store / "x").exists())

    def test_a_second_interruption_ends_it_at_once(self):
        with subprocess.Popen([CIM, "layer", "export", self.store / "base", "-"],
                              stdout=subprocess.PIPE) as process:
            process.stdout.read(1)
            wait_until(lambda: waits_in(process, "pipe_write"))
            process.send_signal(signal.SIGTERM)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.2)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(), -signal.SIGTERM)

    def test_a_hangup_that_nohup_ignores_stays_ignored(self):
        process, store = self.interrupted_import(
            signal.SIGHUP, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        time.sleep(0.3)  # a signal that is not ignored would end it by now
        _, errors = process.communicate(self.tar[BIG // 2:])
        self.assertEqual(process.returncode, 0, errors)
        self.assertTrue((store / "cim-layers/x.cim").is_file())

    def test_progress_shows_on_a_terminal(self):
        for locale, open_part in (("C.UTF-8", "░".encode()), ("C", b".")):
            with self.subTest(locale=locale):
                main, second = pty.openpty()
                process = subprocess.Popen(
                    [CIM, "extract", self.image, self.directory / ("out-" + locale)],
                    env={"LC_ALL": locale}, stderr=second)
                self.assertEqual(process.wait(), 0)
                os.close(second)
                shown = self.all_of(main)
                bar = shown[shown.index(b"\rextracting  [") :shown.index(b"]")]
                self.assertIn(open_part, bar)
                self.assertEqual(bar.isascii(), locale == "C")
                self.assertIn(b" \rextracted 1 directory, 1 file", shown)

    @staticmethod
    def all_of(terminal: int) -> bytes:
        shown = b""
        try:
            while piece := os.read(terminal, 65536):
                shown += piece
        except OSError:  # the other end is closed
            pass
        os.close(terminal)
        return shown


if __name__ == "__main__":
    unittest.main()
