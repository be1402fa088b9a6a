// The pointer: choose, move, expand, catch with a lasso. Every gesture has a twin on the keyboard.
import { s } from "./dom.js";
import { drag, select } from "./vendor/d3.js";

const nodeOf = (event) => {
  const element = event.target.closest ? event.target.closest("[data-node]") : null;
  return element ? element.dataset.node : null;
};
const edgeOf = (event) => {
  const element = event.target.closest ? event.target.closest("[data-edge]") : null;
  return element ? element.dataset.edge : null;
};

/** True when a point lies inside a polygon. */
export function inside([x, y], polygon) {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [ax, ay] = polygon[i];
    const [bx, by] = polygon[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/** Ties the pointer to the actions of the explorer. */
export class Gestures {
  constructor(canvas, actions) {
    this.canvas = canvas;
    this.actions = actions;
    this.lassoing = false;
    canvas.mayPan = (event) => !event.shiftKey && !this.lassoing && !nodeOf(event);
    this._clicks();
    this._drags();
    this._lasso();
  }

  /** Let the next drag on the ground be a lasso. */
  arm(on) {
    this.lassoing = on;
    this.canvas.svg.classList.toggle("lassoing", on);
    this.actions.armed(on);
  }

  _clicks() {
    const { svg } = this.canvas;
    svg.addEventListener("click", (event) => {
      const many = event.ctrlKey || event.metaKey || event.shiftKey;
      const node = nodeOf(event);
      const edge = edgeOf(event);
      const large = event.target.closest("[data-many]");
      if (large) this.actions.openGroup(node, large.dataset.many);
      else if (node) this.actions.chooseNode(node, { many });
      else if (edge) this.actions.chooseEdge(edge);
      else if (!this.caught) this.actions.chooseNothing();
      this.caught = false;
    });
    svg.addEventListener("dblclick", (event) => {
      const node = nodeOf(event);
      if (node) this.actions.expand(node);
    });
    svg.addEventListener("focusin", (event) => {
      const [node, edge] = [nodeOf(event), edgeOf(event)];
      if (node || edge) this.actions.focused(node, edge);
    });
  }

  _drags() {
    const moved = new Map();
    const behaviour = drag()
      .clickDistance(4)
      .container(this.canvas.world)
      .filter((event) => !event.button && !event.ctrlKey && !event.shiftKey && Boolean(nodeOf(event)))
      .subject((event) => {
        const node = this.canvas.view.shown.get(nodeOf(event.sourceEvent));
        return node && node.x !== null ? { id: node.id, x: node.x, y: node.y } : null;
      })
      .on("start", ({ subject }) => {
        moved.clear();
        for (const id of this.actions.movedWith(subject.id)) {
          const node = this.canvas.view.shown.get(id);
          moved.set(id, [node.x - subject.x, node.y - subject.y]);
        }
        this.went = false;
      })
      .on("drag", ({ x, y }) => {
        this.went = true;
        const positions = {};
        for (const [id, [dx, dy]] of moved) positions[id] = [x + dx, y + dy];
        this.canvas.shift(positions);
      })
      .on("end", ({ x, y }) => {
        if (!this.went) return;
        const positions = {};
        for (const [id, [dx, dy]] of moved) positions[id] = [x + dx, y + dy];
        this.actions.moved(positions);
      });
    select(this.canvas.nodesLayer).call(behaviour);
  }

  _lasso() {
    const { svg } = this.canvas;
    let points = null;
    let line = null;
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || nodeOf(event) || !(event.shiftKey || this.lassoing)) return;
      points = [at(event)];
      line = s("path", { class: "lasso" });
      svg.append(line);
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", (event) => {
      if (!points) return;
      points.push(at(event));
      line.setAttribute("d", `M${points.map((point) => point.map(Math.round).join(" ")).join("L")}Z`);
    });
    const end = () => {
      if (!points) return;
      line.remove();
      const polygon = points.map((point) => this.canvas.transform.invert(point));
      points = null;
      this.caught = true;
      const nodes = this.canvas.view.nodes.filter((node) => node.x !== null && inside([node.x, node.y], polygon));
      this.arm(false);
      if (polygon.length > 2) this.actions.chooseMany(nodes.map((node) => node.id));
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
  }
}
