// Paths between two nodes: the telling ones first, each step with its sentence; swap the ends, forbid what is trivial.
import { button, h } from "./dom.js";
import { kindMark } from "./marks.js";
import { MOST, add, idOf } from "./scene.js";
import { searchBox } from "./search.js";
import { inEnglish, said, t } from "./words.js";

const HOW_MANY = 5;
const same = (a, b) => a.length === b.length && a.every((one, place) => one === b[place]);

/** True when the paths found are those that the scene speaks of. */
export const isFound = (found, path) => Boolean(found && path) && found.from === path.from && found.to === path.to && same(found.forbid, path.forbid);

/** Ask for the paths of a scene that came by its address. */
export async function recall(app) {
  const { path } = app.scene;
  if (!path || isFound(app.found, path)) return;
  const answer = await app.asking(() => app.api.paths({ ...path, k: HOW_MANY }));
  if (answer) app.found = { ...path, items: answer.items, note: answer.note, total: answer.total };
  app.refresh();
}

/** The form and the list of paths. */
export class PathPanel {
  constructor(app, actions, redraw) {
    Object.assign(this, { app, actions, redraw, from: null, to: null, forbid: [] });
    this.boxes = {};
  }

  /** Start with these ends, or with those of the scene's path. */
  begin(from, to) {
    const { path } = this.app.scene;
    if (path && !from && !to) Object.assign(this, { from: path.from, to: path.to, forbid: path.forbid });
    else Object.assign(this, { from, to, forbid: [] });
    this.boxes = {};
  }

  _end(which) {
    if (!this.boxes[which]) {
      const label = t(which === "from" ? "path-from" : "path-to");
      this.boxes[which] = searchBox(this.app.api, {
        label,
        value: this[which] ? this.app.nameOf(this[which]) : "",
        hits: (words) => this._inPicture(words),
        onchoose: (hit) => {
          this[which] = hit.id;
          this.names = { ...this.names, [hit.id]: hit.name };
          this.redraw();
        },
      });
      this.boxes[which].input.dataset.name = which;
    }
    return this.boxes[which].element;
  }

  _inPicture(words) {
    const found = this.app.view.nodes.filter((node) => node.name.includes(words)).slice(0, 3);
    return found.map((node) => ({ id: node.id, kind: node.kind, key: node.key, name: node.name, subtitle: t("in-picture") }));
  }

  async find() {
    if (!this.from || !this.to) return this.app.say(t("path-needs-ends"));
    const asked = { from: this.from, to: this.to, forbid: this.forbid };
    const answer = await this.app.asking(() => this.app.api.paths({ ...asked, k: HOW_MANY }));
    if (!answer) return null;
    this.app.found = { ...asked, items: answer.items, note: answer.note, total: answer.total };
    this.app.say(answer.items.length > 0 ? t("paths-found", { n: answer.items.length }) : answer.note || t("no-path"));
    return this.redraw();
  }

  _swap() {
    Object.assign(this, { from: this.to, to: this.from, boxes: {} });
    this.redraw();
    if (this.from && this.to) this.find();
  }

  _forbid(entry, words) {
    this.words = { ...this.words, [entry]: words };
    this.forbid = [...this.forbid, entry].sort();
    this.find();
  }

  /** Draw paths into the picture: one step, whatever has to be added. */
  async draw(shown) {
    const { found } = this.app;
    const refs = [...new Set(shown.flatMap((place) => found.items[place].nodes.map((node) => node.ref)))];
    const { app } = this;
    const scene = add(app.scene, refs);
    if (scene.nodes.length > MOST) return app.say(t("full", { n: MOST }));
    const { from, to, forbid } = found;
    const names = { from: app.nameOf(from), to: app.nameOf(to) };
    const cap = scene.nodes.length > scene.cap ? MOST : scene.cap;
    await app.step(t("step-path", names), { ...scene, cap, path: { from, to, forbid, shown } });
    return app.canvas.fit(refs);
  }

  content(away) {
    const { app } = this;
    const found = isFound(app.found, this) ? app.found : null;
    return [
      h("div", { class: "pan" },
        h("p", { class: "xs mut" }, t("path-title")),
        h("div", { class: "ends" }, this._end("from"),
          button(t("swap"), null, () => this._swap(), { class: "btn t", "data-name": "swap" }), this._end("to")),
        h("div", { class: "acts wrp" },
          button(t("find-path"), "route", () => this.find(), { class: "btn p", "data-name": "find" }),
          app.scene.path ? button(t("clear-path"), null, () => app.step(t("step-clear-path"), { ...app.scene, path: null }), { "data-name": "clear" }) : null,
          button(t("close"), null, away, { class: "btn t", "data-name": "close" })),
        this._forbidden()),
      found ? this._list(found) : null,
    ];
  }

  _forbidden() {
    if (this.forbid.length === 0) return null;
    return h("ul", { class: "chips" }, this.forbid.map((entry) => h("li", { class: "chip" },
      t("not-by", { name: (this.words || {})[entry] || this.app.relationName(entry) }),
      h("button", { type: "button", class: "lk", "data-name": `allow ${entry}`, onclick: () => {
        this.forbid = this.forbid.filter((one) => one !== entry);
        this.find();
      } }, t("allow-again")))));
  }

  _list({ items, note, total }) {
    const shown = this.app.scene.path ? this.app.scene.path.shown : [];
    return h("div", { class: "pan" },
      h("h3", {}, items.length > 0 ? t("paths-n", { n: items.length, total }) : t("no-path")),
      note ? h("p", { class: "xs warn" }, note) : null,
      items.length > 1 ? button(t("show-all-paths"), null, () => this.draw(items.map((_, place) => place)), { class: "btn t", "data-name": "all" }) : null,
      h("ol", { class: "paths" }, items.map((item, place) => this._item(item, place, shown.includes(place)))));
  }

  _item(item, place, shown) {
    return h("li", { class: shown ? "cur" : "" },
      h("p", { class: "sm" }, item.text,
        item.weak ? h("span", { class: "tag" }, t("weak-path")) : null,
        item.alike > 0 ? h("small", { class: "mut" }, t("alike", { n: item.alike })) : null),
      h("ol", { class: "pl" }, item.nodes.map((node, at) => this._stop(item, node, at))),
      button(t(shown ? "shown-path" : "show-path"), null, () => this.draw([place]), { class: "btn", "data-name": `show ${place}` }));
  }

  _stop(item, node, at) {
    const step = item.edges[at];
    const ends = [this.from, this.to];
    const id = idOf(node);
    const not = (entry, words) => h("button", {
      type: "button", class: "lk xs not", title: t("forbid", { name: words }), "aria-label": t("forbid", { name: words }),
      "data-name": `not ${entry}`, onclick: () => this._forbid(entry, words),
    }, t("forbid-short"));
    return h("li", {},
      kindMark(node.kind), h("span", {}, node.name), ends.includes(id) ? null : not(id, node.name),
      step ? h("span", { class: "xs stp", title: inEnglish() ? said(step.label) : step.sentence }, said(step.label), " ", not(step.relation, step.label)) : null);
  }
}
