// A node in the panel: its facts with their sources, its hidden neighbours counted exactly, what one can do with it.
import { AMOUNTS } from "./actions.js";
import { pageOf } from "./api.js";
import { button, h } from "./dom.js";
import { kindMark } from "./marks.js";
import { SplitPanel } from "./panel_split.js";
import { count, said, saidAll, t } from "./words.js";

const FACTS = 7;

/** Draws one node; asks for its facts once. */
export class NodePanel {
  constructor(app, actions, redraw) {
    Object.assign(this, { app, actions, redraw });
    this.facts = new Map();
    this.split = new SplitPanel(app, redraw);
  }

  /** Return a button that leads to a node of the picture. */
  link(id) {
    const kind = id.slice(0, id.indexOf(":"));
    const go = () => {
      this.actions.chooseNode(id);
      this.app.canvas.reveal(id);
    };
    return h("button", { type: "button", class: "kn lk", "data-name": `go ${id}`, onclick: go }, kindMark(kind), h("span", {}, this.app.nameOf(id)));
  }

  async _ask(id) {
    this.facts.set(id, null);
    const page = await this.app.asking(() => this.app.api.node(id));
    this.facts.set(id, page || { properties: [], sources: [] });
    if (this.app.selection.has(id)) this.redraw();
  }

  content(id) {
    if (!this.facts.has(id)) this._ask(id);
    const node = this.app.view.shown.get(id);
    return [this._head(id, node), this._hidden(id, node), this._known(id), this._acts(id, node)];
  }

  _head(id, node) {
    return h("div", { class: "pan" },
      h("p", { class: "xs mut" }, this.app.kindName(node.kind), node.pinned ? ` · ${t("pinned")}` : ""),
      h("h2", { class: "tri3" }, kindMark(node.kind), h("span", {}, node.name)),
      node.subtitle && saidAll(node.subtitle) !== this.app.kindName(node.kind) ? h("p", { class: "sm sec" }, saidAll(node.subtitle)) : null,
      node.relevance ? h("p", { class: "xs mut" }, t("came-because", { text: node.relevance.text })) : null);
  }

  _hidden(id, node) {
    const groups = node.groups.filter((group) => group.total > 0).sort((a, b) => b.hidden - a.hidden || (a.relation < b.relation ? -1 : 1));
    return h("div", { class: "pan" },
      h("div", { class: "row nh" }, h("h3", {}, t("neighbours-hidden", { n: count(node.unseen) })), this._amount()),
      h("ul", { class: "exp" }, groups.map((group) => this._group(id, group))));
  }

  _amount() {
    const { app } = this;
    const field = h("select", { class: "in", "aria-label": t("at-a-time"), "data-name": "amount", onchange: () => {
      app.amount = Number(field.value);
      this.redraw();
    } }, AMOUNTS.map((value) => h("option", { value }, t("at-a-time-n", { n: value }))));
    field.value = String(app.amount);
    return field;
  }

  _group(id, group) {
    const { app, actions } = this;
    const names = new Set([app.relationName(group.relation), app.kindName(group.kind)]); // one where both are called alike
    const words = `${group.direction === "out" ? "→" : "←"} ${[...names].join(" · ")}`;
    const { relation, direction, kind, hidden, total } = group;
    const name = `group ${relation} ${direction} ${kind}`;
    const more = Math.min(app.amount, hidden);
    return h("li", {},
      h("span", { class: "gw" }, words, h("small", { class: "mut" }, t("of-total", { shown: count(total - hidden), total: count(total) }))),
      this.split.button(id, group, words),
      hidden > 0
        ? h("button", {
          type: "button", class: "btn t", "data-group": relation, "data-name": name,
          "aria-label": t("expand-group", { what: words, n: more, hidden }),
          onclick: () => actions.expand(id, { relation, direction, kind, hidden }),
        }, t("expand-n", { n: more }))
        : h("span", { class: "xs mut" }, t("all-shown")),
      this.split.content(id, group));
  }

  _known(id) {
    const page = this.facts.get(id);
    if (!page) return h("div", { class: "pan" }, h("p", { class: "sm mut" }, t("reading")));
    const facts = page.properties.filter((row) => row.value !== "" && row.value !== null).slice(0, FACTS);
    return h("div", { class: "pan" },
      facts.length > 0 ? h("dl", { class: "kv sm" }, facts.map((row) => [h("dt", {}, said(row.label)), h("dd", {}, said(row.value))])) : null,
      h("p", { class: "xs mut mt" }, t("sources-n", { n: page.sources.length }), " ",
        h("a", { href: pageOf(id), target: "_blank", rel: "noopener" }, t("open-page"))),
      this._doubt(id, page.joined));
  }

  /** Say of a person of several records that a comparison alone has joined them: whoever is sure confirms it on the page. */
  _doubt(id, joined) {
    const open = joined ? joined.joins.filter((one) => one.automatic).length : 0;
    if (open === 0) return null;
    const least = Math.floor(joined.probability * 10000) / 100;
    return h("p", { class: "sm warn mt", "data-name": "joined" }, t("joined-unconfirmed", { n: joined.records.length, open, least }), " ",
      h("a", { href: `${pageOf(id)}#joined`, target: "_blank", rel: "noopener" }, t("check-joined")));
  }

  _acts(id, node) {
    const { actions } = this;
    return h("div", { class: "pan acts wrp" },
      button(t("collapse"), null, () => actions.collapse(id), { "data-name": "collapse" }),
      button(t("hide"), null, () => actions.hide([id]), { "data-name": "hide" }),
      button(t(node.pinned ? "unpin" : "pin"), null, () => actions.pin([id]), { "data-name": "pin", "aria-pressed": node.pinned ? "true" : "false" }),
      button(t("keep-only"), null, () => actions.keepOnly([id]), { "data-name": "keep" }),
      button(t("find-path"), null, () => actions.findPath(id), { "data-name": "path" }),
      button(t("remove"), null, () => actions.drop([id]), { "data-name": "remove" }));
  }
}
