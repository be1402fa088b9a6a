// What the explorer says: Chinese first, English where the page is English.
import { EN } from "./words_en.js";
import { ZH } from "./words_zh.js";

const TABLE = document.documentElement.lang.startsWith("en") ? EN : ZH;

/** Return a sentence with its {values} put in; an unknown one is an error of ours and says so at once. */
export function t(name, values = {}) {
  const text = TABLE[name];
  if (text === undefined) throw new Error(`no words for ${name}`);
  return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** Return a whole number as tables show it: 4,986. */
export const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

const learned = new Map();

/** Learn the English of what the service says in Chinese: names of columns, closed values. */
export function learn(words = {}) {
  for (const [chinese, english] of Object.entries(words)) learned.set(chinese, english);
}

/** Return a label or a value in the language of the page; a name stays as it is. */
export const said = (text) => learned.get(text) ?? text;

/** Return a line of several words, each in the language of the page. */
export const saidAll = (line) => (line || "").split(" · ").map(said).join(" · ");

/** True where the page is English. */
export const inEnglish = () => TABLE === EN;

/** Return the language's name of something that has `zh` and `en`. */
export const named = (thing) => (TABLE === EN && thing.en ? thing.en : thing.zh);
