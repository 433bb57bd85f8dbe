// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// Puts the panels on the page and connects them with the controls.

class Page {
  constructor(model) {
    this.model = model;
    this.panels = [new MapPanel(model), new FilesPanel(model), new LayersPanel(model),
                   new DuplicatesPanel(model), new ExecutablesPanel(model), new StreamsPanel(model),
                   new HivesPanel(model), new RegionsPanel(model), new FindingsPanel(model)];
    this.current = 0;
    this.controls = Object.fromEntries(["layer", "scope", "grouping", "measure", "filter"].map(
      (id) => [id, document.getElementById(id)]));
    this.fillHeader();
    this.makeTabs();
    this.listen();
    this.refresh();
    this.choose(0);
  }

  fillHeader() {
    const { data } = this.model;
    const source = data.source.split(/[\\/]/).filter((name) => name !== "").pop() || data.source;
    document.getElementById("source").textContent = shownName(source);
    document.getElementById("program").textContent = data.program;
    document.title = `Report of ${shownName(source)}`;
    const names = new Map(data.images.map((image) => [image.layer, image.name]));
    data.layers.forEach((layer, index) => {
      const name = names.has(index) ? `${names.get(index)} (${layer.image})` : layer.image;
      this.controls.layer.append(element("option", { value: index }, shownName(name)));
    });
    this.controls.layer.value = data.layers.length - 1;
  }

  makeTabs() {
    const list = document.getElementById("tabs");
    const content = document.getElementById("content");
    this.tabs = this.panels.map((panel, index) => {
      const tab = element("button", { type: "button", role: "tab", id: `tab${index}`,
        "aria-controls": `panel${index}`, onclick: () => this.choose(index) }, panel.title);
      panel.element.id = `panel${index}`;
      panel.element.setAttribute("role", "tabpanel");
      panel.element.setAttribute("aria-labelledby", tab.id);
      panel.element.hidden = true;
      return tab;
    });
    list.append(...this.tabs);
    content.replaceChildren(...this.panels.map((panel) => panel.element));
    list.addEventListener("keydown", (event) => this.moveTab(event));
  }

  moveTab(event) {
    const last = this.tabs.length - 1;
    const targets = { ArrowRight: this.current === last ? 0 : this.current + 1,
                      ArrowLeft: this.current === 0 ? last : this.current - 1, Home: 0, End: last };
    if (event.key in targets) {
      this.choose(targets[event.key]);
      this.tabs[this.current].focus();
      event.preventDefault();
    }
  }

  listen() {
    for (const id of ["layer", "scope", "grouping", "measure"]) {
      this.controls[id].addEventListener("change", () => this.refresh());
    }
    let timer = 0;
    const filterSoon = () => {  // not at every letter
      clearTimeout(timer);
      timer = setTimeout(() => this.refresh(), 120);
    };
    this.controls.filter.addEventListener("input", filterSoon);
    this.controls.filter.addEventListener("change", filterSoon);
    document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.show());
  }

  refresh() {
    const { layer, scope, grouping, measure, filter } = this.controls;
    const index = Number(layer.value);
    const entries = this.model.entriesOf(index, scope.value);
    const matches = matcher(filter.value, this.model);
    const filtered = matches === null ? entries : entries.filter(matches);
    const tree = this.model.tree(filtered, measure.value, grouping.value);
    this.view = { layer: index, entries, filtered, tree };
    document.getElementById("matches").textContent = matches === null ? ""
      : `${count(filtered.length)} of ${count(entries.length)} entries`;
    this.showFigures(this.model.data.layers[index].summary);
    this.stale = new Set(this.panels);
    this.show();
  }

  showFigures(summary) {
    const figures = [["data_bytes", "data", readableSize], ["region_bytes", "region files", readableSize],
      ["own_region_bytes", "its own regions", readableSize],
      ["deduplicated_bytes", "deduplicated", readableSize], ["sparse_bytes", "sparse", readableSize],
      ["files", "files", count], ["directories", "directories", count],
      ["hard_links", "hard links", count], ["streams", "streams", count],
      ["reparse_points", "reparse points", count],
      ["expanded_executables", "executables as mapped", count], ["unreadable", "unreadable", count]];
    document.getElementById("figures").replaceChildren(...figures.map(([name, title, format]) => (
      element("div", {}, element("dt", {}, title),
              element("dd", { "data-figure": name, "data-value": summary[name] }, format(summary[name]))))));
  }

  choose(index) {
    this.panels[this.current].element.hidden = true;
    this.current = index;
    this.panels[index].element.hidden = false;
    this.tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", at === index ? "true" : "false");
      tab.tabIndex = at === index ? 0 : -1;
    });
    this.show();
  }

  // Only the visible panel works; the others when they are chosen.
  show() {
    const panel = this.panels[this.current];
    if (this.stale.delete(panel)) {
      panel.show(this.view);
    } else if (panel instanceof MapPanel) {
      panel.treemap.draw();
    }
  }
}

// Large reports take a while, so the browser can do other things between the parts.
async function start() {
  const pause = () => new Promise((resolve) => { setTimeout(resolve); });
  const data = JSON.parse(document.getElementById("data").textContent);
  await pause();
  const model = new Model(data);
  model.entriesOf(data.layers.length - 1, "all");  // what the page shows first
  await pause();
  window.page = new Page(model);
}

start();
