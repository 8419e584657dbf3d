"use strict";
// Point symbols as pictures for the map, and samples of all symbols for the legend.
const symbols = (() => {
  const { data } = page;
  const PX_PER_MM = 96 / 25.4, PICTURE_PX = 96;
  const SVG = "http://www.w3.org/2000/svg";

  function outline(shape, middle, radius) {
    const corners = data.outlines[shape].map(([x, y]) => [middle[0] + 2 * x * radius, middle[1] - 2 * y * radius]);
    return `M${corners.map((corner) => corner.map((v) => v.toFixed(2)).join(" ")).join("L")}Z`;
  }

  function path(shape, middle, radius) {
    if (shape !== "circle") return outline(shape, middle, radius);
    const [x, y] = middle;
    return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
  }

  // A picture as large as the symbol and its outline; icon-size 1 gives the symbol's own diameter.
  function picture(symbol) {
    const across = symbol.size_mm * PX_PER_MM, scale = PICTURE_PX / across;
    const edge = symbol.outline_mm * PX_PER_MM * scale, side = Math.ceil(PICTURE_PX + edge + 4);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const drawn = new Path2D(path(symbol.shape, [side / 2, side / 2], PICTURE_PX / 2));
    context.globalAlpha = symbol.opacity;
    context.lineJoin = "round";
    if (symbol.fill) { context.fillStyle = symbol.colour; context.fill(drawn); }
    context.strokeStyle = symbol.fill ? symbol.outline || "#ffffff" : symbol.colour;
    context.lineWidth = edge;
    if (edge > 0) context.stroke(drawn);
    return { image: context.getImageData(0, 0, side, side), ratio: scale };
  }

  function part(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function sample(kind, symbol) {
    const across = kind === "point" ? Math.min(34, symbol.size_mm * PX_PER_MM * 1.25) : 0;
    const width = 34, height = Math.max(18, across + 4), middle = height / 2;
    const svg = part("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    const dash = (name) => (data.dashes[name] ?? []).map((v) => (v * PX_PER_MM).toFixed(2)).join(" ") || "none";
    if (kind === "line") {
      const stroke = (colour, mm, pattern) => svg.append(part("path", {
        d: `M1 ${middle}H${width - 1}`, stroke: colour, "stroke-width": Math.max(1, mm * PX_PER_MM * 1.15),
        "stroke-dasharray": pattern, opacity: symbol.opacity, fill: "none" }));
      if (symbol.casing) stroke(symbol.casing, symbol.width_mm + 2 * symbol.casing_mm, "none");
      stroke(symbol.colour, symbol.width_mm, dash(symbol.dash));
    } else if (kind === "polygon") {
      svg.append(part("rect", {
        x: 2, y: middle - 6.5, width: width - 4, height: 13,
        fill: symbol.fill ? symbol.colour : "none", "fill-opacity": symbol.opacity,
        stroke: symbol.outline || (symbol.fill ? "#00000022" : symbol.colour),
        "stroke-width": symbol.outline_mm * PX_PER_MM, "stroke-dasharray": dash(symbol.outline_dash) }));
    } else {
      svg.append(part("path", {
        d: path(symbol.shape, [width / 2, middle], across / 2),
        fill: symbol.fill ? symbol.colour : "none", opacity: symbol.opacity,
        stroke: symbol.fill ? symbol.outline || "#ffffff" : symbol.colour,
        "stroke-width": symbol.outline_mm * PX_PER_MM }));
    }
    return svg;
  }

  return { picture, sample };
})();
