// The search box: finds by name, alias, code, pinyin, initials while one types; all by keyboard if one likes.
import { h } from "./dom.js";
import { kindMark } from "./marks.js";
import { saidAll, t } from "./words.js";

const WAIT = 120;
let boxes = 0;

/** Return a box with suggestions; `onchoose({id, kind, key, name})` is told what was taken. */
export function searchBox(api, { label, onchoose, value = "", hits = () => [] }) {
  boxes += 1;
  const listId = `hits-${boxes}`;
  const input = h("input", {
    class: "in", type: "text", role: "combobox", autocomplete: "off", "aria-label": label, placeholder: label,
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", value,
  });
  const list = h("ul", { id: listId, class: "sug", role: "listbox", "aria-label": t("suggestions"), hidden: true });
  const note = h("p", { class: "vh", role: "status" });
  let found = [];
  let at = -1;
  let timer = null;
  let asking = null;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (hit) => {
    close();
    input.value = hit.name;
    onchoose(hit);
  };
  const mark = (place) => {
    at = place;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", index === at ? "true" : "false"));
    if (at >= 0) input.setAttribute("aria-activedescendant", `${listId}-${at}`);
  };
  const show = (items) => {
    found = items;
    list.replaceChildren(...items.map((hit, index) => h(
      "li",
      { id: `${listId}-${index}`, role: "option", "aria-selected": "false", onpointerdown: (event) => {
        event.preventDefault();
        choose(hit);
      } },
      kindMark(hit.kind),
      h("span", {}, hit.name, h("small", {}, saidAll(hit.subtitle))),
    )));
    if (items.length === 0) list.replaceChildren(h("li", { class: "none", role: "option", "aria-disabled": "true" }, t("nothing-found")));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    note.textContent = t("found-n", { n: items.length });
    mark(items.length > 0 ? 0 : -1);
  };
  const ask = async () => {
    const words = input.value.trim();
    if (asking) asking.abort();
    if (!words) return close();
    asking = new AbortController();
    try {
      const answer = await api.search(words, asking.signal);
      const items = answer.items.map(({ node, subtitle }) => ({ ...node, id: `${node.kind}:${node.key}`, subtitle }));
      return show([...hits(words), ...items]);
    } catch (error) {
      if (error.name !== "AbortError") note.textContent = error.message;
      return null;
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else if (found.length > 0) mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      choose(found[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  return { element: h("div", { class: "sb" }, input, list, note), input };
}
