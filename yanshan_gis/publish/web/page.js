"use strict";
// The page's data, words and elements. All text goes in as text, never as markup.
const page = (() => {
  const data = {}; // filled once, before anything is drawn

  async function load() {
    const bytes = Uint8Array.from(atob(document.getElementById("data").textContent), (c) => c.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    Object.assign(data, JSON.parse(await new Response(plain).text()));
    await document.fonts.load('16px "Yanshan Page"', data.county); // before letters are drawn with it
  }

  function word(name, values = {}) {
    return data.words[name].replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  }

  function find(id) {
    return document.getElementById(id);
  }

  // Builds an element from its name, its attributes and what is in it.
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  function number(value, digits = 6) {
    return value.toLocaleString(data.language === "zh" ? "zh-CN" : "en-GB", { maximumSignificantDigits: digits });
  }

  // Reads a column that lists its words once.
  function cell(column, row) {
    return Array.isArray(column) ? column[row] : column.words[column.rows[row]];
  }

  return { data, load, word, find, make, number, cell };
})();
