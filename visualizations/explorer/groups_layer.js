// Neighbours that no picture could hold stand at their node as a number: aggregated on the server, and said so.
import { put, s } from "./dom.js";
import { widthOf } from "./marks.js";
import { MOST } from "./scene.js";
import { count, t } from "./words.js";

const EACH = 3; // groups at one node
const ALL = 30; // groups in one picture

/** Return the groups of a view that have more hidden neighbours than any picture has room for. */
export function tooMany(view) {
  const space = MOST - view.known.length;
  const found = [];
  for (const node of view.nodes) {
    const groups = node.groups.filter((group) => group.hidden > space).sort((a, b) => b.hidden - a.hidden);
    if (node.x !== null) groups.slice(0, EACH).forEach((group, place) => found.push({ node, group, place }));
  }
  return found.slice(0, ALL);
}

/** Draws those groups as tags under their nodes. */
export class GroupsLayer {
  constructor(layer) {
    this.layer = layer;
  }

  draw(view, { kindName, relationName }) {
    put(this.layer, tooMany(view).map(({ node, group, place }) => {
      const words = `${kindName(group.kind)} ${count(group.hidden)}`;
      const width = widthOf(words) + 20;
      const name = t("group-name", { node: node.name, kind: kindName(group.kind), relation: relationName(group.relation), n: count(group.hidden) });
      return s(
        "g",
        { class: "gp", role: "button", tabindex: -1, "data-node": node.id, "data-many": group.relation, "aria-label": name, transform: `translate(${node.x},${node.y + 48 + place * 20})` },
        s("rect", { x: -width / 2, y: -9, width, height: 18, rx: 3 }),
        s("rect", { x: -width / 2 + 3, y: -6, width: 3, height: 12, class: "bar2" }),
        s("text", { x: 3, y: 4 }, words),
      );
    }));
  }
}
