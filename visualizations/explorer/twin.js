// The table under the picture: the same nodes and edges, the same choice, for those who read rather than look.
import { h, put } from "./dom.js";
import { kindMark } from "./marks.js";
import { saidAll, t } from "./words.js";

const PAGE = 60;
const COLLATOR = new Intl.Collator("zh-u-co-pinyin");

/** Keeps a table of edges or nodes in step with the picture. */
export class Twin {
  constructor(host, app, actions, exportLink) {
    Object.assign(this, { host, app, actions, exportLink });
    this.mode = "edges";
    this.limit = PAGE;
    this.sort = null;
  }

  draw(app) {
    const focused = this.host.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const rows = this.mode === "edges" ? app.view.edges : app.view.nodes;
    put(this.host, this._head(app), this.mode === "edges" ? this._edges(app, rows) : this._nodes(app, rows), this._more(rows));
    const again = focused ? [...this.host.querySelectorAll("[data-name]")].find((one) => one.dataset.name === focused) : null;
    if (again) again.focus({ preventScroll: true });
    if (!again) this._reveal();
  }

  /** Scroll the table, and never the page, to what is chosen. */
  _reveal() {
    const chosen = this.host.querySelector("tr.cur, tr.near");
    if (!chosen) return;
    const box = chosen.closest(".scroll");
    const head = box.querySelector("thead").offsetHeight;
    const [top, bottom] = [chosen.offsetTop, chosen.offsetTop + chosen.offsetHeight];
    if (top - head < box.scrollTop) box.scrollTop = top - head;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }

  _head(app) {
    const tab = (mode, words) => h("button", {
      type: "button", class: this.mode === mode ? "lk on" : "lk", "aria-pressed": this.mode === mode ? "true" : "false",
      "data-name": mode, onclick: () => {
        Object.assign(this, { mode, limit: PAGE, sort: null });
        this.draw(this.app);
      },
    }, words);
    return h("div", { class: "th2" },
      tab("edges", t("relations-n", { n: app.view.edges.length })),
      tab("nodes", t("nodes-n", { n: app.view.nodes.length })),
      h("span", { class: "sec sm" }, this._chosen(app)),
      h("span", { class: "end xs mut" }, t("sorted-by-pinyin")), this.exportLink);
  }

  _chosen(app) {
    if (app.edge) {
      const edge = app.graph.edges.get(app.edge);
      const name = { from: app.nameOf(edge.source), relation: app.relationName(edge.relation), to: app.nameOf(edge.target) };
      return t("chosen", { name: t("edge-name", name) });
    }
    if (app.selection.size === 0) return t("nothing-chosen");
    const [first] = app.selection;
    return t("chosen", { name: app.selection.size === 1 ? app.nameOf(first) : t("n-nodes", { n: app.selection.size }) });
  }

  _table(caption, columns, rows) {
    const head = columns.map(([name, words]) => h(
      "th",
      { scope: "col", "aria-sort": this.sort === name ? "ascending" : null },
      h("button", { type: "button", class: "lk", "data-name": `sort ${name}`, onclick: () => {
        this.sort = this.sort === name ? null : name;
        this.draw(this.app);
      } }, words),
    ));
    return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      h("table", { class: "tb" }, h("caption", { class: "vh" }, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
  }

  _sorted(rows, cells) {
    if (!this.sort) return rows;
    const value = cells[this.sort];
    return [...rows].sort((a, b) => COLLATOR.compare(value(a), value(b)) || (a.id < b.id ? -1 : 1));
  }

  _node(app, id, chosen) {
    const kind = id.slice(0, id.indexOf(":"));
    return h("button", { type: "button", class: "kn lk", "data-name": `node ${chosen} ${id}`, onclick: () => this.actions.chooseNode(id) },
      kindMark(kind), h("span", {}, app.nameOf(id)));
  }

  _edges(app, edges) {
    const cells = {
      from: (edge) => app.nameOf(edge.source),
      relation: (edge) => app.relationName(edge.relation),
      to: (edge) => app.nameOf(edge.target),
      basis: (edge) => edge.basis || "",
      source: (edge) => edge.registers.join("、"),
      recorded: (edge) => edge.recorded_at,
    };
    const rows = this._sorted(edges, cells).slice(0, this.limit).map((edge) => {
      const current = edge.id === app.edge;
      const near = app.selection.has(edge.source) || app.selection.has(edge.target);
      return h("tr", { class: current ? "cur" : near ? "near" : "", "aria-selected": current ? "true" : "false" },
        h("td", {}, this._node(app, edge.source, edge.id)),
        h("td", {}, h("button", { type: "button", class: "lk", "data-name": `edge ${edge.id}`, onclick: () => this.actions.chooseEdge(edge.id) }, cells.relation(edge))),
        h("td", {}, this._node(app, edge.target, edge.id)),
        h("td", {}, [cells.basis(edge), edge.rows > 1 ? t("rows-n", { n: edge.rows }) : ""].filter(Boolean).join(" · ") || "—"),
        h("td", { class: "sec" }, cells.source(edge) || "—"),
        h("td", { class: "n sec" }, cells.recorded(edge).slice(0, 10)));
    });
    const columns = ["from", "relation", "to", "basis", "source", "recorded"].map((name) => [name, t(`col-${name}`)]);
    return this._table(t("edge-table"), columns, rows);
  }

  _nodes(app, nodes) {
    const cells = {
      name: (node) => node.name,
      kind: (node) => app.kindName(node.kind),
      subtitle: (node) => saidAll(node.subtitle),
      unseen: (node) => String(node.unseen).padStart(9, "0"),
    };
    const rows = this._sorted(nodes, cells).slice(0, this.limit).map((node) => {
      const current = app.selection.has(node.id);
      return h("tr", { class: current ? "cur" : "", "aria-selected": current ? "true" : "false" },
        h("td", {}, this._node(app, node.id, "")),
        h("td", {}, cells.kind(node)),
        h("td", { class: "sec" }, cells.subtitle(node) || "—"),
        h("td", { class: "n r" }, node.unseen));
    });
    const columns = ["name", "kind", "subtitle", "unseen"].map((name) => [name, t(`col-${name}`)]);
    return this._table(t("node-table"), columns, rows);
  }

  _more(rows) {
    if (rows.length <= this.limit) return null;
    return h("p", { class: "th2" }, h("button", { type: "button", class: "lk", "data-name": "more", onclick: () => {
      this.limit += 4 * PAGE;
      this.draw(this.app);
    } }, t("show-more-rows", { shown: this.limit, n: rows.length })));
  }
}
