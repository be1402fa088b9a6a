// The first picture: the scene of the address, else what the page was opened with: a node, a view, an answer's evidence.
import { decodeScene } from "./address.js";
import { add } from "./scene.js";
import { t } from "./words.js";

const FIRST = 12;

async function fromEvidence(app, question) {
  const answer = await app.asking(() => app.api.evidence(question));
  if (!answer) return null;
  app.graph.learn(answer);
  if (answer.withheld > 0) app.cited = t("withheld", { n: answer.withheld });
  return { name: t("step-evidence"), scene: add(app.scene, answer.nodes.map((node) => node.ref)) };
}

async function fromNode(app, id) {
  const answer = await app.asking(() => app.api.expand(id, { shown: [id], limit: FIRST, filters: {} }));
  const ids = answer ? answer.nodes.map((node) => node.ref) : [];
  const scene = add(add(app.scene, [id]), ids, id);
  app.selection = new Set([id]);
  return { name: t("step-start", { name: id }), scene };
}

async function fromView(app, id) {
  const view = await app.asking(() => app.api.get(`/views/${encodeURIComponent(id)}`));
  return view ? { name: t("step-view", { name: view.name }), scene: decodeScene(view.scene) } : null;
}

/** Open the first picture. */
export async function open(app) {
  const { start } = app.config;
  let first = null;
  if (app.scene.nodes.length === 0 && app.history.at === 0) {
    if (start.evidence) first = await fromEvidence(app, start.evidence);
    else if (start.view) first = await fromView(app, start.view);
    else if (start.node) first = await fromNode(app, start.node);
  }
  if (first) app.scene = first.scene;
  await app.history.start(app.scene, first ? first.name : t("step-open-address"));
  await app.show({ fit: true });
}
