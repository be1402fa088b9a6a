// Above the picture: what one does most, what is hidden, the steps with their names.
import { button, h, put } from "./dom.js";
import { menu } from "./popover.js";
import { searchBox } from "./search.js";
import { count, t } from "./words.js";

/** The bar of buttons and the list of steps. */
export class Toolbar {
  constructor(host, app, actions, { exports, views }) {
    Object.assign(this, { app, actions });
    const add = button(t("add-node"), "find", null);
    const box = searchBox(app.api, { label: t("search-label"), onchoose: (hit) => {
      this.finder.close();
      actions.addFound(hit);
    } });
    this.finder = menu(add, () => {
      box.input.value = "";
      return [box.element];
    }, { label: t("add-node") });
    this.expand = button(t("expand-chosen"), "plus", () => actions.expandChosen());
    this.total = h("span", { class: "sec sm tot", "aria-busy": "false" });
    this.refusal = h("p", { class: "note err-n xs", role: "alert", hidden: true });
    const link = button(t("copy-link"), "link", () => this._copy(link));
    this.undo = button(t("undo"), "undo", () => actions.undo(), { class: "btn t" });
    this.redo = button(t("redo"), "redo", () => actions.redo(), { class: "btn t" });
    this.steps_ = h("ol", { class: "hist", "aria-label": t("steps") });
    put(
      host,
      this.finder.element,
      button(t("find-path"), "route", () => actions.findPath([...app.selection][0])),
      this.expand,
      h("span", { class: "end acts" }, views, link, exports),
      h("div", { class: "hrow" }, this.undo, this.redo, this.steps_, this.total),
      this.refusal,
    );
    actions.find = () => this.finder.open();
  }

  async _copy(trigger) {
    const address = window.location.href;
    let copied = true;
    try {
      await navigator.clipboard.writeText(address);
    } catch (error) {
      copied = this._copyOldWay(address);
    }
    this.app.say(t(copied ? "copied" : "not-copied"));
    trigger.lastChild.textContent = t(copied ? "copied-short" : "not-copied-short");
    setTimeout(() => {
      trigger.lastChild.textContent = t("copy-link");
    }, 2500);
  }

  _copyOldWay(address) {
    const field = h("textarea", { class: "vh", "aria-hidden": "true" });
    field.value = address;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }

  draw({ view, selection, scene }) {
    this.expand.disabled = selection.size === 0;
    put(
      this.total,
      t("shows"), h("b", {}, count(view.nodes.length)),
      t("more-hidden"), h("b", {}, count(view.unseen)), t("not-shown"),
      view.refused > 0 ? t("refused-short", { n: view.refused }) : null,
      scene.nodes.length >= scene.cap ? h("span", { class: "warn" }, t("full-short")) : null,
    );
    this.refusal.hidden = true;
  }

  waiting({ busy }) {
    this.total.setAttribute("aria-busy", busy > 0 ? "true" : "false");
  }

  refused(text) {
    this.refusal.textContent = text;
    this.refusal.hidden = false;
  }

  steps({ history }) {
    this.undo.disabled = !history.canUndo;
    this.redo.disabled = !history.canRedo;
    const from = Math.max(1, history.at - 4);
    const near = history.steps.slice(from, history.at + 3);
    put(
      this.steps_,
      from > 1 ? h("li", { class: "mut" }, "…") : null,
      near.map((step, place) => {
        const at = from + place;
        const words = `${at} ${step.name}`;
        const current = at === history.at;
        const go = h("button", { type: "button", class: "lk", onclick: () => history.go(at) }, words);
        const undone = at > history.at;
        return h("li", { class: undone ? "fut" : "", "aria-current": current ? "step" : null }, current ? words : go,
          undone && place === near.length - 1 ? t("undone") : null);
      }),
    );
    if (history.steps.length > 2) requestAnimationFrame(() => this.steps_.scrollTo({ left: 1e4 }));
  }
}
