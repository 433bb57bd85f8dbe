// Copyright (c) 2026 The cimlib authors
// SPDX-License-Identifier: MIT
// A treemap on a canvas. A table beside it shows the same to those who cannot see it.

const MAX_RECTANGLES = 600;  // smaller ones could not be seen
const MAX_NESTED = 80;
const MAX_DEPTH = 3;

// Lays out items, the largest first, as rectangles close to squares whose areas are in proportion
// to their bytes.
function squarify(items, left, top, width, height) {
  const total = items.reduce((sum, item) => sum + item.bytes, 0);
  const result = [];
  if (total === 0 || width <= 0 || height <= 0) {
    return result;
  }
  const scale = width * height / total;
  let box = { left, top, width, height };
  let row = [];
  let rowArea = 0;
  for (const item of items) {
    const area = item.bytes * scale;
    const side = Math.min(box.width, box.height);
    if (row.length > 0 && worst(row[0].area, row[row.length - 1].area, rowArea, side) <
                          worst(row[0].area, area, rowArea + area, side)) {
      box = placeRow(row, rowArea, box, result);
      row = [];
      rowArea = 0;
    }
    row.push({ item, area });
    rowArea += area;
  }
  placeRow(row, rowArea, box, result);
  return result;
}

// The proportions of the least square rectangle of a row of that area. Rows are sorted: the areas of
// the first and the last rectangle suffice.
function worst(first, last, area, side) {
  const square = side * side;
  const sum = area * area;
  return Math.max(square * first / sum, sum / (square * last));
}

function placeRow(row, area, box, result) {
  const isWide = box.width >= box.height;
  const thickness = area / (isWide ? box.height : box.width);
  let at = isWide ? box.top : box.left;
  for (const { item, area: part } of row) {
    const length = thickness === 0 ? 0 : part / thickness;
    result.push(isWide
      ? { item, left: box.left, top: at, width: thickness, height: length }
      : { item, left: at, top: box.top, width: length, height: thickness });
    at += length;
  }
  return isWide
    ? { ...box, left: box.left + thickness, width: box.width - thickness }
    : { ...box, top: box.top + thickness, height: box.height - thickness };
}

class Treemap {
  // `open(item)` zooms into a folder, `up()` leaves it, `select(item)` is called with each choice.
  // `childrenOf(item)` are drawn inside of it, the largest first.
  constructor(canvas, { colorOf, labelOf, childrenOf, open, up, select }) {
    this.canvas = canvas;
    Object.assign(this, { colorOf, labelOf, childrenOf, open, up, select });
    this.items = [];
    this.rectangles = [];
    this.selected = -1;
    canvas.addEventListener("click", (event) => this.click(event));
    canvas.addEventListener("mousemove", (event) => this.hover(event));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.choose(Math.max(this.selected, 0)));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  show(items) {
    this.items = items.filter((item) => item.bytes > 0).slice(0, MAX_RECTANGLES);
    this.selected = -1;
    this.draw();
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.rectangles = squarify(this.items, 0, 0, width, height);
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.canvas);
    const colors = { line: style.getPropertyValue("--surface"), ink: style.getPropertyValue("--map-ink"),
                     chosen: style.getPropertyValue("--ink"),
                     of: (item) => style.getPropertyValue(`--map-${this.colorOf(item)}`) };
    context.font = `12px ${style.fontFamily}`;
    context.textBaseline = "top";
    this.rectangles.forEach((rectangle) => this.drawOne(context, rectangle, colors, 1));
    if (this.selected >= 0 && this.selected < this.rectangles.length) {
      const chosen = this.rectangles[this.selected];
      context.strokeStyle = colors.chosen;
      context.lineWidth = 3;
      context.strokeRect(chosen.left + 2, chosen.top + 2, Math.max(chosen.width - 4, 1),
                         Math.max(chosen.height - 4, 1));
    }
  }

  drawOne(context, rectangle, colors, depth) {
    const { item, left, top, width, height } = rectangle;
    context.fillStyle = colors.of(item);
    context.fillRect(left, top, width, height);
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.strokeRect(left, top, width, height);
    const inside = depth < MAX_DEPTH && width > 90 && height > 60 ? this.childrenOf(item) : [];
    if (width > 44 && height > 18) {
      this.drawLabel(context, rectangle, colors.ink, inside.length > 0);
    }
    const shown = inside.filter((child) => child.bytes > 0).slice(0, MAX_NESTED);
    squarify(shown, left + 4, top + 21, width - 8, height - 25).forEach(
      (child) => this.drawOne(context, child, colors, depth + 1));
  }

  drawLabel(context, { item, left, top, width, height }, ink, isOneLine) {
    context.save();
    context.beginPath();
    context.rect(left + 4, top + 3, width - 8, height - 6);
    context.clip();
    context.fillStyle = ink;
    const [name, size] = this.labelOf(item);
    context.fillText(isOneLine ? `${name}  ${size}` : name, left + 5, top + 4);
    if (!isOneLine && height > 36) {
      context.fillText(size, left + 5, top + 20);
    }
    context.restore();
  }

  at(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const y = event.clientY - bounds.top;
    return this.rectangles.findIndex((r) => x >= r.left && x < r.left + r.width &&
                                            y >= r.top && y < r.top + r.height);
  }

  hover(event) {
    const index = this.at(event);
    this.canvas.title = index < 0 ? "" : this.labelOf(this.items[index]).join(", ");
  }

  click(event) {
    const index = this.at(event);
    if (index >= 0) {
      this.choose(index);
      this.open(this.items[index]);
    }
  }

  choose(index) {
    if (this.items.length > 0) {
      this.selected = Math.min(Math.max(index, 0), this.items.length - 1);
      this.select(this.items[this.selected]);
      this.draw();
    }
  }

  key(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1,
                    Home: -this.items.length, End: this.items.length };
    if (event.key in steps) {
      this.choose(this.selected + steps[event.key]);
    } else if (event.key === "Enter" && this.selected >= 0) {
      this.open(this.items[this.selected]);
    } else if (event.key === "Escape" || event.key === "Backspace") {
      this.up();
    } else {
      return;
    }
    event.preventDefault();
  }
}
