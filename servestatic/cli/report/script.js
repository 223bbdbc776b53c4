"use strict";
// Zoom, switch and search of the treemap. It draws as servestatic/cli/report/treemap.py does, at the size of the window.
(() => {
  const [NAME, KIND, SIZE, SENT, BOXES, FILES, INSIDE] = [0, 1, 2, 3, 4, 12, 13];
  const GAP = 1.5, SMALLEST = 3, LABEL = 18, ROWS = 200, LARGEST = 20;
  const { kinds, names, tree } = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const svg = by("treemap"), crumbs = by("crumbs"), list = by("inside"), title = by("inside-title"), tip = by("tip");
  const search = by("search"), status = by("status");
  const LETTER = widthOfLetter();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const parents = new Map();
  let folder = tree, mode = 1, kind = -1, wanted = "", hits = null, picked = null, drawn = [], tall = false;

  const isFolder = (tile) => tile.length > INSIDE && tile[INSIDE].length > 0;
  const weight = (tile) => tile[SIZE + mode];
  const kindOf = (tile) => `k-${isFolder(tile) ? "in" : tile[KIND] < 0 ? "rest" : kinds[tile[KIND]]}`;
  (function note(around) {
    for (const tile of around[INSIDE] || []) { parents.set(tile, around); if (isFolder(tile)) note(tile); }
  })(tree);

  function pathTo(tile) {
    const way = [];
    for (let at = tile; at !== tree; at = parents.get(at)) way.unshift(at);
    return way;
  }
  const pathOf = (tile) => pathTo(tile).map((each) => each[NAME]).join("");

  function bytes(count) {
    for (const [unit, power] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]])
      if (count >= power) return `${(count / power).toFixed(count < 100 * power ? 1 : 0)} ${unit}`;
    return `${count} B`;
  }
  function share(part, whole) {
    const percent = whole ? (100 * part) / whole : 0;
    return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
  }
  const files = (count) => `${count.toLocaleString("en")} file${count === 1 ? "" : "s"}`;
  function clip(text, letters) {
    if (text.length <= letters) return text;
    if (letters < 4) return "";
    const tail = letters < 12 ? 0 : Math.floor(letters / 3);
    return text.slice(0, Math.floor(letters) - 1 - tail) + "…" + (tail ? text.slice(-tail) : "");
  }

  function widthOfLetter() {
    const pen = document.createElement("canvas").getContext("2d"), sample = "abcdefghijklmnopqrstuvwxyz.-0123456789";
    pen.font = `600 11.5px ${getComputedStyle(document.body).fontFamily}`;
    return pen.measureText(sample).width / sample.length;
  }

  // ------------------------------------------------------------------------------------------------ the picture
  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function write(out, classes, x, y, text) {
    if (text) out.append(element("text", { class: classes, x: x.toFixed(1), y: y.toFixed(1) }, text));
  }
  function shape(out, tile, classes, x, y, width, height) {
    const size = { x: x.toFixed(1), y: y.toFixed(1), width: width.toFixed(1), height: height.toFixed(1) };
    const made = element("rect", { class: classes, ...size, "data-tile": drawn.length });
    drawn.push(tile);
    out.append(made);
    return made;
  }
  function drawInside(out, around, x, y, width, height, depth) {
    for (const tile of around[INSIDE]) {
      let [left, top, right, bottom] = tile.slice(BOXES + 4 * mode, BOXES + 4 * mode + 4);
      if (tall) [left, top, right, bottom] = [top, left, bottom, right];
      const at = [x + (width * left) / 1000 + GAP / 2, y + (height * top) / 1000 + GAP / 2];
      const [w, h] = [(width * (right - left)) / 1000 - GAP, (height * (bottom - top)) / 1000 - GAP];
      if (Math.min(w, h) >= SMALLEST) (isFolder(tile) ? drawFolder : drawFile)(out, tile, ...at, w, h, depth);
    }
  }
  function drawFolder(out, tile, x, y, w, h, depth) {
    const made = shape(out, tile, `folder d${Math.min(depth, 4)}`, x, y, w, h);
    if (depth === 1) {
      const said = `${tile[NAME]}: ${bytes(weight(tile))}, ${files(tile[FILES])}`;
      for (const [key, value] of [["tabindex", "0"], ["role", "button"], ["aria-label", said]]) made.setAttribute(key, value);
    }
    if (w >= 46 && h >= 34) {
      write(out, "label", x + 6, y + 13, clip(tile[NAME], (w - 12) / LETTER));
      drawInside(out, tile, x + 3, y + LABEL, w - 6, h - LABEL - 3, depth + 1);
    } else drawInside(out, tile, x + 2, y + 2, w - 4, h - 4, depth + 1);
  }
  function drawFile(out, tile, x, y, w, h) {
    const classes = kindOf(tile) + (matches(tile) ? " hit" : "");
    shape(out, tile, `file ${classes}`, x, y, w, h);
    if (w < 34 || h < 15) return;
    const line = y + Math.min(14, h / 2 + 4);
    write(out, `name ${classes}`, x + 5, line, clip(tile[NAME], (w - 10) / LETTER));
    if (w >= 52 && h >= 34) write(out, `weight ${classes}`, x + 5, line + 14, bytes(weight(tile)));
  }
  const isNarrowed = () => picked !== null || hits !== null || kind >= 0;
  const matches = (tile) => (picked ? tile === picked : hits ? hits.has(tile) : kind >= 0 && tile[KIND] === kind);
  function draw() {
    const { width, height } = svg.getBoundingClientRect();
    if (!width) return;
    const group = element("g", {});
    drawn = [];
    tall = height > width;
    drawInside(group, folder, 0, 0, width, height, 1);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.classList.toggle("dimmed", isNarrowed());
    svg.replaceChildren(group);
  }
  function move(from, to) {  // the picture grows out of the rectangle that was clicked
    const group = svg.firstElementChild, { width, height } = svg.getBoundingClientRect();
    if (still || !from || !group.animate) return;
    const small = `translate(${from.x}px, ${from.y}px) scale(${from.width / width}, ${from.height / height})`;
    group.animate([{ transform: small, opacity: 0.4 }, { transform: "none", opacity: 1 }],
      { duration: 340, easing: "cubic-bezier(.2,.8,.2,1)", direction: to });
  }

  // --------------------------------------------------------------------------------------------------- the texts
  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }
  function span(classes, text = "", name = "span") {
    const made = document.createElement(name);
    made.className = classes;
    made.textContent = text;
    return made;
  }
  function showCrumbs() {
    const way = [tree, ...pathTo(folder)];
    crumbs.replaceChildren(...way.flatMap((each, number) => {
      const made = button(number ? each[NAME].replace(/\/$/, "") : "All files", () => zoom(each));
      made.disabled = each === folder && !picked;
      return number ? [span("", "/", "i"), made] : [made];
    }));
  }
  function row(tile, path, whole, act) {
    const item = document.createElement("li"), cut = path.lastIndexOf("/", path.length - 2) + 1;
    const named = act ? button(path.slice(cut), act) : span("", path.slice(cut), "bdi");
    named.title = path;
    const mark = element("svg", { class: "mark", preserveAspectRatio: "none", viewBox: "0 0 100 1", "aria-hidden": "true" });
    const shade = isFolder(tile) ? "k-map" : kindOf(tile);
    mark.append(element("rect", { class: shade, width: whole ? (100 * weight(tile)) / whole : 0, height: 1 }));
    item.append(span(`swatch ${kindOf(tile)}`), named, span("", bytes(weight(tile)), "b"), mark);
    if (cut && cut < path.length) item.append(span("", path.slice(0, cut), "small"));
    return item;
  }
  const heaviest = (tiles) => tiles.sort((a, b) => weight(b) - weight(a));
  const leaves = (tile) => tile[INSIDE].flatMap((each) => (isFolder(each) ? leaves(each) : each[KIND] < 0 ? [] : [each]));
  function showList() {
    const found = heaviest(hits ? [...hits] : [...folder[INSIDE]]), inFolder = !hits && found.some(isFolder);
    const [whole, within] = [found.length ? weight(found[0]) : 0, pathOf(folder).length];
    const rows = found.slice(0, ROWS).map((tile) => hits
      ? row(tile, pathOf(tile), whole, () => reveal(tile))
      : row(tile, tile[NAME], whole, isFolder(tile) ? () => zoom(tile) : null));
    if (found.length > ROWS) rows.push(span("more", `and ${(found.length - ROWS).toLocaleString("en")} more`, "li"));
    list.replaceChildren(...rows);
    const largest = inFolder ? heaviest(leaves(folder)).slice(0, LARGEST) : [];
    by("largest-title").textContent = largest.length ? "Largest files in it" : "";
    by("largest-inside").replaceChildren(...largest.map((tile) =>
      row(tile, pathOf(tile).slice(within), weight(largest[0]), () => reveal(tile))));
    title.textContent = hits
      ? `${files(found.length)} with “${search.value.trim()}”, ${bytes(found.reduce((sum, tile) => sum + weight(tile), 0))}`
      : `${bytes(weight(folder))} ${names[mode]}, ${files(folder[FILES])}`;
    status.textContent = title.textContent;
  }
  function show() { showCrumbs(); draw(); showList(); }

  // ------------------------------------------------------------------------------------------------- what it does
  function rectangleOf(tile) {
    const shown = svg.querySelector(`[data-tile="${drawn.indexOf(tile)}"]`), box = shown && shown.getBBox();
    return box && box.width ? box : null;
  }
  function zoom(to, focus) {
    if (to === folder && !picked) return;
    const inwards = pathTo(to).includes(folder) || folder === tree, from = inwards ? rectangleOf(to) : null;
    folder = to;
    picked = null;
    show();
    move(from, "normal");
    if (focus) (svg.querySelector("[tabindex]") || search).focus({ preventScroll: true });
  }
  function reveal(tile) {
    picked = tile;
    folder = parents.get(tile);
    show();
    status.textContent = pathOf(tile);
  }
  function find() {
    const text = search.value.trim().toLowerCase();
    if (text === wanted) return;
    wanted = text;
    hits = picked = null;
    if (text) {
      hits = new Set();
      for (const tile of parents.keys())
        if (!isFolder(tile) && tile[KIND] >= 0 && pathOf(tile).toLowerCase().includes(text)) hits.add(tile);
      folder = tree;
    }
    show();
  }
  function tileAt(event) {
    const at = event.target.closest?.("[data-tile]");
    return at ? drawn[at.dataset.tile] : null;
  }
  function hover(event) {
    const tile = tileAt(event);
    tip.hidden = !tile;
    if (!tile) return;
    const saved = tile[SENT] < tile[SIZE] ? `, ${share(tile[SENT], tile[SIZE])} of ${bytes(tile[SIZE])}` : ", not compressed";
    tip.replaceChildren(span("", pathOf(tile), "b"), `${bytes(tile[SENT])} downloaded${saved}`);
    if (isFolder(tile)) tip.append(`, ${files(tile[FILES])}`);
    const { width, height } = tip.getBoundingClientRect();
    const [x, y] = [event.clientX + 14, event.clientY + 16];
    tip.style.left = `${Math.max(4, Math.min(x, innerWidth - width - 8))}px`;
    tip.style.top = `${y + height > innerHeight - 8 ? event.clientY - height - 10 : y}px`;
  }
  svg.addEventListener("pointermove", hover);
  svg.addEventListener("pointerleave", () => { tip.hidden = true; });
  svg.addEventListener("click", (event) => {
    const tile = tileAt(event), way = tile ? pathTo(tile) : [];
    const next = isFolder(tile || []) ? tile : way[way.indexOf(folder) + 1];
    tip.hidden = true;
    if (next && isFolder(next)) zoom(next);
  });
  svg.addEventListener("keydown", (event) => {
    const tile = tileAt(event);
    if (tile && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); zoom(tile, true); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    if (event.key !== "Escape") return;
    if (search.value) { search.value = ""; find(); } else if (folder !== tree) zoom(parents.get(folder), true);
  });
  search.addEventListener("input", find);
  for (const radio of document.querySelectorAll("input[name=mode]"))
    radio.addEventListener("change", () => { mode = Number(radio.value); show(); });
  for (const pressed of document.querySelectorAll("[data-kind]"))
    pressed.addEventListener("click", () => {
      const chosen = kinds.indexOf(pressed.dataset.kind);
      kind = kind === chosen ? -1 : chosen;
      for (const each of document.querySelectorAll("[data-kind]"))
        each.setAttribute("aria-pressed", String(kinds[kind] === each.dataset.kind));
      draw();
    });
  document.documentElement.classList.remove("no-script");
  new ResizeObserver(draw).observe(svg);
  show();
})();
