// Pictures made in the browser, and the files that the server writes of the same scene.
import { button, download, h, s, sliced } from "./dom.js";
import { filtersOf } from "./filters.js";
import { widthOf } from "./marks.js";
import { menu } from "./popover.js";
import { count, t } from "./words.js";

const STYLED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity", "opacity", "font-size", "font-weight", "font-family", "text-anchor", "paint-order"];
const SKIPPED = new Set(["hits", "ring"]);
const FEW = 8; // layers of the picture; with more parts it is a layer itself
const FORMS = [["graphml", "GraphML"], ["gexf", "GEXF"], ["csv", "CSV"], ["xlsx", "Excel"], ["html", "HTML"], ["svg", "SVG"]];

/** Copy an element without what is in it, its looks written into it; returns the copy and its looks, null for what is left out. */
function shallow(element, inherited) {
  if (element.classList && [...element.classList].some((name) => SKIPPED.has(name))) return null;
  const copy = element.cloneNode(false);
  for (const name of ["class", "role", "tabindex", "aria-pressed", "data-node", "data-edge"]) copy.removeAttribute(name);
  const looks = getComputedStyle(element);
  const own = {};
  for (const name of STYLED) {
    own[name] = looks.getPropertyValue(name);
    if (own[name] && own[name] !== inherited[name]) copy.setAttribute(name, own[name]);
  }
  const moved = looks.getPropertyValue("transform");
  if (moved && moved !== "none") copy.setAttribute("transform", moved);
  return [copy, own];
}

/** Copy an element and all in it: the file needs no style sheet. */
function frozen(element, inherited) {
  if (element.nodeType === Node.TEXT_NODE) return element.cloneNode();
  const made = shallow(element, inherited);
  if (made === null) return null;
  const [copy, own] = made;
  for (const child of element.childNodes) copy.append(...[frozen(child, own)].filter(Boolean));
  return copy;
}

/** The same for a layer with many parts, in slices, so that the page answers meanwhile. */
async function frozenInSlices(element, inherited) {
  if (element.nodeType === Node.TEXT_NODE) return element.cloneNode();
  const made = shallow(element, inherited);
  if (made === null) return null;
  const [copy, own] = made;
  const parts = [...element.childNodes];
  if (parts.length <= FEW) {
    for (const child of parts) copy.append(...[await frozenInSlices(child, own)].filter(Boolean));
  } else {
    await sliced(parts, (child) => copy.append(...[frozen(child, own)].filter(Boolean)));
  }
  return copy;
}

/** Have the server note that a picture is taken along; returns what the picture has to carry. */
async function noted(app, form) {
  const nodes = app.view.nodes.filter((node) => node.x !== null).map((node) => node.id);
  return app.api.post("/exports/drawn", { nodes, form, filters: filtersOf(app) });
}

/** Break a line of parts where it gets longer than the picture is wide. */
function broken(line, width) {
  const lines = [""];
  for (const part of line.split(" · ")) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} · ${part}` : part;
    if (widthOf(longer) > width && longer !== part) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Return the picture as an SVG text of its own: whole scene, white or dark ground, under it who took it when, by which rules. */
export async function svgText(app, form) {
  const carried = await noted(app, form);
  const { canvas, view, config } = app;
  const nodes = view.nodes.filter((node) => node.x !== null);
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const [left, top] = [Math.min(...xs, 0) - 90, Math.min(...ys, 0) - 50];
  const [width, height] = [Math.max(...xs, 0) + 90 - left, Math.max(...ys, 0) + 90 - top];
  const looks = getComputedStyle(document.documentElement);
  const ground = looks.getPropertyValue("--surface2").trim();
  const world = await frozenInSlices(canvas.world, {});
  world.removeAttribute("transform");
  world.removeAttribute("style");
  const note = t("export-note", {
    name: config.viewer, time: config.now, policy: carried.policy,
    revision: count(config.revision || 0), nodes: nodes.length, edges: view.edges.length,
  });
  const lines = broken(note, width - 24);
  const quiet = { "font-size": 11, fill: looks.getPropertyValue("--ink3").trim(), "font-family": "sans-serif" };
  const svg = s(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `${left} ${top} ${width} ${height}`, width, height },
    s("title", {}, document.title),
    s("defs", {}, frozen(canvas.arrow, {})),
    s("rect", { x: left, y: top, width, height, fill: ground }),
    world,
    ...lines.map((line, place) => s("text", { x: left + 12, y: top + height - 12 - 15 * (lines.length - 1 - place), ...quiet }, line)),
  );
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

async function png(app) {
  const { text, width, height } = await svgText(app, "png");
  const scale = Math.min(2, 8000 / Math.max(width, height));
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = h("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
}

const fileName = (ending) => `${t("file-name")}-${new Date().toISOString().slice(0, 10)}.${ending}`;

/** Ask the server for a file of the scene as this viewer sees it. */
async function serverFile(app, form, ending) {
  const nodes = app.view.nodes.filter((node) => node.x !== null);
  const positions = Object.fromEntries(nodes.map((node) => [node.id, [node.x, node.y]]));
  const [first] = nodes;
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const body = { nodes: nodes.map((node) => node.id), positions, language, title: t("title-of", { name: first.name }).slice(0, 200), filters: filtersOf(app) };
  const blob = await app.api.file(`/exports/scene.${form}`, body);
  download(fileName(ending), blob, "");
}

/** Return the menu of exports. */
export function exportMenu(app) {
  const told = async (work) => {
    if (app.view.nodes.length === 0) return app.say(t("nothing-to-export"));
    await app.asking(work);
    return app.say(t("exported"));
  };
  const line = (words, work) => button(words, null, () => told(work), { class: "mi" });
  const trigger = button(t("export"), "down", null);
  return menu(trigger, (close) => {
    const item = (words, work) => line(words, async () => {
      close();
      await work();
    });
    return [
      item(t("as-png"), async () => download(fileName("png"), await png(app), "image/png")),
      item(t("as-svg"), async () => download(fileName("svg"), (await svgText(app, "svg")).text, "image/svg+xml")),
      ...FORMS.filter(([form]) => form !== "svg").map(([form, words]) => item(words, () => serverFile(app, form, form))),
      h("p", { class: "xs mut" }, t("export-logged")),
    ];
  }, { label: t("export"), end: true }).element;
}

/** Return a button that exports the table as a workbook. */
export function tableExport(app) {
  return button(t("export-table"), "down", async () => {
    if (app.view.nodes.length > 0) await app.asking(() => serverFile(app, "xlsx", "xlsx"));
  }, { class: "btn t", "data-name": "export" });
}
