// What the explorer uses of d3; the build writes it, with what it needs and nothing else, to vendor/d3.js.
export { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
export { drag } from "d3-drag";
export { select } from "d3-selection";
export { zoom, zoomIdentity } from "d3-zoom";
