// Every step has a name and can be taken back, without limit. Back and Forward of the browser are undo and redo.
import { decodeScene, encode } from "./address.js";

const KEPT = 49; // a browser keeps 50 entries of a tab; steps further back are ours alone
const PATIENCE = 1500; // milliseconds for the browser to go back or forward
const LATEST = 15000; // milliseconds after which it will not come any more

/**
 * Remembers scenes as addresses. `apply(scene, name)` draws one; `changed()` is told after every move.
 * A step stands at `at` in our list and at `slot` among the browser's entries; all moves wait for one another.
 */
export class History {
  constructor(apply, changed) {
    Object.assign(this, { apply, changed, at: 0, slot: 0, highest: 0, queue: Promise.resolve(), arrival: null, late: 0 });
    this.steps = [{ name: "", address: encode(decodeScene(window.location.hash)) }];
    this.session = `explorer.${Date.now().toString(36)}.${Math.floor(Math.random() * 1e9).toString(36)}`;
    this._resume(window.history.state);
    this.standing = new Map([[this.slot, this.at]]);
    window.addEventListener("popstate", (event) => this._arrived(event.state));
  }

  /** Return the scene of the step we stand on. */
  current() {
    return decodeScene(this.steps[this.at].address);
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.steps.length - 1;
  }

  /** Name the first step and write its address without adding one to go back to. */
  start(scene, name) {
    return this._then(() => {
      const before = this.steps[this.at];
      this.steps[this.at] = { name: before.name || name, address: encode(scene) };
      this._write("replaceState");
    });
  }

  /** Add a step. What was undone before is forgotten, as everywhere. */
  push(scene, name) {
    return this._then(() => {
      const address = encode(scene);
      if (address === this.steps[this.at].address) return;
      this.steps = [...this.steps.slice(0, this.at + 1), { name, address }];
      this.at += 1;
      this.slot += 1;
      this.highest = this.slot;
      this._write("pushState");
    });
  }

  /** Write a scene anew, its positions having come to rest: no step of its own, wherever we stand by now. */
  settle(before, scene) {
    return this._then(() => {
      const old = encode(before);
      const at = this.steps[this.at].address === old ? this.at : this.steps.findIndex((step) => step.address === old);
      if (at < 0) return;
      this.steps[at] = { ...this.steps[at], address: encode(scene) };
      if (at === this.at) this._write("replaceState");
    });
  }

  undo() {
    return this._then(() => (this.canUndo ? this._step(-1) : null));
  }

  redo() {
    return this._then(() => (this.canRedo ? this._step(1) : null));
  }

  /** Go to any step of the list. */
  go(at) {
    return this._then(() => (at !== this.at && this.steps[at] ? this._jump(at) : null));
  }

  _then(work) {
    const done = this.queue.then(work);
    this.queue = done.catch(() => null); // a move that fails tells who asked for it and holds up none after it
    return done;
  }

  async _step(by) {
    const slot = this.slot + by;
    const kept = slot >= Math.max(0, this.highest - KEPT) && slot <= this.highest;
    if (!kept || this.standing.get(slot) !== this.at + by) return this._jump(this.at + by);
    const arrived = new Promise((resolve) => {
      this.arrival = resolve;
      setTimeout(() => resolve(false), PATIENCE);
    });
    window.history.go(by);
    const there = await arrived;
    this.arrival = null;
    if (there) return null;
    this.late = performance.now() + LATEST; // should it come yet, it only says where the browser stands
    return this._jump(this.at + by);
  }

  _jump(at) {
    this.at = at;
    this._write("replaceState");
    this.apply(this.current(), this.steps[at].name);
  }

  _write(method) {
    this.standing.set(this.slot, this.at);
    const state = { session: this.session, at: this.at, slot: this.slot };
    const { pathname, search } = window.location;
    window.history[method](state, "", `${pathname}${search}#${this.steps[this.at].address}`);
    try {
      window.sessionStorage.setItem(this.session, JSON.stringify({ steps: this.steps, highest: this.highest }));
    } catch (error) {
      // Full or forbidden storage only means that undo does not outlive a reload.
    }
    this.changed();
  }

  _resume(state) {
    if (!state || !state.session) return;
    try {
      const kept = JSON.parse(window.sessionStorage.getItem(state.session));
      if (!kept || `#${kept.steps[state.at].address}` !== window.location.hash) return;
      Object.assign(this, { steps: kept.steps, highest: kept.highest });
      Object.assign(this, { at: state.at, slot: state.slot, session: state.session });
    } catch (error) {
      // Nothing kept, or not ours: the scene is in the address all the same.
    }
  }

  _arrived(state) {
    const own = Boolean(state) && state.session === this.session && Boolean(this.steps[state.at]);
    if (own && !this.arrival && performance.now() < this.late) {
      Object.assign(this, { slot: state.slot, late: 0 });
      this._write("replaceState");
      return;
    }
    if (own) {
      Object.assign(this, { slot: state.slot, at: state.at });
      this.standing.set(this.slot, this.at);
    } else {
      this.steps = [{ name: "", address: encode(decodeScene(window.location.hash)) }];
      this.at = 0;
    }
    this.changed();
    this.apply(this.current(), this.steps[this.at].name);
    if (this.arrival) this.arrival(true);
  }
}
