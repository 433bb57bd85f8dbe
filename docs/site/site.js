// Search over all pages, and the choice of colours. Works from disk: the index is a script, not a request.
"use strict";

(function () {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  if (stored()) root.dataset.theme = stored();

  // The index is { title, page, kind, text } for each section; names match before words of the text.
  function score(entry, words) {
    const title = entry.title.toLowerCase();
    let sum = 0;
    for (const word of words) {
      const inTitle = title.indexOf(word);
      if (inTitle < 0 && !entry.lower.includes(word)) return 0;
      const startsName = inTitle >= 0 && (inTitle === 0 || !/\w/.test(title[inTitle - 1]));
      sum += inTitle < 0 ? 1 : startsName ? (title.endsWith(word) ? 30 : 20) : 8;
    }
    return sum - Math.min(title.length, 100) / 100;
  }

  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    return window.siteIndex
      .map((entry) => ({ entry, value: score(entry, words) }))
      .filter(({ value }) => value > 0)
      .sort((a, b) => b.value - a.value)
      .slice(0, 30)
      .map(({ entry }) => ({ entry, words }));
  }

  // Appends the text with the words marked; never as HTML.
  function appendMarked(parent, text, words) {
    const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    for (const piece of text.split(new RegExp("(" + escaped.join("|") + ")", "i"))) {
      const isWord = words.includes(piece.toLowerCase());
      const node = isWord ? document.createElement("mark") : document.createTextNode(piece);
      if (isWord) node.textContent = piece;
      parent.append(node);
    }
  }

  function resultItem({ entry, words }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = root.dataset.base + entry.page;
    appendMarked(link, entry.title, words);
    const line = document.createElement("small");
    const at = Math.max(0, entry.lower.indexOf(words[0]) - 40);
    appendMarked(line, entry.kind + " – " + entry.text.slice(at, at + 130), words);
    link.append(line);
    item.append(link);
    return item;
  }

  function choose(list, step) {
    const links = [...list.querySelectorAll("a")];
    const now = links.findIndex((link) => link.classList.contains("chosen"));
    const next = links[Math.min(Math.max(now + step, 0), links.length - 1)];
    links.forEach((link) => link.classList.toggle("chosen", link === next));
    next?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const field = document.getElementById("search");
    const list = document.getElementById("search-results");
    for (const entry of window.siteIndex) entry.lower = entry.text.toLowerCase();
    const show = () => list.replaceChildren(...search(field.value).map(resultItem));
    field.addEventListener("input", show);
    field.addEventListener("focus", show);
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        choose(list, event.key === "ArrowDown" ? 1 : -1);
        event.preventDefault();
      } else if (event.key === "Enter") {
        (list.querySelector("a.chosen") ?? list.querySelector("a"))?.click();
      } else if (event.key === "Escape") {
        field.value = "";
        list.replaceChildren();
      }
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".search")) list.replaceChildren();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && document.activeElement !== field) {
        field.focus();
        event.preventDefault();
      }
    });
    document.getElementById("theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* kept for this page only */ }
    });
    document.querySelector("nav.pages [aria-current]")?.scrollIntoView({ block: "nearest" });
  });
})();
