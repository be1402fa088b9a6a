// Computes positions beside the page, so that nothing on it waits. The same picture for the same scene, always.
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "./vendor/d3.js";

const SMALL = 90; // up to so many nodes the layout may take its time
const ticksOf = (nodes, first) => (first ? (nodes.length <= SMALL ? 160 : 100) : 70);
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/** Give every new node a first place: around the one that brought it, else on a spiral. */
function seed(nodes) {
  const at = new Map(nodes.map((node) => [node.id, node]));
  const brought = new Map();
  nodes.forEach((node, index) => {
    if (node.x !== null) return;
    const parent = at.get(node.parent);
    if (parent && parent.x !== null) {
      const turn = (brought.get(parent.id) || 0) + 1;
      brought.set(parent.id, turn);
      const outward = Math.atan2(parent.y, parent.x);
      const angle = outward + (turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * 0.42;
      node.x = parent.x + 95 * Math.cos(angle);
      node.y = parent.y + 80 * Math.sin(angle);
    } else {
      const radius = 30 * Math.sqrt(index + 0.5);
      node.x = radius * Math.cos(index * GOLDEN) * 1.5;
      node.y = radius * Math.sin(index * GOLDEN);
    }
  });
}

function spread(nodes, links, first) {
  const degree = nodes.map(() => 0);
  for (const { source, target } of links) {
    degree[source] += 1;
    degree[target] += 1;
  }
  const dense = nodes.length > 80 ? 0.8 : 1;
  return forceSimulation(nodes)
    .alphaDecay(1 - Math.pow(0.001, 1 / ticksOf(nodes, first)))
    .alpha(first ? 1 : 0.6)
    .force("link", forceLink(links).distance(104 * dense).strength((link) => {
      return 0.9 / Math.max(1, Math.min(degree[link.source.index], degree[link.target.index]));
    }))
    .force("charge", forceManyBody().strength(-420 * dense).theta(1.4).distanceMax(620))
    .force("collide", forceCollide((node) => node.radius).strength(0.9).iterations(nodes.length <= SMALL ? 2 : 1))
    .force("x", forceX((node) => (node.kept ? node.home[0] : 0)).strength((node) => (node.kept ? 0.75 : 0.03)))
    .force("y", forceY((node) => (node.kept ? node.home[1] : 0)).strength((node) => (node.kept ? 0.75 : 0.1)))
    .stop();
}

/** Screens are wide and names are written in lines: let a round picture become a broad one. */
function widen(nodes) {
  const extent = (axis) => Math.max(...nodes.map((node) => node[axis])) - Math.min(...nodes.map((node) => node[axis])) + 80;
  const factor = Math.min(1.3, Math.max(1, Math.sqrt((1.7 * extent("y")) / extent("x"))));
  for (const node of nodes) {
    node.x *= factor;
    node.y /= Math.sqrt(factor);
  }
}

self.onmessage = ({ data: { job, nodes, links } }) => {
  const first = nodes.every((node) => node.x === null || node.pinned);
  for (const node of nodes) {
    if (node.x === null) continue;
    node.kept = true;
    node.home = [node.x, node.y];
    if (node.pinned) Object.assign(node, { fx: node.x, fy: node.y });
  }
  seed(nodes);
  spread(nodes, links, first).tick(ticksOf(nodes, first));
  if (first && !nodes.some((node) => node.pinned)) widen(nodes);
  const positions = {};
  for (const node of nodes) positions[node.id] = [Math.round(node.x), Math.round(node.y)];
  self.postMessage({ job, positions });
};
