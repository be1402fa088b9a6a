// The keyboard inside the picture: whatever the pointer can do, keys can do, too.
import { t } from "./words.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NUDGE = 24;
const STRIDE = 80;

/** Return the node that lies best in a direction: neighbours first, else whatever is nearest there. */
export function towards(view, id, [dx, dy]) {
  const from = view.shown.get(id);
  if (!from || from.x === null) return null;
  const cost = (node) => {
    const [x, y] = [node.x - from.x, node.y - from.y];
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    return along <= 0 || across > along * 1.8 ? Infinity : along + 2 * across;
  };
  const best = (nodes) => {
    let found = null;
    let least = Infinity;
    for (const node of nodes) {
      const price = node.id === id || node.x === null ? Infinity : cost(node);
      if (price < least) [found, least] = [node.id, price];
    }
    return found;
  };
  const linked = [...(view.neighbours.get(id) || new Map()).keys()].map((other) => view.shown.get(other));
  return best(linked) || best(view.nodes);
}

/** Return the edges at a node, in the order of their other ends around it. */
export function edgesAround(view, id) {
  const from = view.shown.get(id);
  const found = [];
  for (const [other, edges] of view.neighbours.get(id) || new Map()) {
    const node = view.shown.get(other);
    const angle = Math.atan2(node.y - from.y, node.x - from.x);
    for (const edge of new Set(edges)) found.push({ edge, angle });
  }
  return found.sort((a, b) => a.angle - b.angle || (a.edge.id < b.edge.id ? -1 : 1)).map(({ edge }) => edge);
}

/** Ties keys to the actions of the explorer. */
export class Keyboard {
  constructor(app, canvas, actions) {
    Object.assign(this, { app, canvas, actions });
    canvas.svg.addEventListener("keydown", (event) => this._inGraph(event));
    document.addEventListener("keydown", (event) => this._anywhere(event));
  }

  _anywhere(event) {
    const writing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    let work = null;
    if (control && key === "z" && !writing) work = event.shiftKey ? this.actions.redo : this.actions.undo;
    else if (control && key === "y" && !writing) work = this.actions.redo;
    else if (!control && !event.altKey && !writing && event.key === "/") work = this.actions.find;
    else if (!control && !event.altKey && !writing && event.key === "?") work = this.actions.help;
    if (!work) return;
    event.preventDefault();
    work();
  }

  _inGraph(event) {
    const node = event.target.dataset.node;
    const edge = event.target.dataset.edge;
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    const done = ARROWS[event.key]
      ? this._arrow(event, node, edge, control)
      : control
        ? this._controlled(event, node)
        : edge
          ? this._onEdge(event, edge)
          : this._onNode(event, node) || this._camera(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  _arrow(event, node, edge, control) {
    const direction = ARROWS[event.key];
    if (control) {
      this.canvas.panBy(-direction[0] * STRIDE, -direction[1] * STRIDE);
    } else if (edge) {
      this._nextEdge(edge, event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : -1);
    } else if (node && event.shiftKey) {
      this._nudge(node, direction);
    } else {
      const next = node ? towards(this.app.view, node, direction) : this.app.firstNode();
      if (next) this.actions.focus(next);
      else this.app.say(t("no-node-there"));
    }
    return true;
  }

  _nudge(id, [dx, dy]) {
    const positions = {};
    for (const one of this.actions.movedWith(id)) {
      const node = this.app.view.shown.get(one);
      positions[one] = [node.x + dx * NUDGE, node.y + dy * NUDGE];
    }
    this.actions.moved(positions);
  }

  _controlled(event, node) {
    const key = event.key.toLowerCase();
    if (key === "a") this.actions.chooseMany(this.app.view.nodes.map((one) => one.id));
    else if (event.key === " " && node) this.actions.chooseNode(node, { many: true });
    else return false;
    return true;
  }

  _onNode(event, node) {
    if (!node) return false;
    const { actions } = this;
    const works = {
      Enter: () => actions.expand(node),
      " ": () => actions.chooseNode(node, { many: event.shiftKey }),
      Delete: () => actions.hide(actions.movedWith(node)),
      Backspace: () => actions.hide(actions.movedWith(node)),
      e: () => actions.expandMenu(node),
      c: () => actions.collapse(node),
      d: () => actions.pin(actions.movedWith(node)),
      k: () => actions.keepOnly(actions.movedWith(node)),
      n: () => actions.chooseNeighbours(node),
      p: () => actions.findPath(node),
      r: () => this._nextEdge(null, 1, node),
      Home: () => actions.focus(this.app.firstNode()),
      End: () => actions.focus(this.app.nodeBy(node, -1, true)),
      PageDown: () => actions.focus(this.app.nodeBy(node, 1)),
      PageUp: () => actions.focus(this.app.nodeBy(node, -1)),
      Escape: () => actions.chooseNothing(),
    };
    const work = works[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!work) return false;
    work();
    return true;
  }

  _onEdge(event, edge) {
    const works = {
      Enter: () => this.actions.chooseEdge(edge),
      " ": () => this.actions.chooseEdge(edge),
      r: () => this._nextEdge(edge, event.shiftKey ? -1 : 1),
      R: () => this._nextEdge(edge, -1),
      o: () => this._across(edge),
      Escape: () => this.actions.focus(this.anchor),
    };
    const work = works[event.key];
    if (!work) return this._camera(event);
    work();
    return true;
  }

  _nextEdge(edge, by, anchor = null) {
    if (anchor) this.anchor = anchor;
    const { view } = this.app;
    if (!view.shown.has(this.anchor)) this.anchor = view.edges.find((one) => one.id === edge).source;
    const around = edgesAround(view, this.anchor);
    if (around.length === 0) return this.app.say(t("no-edges"));
    const at = around.findIndex((one) => one.id === edge);
    const next = around[(at + by + around.length) % around.length];
    return this.actions.focusEdge(next.id);
  }

  _across(id) {
    const edge = this.app.view.edges.find((one) => one.id === id);
    this.actions.focus(edge.source === this.anchor ? edge.target : edge.source);
  }

  _camera(event) {
    const works = {
      "+": () => this.canvas.scaleBy(1.25),
      "=": () => this.canvas.scaleBy(1.25),
      "-": () => this.canvas.scaleBy(0.8),
      0: () => this.canvas.fit(),
      h: () => this.actions.unhideAll(),
      l: () => this.actions.lasso(),
      Enter: () => this.actions.focus(this.app.firstNode()),
    };
    const work = works[event.key];
    if (!work) return false;
    work();
    return true;
  }
}
