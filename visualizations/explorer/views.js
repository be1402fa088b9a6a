// Views with a name: kept on the server, opened by anyone who may; what he may not see is not in his picture.
import { decodeScene, encode } from "./address.js";
import { button, h } from "./dom.js";
import { menu } from "./popover.js";
import { t } from "./words.js";

/** Return the menu of views; those who are not signed in only have the link. */
export function viewsMenu(app) {
  if (!app.config.signed_in) return null;
  const trigger = button(t("views"), "book", null);
  let views = [];
  const list = h("ul", { class: "vl" });
  const field = h("input", { class: "in", maxlength: 60, "aria-label": t("view-name"), placeholder: t("view-name") });

  const fill = (close) => {
    list.replaceChildren(...views.map((view) => h("li", {},
      h("button", { type: "button", class: "mi", onclick: () => {
        close();
        const scene = decodeScene(view.scene);
        app.step(t("step-view", { name: view.name }), scene, { fit: true });
      } }, view.name),
      h("button", { type: "button", class: "lk xs", "aria-label": t("forget-view", { name: view.name }), onclick: async () => {
        await app.asking(() => app.api.forget(view.id));
        views = views.filter((one) => one.id !== view.id);
        app.say(t("view-forgotten", { name: view.name }));
        fill(close);
        field.focus();
      } }, t("delete")))));
    if (views.length === 0) list.replaceChildren(h("li", { class: "xs mut" }, t("no-views")));
  };
  const load = async (close) => {
    const answer = await app.asking(() => app.api.get("/views"));
    views = answer ? answer.items : [];
    fill(close);
  };
  const handle = menu(trigger, (close) => {
    load(close);
    const keep = async () => {
      const name = field.value.trim();
      if (!name) return field.focus();
      const kept = await app.asking(() => app.api.post("/views", { name, scene: encode(app.scene) }));
      if (!kept) return null;
      field.value = "";
      app.say(t("view-kept", { name }));
      close();
      return trigger.focus();
    };
    field.onkeydown = (event) => {
      if (event.key === "Enter") keep();
    };
    return [h("div", { class: "row" }, field, button(t("keep-view"), null, keep, { class: "btn p" })), list, h("p", { class: "xs mut" }, t("views-note"))];
  }, { label: t("views"), end: true });
  return handle.element;
}
