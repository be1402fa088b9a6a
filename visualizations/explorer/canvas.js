// The picture: an SVG of our own. One module draws, so another way of drawing could take its place.
import { sliced, s } from "./dom.js";
import { EdgesLayer } from "./edges_layer.js";
import { GroupsLayer } from "./groups_layer.js";
import { stepOf, written } from "./labels.js";
import { NodesLayer } from "./nodes_layer.js";
import { select, zoom, zoomIdentity } from "./vendor/d3.js";
import { t } from "./words.js";

const MARGIN = 56;

/** Draws a view; keeps where the reader looks. */
export class Canvas {
  constructor(host) {
    this.edgesLayer = s("g", { class: "edges" });
    this.nodesLayer = s("g", { class: "nodes" });
    this.pills = s("g", { class: "pills" });
    this.groupsLayer = s("g", { class: "groups" });
    this.world = s("g", { class: "world" }, this.edgesLayer, this.groupsLayer, this.nodesLayer, this.pills);
    this.arrow = s("marker", { id: "ar", viewBox: "0 0 8 8", refX: 32, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto", markerUnits: "userSpaceOnUse" }, s("path", { class: "arw", d: "M0 0L8 4 0 8z" }));
    this.svg = s("svg", { class: "gx", role: "group" }, s("defs", {}, this.arrow), this.world);
    host.append(this.svg);
    this.box = { width: host.clientWidth || 800, height: host.clientHeight || 460 };
    new ResizeObserver(([{ contentRect }]) => {
      this.box = { width: contentRect.width || 800, height: contentRect.height || 460 };
    }).observe(host);
    this.nodes = new NodesLayer(this.nodesLayer);
    this.edges = new EdgesLayer(this.edgesLayer, this.pills);
    this.groups = new GroupsLayer(this.groupsLayer);
    this.view = null;
    this.job = 0;
    this.step = 0;
    this._camera();
  }

  _camera() {
    this.frame = null;
    this.transform = zoomIdentity;
    this.mayPan = () => true;
    this.zoom = zoom()
      .scaleExtent([0.15, 4])
      .clickDistance(4)
      .extent(() => [[0, 0], [this.box.width, this.box.height]])
      .filter((event) => (event.type === "wheel" || !event.button) && this.mayPan(event))
      .on("zoom", ({ transform }) => {
        this._moving(transform.k === this.transform.k);
        this.transform = transform;
        if (this.frame === null) this.frame = requestAnimationFrame(() => this._looked());
      });
    select(this.svg).call(this.zoom).on("dblclick.zoom", null);
  }

  /** While the picture is only shifted, the browser may keep it as one layer: no line is drawn anew. */
  _moving(shifted) {
    clearTimeout(this.still);
    this.svg.classList.toggle("moving", shifted);
    this.still = setTimeout(() => this.svg.classList.remove("moving"), 160);
  }

  _looked() {
    this.frame = null;
    const { x, y, k } = this.transform;
    this.world.style.transform = `translate(${x}px,${y}px) scale(${k})`;
    if (stepOf(k) !== this.step) this.names();
  }

  /** Draw a view in slices; returns false if a newer one came in between. */
  async draw(view, state) {
    this.job += 1;
    const { job } = this;
    const goesOn = () => job === this.job;
    Object.assign(this, { view, state });
    this.nodes.prune(view.shown);
    this.edges.prune(view.edges);
    this.svg.setAttribute("aria-label", t("graph-name", { nodes: view.nodes.length, edges: view.edges.length }));
    this.svg.classList.toggle("has-path", state.markedEdges.size > 0);
    this._sized();
    const known = view.nodes.filter((node) => node.x !== null);
    const whole = await sliced(known, (node) => this._node(node), { goesOn });
    if (!whole || !goesOn()) return false;
    const placed = view.edges.filter((edge) => this._placed(edge));
    const done = await sliced(placed, (edge) => this._edge(edge), { goesOn });
    if (!done || !goesOn()) return false;
    this.groups.draw(view, state);
    this.names();
    return true;
  }

  _placed({ source, target }) {
    return this.view.shown.get(source).x !== null && this.view.shown.get(target).x !== null;
  }

  _node(node) {
    const { selection, marked, kindName } = this.state;
    this.nodes.draw(node, { selected: selection.has(node.id), marked: marked.has(node.id), words: kindName(node.kind) });
  }

  _edge(edge) {
    const { edge: chosen, markedEdges, relationName } = this.state;
    this.edges.draw(edge, {
      shown: this.view.shown,
      selected: edge.id === chosen,
      marked: markedEdges.has(edge.id),
      words: relationName(edge.relation),
    });
  }

  /** Choose the size of names for this scale, and return its step. */
  _sized() {
    const step = stepOf(this.transform.k);
    if (step !== this.step) this.svg.setAttribute("data-step", step);
    this.step = step;
    return step;
  }

  /** Write as many names as find room at this scale. */
  names() {
    if (!this.view) return;
    const step = this._sized();
    const { selection, marked } = this.state;
    const nodes = this.view.nodes.filter((node) => node.x !== null);
    const first = new Set([...selection, ...marked]);
    const degreeOf = (id) => (this.view.neighbours.get(id) || new Map()).size;
    this.nodes.label(nodes, written(nodes, { marked: first, degreeOf, step }), this.focused);
  }

  /** Show nodes at other places while they are being moved. */
  shift(positions) {
    const touched = new Set();
    for (const [id, [x, y]] of Object.entries(positions)) {
      const node = this.view.shown.get(id);
      if (!node) continue;
      Object.assign(node, { x: Math.round(x), y: Math.round(y) });
      this.nodes.place(id, node.x, node.y);
      for (const edges of (this.view.neighbours.get(id) || new Map()).values()) edges.forEach((edge) => touched.add(edge));
    }
    for (const edge of touched) {
      if (this._placed(edge)) this.edges.place(edge, this.view.shown.get(edge.source), this.view.shown.get(edge.target));
    }
  }

  /** Bring everything, or some nodes, into the window; `view` where it is not drawn yet. */
  fit(ids = null, most = 1.15, view = this.view) {
    const nodes = (view ? view.nodes : []).filter((node) => node.x !== null && (!ids || ids.includes(node.id)));
    const { width, height } = this.size();
    if (nodes.length === 0) return this._look(zoomIdentity.translate(width / 2, height / 2));
    const xs = nodes.map((node) => node.x);
    const ys = nodes.map((node) => node.y);
    const box = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN + 14, Math.max(...xs) + MARGIN, Math.max(...ys) + MARGIN];
    const scale = Math.max(0.15, Math.min(most, width / (box[2] - box[0]), height / (box[3] - box[1])));
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return this._look(zoomIdentity.translate(width / 2, height / 2).scale(scale).translate(-middle[0], -middle[1]));
  }

  _look(transform) {
    select(this.svg).call(this.zoom.transform, transform);
  }

  /** Return the size of the window onto the picture; observed, so that asking never makes the browser lay out. */
  size() {
    return this.box;
  }

  scaleBy(factor) {
    select(this.svg).call(this.zoom.scaleBy, factor);
  }

  panBy(x, y) {
    select(this.svg).call(this.zoom.translateBy, x / this.transform.k, y / this.transform.k);
  }

  _inside(id, [left, top, right, bottom]) {
    const node = this.view.shown.get(id);
    if (!node || node.x === null) return true;
    const { width, height } = this.size();
    const [x, y] = this.transform.apply([node.x, node.y]);
    return x >= left && y >= top && x <= width - right && y <= height - bottom;
  }

  /** Return the nodes that can be seen. */
  inSight() {
    return this.view ? this.view.nodes.map((node) => node.id).filter((id) => this._inside(id, [0, 0, 0, 0])) : [];
  }

  /** Make sure that nodes are in sight, and those `seen` before still are: leave the view alone where so, else show the whole. */
  include(ids, seen = []) {
    const fine = ids.every((id) => this._inside(id, [16, 16, 48, 32])) && seen.every((id) => this._inside(id, [0, 0, 0, 0]));
    if (!fine) this.fit(null, Math.max(0.6, this.transform.k));
  }

  /** Move the picture only if a node is out of sight. */
  reveal(id) {
    const node = this.view && this.view.shown.get(id);
    if (!node || node.x === null) return;
    const { width, height } = this.size();
    const [x, y] = this.transform.apply([node.x, node.y]);
    const out = x < 30 || y < 30 || x > width - 30 || y > height - 40;
    if (out) select(this.svg).call(this.zoom.translateTo, node.x, node.y);
  }
}
