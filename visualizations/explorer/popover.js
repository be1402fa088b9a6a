// A small menu under a button: opens on click, closes on Escape, on choosing and on leaving.
import { h } from "./dom.js";

/** Return a wrapped button whose menu holds what `content()` returns. */
export function menu(trigger, content, { label, end = false }) {
  const box = h("div", { class: `pop${end ? " right" : ""}`, hidden: true, role: "group", "aria-label": label });
  const wrap = h("span", { class: "popw" }, trigger, box);
  const show = (open) => {
    if (open) box.replaceChildren(...content(() => show(false)).filter(Boolean));
    box.hidden = !open;
    trigger.setAttribute("aria-expanded", open ? "true" : "false");
    const first = open ? box.querySelector("input, button, a") : null;
    if (first) first.focus();
  };
  trigger.setAttribute("aria-expanded", "false");
  trigger.addEventListener("click", () => show(box.hidden));
  wrap.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    event.stopPropagation();
    show(false);
    trigger.focus();
  });
  wrap.addEventListener("focusout", (event) => {
    if (!box.hidden && event.relatedTarget && !wrap.contains(event.relatedTarget)) show(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!box.hidden && !wrap.contains(event.target)) show(false);
  });
  return { element: wrap, open: () => show(true), close: () => show(false) };
}
