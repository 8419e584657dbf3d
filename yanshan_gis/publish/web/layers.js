"use strict";
// Layers on the map: built when they are first switched on, each at its height.
const layers = (() => {
  const { data, cell } = page;
  // From the ground up; labels of all layers lie above all symbols.
  const HEIGHTS = { fill: 10, casing: 20, line: 21, border: 30, point: 40, label: 50 };
  const found = new Map(); // by name: the layer's data, its map layers, whether it is shown
  const listeners = [];
  let map = null;

  function start(target) {
    map = target;
    data.figures.forEach((figure) => figure.layer && enter(figure.layer, -1));
    data.layers.forEach((layer, position) => enter(layer, data.layers.length - position));
  }

  function enter(layer, position) {
    found.set(layer.name, { layer, position, ids: [], shown: false, shapes: null });
  }

  function shapesOf(entry) {
    entry.shapes ??= [...geometry.starts(entry.layer.shapes)].map(geometry.shape);
    return entry.shapes;
  }

  function features(entry) {
    const properties = Object.entries(entry.layer.properties);
    return shapesOf(entry).map((shape, row) => {
      const held = { row };
      for (const [name, column] of properties) {
        const value = cell(column, row);
        if (value !== null && value !== undefined) held[name] = value;
      }
      return { type: "Feature", geometry: shape, properties: held };
    });
  }

  function source(id, list) {
    map.addSource(id, { type: "geojson", data: { type: "FeatureCollection", features: list }, tolerance: 0.2 });
  }

  function height(entry, drawn) {
    const { role, priority = 0 } = drawn.metadata;
    // Of labels the important are placed first, and those are the upper ones.
    if (role === "label") return HEIGHTS.label + priority / 1000;
    const ground = entry.position < 0 ? 0 : HEIGHTS[role];
    return ground + entry.position / 1000;
  }

  function build(entry) {
    const { layer } = entry;
    source(layer.name, features(entry));
    if (layer.borders) {
      source(`${layer.name}|borders`, layer.borders.map(([index, shape]) => ({
        type: "Feature", geometry: geometry.shape(shape), properties: { class: index } })));
    }
    if (layer.anchors) {
      source(`${layer.name}|anchors`, features(entry).map((feature, row) => ({
        ...feature, geometry: geometry.shape(layer.anchors[row]) })));
    }
    layer.drawn.forEach((drawn, number) => {
      const id = `${layer.name}|${number}`;
      const spec = { ...drawn, id, source: drawn.metadata.own ? `${layer.name}|${drawn.metadata.own}` : layer.name };
      spec.metadata = { ...drawn.metadata, layer: layer.name, height: height(entry, drawn) };
      if (drawn.metadata.picture) {
        const name = `${layer.name}|${drawn.metadata.class}`;
        const { image, ratio } = symbols.picture(layer.symbols[drawn.metadata.class]);
        if (!map.hasImage(name)) map.addImage(name, image, { pixelRatio: ratio });
        spec.layout = { ...drawn.layout, "icon-image": name };
      }
      const above = map.getStyle().layers.find((other) => (other.metadata?.height ?? -1) > spec.metadata.height);
      map.addLayer(spec, above?.id);
      entry.ids.push(id);
    });
  }

  function show(name, shown) {
    const entry = found.get(name);
    if (!entry || entry.shown === shown) return;
    entry.shown = shown;
    if (shown && !entry.ids.length) build(entry);
    else entry.ids.forEach((id) => map.setLayoutProperty(id, "visibility", shown ? "visible" : "none"));
    listeners.forEach((listener) => listener(name, shown));
  }

  function hideLabels(name, hidden) {
    const entry = found.get(name);
    if (!entry?.shown) return;
    entry.ids.filter((id) => map.getLayer(id).metadata.role === "label")
      .forEach((id) => map.setLayoutProperty(id, "visibility", hidden ? "none" : "visible"));
  }

  // What lies at a point of the screen, top first, each feature once.
  function at(point, reach = 5) {
    const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
    const ids = [...found.values()].filter((e) => e.shown).flatMap((e) => e.ids).filter((id) => map.getLayer(id).source.indexOf("|") < 0);
    const seen = new Map();
    for (const hit of map.queryRenderedFeatures(box, { layers: ids })) {
      const name = hit.layer.metadata.layer, key = `${name}|${hit.properties.row}`;
      if (!seen.has(key)) seen.set(key, { name, row: hit.properties.row });
    }
    return [...seen.values()];
  }

  return {
    start, show, hideLabels, at,
    get: (name) => found.get(name)?.layer,
    shapes: (name) => shapesOf(found.get(name)),
    shown: () => [...found.values()].filter((entry) => entry.shown).map((entry) => entry.layer),
    isShown: (name) => Boolean(found.get(name)?.shown),
    listen: (listener) => listeners.push(listener),
  };
})();
