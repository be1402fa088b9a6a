// The column on the right: what is chosen, and why it is there. Opens in place, so nobody loses the picture.
import { button, h, put } from "./dom.js";
import { EdgePanel } from "./panel_edge.js";
import { NodePanel } from "./panel_node.js";
import { PathPanel } from "./panel_path.js";
import { t } from "./words.js";

const KEYS = [
  ["Tab", "key-tab"], ["← ↑ ↓ →", "key-arrows"], ["Space", "key-space"], ["Enter", "key-enter"], ["E", "key-e"],
  ["C", "key-c"], ["Del", "key-delete"], ["H", "key-h"], ["D", "key-d"], ["K", "key-k"], ["N", "key-n"], ["R", "key-r"],
  ["P", "key-p"], ["Shift ←↑↓→", "key-shift"], ["Ctrl ←↑↓→", "key-control"], ["+ − 0", "key-zoom"], ["L", "key-l"],
  ["Ctrl A", "key-all"], ["Ctrl Z / Y", "key-undo"], ["/", "key-find"], ["?", "key-help"],
];

/** Decides which page of the panel is open and draws it. */
export class Panel {
  constructor(host, app, actions) {
    Object.assign(this, { host, app, actions });
    this.node = new NodePanel(app, actions, () => this.draw(app));
    this.edge = new EdgePanel(app, actions, () => this.draw(app));
    this.path = new PathPanel(app, actions, () => this.draw(app));
    this.pathFor = null; // what was chosen when the paths were opened; null: they are closed
    app.openExpand = () => this._focusFirst("[data-group]");
    actions.findPath = (id) => this._openPath(id);
    actions.help = () => this._help();
    actions.openGroup = (id, relation) => {
      actions.chooseNode(id);
      const node = app.view.shown.get(id);
      const group = node.groups.filter((one) => one.relation === relation).sort((a, b) => b.hidden - a.hidden)[0];
      if (group) this.node.split.toggle(id, group);
    };
  }

  _openPath(id) {
    const chosen = [...this.app.selection];
    this.path.begin(id || chosen[0] || null, chosen.length === 2 ? chosen.find((one) => one !== id) : null);
    this._showPath();
    this._focusFirst("input");
  }

  /** Show the paths until something else is chosen. */
  _showPath() {
    if (this.app.edge) this.app.choose(this.app.selection);
    this.pathFor = this._chosen();
    this.draw(this.app);
  }

  _chosen() {
    return [this.app.edge || "", ...this.app.selection].join(" ");
  }

  _help() {
    this.pathFor = null;
    this.app.choose([]);
    this._focusFirst(".keys-t");
  }

  _focusFirst(selector) {
    const found = this.host.querySelector(selector);
    if (found) found.focus();
  }

  draw(app) {
    const active = this.host.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    put(this.host, this._content(app));
    if (!active) return;
    const again = [...this.host.querySelectorAll("[data-name]")].find((one) => one.dataset.name === active);
    if (again) again.focus({ preventScroll: true });
  }

  _content(app) {
    const away = () => {
      this.pathFor = null;
      this.draw(app);
    };
    if (this.pathFor !== null && this.pathFor === this._chosen()) return this.path.content(away);
    const back = this.pathFor === null ? null : h("p", { class: "pan bk" },
      button(t("back-to-paths"), "route", () => this._showPath(), { class: "btn t", "data-name": "paths" }));
    return [back, this._choice(app)];
  }

  _choice(app) {
    if (app.edge) return this.edge.content(app.edge);
    if (app.selection.size === 1) return this.node.content([...app.selection][0]);
    if (app.selection.size > 1) return this._many(app);
    return this._start(app);
  }

  _many(app) {
    const ids = [...app.selection];
    const { actions } = this;
    return h("div", { class: "pan" },
      h("p", { class: "xs mut" }, t("choice")),
      h("h2", {}, t("n-nodes", { n: ids.length })),
      h("div", { class: "acts wrp" },
        button(t("expand"), "plus", () => actions.expandChosen()),
        ids.length === 2 ? button(t("find-path"), "route", () => actions.findPath(ids[0])) : null,
        button(t("hide"), null, () => actions.hide(ids)),
        button(t("keep-only"), null, () => actions.keepOnly(ids)),
        button(t("pin"), null, () => actions.pin(ids)),
        button(t("remove"), null, () => actions.drop(ids))),
      h("ul", { class: "plist" }, ids.slice(0, 40).map((id) => h("li", {}, this.node.link(id)))),
      ids.length > 40 ? h("p", { class: "xs mut" }, t("and-more", { n: ids.length - 40 })) : null);
  }

  _start(app) {
    const empty = app.view.nodes.length === 0;
    return [
      h("div", { class: "pan" },
        h("h2", {}, t(empty ? "start-title" : "overview-title")),
        h("p", { class: "sm sec" }, t(empty ? "start-text" : "overview-text")),
        app.note ? h("p", { class: "sm warn" }, app.note) : null,
        app.cited ? h("p", { class: "sm sec" }, app.cited) : null),
      h("div", { class: "pan" },
        h("h3", { class: "keys-t", tabindex: -1 }, t("keyboard")),
        h("dl", { class: "keys xs sec" }, KEYS.map(([keys, words]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, t(words))]))),
    ];
  }
}
