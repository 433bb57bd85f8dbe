# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes the documentation site and checks it: links, public names, and its use in a browser.

    site_test.py
"""
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import browser

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "docs/site"
sys.path.insert(0, str(SITE))
import check_links  # noqa: E402

# Run-time information of types, and private functions of exported classes.
NOT_NAMES = ("typeinfo", "vtable", "cim::GlobState::add")
TOOLS = ("cmark-gfm", "doxygen", "mandoc")


class SiteCase(unittest.TestCase):
    """Makes the site once for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise unittest.SkipTest("needs " + ", ".join(missing))
        cls.temporary = tempfile.TemporaryDirectory(prefix="cimlib-site-")
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.directory = Path(cls.temporary.name) / "site"
        # Fails for public names without documentation.
        subprocess.run([sys.executable, "-B", SITE / "make_site.py", "--output", cls.directory],
                       check=True)

    def read(self, page: str) -> str:
        return (self.directory / page).read_text("utf-8")


class Site(SiteCase):
    def test_has_no_broken_link(self):
        self.assertEqual(check_links.broken(self.directory), [])

    def test_every_exported_symbol_has_an_entry(self):
        names = set(re.findall(r"<code>([\w:~&; ]+?)</code>", self.read("api/index.html")))
        missing = []
        for symbol in (ROOT / "tests/package/exported_symbols.txt").read_text("utf-8").splitlines():
            name = re.sub(r"\[abi:\w+\]", "", symbol).split("(")[0]
            if "operator" not in name and "::Impl::" not in name and not name.startswith(NOT_NAMES):
                parts = name.split("::")
                is_special = len(parts) > 1 and parts[-1].lstrip("~") == parts[-2]
                if not is_special and name not in names:
                    missing.append(symbol)
        self.assertEqual(missing, [])

    def test_every_page_of_the_manual_and_of_docs_is_there(self):
        for page in (ROOT / "docs/man").glob("*.1"):
            self.assertTrue((self.directory / "man" / (page.stem + ".html")).is_file(), page)
        for page in (ROOT / "docs").glob("*.md"):
            self.assertTrue((self.directory / "guide" / (page.stem + ".html")).is_file(), page)

    def test_entries_have_shapes_and_errors(self):
        page = self.read("api/image.html")
        self.assertIn('<a href="error.html#', page)  # kCorrupt and the like
        self.assertIn("read_all(std::size_t limit) const;", re.sub(r"<[^>]*>", "", page))


NUMBER = re.compile(r"\b(u?int(8|16|32|64)_t|size_t|int|long|double|UINT32|UINT64|DWORD)\b")
# Names that say what is counted, or that are numbers without a unit.
COUNTS = {"added", "changed", "count", "directories", "field", "files", "keys", "major", "minor",
          "names", "nanoseconds", "removed", "revision", "seconds", "tag", "ticks", "values"}
ERROR = re.compile(r"\bk[A-Z]\w+|\bError\b|\b[a-z_]+\(\)|\w+::|what [A-Z]\w+ throws")


@unittest.skipUnless(shutil.which("doxygen"), "needs doxygen")
class Entries(unittest.TestCase):
    """The texts of the public names."""

    @classmethod
    def setUpClass(cls):
        import make_site
        with tempfile.TemporaryDirectory(prefix="cimlib-site-") as work:
            cls.interface = make_site.interface(Path(work))

    @staticmethod
    def text(entry) -> str:
        return " ".join(" ".join("".join(part.itertext()) for part in entry.documentation).split())

    def test_have_the_shape_of_the_name(self):
        for entry in self.interface.all_entries():
            last = entry.name.rsplit("::", 1)[-1]
            if last != "(values)":
                with self.subTest(name=entry.name):
                    self.assertIn(last, entry.declaration)

    def test_say_the_unit_of_a_number(self):
        owners = {entry.name: self.text(entry) for entry in self.interface.all_entries()}
        for entry in self.interface.all_entries():
            is_flag = " = 0x" in entry.declaration
            if entry.kind == "variable" and NUMBER.search(entry.declaration) and not is_flag:
                owner, _, last = entry.name.rpartition("::")
                with self.subTest(name=entry.name):
                    self.assertTrue(self.text(entry) or "byte" in owners.get(owner, "")
                                    or last.rpartition("_")[2] in COUNTS
                                    or last.startswith("kMax") or last == "kRevision")

    def test_name_the_error_that_is_thrown(self):
        for entry in self.interface.all_entries():
            for sentence in re.split(r"(?<=[.;]) ", self.text(entry)):
                if entry.kind == "function" and re.match(r"Throws? ", sentence):
                    with self.subTest(name=entry.name, sentence=sentence):
                        self.assertRegex(sentence, ERROR)


@unittest.skipUnless(browser.is_available(), "needs chromium and chromium-driver")
class InBrowser(SiteCase):
    """The same site in Chromium."""

    def test_search_finds_names_and_words(self):
        with browser.Browser() as window:
            window.open(self.directory / "guide/mounts.html")
            window.type("#search", "ImageWriter")
            window.wait_until("document.querySelectorAll('#search-results a').length > 0")
            first = window.run("return document.querySelector('#search-results a').innerText")
            self.assertIn("ImageWriter", first)
            window.type("#search", "\ue007")  # the Enter key
            window.wait_until("location.pathname.endsWith('/api/image_writer.html')")
            self.assertEqual(window.messages(), [])

    def test_colours_follow_the_system_and_the_button(self):
        background = "getComputedStyle(document.body).backgroundColor"
        with browser.Browser() as window:
            window.open(self.directory / "index.html")
            light = window.run("return " + background)
            window.click("#theme")
            window.wait_until("%s !== '%s'" % (background, light))
            window.open(self.directory / "tour.html")
            self.assertNotEqual(window.run("return " + background), light, "kept on other pages")
        self.assertEqual(light, "rgb(255, 255, 255)")

    def test_text_has_contrast_in_both_colours(self):
        with browser.Browser() as window:
            for theme in ("light", "dark"):
                window.open(self.directory / "index.html")
                window.run("document.documentElement.dataset.theme = arguments[0]", theme)
                for selector in ("body", "main a", "header .version", "code"):
                    with self.subTest(theme=theme, selector=selector):
                        colours = window.run(
                            "const style = getComputedStyle(document.querySelector(arguments[0]));"
                            "return [style.color, getComputedStyle(document.body).backgroundColor]",
                            selector)
                        self.assertGreaterEqual(contrast(*colours), 4.5)

    def test_terminal_plays_the_whole_recording(self):
        with browser.Browser() as window:
            window.open(self.directory / "tour.html")
            text = "document.querySelector('.terminal pre').textContent"
            whole = window.run("return " + text)
            window.run("window.setTimeout = (then) => queueMicrotask(then)")  # plays at once
            window.click(".terminal button")
            button = "document.querySelector('.terminal button').textContent"
            window.wait_until(button + " === 'Play again'")
            self.assertEqual(window.run("return " + text), whole)
            self.assertEqual(window.messages(), [])

    def test_pages_fit_a_narrow_window(self):
        with browser.Browser() as window:
            window.call("POST", "/window/rect", {"width": 500, "height": 800})
            for page in ("index.html", "tour.html", "api/image.html", "man/cim-mount.html",
                         "guide/limits.html"):
                window.open(self.directory / page)
                with self.subTest(page=page):
                    self.assertLessEqual(window.run(
                        "return document.documentElement.scrollWidth - innerWidth"), 0)


def contrast(first: str, second: str) -> float:
    """Returns the contrast of two colours as WCAG defines it."""
    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


if __name__ == "__main__":
    unittest.main()
