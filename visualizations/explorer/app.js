// The explorer's state and how it changes: a scene, what is known of it, what is chosen. Draws by telling its parts.
import { pause } from "./dom.js";
import { Graph, viewOf } from "./graph.js";
import { History } from "./history.js";
import { isFound, recall } from "./panel_path.js";
import { CAP, MOST, add, idOf, move, room } from "./scene.js";
import { count, named, t } from "./words.js";

/** Holds the state; parts draw it when `refresh` tells them. */
export class App {
  constructor({ api, canvas, layout, config, live }) {
    Object.assign(this, { api, canvas, layout, config, live });
    this.graph = new Graph();
    this.parts = [];
    this.selection = new Set();
    this.edge = null;
    this.focus = null;
    this.history = new History((scene, name) => this._arrive(scene, name), () => this._tell("steps"));
    this.scene = this.history.current();
    this.view = viewOf(this.scene, this.graph);
    this.busy = 0;
    this.amount = 10; // neighbours that one expansion brings
  }

  /** Register a part: an object with any of `draw(app)`, `steps(app)`. */
  use(part) {
    this.parts.push(part);
    return part;
  }

  _tell(event) {
    for (const part of this.parts) if (part[event]) part[event](this);
  }

  /** Say something to those who listen. */
  say(text) {
    this.live.textContent = "";
    this.live.textContent = text;
  }

  /** Run something that asks the server; a refusal is told, never swallowed. */
  async asking(work) {
    this.busy += 1;
    this._tell("waiting");
    try {
      return await work();
    } catch (error) {
      this._tellRefusal(error);
      return null;
    } finally {
      this.busy -= 1;
      this._tell("waiting");
    }
  }

  _tellRefusal(error) {
    const offline = error instanceof TypeError;
    const text = offline ? t("no-answer") : error.message;
    this.say(text);
    for (const part of this.parts) if (part.refused) part.refused(text);
  }

  /** Make a step: the scene changes, gets a name in the list, and can be undone. */
  async step(name, scene, { fit = false } = {}) {
    this.scene = scene;
    this.history.push(scene, name);
    this.say(name);
    await this.show({ fit });
  }

  /** Bring the scene onto the screen: ask for what is not known, find places, draw. */
  async show({ fit = false } = {}) {
    this.showing = (this.showing || 0) + 1;
    this.canvas.svg.setAttribute("aria-busy", "true");
    try {
      await this._show({ fit });
    } finally {
      this.showing -= 1;
      if (this.showing === 0) this.canvas.svg.setAttribute("aria-busy", "false");
    }
  }

  async _show({ fit }) {
    const { scene } = this;
    const missing = this.graph.missing(scene);
    if (missing.length > 0) await this.asking(() => this._learn(scene, missing));
    if (scene !== this.scene) return;
    this._keepChosen();
    const homeless = this.view.nodes.filter((node) => node.x === null).length;
    if (homeless === 0 || homeless < this.view.nodes.length) this.refresh();
    if (homeless > 0) await this._place(scene, fit);
    else if (fit) this.canvas.fit();
    await recall(this);
    await this.drawn;
    this.canvas.svg.setAttribute("data-complete", this.view.nodes.length);
    const [first] = this.view.nodes;
    document.title = `${first ? t("title-of", { name: first.name }) : t("title")} - ${t("product")}`;
  }

  async _learn(scene, missing) {
    const answer = await this.api.scene(scene.nodes.map((node) => node.id));
    this.graph.learn(answer);
    this.graph.refuse(missing, answer);
    this.scope = answer.limits;
    if (this.graph.refused.size > 0) this.say(t("refused", { n: this.graph.refused.size }));
  }

  async _place(scene, fit) {
    const { nodes, edges } = viewOf({ ...scene, nodes: scene.nodes.map((node) => ({ ...node, hidden: false })) }, this.graph);
    const positions = await this.layout.place(nodes, edges);
    if (positions === null || scene !== this.scene) return;
    this.scene = move(scene, positions);
    this.history.settle(scene, this.scene);
    this.view = viewOf(this.scene, this.graph);
    if (fit) this.canvas.fit(null, undefined, this.view);
    await this._unfold();
  }

  /** Draw what has just found its places: first the picture, then what stands around it, each part in a task of its own. */
  async _unfold() {
    const { scene } = this;
    this.redraw();
    await this.drawn;
    for (const part of this.parts) {
      if (scene !== this.scene) return; // a newer scene draws all of them
      if (!part.draw) continue;
      part.draw(this);
      await pause();
    }
  }

  _arrive(scene, name) {
    this.scene = scene;
    this.say(name ? t("now-at", { name }) : t("now-at-start"));
    this.show();
  }

  _keepChosen() {
    this.view = viewOf(this.scene, this.graph);
    this.selection = new Set([...this.selection].filter((id) => this.view.shown.has(id)));
    if (!this.view.edges.some((edge) => edge.id === this.edge)) this.edge = null;
    if (!this.view.shown.has(this.focus)) this.focus = null;
  }

  /** Draw everything anew from the state. */
  refresh() {
    this.view = viewOf(this.scene, this.graph);
    this.redraw();
    this._tell("draw");
  }

  /** Draw the picture anew. */
  redraw() {
    this.canvas.focused = this.focus;
    const path = this.marked();
    this.drawn = this.canvas.draw(this.view, {
      selection: this.selection,
      edge: this.edge,
      marked: path.nodes,
      markedEdges: path.edges,
      relationName: (relation) => this.relationName(relation),
      kindName: (kind) => this.kindName(kind),
    });
    this.canvas.nodes.stop(this.focus || this.firstNode());
  }

  /** Return the nodes and edges of the paths that the scene shows. */
  marked() {
    const { path } = this.scene;
    const found = isFound(this.found, path) ? this.found.items : [];
    const chosen = found.filter((_, place) => path.shown.includes(place));
    return {
      nodes: new Set(chosen.flatMap((one) => one.nodes.map((node) => node.ref))),
      edges: new Set(chosen.flatMap((one) => one.edges.map((edge) => edge.id))),
    };
  }

  /** Choose nodes and at most one edge; no step, since nothing of the scene changes. */
  choose(nodes, edge = null) {
    this.selection = new Set(nodes);
    this.edge = edge;
    this.redraw();
    this._tell("draw");
  }

  relationName(relation) {
    const declared = this.config.relations[relation];
    return declared ? named(declared) : relation;
  }

  kindName(kind) {
    const declared = this.config.kinds[kind];
    return declared ? named(declared) : kind;
  }

  nameOf(id) {
    const node = this.graph.nodes.get(id);
    return node ? node.name : id.slice(id.indexOf(":") + 1);
  }

  firstNode() {
    const [chosen] = this.selection;
    return chosen || (this.view.nodes[0] ? this.view.nodes[0].id : null);
  }

  /** Return the node so many places further in the list. */
  nodeBy(id, by, last = false) {
    const ids = this.view.nodes.map((node) => node.id);
    if (last) return ids[ids.length - 1];
    return ids[(ids.indexOf(id) + by + ids.length) % ids.length];
  }

  /** Say that the scene is full; returns how many nodes it still takes. */
  roomOrSay() {
    const left = room(this.scene);
    if (left === 0) this.say(t("full", { n: count(this.scene.cap) }));
    return left;
  }

  /** Put nodes into the scene as one step. */
  addNodes(nodes, name, { parent = null, fit = false } = {}) {
    const fresh = nodes.map(idOf).filter((id) => !this.view.known.some((place) => place.id === id));
    if (fresh.length > room(this.scene)) {
      if (this.scene.cap < MOST && fresh.length <= MOST - this.scene.nodes.length) {
        return this.step(name, add({ ...this.scene, cap: MOST }, nodes.map(idOf), parent), { fit });
      }
      return this.say(t("full", { n: count(this.scene.cap) }));
    }
    return this.step(name, add(this.scene, nodes.map(idOf), parent), { fit });
  }

  /** How many nodes the scene may hold. */
  get limits() {
    return [CAP, MOST];
  }
}
