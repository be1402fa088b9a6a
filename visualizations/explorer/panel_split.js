// A group that is too large to draw, in parts: by occupation, district and the like, with exact numbers.
import { h } from "./dom.js";
import { kindMark } from "./marks.js";
import { add, room } from "./scene.js";
import { count, t } from "./words.js";

export const LARGE = 20; // hidden neighbours from which on parts are offered
const PARTS = 12;
const FIRST = 10;

const nameOf = (id, { relation, direction, kind }) => [id, relation, direction, kind].join(" ");

/** Shows the parts of groups; asks for each group once. */
export class SplitPanel {
  constructor(app, redraw) {
    Object.assign(this, { app, redraw });
    this.told = new Map();
    this.open = new Set();
  }

  /** Open or close the parts of a group. */
  async toggle(id, group) {
    const name = nameOf(id, group);
    if (this.open.has(name)) this.open.delete(name);
    else this.open.add(name);
    this.redraw();
    if (this.told.has(name) || !this.open.has(name)) return;
    const { relation, direction, kind } = group;
    const parts = await this.app.asking(() => this.app.api.post("/scenes/groups", { node: id, relation, direction, kind }));
    if (parts) this.told.set(name, parts);
    this.redraw();
  }

  /** Return the button that opens the parts. */
  button(id, group, words) {
    if (group.hidden < LARGE) return null;
    const open = this.open.has(nameOf(id, group));
    return h("button", {
      type: "button", class: "btn t", "aria-expanded": open ? "true" : "false", "aria-label": t("split-name", { what: words }),
      "data-name": `split ${nameOf("", group)}`, onclick: () => this.toggle(id, group),
    }, t("split"));
  }

  /** Return the open parts of a group, if any. */
  content(id, group) {
    const name = nameOf(id, group);
    if (!this.open.has(name)) return null;
    const parts = this.told.get(name);
    if (!parts) return h("p", { class: "xs mut" }, t("reading"));
    return h("div", { class: "parts" },
      h("p", { class: "xs mut" }, t("split-by", { by: parts.by_label, n: count(parts.parts_total) }), parts.without ? t("split-without", { n: count(parts.without) }) : "", parts.note || ""),
      h("ul", {}, parts.parts.slice(0, PARTS).map((part) => this._part(id, part))),
      parts.parts_total > PARTS ? h("p", { class: "xs mut" }, t("and-more", { n: count(parts.parts_total - PARTS) })) : null);
  }

  _part(id, part) {
    const shown = new Set(this.app.scene.nodes.filter((place) => !place.hidden).map((place) => place.id));
    const fresh = part.first.filter((ref) => !shown.has(ref)).slice(0, FIRST);
    return h("li", {},
      h("span", { class: "kn" }, kindMark(part.kind), h("span", {}, part.name), h("small", { class: "mut n" }, count(part.total))),
      fresh.length > 0
        ? h("button", {
          type: "button", class: "btn t", "data-name": `part ${part.ref}`,
          "aria-label": t("expand-part", { name: part.name, n: fresh.length }),
          onclick: () => this._draw(id, part, fresh),
        }, t("expand-n", { n: fresh.length }))
        : h("span", { class: "xs mut" }, t("all-shown")));
  }

  async _draw(id, part, fresh) {
    const { app } = this;
    const refs = [part.ref, ...fresh];
    const needed = refs.filter((ref) => !app.scene.nodes.some((place) => place.id === ref));
    if (needed.length > room(app.scene)) return app.say(t("full", { n: app.scene.cap }));
    for (const ref of needed) app.graph.nodes.delete(ref); // asked anew, with the edges to all that is drawn
    const name = t("step-expand", { name: app.nameOf(id), what: part.name, n: fresh.length });
    await app.step(name, add(app.scene, refs, id));
    return app.canvas.include(refs);
  }
}
