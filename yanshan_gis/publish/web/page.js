"use strict";
// The page's data, words and elements. All text goes in as text, never as markup.
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const locale = data.language === "zh" ? "zh-CN" : "en-GB";

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
    return value.toLocaleString(locale, { maximumSignificantDigits: digits });
  }

  // Reads a column that lists its words once.
  function cell(column, row) {
    return Array.isArray(column) ? column[row] : column.words[column.rows[row]];
  }

  return { data, word, find, make, number, cell };
})();
