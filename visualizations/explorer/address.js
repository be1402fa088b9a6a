// The address is the scene: every part of it stands behind the # of the page's address, in one canonical spelling.
import { CAP, MOST, emptyScene, partsOf } from "./scene.js";

const LISTS = { kinds: "k", relations: "r", styles: "e", sources: "s" };
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const code = (text) => encodeURIComponent(text).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    return "";
  }
}

function nodeList(nodes) {
  const index = new Map(nodes.map((node, place) => [node.id, place]));
  let last = "";
  return nodes.map((node) => {
    const [kind, key] = partsOf(node.id);
    const head = kind === last ? code(key) : `${code(kind)}:${code(key)}`;
    last = kind;
    const flags = `${node.pinned ? "p" : ""}${node.hidden ? "h" : ""}`;
    const parent = index.has(node.parent) ? index.get(node.parent) : "";
    const at = node.x === null ? ["", ""] : [node.x, node.y];
    return [head, ...at, flags, parent].join(",").replace(/,+$/, "");
  }).join(";");
}

/** Return the fragment of a scene, without the #. Equal scenes give equal texts. */
export function encode(scene) {
  const parts = ["v1"];
  if (scene.nodes.length > 0) parts.push(`n=${nodeList(scene.nodes)}`);
  for (const [list, letter] of Object.entries(LISTS)) {
    if (scene[list].length > 0) parts.push(`${letter}=${[...scene[list]].sort().map(code).join(",")}`);
  }
  if (scene.on) parts.push(`t=${scene.on}`);
  if (scene.confidence) parts.push(`c=${scene.confidence}`);
  if (scene.cap !== CAP) parts.push(`m=${scene.cap}`);
  if (scene.path) {
    const { from, to, forbid, shown } = scene.path;
    parts.push(`p=${[code(from), code(to), forbid.map(code).join("+"), shown.join("+")].join(",")}`);
  }
  return parts.join("&");
}

function number(text) {
  return text && /^-?\d{1,6}$/.test(text) ? Number(text) : null;
}

function readNodes(text) {
  const nodes = [];
  let kind = "";
  for (const entry of text.split(";").slice(0, MOST)) {
    const [head, x, y, flags = "", parent] = entry.split(",");
    const colon = head.indexOf(":");
    if (colon >= 0) kind = decode(head.slice(0, colon));
    const key = decode(colon >= 0 ? head.slice(colon + 1) : head);
    if (!kind || !key) continue;
    const at = [number(x), number(y)];
    const placed = at[0] !== null && at[1] !== null;
    nodes.push({
      id: `${kind}:${key}`,
      x: placed ? at[0] : null,
      y: placed ? at[1] : null,
      pinned: flags.includes("p"),
      hidden: flags.includes("h"),
      parent: number(parent),
    });
  }
  const ids = nodes.map((node) => node.id);
  const seen = new Set();
  const first = nodes.filter(({ id }) => !seen.has(id) && seen.add(id));
  return first.map((node) => ({ ...node, parent: node.parent === null ? null : ids[node.parent] || null }));
}

function readPath(text) {
  const [from, to, forbid = "", shown = ""] = text.split(",");
  const list = (part) => part.split("+").filter(Boolean);
  if (!from || !to) return null;
  return { from: decode(from), to: decode(to), forbid: list(forbid).map(decode), shown: list(shown).map(Number) };
}

/** Return the scene of a fragment; whatever it cannot read is left out, never guessed. */
export function decodeScene(fragment) {
  const scene = emptyScene();
  const parts = fragment.replace(/^#/, "").split("&");
  if (parts[0] !== "v1") return scene;
  for (const part of parts.slice(1)) {
    const name = part.slice(0, 1);
    const value = part.slice(2);
    if (name === "n") scene.nodes = readNodes(value);
    else if (name === "c" && Number(value) > 0 && Number(value) <= 1) scene.confidence = Number(value);
    else if (name === "m" && Number(value) === MOST) scene.cap = MOST;
    else if (name === "p") scene.path = readPath(value);
    else if (name === "t" && DAY.test(value)) scene.on = value;
    for (const [list, letter] of Object.entries(LISTS)) {
      if (name === letter) scene[list] = value.split(",").filter(Boolean).map(decode).sort();
    }
  }
  return scene;
}
