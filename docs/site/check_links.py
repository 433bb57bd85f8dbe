# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Checks a site on disk: every link leads to a page, and every anchor to a place in it.

    check_links.py DIR

Nothing may be loaded from elsewhere; links to other sites are not followed.
"""
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Links(HTMLParser):
    """The links, loaded files and anchors of a page."""

    def __init__(self):
        super().__init__()
        self.links = []
        self.loaded = []
        self.anchors = set()
        self.repeated = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                if value in self.anchors:
                    self.repeated.append(value)
                self.anchors.add(value)
            elif name == "src" or (name == "href" and tag == "link"):
                self.loaded.append(value)
            elif name == "href":
                self.links.append(value)


def read(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text("utf-8"))
    return links


def broken(root: Path) -> list[str]:
    pages = {path.resolve(): read(path) for path in root.rglob("*.html")}
    found = []
    for path, page in sorted(pages.items()):
        where = path.relative_to(root.resolve())
        found += ["%s: the anchor %s is there twice" % (where, name) for name in page.repeated]
        found += ["%s: loads %s" % (where, name) for name in page.loaded if urlsplit(name).scheme]
        for link in page.links + page.loaded:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append("%s: %s does not exist" % (where, link))
            elif parts.fragment and unquote(parts.fragment) not in pages[target].anchors:
                found.append("%s: %s has no such anchor" % (where, link))
    if not pages:
        found.append("there are no pages in %s" % root)
    return found


if __name__ == "__main__":
    problems = broken(Path(sys.argv[1]))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)
