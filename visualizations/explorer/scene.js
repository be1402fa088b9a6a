// The scene: what stands in the picture and how. A plain value; every change makes a new one, so undo is exact.

/** @typedef {{id: string, x: ?number, y: ?number, pinned: boolean, hidden: boolean, parent: ?string}} Place */

export const CAP = 300;
export const MOST = 500;

/** Return the scene without anything in it. */
export function emptyScene() {
  return {
    nodes: [],
    kinds: [], // kinds switched off
    relations: [], // relations switched off
    styles: [], // styles of edges switched off
    sources: [], // sources switched off
    on: "", // only what holds on this day
    confidence: 0,
    cap: CAP,
    path: null, // {from, to, forbid: [relation], shown: [number]}
  };
}

/** Return the id of a node: `kind:key`. */
export const idOf = (node) => `${node.kind}:${node.key}`;

/** Return [kind, key] of an id; a kind never holds a colon, a key may. */
export function partsOf(id) {
  const colon = id.indexOf(":");
  return [id.slice(0, colon), id.slice(colon + 1)];
}

/** Return the places by id. */
export const byId = (scene) => new Map(scene.nodes.map((place) => [place.id, place]));

/** Return how many more nodes the scene takes. */
export const room = (scene) => Math.max(0, scene.cap - scene.nodes.length);

function place(id, parent) {
  return { id, x: null, y: null, pinned: false, hidden: false, parent };
}

/** Add nodes that are not in the scene yet; those that are hidden come back. Returns the new scene. */
export function add(scene, ids, parent = null) {
  const wanted = new Set(ids);
  const known = byId(scene);
  const shown = scene.nodes.map((node) => (node.hidden && wanted.has(node.id) ? { ...node, hidden: false } : node));
  const fresh = [...wanted].filter((id) => !known.has(id)).map((id) => place(id, parent));
  return { ...scene, nodes: [...shown, ...fresh] };
}

/** Take nodes out; what came by them keeps its place and hangs on nothing. */
export function remove(scene, ids) {
  const gone = new Set(ids);
  const nodes = scene.nodes.filter((node) => !gone.has(node.id));
  return { ...scene, nodes: nodes.map((node) => (gone.has(node.parent) ? { ...node, parent: null } : node)) };
}

/** Return the ids that came by expanding this node, and by them in turn, but for pinned ones. */
export function broughtBy(scene, id) {
  const found = new Set();
  const open = [id];
  while (open.length > 0) {
    const parent = open.pop();
    for (const node of scene.nodes) {
      if (node.parent !== parent || node.pinned || node.id === id || found.has(node.id)) continue;
      found.add(node.id);
      open.push(node.id);
    }
  }
  return [...found];
}

function changed(scene, ids, change) {
  const wanted = new Set(ids);
  return { ...scene, nodes: scene.nodes.map((node) => (wanted.has(node.id) ? { ...node, ...change(node) } : node)) };
}

/** Hide nodes: they keep their place, their edges go with them. */
export const hide = (scene, ids) => changed(scene, ids, () => ({ hidden: true }));

/** Show hidden nodes again. */
export const unhide = (scene, ids) => changed(scene, ids, () => ({ hidden: false }));

/** Pin nodes where they stand, or let them go. */
export const pin = (scene, ids, pinned) => changed(scene, ids, () => ({ pinned }));

/** Put nodes at positions; `{id: [x, y]}`, whole units. */
export function move(scene, positions, { pinned = null } = {}) {
  return changed(scene, Object.keys(positions), (node) => {
    const [x, y] = positions[node.id];
    return { x: Math.round(x), y: Math.round(y), pinned: pinned === null ? node.pinned : pinned };
  });
}

/** Turn one entry of a list of things switched off. */
export function toggle(scene, list, entry) {
  const without = scene[list].filter((one) => one !== entry);
  const after = without.length < scene[list].length ? without : [...scene[list], entry].sort();
  return { ...scene, [list]: after };
}

/** Return the scene with all filters open. */
export function unfiltered(scene) {
  return { ...scene, kinds: [], relations: [], styles: [], sources: [], on: "", confidence: 0 };
}

/** True when any filter is set. */
export function isFiltered(scene) {
  const lists = [scene.kinds, scene.relations, scene.styles, scene.sources];
  return lists.some((list) => list.length > 0) || Boolean(scene.on || scene.confidence);
}
