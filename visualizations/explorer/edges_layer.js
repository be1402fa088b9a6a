// Edges: one line per relation between two nodes, and a broad unseen one over it for the pointer, the keys and readers.
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
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  if (!bend) return { d: `M${from.x} ${from.y}L${to.x} ${to.y}`, ...middle };
  const length = Math.hypot(dx, dy) || 1;
  const off = { x: (-dy / length) * bend, y: (dx / length) * bend };
  const control = `${Math.round(middle.x + 2 * off.x)} ${Math.round(middle.y + 2 * off.y)}`;
  return { d: `M${from.x} ${from.y}Q${control} ${to.x} ${to.y}`, x: middle.x + off.x, y: middle.y + off.y };
}

const sameKind = ({ source, target }) => source.slice(0, source.indexOf(":")) === target.slice(0, target.indexOf(":"));

/** Keeps the elements of each edge and changes only what is different. */
export class EdgesLayer {
  constructor(layer, pills) {
    this.lines = s("g", { class: "lines" });
    this.hits = s("g", { class: "hits" });
    layer.append(this.lines, this.hits);
    this.pills = pills;
    this.records = new Map();
    this.bends = new Map();
  }

  prune(edges) {
    this.bends = bendsOf(edges);
    const shown = new Set(edges.map((edge) => edge.id));
    for (const [id, record] of this.records) {
      if (shown.has(id)) continue;
      for (const part of [record.element, record.line, record.inner, record.pill]) if (part) part.remove();
      this.records.delete(id);
    }
  }

  _make(edge) {
    const record = {
      element: s("path", { role: "button", tabindex: -1, "data-edge": edge.id }),
      line: s("path"),
      inner: edge.style === "service" && !edge.inferred ? s("path", { class: "ed svc2" }) : null,
      pill: null,
      told: {},
    };
    if (sameKind(edge)) record.line.setAttribute("marker-end", "url(#ar)");
    this.lines.append(record.line);
    if (record.inner) this.lines.append(record.inner);
    this.hits.append(record.element);
    this.records.set(edge.id, record);
    return record;
  }

  draw(edge, { shown, selected, marked, words }) {
    const record = this.records.get(edge.id) || this._make(edge);
    const on = selected || marked;
    const [from, to] = [shown.get(edge.source), shown.get(edge.target)];
    this._tell(record, record.line, "look", "class", `${lineClass(edge)}${on ? " on" : ""}`);
    this._tell(record, record.element, "hit", "class", on ? "eg on" : "eg");
    this._tell(record, record.element, "selected", "aria-pressed", selected ? "true" : "false");
    this._tell(record, record.element, "name", "aria-label", t("edge-name", { from: from.name, relation: words, to: to.name }));
    this._pill(record, on ? words : "");
    this.place(edge, from, to);
  }

  _tell(record, element, key, attribute, value) {
    if (record.told[key] === value) return;
    record.told[key] = value;
    element.setAttribute(attribute, value);
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
    for (const path of [record.element, record.line, record.inner]) if (path) path.setAttribute("d", d);
    record.told.middle = `translate(${Math.round(x)},${Math.round(y)})`;
    if (record.pill) record.pill.setAttribute("transform", record.told.middle);
  }

  element(id) {
    const record = this.records.get(id);
    return record ? record.element : null;
  }
}
