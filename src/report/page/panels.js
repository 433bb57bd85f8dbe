// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// The parts of the report. A panel has a title and an element; show(view) is called when it becomes
// visible or what is shown changes. `view` is { layer, entries, tree, measure, grouping, filtered }.

const sizeColumn = (title, value, width = "7.5em") => (
  { title, value, text: readableSize, isNumber: true, descending: true, width });
const countColumn = (title, value, width = "6em") => (
  { title, value, text: count, isNumber: true, descending: true, width });
const textColumn = (title, value, width = "1fr") => ({ title, value, text: shownName, width });

function heading(text, ...more) {
  return element("div", { class: "heading" }, element("h2", {}, text), ...more);
}

// Columns that several tables of entries share.
class EntryColumns {
  constructor(model) {
    const { entries } = model;
    this.path = textColumn("Path", (entry) => model.path(entry), "minmax(12em, 3fr)");
    this.size = sizeColumn("Size", (entry) => entries.size[entry] + entries.streams[entry]);
    this.cost = sizeColumn("Stored", (entry) => entries.cost[entry]);
    this.written = { title: "Written (UTC)", value: (entry) => entries.time[entry],
                     text: readableTime, width: "12.5em" };
    this.change = { title: "Change", value: (entry) => CHANGES[entries.change[entry]], width: "6em" };
    this.layer = textColumn("Layer", (entry) => model.layerName(entries.layer[entry]), "minmax(6em, 1fr)");
    this.kind = { title: "Type", value: (entry) => KINDS[entries.kind[entry]], width: "6em" };
  }
}

class MapPanel {
  constructor(model) {
    this.model = model;
    this.title = "Map";
    this.folder = null;
    this.trail = element("nav", { class: "trail", "aria-label": "Folder that is shown" });
    this.status = element("p", { class: "status", role: "status", "aria-live": "polite" });
    this.canvas = element("canvas", { class: "map", tabindex: 0, role: "application",
      "aria-roledescription": "treemap",
      "aria-label": "Map of the folder by size. Arrow keys choose a part, Enter opens a folder, " +
                    "Escape goes up. The table after it has the same contents." });
    this.treemap = new Treemap(this.canvas, {
      colorOf: (item) => this.color(item), labelOf: (item) => this.label(item),
      childrenOf: (item) => (item.folder ? item.folder.children() : []),
      open: (item) => this.enter(item), up: () => this.leave(),
      select: (item) => { this.status.textContent = this.label(item).join(", "); } });
    this.table = new VirtualTable("Contents of the folder", [
      textColumn("Name", (item) => this.name(item), "minmax(10em, 3fr)"),
      sizeColumn("Size", (item) => item.bytes),
      { title: "Share", value: (item) => item.bytes, text: (bytes) => share(bytes, this.folder.bytes),
        isNumber: true, descending: true, width: "5em" },
      countColumn("Files", (item) => item.count)],
      { open: (item) => this.enter(item), sorted: 1 });
    this.element = element("section", { class: "panel split" },
      heading("Map of the files", this.trail),
      element("div", { class: "mapbox" }, this.canvas, this.legend(), this.status), this.table.element);
  }

  legend() {
    const kinds = [["folder", "folder"], ["file", "file"], ["expanded", "executable, as mapped"],
                   ["plain", "executable, unchanged"], ["hive", "registry hive"]];
    return element("ul", { class: "legend", "aria-label": "Colors of the map" },
                   ...kinds.map(([color, text]) => element("li", {},
                     element("span", { class: `swatch ${color}`, "aria-hidden": "true" }), text)));
  }

  name(item) {
    return item.folder ? `${item.folder.name}\\` : this.model.entries.name[item.entry];
  }

  label(item) {
    return [shownName(this.name(item)),
            `${readableSize(item.bytes)}${item.folder ? `, ${count(item.count)} files` : ""}`];
  }

  color(item) {
    if (item.folder) {
      return "folder";
    }
    const executable = this.model.entries.executable[item.entry];
    if (executable >= 0) {
      return executable === 0 ? "expanded" : "plain";
    }
    return this.model.hiveOf.has(item.entry) ? "hive" : "file";
  }

  // The same folder, if it is still there, when the filter or the image changes.
  show(view) {
    const names = this.names();
    this.folder = view.tree;
    for (const name of names) {
      const next = this.folder.folders.get(name);
      if (next === undefined) {
        break;
      }
      this.folder = next;
    }
    this.refresh();
  }

  names() {
    const names = [];
    for (let at = this.folder; at !== null && at.parent !== null; at = at.parent) {
      names.unshift(foldCase(at.name));
    }
    return names;
  }

  enter(item) {
    if (item.folder) {
      this.folder = item.folder;
      this.refresh();
    }
  }

  leave() {
    if (this.folder.parent !== null) {
      this.folder = this.folder.parent;
      this.refresh();
    }
  }

  refresh() {
    const items = this.folder.children();
    this.treemap.show(items);
    this.table.show(items);
    const steps = [];
    for (let at = this.folder; at !== null; at = at.parent) {
      const folder = at;
      steps.unshift(element("button", { type: "button",
        "aria-current": at === this.folder ? "location" : null,
        onclick: () => { this.folder = folder; this.refresh(); } },
        at.parent === null ? "all" : shownName(at.name)));
    }
    this.trail.replaceChildren(...steps);
    this.status.textContent = `${readableSize(this.folder.bytes)} in ${count(this.folder.count)} files`;
  }
}

class FilesPanel {
  constructor(model) {
    this.title = "Files";
    const columns = new EntryColumns(model);
    this.model = model;
    this.table = new VirtualTable("Files and directories", [
      columns.path, columns.kind, columns.size, columns.cost, columns.change, columns.layer,
      columns.written], { sorted: 2 });
    this.element = element("section", { class: "panel" },
                           heading("Files, the largest first"), this.table.element);
  }

  show(view) {
    this.table.show(view.filtered);
  }
}

class LayersPanel {
  constructor(model) {
    this.title = "Layers";
    this.model = model;
    this.table = new VirtualTable("Layers", [
      textColumn("Image", (row) => row.name, "minmax(10em, 2fr)"),
      textColumn("On top of", (row) => row.parent, "minmax(8em, 1fr)"),
      countColumn("Adds", (row) => row.counts[ADDS]), countColumn("Replaces", (row) => row.counts[REPLACES]),
      countColumn("Hides", (row) => row.counts[HIDES]),
      sizeColumn("Adds data", (row) => row.bytes), sizeColumn("Its regions", (row) => row.own),
      sizeColumn("All regions", (row) => row.regions),
      textColumn("Check", (row) => row.check, "minmax(8em, 1fr)")], { sorted: 5 });
    this.names = new VirtualTable("Names of images", [
      textColumn("Name", (image) => image.name, "2fr"),
      textColumn("Layer", (image) => model.layerName(image.layer))]);
    this.element = element("section", { class: "panel" }, heading("What each layer adds, replaces and hides"),
                           this.table.element);
    if (model.data.images.length > 0) {
      this.element.append(heading("Images of the store"), this.names.element);
    }
  }

  show() {
    const rows = this.model.data.layers.map((layer, index) => this.row(layer, index));
    this.table.show(rows);
    this.names.show(this.model.data.images);
  }

  row(layer, index) {
    const counts = [0, 0, 0];
    const weigh = this.model.weigher("size");
    let bytes = 0;
    for (const entry of this.model.entriesOf(index, "own")) {
      counts[this.model.entries.change[entry]] += 1;
      bytes += weigh(entry);
    }
    const parent = layer.parent < 0 ? "" : this.model.layerName(layer.parent);
    const check = layer.faults + layer.warnings === 0 ? "no faults"
      : `${count(layer.faults)} faults, ${count(layer.warnings)} warnings`;
    return { name: layer.image, parent, counts, bytes, own: layer.summary.own_region_bytes,
             regions: layer.summary.region_bytes, check };
  }
}

class DuplicatesPanel {
  constructor(model) {
    this.title = "Shared data";
    this.model = model;
    this.table = new VirtualTable("Data that several files share", [
      textColumn("First path", (row) => model.path(row.first), "minmax(12em, 3fr)"),
      countColumn("Files", (row) => row.users), sizeColumn("Size", (row) => row.size),
      sizeColumn("Saved", (row) => row.saved),
      textColumn("Others", (row) => row.others, "minmax(12em, 3fr)")], { sorted: 3 });
    this.element = element("section", { class: "panel" },
      heading("Data that is stored once for several files"), this.table.element);
  }

  show(view) {
    const shown = new Set(view.filtered);
    const rows = [];
    for (const users of this.model.duplicates().values()) {
      const files = users.filter((entry) => shown.has(entry));
      if (files.length > 1) {
        const size = this.model.entries.size[files[0]];
        const others = files.slice(1, 6).map((entry) => this.model.path(entry)).join(", ");
        rows.push({ first: files[0], users: files.length, size, saved: size * (files.length - 1),
                    others: files.length > 6 ? `${others}, …` : others });
      }
    }
    this.table.show(rows);
  }
}

class ExecutablesPanel {
  constructor(model) {
    this.title = "Executables";
    this.model = model;
    const columns = new EntryColumns(model);
    this.reasons = new VirtualTable("Executables by how they are stored", [
      textColumn("Stored", (row) => row.text, "3fr"), countColumn("Files", (row) => row.files),
      sizeColumn("Size", (row) => row.bytes)], { sorted: 1 });
    this.table = new VirtualTable("Executables", [
      columns.path, { ...textColumn("Stored", (entry) => this.reason(entry), "minmax(10em, 2fr)") },
      columns.size, columns.layer], { sorted: 2 });
    this.element = element("section", { class: "panel" },
      heading("Executables, and why some are not stored as mapped"), this.reasons.element,
      this.table.element);
    this.reasons.element.classList.add("short");
  }

  reason(entry) {
    const kind = this.model.entries.executable[entry];
    return kind === 0 ? "as mapped into memory" : `unchanged: ${this.model.data.reasons[kind - 1]}`;
  }

  show(view) {
    const { executable, size, id } = this.model.entries;
    const files = view.filtered.filter((entry) => executable[entry] >= 0);
    const groups = new Map();
    const seen = new Set();
    for (const entry of files.filter((file) => !seen.has(id[file]) && seen.add(id[file]))) {
      const text = this.reason(entry);
      const group = groups.get(text) || { text, files: 0, bytes: 0 };
      group.files += 1;
      group.bytes += size[entry];
      groups.set(text, group);
    }
    this.reasons.show([...groups.values()]);
    this.table.show(files);
  }
}

class StreamsPanel {
  constructor(model) {
    this.title = "Streams";
    this.model = model;
    this.table = new VirtualTable("Alternate streams", [
      textColumn("File", ([entry]) => model.path(entry), "minmax(12em, 3fr)"),
      textColumn("Stream", ([, name]) => name), sizeColumn("Size", ([, , size]) => size)],
      { sorted: 2 });
    this.element = element("section", { class: "panel" }, heading("Alternate streams"), this.table.element);
  }

  show(view) {
    const shown = new Set(view.filtered);
    this.table.show(this.model.data.streams.filter(([entry]) => shown.has(entry)));
  }
}

class HivesPanel {
  constructor(model) {
    this.title = "Hives";
    this.model = model;
    this.table = new VirtualTable("Registry hives", [
      textColumn("Path", (hive) => model.path(hive.entry), "minmax(12em, 3fr)"),
      countColumn("Keys", (hive) => hive.keys), countColumn("Values", (hive) => hive.values),
      sizeColumn("Size", (hive) => model.entries.size[hive.entry]),
      textColumn("Kind", (hive) => hive.error || `version 1.${hive.version}${hive.delta ? ", a delta" : ""}`),
      textColumn("Layer", (hive) => model.layerName(model.entries.layer[hive.entry]))], { sorted: 1 });
    this.element = element("section", { class: "panel" }, heading("Registry hives"), this.table.element);
  }

  show(view) {
    const shown = new Set(view.filtered);
    this.table.show(this.model.data.hives.filter((hive) => shown.has(hive.entry)));
  }
}

class RegionsPanel {
  constructor(model) {
    this.title = "Region files";
    this.model = model;
    this.table = new VirtualTable("Files of the directory", [
      textColumn("File", (row) => row.name, "minmax(16em, 3fr)"),
      textColumn("Kind", (row) => row.kind, "8em"), sizeColumn("Size", (row) => row.size),
      countColumn("Images", (row) => row.users.length),
      textColumn("Belongs to", (row) => row.text, "minmax(12em, 3fr)")], { sorted: 2 });
    this.element = element("section", { class: "panel" },
                           heading("Which file belongs to which image"), this.table.element);
  }

  show() {
    const { files, garbage } = this.model.data;
    const used = files.map((file) => ({ ...file, kind: file.missing ? `${file.kind}, missing` : file.kind,
      text: file.users.map((layer) => this.model.layerName(layer)).join(", ") ||
            "an image that this report does not describe" }));
    const rest = garbage.map((file) => ({ ...file, kind: "garbage", users: [],
      text: "no image: cim gc removes it" }));
    this.table.show(used.concat(rest));
  }
}

class FindingsPanel {
  constructor(model) {
    this.title = "Findings";
    this.model = model;
    const ranks = { fault: 0, warning: 1, note: 2 };
    this.table = new VirtualTable("Findings of the check", [
      { title: "Severity", value: (row) => ranks[row.severity], text: (_rank, row) => row.severity, width: "6em" },
      textColumn("Kind", (row) => row.kind, "minmax(8em, 1fr)"),
      textColumn("Path", (row) => row.path, "minmax(10em, 2fr)"),
      textColumn("What is wrong", (row) => row.text, "minmax(14em, 3fr)"),
      textColumn("File", (row) => row.file), textColumn("Image", (row) => row.image)]);
    this.note = element("p", { class: "status" });
    this.element = element("section", { class: "panel" }, heading("Findings of the check"), this.note,
                           this.table.element);
  }

  show() {
    const rows = this.model.data.layers.flatMap((layer) => (
      layer.findings.map((finding) => ({ ...finding, image: layer.image }))));
    const total = this.model.data.layers.reduce((sum, layer) => (
      sum + layer.faults + layer.warnings + layer.notes), 0);
    this.note.textContent = total === 0 ? "The checks found nothing."
      : rows.length < total ? `${count(total)} findings, of which ${count(rows.length)} are listed.` : "";
    this.table.show(rows);
  }
}
