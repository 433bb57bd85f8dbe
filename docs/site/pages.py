# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Pages of the site: their frame, the list of pages beside each, and the index of the search."""
import html
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

FRAME = """<!DOCTYPE html>
<html lang="en" data-base="%(base)s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(title)s – cimlib</title>
<link rel="stylesheet" href="%(base)sstyle.css">
<script src="%(base)sindex.js"></script>
<script src="%(base)ssite.js"></script>
<script src="%(base)splayer.js"></script>
</head>
<body>
<header>
<a class="name" href="%(base)sindex.html">cimlib</a><span class="version">%(version)s</span>
<div class="search"><input id="search" type="search" placeholder="Search (press /)"
 autocomplete="off" aria-label="Search"><ul id="search-results"></ul></div>
<button id="theme" type="button" title="Light or dark">◐</button>
</header>
<div class="frame">
<nav class="pages" aria-label="Pages">
%(navigation)s</nav>
<main>
%(body)s</main>
</div>
</body>
</html>
"""
HEADING = re.compile(r"<h([1-4])([^>]*)>(.*?)</h\1>", re.DOTALL)


def plain(markup: str) -> str:
    """Returns the text of HTML, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@dataclass
class Section:
    """A result of the search."""
    title: str
    anchor: str
    text: str


@dataclass
class Page:
    path: str  # in the site, as in "api/image.html"
    title: str
    group: str  # the heading under which the list of pages has it; none if empty
    body: str
    sections: list[Section] = field(default_factory=list)  # by its headings, if empty


def sections_of(page: Page) -> list[Section]:
    if page.sections:
        return page.sections
    found = []
    heads = list(HEADING.finditer(page.body))
    ends = [head.start() for head in heads[1:]] + [len(page.body)]
    for head, end in zip(heads, ends):
        anchor = re.search(r'id="([^"]*)"', head[2])
        title = plain(head[3])
        found.append(Section(title if title == page.title else "%s: %s" % (page.title, title),
                             anchor[1] if anchor else "", plain(page.body[head.end():end])[:1500]))
    return found


def relative(target: str, page: str) -> str:
    return os.path.relpath(target, os.path.dirname(page) or ".")


def navigation(pages: list[Page], current: Page) -> str:
    groups = {}
    for page in pages:
        if page.group:
            groups.setdefault(page.group, []).append(page)
    text = ""
    for group, members in groups.items():
        text += "<h2>%s</h2>\n<ul>\n" % html.escape(group)
        for page in members:
            mark = ' aria-current="page"' if page is current else ""
            text += '<li><a href="%s"%s>%s</a></li>\n' % (
                relative(page.path, current.path), mark, html.escape(page.title))
        text += "</ul>\n"
    return text


def write_site(pages: list[Page], version: str, output: Path):
    index = []
    for page in pages:
        path = output / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FRAME % {
            "base": "../" * page.path.count("/"), "title": html.escape(page.title),
            "version": html.escape(version), "navigation": navigation(pages, page),
            "body": page.body}, "utf-8")
        index += [{"title": section.title, "kind": page.group or "Source", "text": section.text,
                   "page": page.path + ("#" + section.anchor if section.anchor else "")}
                  for section in sections_of(page)]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in index)
    (output / "index.js").write_text("window.siteIndex = [\n%s\n];\n" % lines, "utf-8")
