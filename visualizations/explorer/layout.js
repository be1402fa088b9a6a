// Asks the worker for positions; of several questions only the last one counts.
import { textOf } from "./labels.js";
import { widthOf } from "./marks.js";

const ROOMY = 90; // up to so many nodes every name gets its room

/** Finds places for nodes that have none; those that stand keep theirs, but for a little room they make. */
export class Layout {
  constructor(address) {
    this.worker = new Worker(address, { type: "module" });
    this.job = 0;
    this.waiting = new Map();
    this.worker.onmessage = ({ data }) => {
      const resolve = this.waiting.get(data.job);
      this.waiting.delete(data.job);
      if (resolve) resolve(data.job === this.job ? data.positions : null);
    };
  }

  /** Return `{id: [x, y]}` for the nodes, null if a newer question came in between. */
  place(nodes, edges) {
    const index = new Map(nodes.map((node, place) => [node.id, place]));
    const seen = new Set();
    const links = [];
    for (const { source, target } of edges) {
      const pair = [index.get(source), index.get(target)];
      const name = pair.join("-");
      if (pair.includes(undefined) || pair[0] === pair[1] || seen.has(name)) continue;
      seen.add(name);
      links.push({ source: pair[0], target: pair[1] });
    }
    const roomy = nodes.length <= ROOMY;
    const plain = nodes.map((node) => {
      const { id, x, y, pinned, parent } = node;
      return { id, x, y, pinned, parent, radius: roomy ? 26 + 0.36 * widthOf(textOf(node)) : 38 };
    });
    this.job += 1;
    const { job } = this;
    return new Promise((resolve) => {
      this.waiting.set(job, resolve);
      this.worker.postMessage({ job, nodes: plain, links });
    });
  }
}
