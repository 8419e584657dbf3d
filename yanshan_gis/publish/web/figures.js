"use strict";
// Figures by township: shaded on the map, and whole in a table.
const figures = (() => {
  const { data, word, find, make } = page;
  const NAMED = ["townships", "county", "seats"]; // the shaded townships carry their names
  let current = null;

  function table(figure) {
    const heads = ["township", "numerator", "denominator", "value"].map((name) => make("th", { scope: "col" }, word(name)));
    const rows = figure.rows.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((text) => make("td", {}, text))));
    return make("table", {}, make("caption", {}, figure.title), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  }

  function choose(index) {
    if (current?.layer) layers.show(current.layer.name, false);
    current = data.figures[index] ?? null;
    if (current?.layer) layers.show(current.layer.name, true);
    NAMED.forEach((name) => layers.hideLabels(name, Boolean(current?.layer)));
    const told = current ? [make("strong", {}, `${word("whole_county")} ${current.headline}`)] : [];
    find("headline").replaceChildren(...told);
    find("table").hidden = !current;
    find("table").querySelector("table")?.remove();
    if (current) find("table").append(table(current));
  }

  function start() {
    find("figures").hidden = !data.figures.length;
    find("figures").querySelector("label").append(word("indicator"));
    find("table").querySelector("summary").append(word("table"));
    const select = find("figure");
    select.append(make("option", { value: "" }, word("no_indicator")));
    for (const recipe of new Set(data.figures.map((figure) => figure.recipe))) {
      const options = data.figures.map((figure, index) => [figure, index]).filter(([figure]) => figure.recipe === recipe)
        .map(([figure, index]) => make("option", { value: index }, figure.title));
      select.append(make("optgroup", { label: recipe }, ...options));
    }
    select.addEventListener("change", () => choose(select.value === "" ? -1 : Number(select.value)));
    layers.listen((name, shown) => { if (NAMED.includes(name) && shown) layers.hideLabels(name, Boolean(current?.layer)); });
    if (data.figures.length) { select.value = "0"; choose(0); } else choose(-1);
  }

  return { start };
})();
