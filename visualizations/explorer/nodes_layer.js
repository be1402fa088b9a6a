// Nodes as real elements: a screen reader, a key and a test find each of them by its name.
import { s } from "./dom.js";
import { textOf } from "./labels.js";
import { markOf, markParts } from "./marks.js";
import { t } from "./words.js";

/** Return what a node is called when it is read aloud. */
export function spoken(node, words) {
  const parts = [`${words} ${node.name}`];
  parts.push(node.unseen > 0 ? t("node-more", { n: node.unseen }) : t("node-all"));
  if (node.pinned) parts.push(t("pinned"));
  return parts.join(t("comma"));
}

const badgeWidth = (text) => 9 + 7 * text.length;

function make(node) {
  const ring = s("circle", { class: "ring", r: 22 });
  const inner = s("g", {}, ring, markParts(node.kind));
  const element = s("g", { class: "nd", role: "button", tabindex: -1, "data-node": node.id }, inner);
  return { element, inner, label: null, badge: null, pin: null, told: {} };
}

/** Keeps one element per node and changes only what is different. */
export class NodesLayer {
  constructor(layer) {
    this.layer = layer;
    this.records = new Map();
    this.current = null;
  }

  /** Remove the elements of nodes that are not drawn any more. */
  prune(shown) {
    for (const [id, record] of this.records) {
      if (shown.has(id)) continue;
      record.element.remove();
      this.records.delete(id);
    }
  }

  /** Draw one node, new or known. */
  draw(node, { selected, marked, words }) {
    let record = this.records.get(node.id);
    if (!record) {
      record = make(node);
      this.records.set(node.id, record);
      this.layer.append(record.element);
    }
    this.place(node.id, node.x, node.y);
    const classes = ["nd", markOf(node.kind).classes, selected ? "sel" : "", marked ? "on" : ""];
    this._tell(record, "class", classes.filter(Boolean).join(" "));
    this._tell(record, "aria-label", spoken(node, words));
    this._tell(record, "aria-pressed", selected ? "true" : "false");
    if (record.told.scale !== marked) {
      record.told.scale = marked;
      if (marked) record.inner.setAttribute("transform", "scale(1.22)");
      else record.inner.removeAttribute("transform");
    }
    this._badge(record, node.unseen);
    this._pin(record, node.pinned);
  }

  _tell(record, name, value) {
    if (record.told[name] === value) return;
    record.told[name] = value;
    record.element.setAttribute(name, value);
  }

  _badge(record, unseen) {
    if (record.told.unseen === unseen) return;
    record.told.unseen = unseen;
    if (record.badge) record.badge.remove();
    record.badge = null;
    if (unseen === 0) return;
    const text = `+${unseen}`;
    const width = badgeWidth(text);
    record.badge = s(
      "g",
      { class: "bg", transform: "translate(15,-14)", "aria-hidden": "true" },
      s("rect", { class: "bd", x: -3, y: -8, width, height: 15, rx: 7.5 }),
      s("text", { class: "bt", x: width / 2 - 3, y: 3.5 }, text),
    );
    record.element.append(record.badge);
  }

  _pin(record, pinned) {
    if (pinned === Boolean(record.pin)) return;
    if (record.pin) record.pin.remove();
    record.pin = pinned ? s("path", { class: "pn", d: "M-19 -18h7l-1 4 2 2h-3.5v4h-1v-4H-19l2-2z", "aria-hidden": "true" }) : null;
    if (pinned) record.element.append(record.pin);
  }

  /** Move one node. */
  place(id, x, y) {
    const record = this.records.get(id);
    if (!record || (record.x === x && record.y === y)) return;
    Object.assign(record, { x, y });
    record.element.setAttribute("transform", `translate(${x},${y})`);
  }

  /** Write the names that found room, and only those. */
  label(nodes, names, focused) {
    for (const node of nodes) {
      const record = this.records.get(node.id);
      if (!record) continue;
      const text = node.id === focused ? node.name : names.has(node.id) ? textOf(node) : "";
      if (record.told.label === text) continue;
      record.told.label = text;
      if (!record.label && text) {
        record.label = s("text", { class: "lb", "aria-hidden": "true" });
        record.inner.after(record.label);
      }
      if (record.label) record.label.textContent = text;
    }
  }

  /** Make one node the stop of the Tab key. */
  stop(id) {
    const before = this.records.get(this.current);
    if (before) before.element.setAttribute("tabindex", -1);
    const now = this.records.get(id);
    this.current = now ? id : null;
    if (now) now.element.setAttribute("tabindex", 0);
  }

  /** Return the element of a node. */
  element(id) {
    const record = this.records.get(id);
    return record ? record.element : null;
  }
}
