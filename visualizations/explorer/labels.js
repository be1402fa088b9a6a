// Which names are written: by weight, as many as find room. The focused and the selected one are always written.
import { shortened, widthOf } from "./marks.js";

const CELL = 64;
const ROOM = 132; // of the text under a node
const ACTORS = new Set(["talent", "school", "enterprise"]);

/** Return the size step of names for a scale: small pictures carry fewer and larger names. */
export function stepOf(scale) {
  if (scale >= 0.8) return 0;
  if (scale >= 0.55) return 1;
  return scale >= 0.36 ? 2 : 3;
}

export const SIZES = [12, 16, 23, 34];

class Places {
  constructor() {
    this.cells = new Map();
  }

  *_cells([left, top, right, bottom]) {
    for (let x = Math.floor(left / CELL); x <= Math.floor(right / CELL); x += 1) {
      for (let y = Math.floor(top / CELL); y <= Math.floor(bottom / CELL); y += 1) yield `${x},${y}`;
    }
  }

  free(box) {
    for (const cell of this._cells(box)) {
      for (const other of this.cells.get(cell) || []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    return true;
  }

  take(box) {
    for (const cell of this._cells(box)) {
      if (!this.cells.has(cell)) this.cells.set(cell, []);
      this.cells.get(cell).push(box);
    }
  }
}

/** Return the text under a node: a long name without its key, what comes after its last blank (a year) kept. */
export function textOf({ id, name }) {
  if (widthOf(name) <= ROOM) return name;
  const key = ` ${id.slice(id.indexOf(":") + 1)}`;
  const bare = name.endsWith(key) ? name.slice(0, -key.length) : name;
  const [, head, tail] = /^(.+?)( \S{1,4} \S)?$/.exec(bare);
  return tail ? `${shortened(head, ROOM - widthOf(tail))}${tail}` : shortened(bare, ROOM);
}

function weightOf(node, marked, degree) {
  if (marked.has(node.id)) return 1000;
  return (ACTORS.has(node.kind) ? 100 : 0) + Math.min(90, degree) + (node.pinned ? 50 : 0);
}

/** Return the ids of nodes whose name finds room; `marked` are selected or on a path and come first. */
export function written(nodes, { marked, degreeOf, step }) {
  const size = SIZES[step] / 12;
  const places = new Places();
  for (const node of nodes) {
    places.take([node.x - 13, node.y - 13, node.x + 13, node.y + 13]);
    if (node.unseen > 0 && step < 2) places.take([node.x + 12, node.y - 22, node.x + 24 + 7 * String(node.unseen).length, node.y - 7]);
  }
  const weight = new Map(nodes.map((node) => [node.id, weightOf(node, marked, degreeOf(node.id))]));
  const ordered = [...nodes].sort((a, b) => weight.get(b.id) - weight.get(a.id) || (a.id < b.id ? -1 : 1));
  const found = new Set();
  for (const node of ordered) {
    const half = (widthOf(textOf(node)) * size) / 2;
    const box = [node.x - half, node.y + 17, node.x + half, node.y + 17 + 15 * size];
    if (!marked.has(node.id) && !places.free(box)) continue;
    places.take(box);
    found.add(node.id);
  }
  return found;
}
