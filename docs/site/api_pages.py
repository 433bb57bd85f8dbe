# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Pages of the public headers: Doxygen reads them, and its XML becomes a page for each header."""
import html
import re
import subprocess
import tempfile
import textwrap
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from pages import Page, Section, plain

DOXYFILE = """
INPUT = include/cimlib
STRIP_FROM_PATH = .
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
XML_PROGRAMLISTING = NO
EXTRACT_ALL = YES
QUIET = YES
WARN_AS_ERROR = NO
WARNINGS = NO
JAVADOC_AUTOBRIEF = NO
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = CIM_EXPORT= WINAPI= __cplusplus=202002L _WIN32=1
"""
SHOWN = ("function", "variable", "typedef", "enum", "define")
INLINE = {"computeroutput": "code", "emphasis": "em", "bold": "strong", "subscript": "sub",
          "superscript": "sup"}
BLOCKS = {"itemizedlist": "ul", "orderedlist": "ol", "listitem": "li", "blockquote": "blockquote"}
CHARACTERS = {"ndash": "–", "mdash": "—", "nonbreakablespace": " ", "sp": " ", "linebreak": " "}


@dataclass
class Entry:
    """A public name."""
    name: str  # with its namespace, as in cim::Image
    kind: str
    header: str
    line: int
    declaration: str
    documentation: list[ET.Element]
    element: ET.Element
    members: list["Entry"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return re.sub(r"[^\w]+", "-", self.element.get("id"))

    def is_documented(self) -> bool:
        return any("".join(node.itertext()).strip() for node in self.documentation)

    def explains_itself(self) -> bool:
        """Returns true for what every type has, and for what the text of its type explains."""
        last = self.name.rsplit("::", 1)[-1]
        owner = self.name.rsplit("::", 2)[-2] if "::" in self.name else ""
        return (last in (owner, "~" + owner) or last.startswith("operator") or
                self.kind in ("variable", "define") or "=delete" in self.declaration)


def prepared(text: str) -> tuple[str, str]:
    """Returns a header as Doxygen understands it, and the text at its top.

    Headers for C have plain comments, whose forms are those of C++ here."""
    text = re.sub(r"\A(?://[^\n]*\n|/\*.*?\*/\n)", "", text, flags=re.DOTALL)
    text = re.sub(r"\A//[^\n]*\n", "", text)
    top = re.search(r"^#pragma once\n\n((?://[^\n]*\n)+|/\*.*?\*/\n)", text,
                    re.MULTILINE | re.DOTALL)
    introduction = ""
    if top:
        introduction = re.sub(r"^(?://|/\*| \*/?) ?|\*/$", "", top[1], flags=re.MULTILINE)
        text = text.replace(top[1], "", 1)
    if 'extern "C"' in text:
        text = re.sub(r"^/\* ----.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^( *)/\* ", r"\1/** ", text, flags=re.MULTILINE)
        text = re.sub(r"([;,{\w]) +/\* (.*?\*/)$", r"\1 /**< \2", text,
                      flags=re.MULTILINE | re.DOTALL)
    return text, introduction


def doxygen_xml(headers: dict[str, str]) -> list[ET.Element]:
    with tempfile.TemporaryDirectory(prefix="cimlib-site-") as name:
        folder = Path(name) / "include/cimlib"
        folder.mkdir(parents=True)
        for header, text in headers.items():
            (folder / header).write_text(text, "utf-8")
        (Path(name) / "Doxyfile").write_text(DOXYFILE, "utf-8")
        subprocess.run(["doxygen", "-q", "Doxyfile"], cwd=name, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return [next(ET.parse(path).iter("compounddef"))
                for path in sorted((Path(name) / "xml").glob("*.xml"))
                if path.name not in ("index.xml", "Doxyfile.xml")]


def text_of(element: ET.Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def declaration_of(member: ET.Element) -> str:
    kind = member.get("kind")
    if kind == "enum":
        name = member.findtext("name")
        base = text_of(member.find("type"))
        values = "".join("  %s%s,%s\n" % (
            value.findtext("name"), " " + text_of(value.find("initializer")) if value.find(
                "initializer") is not None else "", comment_of(value))
            for value in member.iter("enumvalue"))
        keyword = "enum class" if member.get("strong") == "yes" else "enum"
        return "%s %s%s {\n%s};" % (keyword, "" if name.startswith("@") else name,
                                    " : " + base if base else "", values)
    if kind == "define":
        return "#define %s %s" % (member.findtext("name"), text_of(member.find("initializer")))
    template = template_of(member)
    words = text_of(member.find("definition"))
    qualified = member.findtext("qualifiedname") or ""
    if words.endswith(qualified):
        words = words.removesuffix(qualified) + member.findtext("name")
    more = text_of(member.find("argsstring"))
    value = text_of(member.find("initializer")) if kind == "variable" else ""
    return template + words + more + (" " + value if value else "") + ";"


def template_of(element: ET.Element) -> str:
    parameters = element.find("templateparamlist")
    if parameters is None:
        return ""
    return "template <%s>\n" % ", ".join(" ".join(filter(None, (
        text_of(parameter.find("type")), parameter.findtext("declname"))))
        for parameter in parameters)


def comment_of(element: ET.Element) -> str:
    text = " ".join(text_of(part) for part in documentation_of(element))
    return "  // " + text.strip() if text.strip() else ""


def documentation_of(element: ET.Element) -> list[ET.Element]:
    parts = (element.find(part) for part in ("briefdescription", "detaileddescription"))
    return [part for part in parts if part is not None]


class Interface:
    """All public names, by header."""

    def __init__(self, folders: list[Path]):
        self.introductions = {}
        headers = {}
        for path in sorted(header for folder in folders for header in folder.glob("*.h")):
            headers[path.name], self.introductions[path.name] = prepared(path.read_text("utf-8"))
        self.entries: list[Entry] = []
        self.places: dict[str, str] = {}  # ids of Doxygen: page#anchor
        self.names: dict[str, str] = {}  # the same by the last part of names of types and codes
        types = {}
        compounds = doxygen_xml(headers)
        for compound in compounds:
            self.add_compound(compound, types)
        self.nest(types)
        self.share_documentation(self.entries, headers)
        for entry in self.entries:
            self.note_places(entry)

    def share_documentation(self, entries: list[Entry], headers: dict[str, str]):
        """A declaration that follows another without an empty line shares its comment."""
        for before, entry in zip(entries, entries[1:]):
            lines = headers[entry.header].splitlines()[before.line:entry.line]
            if before.header == entry.header and not entry.is_documented() and "" not in lines:
                entry.documentation = before.documentation
        for entry in entries:
            self.share_documentation(entry.members, headers)

    def add_compound(self, compound: ET.Element, types: dict[str, Entry]):
        kind = compound.get("kind")
        if kind in ("class", "struct", "union"):
            location = compound.find("location")
            name = compound.findtext("compoundname")
            if compound.get("prot") == "private" or location is None or "@" in name:
                return
            bases = ", ".join("public " + text_of(b) for b in compound.iter("basecompoundref"))
            entry = Entry(name, kind, Path(location.get("file")).name, int(location.get("line")),
                          template_of(compound) + "%s %s%s" % (
                              kind, name.rsplit("::", 1)[-1], " : " + bases if bases else ""),
                          documentation_of(compound), compound)
            types[name] = entry
            self.add_members(compound, name + "::", entry.members)
        elif kind in ("namespace", "file"):
            name = compound.findtext("compoundname")
            self.add_members(compound, name + "::" if kind == "namespace" else "", self.entries)

    def add_members(self, compound: ET.Element, prefix: str, entries: list[Entry]):
        known = {(entry.element.get("id")) for entry in entries}
        for member in compound.iter("memberdef"):
            name = member.findtext("name")
            if (member.get("prot") != "public" or member.get("kind") not in SHOWN or
                    member.get("id") in known or name == "CIM_EXPORT"):
                continue
            location = member.find("location")
            name = "(values)" if name.startswith("@") else name
            entries.append(Entry(prefix + name, member.get("kind"), Path(location.get("file")).name,
                                 int(location.get("line")), declaration_of(member),
                                 documentation_of(member), member))

    def nest(self, types: dict[str, Entry]):
        """Puts nested types into the types that contain them, and orders all as the headers do."""
        for name, entry in types.items():
            owner = types.get(name.rsplit("::", 1)[0]) if "::" in name else None
            (owner.members if owner else self.entries).append(entry)
        # In C a struct and its typedef are one name.
        named = {entry.name.lstrip("_") for entry in types.values()}
        self.entries = [entry for entry in self.entries if not (
            entry.kind == "typedef" and entry.name in named)]
        enums = {entry.name for entry in self.entries if entry.kind == "enum"}
        self.entries = [entry for entry in self.entries if not (
            entry.kind == "typedef" and entry.name in enums)]
        self.entries.sort(key=lambda entry: (entry.header, entry.line))
        for entry in types.values():
            entry.members.sort(key=lambda member: member.line)

    def note_places(self, entry: Entry):
        place = "%s#%s" % (page_name(entry.header), entry.anchor)
        self.places[entry.element.get("id")] = place
        last = entry.name.rsplit("::", 1)[-1].lstrip("_")
        if entry.kind in ("class", "struct", "union", "enum", "typedef") or last.startswith("Cim"):
            self.names.setdefault(last, place)
        for value in entry.element.findall("enumvalue"):
            self.places[value.get("id")] = place
            self.names.setdefault(value.findtext("name"), place)
        for member in entry.members:
            self.note_places(member)

    def all_entries(self):
        pending = list(self.entries)
        while pending:
            entry = pending.pop()
            pending += entry.members
            yield entry

    def undocumented(self) -> list[str]:
        return sorted("%s (%s)" % (entry.name, entry.header) for entry in self.all_entries()
                      if not entry.is_documented() and not entry.explains_itself())

    def pages(self) -> list[Page]:
        result = [self.list_of_names()]
        for header in sorted(self.introductions):
            entries = [entry for entry in self.entries if entry.header == header]
            if entries:
                result.append(self.header_page(header, entries))
        return result

    def list_of_names(self) -> Page:
        entries = sorted(self.all_entries(), key=lambda entry: entry.name.lower())
        line = '<li><a href="%s"><code>%s</code></a> <span class="kind">%s, %s</span></li>\n'
        lines = "".join(line % (self.places[entry.element.get("id")], html.escape(entry.name),
                                entry.kind, entry.header) for entry in entries)
        body = "<h1>All public names</h1>\n<ul>\n%s</ul>\n" % lines
        return Page("api/index.html", "All public names", "Programming interface", body,
                    [Section("All public names", "", "")])

    def header_page(self, header: str, entries: list[Entry]) -> Page:
        renderer = Renderer(self)
        body = "<h1><code>cimlib/%s</code></h1>\n" % header
        introduction = renderer.introduction(self.introductions[header])
        body += introduction
        body += "".join(renderer.entry(entry) for entry in entries)
        sections = [Section("cimlib/" + header, "", plain(introduction)[:1500])]
        for entry in self.all_entries():
            if entry.header == header and not entry.name.endswith("(values)"):
                sections.append(Section(entry.name, entry.anchor, plain(
                    " ".join(renderer.block(part) for part in entry.documentation))[:400]))
        return Page("api/" + page_name(header), header, "Programming interface", body, sections)


def page_name(header: str) -> str:
    return header.removesuffix(".h") + ".html"


class Renderer:
    """Turns what Doxygen read into HTML."""

    def __init__(self, interface: Interface):
        self.interface = interface

    def introduction(self, text: str) -> str:
        """Turns the comment at the top of a header into paragraphs; indented parts are code."""
        parts = []
        for part in re.split(r"\n\s*\n", text.strip("\n")):
            if not part.startswith("  "):
                words = re.sub(r"`([^`]*)`", r"<code>\1</code>", self.words(part))
                parts.append("<p>%s</p>" % words)
                continue
            code = self.linked(textwrap.dedent(part))
            if parts and parts[-1].startswith("<pre>"):
                parts[-1] = "%s\n\n%s</pre>" % (parts[-1].removesuffix("</pre>"), code)
            else:
                parts.append("<pre>%s</pre>" % code)
        return "\n".join(parts) + "\n"

    def entry(self, entry: Entry, level: int = 2) -> str:
        title = entry.name if level == 2 else entry.name.rsplit("::", 1)[-1]
        text = '<div class="entry" id="%s">\n' % entry.anchor
        if level == 2:
            text += '<h2>%s <span class="kind">%s</span></h2>\n' % (html.escape(title), entry.kind)
        text += "<pre>%s</pre>\n" % self.linked(entry.declaration)
        text += "".join(self.block(part) for part in entry.documentation)
        if entry.members:
            text += '<div class="members">\n%s</div>\n' % "".join(
                self.entry(member, level + 1) for member in entry.members)
        return text + "</div>\n"

    def linked(self, code: str) -> str:
        """Links the names of types and error codes."""
        def link(match):
            place = self.interface.names.get(match[0])
            return '<a href="%s">%s</a>' % (place, match[0]) if place else match[0]
        return re.sub(r"\b[A-Za-z_]\w+\b", link, html.escape(code, quote=False))

    def block(self, node: ET.Element) -> str:
        tag = node.tag
        if tag == "para":
            return "<p>%s</p>\n" % self.content(node)
        if tag in ("verbatim", "preformatted"):
            return "<pre>%s</pre>\n" % self.linked(node.text or "")
        if tag == "programlisting":
            return "<pre>%s</pre>\n" % "\n".join(self.content(line) for line in node)
        if tag in INLINE:
            return "<{0}>{1}</{0}>".format(INLINE[tag], self.content(node))
        if tag in BLOCKS:
            return "<{0}>{1}</{0}>\n".format(BLOCKS[tag], self.content(node))
        if tag in CHARACTERS:
            return CHARACTERS[tag]
        if tag == "ref":
            place = self.interface.places.get(node.get("refid"))
            text = self.content(node)
            return '<a href="%s">%s</a>' % (place, text) if place else text
        if tag == "ulink":
            return '<a href="%s">%s</a>' % (html.escape(node.get("url")), self.content(node))
        return self.content(node)

    def content(self, node: ET.Element) -> str:
        text = self.words(node.text)
        for child in node:
            text += self.block(child) + self.words(child.tail)
        return text

    def words(self, text: str | None) -> str:
        """Links error codes and enumerators, such as kCorrupt."""
        def link(match):
            place = self.interface.names.get(match[0])
            return '<a href="%s">%s</a>' % (place, match[0]) if place else match[0]
        return re.sub(r"\bk[A-Z]\w+\b", link, html.escape(text or "", quote=False))
