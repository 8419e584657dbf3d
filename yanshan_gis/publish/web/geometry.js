"use strict";
// Places: from whole steps to degrees, and lengths and areas on the ellipsoid of WGS 84.
const geometry = (() => {
  const { data } = page;
  const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F), E = Math.sqrt(E2);
  const radians = (degrees) => (degrees * Math.PI) / 180;

  function line(steps) {
    const found = [];
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      found.push([+(x * data.step).toFixed(6), +(y * data.step).toFixed(6)]);
    }
    return found;
  }

  function ring(steps) {
    const found = line(steps);
    return [...found, found[0]];
  }

  // Turns a shape into GeoJSON; `kind` is point, line or polygon.
  function decoded(kind, parts) {
    if (kind === "point") {
      const places = parts.map((part) => line(part)[0]);
      return places.length === 1
        ? { type: "Point", coordinates: places[0] }
        : { type: "MultiPoint", coordinates: places };
    }
    if (kind === "line") return { type: "MultiLineString", coordinates: parts.map(line) };
    return { type: "MultiPolygon", coordinates: parts.map((rings) => rings.map(ring)) };
  }

  // What a shape is, by its own nesting: a layer may hold points beside areas.
  function kindOf(parts) {
    if (parts.length && Array.isArray(parts[0][0])) return "polygon";
    return parts.length && parts[0].length > 2 ? "line" : "point";
  }

  function* starts(pairs) {
    for (let i = 0; i < pairs.length; i += 2) {
      for (let k = 0; k < pairs[i + 1]; k += 1) yield pairs[i] + k;
    }
  }

  function shape(index) {
    const parts = data.shapes[index];
    return decoded(kindOf(parts), parts);
  }

  function bounds(shapes) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const visit = (item) => {
      if (typeof item[0] !== "number") { item.forEach(visit); return; }
      box[0] = Math.min(box[0], item[0]); box[2] = Math.max(box[2], item[0]);
      box[1] = Math.min(box[1], item[1]); box[3] = Math.max(box[3], item[1]);
    };
    shapes.forEach((found) => visit(found.coordinates));
    return box;
  }

  // Between two places a county apart: radii of curvature at the latitude half-way.
  function distance([lon1, lat1], [lon2, lat2]) {
    const middle = radians((lat1 + lat2) / 2), w = 1 - E2 * Math.sin(middle) ** 2;
    const north = (A * (1 - E2)) / w ** 1.5, east = A / Math.sqrt(w);
    return Math.hypot(north * radians(lat2 - lat1), east * Math.cos(middle) * radians(lon2 - lon1));
  }

  function length(places) {
    let sum = 0;
    for (let i = 1; i < places.length; i += 1) sum += distance(places[i - 1], places[i]);
    return sum;
  }

  // On the equal-area cylinder of the ellipsoid (Snyder 1987, equation 3-12) an area is exact.
  function area(places) {
    const q = (lat) => {
      const s = Math.sin(radians(lat));
      return (1 - E2) * (s / (1 - E2 * s * s) - Math.log((1 - E * s) / (1 + E * s)) / (2 * E));
    };
    let sum = 0;
    places.forEach(([lon, lat], i) => {
      const [lon2, lat2] = places[(i + 1) % places.length];
      sum += radians(lon) * q(lat2) - radians(lon2) * q(lat);
    });
    return (Math.abs(sum) * A * A) / 4;
  }

  return { shape, starts, bounds, length, area };
})();
