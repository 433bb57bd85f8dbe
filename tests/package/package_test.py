# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Installs cimlib outside of the system directories, and uses it there as another project would.

    package_test.py --build DIR --cmake PROGRAM --compiler PROGRAM --c-compiler PROGRAM
                    [--flags FLAGS]
"""
import argparse
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ("list_image", "make_image", "make_layers", "read_file")
OPTIONS = argparse.Namespace()


def run(*command, **more) -> str:
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    if done.returncode != 0:
        raise AssertionError("%s: status %d\n%s" % (command, done.returncode, done.stdout))
    return done.stdout


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
        image = self.directory / where.name / "greeting.cim"
        self.assertEqual(run(where / "make_image", image, env=self.environment),
                         "3 files and directories\n")
        self.assertIn("\\Documents\\greeting.txt\t22\n",
                      run(where / "list_image", image, env=self.environment))
        self.assertEqual(
            run(where / "read_file", image, "documents/greeting.txt", env=self.environment),
            "Hello from an image.\n")
        self.check_layers(where)

    def check_layers(self, where: Path):
        """Runs the example on an empty tar; it needs nothing from it."""
        tar = self.directory / "empty.tar"
        tar.write_bytes(bytes(1024))
        shown = ("  \\\n  \\Files\n  \\Files\\greeting.txt\n  \\Files\\new.txt\n"
                 "  \\Files\\same.txt\n")
        told = run(where / "make_layers", self.directory / where.name / "store", tar,
                   env=self.environment)
        told, of_container = re.subn(
            r"^(in a container: Hello from below\.|not in a container: .*)\n", "", told,
            flags=re.MULTILINE)
        self.assertEqual(of_container, 1)
        self.assertEqual(
            told, "0 entries from a tar\ntop.cim in cim-layers:\n" + shown +
            "child.cim in cim-layers:\n" + shown +
            "base.cim in cim-layers:\n  \\\n  \\Files\n  \\Files\\greeting.txt\n"
            "  \\Files\\old.txt\n" + "removed\n" * 3)

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
        self.compile(self.directory / "read_file_alone", SOURCE / "examples/read_file.cpp", *flags)

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
        self.assertGreater(len(shown), 100)

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
        self.assertTrue((self.prefix / "share/bash-completion/completions/cim").is_file())

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
    parser = argparse.ArgumentParser()
    for option in ("build", "cmake", "compiler", "c-compiler"):
        parser.add_argument("--" + option, required=True)
    for option in ("flags", "c-flags"):
        parser.add_argument("--" + option, default="")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[__file__, *rest])
