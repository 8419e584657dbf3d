"use strict";
// The legend of what is on the map, and the tree by which layers are switched on.
const legend = (() => {
  const { data, word, find, make } = page;

  function block(layer) {
    const entries = layer.legend.map((entry) => (entry.heading
      ? make("div", { class: "sizes" }, entry.heading)
      : make("div", { class: "entry" },
        symbols.sample(layer.kind === "polygon" || layer.kind === "line" ? layer.kind : "point", entry.symbol),
        make("span", {}, layer.legend.length === 1 ? layer.title : entry.title),
        ...(entry.count === undefined ? [] : [make("b", {}, page.number(entry.count))]))));
    const title = layer.legend.length === 1 ? [] : [make("h3", {}, layer.title)];
    return [...title, ...entries];
  }

  function draw() {
    const shown = layers.shown();
    // Single lines first: after a heading they would seem to belong to it.
    const ordered = [...shown.filter((l) => l.legend.length > 1), ...shown.filter((l) => l.legend.length === 1)];
    find("entries").replaceChildren(...(shown.length ? ordered.flatMap(block) : [word("legend_empty")]));
  }

  function row(name) {
    const layer = layers.get(name);
    const box = make("input", { type: "checkbox", "data-layer": name, onchange: () => layers.show(name, box.checked) });
    const tag = layer.modelled ? [make("span", { class: "tag" }, word("modelled_tag"))] : [];
    return make("li", {}, make("label", {}, box, make("span", {}, layer.title), ...tag));
  }

  function group(item, open) {
    return make("details", { open },
      make("summary", {}, item.title),
      ...item.groups.map((inner) => group(inner, false)),
      make("ul", {}, ...item.layers.map(row)));
  }

  function start() {
    find("layers").querySelector("h2").append(word("layers"));
    find("layers").append(...data.groups.map((item) => group(item, true)));
    find("legend").querySelector("summary").append(word("legend"));
    layers.listen((name, shown) => {
      const box = document.querySelector(`input[data-layer="${CSS.escape(name)}"]`);
      if (box) box.checked = shown;
      draw();
    });
    draw();
  }

  return { start };
})();
