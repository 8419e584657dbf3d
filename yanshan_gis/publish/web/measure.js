"use strict";
// Measuring lengths and areas, with the mouse or with the keyboard at the map's centre.
const measure = (() => {
  const { word, find, make, number } = page;
  const buttons = {};
  let map = null, mode = null, places = [];

  function metres(value) {
    return value < 1000 ? `${number(value, 4)} ${word("m")}` : `${number(value / 1000, 5)} ${word("km")}`;
  }

  function squares(value) {
    const mu = `${number(value * 0.0015, 5)} ${word("mu")}`;
    return value < 1e6 ? `${number(value, 4)} ${word("m2")} = ${mu}` : `${number(value / 1e6, 5)} ${word("km2")} = ${mu}`;
  }

  function result() {
    if (mode === "distance") return word("length_is", { value: metres(geometry.length(places)) });
    const around = geometry.length([...places, ...places.slice(0, 1)]);
    return word("area_is", { value: squares(geometry.area(places)), around: metres(around) });
  }

  function draw() {
    const path = mode === "area" && places.length > 2 ? [...places, places[0]] : places;
    const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });
    const drawn = [];
    if (path.length > 1) drawn.push(feature("LineString", path));
    if (mode === "area" && places.length > 2) drawn.push(feature("Polygon", [path]));
    drawn.push(...places.map((place) => feature("Point", place)));
    map.getSource("measure").setData({ type: "FeatureCollection", features: drawn });
    find("measured").hidden = !mode;
    if (mode) find("measured").replaceChildren(make("strong", {}, result()), make("small", {}, word("measure_hint")));
  }

  function turn(wanted) {
    mode = mode === wanted ? null : wanted;
    places = [];
    popup.close();
    for (const [name, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(name === mode));
    map.getCanvas().style.cursor = mode ? "crosshair" : "";
    map.doubleClickZoom[mode ? "disable" : "enable"]();
    if (mode) map.getCanvas().focus();
    draw();
  }

  function add(place) {
    places.push([place.lng, place.lat]);
    draw();
  }

  function start(target) {
    map = target;
    map.addSource("measure", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    const colour = "#a3271c", height = { height: 90 };
    map.addLayer({ id: "measure-fill", type: "fill", source: "measure", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.12 }, metadata: height });
    map.addLayer({ id: "measure-line", type: "line", source: "measure", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": colour, "line-width": 2.5 }, metadata: height });
    map.addLayer({ id: "measure-points", type: "circle", source: "measure", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "#ffffff", "circle-radius": 4, "circle-stroke-color": colour, "circle-stroke-width": 2 }, metadata: height });
    for (const name of ["distance", "area"]) {
      buttons[name] = make("button", { type: "button", id: `measure-${name}`, "aria-pressed": "false", onclick: () => turn(name) }, word(name));
      find("tools").append(buttons[name]);
    }
    map.on("click", (event) => { if (mode) add(event.lngLat); });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (!mode) return;
      if (event.key === "Enter") { event.preventDefault(); add(map.getCenter()); }
      if (event.key === "Backspace") { event.preventDefault(); places.pop(); draw(); }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && mode) { const button = buttons[mode]; turn(mode); button.focus(); }
    });
  }

  return { start, active: () => mode !== null };
})();
