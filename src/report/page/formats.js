// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Numbers, sizes, times and names as people read them.

const grouped = new Intl.NumberFormat("en");

function count(number) {
  return grouped.format(number);
}

function readableSize(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    ++unit;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

function readableTime(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 19).replace("T", " ");
}

function share(part, whole) {
  return whole === 0 ? "0 %" : `${(100 * part / whole).toFixed(1)} %`;
}

// Control characters, marks that change the direction of text and unpaired surrogates would make a
// name look like another one.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function shownName(name) {
  return name.replace(INVISIBLE, (character) => (
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`));
}

// An element with attributes, properties for listeners ("onclick"), and children: nodes or texts.
// Texts never become markup.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      made.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}
