"use strict";
// Finding a place by its name, its pinyin or the initials of that.
const search = (() => {
  const { data, word, find, make } = page;
  const MOST = 30;
  let map = null, hits = [], chosen = -1;

  function rank(list, row, text) {
    const name = list.names[row].toLowerCase();
    if (!name) return -1;
    if (name === text) return 0;
    if (name.startsWith(text)) return 1;
    if (name.includes(text)) return 2;
    if (list.initials[row].startsWith(text)) return 3;
    return list.sounds[row].startsWith(text) ? 4 : -1;
  }

  function look(text) {
    const wanted = text.trim().toLowerCase().replace(/\s+/g, "");
    if (!wanted) return [];
    return data.places.flatMap((list) => list.names.map((name, row) => ({ layer: list.layer, name, row, township: list.townships[row], rank: rank(list, row, wanted) })))
      .filter((hit) => hit.rank >= 0)
      .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || a.row - b.row);
  }

  function where(hit) {
    const { title } = layers.get(hit.layer);
    return hit.township ? `${title} · ${hit.township}` : title;
  }

  function draw(text) {
    const found = look(text);
    hits = found.slice(0, MOST);
    chosen = hits.length ? 0 : -1;
    const list = find("hits");
    list.replaceChildren(...hits.map((hit, index) => make("li",
      { role: "option", id: `hit-${index}`, "aria-selected": String(index === 0), onclick: () => go(index) },
      hit.name, make("small", {}, where(hit)))));
    if (text.trim() && !hits.length) list.append(make("li", { role: "presentation" }, word("search_none")));
    open(Boolean(text.trim()));
    find("found").textContent = !text.trim() ? "" : hits.length ? word("search_found", { count: found.length }) : word("search_none");
  }

  function open(shown) {
    find("hits").hidden = !shown;
    find("search").setAttribute("aria-expanded", String(shown));
    point();
  }

  function point() {
    const input = find("search");
    [...find("hits").children].forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
    if (chosen >= 0 && !find("hits").hidden) {
      input.setAttribute("aria-activedescendant", `hit-${chosen}`);
      find(`hit-${chosen}`).scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function go(index) {
    const hit = hits[index];
    if (!hit) return;
    open(false);
    find("search").value = hit.name;
    layers.show(hit.layer, true);
    const box = geometry.bounds([layers.shapes(hit.layer)[hit.row]]);
    const middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    if (box[0] === box[2]) map.easeTo({ center: middle, zoom: Math.max(map.getZoom(), 13), offset: [0, -150], duration: 0 });
    else map.fitBounds(box, { padding: 60, animate: false });
    popup.show(middle, [{ name: hit.layer, row: hit.row }]);
  }

  function start(target) {
    map = target;
    const input = find("search");
    find("find").querySelector("label").append(word("search"));
    input.placeholder = word("search_hint");
    find("hits").setAttribute("aria-label", word("search"));
    input.addEventListener("input", () => draw(input.value));
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && hits.length) {
        event.preventDefault();
        chosen = (chosen + step + hits.length) % hits.length;
        open(true);
      } else if (event.key === "Enter") {
        event.preventDefault(); // else the same key presses the popup's button
        go(chosen);
      }
      else if (event.key === "Escape") { event.stopPropagation(); input.value = ""; draw(""); }
    });
    document.addEventListener("click", (event) => { if (!find("find").contains(event.target)) open(false); });
  }

  return { start };
})();
