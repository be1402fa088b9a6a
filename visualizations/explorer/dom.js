// Elements without markup: every text goes through textContent, so a hostile name stays a text.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Return an HTML element; attributes named on… are listeners, children are elements or plain texts. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Return an SVG element. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Return an icon of the page's symbols. */
export function icon(name) {
  return s("svg", { class: "i", "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));
}

/** Return a button with an icon in front of its words. */
export function button(label, iconName, onclick, attributes = {}) {
  const { class: kind = "btn", ...rest } = attributes;
  return h("button", { type: "button", class: kind, onclick, ...rest }, iconName ? icon(iconName) : null, label);
}

/** Replace all children. */
export function put(element, ...children) {
  element.replaceChildren();
  return fill(element, {}, children);
}

/** Let the browser lay out, paint and answer the user before going on: no task of ours blocks for long. */
export function pause() {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, 60); // a page in the background paints no frames
    requestAnimationFrame(() => {
      clearTimeout(late);
      setTimeout(resolve, 0);
    });
  });
}

/** Call `work` for every item, pausing whenever `milliseconds` have been spent; stops when `goesOn` says no. */
export async function sliced(items, work, { milliseconds = 16, goesOn = () => true } = {}) {
  let until = performance.now() + milliseconds;
  for (const item of items) {
    work(item);
    if (performance.now() < until) continue;
    await pause();
    if (!goesOn()) return false;
    until = performance.now() + milliseconds;
  }
  return true;
}

/** Offer a text or blob as a file; nothing leaves the browser. */
export function download(name, content, type) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
