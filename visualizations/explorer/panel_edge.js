// Why is there this edge: its sentence, the row that states it, who registered it when, and what other rows say.
import { pageOf } from "./api.js";
import { h, icon } from "./dom.js";
import { kindMark } from "./marks.js";
import { inEnglish, said, t } from "./words.js";

const PROVEN = new Set(["证书", "核实", "已核验"]);
const day = (text) => (text ? text.slice(0, 10) : "");
const minute = (text) => (text ? text.slice(0, 16).replace("T", " ") : "—");

/** Draws one edge; asks for its row once. */
export class EdgePanel {
  constructor(app, actions, redraw) {
    Object.assign(this, { app, actions, redraw });
    this.told = new Map();
  }

  async _ask(edge) {
    this.told.set(edge.id, null);
    const answer = await this.app.asking(() => this.app.api.edge(edge.id, edge.source));
    this.told.set(edge.id, answer || { refused: true });
    if (this.app.edge === edge.id) this.redraw();
  }

  content(id) {
    const edge = this.app.graph.edges.get(id);
    if (!this.told.has(id)) this._ask(edge);
    const why = this.told.get(id);
    return [this._head(edge, why), why && !why.refused ? this._row(why) : null, why && !why.refused ? this._others(why) : null, this._paths(edge)];
  }

  _head(edge, why) {
    const end = (id) => [
      kindMark(id.slice(0, id.indexOf(":"))),
      h("button", { type: "button", class: "lk b", onclick: () => this.actions.chooseNode(id), "data-name": `end ${id}` }, this.app.nameOf(id)),
    ];
    const words = !why ? t("reading") : why.refused ? t("edge-refused") : this._sentence(edge, why);
    return h("div", { class: "pan" },
      h("p", { class: "xs mut" }, t("why-edge")),
      h("h2", { class: "tri3" }, end(edge.source), h("span", { class: "ar" }, this.app.relationName(edge.relation)), end(edge.target)),
      h("p", { class: "verdict" }, words));
  }

  /** Why they are connected, as a sentence: the service tells it in Chinese. */
  _sentence(edge, why) {
    if (!inEnglish()) return why.sentence;
    const { app } = this;
    return t("edge-name", { from: app.nameOf(edge.source), relation: app.relationName(edge.relation), to: app.nameOf(edge.target) });
  }

  _row(why) {
    const proven = PROVEN.has(why.basis);
    const period = why.valid_from || why.valid_to
      ? t("valid-period", { from: day(why.valid_from) || t("ever"), to: day(why.valid_to) || t("still") }) : t("no-period");
    const fact = (name, ...words) => [h("dt", {}, t(name)), h("dd", {}, words)];
    return h("div", { class: "pan" },
      h("dl", { class: "kv sm" },
        why.basis ? fact("basis", h("span", { class: proven ? "ok" : "warn" }, icon(proven ? "ok" : "ask")), " ", h("b", {}, said(why.basis))) : null,
        fact("confidence", String(why.confidence)),
        fact("source", `${why.source} · ${why.origin}`),
        fact("row", `${said(why.table_label)} ${why.row}`),
        fact("batch", why.batch, why.batch_by ? ` · ${why.batch_by}` : ""),
        fact("registered", minute(why.recorded_at)),
        fact("valid", period),
        (why.properties || []).map((row) => [h("dt", {}, said(row.label)), h("dd", {}, said(row.value))])),
      h("p", { class: "xs mt" }, h("a", { href: pageOf(why.start.ref), target: "_blank", rel: "noopener" }, t("open-row"))));
  }

  _others(why) {
    if (!why.also || why.also.length === 0) return null;
    return h("div", { class: "pan" },
      h("h3", {}, h("span", { class: "warn" }, icon("ask")), " ", t("also-stated", { n: why.also.length })),
      h("ul", { class: "sm sec also" }, why.also.map((row) => h("li", {},
        row.text || row.sentence || "", h("small", { class: "mut" }, [row.source, row.origin, day(row.recorded_at)].filter(Boolean).join(" · "))))));
  }

  _paths(edge) {
    const { path } = this.app.scene;
    const found = this.app.found && path ? this.app.found.items : [];
    const on = found.find((one, place) => path.shown.includes(place) && one.edges.some((step) => step.id === edge.id));
    if (!on) return null;
    return h("div", { class: "pan" },
      h("h3", {}, t("on-path")),
      h("ol", { class: "pl" }, on.nodes.map((node, place) => {
        const step = on.edges[place];
        return h("li", { class: step && step.id === edge.id ? "cur" : "" },
          kindMark(node.kind), h("span", {}, node.name), step ? h("span", { class: "mut xs" }, said(step.label)) : null);
      })));
  }
}
