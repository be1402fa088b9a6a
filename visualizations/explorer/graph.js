// What the server has told so far: nodes, edges, exact numbers. And what of it a scene shows.
import { isFiltered } from "./scene.js";

/** Knows nodes and edges by id; scenes hold keys only, so rights are always those of the one who looks. */
export class Graph {
  constructor() {
    this.nodes = new Map();
    this.edges = new Map();
    this.kinds = new Map();
    this.relations = new Map();
    this.groups = new Map();
    this.refused = new Set();
    this.around = new Map();
  }

  /** Take in an answer about a scene, an expansion or evidence. */
  learn(answer) {
    for (const [kind, told] of Object.entries(answer.kinds || {})) this.kinds.set(kind, told);
    for (const [relation, told] of Object.entries(answer.relations || {})) this.relations.set(relation, told);
    for (const node of answer.nodes || []) {
      const { hidden: counts, ...rest } = node; // `hidden` of a place means: put away by hand
      this.nodes.set(node.ref, { ...this.nodes.get(node.ref), ...rest, counts });
      this.refused.delete(node.ref);
    }
    for (const { ref, hidden } of answer.counts || []) {
      const node = this.nodes.get(ref);
      if (node) this.nodes.set(ref, { ...node, counts: hidden });
    }
    for (const edge of answer.edges || []) this._edge(edge);
    for (const group of answer.groups || []) this.groups.set(group.id, group);
  }

  _edge(edge) {
    const known = this.edges.get(edge.id);
    this.edges.set(edge.id, { ...edge, evidence: edge.evidence || Boolean(known && known.evidence) });
    if (known) return;
    for (const end of new Set([edge.source, edge.target])) {
      if (!this.around.has(end)) this.around.set(end, []);
      this.around.get(end).push(edge.id);
    }
  }

  /** Note which of the asked nodes were not told: gone, or not for this viewer; the two look alike. */
  refuse(asked, answer) {
    const told = new Set((answer.nodes || []).map((node) => node.ref));
    for (const id of asked) if (!told.has(id)) this.refused.add(id);
  }

  /** Return the ids of a scene that have to be asked for. */
  missing(scene) {
    return scene.nodes.map((node) => node.id).filter((id) => !this.nodes.has(id) && !this.refused.has(id));
  }

  /** Return the edges at a node, drawn or not. */
  edgesAt(id) {
    return (this.around.get(id) || []).map((edge) => this.edges.get(edge));
  }
}

function passes(edge, scene, off) {
  if (off.relations.has(edge.relation) || off.styles.has(edge.style)) return false;
  if (edge.inferred && off.styles.has("inferred")) return false;
  if (edge.confidence < scene.confidence) return false;
  if (edge.registers.length > 0 && edge.registers.every((source) => off.sources.has(source))) return false;
  if (!scene.on) return true;
  return (!edge.valid_from || edge.valid_from <= scene.on) && (!edge.valid_to || edge.valid_to >= scene.on);
}

/** Return what is drawn: nodes and edges that pass the filters, numbers of what is not. */
export function viewOf(scene, graph) {
  const off = {
    kinds: new Set(scene.kinds),
    relations: new Set(scene.relations),
    styles: new Set(scene.styles),
    sources: new Set(scene.sources),
  };
  const known = scene.nodes.filter((place) => graph.nodes.has(place.id));
  const places = known.filter((place) => !place.hidden && !off.kinds.has(graph.nodes.get(place.id).kind));
  const nodes = places.map((place) => ({ ...graph.nodes.get(place.id), ...place }));
  const shown = new Map(nodes.map((node) => [node.id, node]));
  const inScene = new Set(known.map((place) => place.id));
  const edges = [];
  const all = [];
  for (const edge of graph.edges.values()) {
    if (!inScene.has(edge.source) || !inScene.has(edge.target)) continue;
    all.push(edge);
    if (shown.has(edge.source) && shown.has(edge.target) && passes(edge, scene, off)) edges.push(edge);
  }
  const neighbours = neighbourSets(edges);
  for (const node of nodes) Object.assign(node, hiddenOf(node, neighbours.get(node.id)));
  return {
    nodes,
    edges,
    all,
    shown,
    known,
    neighbours: links(edges),
    put_away: known.length - nodes.length,
    refused: scene.nodes.length - known.length,
    unseen: nodes.reduce((sum, node) => sum + node.unseen, 0),
    filtered: isFiltered(scene),
  };
}

const slot = (relation, direction, kind) => `${relation} ${direction} ${kind}`;

function neighbourSets(edges) {
  const found = new Map();
  const note = (id, relation, direction, other) => {
    if (!found.has(id)) found.set(id, new Map());
    const sets = found.get(id);
    const name = slot(relation, direction, other.slice(0, other.indexOf(":")));
    if (!sets.has(name)) sets.set(name, new Set());
    sets.get(name).add(other);
  };
  for (const edge of edges) {
    note(edge.source, edge.relation, "out", edge.target);
    note(edge.target, edge.relation, "in", edge.source);
  }
  return found;
}

/** Return the exact number of neighbours that are not in the picture, by relation, direction and kind. */
function hiddenOf(node, sets) {
  const groups = (node.counts || []).map((group) => {
    const drawn = sets ? sets.get(slot(group.relation, group.direction, group.kind)) : null;
    return { ...group, hidden: Math.max(0, group.total - (drawn ? drawn.size : 0)) };
  });
  return { groups, unseen: groups.reduce((sum, group) => sum + group.hidden, 0) };
}

function links(edges) {
  const found = new Map();
  const add = (from, to, edge) => {
    if (!found.has(from)) found.set(from, new Map());
    const list = found.get(from).get(to) || [];
    found.get(from).set(to, [...list, edge]);
  };
  for (const edge of edges) {
    add(edge.source, edge.target, edge);
    add(edge.target, edge.source, edge);
  }
  return found;
}
