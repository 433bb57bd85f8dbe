# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks the scripts and manifests of deploy/, as far as that needs no cluster and no registry.
tests/acceptance/conversions.py runs the conversions."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
DIGITS = "0123456789abcdef" * 4


def run(*command, **environment):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], **environment})


class ConvertImage(unittest.TestCase):
    def target(self, source, **environment):
        done = run(DEPLOY / "convert-image", "--target", source, **environment)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def test_targets_differ_as_their_sources_do(self):
        for source, target in (
                ("r.example/a/b:1", "t.example/cim/r.example/a/b:1"),
                ("r.example:5000/a", "t.example/cim/r.example-5000/a:latest"),
                ("r.example/a:1@sha256:" + DIGITS, "t.example/cim/r.example/a:1-0123456789ab"),
                ("r.example/a@sha256:" + DIGITS, "t.example/cim/r.example/a:latest-0123456789ab"),
                ("localhost/a", "t.example/cim/localhost/a:latest"),
                ("team/a:2", "t.example/cim/docker.io/team/a:2"),
                ("a", "t.example/cim/docker.io/library/a:latest")):
            with self.subTest(source=source):
                self.assertEqual(self.target(source, CIM_TARGET="t.example/cim"), target)

    def test_an_image_is_converted_where_it_is_by_its_digest_only(self):
        self.assertEqual(self.target("r.example/a:1@sha256:" + DIGITS),
                         "r.example/a@sha256:" + DIGITS)
        self.assertEqual(run(DEPLOY / "convert-image", "r.example/a:1").returncode, 2)

    def test_lines_are_counted_without_comments(self):
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            (work / "list").write_text("# SOURCE\n\n r.example/a\nr.example/b  t.example/c:1\n")
            (work / "cim").write_text("#!/bin/sh\necho \"$@\" >>'%s/calls'\n" % work)
            (work / "cim").chmod(0o755)
            here = {"CIM": str(work / "cim"), "CIM_WORK": str(work / "jobs"),
                    "CIM_TARGET": "t.example"}
            for index, target in (("0", "t.example/r.example/a:latest"), ("1", "t.example/c:1")):
                done = run(DEPLOY / "convert-image", "--list", work / "list",
                           JOB_COMPLETION_INDEX=index, **here)
                self.assertEqual(done.stdout, "convert-image: %s: is there already\n" % target)
            self.assertEqual(list((work / "jobs").iterdir()), [])
            for wrong in ("2", "-1", "x", ""):
                self.assertEqual(run(DEPLOY / "convert-image", "--list", work / "list", wrong,
                                     **here).returncode, 2)

    def test_wrong_usage_is_not_tried_again(self):
        for words in ([], ["--help"], ["--list"], ["--target"], ["a", "b", "c"],
                      ["--list", "/none", "0"]):
            with self.subTest(words=words):
                self.assertEqual(run(DEPLOY / "convert-image", *words).returncode, 2)


class Manifests(unittest.TestCase):
    def jobs(self, text):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(text)
            file.flush()
            return run(DEPLOY / "make-jobs", file.name)

    def test_there_is_a_job_for_each_line_under_a_stable_name(self):
        done = self.jobs("# none\nr.example/a:1\nr.example/b@sha256:%s t.example/b:1\n" % DIGITS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = re.findall(r'^  name: "(.*)"$', done.stdout, re.MULTILINE)
        self.assertEqual(len(set(names)), 2)
        for name in names:
            self.assertRegex(name, r"^[a-z0-9-]{1,63}$")
        self.assertIn('command: ["convert-image", "r.example/a:1", ""]', done.stdout)
        self.assertIn('"r.example/b@sha256:%s", "t.example/b:1"]' % DIGITS, done.stdout)
        self.assertNotRegex(done.stdout, r"@(name|source|target)@")
        again = self.jobs("r.example/c\nr.example/a:1\n")
        self.assertIn(names[0], again.stdout)

    def test_nothing_but_references_gets_into_a_job(self):
        for line in ('a"]', "a&b", "a,b", "a $(x) y", "a`b`"):
            with self.subTest(line=line):
                self.assertEqual(self.jobs(line + "\n").returncode, 2)

    def test_completions_are_the_images_of_the_list(self):
        text = (DEPLOY / "fleet.yaml").read_text("utf-8")
        images = re.search(r"images\.txt: \|\n((?:    .*\n)+)", text)[1].splitlines()
        self.assertEqual(int(re.search(r"completions: (\d+)", text)[1]), len(images))

    def test_the_container_has_the_version_of_the_tree(self):
        version = re.search(r"^project\(cimlib VERSION (\S+)",
                            (ROOT / "CMakeLists.txt").read_text("utf-8"), re.MULTILINE)[1]
        for name in ("fleet.yaml", "image-job.yaml", "README.md"):
            found = re.findall(r"/tools/cimlib:([\w.]+)", (DEPLOY / name).read_text("utf-8"))
            self.assertEqual(set(found), {version}, name)

    def test_both_forms_run_the_same_pod(self):
        pods = []
        for name in ("fleet.yaml", "image-job.yaml"):
            text = (DEPLOY / name).read_text("utf-8").partition("\n  template:\n")[2]
            text = re.sub(r"\n            - name: images\n.*\n.*|\n        - name: images\n.*\n.*|"
                          r"command: .*", "", text)
            pods.append(text)
        self.assertEqual(*pods)


@unittest.skipUnless(shutil.which("shellcheck"), "needs shellcheck")
class Scripts(unittest.TestCase):
    def test_shellcheck_finds_nothing(self):
        for name in ("deploy/convert-image", "deploy/make-jobs", "packaging/container/try"):
            script = ROOT / name
            self.assertEqual(run("shellcheck", script).stdout, "")


if __name__ == "__main__":
    unittest.main()
