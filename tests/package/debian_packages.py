# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Installs the Debian packages as a user does, runs their tests, and removes them again.

    debian_packages.py [--root DIR | --here] [--together] [--test NAME]... PACKAGES_DIR

Reads debian/tests/control of the tree from which packaging/build-deb built the packages. For each
test the packages that it depends on are installed, it runs, and they are purged; nothing of them is
allowed to stay. With --together all tests but the first share one installation, which saves time.

The tests run in a bare Debian 12 (debootstrap), which is kept in DIR and copied for each run. With
--here, or where no bare system can be made, they run on this system. Needs root.
"""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
# Written by package managers, caches and logs, whatever is installed.
CHANGING = ("/dev/", "/etc/ld.so.cache", "/packages", "/proc/", "/run/", "/sys/", "/tmp/", "/tree",
            "/var/cache/", "/var/lib/apt/", "/var/lib/dpkg/", "/var/lib/systemd/", "/var/log/")
CACHE = "/var/cache/cimlib"


def call(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, **more)


class System:
    """Where packages are installed: a chroot, or this system if the root is "/"."""

    def __init__(self, root: Path):
        self.root = root

    def run(self, *command, **more):
        prefix = () if self.root == Path("/") else ("chroot", self.root)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive"} | more.pop("env", {})
        return call(*prefix, *command, env=environment, **more)

    def apt_get(self, *words):
        try:
            self.run("apt-get", "-qq", "-y", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0",
                     *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.CalledProcessError as error:
            sys.exit("debian: %s\n%s" % (error, error.stdout.decode("utf-8", "replace")))

    def files(self) -> set[str]:
        """Returns all paths, except where programs write of themselves."""
        listed = self.run("find", "/", "-xdev", "-print0", stdout=subprocess.PIPE).stdout
        paths = listed.decode("utf-8", "surrogateescape").split("\0")
        return {path for path in paths if path and not path.startswith(CHANGING)}

    def installed(self) -> set[str]:
        """Returns the names of all packages that dpkg knows, also of those with files left."""
        return set(self.run("dpkg-query", "-W", "-f=${Package}\\n", stdout=subprocess.PIPE,
                            text=True).stdout.split())


class Test:
    """A test of debian/tests/control."""

    def __init__(self, fields: dict[str, str]):
        self.name = fields["Tests"]
        self.needs = [word.strip() for word in fields["Depends"].split(",")]


def read_tests(control: Path) -> list[Test]:
    tests = []
    for paragraph in control.read_text("utf-8").strip().split("\n\n"):
        tests.append(Test(dict(line.split(": ", 1) for line in paragraph.splitlines())))
    return tests


@contextlib.contextmanager
def bare_system(base: Path, shared: dict[Path, str]):
    """Copies a bare system, and shows it these directories."""
    with tempfile.TemporaryDirectory(prefix="cimlib-debian-", dir=base.parent) as temporary:
        root = Path(temporary) / "root"
        call("cp", "-a", "--reflink=auto", base, root)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(Path("/etc") / name, root / "etc" / name)
        (root / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n", "utf-8")
        mounted = []
        try:
            for source, target in {Path("/dev"): "dev", Path("/proc"): "proc", **shared}.items():
                (root / target).mkdir(exist_ok=True)
                call("mount", "--rbind", source, root / target)
                mounted.append(root / target)
                call("mount", "--make-rslave", root / target)
            yield System(root)
        finally:
            for target in reversed(mounted):
                call("umount", "--recursive", "--lazy", target)


def can_change_root() -> bool:
    """Returns true if this process may mount and change its root directory."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        return False
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(["unshare", "--mount", "mount", "--bind", directory, directory],
                              capture_output=True)
    return done.returncode == 0


def has_bare_system(base: Path) -> bool:
    """Makes a bare system unless it is there; returns false if that is not possible."""
    if not can_change_root():
        return False
    if not (base / "usr/bin/apt-get").exists():
        shutil.rmtree(base, ignore_errors=True)
        made = base.with_name(base.name + ".new")
        shutil.rmtree(made, ignore_errors=True)
        done = subprocess.run(["debootstrap", "--variant=minbase", SUITE, made, MIRROR],
                              stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            return False
        made.rename(base)
    return True


class Checker:
    def __init__(self, system: System, packages: Path, inside: str, tree: str):
        self.system = system
        self.inside = inside
        self.tree = tree
        self.files = {path.name.split("_")[0]: path.name for path in packages.glob("*.deb")
                      if "-dbgsym" not in path.name}
        self.failures = []

    def closure(self, names: list[str]) -> list[str]:
        """Returns the words for apt-get: files for packages of ours, and for the library that those
        for development need."""
        wanted = set(names)
        if "libcimlib-dev" in wanted:
            wanted |= {name for name in self.files if name.startswith("libcimlib0")}
        return sorted("%s/%s" % (self.inside, self.files[name]) if name in self.files else name
                      for name in wanted)

    def check(self, tests: list[Test]):
        """Runs tests with one installation of all that they need."""
        begin = time.monotonic()
        name = ", ".join(test.name for test in tests)
        needs = sorted({need for test in tests for need in test.needs})
        if missing := [need for need in needs if "cimlib" in need and need not in self.files]:
            print("debian: %s: not run, without %s" % (name, ", ".join(missing)), flush=True)
            return
        before, known = self.system.files(), self.system.installed()
        self.system.apt_get("install", *self.closure(needs))
        for test in tests:
            try:
                self.run(test)
            except subprocess.CalledProcessError as error:
                self.failures.append("%s: status %d" % (test.name, error.returncode))
        new = sorted(self.system.installed() - known)
        self.system.apt_get("purge", *new)
        if left := sorted(set(self.system.installed()) & set(self.files)):
            self.failures.append("%s: still known after purge: %s" % (name, ", ".join(left)))
        left = sorted(path for path in self.system.files() - before if "cim" in path)
        if left or (self.system.root / CACHE[1:]).exists():
            self.failures.append("%s: left after purge: %s" % (name, ", ".join(left) or CACHE))
        ours = [need for need in needs if need in self.files]
        print("debian: %s: with %s and %d other packages, %d s" % (
            name, ", ".join(ours), len(new) - len(ours), time.monotonic() - begin), flush=True)

    def run(self, test: Test):
        work = "/tmp/cimlib-%s" % test.name
        shutil.rmtree(self.system.root / work[1:], ignore_errors=True)
        (self.system.root / work[1:]).mkdir(parents=True)
        try:
            self.system.run("sh", "-c", 'cd "$0" && exec "debian/tests/$1"', self.tree, test.name,
                            env={"AUTOPKGTEST_TMP": work})
        finally:
            shutil.rmtree(self.system.root / work[1:], ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Tests the Debian packages.")
    parser.add_argument("--root", type=Path, help="where the bare system is kept")
    parser.add_argument("--here", action="store_true", help="install on this system")
    parser.add_argument("--together", action="store_true", help="install once for most tests")
    parser.add_argument("--test", action="append", help="run only this test")
    parser.add_argument("packages", type=Path)
    options = parser.parse_args()
    packages = options.packages.resolve()
    tree = packages / "tree"
    tests = [test for test in read_tests(tree / "debian/tests/control")
             if not options.test or test.name in options.test]
    with contextlib.ExitStack() as stack:
        base = (options.root or packages.parent / "debian-root").resolve()
        if not options.here and has_bare_system(base):
            system = stack.enter_context(
                bare_system(base, {packages: "packages", tree: "tree"}))
            checker = Checker(system, packages, "/packages", "/tree")
        else:
            print("debian: the packages are installed on this system, and removed again")
            checker = Checker(System(Path("/")), packages, str(packages), str(tree))
        checker.system.apt_get("update")
        alone = 1 if options.together else len(tests)
        for group in [[test] for test in tests[:alone]] + [tests[alone:]]:
            if group:
                checker.check(group)
    for failure in checker.failures:
        print("debian: " + failure, file=sys.stderr)
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())
