// The scene's filters in the words of the server, for expansions and files.
import { viewOf } from "./graph.js";

/** Return the scene's filters as the server takes them: what is allowed, not what is off. */
export function filtersOf(app) {
  const { scene, config } = app;
  const allowed = (all, off) => (off.length > 0 ? all.filter((one) => !off.includes(one)) : null);
  const styleOff = (relation) => scene.styles.includes(config.relations[relation].style);
  const relations = Object.keys(config.relations);
  const off = [...scene.relations, ...relations.filter(styleOff)];
  const sources = [...new Set(viewOf(scene, app.graph).all.flatMap((edge) => edge.registers))];
  const filters = { kinds: allowed(Object.keys(config.kinds), scene.kinds), relations: allowed(relations, off) };
  Object.assign(filters, { sources: allowed(sources, scene.sources) });
  if (scene.on) filters.on = scene.on;
  if (scene.confidence) filters.confidence = scene.confidence;
  for (const name of Object.keys(filters)) if (filters[name] === null) delete filters[name];
  return filters;
}
