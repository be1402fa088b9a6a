// The only module that talks to the server, and only to the one the page came from.

/** A refusal: `message` says what to do, `code` is for programs. */
export class Refusal extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.code = problem.code || "";
    this.status = status;
  }
}

async function answered(response) {
  if (response.ok) return response.json();
  let problem = {};
  try {
    problem = await response.json();
  } catch (error) {
    problem = { title: `${response.status} ${response.statusText}` };
  }
  throw new Refusal(problem, response.status);
}

const encodeId = (id) => {
  const colon = id.indexOf(":");
  return `${encodeURIComponent(id.slice(0, colon))}/${encodeURIComponent(id.slice(colon + 1))}`;
};

/** Questions to the JSON routes; `token` is the page's token against forged requests. */
export class Api {
  constructor({ base, token }) {
    this.base = base;
    this.token = token;
  }

  async get(path, query = {}, signal = undefined) {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    const words = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    const options = { headers: { accept: "application/json" }, credentials: "same-origin", signal };
    return answered(await fetch(`${this.base}${path}${words ? `?${words}` : ""}`, options));
  }

  async post(path, body) {
    const headers = { "content-type": "application/json", accept: "application/json", "x-csrf-token": this.token };
    const options = { method: "POST", headers, credentials: "same-origin", body: JSON.stringify(body) };
    return answered(await fetch(`${this.base}${path}`, options));
  }

  /** Return a file that the server writes. */
  async file(path, body) {
    const headers = { "content-type": "application/json", "x-csrf-token": this.token };
    const options = { method: "POST", headers, credentials: "same-origin", body: JSON.stringify(body) };
    const response = await fetch(`${this.base}${path}`, options);
    return response.ok ? response.blob() : answered(response);
  }

  /** Forget a view of one's own. */
  async forget(id) {
    const options = { method: "DELETE", headers: { "x-csrf-token": this.token }, credentials: "same-origin" };
    const response = await fetch(`${this.base}/views/${encodeURIComponent(id)}`, options);
    return response.ok ? true : answered(response);
  }

  /** Nodes of a scene with the edges between them and the exact numbers of hidden neighbours. */
  scene(ids) {
    return this.post("/scenes", { nodes: ids });
  }

  /** The most relevant neighbours of a node that are not shown yet. */
  expand(node, { shown, relation, direction, kind, limit, filters }) {
    const body = { node, shown, limit, filters };
    if (relation) Object.assign(body, { relation, direction, kind });
    return this.post("/scenes/expand", body);
  }

  /** The scene behind one item of an answer, or behind edges it cites. */
  evidence(question) {
    return this.post("/scenes/evidence", question);
  }

  paths({ from, to, k, forbid }) {
    return this.get("/paths", { from, to, k, forbid });
  }

  edge(id, source) {
    return this.get(`/edges/${encodeURIComponent(id)}`, { source });
  }

  node(id) {
    return this.get(`/nodes/${encodeId(id)}`);
  }

  search(q, signal) {
    return this.get("/search", { q, limit: 8 }, signal);
  }
}

/** The page of a node. */
export const pageOf = (id) => `/nodes/${encodeId(id)}`;
