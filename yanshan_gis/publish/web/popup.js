"use strict";
// What is known of the features at a place.
const popup = (() => {
  const { word, make, cell, number } = page;
  let map = null, open = null;

  function value(column, row) {
    const found = cell(column.values, row);
    if (found === null || found === undefined || found === "") return null;
    const text = typeof found === "number" ? number(found) : String(found);
    return typeof found === "number" && column.unit
      ? text + (column.unit === "%" ? "%" : ` ${column.unit}`) : text;
  }

  function describe({ name, row }) {
    const layer = layers.get(name);
    const label = layer.properties.label && cell(layer.properties.label, row);
    const rows = layer.columns.map((column) => [column.title, value(column, row)]).filter(([, text]) => text !== null);
    const named = layer.columns.find((column) => column.name === "name");
    const title = (named && cell(named.values, row)) || label || layer.title;
    const body = rows.length
      ? make("dl", {}, ...rows.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)]))
      : make("p", {}, word("nothing_known"));
    const tag = layer.modelled ? [" ", make("span", { class: "tag" }, word("modelled_tag"))] : [];
    return [make("h3", {}, String(title).replace("\n", " ")), make("p", {}, layer.title, ...tag), body];
  }

  function show(place, hits) {
    close();
    const body = make("div", { class: "popup", role: "dialog", "aria-label": layers.get(hits[0].name).title });
    let current = 0;
    const draw = () => {
      const parts = describe(hits[current]);
      if (hits.length > 1) {
        const turn = (step) => () => {
          current = (current + step + hits.length) % hits.length;
          draw();
          body.querySelectorAll("nav button")[step < 0 ? 0 : 1].focus();
        };
        parts.push(make("nav", {},
          make("button", { type: "button", "aria-label": word("previous"), onclick: turn(-1) }, "‹"),
          make("span", {}, word("of", { number: current + 1, count: hits.length })),
          make("button", { type: "button", "aria-label": word("next"), onclick: turn(1) }, "›")));
      }
      body.replaceChildren(...parts);
    };
    draw();
    open = new maplibregl.Popup({ maxWidth: "340px", locale: { "Popup.Close": word("close") } })
      .setLngLat(place).setDOMContent(body).addTo(map);
  }

  function close() {
    open?.remove();
    open = null;
  }

  function ask(point, reach) {
    const hits = layers.at(point, reach);
    if (hits.length) show(map.unproject(point), hits);
    else close();
    return hits.length > 0;
  }

  function start(target) {
    map = target;
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = !measure.active() && layers.at(event.point, 3).length ? "pointer" : "";
    });
    map.on("click", (event) => { if (!measure.active()) ask(event.point); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && open) { close(); map.getCanvas().focus(); }
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !measure.active()) ask(map.project(map.getCenter()), 12);
    });
  }

  return { start, show, close };
})();
