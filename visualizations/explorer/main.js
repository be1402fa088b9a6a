// Puts the explorer together on its page. The page itself works without any of this.
import { actionsOf } from "./actions.js";
import { Api } from "./api.js";
import { App } from "./app.js";
import { Canvas } from "./canvas.js";
import { button, h, pause } from "./dom.js";
import { exportMenu, tableExport } from "./export.js";
import { Gestures } from "./gestures.js";
import { Keyboard } from "./keyboard.js";
import { Layout } from "./layout.js";
import { Legend } from "./legend.js";
import { declare } from "./marks.js";
import { Panel } from "./panel.js";
import { open } from "./start.js";
import { Toolbar } from "./toolbar.js";
import { Twin } from "./twin.js";
import { viewsMenu } from "./views.js";
import { learn, t } from "./words.js";

function frame(root) {
  const parts = {
    legend: h("aside", { class: "leg", "aria-label": t("legend") }),
    tool: h("div", { class: "tool", role: "toolbar", "aria-label": t("tools") }),
    canvas: h("div", { class: "cv" }),
    twin: h("section", { class: "twin", "aria-label": t("twin") }),
    panel: h("aside", { class: "why-p", "aria-label": t("panel") }),
    live: h("p", { class: "vh", role: "status", "aria-live": "polite" }),
  };
  root.replaceChildren(h("div", { class: "ex" }, parts.legend, parts.tool, parts.canvas, parts.twin, parts.panel), parts.live);
  return parts;
}

function cameraButtons(canvas, gestures) {
  const lasso = button("", "lasso", () => gestures.arm(!gestures.lassoing), { class: "btn ico", "aria-label": t("lasso"), title: t("lasso"), "aria-pressed": "false" });
  const one = (name, iconName, work) => button("", iconName, work, { class: "btn ico", "aria-label": t(name), title: t(name) });
  const box = h("div", { class: "mini", role: "group", "aria-label": t("look") },
    one("zoom-in", "plus", () => canvas.scaleBy(1.25)),
    one("zoom-out", "minus", () => canvas.scaleBy(0.8)),
    one("fit", "fit", () => canvas.fit()),
    lasso);
  return { box, lasso };
}

function start(root) {
  const config = JSON.parse(root.dataset.config);
  declare(config.kinds);
  learn(config.words);
  const parts = frame(root);
  const canvas = new Canvas(parts.canvas);
  const app = new App({
    api: new Api({ base: "/api/v1", token: config.csrf }),
    canvas,
    layout: new Layout(new URL("./layout_worker.js", import.meta.url)),
    config,
    live: parts.live,
  });
  const actions = actionsOf(app);
  actions.armed = (on) => mini.lasso.setAttribute("aria-pressed", on ? "true" : "false");
  const gestures = new Gestures(canvas, actions);
  const mini = cameraButtons(canvas, gestures);
  mini.box.append(button("", "tidy", () => actions.tidy(), { class: "btn ico", "aria-label": t("tidy"), title: t("tidy") }));
  actions.lasso = () => gestures.arm(true);
  parts.canvas.append(mini.box);
  app.use(new Toolbar(parts.tool, app, actions, { exports: exportMenu(app), views: viewsMenu(app) }));
  app.use(new Legend(parts.legend, app, actions));
  app.use(new Panel(parts.panel, app, actions));
  app.use(new Twin(parts.twin, app, actions, tableExport(app)));
  new Keyboard(app, canvas, actions);
  const top = Math.round(root.getBoundingClientRect().top + window.scrollY);
  root.style.setProperty("--top", `${top}px`);
  return app;
}

const root = document.getElementById("explorer");
if (root) {
  const app = start(root);
  pause().then(() => open(app)); // the frame is painted while the first picture is asked for
}
