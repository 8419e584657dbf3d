"use strict";
// Starts the page: what it says of itself first, then the map.
(() => {
  const { data, word, find, make } = page;

  function imprint() {
    const { marks } = data;
    find("skip").append(word("skip"));
    find("panel").setAttribute("aria-label", word("panel"));
    find("tools").setAttribute("aria-label", word("map"));
    find("internal").append(marks.internal);
    find("scenarios").append(marks.scenarios.join("　"));
    find("stale").append(marks.stale ? word("stale", { recipes: marks.stale }) : "");
    find("imprint").append(...marks.lines.map((line) => make("span", {}, line)));
    find("sources").querySelector("summary").append(marks.sources);
    find("modelled").hidden = !marks.modelled.length;
    find("modelled").querySelector("summary").append(word("modelled_short", { count: marks.modelled.length }));
    find("modelled").querySelector("p").append(marks.modelled.join("、"));
  }

  function extent() {
    const known = ["county", "townships"].map((name) => data.layers.find((layer) => layer.name === name)).find(Boolean);
    const shown = known ? [known] : data.layers;
    const shapes = shown.flatMap((layer) => [...geometry.starts(layer.shapes)].map(geometry.shape));
    return shapes.length ? geometry.bounds(shapes) : [73, 18, 135, 54];
  }

  // On a wide screen the county stands clear of the legend.
  function padding() {
    const left = find("map").clientWidth > 900 ? 190 : 24;
    return { left, right: 24, top: 24, bottom: 24 };
  }

  function create() {
    const box = extent();
    const wide = (box[2] - box[0]) * 0.6 + 0.05, high = (box[3] - box[1]) * 0.6 + 0.05;
    const locale = {
      "NavigationControl.ZoomIn": word("zoom_in"), "NavigationControl.ZoomOut": word("zoom_out"),
      "ScaleControl.Meters": word("m"), "ScaleControl.Kilometers": word("km"),
      "Map.Title": `${word("map")}。${word("keys")}`, "Popup.Close": word("close"),
    };
    // Without a glyph address the library draws every letter with the reader's own fonts.
    return new maplibregl.Map({
      container: "map", locale, attributionControl: false, dragRotate: false, pitchWithRotate: false,
      maxPitch: 0, maxZoom: 17, fadeDuration: 0, localIdeographFontFamily: false,
      bounds: box, fitBoundsOptions: { padding: padding() }, renderWorldCopies: false,
      maxBounds: [box[0] - wide, box[1] - high, box[2] + wide, box[3] + high],
      canvasContextAttributes: { preserveDrawingBuffer: true }, // a printed canvas is read later
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#f5f4ef" } }] },
    });
  }

  function controls(map, box) {
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-right");
    const whole = make("button", { type: "button", id: "whole", onclick: () => map.fitBounds(box, { padding: padding(), animate: false }) }, word("whole"));
    find("tools").append(whole);
  }

  function start() {
    imprint();
    let map;
    try {
      map = create();
    } catch (error) {
      find("map").append(make("p", { class: "note" }, word("no_webgl")));
      figures.start(); // the table needs no map
      return;
    }
    page.map = map;
    map.on("load", () => {
      controls(map, extent());
      layers.start(map);
      legend.start();
      measure.start(map);
      popup.start(map);
      search.start(map);
      printing.start(map);
      data.layers.filter((layer) => layer.visible).forEach((layer) => layers.show(layer.name, true));
      figures.start();
      map.once("idle", () => { document.documentElement.dataset.ready = "yes"; });
    });
  }

  // A browser without these is too old for the map as well.
  page.load().then(start, () => find("map").append(make("p", { class: "note" },
    "此浏览器版本过旧，无法打开本图。This browser is too old for this map.")));
})();
