// How kinds and edges look: shapes and classes come from the server's one declaration, geometry is worked out here.
import { s } from "./dom.js";

const VIEW_BOX = "-20.5 -20.5 41 41";
const STYLE_CLASS = { structure: "st", ability: "cap", service: "svc", class: "cls" };
const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;

let marks = {};

/** Take the declared marks: `{kind: {path, inner, glyph, y, classes}}`. */
export function declare(declared) {
  marks = declared;
}

/** Return the mark of a kind; an unknown one is a plain square. */
export function markOf(kind) {
  return marks[kind] || { path: "M-14 -14H14V14H-14z", inner: "", glyph: "?", y: 5.2, classes: "common l2" };
}

/** Return the shape of a kind. */
export function shapeOf(kind) {
  const mark = markOf(kind);
  return [s("path", { class: "s", d: mark.path }), mark.inner ? s("path", { class: "s in", d: mark.inner }) : null];
}

/** Return the character that stands on the shape. */
export function glyphOf(kind) {
  const mark = markOf(kind);
  return s("text", { class: "gl", y: mark.y }, mark.glyph);
}

/** Return a small picture of a kind, for lists and tables. */
export function kindMark(kind) {
  return s("svg", { class: `k ${markOf(kind).classes}`, viewBox: VIEW_BOX, "aria-hidden": "true" }, shapeOf(kind), glyphOf(kind));
}

/** Return the classes of an edge's line. */
export function lineClass(edge) {
  return `ed ${edge.inferred ? "inf" : STYLE_CLASS[edge.style] || "st"}${edge.evidence ? " cited" : ""}`;
}

/** Return a short sample of a line for the legend. */
export function lineSample(style) {
  const shape = style === "inferred" ? { inferred: true } : { style };
  const double = style === "service" ? s("path", { class: "ed svc2", d: "M1 8H33" }) : null;
  return s(
    "svg",
    { class: "ln", viewBox: "0 0 34 16", width: 34, height: 16, "aria-hidden": "true" },
    s("path", { class: lineClass(shape), d: "M1 8H33" }),
    double,
  );
}

/** Return about how wide a text is at 12 units, without asking the browser to lay it out. */
export function widthOf(text) {
  let width = 0;
  for (const sign of text) width += WIDE.test(sign) ? 12 : 6.8;
  return width;
}

/** Return a text of at most `most` units, with an ellipsis where it is longer. */
export function shortened(text, most) {
  if (widthOf(text) <= most) return text;
  let width = 12;
  let kept = "";
  for (const sign of text) {
    width += WIDE.test(sign) ? 12 : 6.8;
    if (width > most) break;
    kept += sign;
  }
  return `${kept}…`;
}
