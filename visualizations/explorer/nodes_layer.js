// Nodes as real elements: a screen reader, a key and a test find each of them by its name.
import { s } from "./dom.js";
import { textOf } from "./labels.js";
import { glyphOf, markOf, shapeOf } from "./marks.js";
import { t } from "./words.js";

/** Return what a node is called when it is read aloud. */
export function spoken(node, words) {
  const parts = [`${words} ${node.name}`];
  parts.push(node.unseen > 0 ? t("node-more", { n: node.unseen }) : t("node-all"));
  if (node.pinned) parts.push(t("pinned"));
  return parts.join(t("comma"));
}

function badgeOf(unseen) {
  const text = `+${unseen}`;
  const width = 9 + 7 * text.length;
  return [
    s("rect", { class: "bd", x: 12, y: -22, width, height: 15, rx: 7.5 }),
    s("text", { class: "bt", x: 12 + width / 2, y: -10.5 }, text),
  ];
}

/**
 * Keeps two elements per node and changes only what is different: the shape, which has the focus and the name, and what
 * is written on and around it, which readers do not hear twice.
 */
export class NodesLayer {
  constructor(layer) {
    this.layer = layer;
    this.records = new Map();
    this.current = null;
    this.ring = s("circle", { class: "ring", r: 22 }); // around the focused one
    layer.addEventListener("focusin", ({ target }) => {
      if (target.dataset.node) target.append(this.ring);
    });
    layer.addEventListener("focusout", () => this.ring.remove());
  }

  /** Remove the elements of nodes that are not drawn any more. */
  prune(shown) {
    for (const [id, record] of this.records) {
      if (shown.has(id)) continue;
      record.element.remove();
      record.texts.remove();
      this.records.delete(id);
    }
  }

  _make(node) {
    const element = s("g", { role: "button", tabindex: -1, "data-node": node.id }, shapeOf(node.kind));
    const texts = s("g", { "aria-hidden": "true", "data-node": node.id }, glyphOf(node.kind));
    const record = { element, texts, label: null, badge: [], pin: null, chosen: null, told: {} };
    this.layer.append(element, texts);
    this.records.set(node.id, record);
    return record;
  }

  /** Draw one node, new or known. */
  draw(node, { selected, marked, words }) {
    const record = this.records.get(node.id) || this._make(node);
    this.place(node.id, node.x, node.y);
    const look = [markOf(node.kind).classes, selected ? "sel" : "", marked ? "on" : ""].filter(Boolean).join(" ");
    if (record.told.look !== look) {
      record.told.look = look;
      record.element.setAttribute("class", `nd ${look}`);
      record.texts.setAttribute("class", `nt ${look}`);
    }
    this._tell(record, "aria-label", spoken(node, words));
    this._tell(record, "aria-pressed", selected ? "true" : "false");
    this._badge(record, node.unseen);
    this._toggle(record, "pin", node.pinned, () => s("path", { class: "pn", d: "M-19 -18h7l-1 4 2 2h-3.5v4h-1v-4H-19l2-2z" }));
    this._toggle(record, "chosen", selected, () => s("circle", { class: "chosen", r: 22 }));
  }

  _tell(record, name, value) {
    if (record.told[name] === value) return;
    record.told[name] = value;
    record.element.setAttribute(name, value);
  }

  _badge(record, unseen) {
    if (record.told.unseen === unseen) return;
    record.told.unseen = unseen;
    record.badge.forEach((part) => part.remove());
    record.badge = unseen === 0 ? [] : badgeOf(unseen);
    record.texts.append(...record.badge);
  }

  _toggle(record, name, on, make) {
    if (on === Boolean(record[name])) return;
    if (record[name]) record[name].remove();
    record[name] = on ? make() : null;
    if (on) record.element.prepend(record[name]);
  }

  /** Move one node. */
  place(id, x, y) {
    const record = this.records.get(id);
    if (!record || (record.x === x && record.y === y)) return;
    Object.assign(record, { x, y });
    for (const part of [record.element, record.texts]) part.setAttribute("transform", `translate(${x},${y})`);
  }

  /** Write the names that found room, and only those. */
  label(nodes, names, focused) {
    for (const node of nodes) {
      const record = this.records.get(node.id);
      if (!record) continue;
      const text = node.id === focused ? node.name : names.has(node.id) ? textOf(node) : "";
      if ((record.told.label || "") === text) continue;
      record.told.label = text;
      if (!record.label) {
        record.label = s("text", { class: "lb" });
        record.texts.append(record.label);
      }
      record.label.textContent = text;
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
