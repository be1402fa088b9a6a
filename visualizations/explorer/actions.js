// What one can do: every action by pointer, key and menu is one of these, and every change of the scene has a name.
import { filtersOf } from "./filters.js";
import { MOST, add, broughtBy, hide, isFiltered, move, pin, remove, room, toggle, unfiltered, unhide } from "./scene.js";
import { count, t } from "./words.js";

/** How many neighbours may come at a time. */
export const AMOUNTS = [5, 10, 20, 50];

/** Return the actions over an app. */
export function actionsOf(app) {
  const label = (ids) => (ids.length === 1 ? app.nameOf(ids[0]) : t("n-nodes", { n: ids.length }));
  const some = (ids) => ids.filter((id) => app.view.shown.has(id));

  const actions = {
    undo: () => app.history.undo(),
    redo: () => app.history.redo(),

    focused(node, edge) {
      const moved = node && node !== app.focus;
      if (node) app.focus = node;
      app.canvas.focused = node;
      if (node) app.canvas.nodes.stop(node);
      if (moved) {
        app.canvas.names();
        app.canvas.reveal(node);
      }
      app.focusedEdge = edge;
    },

    focus(id) {
      const element = id ? app.canvas.nodes.element(id) : null;
      if (element) element.focus({ preventScroll: true });
    },

    focusEdge(id) {
      const element = app.canvas.edges.element(id);
      if (element) element.focus({ preventScroll: true });
    },

    chooseNode(id, { many = false } = {}) {
      const chosen = new Set(many ? app.selection : []);
      if (many && chosen.has(id)) chosen.delete(id);
      else chosen.add(id);
      app.focus = id;
      app.choose(chosen);
      app.say(chosen.has(id) ? t("chosen", { name: label([...chosen]) }) : t("unchosen", { name: app.nameOf(id) }));
    },

    chooseMany(ids) {
      app.choose(some(ids));
      app.say(t("chosen", { name: t("n-nodes", { n: app.selection.size }) }));
    },

    chooseNeighbours(id) {
      actions.chooseMany([id, ...(app.view.neighbours.get(id) || new Map()).keys()]);
    },

    chooseEdge(id) {
      app.choose([], id);
      const edge = app.graph.edges.get(id);
      const name = { from: app.nameOf(edge.source), relation: app.relationName(edge.relation), to: app.nameOf(edge.target) };
      app.say(t("chosen", { name: t("edge-name", name) }));
    },

    chooseNothing() {
      if (app.selection.size > 0 || app.edge) app.choose([]);
    },

    /** Those that move along: the whole choice if the node belongs to it. */
    movedWith: (id) => (app.selection.has(id) ? [...app.selection] : [id]),

    moved(positions) {
      const ids = Object.keys(positions);
      return app.step(t("step-move", { name: label(ids) }), move(app.scene, positions, { pinned: true }));
    },

    async expand(id, group = null, limit = app.amount) {
      const node = app.view.shown.get(id) || app.graph.nodes.get(id);
      if (!node || (group ? group.hidden : node.unseen) === 0) return app.say(t("nothing-hidden", { name: app.nameOf(id) }));
      const most = Math.min(limit, MOST - app.scene.nodes.length);
      if (most <= 0) return app.say(t("full", { n: MOST }));
      if (room(app.scene) === 0) return app.say(t("full", { n: app.scene.cap }));
      const shown = app.scene.nodes.filter((place) => !place.hidden).map((place) => place.id);
      const asked = { shown, limit: Math.min(most, room(app.scene)), filters: filtersOf(app), ...group };
      const answer = await app.asking(() => app.api.expand(id, asked));
      if (answer === null) return null;
      app.graph.learn(answer);
      app.note = answer.note;
      const ids = answer.nodes.map((one) => one.ref);
      if (ids.length === 0) return app.say(answer.note || t("nothing-hidden", { name: app.nameOf(id) }));
      const what = group ? app.relationName(group.relation) : t("neighbours");
      const name = t("step-expand", { name: app.nameOf(id), what, n: ids.length });
      const seen = app.canvas.inSight();
      await app.step(name, add(app.scene, ids, id));
      app.canvas.include(ids, seen);
      return app.say(`${name}${t("stop")}${t("left-over", { n: count(answer.left) })}${answer.note}`);
    },

    async expandChosen() {
      for (const id of [...app.selection]) await actions.expand(id);
    },

    expandMenu(id) {
      app.choose([id]);
      app.openExpand();
    },

    collapse(id) {
      const ids = broughtBy(app.scene, id);
      if (ids.length === 0) return app.say(t("nothing-to-collapse", { name: app.nameOf(id) }));
      return app.step(t("step-collapse", { name: app.nameOf(id), n: ids.length }), remove(app.scene, ids));
    },

    hide(ids) {
      const wanted = some(ids);
      if (wanted.length === 0) return null;
      const after = actions.nextAfter(wanted);
      return app.step(t("step-hide", { name: label(wanted) }), hide(app.scene, wanted)).then(() => actions.focus(after));
    },

    /** Where the focus goes when nodes vanish: a neighbour, else the first that stays. */
    nextAfter(ids) {
      if (!document.activeElement || !document.activeElement.closest(".gx")) return null;
      const around = [...(app.view.neighbours.get(ids[0]) || new Map()).keys()];
      const stays = (id) => !ids.includes(id);
      return around.find(stays) || (app.view.nodes.map((node) => node.id).find(stays) ?? null);
    },

    unhide: (ids) => app.step(t("step-unhide", { name: label(ids) }), unhide(app.scene, ids)),

    unhideAll() {
      const ids = app.scene.nodes.filter((node) => node.hidden).map((node) => node.id);
      return ids.length > 0 ? actions.unhide(ids) : app.say(t("nothing-put-away"));
    },

    keepOnly(ids) {
      const others = app.view.nodes.map((node) => node.id).filter((id) => !ids.includes(id));
      if (others.length === 0) return null;
      return app.step(t("step-keep", { name: label(ids) }), hide(app.scene, others));
    },

    drop(ids) {
      return app.step(t("step-remove", { name: label(ids) }), remove(app.scene, ids));
    },

    pin(ids) {
      const wanted = some(ids);
      const pinned = !wanted.every((id) => app.view.shown.get(id).pinned);
      const name = t(pinned ? "step-pin" : "step-unpin", { name: label(wanted) });
      return app.step(name, pin(app.scene, wanted, pinned));
    },

    tidy() {
      const nodes = app.scene.nodes.map((node) => (node.pinned ? node : { ...node, x: null, y: null }));
      return app.step(t("step-tidy"), { ...app.scene, nodes }, { fit: true });
    },

    toggle(list, entry, words) {
      const scene = toggle(app.scene, list, entry);
      const off = scene[list].includes(entry);
      return app.step(t(off ? "step-off" : "step-on", { name: words }), scene);
    },

    filter(change, name) {
      return app.step(name, { ...app.scene, ...change });
    },

    openFilters() {
      return isFiltered(app.scene) ? app.step(t("step-open"), unfiltered(app.scene)) : null;
    },

    addFound(hit) {
      if (app.view.shown.has(hit.id)) {
        actions.chooseNode(hit.id);
        actions.focus(hit.id);
        return app.canvas.reveal(hit.id);
      }
      app.selection = new Set([hit.id]);
      return app.addNodes([hit], t("step-add", { name: hit.name }), { fit: app.scene.nodes.length === 0 })
        .then(() => app.canvas.include([hit.id]));
    },
  };
  return actions;
}
