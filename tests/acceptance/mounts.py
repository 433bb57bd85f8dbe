#!/usr/bin/env python3
# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Mounts and unmounts images, twenty at a time, and checks that nothing is left.

    python3 mounts.py --build BUILD_DIR [--backend erofs] [--rounds N] [--count N]

In each round all images are mounted at the same time, half of them for containers, read, and
unmounted at the same time. Then all servers are killed: `cim mounts` must report that, and
`cim cleanup` and `cim umount` must remove the mounts. At the end there may be no mount, process,
directory or loop device that did not exist before. As root it also mounts as another user, with
mount(8), and with a line of an fstab, the latter two in a mount namespace of their own. With EROFS
only the rounds are run, and no process may serve the mounts.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from expectations import exit_status, expect

TIMEOUT = 60  # seconds, for a single call
NOBODY = 65534
SKIPPED = 77
IN_NAMESPACE = r"""
set -e
mount --make-rprivate /
mount -t tmpfs none {work}
mkdir {work}/upper {work}/work {work}/at
ln -s {cim} {work}/upper/mount.cim
mount -t overlay none /usr/sbin -o lowerdir=/usr/sbin,upperdir={work}/upper,workdir={work}/work
mount -t cim {image} {work}/at -o umask=027
test "$(cat {work}/at/name)" = "image 0"
test "$(stat -c %a {work}/at/name)" = 750
umount {work}/at
if mount -t cim {image} {work}/at -o color=red 2>/dev/null; then exit 1; fi
echo "{image} {work}/at cim ro,noexec,x-anything 0 0" >{work}/fstab
mount -T {work}/fstab {work}/at
test "$(cat {work}/at/NAME)" = "image 0"
findmnt -n -o OPTIONS {work}/at | grep -q noexec
mount -T {work}/fstab -a
test "$(grep -c ' {work}/at ' /proc/self/mountinfo)" = 1
{cim} umount {image}
"""


def names_in(directory):
    """Returns the names in a directory; none if it was removed, as those of processes may be."""
    try:
        return os.listdir(directory)
    except OSError:
        return []


def target_of(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""


class Mounts:
    def __init__(self, build: Path, directory: Path, count: int, backend: str):
        self.cim = build / "src" / "cli" / "cim"
        self.directory = directory
        self.backend = backend
        self.images = [directory / "store" / ("%d.cim" % n) for n in range(count)]
        self.places = [directory / ("at %d" % n) for n in range(count)]
        (directory / "store").mkdir()
        for number, image in enumerate(self.images):
            source = directory / "source"
            source.mkdir(exist_ok=True)
            (source / "name").write_text("image %d" % number, "ascii")
            expect(self.run("create", image, source) == 0, "create")
            self.places[number].mkdir()
        shutil.rmtree(directory / "source")

    def run(self, *words, **options) -> int:
        return subprocess.run([self.cim, "--quiet", *words], timeout=TIMEOUT, check=False,
                              **options).returncode

    def container(self, number) -> str:
        return "%s/%d" % (self.directory, number)

    def is_of_container(self, number) -> bool:
        return number % 2 == 0

    def all_at_once(self, words_of, what):
        running = [subprocess.Popen([self.cim, "--quiet", *words_of(n)], stdout=subprocess.PIPE)
                   for n in range(len(self.images))]
        answers = []
        for number, process in enumerate(running):
            answer = process.communicate(timeout=TIMEOUT)[0].decode().strip()
            expect(process.returncode == 0, "%s %d" % (what, number))
            answers.append(answer)
        return answers

    def mount_words(self, number):
        words = ["mount", self.images[number], "--backend", self.backend]
        if self.backend == "erofs":
            words += ["-o", "cache=%s" % (self.directory / "cache")]
        if self.is_of_container(number):
            return words + ["--container", self.container(number)]
        return words + [self.places[number]]

    def reason_not_to_mount(self):
        """Returns the error if EROFS cannot mount here."""
        done = subprocess.run([self.cim, *self.mount_words(1)], text=True, capture_output=True,
                              check=False, timeout=TIMEOUT)
        if done.returncode == 0:
            self.run(*self.unmount_words(1))
        return done.stderr.strip() if done.stderr.startswith("cim: EROFS: ") else None

    def unmount_words(self, number):
        if not self.is_of_container(number):
            return ["umount", self.places[number]]
        if number % 4 == 0:
            return ["cleanup", self.container(number)]
        return ["umount", self.images[number], "--container", self.container(number)]

    def mount_all(self):
        answers = self.all_at_once(self.mount_words, "mount")
        return [Path(a) if a else self.places[n] for n, a in enumerate(answers)]

    def read_all(self, places):
        for number, place in enumerate(places):
            try:
                text = (place / "name").read_text("ascii")
            except OSError as error:
                text = str(error)
            expect(text == "image %d" % number, "at %s: %s" % (place, text))

    def listed(self):
        done = subprocess.run([self.cim, "mounts", "--json"], stdout=subprocess.PIPE, check=True)
        return [m for m in json.loads(done.stdout)
                if m["image"].startswith(str(self.directory) + "/")]

    def expect_backend(self):
        expect([m["backend"] for m in self.listed()] == [self.backend] * len(self.images),
               "other backends")
        if self.backend == "erofs":
            expect(not self.servers(), "the kernel serves, and there are processes")

    def servers(self):
        """Returns the processes that have a file of an image open."""
        return {int(name) for name in filter(str.isdigit, names_in("/proc"))
                if self.has_image_open("/proc/%s/fd" % name)}

    def has_image_open(self, descriptors):
        return any(target_of(os.path.join(descriptors, name)).startswith(
            str(self.directory / "store")) for name in names_in(descriptors))

    def volumes(self):
        return set(Path("/run/cimlib/volumes").glob("*")) if os.geteuid() == 0 else set()

    @staticmethod
    def wait_until(condition):
        """Polls a condition until it is true, for a limited time."""
        deadline = time.monotonic() + TIMEOUT
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.05)

    def expect_nothing_left(self, when):
        lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
        left = [line for line in lines if str(self.directory) in line]
        expect(not left, "%s: mounts are left: %s" % (when, left))
        self.wait_until(lambda: not self.servers())
        expect(not self.servers(), "%s: processes are left" % when)

    def take_all_away(self):
        """Unmounts everything that a failure of this program has left."""
        for mount in self.listed():
            self.run("umount", "--lazy", mount["mount_point"])

    def rounds(self, count):
        before = self.volumes()
        begin = time.monotonic()
        for number in range(count):
            self.read_all(self.mount_all())
            self.expect_backend()
            self.all_at_once(self.unmount_words, "umount")
            if number % 10 == 0:
                self.expect_nothing_left("round %d" % number)
            if number % 100 == 99:
                print("   round %d, %.0f s" % (number + 1, time.monotonic() - begin), flush=True)
        self.expect_nothing_left("at the end")
        expect(self.volumes() <= before, "directories are left: %s" % self.volumes())

    def killed(self):
        places = self.mount_all()
        self.read_all(places)
        servers = self.servers()
        expect(len(servers) == len(places), "%d servers" % len(servers))
        expect({m["server"] for m in self.listed()} == {"running"}, "a server does not respond")
        for server in servers:
            os.kill(server, signal.SIGKILL)
        self.wait_until(lambda: not self.servers())
        states = [m["server"] for m in self.listed()]
        expect(states == ["dead"] * len(places), "after the killing: %s" % states)
        expect(self.run("mount", *self.mount_words(0)[1:], stderr=subprocess.DEVNULL) == 1,
               "mounts over a dead mount")
        self.all_at_once(self.unmount_words, "umount of the dead")
        expect(self.listed() == [], "mounts of the dead are left")
        self.expect_nothing_left("after the killing")

    def other_user(self):
        """Mounts for a container as a user other than root."""
        self.directory.chmod(0o755)
        runtime = self.directory / "runtime"
        runtime.mkdir(mode=0o700)
        os.chown(runtime, NOBODY, NOBODY)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": [],
                     "env": dict(os.environ, XDG_RUNTIME_DIR=str(runtime))}

        # The sources may be in a directory that other users cannot access.
        program = shutil.copy(self.cim, self.directory / "cim")

        def run(*words):
            return subprocess.run([program, *words], text=True, capture_output=True, check=False,
                                  timeout=TIMEOUT, **as_nobody)
        mounted = run("mount", self.images[0], "--container", "c")
        if mounted.returncode != 0 and "fuse" in mounted.stderr:
            print("   skipped: " + mounted.stderr.strip())
            return
        place = mounted.stdout.strip()
        expect(place.startswith(str(runtime) + "/cimlib/volumes/"), "%s" % mounted)
        expect(run("mounts").stdout == "%s on %s (fuse)\n" % (self.images[0], place),
               "mounts of a user")
        expect("state unknown" in subprocess.run(
            [self.cim, "mounts"], text=True, capture_output=True, check=False).stdout,
            "root sees the mount of a user")
        writable = run("mount", self.images[1], "--container", "d", "--writable", runtime / "up")
        expect(writable.returncode == 1 and "only root" in writable.stderr, "%s" % writable)
        for server in self.servers():
            os.kill(server, signal.SIGKILL)
        self.wait_until(lambda: not self.servers())
        expect("its server is gone" in run("mounts").stdout, "a user's dead mount")
        cleaned = run("cleanup", "c")
        expect(cleaned.returncode == 0, "cleanup of a user: %s" % cleaned)
        expect(list(runtime.iterdir()) == [], "a user's directories are left")
        self.expect_nothing_left("of another user")

    def mount_program(self):
        """Mounts with mount(8) and an fstab, in a namespace where mount.cim is in /sbin."""
        work = self.directory / "work"
        work.mkdir()
        if subprocess.run(["unshare", "--mount", "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode != 0:
            print("   skipped: no namespace of our own")
            return
        script = IN_NAMESPACE.format(work=work, cim=self.cim, image=self.images[0])
        done = subprocess.run(["unshare", "--mount", "bash", "-xc", script], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT)
        expect(done.returncode == 0, "by mount(8):\n" + done.stdout)
        self.expect_nothing_left("by mount(8)")


def loop_devices():
    return {p.read_text("utf-8") for p in Path("/sys/block").glob("loop*/loop/backing_file")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where cimlib was built")
    parser.add_argument("--rounds", type=int, default=20, help="of mounting (%(default)s)")
    parser.add_argument("--count", type=int, default=20, help="of images (%(default)s)")
    parser.add_argument("--backend", choices=("fuse", "erofs"), default="fuse")
    args = parser.parse_args()
    if args.backend == "fuse" and not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: /dev/fuse cannot be opened")
        return SKIPPED
    directory = Path(tempfile.mkdtemp(prefix="cimlib-mounts-")).resolve()
    devices = loop_devices()
    mounts = Mounts(args.build.resolve(), directory, args.count, args.backend)
    try:
        if args.backend == "erofs" and (reason := mounts.reason_not_to_mount()):
            print("skipped: " + reason)
            return SKIPPED
        begin = time.monotonic()
        mounts.rounds(args.rounds)
        print("-- %d rounds of %d images: %.1f s" % (args.rounds, args.count,
                                                   time.monotonic() - begin), flush=True)
        if args.backend == "fuse":
            mounts.killed()
            print("-- all servers killed, reported and cleaned up", flush=True)
        if args.backend == "fuse" and os.geteuid() == 0:
            print("-- by mount(8) and an fstab", flush=True)
            mounts.mount_program()
            print("-- as another user", flush=True)
            mounts.other_user()
        expect(loop_devices() <= devices, "loop devices are left")
    finally:
        mounts.take_all_away()
        shutil.rmtree(directory, ignore_errors=True)
    return exit_status("mounts")


if __name__ == "__main__":
    sys.exit(main())
