// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
"use strict";

// The data of the page, and what is computed from it. An entry is a number: its place in the
// columns of data.entries.

const ADDS = 0, REPLACES = 1, HIDES = 2;
const CHANGES = ["adds", "replaces", "hides"];
const KINDS = ["file", "directory", "link"];
const DIRECTORY = 1;

// As Windows compares names: each character by itself, so that no two become one.
function foldCase(text) {
  const upper = text.toUpperCase();
  if (upper.length === text.length) {
    return upper;
  }
  return [...text].map((character) => {
    const one = character.toUpperCase();
    return one.length === character.length ? one : character;
  }).join("");
}

class Model {
  constructor(data) {
    this.data = data;
    this.entries = data.entries;
    this.count = data.entries.name.length;
    this.directoryPaths = this.makeDirectoryPaths();
    this.paths = new Array(this.count);
    this.foldedPaths = new Array(this.count);
    this.chosen = new Map();
    this.hiveOf = new Map(data.hives.map((hive) => [hive.entry, hive]));
    this.duplicates = this.countUses();
  }

  makeDirectoryPaths() {
    const { parent, name } = this.data.directories;
    const paths = new Array(name.length);
    for (let i = 0; i < name.length; ++i) {  // a parent comes before its children
      paths[i] = parent[i] < 0 ? "" : `${paths[parent[i]]}\\${name[i]}`;
    }
    return paths;
  }

  // Made when it is first needed: most of 100,000 paths are never shown.
  path(entry) {
    let path = this.paths[entry];
    if (path === undefined) {
      path = `${this.directoryPaths[this.entries.directory[entry]]}\\${this.entries.name[entry]}`;
      this.paths[entry] = path;
    }
    return path;
  }

  // The path for comparisons. Kept, since every letter of a filter needs all of them.
  foldedPath(entry) {
    let path = this.foldedPaths[entry];
    if (path === undefined) {
      path = foldCase(this.path(entry));
      this.foldedPaths[entry] = path;
    }
    return path;
  }

  // How many files, each counted once, use each object.
  countUses() {
    const { object, id, layer, change } = this.entries;
    const users = new Map();
    const seen = new Set();
    for (let entry = 0; entry < this.count; ++entry) {
      const file = layer[entry] * 2 ** 32 + id[entry];
      if (object[entry] < 0 || change[entry] === HIDES || seen.has(file)) {
        continue;
      }
      seen.add(file);
      const list = users.get(object[entry]);
      if (list === undefined) {
        users.set(object[entry], [entry]);
      } else {
        list.push(entry);
      }
    }
    return users;
  }

  chain(layer) {
    const chain = [];
    for (let at = layer; at >= 0; at = this.data.layers[at].parent) {
      chain.unshift(at);
    }
    return chain;
  }

  // The entries of a layer alone, or of an image: what its chain adds and neither replaces nor
  // hides later. Windows ignores the case of names.
  entriesOf(layer, scope) {
    const key = `${scope} ${layer}`;
    if (!this.chosen.has(key)) {
      this.chosen.set(key, this.findEntries(layer, scope));
    }
    return this.chosen.get(key);
  }

  findEntries(layer, scope) {
    if (scope === "own") {
      return this.entriesOfLayers(new Set([layer]));
    }
    const chain = this.chain(layer);
    const all = this.entriesOfLayers(new Set(chain));
    if (chain.length === 1) {
      return all;
    }
    const last = new Map();
    for (const entry of all) {
      last.set(this.foldedPath(entry), entry);
    }
    return all.filter((entry) => this.entries.change[entry] !== HIDES &&
                                 last.get(this.foldedPath(entry)) === entry);
  }

  entriesOfLayers(layers) {
    const result = [];
    for (let entry = 0; entry < this.count; ++entry) {
      if (layers.has(this.entries.layer[entry])) {
        result.push(entry);
      }
    }
    return result;
  }

  // The bytes of an entry. A file with several names counts at the first of them.
  weigher(measure) {
    const { size, streams, cost, change, id, kind } = this.entries;
    const seen = new Set();
    return (entry) => {
      if (change[entry] === HIDES) {
        return 0;
      }
      if (measure === "cost") {
        return cost[entry];
      }
      if (kind[entry] !== DIRECTORY || streams[entry] > 0) {
        if (seen.has(id[entry])) {
          return 0;
        }
        seen.add(id[entry]);
      }
      return size[entry] + streams[entry];
    };
  }

  // A tree of folders, each with its bytes and number of entries.
  tree(entries, measure, grouping) {
    const root = new Folder("", "");
    const folders = new Map();
    const weigh = this.weigher(measure);
    for (const entry of entries) {
      const bytes = weigh(entry);
      const isFolder = this.entries.kind[entry] === DIRECTORY;  // is shown even without files
      const folder = this.folderOf(root, folders, entry, grouping, isFolder);
      if (!isFolder) {
        folder.files.push({ entry, bytes });
      }
      for (let at = folder; at !== null; at = at.parent) {
        at.bytes += bytes;
        at.count += isFolder ? 0 : 1;
      }
    }
    return root;
  }

  folderOf(root, folders, entry, grouping, isItself) {
    const layer = this.entries.layer[entry];
    const top = grouping === "layer" ? this.layerFolder(root, folders, layer) : root;
    const prefix = grouping === "layer" ? `${layer}:` : ":";
    let folder = this.directoryFolder(top, folders, prefix, this.entries.directory[entry]);
    const name = this.entries.name[entry];
    if (isItself && name !== "") {
      folder = folder.child(name, `${folder.path}\\${name}`);
    }
    return folder;
  }

  layerFolder(root, folders, layer) {
    const key = `layer ${layer}`;
    if (!folders.has(key)) {
      folders.set(key, root.child(this.layerName(layer), ""));
    }
    return folders.get(key);
  }

  directoryFolder(top, folders, prefix, directory) {
    const missing = [];
    let at = directory;
    let folder;
    const { parent, name } = this.data.directories;
    while ((folder = folders.get(prefix + at)) === undefined && parent[at] >= 0) {
      missing.push(at);
      at = parent[at];
    }
    folder = folder || top;
    while (missing.length > 0) {
      const next = missing.pop();
      folder = folder.child(name[next], this.directoryPaths[next]);
      folders.set(prefix + next, folder);
    }
    return folder;
  }

  layerName(layer) {
    return this.data.layers[layer].image;
  }
}

class Folder {
  constructor(name, path, parent = null) {
    this.name = name;
    this.path = path;
    this.parent = parent;
    this.bytes = 0;
    this.count = 0;
    this.folders = new Map();
    this.files = [];
    this.sorted = null;
  }

  child(name, path) {
    const key = foldCase(name);
    let folder = this.folders.get(key);
    if (folder === undefined) {
      folder = new Folder(name, path, this);
      this.folders.set(key, folder);
    }
    return folder;
  }

  // Folders and files, the largest first. A tree does not change once it was made.
  children() {
    this.sorted = this.sorted || this.sortChildren();
    return this.sorted;
  }

  sortChildren() {
    const folders = [...this.folders.values()].map((folder) => (
      { name: folder.name, bytes: folder.bytes, count: folder.count, folder, entry: -1 }));
    const files = this.files.map((file) => (
      { name: "", bytes: file.bytes, count: 1, folder: null, entry: file.entry }));
    return folders.concat(files).sort((a, b) => b.bytes - a.bytes);
  }
}

// A filter as people type it: with * or ? a pattern for the name, or for the path if it has a
// separator; otherwise a part of the path.
function matcher(text, model) {
  const wanted = foldCase(text.trim().replaceAll("/", "\\"));
  if (wanted === "") {
    return null;
  }
  if (!/[*?]/.test(wanted)) {
    return (entry) => model.foldedPath(entry).includes(wanted);
  }
  const names = wanted.split("*").map((part) => (
    part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", ".")));
  const pattern = new RegExp(`^${names.join(".*")}$`, "su");
  if (wanted.includes("\\")) {
    return (entry) => pattern.test(model.foldedPath(entry));
  }
  return (entry) => pattern.test(foldCase(model.entries.name[entry]));
}
