// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A table that creates elements for the visible rows only, so that its length does not matter.
// Sorted by its headers; read by screen readers with the numbers of all rows and columns.

const ROW_HEIGHT = 26;
const MAX_HEIGHT = 8_000_000;  // browsers limit the height of an element

class VirtualTable {
  // A column: { title, value(row), text(value, row), isNumber, descending }. Values are compared,
  // texts shown. `open(row)` is called for a double click and for Enter.
  constructor(label, columns, { open = null, sorted = 0 } = {}) {
    this.columns = columns;
    this.open = open;
    this.rows = [];
    this.order = { column: sorted, descending: Boolean(columns[sorted].descending) };
    this.active = 0;
    this.head = element("div", { role: "row", class: "row head", "aria-rowindex": 1 },
                        ...columns.map((column, index) => this.headerCell(column, index)));
    this.spacer = element("div", { class: "spacer", role: "presentation" });
    this.body = element("div", { class: "rows", role: "rowgroup" });
    this.view = element("div", { class: "view", role: "presentation" }, this.spacer, this.body);
    this.element = element("div", { class: "table", role: "grid", "aria-label": label, tabindex: 0,
                                    "aria-colcount": columns.length }, this.head, this.view);
    this.element.style.setProperty("--columns", columns.map((column) => column.width || "1fr").join(" "));
    this.view.addEventListener("scroll", () => this.render());
    this.element.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.resized()).observe(this.view);
  }

  headerCell(column, index) {
    const button = element("button", { type: "button", onclick: () => this.sortBy(index) }, column.title);
    return element("div", { role: "columnheader", "aria-colindex": index + 1,
                            class: column.isNumber ? "number" : null }, button);
  }

  show(rows) {
    this.rows = rows.slice();
    this.active = 0;
    this.view.scrollTop = 0;
    this.sort();
  }

  sortBy(index) {
    const isSame = this.order.column === index;
    this.order = { column: index,
                   descending: isSame ? !this.order.descending : Boolean(this.columns[index].isNumber) };
    this.active = 0;
    this.sort();
  }

  // Each value is computed once; equal ones keep their order.
  sort() {
    const { column, descending } = this.order;
    const { rows } = this;
    const keys = rows.map((row) => this.columns[column].value(row));
    const order = Uint32Array.from(keys, (_key, index) => index);
    const sign = descending ? -1 : 1;
    order.sort((a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b));
    this.rows = Array.from(order, (index) => rows[index]);
    [...this.head.children].forEach((cell, index) => cell.setAttribute(
      "aria-sort", index !== column ? "none" : descending ? "descending" : "ascending"));
    this.element.setAttribute("aria-rowcount", this.rows.length + 1);
    this.spacer.style.height = `${Math.min(this.rows.length * ROW_HEIGHT, MAX_HEIGHT)}px`;
    this.render();
  }

  // In a table taller than an element can be, a pixel of scrolling stands for several.
  firstVisible() {
    const whole = this.rows.length * ROW_HEIGHT;
    const room = Math.max(Math.min(whole, MAX_HEIGHT) - this.view.clientHeight, 1);
    const part = Math.min(this.view.scrollTop / room, 1);
    return whole <= MAX_HEIGHT
      ? Math.floor(this.view.scrollTop / ROW_HEIGHT)
      : Math.floor(part * Math.max(this.rows.length - this.view.clientHeight / ROW_HEIGHT, 0));
  }

  render() {
    const first = this.firstVisible();
    const visible = Math.ceil(this.view.clientHeight / ROW_HEIGHT) + 1;
    const rows = this.rows.slice(first, first + visible);
    this.body.style.transform = `translateY(${Math.floor(this.offset(first))}px)`;
    this.body.replaceChildren(...rows.map((row, index) => this.makeRow(row, first + index)));
    const active = this.body.querySelector(".active");
    if (active === null) {
      this.element.removeAttribute("aria-activedescendant");
    } else {
      this.element.setAttribute("aria-activedescendant", active.id);
    }
  }

  // A hidden table keeps its rows, so that they are there as soon as it is visible again.
  resized() {
    if (this.view.clientHeight > 0) {
      this.render();
    }
  }

  offset(first) {
    return this.rows.length * ROW_HEIGHT <= MAX_HEIGHT ? first * ROW_HEIGHT : this.view.scrollTop;
  }

  makeRow(row, index) {
    const cells = this.columns.map((column, at) => {
      const value = column.value(row);
      const text = column.text ? column.text(value, row) : String(value);
      return element("div", { role: "gridcell", "aria-colindex": at + 1, title: text,
                              class: column.isNumber ? "number" : "name" }, text);
    });
    return element("div", {
      role: "row", class: index === this.active ? "row active" : "row",
      id: `${this.identity()}-${index}`, "aria-rowindex": index + 2,
      "aria-selected": index === this.active ? "true" : "false",
      onclick: () => this.choose(index), ondblclick: () => this.activate(index) }, ...cells);
  }

  identity() {
    if (this.name === undefined) {
      VirtualTable.made = (VirtualTable.made || 0) + 1;
      this.name = `table${VirtualTable.made}`;
    }
    return this.name;
  }

  choose(index) {
    this.active = Math.min(Math.max(index, 0), Math.max(this.rows.length - 1, 0));
    const visible = Math.max(Math.floor(this.view.clientHeight / ROW_HEIGHT), 1);
    const first = this.firstVisible();
    if (this.active < first || this.active >= first + visible) {
      const target = this.active < first ? this.active : this.active - visible + 1;
      this.view.scrollTop = target * Math.min(ROW_HEIGHT, MAX_HEIGHT / Math.max(this.rows.length, 1));
    }
    this.render();
  }

  activate(index) {
    if (this.open !== null && index < this.rows.length) {
      this.open(this.rows[index]);
    }
  }

  key(event) {
    const page = Math.max(Math.floor(this.view.clientHeight / ROW_HEIGHT) - 1, 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page,
                    Home: -this.rows.length, End: this.rows.length };
    if (event.target !== this.element) {
      return;  // a header's button
    }
    if (event.key in steps) {
      this.choose(this.active + steps[event.key]);
    } else if (event.key === "Enter") {
      this.activate(this.active);
    } else {
      return;
    }
    event.preventDefault();
  }
}
