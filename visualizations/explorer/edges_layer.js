// Edges: one line per relation between two nodes, with a broad unseen line under it for the pointer.
import { s } from "./dom.js";
import { lineClass, widthOf } from "./marks.js";
import { t } from "./words.js";

const BEND = 26;

/** Give edges between the same two nodes different bends; returns `{edge id: bend}`. */
export function bendsOf(edges) {
  const pairs = new Map();
  for (const edge of edges) {
    const pair = edge.source < edge.target ? `${edge.source} ${edge.target}` : `${edge.target} ${edge.source}`;
    if (!pairs.has(pair)) pairs.set(pair, []);
    pairs.get(pair).push(edge);
  }
  const bends = new Map();
  for (const list of pairs.values()) {
    list.forEach((edge, place) => {
      const side = edge.source < edge.target ? 1 : -1;
      bends.set(edge.id, (place - (list.length - 1) / 2) * BEND * side);
    });
  }
  return bends;
}

/** Return the path of an edge and the middle of it. */
export function pathOf(from, to, bend) {
  if (from === to) {
    const [x, y] = [from.x, from.y];
    return { d: `M${x - 8} ${y - 12}C${x - 40} ${y - 60} ${x + 40} ${y - 60} ${x + 8} ${y - 12}`, x, y: y - 48 };
  }
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  if (!bend) return { d: `M${from.x} ${from.y}L${to.x} ${to.y}`, ...middle };
  const length = Math.hypot(dx, dy) || 1;
  const off = { x: (-dy / length) * bend, y: (dx / length) * bend };
  const control = `${Math.round(middle.x + 2 * off.x)} ${Math.round(middle.y + 2 * off.y)}`;
  return { d: `M${from.x} ${from.y}Q${control} ${to.x} ${to.y}`, x: middle.x + off.x, y: middle.y + off.y };
}

function make(edge) {
  const hit = s("path", { class: "hit" });
  const line = s("path");
  const inner = edge.style === "service" && !edge.inferred ? s("path", { class: "ed svc2" }) : null;
  const element = s("g", { class: "eg", role: "button", tabindex: -1, "data-edge": edge.id }, hit, line, inner);
  return { element, hit, line, inner, halo: null, pill: null, told: {} };
}

/** Keeps one element per edge and changes only what is different. */
export class EdgesLayer {
  constructor(layer, pills) {
    this.layer = layer;
    this.pills = pills;
    this.records = new Map();
    this.bends = new Map();
  }

  prune(edges) {
    this.bends = bendsOf(edges);
    const shown = new Set(edges.map((edge) => edge.id));
    for (const [id, record] of this.records) {
      if (shown.has(id)) continue;
      record.element.remove();
      if (record.pill) record.pill.remove();
      this.records.delete(id);
    }
  }

  draw(edge, { shown, selected, marked, words }) {
    let record = this.records.get(edge.id);
    if (!record) {
      record = make(edge);
      this.records.set(edge.id, record);
      this.layer.append(record.element);
    }
    const on = selected || marked;
    const look = `${lineClass(edge)}${on ? " on" : ""}`;
    if (record.told.look !== look) {
      record.told.look = look;
      record.line.setAttribute("class", look);
    }
    const [from, to] = [shown.get(edge.source), shown.get(edge.target)];
    const name = t("edge-name", { from: from.name, relation: words, to: to.name });
    if (record.told.name !== name) {
      record.told.name = name;
      record.element.setAttribute("aria-label", name);
    }
    if (record.told.selected !== selected) {
      record.told.selected = selected;
      record.element.setAttribute("aria-pressed", selected ? "true" : "false");
    }
    if (edge.source.split(":", 1)[0] === edge.target.split(":", 1)[0]) record.line.setAttribute("marker-end", "url(#ar)");
    this._halo(record, on);
    this._pill(record, on ? words : "");
    this.place(edge, from, to);
  }

  _halo(record, on) {
    if (on === Boolean(record.halo)) return;
    if (record.halo) record.halo.remove();
    record.halo = on ? s("path", { class: "ed halo", d: record.told.d || "" }) : null;
    if (on) record.hit.after(record.halo);
  }

  _pill(record, words) {
    if ((record.told.pill || "") === words) return;
    record.told.pill = words;
    if (record.pill) record.pill.remove();
    record.pill = null;
    if (!words) return;
    const width = widthOf(words) + 18;
    record.pill = s(
      "g",
      { class: "el", "aria-hidden": "true" },
      s("rect", { x: -width / 2, y: -11, width, height: 21, rx: 3 }),
      s("text", { y: 4 }, words),
    );
    this.pills.append(record.pill);
    if (record.told.middle) record.pill.setAttribute("transform", record.told.middle);
  }

  /** Draw the line anew between two places. */
  place(edge, from, to) {
    const record = this.records.get(edge.id);
    if (!record) return;
    const { d, x, y } = pathOf(from, to, this.bends.get(edge.id) || 0);
    if (record.told.d === d) return;
    record.told.d = d;
    for (const path of [record.hit, record.halo, record.line, record.inner]) if (path) path.setAttribute("d", d);
    record.told.middle = `translate(${Math.round(x)},${Math.round(y)})`;
    if (record.pill) record.pill.setAttribute("transform", record.told.middle);
  }

  element(id) {
    const record = this.records.get(id);
    return record ? record.element : null;
  }
}
