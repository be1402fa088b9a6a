// The legend is the filter: every line of it can be switched off, with exact counts of what is shown and what there is.
import { button, h, put } from "./dom.js";
import { kindMark, lineSample } from "./marks.js";
import { MOST, isFiltered } from "./scene.js";
import { count, named, t } from "./words.js";

const FAMILIES = ["talent", "school", "firm", "common"];
const STYLES = ["structure", "ability", "service", "class", "inferred"];
const CONFIDENCES = [0, 0.5, 0.8, 0.95, 1];

function tally(items, keyOf) {
  const found = new Map();
  for (const item of items) for (const key of [keyOf(item)].flat()) found.set(key, (found.get(key) || 0) + 1);
  return found;
}

/** The column on the left. */
export class Legend {
  constructor(host, app, actions) {
    Object.assign(this, { host, app, actions });
    this.open = new Set();
  }

  draw(app) {
    const focused = this.host.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const counted = [...app.graph.kinds.values()].some((kind) => typeof kind.total === "number");
    put(
      this.host,
      h("p", { class: "cap0" }, h("b", {}, t("legend")), h("span", {}, t(counted ? "shown-of-all" : "shown-only"))),
      this._kinds(app),
      this._styles(app),
      this._relations(app),
      this._time(app),
      this._confidence(app),
      this._sources(app),
      this._away(app),
    );
    if (!focused) return;
    const again = [...this.host.querySelectorAll("[data-name]")].find((one) => one.dataset.name === focused);
    if (again) again.focus({ preventScroll: true });
  }

  _line({ list, entry, off, words, picture, number }) {
    const box = h("input", { type: "checkbox", "data-name": `${list} ${entry}`, onchange: () => this.actions.toggle(list, entry, words) });
    box.checked = !off;
    return h("li", { class: off ? "off" : "" }, h("label", {}, box, picture, h("span", {}, words)), h("span", { class: "ct n" }, number));
  }

  _kinds({ scene, view, graph, config }) {
    const known = tally(view.known, (place) => graph.nodes.get(place.id).kind);
    const shown = tally(view.nodes, (node) => node.kind);
    const kinds = Object.keys(config.kinds).filter((kind) => known.has(kind) || scene.kinds.includes(kind));
    return FAMILIES.map((family) => {
      const lines = kinds.filter((kind) => config.kinds[kind].family === family).map((kind) => {
        const told = graph.kinds.get(kind);
        const off = scene.kinds.includes(kind);
        const all = told && told.total !== null && told.total !== undefined ? ` / ${count(told.total)}` : "";
        const number = off ? t("hidden-n", { n: known.get(kind) || 0 }) : `${count(shown.get(kind) || 0)}${all}`;
        return this._line({ list: "kinds", entry: kind, off, words: named(config.kinds[kind]), picture: kindMark(kind), number });
      });
      return lines.length > 0 ? [h("h2", {}, t(`family-${family}`)), h("ul", {}, lines)] : null;
    });
  }

  _styles({ scene, view, }) {
    const styleOf = (edge) => (edge.inferred ? "inferred" : edge.style);
    const shown = tally(view.edges, styleOf);
    const known = tally(view.all, styleOf);
    const lines = STYLES.filter((style) => known.has(style) || scene.styles.includes(style)).map((style) => {
      const off = scene.styles.includes(style);
      const number = off ? t("hidden-n", { n: known.get(style) || 0 }) : count(shown.get(style) || 0);
      return this._line({ list: "styles", entry: style, off, words: t(`style-${style}`), picture: lineSample(style), number });
    });
    return lines.length > 0 ? [h("h2", {}, t("relations")), h("ul", {}, lines)] : null;
  }

  _details(name, words, content) {
    const details = h("details", { class: "fold", ontoggle: () => (details.open ? this.open.add(name) : this.open.delete(name)) },
      h("summary", { "data-name": name }, words), content);
    details.open = this.open.has(name);
    return details;
  }

  _relations({ scene, view, config }) {
    const known = tally(view.all, (edge) => edge.relation);
    const shown = tally(view.edges, (edge) => edge.relation);
    const relations = Object.keys(config.relations).filter((key) => known.has(key) || scene.relations.includes(key));
    if (relations.length === 0) return null;
    const lines = relations.map((key) => {
      const off = scene.relations.includes(key);
      const number = off ? t("hidden-n", { n: known.get(key) || 0 }) : count(shown.get(key) || 0);
      return this._line({ list: "relations", entry: key, off, words: named(config.relations[key]), picture: null, number });
    });
    return this._details("relations", t("single-relations", { n: relations.length }), h("ul", {}, lines));
  }

  _time({ scene, config }) {
    const set = (on) => this.actions.filter({ on }, on ? t("step-on-day", { day: on }) : t("step-any-day"));
    const field = h("input", { class: "in", type: "date", value: scene.on, "aria-label": t("valid-on"), "data-name": "on", onchange: () => set(field.value) });
    return [
      h("h2", {}, t("valid-on")),
      h("div", { class: "row" }, field,
        scene.on
          ? button(t("any-day"), null, () => set(""), { class: "btn t", "data-name": "any" })
          : button(t("today"), null, () => set(config.today), { class: "btn t", "data-name": "today" })),
    ];
  }

  _confidence({ scene }) {
    const field = h(
      "select",
      { class: "in", "aria-label": t("confidence"), "data-name": "confidence", onchange: () => {
        const confidence = Number(field.value);
        this.actions.filter({ confidence }, confidence ? t("step-confidence", { n: confidence }) : t("step-any-confidence"));
      } },
      CONFIDENCES.map((value) => h("option", { value }, value ? t("at-least", { n: value }) : t("all"))),
    );
    field.value = String(scene.confidence);
    return [h("h2", {}, t("confidence")), h("div", { class: "row" }, field)];
  }

  _sources({ scene, view }) {
    const known = tally(view.all, (edge) => edge.registers);
    const shown = tally(view.edges, (edge) => edge.registers);
    const sources = [...new Set([...known.keys(), ...scene.sources])].sort();
    if (sources.length === 0) return null;
    const lines = sources.map((source) => this._line({
      list: "sources", entry: source, off: scene.sources.includes(source), words: source, picture: null,
      number: count(shown.get(source) || 0),
    }));
    return [h("h2", {}, t("sources")), h("ul", {}, lines)];
  }

  _away({ scene, view }) {
    const away = scene.nodes.filter((node) => node.hidden).length;
    const step = (cap) => this.actions.filter({ cap }, t("step-cap", { n: cap }));
    return h("div", { class: "away" },
      away > 0 ? button(t("show-put-away", { n: away }), null, () => this.actions.unhideAll(), { class: "btn t", "data-name": "away" }) : null,
      isFiltered(scene) ? button(t("open-filters"), null, () => this.actions.openFilters(), { class: "btn t", "data-name": "open" }) : null,
      scene.cap < MOST && view.nodes.length > 150
        ? button(t("raise-cap", { n: MOST }), null, () => step(MOST), { class: "btn t", "data-name": "cap" }) : null,
      h("p", { class: "xs mut" }, t("cap-note", { n: scene.cap, most: MOST })));
  }
}
