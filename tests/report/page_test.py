# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""The page of `cim report` in a browser: its figures are those of the program, its controls work by
mouse and keyboard, nothing is requested, no name becomes markup, and only rows in view are elements.

usage: page_test.py CIM [--files N] [--screenshots DIR] [unittest option...]
"""

import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

import browser

CIM = ""
SCREENSHOTS: pathlib.Path | None = None
HOSTILE = ["<script>window.hacked=1<", "<img src=x onerror=window.hacked=1>", "{{script}}",
           "a&lt;b", "-->", "]]>", "'\"`${window.hacked=1}", "right\u202eleft", "quote\"quote",
           "ctrl\x07"]
FILES = 100_000
MAX_PAGE = 15_000_000


def cim(*arguments) -> bytes:
    return subprocess.run([CIM, *arguments], check=True, capture_output=True).stdout


def cim_json(*arguments):
    return json.loads(cim(*arguments, "--json"))


def write_tree(top: pathlib.Path) -> None:
    for d in range(4):
        for f in range(30):
            folder = top / f"folder{d}" / ("deep" if f % 3 == 0 else ".")
            path = folder / f"file{f}.{'dll' if f % 2 else 'txt'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"%d" % f * (1 + d * 50 + f))
    (top / "folder0/file1.dll:stream").write_bytes(b"alternate")
    hostile = top / "hostile"
    hostile.mkdir()
    for name in HOSTILE:
        (hostile / name).write_bytes(name.encode() * 100)


def import_layers(store: pathlib.Path) -> None:
    """A base layer and one that adds, replaces and hides something."""
    store.mkdir()
    base = {f"Files/folder/file{n}.txt": b"%d" % n * 50 for n in range(9)}
    child = {"Files/folder/.wh.file4.txt": b"", "Files/new": b"n" * 70,
             "Files/folder/file1.txt": b"changed"}
    for name, files, options in (("base", base, []),
                                 ("child", child, ["--parent", store / "base"])):
        path = store.parent / f"{name}.tar"
        with tarfile.open(path, "w") as tar:
            for top in ("Files", "Hives", "Files/folder"):
                info = tarfile.TarInfo(top)
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            for member, data in files.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        cim("layer", "import", path, store / name, *options)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(cls.temporary())
        write_tree(cls.directory / "tree")
        cls.image = cls.directory / "<b>image.cim"
        cim("create", cls.image, cls.directory / "tree")
        cls.page = cls.directory / "page.html"
        cls.summary = cim_json("report", cls.image, "-o", cls.page)
        cls.browser = cls.enterClassContext(browser.Browser())

    @classmethod
    def temporary(cls):
        directory = tempfile.TemporaryDirectory()
        cls.directory = pathlib.Path(directory.name)
        return directory

    def setUp(self):
        self.browser.open(self.page)
        self.browser.wait("return Boolean(window.page)")

    def choose(self, title: str) -> None:
        self.browser.run("""for (const tab of document.querySelectorAll('[role=tab]'))
                              if (tab.textContent === arguments[0]) tab.click()""", title)

    def rows(self, panel: int) -> list[list[str]]:
        return self.browser.run("""
            const rows = document.querySelectorAll(`#panel${arguments[0]} .rows .row`);
            return [...rows].map((row) => [...row.children].map((cell) => cell.textContent))""",
            panel)

    def test_figures_are_those_of_info(self):
        info = cim_json("info", self.image)
        shown = dict(self.browser.run("""return [...document.querySelectorAll('[data-figure]')].map(
            (figure) => [figure.dataset.figure, Number(figure.dataset.value)])"""))
        self.assertGreaterEqual(len(shown), 12)
        for name, value in shown.items():
            self.assertEqual(value, info[name], name)
        self.assertEqual(self.browser.run("return page.view.tree.bytes"), info["data_bytes"])
        self.assertEqual(self.summary["size"], self.page.stat().st_size)

    def test_filters(self):
        listed = cim_json("ls", "-R", self.image)
        expected = sorted("\\" + entry["path"].replace("/", "\\") for entry in listed
                          if entry["path"].lower().endswith(".dll"))
        self.browser.type("#filter", "*.DLL")
        text = self.browser.wait("return document.getElementById('matches').textContent")
        self.assertEqual(text, f"{len(expected)} of {len(listed) + 1} entries")
        shown = self.browser.run("return page.view.filtered.map((entry) => page.model.path(entry))")
        self.assertEqual(sorted(shown), expected)
        self.assertEqual(self.browser.run("return page.view.tree.bytes"),
                         sum(e["size"] for e in listed if e["path"].endswith(".dll")) + 9)
        self.browser.clear("#filter")
        self.browser.wait("return document.getElementById('matches').textContent === ''")

    def test_sorts_by_a_click(self):
        self.choose("Files")
        sizes = [row[2] for row in self.rows(1)]
        self.browser.click("#panel1 [role=columnheader]:nth-child(1) button")
        paths = [row[0] for row in self.rows(1)]
        self.assertEqual(paths, sorted(paths))
        header = "return document.querySelector('#panel1 [role=columnheader]').ariaSort"
        self.assertEqual(self.browser.run(header), "ascending")
        self.browser.click("#panel1 [role=columnheader]:nth-child(1) button")
        self.assertEqual(self.browser.run(header), "descending")
        paths = [row[0] for row in self.rows(1)]
        self.assertEqual(paths, sorted(paths, reverse=True))
        self.browser.click("#panel1 [role=columnheader]:nth-child(3) button")
        self.assertEqual([row[2] for row in self.rows(1)], sizes)

    def test_zooms_by_mouse_and_keyboard(self):
        total = self.browser.run("return page.panels[0].folder.bytes")
        self.browser.click("canvas.map")
        inside = self.browser.run("""const { name, bytes } = page.panels[0].folder;
                                     return [name, bytes]""")
        self.assertNotEqual(inside[0], "")
        self.assertLess(inside[1], total)
        self.browser.type("canvas.map", "\ue00c")  # Escape
        self.assertEqual(self.browser.run("return page.panels[0].folder.bytes"), total)
        self.browser.type("canvas.map", "\ue014\ue007")  # right, Enter
        self.assertLess(self.browser.run("return page.panels[0].folder.bytes"), total)
        self.browser.click(".trail button:first-child")
        self.assertEqual(self.browser.run("return page.panels[0].folder.bytes"), total)

    def test_tabs_and_tables_work_by_keyboard(self):
        self.browser.type("[role=tab][aria-selected=true]", "\ue014")
        self.assertEqual(self.browser.run("return document.activeElement.textContent"), "Files")
        self.browser.type("#panel1 [role=grid]", "\ue015\ue015")  # down, twice
        active = self.browser.run("""const grid = document.querySelector('#panel1 [role=grid]');
            const active = grid.getAttribute('aria-activedescendant');
            return document.getElementById(active).ariaRowIndex""")
        self.assertEqual(active, "4")
        self.browser.type("#panel1 [role=grid]", "\ue010")  # End
        last = self.browser.run(
            "return document.querySelector('#panel1 .row.active').ariaRowIndex")
        self.assertEqual(int(last), self.browser.run("return page.view.filtered.length") + 1)

    def test_everything_has_a_name_for_screen_readers(self):
        for title in self.browser.run("return page.panels.map((panel) => panel.title)"):
            self.choose(title)
            nodes = self.browser.command("Accessibility.getFullAXTree")["nodes"]
            for node in nodes:
                role = node.get("role", {}).get("value")
                if role in ("button", "combobox", "searchbox", "tab", "tabpanel", "grid", "tablist",
                            "application", "search"):
                    self.assertTrue(node.get("name", {}).get("value"), (title, role, node))

    def test_every_panel_shows_what_there_is(self):
        expected = {"Files": "file29.dll", "Layers": "<b>image.cim", "Streams": "stream",
                    "Region files": "region_", "Map": "folder3"}
        for index, title in enumerate(self.browser.run("return page.panels.map((p) => p.title)")):
            self.choose(title)
            text = self.browser.run(
                "return document.getElementById(`panel${arguments[0]}`).textContent", index)
            self.assertIn(expected.get(title, ""), text, title)

    def test_a_hidden_table_keeps_its_rows(self):
        self.choose("Files")
        rows = self.rows(1)
        self.assertGreater(len(rows), 5)
        self.choose("Map")
        self.browser.run("""return new Promise((done) => {
            requestAnimationFrame(() => requestAnimationFrame(() => done(true))); })""")
        self.assertEqual(self.rows(1), rows)

    def test_names_do_not_become_markup(self):
        self.browser.type("#filter", "hostile")
        self.browser.wait("return document.getElementById('matches').textContent")
        for title in self.browser.run("return page.panels.map((panel) => panel.title)"):
            self.choose(title)
        self.choose("Files")
        self.assertIsNone(self.browser.run("return window.hacked ?? null"))
        self.assertEqual(self.browser.run("return document.scripts.length"), 2)
        self.assertEqual(self.browser.run("return document.querySelectorAll('img, b').length"), 0)
        shown = {row[0] for row in self.rows(1)}
        self.assertIn("\\hostile\\<script>window.hacked=1<", shown)
        self.assertIn("\\hostile\\right\\u202eleft", shown)
        self.assertIn("\\hostile\\ctrl\\u0007", shown)

    def test_requests_nothing(self):
        for title in self.browser.run("return page.panels.map((panel) => panel.title)"):
            self.choose(title)
        requested = []
        for line in self.browser.log("performance"):
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                requested.append(message["params"]["request"]["url"])
        self.assertTrue(requested)
        schemes = {url.split(":")[0] for url in requested}
        self.assertEqual(schemes - {"file", "data", "chrome"}, set())
        severe = [line for line in self.browser.log("browser") if line["level"] == "SEVERE"]
        self.assertEqual(severe, [])

    def test_layers_and_their_changes(self):
        store = self.directory / "store"
        import_layers(store)
        cim("report", store, "-o", self.directory / "store.html")
        page = self.directory / "child.html"
        child = store / "cim-layers/child.cim"
        cim("report", child, "-o", page)
        self.browser.open(page)
        self.assertEqual(self.browser.run("return page.view.tree.bytes"),
                         cim_json("info", child)["data_bytes"])
        self.change("scope", "own")
        changes = dict(self.browser.run("""return page.view.entries.map((entry) => [
            page.model.path(entry), CHANGES[page.model.entries.change[entry]]])"""))
        self.assertEqual(changes["\\Files\\folder\\file4.txt"], "hides")
        self.assertEqual(changes["\\Files\\new"], "adds")
        self.assertEqual(changes["\\Files\\folder\\file1.txt"], "replaces")
        self.assertNotIn("\\Files\\folder\\file2.txt", changes)
        self.change("scope", "all")
        self.change("grouping", "layer")
        self.assertEqual(sorted(row[0] for row in self.rows(0)), ["base.cim\\", "child.cim\\"])
        self.browser.open(self.directory / "store.html")
        self.change("layer", "0")
        self.assertEqual(self.browser.run("return page.view.tree.bytes"),
                         cim_json("info", store / "cim-layers/base.cim")["data_bytes"])

    def test_layers_may_spell_directories_differently(self):
        names = self.browser.run("""
            const model = new Model({
              layers: [{ parent: -1 }, { parent: 0 }], hives: [],
              directories: { parent: [-1, 0, 0, 1, 2], name: ['', 'dir', 'DIR', 'x', 'X'] },
              entries: { layer: [0, 0, 0, 1, 1], change: [0, 0, 0, 1, 2],
                         directory: [3, 3, 1, 4, 2], name: ['a', 'b', 'c', 'A', 'C'] } });
            return model.entriesOf(1, 'all').map((entry) => model.entries.name[entry])""")
        self.assertEqual(names, ["b", "A"])

    def change(self, control: str, value: str) -> None:
        self.browser.run("""const control = document.getElementById(arguments[0]);
                            control.value = arguments[1];
                            control.dispatchEvent(new Event('change'))""", control, value)

    def test_light_and_dark(self):
        colors = {}
        for scheme in ("light", "dark"):
            self.browser.command("Emulation.setEmulatedMedia",
                                 features=[{"name": "prefers-color-scheme", "value": scheme}])
            colors[scheme] = self.browser.run(
                "return getComputedStyle(document.body).backgroundColor")
            if SCREENSHOTS is not None:
                for title in ("Map", "Files", "Layers"):
                    self.choose(title)
                    time.sleep(0.2)
                    self.browser.screenshot(SCREENSHOTS / f"{scheme}-{title.lower()}.png")
        self.assertNotEqual(colors["light"], colors["dark"])


class ManyFilesTest(unittest.TestCase):
    def test_only_rows_in_view_are_elements(self):
        with tempfile.TemporaryDirectory() as name, browser.Browser() as chromium:
            directory = pathlib.Path(name)
            for d in range(FILES // 200):
                folder = directory / f"tree/some-group-{d % 25}/component-with-a-long-name-{d}"
                folder.mkdir(parents=True)
                for f in range(200):
                    file = folder / f"file-number-{f}-of-many.{'dll' if f % 2 else 'manifest'}"
                    file.write_bytes(b"%d" % (d * 200 + f))
            cim("create", directory / "image.cim", directory / "tree")
            begin = time.monotonic()
            cim("report", directory / "image.cim", "-o", directory / "page.html")
            written = time.monotonic() - begin
            size = (directory / "page.html").stat().st_size
            self.assertLess(size, MAX_PAGE)
            chromium.command("Page.addScriptToEvaluateOnNewDocument", source="""
                window.tasks = [0];
                new PerformanceObserver((list) => {
                  window.tasks.push(...list.getEntries().map((entry) => entry.duration / 1000));
                }).observe({ type: 'longtask', buffered: true })""")
            begin = time.monotonic()
            chromium.open(directory / "page.html")
            chromium.wait("return Boolean(window.page)")
            loaded = time.monotonic() - begin
            longest = chromium.run("return Math.max(...window.tasks)")
            times = chromium.run("""
                const times = [];
                for (const text of ['*.dll', 'number-17', '']) {
                  for (const index of [0, 1]) {
                    document.getElementById('filter').value = text;
                    const begin = performance.now();
                    page.refresh();
                    page.choose(index);
                    times.push((performance.now() - begin) / 1000);
                  }
                }
                return times""")
            scrolled = chromium.run("""
                const view = document.querySelector('#panel1 .view');
                const begin = performance.now();
                for (let i = 0; i < 100; ++i) {
                  view.scrollTop = i * 20000;
                  page.panels[1].table.render();
                }
                return (performance.now() - begin) / 100000""")
            print(f"{FILES} files: written in {written:.1f} s, {size / 1e6:.1f} MB, opened in "
                  f"{loaded:.1f} s by tasks of at most {longest:.2f} s, filtered in at most "
                  f"{max(times):.2f} s, a row of scrolling {scrolled * 1000:.1f} ms",
                  file=sys.stderr)
            # Only the rows in view are elements of the page, which bounds the cost of filters and scrolling.
            self.assertLess(chromium.run("return document.querySelectorAll('.row').length"), 500)


if __name__ == "__main__":
    CIM = sys.argv.pop(1)
    if "--files" in sys.argv:
        at = sys.argv.index("--files")
        FILES = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    if "--screenshots" in sys.argv:
        at = sys.argv.index("--screenshots")
        SCREENSHOTS = pathlib.Path(sys.argv[at + 1])
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        del sys.argv[at:at + 2]
    if not browser.is_installed():
        print("skipped: Chromium and ChromeDriver are not installed", file=sys.stderr)
        sys.exit(77)
    unittest.main()
