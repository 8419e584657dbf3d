"use strict";
// The view that is printed: title, map with legend and scale, and what the map says of itself.
const printing = (() => {
  const { word, find, make } = page;
  const FOLDED = ["modelled", "sources"];
  let map = null;

  // The map must have its new size, and be drawn, before it goes on paper.
  function prepare() {
    for (const id of [...FOLDED, "legend"]) find(id).open = true; // paper cannot be unfolded
    document.body.classList.add("printing");
    const { clientHeight, scrollHeight } = find("legend");
    find("entries").style.zoom = Math.min(1, (clientHeight - 40) / (scrollHeight - 40)); // nothing is cut off
    map.resize();
  }

  function restore() {
    for (const id of FOLDED) find(id).open = false;
    find("entries").style.zoom = "";
    document.body.classList.remove("printing");
    map.resize();
  }

  function start(target) {
    map = target;
    find("tools").append(make("button", { type: "button", id: "print", onclick: () => {
      popup.close();
      const box = map.getBounds();
      prepare();
      map.fitBounds(box, { animate: false });
      map.once("idle", () => window.print());
    } }, word("print")));
    window.addEventListener("beforeprint", prepare);
    window.addEventListener("afterprint", restore);
  }

  return { start };
})();
