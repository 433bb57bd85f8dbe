# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Installs cimlib outside of the system directories, and uses it there as another project would.

    package_test.py --build DIR --cmake PROGRAM --compiler PROGRAM --c-compiler PROGRAM
                    [--flags FLAGS]
    package_test.py --record-symbols LIBRARY

The second form writes exported_symbols.txt anew, after a deliberate change of the interface; the
commit and the changelog say what changed.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ("hives", "layers", "mounts", "read_image", "write_image")
# The functions and variables that libcimlib.so exports, demangled and sorted.
SYMBOLS = SOURCE / "tests/package/exported_symbols.txt"
OPTIONS = argparse.Namespace()


def run(*command, **more) -> str:
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    if done.returncode != 0:
        raise AssertionError("%s: status %d\n%s" % (command, done.returncode, done.stdout))
    return done.stdout


def exported_symbols(library: Path) -> list[str]:
    """Returns the symbols that a library exports, without those that compilers add at will: weak
    ones, which stand for inline functions and the run-time type information of classes."""
    listed = run("nm", "--dynamic", "--defined-only", "--demangle", library)
    symbols = (line.split(" ", 2) for line in listed.splitlines())
    return sorted({name for _, kind, name in symbols if kind not in "VWuvw"})


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="cimlib-package-")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.directory = Path(cls.temporary.name)
        cls.prefix = cls.directory / "prefix"
        run(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", cls.prefix)
        cls.pc = next(cls.prefix.rglob("cimlib.pc"))
        cls.libdir = cls.pc.parent.parent
        cls.environment = dict(os.environ, LD_LIBRARY_PATH=str(cls.libdir),
                               PKG_CONFIG_PATH=str(cls.pc.parent))

    def flags_of_pkg_config(self, *options):
        return run("pkg-config", *options, "cimlib", env=self.environment).split()

    def compile(self, program: Path, source: Path, *flags):
        run(OPTIONS.compiler, "-std=c++20", *OPTIONS.flags.split(), source, "-o", program, *flags)

    def check_examples(self, where: Path):
        work = self.directory / where.name
        image = work / "example.cim"
        text = work / "greeting.txt"
        text.write_text("Hello from an image.\n", "utf-8")
        self.assertEqual(run(where / "write_image", image, text, env=self.environment),
                         "3 files and directories\n")
        self.assertEqual(
            run(where / "read_image", image, "documents/AGAIN.txt", env=self.environment),
            "\\\t0\n\\Documents\t0\n\\Documents\\again.txt\t21\n\\Documents\\file.txt\t21\n"
            "Hello from an image.\n")
        self.assertEqual(run(where / "hives", work / "HIVE", env=self.environment),
                         "Version = 1.2\n")
        self.check_layers(where, work)
        self.check_mounts(where, image)

    def check_layers(self, where: Path, work: Path):
        with tarfile.open(work / "layer.tar", "w", format=tarfile.PAX_FORMAT) as tar:
            directory = tarfile.TarInfo("Files")
            directory.type = tarfile.DIRTYPE
            tar.addfile(directory)
            tar.addfile(tarfile.TarInfo("Files/old.txt"))
        store = work / "store"
        self.assertEqual(run(where / "layers", store, work / "layer.tar", env=self.environment),
                         "2 entries imported, 3 exported\n")
        with tarfile.open(store / "top.tar") as tar:
            self.assertEqual(tar.getnames(), ["Files", "Files/new.txt", "Files/.wh.old.txt"])
        self.assertEqual(sorted(path.name for path in store.rglob("*")), ["cim-layers", "top.tar"])

    def check_mounts(self, where: Path, image: Path):
        done = subprocess.run([where / "mounts", image, "example %d" % os.getpid()], text=True,
                              capture_output=True, env=self.environment)
        if done.returncode == 0:
            self.assertEqual(done.stdout.splitlines()[0], "Documents")
            self.assertIn("\n%s on " % image, done.stdout)
        else:  # a system without FUSE, or a user without a runtime directory
            self.assertEqual(done.returncode, 1)
            self.assertNotEqual(done.stderr, "")

    def build_examples(self, form):
        where = self.directory / ("find_package_" + form)
        run(OPTIONS.cmake, "-S", SOURCE / "examples", "-B", where, "-G", "Ninja",
            "-DCMAKE_CXX_COMPILER=" + OPTIONS.compiler, "-DCMAKE_CXX_FLAGS=" + OPTIONS.flags,
            "-DCMAKE_PREFIX_PATH=%s" % self.prefix, "-DCIMLIB_FORM=" + form)
        run(OPTIONS.cmake, "--build", where)
        return where

    def test_find_package(self):
        for form in ("shared", "static"):
            with self.subTest(form=form):
                self.check_examples(self.build_examples(form))

    def test_a_program_needs_the_shared_library_and_its_headers_alone(self):
        """Builds where neither CMake nor pkg-config can find another package."""
        where = self.directory / "alone"
        only = ["-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF", "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF"]
        run(OPTIONS.cmake, "-S", SOURCE / "examples", "-B", where, "-G", "Ninja",
            "-DCMAKE_MAKE_PROGRAM=" + shutil.which("ninja"), *only,
            "-DCMAKE_CXX_COMPILER=" + OPTIONS.compiler, "-DCMAKE_CXX_FLAGS=" + OPTIONS.flags,
            "-DCMAKE_PREFIX_PATH=%s" % self.prefix)
        environment = dict(self.environment, PKG_CONFIG_LIBDIR=str(self.pc.parent))
        flags = run("pkg-config", "--cflags", "--libs", "cimlib", env=environment).split()
        self.compile(self.directory / "read_image_alone", SOURCE / "examples/read_image.cpp", *flags)

    def test_the_shared_library_shows_the_interface_alone(self):
        library = (self.libdir / "libcimlib.so").resolve()
        self.assertRegex(library.name, r"^libcimlib\.so\.\d+\.\d+\.\d+$")
        soname = re.search(r"SONAME\s+(\S+)", run("objdump", "-p", library))
        version = re.search(r"\d+\.\d+", library.name[len("libcimlib.so."):])
        self.assertEqual(soname[1], "libcimlib.so." + version[0])
        if OPTIONS.flags:
            return  # sanitizers and their instrumentation add symbols of their own
        listed = run("nm", "--dynamic", "--defined-only", "--demangle", library)
        shown = sorted({line.split(" ", 2)[2] for line in listed.splitlines()})
        ours = re.compile(r"(?:typeinfo (?:name )?for |vtable for )?cim::|Cim")
        self.assertEqual([name for name in shown if not ours.match(name)], [])
        recorded = SYMBOLS.read_text("utf-8").splitlines()
        exported = exported_symbols(library)
        change = "; if that is meant, record it: see the top of package_test.py"
        self.assertEqual(sorted(set(recorded) - set(exported)), [], "no longer exported" + change)
        self.assertEqual(sorted(set(exported) - set(recorded)), [], "newly exported" + change)

    def test_find_package_wants_the_same_minor_version(self):
        source = self.directory / "too_new"
        source.mkdir()
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(too_new LANGUAGES CXX)\n"
            "find_package(cimlib 0.9 REQUIRED)\n", "utf-8")
        with self.assertRaisesRegex(AssertionError, r"compatible\s+with\s+requested\s+version"):
            run(OPTIONS.cmake, "-S", source, "-B", source / "build", "-G", "Ninja",
                "-DCMAKE_CXX_COMPILER=%s" % OPTIONS.compiler,
                "-DCMAKE_PREFIX_PATH=%s" % self.prefix)

    def test_pkg_config(self):
        where = self.directory / "pkg_config"
        where.mkdir()
        for name in EXAMPLES:
            self.compile(where / name, SOURCE / "examples" / (name + ".cpp"),
                         *self.flags_of_pkg_config("--cflags", "--libs"))
        self.check_examples(where)

    def test_pkg_config_finds_all_that_the_library_leans_on(self):
        program = self.directory / "link_everything"
        self.compile(program, SOURCE / "tests/package/link_everything.cpp",
                     *self.flags_of_pkg_config("--static", "--cflags", "--libs"))
        self.assertIn("/nowhere", run(program, env=self.environment))

    def test_pkg_config_for_a_program_in_c(self):
        program = self.directory / "use_everything"
        run(OPTIONS.c_compiler, "-std=c11", *OPTIONS.c_flags.split(),
            SOURCE / "tests/capi/use_everything.c", "-o", program,
            *self.flags_of_pkg_config("--cflags", "--libs"))
        self.assertIn("all as it should be",
                      run(program, self.directory / "images", env=self.environment))

    def test_every_header_stands_alone(self):
        headers = sorted((self.prefix / "include/cimlib").glob("*.h"))
        self.assertIn("version.h", [header.name for header in headers])
        for header in headers:
            with self.subTest(header=header.name):
                run(OPTIONS.compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra",
                    "-Wpedantic", "-Werror", "-I", self.prefix / "include", "-x", "c++", "-",
                    input="#include <cimlib/%s>\n" % header.name)

    def test_program_manual_and_completion(self):
        self.assertEqual(run(self.prefix / "bin/cim", "--version", env=self.environment)[:4], "cim ")
        manual = {page.name for page in (SOURCE / "docs/man").glob("*.1")}
        self.assertEqual({page.name for page in (self.prefix / "share/man/man1").iterdir()}, manual)
        for script in ("bash-completion/completions/cim", "zsh/site-functions/_cim",
                       "fish/vendor_completions.d/cim.fish"):
            self.assertTrue((self.prefix / "share" / script).is_file(), script)

    def test_program_serves_mount_under_another_name(self):
        helper = self.prefix / "sbin/mount.cim"
        if not helper.is_symlink():
            self.skipTest("built without mounts")
        done = subprocess.run([helper, "-f", "IMAGE", "DIR", "-o", "rw"], env=self.environment)
        self.assertEqual(done.returncode, 0)
        done = subprocess.run([helper, "IMAGE"], env=self.environment, capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"usage: mount.cim ", done.stderr)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--record-symbols"]:
        SYMBOLS.write_text("".join(name + "\n" for name in exported_symbols(Path(sys.argv[2]))),
                           "utf-8")
        sys.exit(0)
    parser = argparse.ArgumentParser()
    for option in ("build", "cmake", "compiler", "c-compiler"):
        parser.add_argument("--" + option, required=True)
    for option in ("flags", "c-flags"):
        parser.add_argument("--" + option, default="")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[__file__, *rest])
