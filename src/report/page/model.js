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

// The value of a key, which is made if there is none.
function memberOf(map, key, make) {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
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
    this.users = null;
    this.firstSpellings = null;
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

  // The files, each counted once, that use each object.
  duplicates() {
    this.users = this.users || this.findUsers();
    return this.users;
  }

  findUsers() {
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
    const { change, directory, name } = this.entries;
    this.firstSpellings = this.firstSpellings || this.findFirstSpellings();
    const folders = new Map();  // for each, its names with their last entry
    const isReplaced = new Uint8Array(this.count);
    for (const entry of all) {
      const names = memberOf(folders, this.firstSpellings[directory[entry]], () => new Map());
      const key = foldCase(name[entry]);
      const before = names.get(key);
      if (before !== undefined) {
        isReplaced[before] = 1;
      }
      names.set(key, entry);
    }
    return all.filter((entry) => change[entry] !== HIDES && isReplaced[entry] === 0);
  }

  // Layers may spell the names of a directory differently, which are then several directories of
  // the data. For each directory, the first of them; comparing whole paths would take seconds.
  findFirstSpellings() {
    const { parent, name } = this.data.directories;
    const children = new Map();
    const first = new Array(name.length);
    for (let i = 0; i < name.length; ++i) {
      const names = memberOf(children, parent[i] < 0 ? -1 : first[parent[i]], () => new Map());
      first[i] = memberOf(names, foldCase(name[i]), () => i);
    }
    return first;
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
    const tops = new Map();  // by layer, if they are grouped by layer
    const weigh = this.weigher(measure);
    for (const entry of entries) {
      const bytes = weigh(entry);
      const isFolder = this.entries.kind[entry] === DIRECTORY;  // is shown even without files
      const folder = this.folderOf(this.topOf(root, tops, entry, grouping), entry, isFolder);
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

  // The folder that has those of an entry's path, and the ones that were made of it, by directory.
  topOf(root, tops, entry, grouping) {
    const layer = grouping === "layer" ? this.entries.layer[entry] : -1;
    return memberOf(tops, layer, () => (
      { folder: layer < 0 ? root : root.child(this.layerName(layer), ""),
        folders: new Array(this.directoryPaths.length) }));
  }

  folderOf(top, entry, isItself) {
    const folder = this.directoryFolder(top, this.entries.directory[entry]);
    const name = this.entries.name[entry];
    return isItself && name !== "" ? folder.child(name, `${folder.path}\\${name}`) : folder;
  }

  directoryFolder(top, directory) {
    const missing = [];
    let at = directory;
    const { parent, name } = this.data.directories;
    while (top.folders[at] === undefined && parent[at] >= 0) {
      missing.push(at);
      at = parent[at];
    }
    let folder = top.folders[at] || top.folder;
    while (missing.length > 0) {
      const next = missing.pop();
      folder = folder.child(name[next], this.directoryPaths[next]);
      top.folders[next] = folder;
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
