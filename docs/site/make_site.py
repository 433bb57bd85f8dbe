# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Makes the documentation site: the pages of docs/, the manual, a tour, and the headers.

    make_site.py --output DIR

The site needs no server and loads nothing from elsewhere. Needs cmark-gfm, doxygen, mandoc. It is
not made if a public name has no documentation.
"""
import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from api_pages import Interface  # noqa: E402
from pages import write_site  # noqa: E402
from text_pages import Tree  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Pages of docs/ in the order of a reader; others follow by name.
FIRST = ("mounts", "layers", "store", "registries", "hives", "windows", "limits", "findings",
         "cimfs", "format", "tar")
OF_THE_PROJECT = ("architecture", "releasing", "performance", "performance-mounts")


def version() -> str:
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    return re.search(r"^project\(cimlib VERSION (\S+)", text, re.MULTILINE)[1]


def interface(work: Path) -> Interface:
    """Reads the public headers, with version.h as CMake would make it."""
    text = (ROOT / "cmake/version.h.in").read_text("utf-8")
    major, minor, patch = version().split(".")
    for name, value in {"": version(), "_MAJOR": major, "_MINOR": minor, "_PATCH": patch}.items():
        text = text.replace("@PROJECT_VERSION%s@" % name, value)
    (work / "version.h").write_text(text, "utf-8")
    return Interface([ROOT / "include/cimlib", work])


def text_pages() -> Tree:
    tree = Tree(ROOT)
    tree.add_markdown("README.md", "index.html", "Start")
    tree.add_markdown("docs/site/tour.md", "tour.html", "Start")
    tree.add_markdown("CHANGELOG.md", "changelog.html", "Start")
    names = [path.stem for path in sorted((ROOT / "docs").glob("*.md"))]
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    for name in names:
        if name not in OF_THE_PROJECT:
            tree.add_markdown("docs/%s.md" % name, "guide/%s.html" % name, "Guide")
    for path in sorted((ROOT / "docs/man").glob("*.1")):
        tree.add_manual("docs/man/" + path.name)
    return tree


def add_project_pages(tree: Tree):
    for name in OF_THE_PROJECT:
        tree.add_markdown("docs/%s.md" % name, "guide/%s.html" % name, "The project")
    for name in ("CONTRIBUTING", "SECURITY"):
        tree.add_markdown(name + ".md", name.lower() + ".html", "The project")
    for path in sorted(ROOT.glob("*/README.md")):
        folder = path.parent.name
        tree.add_markdown(folder + "/README.md", "guide/%s-readme.html" % folder, "The project")


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the documentation site.")
    parser.add_argument("--output", type=Path, required=True)
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory(prefix="cimlib-site-") as work:
        names = interface(Path(work))
    if missing := names.undocumented():
        print("make_site: names without documentation:\n  " + "\n  ".join(missing), file=sys.stderr)
        return 1
    tree = text_pages()
    api = names.pages()
    for page in api:
        header = page.title if page.title.endswith(".h") else ""
        tree.pages["include/cimlib" + ("/" + header if header else "")] = page
    add_project_pages(tree)
    tree.link_all()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for name in ("style.css", "site.js", "player.js"):
        shutil.copyfile(HERE / name, output / name)
    write_site(tree.all_pages(), version(), output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
