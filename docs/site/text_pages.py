# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Pages from Markdown (by cmark-gfm), from the manual (by mandoc), and from other files."""
import html
import os
import re
import subprocess
from pathlib import Path

from pages import HEADING, Page, plain, relative

TERMINAL = re.compile(r'<pre><code class="language-console">(.*?)</code></pre>', re.DOTALL)


def filtered(command: list[str], text: str) -> str:
    return subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE).stdout


def slug(heading: str, used: dict[str, int]) -> str:
    """Returns the anchor that forges give a heading, so that links work there and here."""
    name = re.sub(r"[^\w\- ]", "", plain(heading).lower()).replace(" ", "-")
    used[name] = used.get(name, -1) + 1
    return name if used[name] == 0 else "%s-%d" % (name, used[name])


def with_anchors(markup: str) -> str:
    used = {}
    return HEADING.sub(lambda m: '<h%s id="%s">%s</h%s>' % (m[1], slug(m[3], used), m[3], m[1]),
                       markup)


def as_terminal(match: re.Match) -> str:
    """Turns a recording, commands after "$ " with their output, into what player.js plays."""
    text = ""
    for step in re.split(r"^\$ ", match[1], flags=re.MULTILINE)[1:]:
        command, _, output = step.partition("\n")
        text += '<span class="command">%s\n</span>' % command
        text += '<span class="output">%s</span>' % output
    return '<div class="terminal"><pre>%s</pre></div>' % text


class Tree:
    """The files of the tree, and the pages made of them."""

    def __init__(self, root: Path):
        self.root = root
        self.pages: dict[str, Page] = {}  # by the path in the tree
        self.sources: dict[str, Page] = {}

    def add_markdown(self, path: str, target: str, group: str):
        text = (self.root / path).read_text("utf-8")
        title = re.search(r"^# (.*)$", text, re.MULTILINE)[1].replace("`", "")
        markup = filtered(["cmark-gfm", "-e", "table", "-e", "autolink"], text)
        markup = TERMINAL.sub(as_terminal, with_anchors(markup))
        markup = markup.replace("<table>", '<div class="scroll"><table>')
        markup = markup.replace("</table>", "</table></div>")
        self.pages[path] = Page(target, title, group, markup)

    def add_manual(self, path: str):
        name = Path(path).name.removesuffix(".1")
        title = name.replace("-", " ")
        markup = filtered(["mandoc", "-T", "html", "-O", "fragment"],
                          (self.root / path).read_text("utf-8"))
        markup = re.sub(r'<table class="(head|foot)">.*?</table>', "", markup, flags=re.DOTALL)
        markup = re.sub(r'<a class="permalink"[^>]*>(.*?)</a>', r"\1", markup, flags=re.DOTALL)
        markup = re.sub(r"(</?)h1\b", r"\1h2", markup)
        self.pages[path] = Page("man/%s.html" % name, title, "Manual", "<h1>%s</h1>\n%s" % (
            title, self.linked_manual(markup, name)))

    def linked_manual(self, body: str, own: str) -> str:
        """Links names such as cim-mount(1)."""
        def link(match):
            name = plain(match[1])
            known = (self.root / "docs/man" / (name + ".1")).exists() and name != own
            return '<a href="%s.html">%s</a>' % (name, match[0]) if known else match[0]
        return re.sub(r"(?:<b>)?(cim(?:-[a-z]+)*)(?:</b>)?\(1\)", link, body)

    def link_all(self):
        """Replaces links to files of the tree by links to their pages, in pages of Markdown."""
        for path, page in list(self.pages.items()):
            if path.endswith(".md"):
                page.body = re.sub(r'href="([^"]*)"', lambda m, p=path, g=page: 'href="%s"' % (
                    self.resolve(m[1], p, g)), page.body)

    def resolve(self, link: str, path: str, page: Page) -> str:
        if re.match(r"[a-z]+:|#", link):
            return link
        name, _, anchor = link.partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(path), name))
        anchor = "#" + anchor if anchor else ""
        return relative(self.page_of(target).path, page.path) + anchor

    def page_of(self, path: str) -> Page:
        for known in (path, path + "/README.md"):
            if known in self.pages:
                return self.pages[known]
        if path not in self.sources:
            self.sources[path] = self.source_page(path)
        return self.sources[path]

    def source_page(self, path: str) -> Page:
        file = self.root / path
        head = "<h1><code>%s</code></h1>\n" % html.escape(path)
        page = Page("source/%s.html" % path, path, "", "")
        self.sources[path] = page
        if file.is_dir():
            files = sorted(child for child in file.iterdir() if child.is_file())
            page.body = head + "<ul>\n%s</ul>\n" % "".join('<li><a href="%s">%s</a></li>\n' % (
                relative(self.page_of("%s/%s" % (path, child.name)).path, page.path), child.name)
                for child in files)
        else:
            page.body = head + "<pre>%s</pre>\n" % html.escape(file.read_text("utf-8"))
        return page

    def all_pages(self) -> list[Page]:
        return [*self.pages.values(), *self.sources.values()]
