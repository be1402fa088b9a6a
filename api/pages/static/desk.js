// The desk's only script: suggestions while one types, "/" to search, menus that close. Every page works without it.
"use strict";
(() => {
  const WAIT = 120;
  const MOST = 8;
  const root = document.documentElement;
  const live = document.getElementById("live");
  const english = root.lang === "en";
  const say = (text) => { if (live) live.textContent = text; };
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const menus = () => [...document.querySelectorAll("details.menu[open]")];
  let boxes = 0;

  /** What a suggestion puts into a field: a code for an occupation or a school, name and level for a skill. */
  const valueOf = (node) => {
    if (node.kind === "skill") return `${node.name}=3*1`;
    return node.kind === "occupation" ? node.key.split("@")[0] : node.key;
  };
  const addTo = (field, node) => {
    const join = field.tagName === "TEXTAREA" ? "\n" : "、";
    const held = field.value.trimEnd();
    field.value = held ? held + join + valueOf(node) : valueOf(node);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const suggest = (input) => {
    boxes += 1;
    const name = `sug-${boxes}`;
    const kind = input.dataset.suggest;
    const list = make("ul", { id: name, class: "sugb", role: "listbox", "aria-label": english ? "Suggestions" : "搜索建议", hidden: "" });
    let found = [];
    let at = -1;
    let timer = 0;
    let asking = null;
    input.removeAttribute("list");
    for (const [key, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", name]]) input.setAttribute(key, value);
    input.parentNode.append(list);

    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (place) => {
      at = place;
      [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
      if (at < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", `${name}-${at}`);
      return list.children[at].scrollIntoView({ block: "nearest" });
    };
    const choose = (node) => {
      close();
      const target = document.getElementById(input.dataset.add || "");
      if (target) {
        addTo(target, node);
        input.value = "";
        say(english ? `${node.name} added` : `已加入 ${node.name}`);
      } else if (kind) {
        input.value = valueOf(node);
      } else {
        location.assign(`/nodes/${encodeURIComponent(node.kind)}/${encodeURIComponent(node.key)}`);
      }
    };
    const show = (items) => {
      const held = at < 0 ? "" : `${found[at].node.kind}:${found[at].node.key}`;
      found = items;
      list.replaceChildren(...items.map((hit, index) => {
        const item = make("li", { id: `${name}-${index}`, role: "option", "aria-selected": "false" },
          make("span", {}, hit.node.name), make("span", { class: "xs" }, hit.subtitle), make("span", { class: "xs" }, hit.matched.text));
        item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(hit.node); });
        return item;
      }));
      list.hidden = items.length === 0;
      input.setAttribute("aria-expanded", String(items.length > 0));
      mark(items.findIndex((hit) => `${hit.node.kind}:${hit.node.key}` === held));
      say(english ? `${items.length} suggestions` : items.length ? `${items.length} 条建议，用上下键选` : "没有建议");
    };
    const ask = async () => {
      const words = input.value.trim();
      if (asking) asking.abort();
      if (!words) return close();
      asking = new AbortController();
      try {
        const query = new URLSearchParams({ q: words, limit: String(MOST), ...(kind ? { kind } : {}) });
        const answer = await fetch(`/api/v1/search?${query}`, { signal: asking.signal, headers: { accept: "application/json" } });
        if (answer.ok && document.activeElement === input) show((await answer.json()).items);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
      return undefined;
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || list.hidden) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        clearTimeout(timer); // what one is choosing from does not change under one's fingers
        if (asking) asking.abort();
        mark((at + step + found.length + (at < 0 && step < 0 ? 1 : 0)) % found.length);
      } else if (event.key === "Enter" && at >= 0) choose(found[at].node);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  };

  root.classList.add("js");
  const done = document.querySelector(".done > span");
  if (done) setTimeout(() => say(done.textContent), WAIT);
  document.querySelectorAll("input[data-suggest]").forEach(suggest);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = menus();
      open.forEach((menu) => { menu.open = false; });
      if (open.length) open[open.length - 1].querySelector("summary").focus();
    }
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    const search = document.querySelector("#q, #gq");
    if (event.key === "/" && !event.defaultPrevented && !typing && search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
  });
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
})();
