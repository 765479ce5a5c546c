// Built by "make js" from sources with the hash 69b63b86f9c9e6da. Change those, not this file.

// page/elements.js
var SVG_NAMESPACE = "http://www.w3.org/2000/svg";
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
function createHtml(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}
function createSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NAMESPACE, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}
function addHtml(parent, tag, className = "") {
  const element = createHtml(tag, className ? { class: className } : {});
  parent.append(element);
  return element;
}
function addSvg(parent, tag, className = "", attributes = {}) {
  const element = createSvg(tag, className ? { class: className, ...attributes } : attributes);
  parent.append(element);
  return element;
}
function addText(parent, className, [x, y, size, anchor], text = "") {
  const element = addSvg(parent, "text", className, { x, y, "text-anchor": anchor });
  if (size !== null) element.setAttribute("font-size", String(size));
  element.textContent = text;
  return element;
}
function addInput(parent, type, className, label) {
  const field = addHtml(parent, "input", className);
  field.type = type;
  field.setAttribute("aria-label", label);
  return suppressShortcuts(field);
}
function addButton(parent, className, action) {
  const button = suppressShortcuts(addHtml(parent, "button", className));
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}
function addAlone(parent, className) {
  const box = addHtml(parent, "div", "sg-alone");
  const content = addHtml(box, "div", className);
  new ResizeObserver(() => {
    box.style.height = `${content.offsetHeight}px`;
  }).observe(content);
  return content;
}
function setText(element, text) {
  const { firstChild } = element;
  const isText = firstChild?.nodeType === Node.TEXT_NODE && !firstChild.nextSibling;
  if ((isText ? firstChild.nodeValue : element.textContent) === text) return false;
  if (isText && text) firstChild.nodeValue = text;
  else element.textContent = text;
  return true;
}
function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

// page/silence.js
var PATIENCE = 1500;
var SETTLE_DELAY = 4e3;
function createSilence(widget, timers, sentence) {
  const notice = createHtml("p", { class: "sg-silent-notice", role: "status" });
  notice.hidden = true;
  widget.prepend(notice);
  const settle = () => widget.classList.add("sg-silent-settled");
  const greyOut = () => {
    notice.textContent = sentence();
    notice.hidden = false;
    widget.classList.add("sg-silent");
    timers.debounce("silence-settles", settle, SETTLE_DELAY);
  };
  return {
    /**
     * The page asked for something; from now on an answer is expected.
     * @param {number} patience ms
     */
    expect(patience = PATIENCE) {
      timers.throttle("silence", greyOut, patience);
    },
    /** The answer came. */
    end() {
      timers.cancel("silence");
      timers.cancel("silence-settles");
      if (notice.hidden) return;
      notice.hidden = true;
      widget.classList.remove("sg-silent", "sg-silent-settled");
    }
  };
}

// page/timers.js
function createTimers() {
  const running = /* @__PURE__ */ new Map();
  const debounce = (name, action, delay) => {
    clearTimeout(running.get(name));
    running.set(name, setTimeout(action, delay));
  };
  const throttle = (name, action, delay) => {
    if (running.has(name)) return;
    const run = () => {
      running.delete(name);
      action();
    };
    running.set(name, setTimeout(run, delay));
  };
  const cancel = (name) => {
    clearTimeout(running.get(name));
    running.delete(name);
  };
  const stop = () => {
    for (const timer of running.values()) clearTimeout(timer);
  };
  return { debounce, throttle, cancel, stop };
}
function createFrameAction(action) {
  let frame = 0;
  const run = () => {
    frame = 0;
    action();
  };
  return {
    request() {
      frame ||= requestAnimationFrame(run);
    },
    cancel() {
      cancelAnimationFrame(frame);
      frame = 0;
    }
  };
}

// page/numbers.js
var MAX_DIGITS = 15;
var DEFAULT_DIGITS = 7;
var MAX_COMPACT = 7;
var FIELD_CHARACTERS = 8;
function roundTo(x, digits = 3) {
  return Number(x.toPrecision(digits));
}
function shortest(x, digits = DEFAULT_DIGITS) {
  return String(roundTo(x, digits));
}
function roundToTenth(x) {
  return Math.round(x * 10) / 10;
}
function clamp(x, low, high) {
  return Math.min(Math.max(x, low), high);
}
function compactPosition(x, control) {
  const exact = formatPosition(x, control);
  return exact.length <= MAX_COMPACT ? exact : formatPosition(roundTo(x), control);
}
function formatPosition(x, { kind, step }) {
  if (kind === "integer") return String(x);
  const digits = Math.ceil(Math.log10(Math.abs(x) / step)) + 1;
  const plain = shortest(x, Math.min(Math.max(digits, DEFAULT_DIGITS), MAX_DIGITS) || DEFAULT_DIGITS);
  const power = Number(plain).toExponential().replace("e+", "e");
  return plain.length > FIELD_CHARACTERS && power.length < plain.length ? power : plain;
}
function valuesAround(x, { low, step }, snap, count) {
  const middle = Math.round((x - low) / step);
  const values = [];
  for (let i = 1; i <= count; i += 1) {
    for (const k of [middle + i, middle - i]) {
      const value = snap(low + k * step);
      if (k >= 0 && Math.abs(value - low - k * step) < step / 2) values.push(value);
    }
  }
  return values;
}
function barLength(part) {
  return `${Math.round(Math.abs(part ?? 1) * 45)}%`;
}

// explore/page/cache.js
function keyOf(data) {
  return JSON.stringify(data);
}
function remember(cache, key, value, max) {
  cache.delete(key);
  cache.set(key, value);
  if (cache.size > max) cache.delete(
    /** @type {Key} */
    cache.keys().next().value
  );
}

// explore/page/packing.js
var EMPTY_SCENE = {
  key: -1,
  direction: "right",
  width: 0,
  height: 0,
  nodes: [],
  edges: [],
  connectors: [],
  arrow_heads: ["", ""],
  label: { scale: [0, 0], base_line: 0 },
  frames: [],
  steps: []
};
function unpackScene(scene) {
  if ("nodes" in scene) return scene;
  if (!("packed" in scene)) return EMPTY_SCENE;
  const { nodes, edges, steps, ...rest } = JSON.parse(scene.packed);
  return {
    ...rest,
    key: scene.key,
    nodes: unpackNodes(nodes),
    edges: unpackEdges(edges, rest.direction),
    steps: steps.flatMap(unpackSteps)
  };
}
function unpackNodes({ forms, form, x, y }) {
  return form.map((which, id) => ({ ...forms[which], form: which, id, x: x[id] / 10, y: y[id] / 10 }));
}
function unpackSteps([phase, nodes]) {
  return nodes.map((node) => Array.isArray(node) ? [phase, ...node] : [phase, node]);
}
function unpackEdges(packed, direction) {
  const { src, dst, kinds, pieces, lengths, dx, dy, back, mark, slots, bundles, edge_keys: edgeKeys } = packed;
  let [piece, point2, x, y] = [0, 0, 0, 0];
  const edges = src.map((from, i) => {
    const lines = [];
    for (const last = piece + pieces[i]; piece < last; piece += 1) {
      const line = [];
      for (const end = point2 + Number(lengths[piece]) / 2; point2 < end; point2 += 1) {
        x += dx[point2];
        y += dy[point2];
        line.push(x / 10, y / 10);
      }
      lines.push(line);
    }
    const start = lines[0];
    const distance = back[i];
    const edge = {
      src: from,
      dst: dst[i],
      kind: "flow",
      pieces: lines,
      tip: lines[lines.length - 1].slice(-2),
      back: distance === null ? null : moved(start, distance, direction),
      mark: mark[i] ?? null,
      slot: null
    };
    return edgeKeys[i] ? { ...edge, edge_key: edgeKeys[i][0], cut_name: edgeKeys[i][1] } : edge;
  });
  for (const i of kinds.cut) edges[i].kind = "cut";
  for (const i of kinds.plain) edges[i].kind = "plain";
  for (const [i, ...slot] of slots) edges[i].slot = slot;
  for (const [i, bundle] of Object.entries(bundles)) edges[Number(i)].bundle = bundle;
  return edges;
}
function moved([x, y], distance, direction) {
  return direction === "down" ? [x, roundToTenth(y + distance)] : [roundToTenth(x + distance), y];
}

// explore/page/ahead.js
var AHEAD_RANGE = 150;
var MAX_POSITIONS_ASKED = 64;
var MAX_POSITIONS = 700;
var MAX_NUMBERS = 84e3;
var MIN_POSITIONS = 60;
var REST = 300;
var NEAR = 24;
function createAhead() {
  return {
    /** @type {Map<string, AheadEntry>} by position */
    entries: /* @__PURE__ */ new Map(),
    /** @type {Map<number, Scene>} by key */
    scenes: /* @__PURE__ */ new Map(),
    /** @type {((sliders: number[]) => number[][]) | null} positions that pointer or focus may reach, nearest first */
    candidates: null,
    isAsked: false,
    isCaptioned: false,
    // whether the entries have the sentences of the steps, most of their text
    isOff: false
  };
}
function cacheSize(nodes) {
  return clamp(Math.floor(MAX_NUMBERS / Math.max(nodes, 1)), MIN_POSITIONS, MAX_POSITIONS);
}
function entryHere({ model, ahead }) {
  return ahead.entries.get(keyOf(model.get("sliders")));
}
function isAhead(view) {
  const state = entryHere(view)?.state;
  return !isAnswered(view) && state != null && sceneOf(view, state) !== void 0;
}
function isAnswered({ model }) {
  return keyOf(model.get("state").position) === keyOf(model.get("sliders"));
}
function currentContent(view) {
  const { model } = view;
  const entry = entryHere(view);
  const check = model.get("check");
  if (isAhead(view) && entry?.state) {
    const { state: state2, cells: cells2 } = entry;
    const scene = (
      /** @type {Scene} */
      sceneOf(view, state2)
    );
    return { state: state2, scene, cells: cells2 ?? check.cells, isChecked: cells2 !== null };
  }
  const state = model.get("state");
  if (isOvertaken(view, state)) return view.shown;
  const isChecked = check.sequence === state.sequence;
  const known = entry?.state && keyOf(state.position) === keyOf(entry.state.position) && state.fresh ? entry.cells : null;
  const cells = isChecked ? check.cells : known ?? check.cells;
  return { state, scene: kernelScene(view), cells, isChecked: isChecked || Boolean(known) };
}
function isOvertaken({ model, shown, moves }, state) {
  if (keyOf(state.position) === keyOf(model.get("sliders"))) return false;
  return (moves.get(keyOf(state.position)) ?? 0) < (moves.get(keyOf(shown.state.position)) ?? 0);
}
function sceneOf(view, state) {
  const scene = kernelScene(view);
  return state.scene === scene.key ? scene : view.ahead.scenes.get(
    /** @type {number} */
    state.scene
  );
}
function kernelScene(view) {
  const received = view.model.get("scene");
  if (view.kernelScene?.received !== received) {
    const scene = unpackScene(received);
    view.kernelScene = { received, scene };
    if (scene.key != null) view.ahead.scenes.set(scene.key, scene);
  }
  return view.kernelScene.scene;
}
function requestAhead(view) {
  const { model, ahead, shown, stepper, timers } = view;
  if (ahead.isOff || ahead.isAsked || ahead.candidates === null) return;
  if (stepper.isStepping() && !ahead.isCaptioned) ahead.entries.clear();
  ahead.isCaptioned = stepper.isStepping();
  const rest = view.lastMove + REST - performance.now();
  const most = Math.min(cacheSize(shown.scene.nodes.length), rest > 0 ? NEAR : Infinity);
  const near = ahead.candidates(model.get("sliders")).slice(0, most);
  const positions = near.filter((position) => !ahead.entries.has(keyOf(position)));
  if (rest > 0) timers.debounce("ahead", () => requestAhead(view), rest);
  if (!positions.length) return;
  ahead.isAsked = true;
  const { key = null } = model.get("scene");
  model.send({
    ahead: positions.slice(0, MAX_POSITIONS_ASKED),
    scenes: [key, ...ahead.scenes.keys()],
    captions: ahead.isCaptioned
  });
}
function storeAnswer(ahead, { forget, entries = [], scenes = [], off = false }) {
  if (forget) {
    ahead.entries.clear();
    return;
  }
  ahead.isAsked = false;
  ahead.isOff = off;
  for (const scene of scenes) ahead.scenes.set(scene.key, scene);
  for (const entry of entries) {
    remember(ahead.entries, keyOf(entry.position), entry, cacheSize(entry.state?.values?.length ?? 0));
  }
}
function aimAt(view, candidates) {
  view.ahead.candidates = candidates;
  requestAhead(view);
}

// explore/page/geometry.js
var MIN_GRAPH_SCALE = 0.8;
var LEVEL = 24;
var ABOVE_EDGE = 25;
var BESIDE_EDGE = 8;
var LABEL_GAP = 2;
var [MAY_TOUCH, FAR_AWAY] = [1, 60];
var MAX_OVERSIZE = 6;
function pathOf(pieces) {
  let end = "";
  return pieces.map((piece) => {
    const start = `${piece[0]} ${piece[1]}`;
    const move = start === end ? "" : `M${start}`;
    end = piece.slice(-2).join(" ");
    return `${move}${piece.length === 4 ? "L" : "C"}${piece.slice(2).join(" ")}`;
  }).join("");
}
function middleOf(pieces) {
  const piece = longest(pieces.slice(-2));
  const [x, y] = [0, 1].map(
    (k) => piece.length === 4 ? (piece[k] + piece[k + 2]) / 2 : (piece[k] + 3 * piece[k + 2] + 3 * piece[k + 4] + piece[k + 6]) / 8
  );
  return [x, y];
}
function longest(pieces) {
  const lengths = pieces.map((piece) => {
    const [x, y] = piece.slice(-2);
    return Math.max(Math.abs(x - piece[0]), Math.abs(y - piece[1]));
  });
  return pieces[lengths.indexOf(Math.max(...lengths))];
}
function labelPosition(pieces, width, direction) {
  const [x, y] = middleOf(pieces);
  if (direction === "down") return [x + width / 2 + BESIDE_EDGE, y];
  const last = longest(pieces.slice(-2));
  const isLevel = Math.abs(last[last.length - 1] - last[1]) < LEVEL;
  return [x, isLevel ? y - ABOVE_EDGE : y];
}
function obstacles({ nodes, connectors }) {
  return [...nodes, ...connectors.map(({ x, y, r }) => ({ x: x - r, y: y - r, w: 2 * r, h: 2 * r }))];
}
function clearOfNodes([x, y, w, h], nodes) {
  const near = nodes.filter((node) => Math.abs(node.x + node.w / 2 - x) < (node.w + w) / 2);
  const covers = (at) => near.some((node) => Math.abs(node.y + node.h / 2 - at) < (node.h + h) / 2 - MAY_TOUCH);
  const places = [y, ...near.flatMap((node) => [node.y - h / 2, node.y + node.h + h / 2])];
  const free = places.filter((at) => Math.abs(at - y) < FAR_AWAY && !covers(at));
  const nearest = Math.min(...free.map((at) => Math.abs(at - y)));
  return [x, free.find((at) => Math.abs(at - y) === nearest) ?? y, w, h];
}
function separated(slots) {
  const placed = [];
  const order = slots.map((_, i) => i).sort((a, b) => slots[a][1] - slots[b][1]);
  for (const i of order) {
    const [x, , w, h] = slots[i];
    let y = slots[i][1];
    for (const j of order) {
      const other = placed[j];
      if (!other || Math.abs(other[0] - x) >= (other[2] + w) / 2) continue;
      if (Math.abs(other[1] - y) < h + LABEL_GAP) y = other[1] + h + LABEL_GAP;
    }
    placed[i] = [x, y, w, h];
  }
  return placed;
}
function arrowHead([x, y], head) {
  return `M${x} ${y}${head}`;
}
function strokes([x0, y0, x1, y1, x2, y2, x3, y3]) {
  return `M${x0} ${y0}L${x1} ${y1}M${x2} ${y2}L${x3} ${y3}`;
}
function fittingWidth(width) {
  return `min(${width}px, max(100%, calc((${Math.round(width * MIN_GRAPH_SCALE)}px - 100%) * 999)))`;
}
function boxOf({ x, y, w, h }) {
  return [x, y, x + w, y + h];
}
function overlaps(a, b) {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}
function contains(a, b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];
}
function boundsOf(pieces) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) {
      if (piece[i] < bounds[0]) bounds[0] = piece[i];
      if (piece[i] > bounds[2]) bounds[2] = piece[i];
      if (piece[i + 1] < bounds[1]) bounds[1] = piece[i + 1];
      if (piece[i + 1] > bounds[3]) bounds[3] = piece[i + 1];
    }
  }
  return bounds;
}
function windowAround([left, top, right, bottom]) {
  const [w, h] = [right - left, bottom - top];
  return [left - w / 2, top - h / 2, right + w / 2, bottom + h / 2];
}
function serves(window, sight) {
  return window !== null && contains(window, sight) && window[2] - window[0] < MAX_OVERSIZE * (sight[2] - sight[0]);
}
function clipToWindow(piece, [left, , right]) {
  if (piece.length > 4 || piece[1] !== piece[3]) return piece;
  return [Math.max(piece[0], Math.round(left)), piece[1], Math.min(piece[2], Math.round(right)), piece[3]];
}

// page/shapes.js
function createShape(shape) {
  const name = `sg-${shape[0]}`;
  switch (shape[1]) {
    case "path": {
      return createSvg("path", { class: name, d: shape[2] });
    }
    case "circle": {
      const [, , cx, cy, r] = shape;
      return createSvg("circle", { class: name, cx, cy, r });
    }
    case "rect": {
      const [, , x, y, width, height, rx] = shape;
      return createSvg("rect", { class: name, x, y, width, height, rx });
    }
    case "text": {
      const [, , x, y, anchor, words] = shape;
      return createSvg("text", { class: name, x, y, "text-anchor": anchor }, words);
    }
  }
}

// page/offers.js
function offers(model, name, value) {
  return model.offers?.(name, value) ?? true;
}

// explore/page/cuts.js
function createCuts(view) {
  const { model, labels } = view;
  const words = labels.cuts;
  const bar = view.elements.extras.cut;
  bar.classList.add("sg-cuts");
  const label = addHtml(bar, "label", "sg-choice");
  addHtml(label, "span").textContent = words.cut;
  const menu = suppressShortcuts(addHtml(label, "select", "sg-select sg-cut-select"));
  const list = addHtml(bar, "span", "sg-cut-list");
  let shownScene = null;
  let shownCuts = "";
  const toggle = (edge) => {
    const cuts = toggled(model.get("cuts"), edge);
    if (!offers(model, "cuts", cuts)) return;
    model.set("cuts", cuts);
    model.save_changes();
  };
  const show = () => {
    const { scene } = view.shown;
    const cuts = model.get("cuts");
    const shown = keyOf([cuts, view.extras.canCut()]);
    if (shownScene === scene && shownCuts === shown) return;
    shownScene = scene;
    shownCuts = shown;
    view.widget.classList.toggle("sg-cutting", view.extras.canCut());
    view.graph?.edges.forEach(({ edge, group }) => {
      nameHitArea(view, edge, group);
    });
    const edges = cuttableEdges(scene);
    const offered = [...edges].filter(([key2]) => offers(model, "cuts", toggled(cuts, JSON.parse(key2))));
    const key = keyOf([offered, cuts]);
    bar.hidden = !offered.length && !cuts.length;
    const hasUncut = offered.some(([each]) => !cuts.some((cut) => keyOf(cut) === each));
    label.hidden = Boolean(model.offers) && !hasUncut;
    if (bar.dataset.shown === key) return;
    bar.dataset.shown = key;
    showMenu(menu, words.cut_choose, offered, cuts);
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren();
    for (const cut of cuts) {
      const name = edges.get(keyOf(cut));
      const button = addButton(list, `sg-button sg-uncut${name ? "" : " sg-absent"}`, () => toggle(cut));
      button.textContent = words.cut_restore.replace("{edge}", name ?? cut[1]);
    }
    if (hadFocus) menu.focus();
  };
  menu.addEventListener("change", () => {
    if (menu.value) toggle(JSON.parse(menu.value));
    menu.value = "";
  });
  return { toggle, show };
}
function toggled(cuts, edge) {
  const others = cuts.filter((cut) => keyOf(cut) !== keyOf(edge));
  return others.length < cuts.length ? others : [...cuts, edge];
}
function cuttableEdges(scene) {
  return new Map(scene.edges.flatMap((edge) => edge.edge_key ? [[keyOf(edge.edge_key), edge.cut_name ?? ""]] : []));
}
function showMenu(menu, prompt, edges, cuts) {
  const cutKeys = new Set(cuts.map(keyOf));
  const options = edges.filter(([key]) => !cutKeys.has(key));
  menu.replaceChildren();
  for (const [value, text] of [["", prompt], ...options]) {
    const option = addHtml(menu, "option");
    option.textContent = text;
    option.value = value;
  }
}
function addHitArea(view, edge, group) {
  const key = edge.edge_key;
  if (!key) return;
  group.classList.add("sg-cuttable");
  const area = addSvg(group, "path", "sg-hit-area", { d: pathOf(edge.pieces) });
  addSvg(area, "title");
  nameHitArea(view, edge, group);
  area.addEventListener("click", () => {
    if (view.extras.canCut()) view.cuts.toggle(key);
  });
}
function nameHitArea({ model, labels, extras }, edge, group) {
  const title = group.querySelector("title");
  if (!edge.edge_key || !title) return;
  const key = keyOf(edge.edge_key);
  const isCut = model.get("cuts").some((cut) => keyOf(cut) === key);
  const sentence = labels.cuts[isCut ? "cut_restore" : "cut_here"].replace("{edge}", edge.cut_name ?? "");
  const canCut = extras.canCut() && offers(model, "cuts", toggled(model.get("cuts"), edge.edge_key));
  group.classList.toggle("sg-cuttable", canCut || !model.offers);
  setText(title, canCut ? sentence : "");
}

// explore/page/edge-labels.js
var MAX_LABELS = 12;
var FREE_WIDTH = 150;
var FREE_HEIGHT = 17;
var OUTLINE = 1;
var SIGN_RATE = 0.5;
function buildLabel(tags, slot, form) {
  const [x, y, w, h] = slot;
  const tag = addSvg(tags, "g", "sg-tag");
  const box = addSvg(tag, "rect", "sg-tag-box", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 });
  return { tag, box, text: addText(tag, "sg-flow", [x, y + form.base_line, null, "middle"]), slot };
}
function writeLabel({ box, text, slot }, flow, form, bundle) {
  const words = bundle ? `${bundle.count} ×${flow ? ` ← ${flow}` : ""}` : `← ${flow}`;
  if (!setText(text, words)) return;
  const [x, , maxWidth] = slot;
  const signs = bundle ? SIGN_RATE * words.length : 0;
  const width = Math.min(maxWidth, widthOf(words, form) + signs);
  box.setAttribute("width", String(width));
  box.setAttribute("x", String(x - width / 2));
}
function widthOf(words, { scale: [offset, rate] }) {
  return offset + rate * words.length;
}
function showEdgeLabels(view) {
  const { graph, shown } = view;
  const { flows, values } = shown.state;
  if (!graph || !flows || values?.length !== graph.nodes.length) return;
  const { scene } = shown;
  const wanted = edgesToLabel(graph).slice(0, MAX_LABELS);
  const key = JSON.stringify(wanted.map((i) => [i, flows[i]]));
  if (graph.labelled === key) return;
  graph.labelled = key;
  graph.overlay.replaceChildren();
  const printed = graph.edges.flatMap(({ label }) => label ? [label.slot] : []);
  const covered = [...obstacles(scene), ...printed.map(([x, y, w, h]) => ({ x: x - w / 2, y: y - h / 2, w, h }))];
  const slots = wanted.map((i) => {
    const width = Math.min(FREE_WIDTH, widthOf(`← ${flows[i]}`, scene.label));
    const [x, y] = labelPosition(scene.edges[i].pieces, width, scene.direction);
    const inside = clamp(x, width / 2, scene.width - width / 2);
    const slot = clearOfNodes([inside, y, width, FREE_HEIGHT], covered);
    const high = clamp(slot[1], FREE_HEIGHT / 2 + OUTLINE, scene.height - FREE_HEIGHT / 2 - OUTLINE);
    return [inside, high, width, FREE_HEIGHT];
  });
  separated(slots).forEach((slot, n) => {
    writeLabel(buildLabel(graph.overlay, slot, scene.label), flows[wanted[n]], scene.label);
  });
}
function edgesToLabel({ edges, active, pointed, step = Infinity, times }) {
  const wanted = [];
  edges.forEach(({ edge, group, label }, i) => {
    if (label || edge.kind !== "flow" || times.grad[edge.dst] > step) return;
    const isTouched = i === pointed || active >= 0 && (edge.src === active || edge.dst === active);
    if (isTouched || group.classList.contains("sg-now-backward")) wanted.push(i);
  });
  return wanted;
}

// explore/page/preview-geometry.js
var CHARACTER_WIDTH = 7;
var PREVIEW_HEIGHT = 14;
var MAX_BAR_WIDTH = 12;
var OPEN_SIGN = 16;
var MIN_PREVIEW_WIDTH = 18;
var ROW_GAP = 0.7;
var NEAR_LABEL = 30;
function shapeText(text) {
  return /^(. )(\([\d, ]*\))/.exec(text)?.[0] ?? null;
}
function gradientShapeText(text, value) {
  return shapeText(text) ?? shapeText(value)?.replace(/^./, "←") ?? null;
}
function previewPosition(node, text, [x, , , anchor]) {
  let room = node.kind === "op" || node.kind === "detached" ? node.w - node.h - 18 : node.w - 20;
  let textLeft = x - room / 2;
  if (anchor === "start") {
    const end = node.grad && node.grad[0] > x ? node.grad[0] : node.w - (node.group ? OPEN_SIGN : 0);
    [room, textLeft] = [end - x - 10, x];
  }
  const textWidth = CHARACTER_WIDTH * text.length + 6;
  const width = room - textWidth;
  if (width < MIN_PREVIEW_WIDTH) return null;
  return { textLeft, left: textLeft + textWidth, width };
}
function previewBars({ rows, bars }, left, middle, room) {
  const columns = bars.length / rows;
  const step = Math.min(MAX_BAR_WIDTH, room / (bars.length + ROW_GAP * (rows - 1)));
  const width = Math.max(step * 0.8, 0.6);
  const [forth, back] = [`h${roundToTenth(width)}`, `h${roundToTenth(-width)}z`];
  return bars.map((part, i) => {
    const x = roundToTenth(left + step * (i + ROW_GAP * Math.floor(i / columns)));
    if (part === null) return `M${x} ${middle - PREVIEW_HEIGHT / 2}${forth}v${PREVIEW_HEIGHT}${back}`;
    const height = Math.max(Math.abs(part) * PREVIEW_HEIGHT / 2, 0.5);
    return `M${x} ${roundToTenth(middle)}${forth}v${roundToTenth(part < 0 ? height : -height)}${back}`;
  }).join("");
}
function isCrowded(slots, [x, y, width], side) {
  return slots.some((other) => {
    if (!other) return false;
    const distance = side * (other[1] - y);
    return distance > 4 && distance < NEAR_LABEL && Math.abs(other[0] - x) < (width + other[2]) / 2;
  });
}
function shapePosition({ slot }, slots, middle) {
  const [x, y] = slot ?? middle();
  const isAbove = slot !== null && isCrowded(slots, slot, -1);
  if (isAbove && isCrowded(slots, slot, 1)) return null;
  return [x, isAbove ? y + 18 : y - 10];
}

// explore/page/previews.js
var SHAPE_SIZE = 11;
var SHAPE_RATE = 6.5;
var SHAPE_RISE = 4;
var SHAPE_BASE_LINE = 14;
function createPreviews(view) {
  const { labels, widget } = view;
  const label = createHtml("label", { class: "sg-choice sg-shapes-choice" });
  const extra = view.elements.extras.shapes;
  extra.append(label);
  const box = addInput(label, "checkbox", "sg-switch", labels.tensor_previews.shapes);
  addHtml(label, "span").textContent = labels.tensor_previews.shapes;
  const show = () => {
    const { graph } = view;
    const { values, shapes = [], tensor_previews: previews = [] } = view.shown.state;
    extra.hidden = !shapes.length;
    if (!graph || values?.length !== graph.nodes.length) return;
    const moved2 = view.shown.state.nudge?.previews;
    if (previews.length) {
      graph.nodes.forEach((drawn, i) => {
        showPreviews(drawn, moved2 ? [moved2[i], previews[i]?.[1] ?? null] : previews[i]);
      });
    }
    if (!box.checked || !shapes.length) return;
    const slots = graph.edges.map(({ edge }) => edge.slot);
    const told = /* @__PURE__ */ new Set();
    graph.edges.forEach((drawn, i) => {
      if (told.has(drawn.edge.src) && !shapes[i][1]) return;
      told.add(drawn.edge.src);
      showShape(drawn, shapes[i], slots, view.shown.scene, labels.tensor_previews);
    });
  };
  box.addEventListener("change", () => {
    widget.classList.toggle("sg-with-shapes", box.checked);
    show();
  });
  return { show };
}
function showPreviews(drawn, previews) {
  const { node, group, value, grad } = drawn;
  const hidden = { text: null, d: "" };
  const shape = shapeText(value.textContent ?? "");
  const valueLayout = previews?.[0] ? layOutPreview(node, shape, node.value, previews[0]) : hidden;
  const valuePath = putPreview(group, drawn.valueBars, "sg-bars sg-bars-value", value, node.value, valueLayout);
  if (valuePath) drawn.valueBars = valuePath;
  if (!grad || !node.grad) return;
  const gradShape = gradientShapeText(grad.textContent ?? "", shape ?? "");
  const gradLayout = previews?.[1] ? layOutPreview(node, gradShape, node.grad, previews[1]) : hidden;
  const gradPath = putPreview(group, drawn.gradBars, "sg-bars sg-bars-grad", grad, node.grad, gradLayout);
  if (gradPath) drawn.gradBars = gradPath;
}
function layOutPreview(node, content, place, preview) {
  const y = place[1];
  const position = content && previewPosition(node, content, place);
  if (!content || !position) return { text: null, d: "" };
  return {
    text: { content, left: position.textLeft },
    d: previewBars(preview, position.left, y - 4.5, position.width)
  };
}
function putPreview(group, path, className, element, [x, , , anchor], { text, d }) {
  if (text) {
    setText(element, text.content);
    placeText(element, text.left, "start");
  } else if (element.getAttribute("text-anchor") !== anchor) placeText(element, x, anchor);
  if (!d && !path) return null;
  const drawn = path ?? addSvg(group, "path", className);
  if (drawn.getAttribute("d") !== d) drawn.setAttribute("d", d);
  return drawn;
}
function placeText(text, x, anchor) {
  text.setAttribute("x", String(x));
  text.setAttribute("text-anchor", anchor);
}
function showShape(drawn, [own, broadcast], slots, scene, labels) {
  if (!drawn.shape) {
    const width = SHAPE_RATE * (broadcast ? `${own} ⇢ ${broadcast}` : own).length;
    const position = shapePosition(drawn.edge, slots, () => {
      const [x2, y2] = labelPosition(drawn.edge.pieces, width, scene.direction);
      return [x2, y2 + SHAPE_BASE_LINE];
    });
    if (!position) return;
    const [x, y] = clearOfNodes([position[0], position[1] - SHAPE_RISE, width, SHAPE_SIZE], obstacles(scene));
    drawn.shape = addText(drawn.group, "sg-shape", [x, y + SHAPE_RISE, SHAPE_SIZE, "middle"]);
  }
  const { shape } = drawn;
  shape.classList.toggle("sg-broadcast", Boolean(broadcast));
  const isNew = setText(shape, broadcast ? `${own} ⇢ ${broadcast}` : own);
  if (!isNew || !broadcast) return;
  addSvg(shape, "title").textContent = labels.broadcast.replace("{shape}", own).replace("{whole}", broadcast);
}
function previewTables(view, i) {
  const previews = view.shown.state.tensor_previews?.[i] ?? [];
  return previews.flatMap(
    (preview, n) => preview ? [previewTable(view, preview, n ? "sg-backward" : "sg-forward")] : []
  );
}
function previewTable(view, { rows, bars, texts, part }, className) {
  const table = createHtml("table", { class: `sg-cells ${className}` });
  const columns = bars.length / rows;
  for (let r = 0; r < rows; r += 1) {
    const line = addHtml(table, "tr");
    for (let k = r * columns; k < (r + 1) * columns; k += 1) {
      const cell = addHtml(line, "td", (bars[k] ?? 0) < 0 ? "sg-below" : "");
      cell.textContent = texts[k];
      cell.style.setProperty("--sg-part", barLength(bars[k]));
    }
  }
  const { labels } = view;
  const name = className === "sg-forward" ? `→ ${labels.value}` : `← ${labels.gradient}`;
  addHtml(table, "caption").textContent = part ? `${name}: ${labels.tensor_previews.thumbnail}` : name;
  return table;
}

// explore/page/round-math.js
function chosenRound(rounds, wanted, now = -1) {
  if (rounds.default < 0) return -1;
  if (now > 0 && now < rounds.count - 1) return now;
  return Math.min(Math.max(wanted ?? rounds.default, 1), rounds.count - 2);
}
function moveRound(rounds, now, distance) {
  return Math.min(Math.max(now + distance, 1), rounds.count - 2);
}
function knownRounds(steps, step, node, count) {
  if (step >= steps.length) return { computed: count, waiting: 0, now: -1 };
  let [computed, waiting] = [0, count];
  for (const [phase, i, round2] of steps.slice(0, step + 1)) {
    if (i !== node || round2 === void 0) continue;
    if (phase === "forward") computed = round2 + 1;
    if (phase === "backward") waiting = round2;
  }
  const [, active, round] = steps[step];
  return { computed, waiting, now: active === node ? round ?? -1 : -1 };
}

// explore/page/rounds.js
var BUTTON_DISTANCE = 24;
var FIRST_REPEAT = 400;
var REPEAT = 90;
function buildRounds(view, group, node, i) {
  const { rounds } = node;
  if (!rounds) return null;
  const size = node.value[2];
  const column = (x) => ({
    value: addText(group, "sg-val", [x, rounds.value, size, "middle"]),
    grad: rounds.has_grad ? addText(group, "sg-grad", [x, rounds.grad, size, "middle"]) : null
  });
  const first = column(rounds.first);
  if (rounds.default < 0) return { first, chosen: null, number: null };
  const drawn = {
    first,
    chosen: column(rounds.chosen),
    number: addText(group, "sg-caption sg-round-number", [rounds.chosen, rounds.head, null, "middle"])
  };
  for (
    const [direction, sign] of
    /** @type {[number, string][]} */
    [
      [-1, "M-3 0h6"],
      [1, "M-3 0h6M0 -3v6"]
    ]
  ) {
    const x = rounds.chosen + direction * BUTTON_DISTANCE;
    const button = addSvg(group, "g", "sg-round-button", {
      transform: `translate(${x} ${rounds.head - 3.5})`
    });
    addSvg(button, "circle", "sg-round-target", { r: 12 });
    addSvg(button, "circle", "sg-open-ring", { r: 6.5 });
    addSvg(button, "path", "sg-open-sign", { d: sign });
    const title = addSvg(button, "title");
    title.textContent = direction < 0 ? view.labels.round_before : view.labels.round_after;
    holdToRepeat(button, () => chooseRound(view, i, direction));
  }
  return drawn;
}
function holdToRepeat(button, action) {
  let timer;
  let isRepeated = false;
  const stop = () => clearTimeout(timer);
  const repeat = () => {
    if (!button.isConnected) return;
    isRepeated = true;
    action();
    timer = setTimeout(repeat, REPEAT);
  };
  button.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    isRepeated = false;
    stop();
    timer = setTimeout(repeat, FIRST_REPEAT);
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(name, stop);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    stop();
    if (!isRepeated) action();
    isRepeated = false;
  });
}
function chooseRound(view, i, distance) {
  const node = view.shown.scene.nodes[i];
  if (!node?.rounds || !node.group || node.rounds.default < 0) return;
  const now = chosenRound(node.rounds, view.chosenRounds.get(node.group));
  view.chosenRounds.set(node.group, moveRound(node.rounds, now, distance));
  showRounds(view);
  if (view.graph?.active === i) showDetail(view, i);
}
function chooseRoundByKey(view, event) {
  const active = view.graph?.active ?? -1;
  const distance = event.shiftKey ? DISTANCES.get(event.key) : void 0;
  if (distance === void 0 || !view.shown.scene.nodes[active]?.rounds) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  chooseRound(view, active, distance);
}
var DISTANCES = /* @__PURE__ */ new Map([
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["Home", -Infinity],
  ["End", Infinity]
]);
function showRounds(view) {
  const { graph, shown } = view;
  const { rounds: texts } = shown.state;
  if (!graph || !texts) return;
  const moves = shown.state.nudge?.rounds;
  const step = view.stepper?.current() ?? Number.POSITIVE_INFINITY;
  graph.nodes.forEach(({ node, value, grad, rounds: drawn }, i) => {
    const all = texts[i];
    if (!drawn || !node.rounds || !all || all.length !== node.rounds.count) return;
    const known = knownRounds(shown.scene.steps, step, i, all.length);
    const chosen = chosenRound(node.rounds, view.chosenRounds.get(node.group ?? ""), known.now);
    const columns = [
      [drawn.first, 0],
      [drawn.chosen, chosen],
      [{ value, grad }, all.length - 1]
    ];
    for (const [column, round] of columns) {
      if (!column) continue;
      const text = moves?.[i] ? `Δ ${moves[i][round]}` : `→ ${all[round][0]}`;
      setText(column.value, round < known.computed ? text : "");
      if (column.grad) setText(column.grad, round >= known.waiting ? `← ${all[round][1]}` : "");
      column.value.classList.toggle("sg-now", known.now === round);
      column.grad?.classList.toggle("sg-now", known.now === round);
    }
    if (drawn.number) setText(drawn.number, String(chosen + 1));
  });
}
function roundDetails({ labels, shown, chosenRounds }, i) {
  const node = shown.scene.nodes[i];
  const texts = shown.state.rounds?.[i];
  if (!node.rounds || !texts || texts.length !== node.rounds.count) return [];
  const details = shown.state.round_details?.[i];
  const chosen = chosenRound(node.rounds, chosenRounds.get(node.group ?? ""));
  const heading = (round, name) => labels.round.replace("{round}", String(round + 1)).replace("{name}", () => name).trim();
  const shownRounds = [.../* @__PURE__ */ new Set([0, chosen, texts.length - 1])].filter((round) => round >= 0);
  return shownRounds.flatMap((round) => {
    const variables = details?.[round] ?? [["", ...texts[round]]];
    return variables.flatMap(([name, value, grad], n) => {
      const parts = [n ? ["", name] : ["sg-round-heading", heading(round, name)], ["sg-forward", `→ ${value}`]];
      if (grad) parts.push(["sg-backward", `← ${grad}`]);
      return parts;
    });
  });
}

// explore/page/detail.js
var SHRINK_DELAY = 800;
function showDetail(view, i) {
  const { graph, labels, shown, stepper, timers } = view;
  const { detail } = view.elements;
  if (graph && graph.active !== i) {
    graph.active = i;
    markActive(graph);
    showEdgeLabels(view);
  }
  const isNode = graph !== null && i >= 0;
  const captions = stepper?.captions() ?? [["", labels.hint]];
  const parts = isNode ? [...nodeDetails(view, i), ...earlierRunNotice(view)] : captions;
  const key = JSON.stringify([parts, isNode ? shown.state.tensor_previews?.[i] ?? null : null]);
  if (detail.dataset.shown === key) return;
  detail.dataset.shown = key;
  const tables = isNode ? previewTables(view, i) : [];
  detail.replaceChildren(
    ...parts.map(([className, text]) => createHtml("span", { class: `sg-part ${className}` }, text))
  );
  if (tables.length) addHtml(detail, "div", "sg-tables").append(...tables);
  if (tables.length) detail.style.minHeight = `${detail.offsetHeight}px`;
  else if (detail.style.minHeight) timers.throttle("shrink", () => shrink(detail), SHRINK_DELAY);
}
function shrink(detail) {
  if (!detail.querySelector(".sg-tables")) detail.style.minHeight = "";
}
function earlierRunNotice({ shown, labels }) {
  const { fresh, last_good_call } = shown.state;
  return fresh || !last_good_call ? [] : [["sg-muted", labels.baseline.numbers_of.replace("{call}", last_good_call)]];
}
function markActive({ active, nodes, edges }) {
  nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-active", i === active);
  });
  edges.forEach(({ edge, group, label }) => {
    const isActive = active >= 0 && (edge.src === active || edge.dst === active);
    group.classList.toggle("sg-active", isActive);
    label?.tag.classList.toggle("sg-active", isActive);
  });
}
function nodeDetails(view, i) {
  const { labels, shown } = view;
  const { state, scene } = shown;
  const node = scene.nodes[i];
  const [value, grad, sum] = state.details?.[i] ?? [state.values?.[i] ?? "", state.grads?.[i] ?? "", ""];
  const isInput = node.kind === "constant" || node.kind === "leaf";
  const title = isInput ? node.name ?? "" : node.name ? `${node.name} = ${node.op}` : node.op;
  const rounds = roundDetails(view, i);
  const [valueTable, gradTable] = (state.tensor_previews?.[i] ?? []).map((preview) => preview && !preview.part);
  const parts = [
    ["sg-strong", title],
    ["", labels[`kind_${node.kind}`]],
    ...rounds.length ? rounds : [
      /** @type {Part} */
      ["sg-forward", valueTable ? "" : `→ ${value}`]
    ]
  ];
  const gradTexts = [gradTable ? "" : grad, sum].filter(Boolean);
  if (node.grad && !rounds.length && gradTexts.length) parts.push(["sg-backward", `← ${gradTexts.join(" = ")}`]);
  for (const text of state.nudge?.details?.[i] ?? []) parts.push(["", text]);
  if (node.grad_fn) parts.push(["sg-code", node.grad_fn]);
  if (state.saved_sentences?.[i])
    parts.push(["", labels.saved_tensors.saves.replace("{saved}", state.saved_sentences[i])]);
  else if (node.saved.length) parts.push(["", labels.saved.replace("{names}", node.saved.join(", "))]);
  if (node.shape.length) parts.push(["sg-code", `(${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""})`]);
  if (node.line && !rounds.length) parts.push(["", labels.where.replace("{line}", String(node.line))]);
  return parts.filter(([, text]) => text);
}
function describeNode(view, i) {
  const { labels, shown } = view;
  const { state, scene } = shown;
  const node = scene.nodes[i];
  const hasOperation = ["op", "detached", "module", "loop"].includes(node.kind);
  const parts = [node.name, hasOperation ? node.op : "", labels[`kind_${node.kind}`]];
  const rounds = roundDetails(view, i).map(([, text]) => text);
  if (rounds.length) {
    parts.push(...rounds);
  } else {
    parts.push(`${labels.value} ${state.values?.[i] ?? "?"}`);
    if (node.grad) parts.push(`${labels.gradient} ${state.grads?.[i] ?? "?"}`);
  }
  parts.push(...state.nudge?.details?.[i] ?? []);
  parts.push(...earlierRunNotice(view).map(([, text]) => text));
  return parts.filter(Boolean).join(", ");
}
function labelNode(view, i, group) {
  group.setAttribute("aria-label", describeNode(view, i));
}

// explore/page/modules.js
var FRAME_MARGIN = 60;
function setOpened(view, opened, focusedModule) {
  if (!offers(view.model, "opened", opened)) return;
  view.focusedModule = focusedModule;
  view.ahead.entries.clear();
  view.model.set("opened", opened);
  view.model.save_changes();
}
function openModule(view, key) {
  setOpened(view, withOpen(view, key), { opened: key });
}
function withOpen({ model }, key) {
  return [.../* @__PURE__ */ new Set([...model.get("opened"), key])];
}
function withoutOpen({ model }, key) {
  return model.get("opened").filter((other) => other !== key);
}
function closeModule(view, key) {
  setOpened(view, withoutOpen(view, key), { closed: key });
}
function makeOpenable(view, group, node, key) {
  if (!offers(view.model, "opened", withOpen(view, key))) return;
  const [x, y] = [node.w - 13, Math.min(13, node.h / 2)];
  addSvg(group, "circle", "sg-open-ring", { cx: x, cy: y, r: 6.5 });
  addSvg(group, "path", "sg-open-sign", { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
  group.setAttribute("role", "button");
  group.addEventListener("click", () => openModule(view, key));
}
function makeBundle(view, scene, edge, { count, key }, group, tag) {
  const name = [edge.src, edge.dst].map((i) => scene.nodes[i].name ?? scene.nodes[i].op).join(" → ");
  const title = view.labels.bundle.replace("{count}", String(count)).replace("{name}", name);
  if (!offers(view.model, "opened", withOpen(view, key))) return;
  group.classList.add("sg-bundle");
  tag.classList.add("sg-bundle");
  suppressShortcuts(tag);
  for (const [attribute, value] of Object.entries({ role: "button", tabindex: "0", "aria-label": title })) {
    tag.setAttribute(attribute, value);
  }
  addSvg(tag, "title").textContent = title;
  const open = () => setOpened(view, withOpen(view, key), { index: edge.dst });
  tag.addEventListener("click", open);
  tag.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
}
function buildFrames(view, scene, svg) {
  const frames = addSvg(svg, "g", "sg-frames");
  const parts = scene.frames.flatMap(
    ({ key, boxes, text }) => boxes.map((box, n) => ({ key, box, title: n ? `… ${text}` : text }))
  );
  for (const { key, box, title } of parts) {
    const [x, y, width, height] = box;
    addSvg(frames, "rect", "sg-frame", { x, y, width, height });
    addText(frames, "sg-frame-title", [x + 11, y + 15.5, null, "start"], title);
    if (!offers(view.model, "opened", withoutOpen(view, key))) continue;
    const close = addSvg(frames, "g", "sg-frame-close");
    addSvg(close, "rect", "sg-frame-corner", { x: x + width - 24, y, width: 24, height: 22 });
    addSvg(close, "path", "sg-open-sign", { d: `M${x + width - 16} ${y + 7}l8 8m0 -8l-8 8` });
    close.addEventListener("click", () => closeModule(view, key));
  }
}
function showOpenModules(view) {
  const { labels, shown } = view;
  const chips = view.elements.stage.querySelector(".sg-chips");
  const frames = (shown.scene.frames ?? []).filter(
    (frame) => offers(view.model, "opened", withoutOpen(view, frame.key))
  );
  const key = JSON.stringify(frames.map((frame) => [frame.key, frame.title]));
  if (!chips || chips.dataset.shown === key) return;
  chips.dataset.shown = key;
  chips.replaceChildren();
  for (const frame of frames) {
    const chip = addButton(chips, "sg-chip", () => closeModule(view, frame.key));
    addHtml(chip, "span").textContent = frame.title;
    addHtml(chip, "span", "sg-chip-name").textContent = frame.name;
    const cross = addHtml(chip, "span", "sg-chip-close");
    cross.textContent = "×";
    cross.setAttribute("aria-hidden", "true");
    chip.title = labels.close_group.replace("{name}", `${frame.title} ${frame.name}`);
    chip.setAttribute("aria-label", chip.title);
  }
}
function goToMatch(view, match) {
  const opened = view.model.get("opened");
  const missing = match.opens.filter((key) => !opened.includes(key));
  if (!offers(view.model, "opened", [...opened, ...missing])) return;
  if (missing.length) setOpened(view, [...opened, ...missing], { match });
  else if (match.index !== void 0) {
    view.zoom?.makeReadable();
    focusNode(view, match.index, null);
  } else {
    view.focusedModule = { match };
    settleFocus(view);
  }
}
function focusTarget(scene, { opened, closed, match, index }) {
  if (index !== void 0) return [index, void 0];
  const bundle = closed === void 0 ? void 0 : scene.edges?.find((edge) => edge.bundle?.key === closed);
  if (bundle) return [bundle.dst, void 0];
  const group = match?.group ?? closed;
  const frame = scene.frames?.find(({ key }) => key === opened || key === match?.group);
  if (frame) return [frame.first, frame];
  if (opened !== void 0) return [-1, void 0];
  const isTarget = (node) => group === void 0 ? match !== void 0 && node.name === match.node : node.group === group;
  return [scene.nodes.findIndex(isTarget), void 0];
}
function settleFocus(view) {
  const { focusedModule, graph } = view;
  if (!focusedModule || !graph) return;
  const [i, frame] = focusTarget(view.shown.scene, focusedModule);
  if (i < 0) return;
  view.focusedModule = null;
  if (focusedModule.match) view.zoom?.makeReadable();
  focusNode(view, i, frame ?? null);
}
function focusNode(view, i, frame) {
  const graph = (
    /** @type {Graph} */
    view.graph
  );
  graph.viewport?.scrollTo(i);
  const { group } = graph.nodes[i];
  labelNode(view, i, group);
  group.focus({ preventScroll: true });
  const box = (
    /** @type {HTMLElement} */
    view.elements.stage.querySelector(".sg-graph")
  );
  const [node, frameBox] = [group.getBoundingClientRect(), box.getBoundingClientRect()];
  const distance = frame ? frameBox.left + FRAME_MARGIN - node.left : (frameBox.left + frameBox.right - node.left - node.right) / 2;
  box.scrollLeft -= distance;
  box.scrollTop += (node.top + node.bottom - frameBox.top - frameBox.bottom) / 2;
}

// explore/page/nudge.js
var STEPS = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
var [PRODUCT_SIZE, BELOW_NODE, BELOW_CAPTION] = [11, 11.5, 1];
var APART = "≠";
function createNudge(view) {
  const { model, labels, elements } = view;
  const words = labels.nudge;
  const canNudge = (input, step) => offers(model, "nudge_choice", { input, step });
  const isOffered = (input) => STEPS.some((step) => canNudge(input, step));
  const inputs = nudgeableLabels(model.get("controls")).filter(isOffered);
  const button = suppressShortcuts(createHtml("button", { class: "sg-button sg-nudge-button", type: "button" }));
  button.title = words.about;
  elements.shownExtras.before(button);
  const bar = elements.nudge;
  const tools = addHtml(bar, "div", "sg-nudge-tools");
  const choice = addHtml(tools, "label", "sg-choice");
  addHtml(choice, "span").textContent = words.input;
  const menu = suppressShortcuts(addHtml(choice, "select", "sg-select sg-nudge-input"));
  menu.append(...inputs.map((label) => createHtml("option", { value: label }, label)));
  const stepLabel = addHtml(tools, "span", "sg-choice");
  addHtml(stepLabel, "span").textContent = words.step;
  const range = addInput(stepLabel, "range", "sg-nudge-step", words.step_name);
  const stepText = addHtml(stepLabel, "output", "sg-nudge-step-text");
  const flip = addButton(tools, "sg-button sg-nudge-flip", () => choose({ step: -model.get("nudge_choice").step }));
  flip.textContent = "±";
  flip.title = words.flip;
  flip.setAttribute("aria-label", words.flip);
  const report = addHtml(bar, "div", "sg-nudge-report");
  const sentence = addHtml(report, "span", "sg-nudge-sentence");
  const verdict = addHtml(report, "strong", "sg-nudge-verdict");
  const reason = addHtml(report, "span", "sg-nudge-reason");
  const legend = addHtml(bar, "div", "sg-muted sg-nudge-legend");
  legend.textContent = words.legend;
  let lastInput = inputs[0] ?? "";
  let steps = STEPS;
  const choose = (change) => {
    const choice2 = { ...model.get("nudge_choice"), ...change };
    if (choice2.input && !canNudge(choice2.input, choice2.step)) choice2.step = stepsFor(choice2.input)[0] ?? choice2.step;
    if (!canNudge(choice2.input, choice2.step)) return;
    model.set("nudge_choice", choice2);
    model.save_changes();
    showChoice();
  };
  const stepsFor = (input) => STEPS.filter((step) => canNudge(input, step));
  const showChoice = () => {
    const { input, step } = model.get("nudge_choice");
    const isOn = input !== "";
    button.hidden = !(isOn ? canNudge("", step) : inputs.some((label) => stepsFor(label).length));
    if (isOn) lastInput = input;
    steps = stepsWith(Math.abs(step)).filter((size) => !isOn || size === Math.abs(step) || canNudge(input, size));
    flip.hidden = isOn && !canNudge(input, -step);
    bar.hidden = !isOn;
    view.widget.classList.toggle("sg-nudge-on", isOn);
    button.textContent = isOn ? words.end : words.start;
    button.setAttribute("aria-pressed", String(isOn));
    menu.value = lastInput;
    range.min = "0";
    range.max = String(steps.length - 1);
    range.value = String(steps.indexOf(Math.abs(step)));
    const text = `${step > 0 ? "+" : "−"}${shortest(Math.abs(step))}`;
    range.setAttribute("aria-valuetext", text);
    setText(stepText, text);
  };
  const show = () => {
    const { nudge, fresh, complete } = view.shown.state;
    const isWhole = fresh && complete;
    button.disabled = !isWhole && bar.hidden === true;
    bar.classList.toggle("sg-nudge-apart", Boolean(nudge?.parts));
    setText(sentence, nudge?.sentence ?? "");
    setText(verdict, nudge?.verdict ?? "");
    setText(reason, nudge?.reason ?? "");
    legend.hidden = !nudge?.moves;
  };
  button.addEventListener("click", () => choose({ input: model.get("nudge_choice").input ? "" : lastInput }));
  menu.addEventListener("change", () => choose({ input: menu.value }));
  range.addEventListener("input", () => {
    choose({ step: steps[range.valueAsNumber] * Math.sign(model.get("nudge_choice").step) });
  });
  const chooseLeaf = (event) => {
    const { input } = model.get("nudge_choice");
    const drawn = view.graph?.nodes.find(({ group }) => group.contains(
      /** @type {Node} */
      event.target
    ));
    if (!input || drawn?.node.kind !== "leaf") return;
    const next = nextElement(model.get("controls"), drawn.node.name ?? "", input);
    if (next) choose({ input: next });
  };
  elements.stage.addEventListener("click", chooseLeaf);
  elements.stage.addEventListener("keydown", (event) => {
    if (event.key === "Enter") chooseLeaf(event);
  });
  return { show, showChoice };
}
function nudgeableLabels(controls) {
  return controls.flatMap(({ nudges }) => nudges);
}
function nextElement(controls, name, current) {
  const labels = nudgeableLabels(controls.filter((control) => control.name === name));
  return labels.length ? labels[(labels.indexOf(current) + 1) % labels.length] : null;
}
function stepsWith(step) {
  return STEPS.includes(step) ? STEPS : [...STEPS, step].sort((a, b) => a - b);
}
function showNudge({ graph, shown, widget }) {
  const { nudge } = shown.state;
  const hasMoves = Boolean(nudge?.moves);
  if (!graph || !hasMoves && !graph.hasNudge) return;
  graph.hasNudge = hasMoves;
  widget.classList.toggle("sg-nudging", hasMoves);
  const apart = new Set(nudge?.apart);
  graph.nodes.forEach((drawn, i) => {
    const product = nudge?.products?.[i] ?? "";
    const { classList } = drawn.group;
    classList.toggle("sg-still", hasMoves && !product);
    classList.toggle("sg-apart", apart.has(i));
    writeProduct(drawn, product);
  });
}
function writeProduct(drawn, text) {
  const { node, group } = drawn;
  if (!drawn.product && !text) return;
  const isNew = !drawn.product;
  drawn.product ??= addText(group, "sg-product", productPosition(node));
  if (!setText(drawn.product, text) && !isNew) return;
  drawn.product.classList.toggle("sg-bad", text.startsWith(APART));
  captionBelow(group)?.classList.toggle("sg-covered", text !== "");
}
function productPosition({ w, h, marks }) {
  const caption = marks.findLast(([kind, , y]) => kind === "caption" && y > 0);
  if (!caption) return [w / 2, h + BELOW_NODE, PRODUCT_SIZE, "middle"];
  return [caption[1], caption[2] + BELOW_CAPTION, PRODUCT_SIZE, caption[4]];
}
function captionBelow(group) {
  return [...group.querySelectorAll(".sg-caption:not(.sg-round-number)")].at(-1);
}

// explore/page/nodes.js
function buildEdge(view, scene, edge, lines, tags) {
  const [forward, backward] = scene.arrow_heads;
  const group = addSvg(lines, "g", `sg-edge sg-${edge.kind}`);
  addSvg(group, "path", "sg-line", { d: pathOf(edge.pieces) });
  addSvg(group, "path", "sg-tip", { d: arrowHead(edge.tip, forward) });
  if (edge.back) addSvg(group, "path", "sg-back", { d: arrowHead(edge.back, backward) });
  if (edge.mark) addSvg(group, "path", "sg-mark", { d: strokes(edge.mark) });
  addHitArea(view, edge, group);
  group.addEventListener("pointerenter", () => point(view, edge));
  group.addEventListener("pointerleave", () => point(view, null));
  const label = edge.slot && buildLabel(tags, edge.slot, scene.label);
  if (edge.bundle && label) makeBundle(view, scene, edge, edge.bundle, group, label.tag);
  return { edge, group, label };
}
function point(view, edge) {
  if (!view.graph) return;
  view.graph.pointed = edge ? view.shown.scene.edges.indexOf(edge) : -1;
  showEdgeLabels(view);
}
function buildConnector(lines, connector, title) {
  const { x, y, r, number } = connector;
  const group = addSvg(lines, "g", "sg-connector");
  const sentence = title.replace("{number}", String(number));
  group.setAttribute("role", "img");
  group.setAttribute("aria-label", sentence);
  addSvg(group, "title").textContent = sentence;
  addSvg(group, "circle", "sg-connector-ring", { cx: x, cy: y, r });
  addText(group, "sg-connector-number", [x, y + 4, null, "middle"], String(number));
  return { connector, group };
}
function buildNode(view, node, i) {
  const group = createSvg("g", {
    class: `sg-node sg-${node.kind}${node.root ? " sg-output-node" : ""}${node.grad ? " sg-has-grad" : ""}`,
    transform: `translate(${node.x} ${node.y})`,
    role: "img",
    tabindex: "-1",
    "aria-label": node.name ?? node.op ?? ""
    // until the sliders rest; then its numbers are added
  });
  suppressShortcuts(group);
  group.append(...node.shapes.map(createShape));
  for (const [kind, x, y, size, anchor, text] of node.marks) {
    addText(group, `sg-${kind}`, [x, y, size, anchor], text);
  }
  if (node.group) makeOpenable(view, group, node, node.group);
  group.addEventListener("pointerenter", () => showDetail(view, i));
  group.addEventListener("pointerleave", () => showDetail(view, -1));
  group.addEventListener("focus", () => showDetail(view, i));
  return {
    node,
    group,
    value: addText(group, "sg-val", node.value),
    grad: node.grad && addText(group, "sg-grad", node.grad),
    rounds: buildRounds(view, group, node, i)
  };
}
function hasNumbers({ graph, shown }) {
  return graph !== null && shown.state.values?.length === graph.nodes.length;
}
function showNumbers(view) {
  const { graph } = view;
  const { values, grads = [], flows = [] } = view.shown.state;
  if (!graph || values?.length !== graph.nodes.length) return;
  const moves = view.shown.state.nudge?.moves;
  graph.nodes.forEach(({ node, value, grad }, i) => {
    const sign = node.kind === "constant" ? node.prefix ?? "" : "→ ";
    setText(value, moves?.[i] ? `Δ ${moves[i]}` : sign + values[i]);
    if (grad) setText(grad, `← ${grads[i]}`);
  });
  showRounds(view);
  graph.edges.forEach(({ edge, label }, i) => {
    if (label) writeLabel(label, flows[i], view.shown.scene.label, edge.bundle);
  });
  showNudge(view);
  showEdgeLabels(view);
  if (graph.active >= 0) showDetail(view, graph.active);
}

// explore/page/results.js
function showResults(view) {
  const { widget, labels, elements } = view;
  const { state } = view.shown;
  widget.classList.toggle("sg-stale", !state.fresh);
  setText(elements.call, state.call ?? "");
  setText(elements.output, state.fresh ? `= ${state.output}` : "= ?");
  view.rows.forEach((row, i) => {
    setText(row.gradient, gradientText(state.gradients?.[i]));
  });
  showProblem(elements.problem, state.problem);
  setText(elements.printed, state.printed ? `${labels.printed}
${state.printed}` : "");
  showNumbers(view);
  widget.dataset.position = JSON.stringify(state.position);
  widget.dataset.run = isAhead(view) ? "ahead" : "here";
}
function gradientText(text) {
  if (text === void 0) return "?";
  return text === "-" ? "" : text;
}
function showProblem(box, problem) {
  const key = JSON.stringify(problem ? [problem.text, problem.code] : []);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.replaceChildren();
  const isWarning = problem?.severity === "warning";
  box.classList.toggle("sg-warning", isWarning);
  if (!problem) return;
  addHtml(box, "span", "sg-sign").textContent = isWarning ? "△" : "✗";
  const sentence = addHtml(box, "div", "sg-sentence");
  addHtml(sentence, "span").textContent = problem.text;
  if (problem.code) addHtml(sentence, "code").textContent = problem.code;
}
function showCheck(view) {
  const { labels } = view;
  const { cells, isChecked } = view.shown;
  view.rows.forEach(({ check, checkText }, i) => {
    const [text, sign] = cells?.[i] ?? ["", ""];
    setText(checkText, `${sign} ${text}`.trim());
    check.classList.toggle("sg-good", sign === "=");
    check.classList.toggle("sg-bad", sign === "≠");
    check.title = sign ? `${sign === "=" ? labels.agrees : labels.differs}: ${labels.check_long}` : "";
  });
  view.widget.classList.toggle("sg-unchecked", !isChecked);
}
function askForCheck(view) {
  const { model } = view;
  if (isAhead(view)) return;
  const { sequence } = model.get("state");
  if (model.get("check").sequence === sequence || model.get("check_requested") === sequence) return;
  model.set("check_requested", sequence);
  model.save_changes();
}
function announce(view) {
  const { state } = view.shown;
  if (view.stepper.announce()) {
    view.announced = null;
    return;
  }
  const text = state.problem?.severity === "error" ? state.problem.text : state.summary ?? "";
  if (text !== view.announced) setText(view.elements.live, text);
  view.announced = text;
  view.graph?.nodes.forEach(({ group }, i) => {
    labelNode(view, i, group);
  });
}

// explore/page/steps.js
function stepTimes(nodeCount, steps) {
  const value = Array(nodeCount).fill(0);
  const grad = Array(nodeCount).fill(0);
  const [valueBegins, gradBegins] = [[...value], [...grad]];
  steps.forEach(([phase, node], step) => {
    if (phase === "forward") {
      value[node] = step;
      valueBegins[node] ||= step;
    }
    if (phase === "backward" || phase === "failed") {
      grad[node] = step;
      gradBegins[node] ||= step;
    }
  });
  return { value, grad, valueBegins, gradBegins, computed: lastForwardStep(steps) + 1 };
}
function lastForwardStep(steps) {
  return steps.findLastIndex(([phase]) => phase === "forward");
}
function savedTensorsAt(state, i, step, { value, grad, computed }) {
  if (step < value[i]) return [];
  const isFreed = step >= grad[i] && grad[i] > 0;
  return (state.saved_tensors?.[i] ?? []).map(([kind, text], n) => {
    const [textBefore, writer] = state.inplace_writes?.[i]?.[n] ?? [text, -1];
    const written = writer < 0 ? computed : value[writer];
    if (kind === "changed" && step < written) return ["kept", textBefore];
    return [kind === "freed" && !isFreed ? "kept" : kind, text];
  });
}

// explore/page/saved-tensors.js
var CHIP_GAP = "7";
var CHIP_SIZE = 11;
function createSavedTensors(view) {
  const { model, labels } = view;
  const words = labels.saved_tensors;
  const bar = view.elements.extras.saved;
  bar.classList.add("sg-saved-bar");
  const addSwitch2 = (name, text) => {
    const label = addHtml(bar, "label", `sg-choice sg-saved-${name}`);
    const box = addInput(label, "checkbox", "sg-switch", text);
    addHtml(label, "span").textContent = text;
    box.addEventListener("change", () => {
      model.set("saved_tensors", { on: on.box.checked, retain: retain.box.checked, twice: twice.box.checked });
      model.save_changes();
    });
    return { label, box };
  };
  const on = addSwitch2("on", words.saved_tensors);
  const retain = addSwitch2("retain", words.retain);
  const twice = addSwitch2("twice", words.twice);
  const memory = addHtml(bar, "span", "sg-memory");
  return {
    /** Show what is chosen. */
    showChoice() {
      const choice = model.get("saved_tensors");
      on.box.checked = choice.on;
      retain.box.checked = choice.retain;
      twice.box.checked = choice.twice;
      const canSwitch = (name) => offers(model, "saved_tensors", { ...choice, [name]: !choice[name] });
      on.label.hidden = !canSwitch("on");
      retain.label.hidden = !choice.on || !canSwitch("retain");
      twice.label.hidden = !choice.on || !canSwitch("twice");
      bar.hidden = on.label.hidden && !choice.on;
    },
    show() {
      setText(memory, view.shown.state.memory ?? "");
      showSavedTensors(view);
    }
  };
}
function showSavedTensors(view, step = view.stepper.current()) {
  const { graph, labels } = view;
  const { state, scene } = view.shown;
  const { signs } = labels.saved_tensors;
  if (!graph || !hasNumbers(view)) return;
  const hasFailed = (state.failed ?? -1) >= 0;
  if (!state.saved_tensors && !graph.hasSavedTensors && !hasFailed && !graph.hasFailed) return;
  graph.hasSavedTensors = Boolean(state.saved_tensors);
  graph.hasFailed = hasFailed;
  const isLastStep = step >= scene.steps.length - 1;
  graph.nodes.forEach((drawn, i) => {
    drawn.group.classList.toggle("sg-failed", state.failed === i && isLastStep);
    writeChips(drawn, signs, savedTensorsAt(state, i, step, graph.times));
  });
}
function writeChips(drawn, signs, chips) {
  const key = JSON.stringify(chips);
  if ((drawn.savedKey ?? "[]") === key) return;
  drawn.savedKey = key;
  const { node, group } = drawn;
  drawn.saved ??= addText(group, "sg-saved", chipsPosition(node));
  group.classList.toggle("sg-has-saved", chips.length > 0);
  drawn.saved.replaceChildren(
    ...chips.map(([kind, text], n) => {
      const chip = createSvg(
        "tspan",
        { class: `sg-is-${kind === "kept" ? "held" : kind}` },
        `${signs[kind] ?? ""} ${text}`.trim()
      );
      if (n) chip.setAttribute("dx", CHIP_GAP);
      return chip;
    })
  );
}
function chipsPosition({ marks }) {
  const [, x, y, , anchor] = marks.find(([kind]) => kind === "caption") ?? ["", 0, 0, 0, "middle"];
  return [x, y, CHIP_SIZE, anchor];
}

// explore/page/baseline.js
var BOTH_MARGINS = 50;
var LIVE_CLASSES = ["sg-active", "sg-later", "sg-grad-later", "sg-now", "sg-now-backward", "sg-cuttable"];
function createBaseline(view) {
  const { labels, elements, widget } = view;
  const words = labels.baseline;
  const button = suppressShortcuts(createHtml("button", { class: "sg-button sg-compare-button", type: "button" }));
  elements.extras.keep.append(button);
  let snapshot = null;
  const showButton = () => {
    button.textContent = snapshot ? words.compare_end : words.compare;
    button.setAttribute("aria-pressed", String(snapshot !== null));
  };
  const show = () => {
    const { state, scene } = view.shown;
    button.disabled = !snapshot && !view.graph;
    button.title = snapshot || state.fresh || !state.last_good_call ? "" : words.numbers_of.replace("{call}", state.last_good_call);
    const before = snapshot;
    const isComparable = before !== null && state.fresh && !state.nudge?.moves && haveSameNodes(before.scene, scene);
    const nodeDiffers = (i) => isComparable && (state.values?.[i] !== before.state.values?.[i] || state.grads?.[i] !== before.state.grads?.[i]);
    view.graph?.nodes.forEach(({ node, group }, i) => {
      markDifference(group, node, nodeDiffers(i));
    });
    before?.nodes.forEach((group, i) => {
      markDifference(group, before.scene.nodes[i], nodeDiffers(i));
    });
    view.rows.forEach((row, i) => {
      const value = before?.state.gradients?.[i];
      const differs = value !== void 0 && value !== "-" && value !== state.gradients?.[i];
      setText(row.baselineValue, differs && state.fresh ? words.was.replace("{value}", value) : "");
    });
  };
  const start = () => {
    snapshot = takeSnapshot(view);
    view.timers.cancel("announce");
    announce(view);
    setText(elements.live, `${words.baseline_run} ${snapshot.call}`);
    const hasRoom = 2 * MIN_GRAPH_SCALE * snapshot.scene.width <= elements.pair.clientWidth - BOTH_MARGINS;
    elements.pair.classList.toggle("sg-side-by-side", hasRoom);
  };
  const end = () => {
    snapshot = null;
    elements.baseline.replaceChildren();
  };
  button.addEventListener("click", () => {
    if (snapshot) end();
    else start();
    widget.classList.toggle("sg-comparing", snapshot !== null);
    if (!snapshot) view.reportWidth?.();
    showButton();
    show();
  });
  showButton();
  return { show };
}
function takeSnapshot(view) {
  const { labels, elements } = view;
  const graph = (
    /** @type {Graph} */
    view.graph
  );
  const { state, scene } = view.shown;
  const call = state.fresh ? state.call : state.last_good_call ?? "";
  const head = addHtml(elements.baseline, "div", "sg-baseline-head");
  addHtml(head, "span", "sg-muted").textContent = labels.baseline.baseline_run;
  addHtml(head, "code").textContent = call;
  addHtml(head, "span", "sg-forward").textContent = `= ${state.output}`;
  const box = suppressShortcuts(addHtml(elements.baseline, "div", "sg-graph"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${labels.baseline.baseline_run} ${state.summary}`);
  showSavedTensors(view, Infinity);
  const svg = withoutNudge(view, () => (
    /** @type {SVGSVGElement} */
    graph.svg.cloneNode(true)
  ));
  showSavedTensors(view);
  svg.removeAttribute("style");
  svg.style.width = fittingWidth(scene.width);
  const window = graph.viewport?.window();
  if (window) cropTo(svg, window);
  svg.setAttribute("aria-hidden", "true");
  for (const element of svg.querySelectorAll("*")) {
    element.classList.remove(...LIVE_CLASSES);
    for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
  }
  for (const extra of svg.querySelectorAll(".sg-hit-area, .sg-difference, .sg-overlay")) extra.remove();
  box.append(svg);
  const nodes = [];
  const drawn = Object.keys(graph.nodes).map(Number);
  svg.querySelectorAll(".sg-node").forEach((group, n) => {
    nodes[drawn[n]] = group;
  });
  return { call, state, scene, nodes };
}
function withoutNudge(view, action) {
  const { shown } = view;
  if (!shown.state.nudge?.moves) return action();
  view.shown = { ...shown, state: { ...shown.state, nudge: void 0 } };
  showNumbers(view);
  const result = action();
  view.shown = shown;
  showNumbers(view);
  return result;
}
function cropTo(svg, [left, top, right, bottom]) {
  svg.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
  svg.style.width = fittingWidth(right - left);
}
function haveSameNodes(one, other) {
  if (one.key === other.key) return true;
  const isSame = (node, i) => node.op === other.nodes[i].op && node.name === other.nodes[i].name;
  return one.nodes.length === other.nodes.length && one.nodes.every(isSame);
}
function markDifference(group, node, differs) {
  const mark = group.querySelector(".sg-difference");
  if (Boolean(mark) === differs) return;
  if (mark) mark.remove();
  else addText(group, "sg-difference", [node.w - 2, -3, 14, "end"], "≠");
}

// explore/page/sliders.js
var [CONFIRM_DELAY, MAX_UNCONFIRMED] = [250, 1500];
var MAX_MOVES = 700;
function moveSlider(view, index, x) {
  const sliders = [...view.model.get("sliders")];
  if (sliders[index] === x) return;
  sliders[index] = x;
  moveSliders(view, sliders);
}
function moveSliders(view, sliders) {
  const { model, timers } = view;
  view.moveCount += 1;
  remember(view.moves, keyOf(sliders), view.moveCount, MAX_MOVES);
  model.set("sliders", sliders);
  view.lastMove = performance.now();
  const confirm = () => {
    view.unconfirmedSince = Infinity;
    model.save_changes();
  };
  view.unconfirmedSince = Math.min(view.unconfirmedSince, view.lastMove);
  if (isAhead(view) && view.lastMove - view.unconfirmedSince < MAX_UNCONFIRMED) {
    timers.debounce("confirm", confirm, CONFIRM_DELAY);
    return;
  }
  timers.cancel("confirm");
  confirm();
}

// explore/page/controls.js
var MAX_FIELD_CHARACTERS = 17;
var [FIELD_WIDTH, FIELD_CHARACTER_WIDTH] = [84, 9];
var KEYS_THAT_MOVE = /^(Arrow|Page|Home|End)/;
function createControls(view) {
  const { labels, model } = view;
  const { table, reset } = view.elements;
  const headings = addHtml(addHtml(table, "thead"), "tr");
  for (
    const key of
    /** @type {const} */
    ["input", "value", "gradient", "check"]
  ) {
    const cell = addHtml(headings, "th", `sg-h-${key}`);
    cell.scope = "col";
    cell.textContent = key === "gradient" ? `← ${labels[key]}` : labels[key];
    if (key === "check") cell.title = labels.check_long;
  }
  const body = addHtml(table, "tbody");
  const rows = model.get("controls").flatMap((control) => control.labels.map((label, i) => createRow(view, body, control, label, i)));
  const longestName = Math.max(0, ...rows.map((row) => row.label.length));
  table.style.setProperty("--sg-longest-name", String(longestName));
  reset.hidden = !rows.some((row) => row.slider !== null);
  reset.addEventListener("click", () => moveSliders(view, model.get("home")));
  return rows;
}
function createRow(view, body, control, label, i) {
  const line = addHtml(body, "tr", control.is_v ? "sg-weight-row" : "");
  const name = addHtml(line, "th", "sg-name");
  name.scope = "row";
  name.textContent = name.title = label;
  const cell = addHtml(line, "td", "sg-value");
  const gradientCell = addHtml(line, "td", "sg-gradient");
  const check = addHtml(line, "td", "sg-check");
  const isFixed = control.kind === "fixed";
  const slider = control.first + i;
  const row = {
    label,
    line,
    argument: control.name,
    slider: isFixed ? null : slider,
    step: control.step,
    gradient: addHtml(gradientCell, "span"),
    baselineValue: addHtml(gradientCell, "span", "sg-baseline-value"),
    check,
    checkText: addHtml(check, "span")
  };
  if (isFixed) {
    addHtml(cell, "span", "sg-fixed").textContent = view.labels.fixed.replace("{text}", control.text);
    return { ...row, range: null, show() {
    } };
  }
  if (control.kind === "switch") return { ...row, range: null, show: createSwitch(view, cell, label, slider) };
  return { ...row, ...createSlider(view, cell, control, label, slider) };
}
function createSwitch(view, cell, label, index) {
  const box = addInput(cell, "checkbox", "sg-switch", label);
  box.addEventListener("change", () => moveSlider(view, index, box.checked ? 1 : 0));
  return (sliders) => {
    box.checked = sliders[index] !== 0;
  };
}
function createSlider(view, cell, control, label, index) {
  const wrap = addHtml(cell, "div", "sg-slide");
  addEnd(wrap, control.low, control);
  const range = addInput(wrap, "range", "sg-range", view.labels.slider.replace("{name}", label));
  addEnd(wrap, control.high, control);
  const field = addInput(wrap, "number", "sg-exact", view.labels.number.replace("{name}", label));
  for (const input of [range, field]) {
    input.min = String(control.low);
    input.max = String(control.high);
  }
  field.step = control.kind === "integer" ? "1" : "any";
  widen(field, control);
  range.addEventListener("input", () => {
    writeNumber(field, formatPosition(range.valueAsNumber, control));
    moveSlider(view, index, range.valueAsNumber);
  });
  const showRange = createRangeDisplay(view, range, control, index);
  for (const event of ["pointerenter", "focusin"]) {
    wrap.addEventListener(event, () => aimAt(view, (sliders) => neighbours(range, control.step, sliders, index)));
  }
  listenToField(view, field, control, index);
  return {
    range,
    show(sliders) {
      const x = sliders[index];
      showRange(x);
      const hasFocus = field === field.ownerDocument.activeElement;
      if (field.valueAsNumber !== x && !hasFocus) writeNumber(field, formatPosition(x, control));
    }
  };
}
function writeNumber(field, text) {
  field.defaultValue = text;
  if (field.value !== text) field.value = text;
}
function addEnd(wrap, x, control) {
  const end = addHtml(wrap, "span", "sg-end");
  end.setAttribute("aria-hidden", "true");
  end.textContent = compactPosition(x, control);
}
function widen(field, control) {
  const numbers = [control.low, control.high, control.low + control.step];
  const longest2 = Math.max(...numbers.map((x) => formatPosition(x, control).length));
  if (longest2 <= FIELD_CHARACTERS) return;
  const more = Math.min(longest2, MAX_FIELD_CHARACTERS) - FIELD_CHARACTERS;
  field.style.flexBasis = field.style.width = `${FIELD_WIDTH + more * FIELD_CHARACTER_WIDTH}px`;
}
function createRangeDisplay(view, range, control, index) {
  const show = (x) => {
    for (const step of [String(control.step), "any"]) {
      if (range.step && range.valueAsNumber === x) return;
      range.step = step;
      range.value = String(x);
    }
  };
  const restoreStep = (key) => {
    if (range.step !== "any" || key && !KEYS_THAT_MOVE.test(key)) return;
    const steps = (range.valueAsNumber - control.low) / control.step;
    range.step = String(control.step);
    let from = Math.round(steps);
    if (key === "ArrowRight" || key === "ArrowUp") from = Math.floor(steps);
    if (key === "ArrowLeft" || key === "ArrowDown") from = Math.ceil(steps);
    range.value = String(control.low + from * control.step);
  };
  range.addEventListener("pointerdown", () => restoreStep(""));
  range.addEventListener("keydown", (event) => restoreStep(event.key));
  for (const event of ["pointerup", "pointercancel", "keyup"]) {
    range.addEventListener(event, () => show(view.model.get("sliders")[index]));
  }
  return show;
}
function listenToField(view, field, control, index) {
  const { low, high } = control;
  const enter = () => {
    const x = field.valueAsNumber;
    if (Number.isFinite(x) && x >= low && x <= high) moveSlider(view, index, x);
  };
  const settle = () => {
    const x = field.valueAsNumber;
    const allowed = Number.isFinite(x) ? clamp(x, low, high) : view.model.get("sliders")[index];
    field.value = formatPosition(allowed, control);
    moveSlider(view, index, allowed);
  };
  field.addEventListener("input", enter);
  field.addEventListener("change", settle);
  field.addEventListener("blur", () => {
    writeNumber(field, formatPosition(view.model.get("sliders")[index], control));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter")
      settle();
    else moveByStep(event, field, control);
  });
}
function moveByStep(event, field, control) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const direction = event.key === "ArrowUp" ? 1 : -1;
  const x = (field.valueAsNumber || 0) + direction * control.step;
  field.value = formatPosition(clamp(x, control.low, control.high), control);
  field.dispatchEvent(new Event("input"));
}
function neighbours(range, step, sliders, index) {
  const probe = createProbe(range, step);
  const values = valuesAround(range.valueAsNumber, { low: Number(range.min), step }, probe, AHEAD_RANGE);
  return values.map((value) => sliders.map((other, i) => i === index ? value : other));
}
var snapped = /* @__PURE__ */ new WeakMap();
var MAX_SNAPPED = 5e3;
function createProbe(range, step) {
  const form = [range.min, range.max, step].join(" ");
  let known = snapped.get(range);
  if (known?.form !== form || known.values.size > MAX_SNAPPED) {
    known = { form, values: /* @__PURE__ */ new Map() };
    snapped.set(range, known);
  }
  const { values } = known;
  let probe;
  return (value) => {
    const before = values.get(value);
    if (before !== void 0) return before;
    if (!probe) {
      probe = /** @type {HTMLInputElement} */
      range.cloneNode();
      probe.step = String(step);
    }
    probe.value = String(value);
    values.set(value, probe.valueAsNumber);
    return probe.valueAsNumber;
  };
}

// explore/page/memory.js
var MORE_KEY = "seeing-gradients.more";
var DONE_KEY = "seeing-gradients.moved-a-slider";
var MAX_NAMES = 100;
function openNames(storage) {
  try {
    const names = JSON.parse(storage?.getItem(MORE_KEY) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}
function storageOf(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}
function write(storage, key, text) {
  try {
    storage?.setItem(key, text);
  } catch {
  }
}
function wasMoreOpen(name, storage = storageOf("localStorage")) {
  return openNames(storage).includes(name);
}
function rememberMore(name, isOpen, storage = storageOf("localStorage")) {
  const others = openNames(storage).filter((other) => other !== name);
  write(storage, MORE_KEY, JSON.stringify(isOpen ? [...others, name].slice(-MAX_NAMES) : others));
}
function hasMovedSlider(storage = storageOf("sessionStorage")) {
  return storage?.getItem(DONE_KEY) === "yes";
}
function rememberMove(storage = storageOf("sessionStorage")) {
  write(storage, DONE_KEY, "yes");
}

// explore/page/extras.js
function createExtras(view) {
  const { model, labels, elements } = view;
  const { toolbar, shownExtras, more, extras } = elements;
  const button = addButton(toolbar, "sg-button sg-more-button", () => open(!model.get("more_open")));
  button.append(labels.more, chevron());
  const open = (isOpen) => {
    rememberMore(labels.name, isOpen);
    model.set("more_open", isOpen);
    model.save_changes();
  };
  const showMore = () => {
    const isOpen = model.get("more_open");
    button.setAttribute("aria-expanded", String(isOpen));
    more.hidden = !isOpen;
    view.cuts.show();
  };
  const show = () => {
    const isEmpty = (parent) => [...parent.children].every((child) => (
      /** @type {HTMLElement} */
      child.hidden
    ));
    button.hidden = isEmpty(more);
    shownExtras.hidden = isEmpty(shownExtras);
  };
  more.setAttribute("role", "group");
  more.setAttribute("aria-label", labels.more);
  if (!model.get("more_open") && wasMoreOpen(labels.name)) open(true);
  return {
    show,
    showMore,
    /** Whether edges are cut by a click: only where the learner sees a control for it. */
    canCut: () => model.get("extras").cut === "shown" || model.get("extras").cut === "more" && model.get("more_open"),
    elements: extras
  };
}
function chevron() {
  const svg = createSvg("svg", {
    class: "sg-chevron",
    viewBox: "0 0 12 12",
    width: 12,
    height: 12,
    "aria-hidden": "true"
  });
  addSvg(svg, "path", "", { d: "M2.5 4.5L6 8l3.5-3.5" });
  return svg;
}

// explore/page/direction.js
var MIN_NODES = 30;
var ARROWS = { right: "M2.5 8h10.5M9 4l4 4l-4 4", down: "M8 2.5v10.5M4 9l4 4l4 -4" };
function createDirectionButton(view, tools) {
  const { model, labels } = view;
  const button = addButton(tools, "sg-icon sg-direction", () => {
    view.ahead.entries.clear();
    model.set("direction", otherDirection(view.shown.scene));
    model.save_changes();
  });
  const svg = createSvg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  const arrow = addSvg(svg, "path", "sg-zoom-sign");
  button.append(svg);
  button.hidden = true;
  return {
    /**
     * Offer the direction in which a scene does not run.
     * @param {Scene} scene
     */
    show(scene) {
      const next = otherDirection(scene);
      const isSmall = scene.nodes.length < MIN_NODES && !scene.nodes.some(({ group }) => group);
      button.hidden = isSmall || !offers(model, "direction", next);
      arrow.setAttribute("d", ARROWS[next]);
      button.title = labels[`direction_${next}`];
      button.setAttribute("aria-label", button.title);
    }
  };
}
function otherDirection({ direction }) {
  return direction === "down" ? "right" : "down";
}

// explore/page/keyboard.js
function moveFocus(view, event) {
  const { graph } = view;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") event.preventDefault();
  if (!graph) return;
  const target = nextFocus(event.key, graph.active, graph.nodes.length);
  if (target === null) return;
  event.preventDefault();
  graph.viewport?.scrollTo(target);
  const { group } = graph.nodes[target];
  labelNode(view, target, group);
  group.focus({ preventScroll: true });
  group.scrollIntoView({ block: "nearest", inline: "center" });
}
function nextFocus(key, active, count) {
  if (key === "ArrowRight" || key === "ArrowDown") return Math.min(active + 1, count - 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return Math.max(active - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
function switchModule(view, event) {
  const { graph } = view;
  const focused = graph?.nodes.findIndex((drawn) => drawn?.group.contains(
    /** @type {Node} */
    event.target
  )) ?? -1;
  if (!graph || focused < 0) return;
  const { group } = graph.nodes[focused].node;
  if ((event.key === "Enter" || event.key === " ") && group) {
    event.preventDefault();
    openModule(view, group);
  } else if (event.key === "Escape") {
    const innermost = (view.shown.scene.frames ?? []).findLast(({ nodes }) => nodes.includes(focused));
    if (!innermost) return;
    event.preventDefault();
    closeModule(view, innermost.key);
  }
}

// explore/page/minimap-geometry.js
var MOST = { width: 168, height: 112 };
var PART = { width: 0.3, height: 0.4 };
var LEAST_SIDE = 18;
var SMALLEST_MARK = 1.5;
function minimapSize(graph, box) {
  const [width, height] = [
    Math.min(MOST.width, PART.width * box.width),
    Math.min(MOST.height, PART.height * box.height)
  ];
  if (Math.min(width, height) < LEAST_SIDE) return null;
  const scale = Math.min(width / graph.width, height / graph.height);
  return {
    width: Math.round(clamp(graph.width * scale, LEAST_SIDE, width)),
    height: Math.round(clamp(graph.height * scale, LEAST_SIDE, height))
  };
}
function minimapMarks(scene, size) {
  const [x, y] = [size.width / scene.width, size.height / scene.height];
  const marks = {
    "sg-mini-frame": /* @__PURE__ */ new Set(),
    "sg-mini-node": /* @__PURE__ */ new Set(),
    "sg-mini-leaf": /* @__PURE__ */ new Set(),
    "sg-mini-output": /* @__PURE__ */ new Set()
  };
  for (const [left, top, w, h] of scene.frames.flatMap(({ boxes }) => boxes)) {
    marks["sg-mini-frame"].add(rectangle(left * x, top * y, w * x, h * y));
  }
  for (const node of scene.nodes) {
    const kind = node.root ? "sg-mini-output" : node.kind === "leaf" && node.grad ? "sg-mini-leaf" : "sg-mini-node";
    const [w, h] = [Math.max(node.w * x, SMALLEST_MARK), Math.max(node.h * y, SMALLEST_MARK)];
    marks[kind].add(rectangle(node.x * x, node.y * y, w, h));
  }
  const joined2 = Object.entries(marks).map(([kind, paths]) => [kind, [...paths].join("")]);
  return Object.fromEntries(joined2);
}
function rectangle(x, y, w, h) {
  const [left, top, width, height] = [x, y, w, h].map((number) => Math.round(number * 2) / 2);
  return `M${left} ${top}h${width}v${height}h${-width}z`;
}
function markedPart([left, top, right, bottom], graph, size) {
  const across = (x) => clamp(x / graph.width, 0, 1) * size.width;
  const down = (y) => clamp(y / graph.height, 0, 1) * size.height;
  return { x: across(left), y: down(top), width: across(right) - across(left), height: down(bottom) - down(top) };
}
function freestCorner(current, nodes, size, box, output = null) {
  let [best, least] = [current, Infinity];
  for (const corner of [current, 0, 1, 2, 3]) {
    const [left, top] = cornerPosition(corner, size, box);
    const area = [left, top, left + size.width, top + size.height];
    const hidden = nodes.filter((node) => overlaps(node, area)).length;
    const cost = output && overlaps(output, area) ? nodes.length + hidden : hidden;
    if (cost < least) [best, least] = [corner, cost];
  }
  return best;
}
function cornerPosition(corner, size, box) {
  return [corner < 2 ? box.width - size.width : 0, corner % 3 === 0 ? box.height - size.height : 0];
}

// explore/page/minimap.js
var MARGIN = 8;
var NARROW = 480;
var SETTLE_DELAY2 = 200;
function createMinimap(view, box, window) {
  const map = addHtml(view.elements.stage, "div", "sg-minimap");
  map.setAttribute("aria-hidden", "true");
  map.hidden = true;
  let drawn = null;
  let frame = null;
  let corner = 0;
  const draw = (scene, size) => {
    const svg = createSvg("svg", { width: size.width, height: size.height });
    for (const [kind, d] of Object.entries(minimapMarks(scene, size))) addSvg(svg, "path", kind, { d });
    frame = addSvg(svg, "rect", "sg-mini-sight");
    map.replaceChildren(svg);
    drawn = { scene, size };
  };
  const settle = () => {
    if (map.hidden || !drawn) return;
    const room = { width: box.clientWidth, height: box.clientHeight };
    const size = { width: map.offsetWidth + 2 * MARGIN, height: map.offsetHeight + 2 * MARGIN };
    const [left, top, right, bottom] = window.sight();
    const scale = room.width / (right - left);
    const nodes = [];
    let output = null;
    for (const node of drawn.scene.nodes) {
      if (!overlaps(boxOf(node), [left, top, right, bottom])) continue;
      const [x2, y2] = [(node.x - left) * scale, (node.y - top) * scale];
      nodes.push([x2, y2, x2 + node.w * scale, y2 + node.h * scale]);
      if (node.root) output = nodes[nodes.length - 1];
    }
    corner = freestCorner(corner, nodes, size, room, output);
    const [x, y] = cornerPosition(corner, size, room);
    map.style.left = `${box.offsetLeft + x + MARGIN}px`;
    map.style.top = `${box.offsetTop + y + MARGIN}px`;
    const area = [x, y, x + size.width, y + size.height];
    const isInTheWay = room.width < NARROW && nodes.some((node) => overlaps(node, area));
    map.style.visibility = isInTheWay ? "hidden" : "";
  };
  const update = () => {
    const { scene } = view.shown;
    const size = window.overflows() ? minimapSize(scene, { width: box.clientWidth, height: box.clientHeight }) : null;
    map.hidden = size === null;
    if (!size) return;
    const isSame = drawn?.scene === scene && drawn.size.width === size.width && drawn.size.height === size.height;
    if (!isSame) draw(scene, size);
    const part = markedPart(window.sight(), scene, size);
    for (const [name, value] of Object.entries(part)) frame?.setAttribute(name, String(Math.round(value * 10) / 10));
    if (isSame) view.timers.debounce("minimap", settle, SETTLE_DELAY2);
    else settle();
  };
  const move = (event) => {
    if (!drawn) return;
    const { left, top } = map.getBoundingClientRect();
    const { scene, size } = drawn;
    const [x, y] = [event.clientX - left - map.clientLeft, event.clientY - top - map.clientTop];
    window.centre(x / size.width * scene.width, y / size.height * scene.height);
  };
  map.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    map.setPointerCapture(event.pointerId);
    move(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (map.hasPointerCapture(event.pointerId)) move(event);
  });
  return { update };
}

// explore/page/search-ranking.js
var SEPARATORS = /[.\s/:#…]+/;
function findableNodes(scene) {
  return scene.nodes.map(({ name, op, group }, index) => ({
    name: name ?? op,
    text: name === null ? "" : op,
    opens: [],
    index,
    ...group === void 0 ? { node: name ?? op } : { group }
  }));
}
function mergeFindable(known, shown) {
  const keys = new Set(known.map(({ group, node }) => group ?? `node ${node}`));
  return [...known, ...shown.filter(({ group, node }) => !keys.has(group ?? `node ${node}`))];
}
function findMatches(query, entries, most) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const matches = [];
  for (const entry of entries) {
    const cost = costOf(words, entry);
    if (cost < Infinity) matches.push([cost, entry]);
  }
  matches.sort(([a], [b]) => a - b);
  return matches.slice(0, most).map(([, entry]) => entry);
}
function costOf(words, { name, text, group }) {
  const [path, kind] = [name.toLowerCase(), text.toLowerCase()];
  let cost = 0;
  for (const word of words) cost += wordCost(word, path, kind);
  return cost * 1e3 + (group === void 0 ? 100 : 0) + Math.min(path.split(".").length, 99);
}
function wordCost(word, path, kind) {
  if (path === word) return 0;
  if (path.endsWith(`.${word}`)) return 1;
  if (`.${path}.`.includes(`.${word}.`)) return 2;
  if (kind === word) return 3;
  const isStart = (part) => part.startsWith(word);
  if (path.startsWith(word) || path.split(SEPARATORS).some(isStart)) return 4;
  if (kind.split(SEPARATORS).some(isStart)) return 5;
  if (path.includes(word)) return 6;
  return kind.includes(word) ? 7 : Infinity;
}

// explore/page/search.js
var MOST_SHOWN = 40;
var ICON = "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0 -9M10.3 10.3L14 14";
var fields = 0;
function createSearch(view, tools) {
  const words = view.labels.search;
  const holder = addHtml(tools, "div", "sg-search");
  const button = addButton(holder, "sg-icon sg-search-button", () => open());
  button.title = words.search;
  button.setAttribute("aria-label", words.search);
  const svg = addSvg(button, "svg", "", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "sg-zoom-sign", { d: ICON });
  const field = addInput(holder, "text", "sg-search-field", words.search);
  const list = addHtml(holder, "ul", "sg-matches");
  list.id = `sg-matches-${++fields}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.search);
  const attributes = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: words.search
  };
  for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
  let entries = [];
  let matches = [];
  let active = 0;
  let origin = null;
  const isOpen = () => !field.hidden;
  const activate = (i) => {
    active = i;
    const options = [...list.children];
    options.forEach((option, n) => {
      option.setAttribute("aria-selected", String(n === i && matches.length > 0));
    });
    if (!matches.length) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    field.setAttribute("aria-activedescendant", options[i].id);
    options[i].scrollIntoView({ block: "nearest" });
  };
  const showMatches = () => {
    matches = findMatches(field.value, entries, MOST_SHOWN);
    const isAsked = field.value.trim() !== "";
    list.replaceChildren();
    for (const [n, match] of matches.entries()) addMatch(list, n, match, () => choose(match));
    if (isAsked && !matches.length) addHtml(list, "li", "sg-muted").textContent = words.search_none;
    list.hidden = !isAsked;
    field.setAttribute("aria-expanded", String(isAsked && matches.length > 0));
    if (isAsked) {
      const count = words.search_count.replace("{count}", String(matches.length));
      setText(view.elements.live, matches.length ? count : words.search_none);
    }
    activate(0);
  };
  const collect = (known) => {
    entries = mergeFindable(known, findableNodes(view.shown.scene));
    showMatches();
  };
  const open = () => {
    if (!isOpen()) origin = document.activeElement;
    field.hidden = false;
    holder.classList.add("sg-searching");
    field.focus();
    field.select();
    collect([]);
    view.model.send({ search: true });
  };
  const close = () => {
    field.value = "";
    field.hidden = list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    holder.classList.remove("sg-searching");
  };
  const cancel = () => {
    const isWithin = holder.contains(document.activeElement);
    close();
    if (!isWithin) return;
    const before = origin;
    const isFocusable = before instanceof HTMLElement || before instanceof SVGElement;
    if (isFocusable && before !== button && view.widget.contains(before)) before.focus();
    else button.focus();
  };
  const choose = (match) => {
    close();
    goToMatch(view, match);
  };
  const handleKey = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && matches.length) choose(matches[active]);
    else if (event.key === "ArrowDown" && matches.length) activate((active + 1) % matches.length);
    else if (event.key === "ArrowUp" && matches.length) activate((active + matches.length - 1) % matches.length);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  field.addEventListener("input", showMatches);
  field.addEventListener("keydown", handleKey);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(
      /** @type {Node | null} */
      event.relatedTarget
    )) close();
  });
  view.widget.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement && ["text", "number"].includes(event.target.type);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || holder.hidden) return;
    event.preventDefault();
    open();
  });
  close();
  return {
    /** @param {SearchEntry[]} known */
    receive(known) {
      if (isOpen()) collect(known);
    },
    /** Offer the search, or not: where everything is in sight, there is nothing to look for. */
    offer: (isNeeded) => {
      holder.hidden = !isNeeded && !isOpen();
    }
  };
}
function addMatch(list, n, { name, text }, choose) {
  const option = addHtml(list, "li", "sg-match");
  option.id = `${list.id}-${n}`;
  option.setAttribute("role", "option");
  addHtml(option, "span", "sg-match-name").textContent = name;
  addHtml(option, "span", "sg-muted").textContent = text;
  option.addEventListener("click", choose);
}

// explore/page/merged.js
function mergePaths(scene, edgeBounds, window, { step, times }, { isEdgeDrawn, outlinedNodes }) {
  const groups = /* @__PURE__ */ new Map();
  const groupOf = (className, node) => {
    const later = times.value[node] > step ? " sg-later" : "";
    const gradLater = times.grad[node] > step ? " sg-grad-later" : "";
    const key = `${className}${later}${gradLater}`;
    const paths = groups.get(key) ?? emptyPaths();
    groups.set(key, paths);
    return paths;
  };
  const [forward, backward] = scene.arrow_heads;
  scene.edges.forEach((edge, i) => {
    if (isEdgeDrawn(i) || !overlaps(edgeBounds[i], window)) return;
    const paths = groupOf(`sg-edge sg-${edge.kind}`, edge.dst);
    for (const piece of edge.pieces) {
      if (overlaps(boundsOf([piece]), window)) paths["sg-line"].add(pathOf([clipToWindow(piece, window)]));
    }
    if (overlaps(boundsOf([edge.tip]), window)) paths["sg-tip"].add(arrowHead(edge.tip, forward));
    if (edge.back && overlaps(boundsOf([edge.back]), window)) paths["sg-back"].add(arrowHead(edge.back, backward));
  });
  for (const i of outlinedNodes) {
    const { kind, x, y, w, h, root, grad } = scene.nodes[i];
    const className = `sg-merged-node sg-${kind}${root ? " sg-output-node" : ""}${grad ? " sg-has-grad" : ""}`;
    groupOf(className, i)["sg-outline"].add(`M${x} ${y}h${w}v${h}h${-w}z`);
  }
  return groups;
}
function emptyPaths() {
  return { "sg-line": /* @__PURE__ */ new Set(), "sg-tip": /* @__PURE__ */ new Set(), "sg-back": /* @__PURE__ */ new Set(), "sg-outline": /* @__PURE__ */ new Set() };
}

// explore/page/stepper.js
var PLAY_INTERVAL = 1100;
var ANNOUNCE_DELAY = 450;
var HANG = 4;
var ICONS = {
  first: "M4 3h2v10H4zM13 3v10L6.5 8z",
  previous: "M11.5 3v10L5 8z",
  play: "M4.5 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4.5 3v10L11 8z",
  last: "M10 3h2v10h-2zM3 3v10l6.5-5z"
};
function createStepper(view) {
  const { labels, widget, timers } = view;
  const bar = view.elements.steps;
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", labels.steps);
  let position = Infinity;
  let playing = null;
  const count = () => view.shown.scene.steps.length;
  const current = () => Math.min(position, count());
  const isComplete = () => current() >= count();
  const goTo = (step) => {
    const wasComplete = isComplete();
    position = step >= count() ? Infinity : Math.max(step, 0);
    show();
    if (wasComplete) requestAhead(view);
    timers.debounce("announce", () => announce(view), ANNOUNCE_DELAY);
  };
  const pause = () => {
    if (playing !== null) clearInterval(playing);
    playing = null;
    showIcon(playButton, "play", labels.play);
  };
  const play = () => {
    if (isComplete()) goTo(0);
    showIcon(playButton, "pause", labels.pause);
    playing = setInterval(() => {
      goTo(current() + 1);
      if (isComplete() || !widget.isConnected) pause();
    }, PLAY_INTERVAL);
  };
  const pauseAndGo = (target) => () => {
    pause();
    goTo(target());
  };
  const button = (icon, label, action) => {
    const added = addButton(bar, "sg-icon", action);
    showIcon(added, icon, label);
    return added;
  };
  button(
    "first",
    labels.to_first,
    pauseAndGo(() => 0)
  );
  button(
    "previous",
    labels.to_previous,
    pauseAndGo(() => current() - 1)
  );
  const playButton = button("play", labels.play, () => playing === null ? play() : pause());
  button(
    "next",
    labels.to_next,
    pauseAndGo(() => current() + 1)
  );
  button("last", labels.to_last, pauseAndGo(count));
  const range = addInput(bar, "range", "sg-step-slider", labels.steps);
  range.addEventListener(
    "input",
    pauseAndGo(() => range.valueAsNumber)
  );
  const stepText = addHtml(bar, "span", "sg-step-text");
  const lines = createSource(view);
  const positionText = () => {
    if (isComplete()) return labels.all_shown;
    return labels.step_number.replace("{step}", String(current() + 1)).replace("{count}", String(count()));
  };
  const captions = () => {
    if (isComplete()) return [["", labels.hint]];
    const { scene, state } = view.shown;
    const [phase, i] = scene.steps[current()];
    const node = scene.nodes[i];
    const texts = state.step_captions?.[current()] ?? [node?.name ?? node?.op ?? labels.input];
    const heading = phase === "backward" ? "sg-strong sg-backward" : "sg-strong sg-forward";
    return [...texts.map((text, n) => (
      /** @type {Part} */
      [n ? "" : heading, text]
    )), ...earlierRunNotice(view)];
  };
  const announceStep = () => {
    if (isComplete()) return false;
    const texts = captions().map(([, text]) => text);
    setText(view.elements.live, `${positionText()}: ${texts.join("; ")}`);
    return true;
  };
  const show = () => {
    const { steps, nodes } = view.shown.scene;
    const step = current();
    bar.hidden = count() < 2;
    setAttribute(range, "max", String(count()));
    if (range.valueAsNumber !== step) range.value = String(step);
    range.setAttribute("aria-valuetext", positionText());
    setText(stepText, positionText());
    widget.classList.toggle("sg-stepping", !isComplete());
    widget.classList.toggle("sg-unfinished", !isComplete() && lastForwardStep(steps) > step);
    widget.dataset.step = isComplete() ? "all" : String(step);
    showProgress(view, step);
    showSavedTensors(view);
    showLine(lines, isComplete() ? null : nodes[steps[step][1]]?.line);
    if ((view.graph?.active ?? -1) < 0) showDetail(view, -1);
  };
  const stop = () => {
    if (playing !== null) clearInterval(playing);
  };
  return { current, isStepping: () => !isComplete(), captions, announce: announceStep, show, stop };
}
function showProgress(view, step, follow = true) {
  const { graph } = view;
  const { steps, nodes } = view.shown.scene;
  if (!graph || graph.step === step || graph.step === void 0 && step >= steps.length) return;
  graph.step = step;
  const { value, grad, valueBegins, gradBegins } = graph.times;
  const [phase, now] = steps[step] ?? ["", -1];
  const isBackward = phase === "backward";
  if (follow && graph.viewport) {
    if (now >= 0) graph.viewport.scrollTo(now);
    graph.viewport.drawMerged();
    graph.step = step;
  }
  graph.nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-later", valueBegins[i] > step);
    group.classList.toggle("sg-grad-later", gradBegins[i] > step);
    group.classList.toggle("sg-now", i === now);
    group.classList.toggle("sg-now-backward", i === now && isBackward);
  });
  graph.edges.forEach(({ edge, group, label }) => {
    const isNow = edge.dst === now && (phase === "forward" || edge.back !== null);
    group.classList.toggle("sg-later", value[edge.dst] > step);
    group.classList.toggle("sg-grad-later", grad[edge.dst] > step);
    group.classList.toggle("sg-now", isNow);
    group.classList.toggle("sg-now-backward", isNow && isBackward);
    label?.tag.classList.toggle("sg-grad-later", grad[edge.dst] > step);
    label?.tag.classList.toggle("sg-now", isNow && isBackward);
  });
  for (const { connector, group } of graph.connectors) group.classList.toggle("sg-later", value[connector.src] > step);
  showEdgeLabels(view);
  for (const { argument, line } of view.rows) {
    const leaf = nodes.findIndex(({ kind, name }) => kind === "leaf" && name === argument);
    line.classList.toggle("sg-grad-later", leaf >= 0 && grad[leaf] > step);
  }
  showRounds(view);
  const box = view.elements.stage.querySelector(".sg-graph");
  if (follow && now >= 0 && box) scrollIntoBox(graph.nodes[now].group, box);
}
function scrollIntoBox(element, box) {
  const [target, frame] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (target.left < frame.left || target.right > frame.right) {
    box.scrollLeft += (target.left + target.right - frame.left - frame.right) / 2;
  }
  if (target.top < frame.top || target.bottom > frame.bottom) {
    box.scrollTop += (target.top + target.bottom - frame.top - frame.bottom) / 2;
  }
}
function createSource({ labels, elements }) {
  const { source } = elements;
  const { code } = labels;
  if (!code) {
    source.remove();
    return /* @__PURE__ */ new Map();
  }
  source.tabIndex = 0;
  source.setAttribute("role", "group");
  source.setAttribute("aria-label", labels.source.replace("{name}", labels.name));
  suppressShortcuts(source);
  return new Map(
    code.lines.map((text, i) => {
      const line = addHtml(source, "code", "sg-code-line");
      line.textContent = `${text}
`;
      line.style.setProperty("--sg-hang", `${text.search(/\S|$/) + HANG}ch`);
      return [code.first + i, line];
    })
  );
}
function showLine(lines, number) {
  for (const [i, line] of lines) {
    line.classList.toggle("sg-current-line", i === number);
    if (i !== number) {
      line.removeAttribute("aria-current");
      continue;
    }
    line.setAttribute("aria-current", "step");
    if (line.parentElement) scrollIntoBox(line, line.parentElement);
  }
}
function showIcon(button, icon, label) {
  const svg = createSvg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "", { d: ICONS[icon] });
  button.replaceChildren(svg);
  button.title = label;
  button.setAttribute("aria-label", label);
}

// explore/page/viewport.js
var FAR_SCALE = 0.35;
var MAX_DRAWN = 500;
var FIRST_SIGHT = [1200, 700];
function createViewport(view, scene, graph, box) {
  const { svg } = graph;
  const merged = addSvg(graph.lines, "g", "sg-merged");
  const bounds = scene.edges.map(({ pieces }) => boundsOf(pieces));
  let window = null;
  let inside = [];
  let hasOutlinesOnly = false;
  let [isFar, wasFar] = [false, false];
  let isLaidOut = false;
  const inSight = () => {
    const [picture, frame] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const scale = picture.width / scene.width;
    if (!scale || !frame.width) {
      const { x, y } = scene.nodes[0];
      return [x - FIRST_SIGHT[0] / 2, y - FIRST_SIGHT[1] / 2, x + FIRST_SIGHT[0], y + FIRST_SIGHT[1] / 2];
    }
    isLaidOut = true;
    isFar = scale < FAR_SCALE;
    const [left, top] = [(frame.left - picture.left) / scale, (frame.top - picture.top) / scale];
    return [left, top, left + frame.width / scale, top + Math.max(frame.height, 100) / scale];
  };
  const isPinned = (i) => i === graph.active || i === graph.scrolledTo || graph.nodes[i]?.group === document.activeElement;
  const update = () => {
    const wasLaidOut = isLaidOut;
    const sight = inSight();
    if (!wasLaidOut && isLaidOut) {
      scrollTo(0);
      return;
    }
    if (serves(window, sight) && isFar === wasFar) return;
    wasFar = isFar;
    window = windowAround(sight);
    drawNodes(window);
    drawEdges(window);
    drawConnectors(window);
    drawMerged();
    if (view.graph === graph && view.shown.scene === scene) refresh(view);
  };
  const scrollTo = (i) => {
    const node = scene.nodes[i];
    const [left, top, right, bottom] = inSight();
    const scale = svg.getBoundingClientRect().width / scene.width || 1;
    if (node.x < left || node.x + node.w > right) box.scrollLeft += (node.x + node.w / 2 - (left + right) / 2) * scale;
    if (node.y < top || node.y + node.h > bottom) box.scrollTop += (node.y + node.h / 2 - (top + bottom) / 2) * scale;
    if (!graph.nodes[i]) window = null;
    graph.scrolledTo = i;
    update();
  };
  const drawNodes = (area) => {
    inside = [];
    scene.nodes.forEach((node, i) => {
      if (overlaps(boxOf(node), area)) inside.push(i);
    });
    hasOutlinesOnly = isFar || inside.length > MAX_DRAWN;
    const wanted = new Set(hasOutlinesOnly ? [] : inside);
    scene.nodes.forEach((_, i) => {
      if (isPinned(i)) wanted.add(i);
    });
    graph.nodes.forEach(({ group }, i) => {
      if (wanted.has(i)) return;
      group.remove();
      delete graph.nodes[i];
    });
    let next = null;
    for (const i of [...wanted].sort((a, b) => b - a)) {
      if (!graph.nodes[i]) {
        graph.nodes[i] = buildNode(view, scene.nodes[i], i);
        svg.insertBefore(graph.nodes[i].group, next ?? graph.overlay);
      }
      next = graph.nodes[i].group;
    }
  };
  const drawEdges = (area) => {
    scene.edges.forEach((edge, i) => {
      const [x, y] = edge.slot ?? edge.tip;
      const isWanted = !hasOutlinesOnly && overlaps([x, y, x, y], area);
      if (isWanted && !graph.edges[i]) graph.edges[i] = buildEdge(view, scene, edge, graph.lines, graph.tags);
      if (isWanted || !graph.edges[i]) return;
      graph.edges[i].group.remove();
      graph.edges[i].label?.tag.remove();
      delete graph.edges[i];
    });
  };
  const drawConnectors = (area) => {
    for (const { group } of graph.connectors) group.remove();
    const inArea = scene.connectors.filter(({ x, y }) => !hasOutlinesOnly && overlaps([x, y, x, y], area));
    graph.connectors = inArea.map((each) => buildConnector(graph.lines, each, view.labels.connector));
  };
  const drawMerged = () => {
    if (!window) return;
    const progress = { step: view.stepper.current(), times: graph.times };
    const isEdgeDrawn = (i) => Boolean(graph.edges[i]);
    const outlinedNodes = hasOutlinesOnly ? inside.filter((i) => !graph.nodes[i]) : [];
    const groups = mergePaths(scene, bounds, window, progress, { isEdgeDrawn, outlinedNodes });
    merged.replaceChildren();
    for (const [className, paths] of groups) {
      const group = addSvg(merged, "g", className);
      for (const [name, data] of Object.entries(paths)) {
        if (data.size) addSvg(group, "path", name, { d: [...data].join("") });
      }
    }
  };
  return { update, scrollTo, drawMerged, window: () => window };
}
function refresh(view) {
  const graph = (
    /** @type {Graph} */
    view.graph
  );
  showNumbers(view);
  graph.step = void 0;
  showProgress(view, view.stepper.current(), false);
  showSavedTensors(view);
  view.baseline.show();
  view.previews.show();
  view.cuts.show();
  markActive(graph);
  graph.nodes.forEach(({ group }, i) => {
    labelNode(view, i, group);
  });
}

// explore/page/zoom-math.js
var MIN_SCALE = 0.05;
var MAX_SCALE = 3;
var WHEEL_RATE = 6e-3;
var MAX_WHEEL_TURN = 60;
var WHEEL_LINE = 16;
function clampScale(scale) {
  return clamp(scale, MIN_SCALE, MAX_SCALE);
}
function wholeScale(graph, box) {
  return Math.max(Math.min(box.width / graph.width, box.height / graph.height, 1), MIN_SCALE);
}
function wheelFactor({ deltaY, deltaMode }) {
  const turn = deltaY * (deltaMode === 1 ? WHEEL_LINE : 1);
  return Math.exp(-clamp(turn, -MAX_WHEEL_TURN, MAX_WHEEL_TURN) * WHEEL_RATE);
}
function scaleAround(before, scale, { x, y }, graph, box) {
  const ratio = scale / before.scale;
  const [left, top] = cornerOf(before, graph, box);
  const width = graph.width * scale;
  const scrolled = [indent(width, box.width) - x + (x - left) * ratio, (y - top) * ratio - y];
  return {
    scale,
    left: clamp(scrolled[0], 0, Math.max(0, width - box.width)),
    top: clamp(scrolled[1], 0, Math.max(0, graph.height * scale - box.height))
  };
}
function cornerOf({ scale, left, top }, graph, box) {
  return [indent(graph.width * scale, box.width) - left, -top];
}
function indent(width, room) {
  return Math.max(0, (room - width) / 2);
}

// explore/page/zoom.js
var SCALE_STEP = 1.25;
var REST_DELAY = 160;
var READABLE_SCALE = 0.6;
var DRAG_DISTANCE = 4;
function createZoom(view, box, tools, handleMove) {
  const { labels } = view;
  const world = addHtml(box, "div", "sg-world");
  let scale = null;
  let wanted = null;
  let moving = null;
  let restTimer;
  const naturalSize = () => view.shown.scene;
  const roomOf = () => ({ width: box.clientWidth, height: box.clientHeight });
  const shownScale = () => {
    if (moving) return moving.scale;
    return view.graph ? view.graph.svg.getBoundingClientRect().width / naturalSize().width : 1;
  };
  const resize = (svg, size, width) => {
    const [factor, isScaled] = [scale ?? 1, scale !== null];
    world.style.width = isScaled ? `${size.width * factor}px` : "";
    world.style.height = isScaled ? `${size.height * factor}px` : "";
    Object.assign(svg.style, {
      width: isScaled ? `${width}px` : fittingWidth(size.width),
      margin: isScaled ? "0" : "",
      transform: isScaled ? `scale(${factor * size.width / width})` : "",
      willChange: ""
    });
  };
  const show = (svg, size) => {
    clearTimeout(restTimer);
    moving = null;
    resize(svg, size, size.width);
    world.replaceChildren(svg);
  };
  const overflows = () => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  const refresh2 = () => {
    buttons.hidden = scale === null && !overflows();
    box.classList.toggle("sg-pans", overflows());
    const hasModules = naturalSize().nodes.some(({ group }) => group !== void 0);
    view.search?.offer(!buttons.hidden || hasModules || naturalSize().frames?.length > 0);
    handleMove();
  };
  const rest = () => {
    if (!view.graph) return;
    const { svg } = view.graph;
    const [left, top] = moving ? [moving.left, moving.top] : [box.scrollLeft, box.scrollTop];
    moving = null;
    resize(svg, naturalSize(), svg.clientWidth);
    box.scrollTo(left, top);
    refresh2();
  };
  const lift = (svg) => {
    const [picture, frame] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const origin = { left: picture.left - frame.left, top: picture.top - frame.top };
    return { scale: shownScale(), left: box.scrollLeft, top: box.scrollTop, origin };
  };
  const apply = () => {
    const change = wanted;
    wanted = null;
    if (!view.graph || !change) return;
    clearTimeout(restTimer);
    const { svg } = view.graph;
    const before = moving ?? lift(svg);
    scale = change.scale;
    if (scale !== null) {
      const [size, room] = [naturalSize(), roomOf()];
      const after = scaleAround(before, scale, change, size, room);
      moving = { ...after, origin: before.origin };
      if (change.isMoving) {
        const [x, y] = cornerOf(after, size, room);
        const factor = scale * size.width / svg.clientWidth;
        svg.style.willChange = "transform";
        svg.style.transform = `translate(${x - before.origin.left}px, ${y - before.origin.top}px) scale(${factor})`;
        restTimer = setTimeout(rest, REST_DELAY);
      }
    }
    if (!change.isMoving || scale === null) rest();
    else handleMove();
  };
  const applying = createFrameAction(apply);
  const to = (newScale, x = box.clientWidth / 2, y = box.clientHeight / 2, isMoving = false) => {
    wanted = { scale: newScale === null ? null : clampScale(newScale), x, y, isMoving };
    applying.request();
  };
  const by = (factor, x, y, isMoving) => to((wanted?.scale ?? shownScale()) * factor, x, y, isMoving);
  const fit = () => {
    const height = Number.parseFloat(getComputedStyle(box).maxHeight) || box.clientHeight;
    const whole = wholeScale(naturalSize(), { width: box.clientWidth, height });
    to(scale !== null && Math.abs(scale - whole) < 1e-3 ? null : whole);
  };
  const buttons = addHtml(tools, "div", "sg-zooms");
  addZoomButton(buttons, "M3 8h10", labels.zoom_out, () => by(1 / SCALE_STEP));
  addZoomButton(buttons, "M3 8h10M8 3v10", labels.zoom_in, () => by(SCALE_STEP));
  const corners = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
  addZoomButton(buttons, corners, labels.zoom_fit, fit);
  const zoom = { by, fit, overflows };
  box.addEventListener("keydown", (event) => zoomByKey(zoom, event));
  box.addEventListener("wheel", (event) => zoomByWheel(zoom, box, event), { passive: false });
  panByDragging(zoom, box);
  zoomByPinching(zoom, box);
  const sizes = new ResizeObserver(refresh2);
  sizes.observe(box);
  const stop = () => {
    applying.cancel();
    clearTimeout(restTimer);
  };
  const sight = () => {
    const room = roomOf();
    const position = moving ?? { scale: shownScale(), left: box.scrollLeft, top: box.scrollTop };
    const [x, y] = cornerOf(position, naturalSize(), room).map((distance) => -distance / position.scale);
    return [x, y, x + room.width / position.scale, y + room.height / position.scale];
  };
  const centre = (x, y) => {
    if (moving) rest();
    const [left, top, right, bottom] = sight();
    const factor = shownScale();
    box.scrollBy((x - (left + right) / 2) * factor, (y - (top + bottom) / 2) * factor);
  };
  const makeReadable = () => {
    if (shownScale() >= READABLE_SCALE) return;
    wanted = { scale: 1, x: 0, y: 0, isMoving: false };
    applying.cancel();
    apply();
  };
  return { show, refresh: refresh2, stop, sight, centre, overflows, makeReadable };
}
function addZoomButton(buttons, sign, label, action) {
  const button = addButton(buttons, "sg-icon", action);
  button.title = label;
  button.setAttribute("aria-label", label);
  const svg = addSvg(button, "svg", "", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "sg-zoom-sign", { d: sign });
}
function zoomByKey(zoom, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoom.by(SCALE_STEP);
  else if (event.key === "-") zoom.by(1 / SCALE_STEP);
  else if (event.key === "0") zoom.fit();
  else return;
  event.preventDefault();
}
function zoomByWheel(zoom, box, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const { left, top } = box.getBoundingClientRect();
  zoom.by(wheelFactor(event), event.clientX - left, event.clientY - top, true);
}
function panByDragging(zoom, box) {
  let press = null;
  let [left, top] = [0, 0];
  const scrolling = createFrameAction(() => box.scrollTo(left, top));
  box.addEventListener("pointerdown", (event) => {
    const isInside = event.offsetX < box.clientWidth || event.target !== box;
    if (event.button || event.pointerType === "touch" || !isInside || !zoom.overflows()) return;
    press = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop, isDrag: false };
  });
  box.addEventListener("pointermove", (event) => {
    if (!press) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.isDrag) {
      if (Math.hypot(dx, dy) < DRAG_DISTANCE) return;
      press.isDrag = true;
      box.setPointerCapture(event.pointerId);
      box.classList.add("sg-panning");
    }
    [left, top] = [press.left - dx, press.top - dy];
    scrolling.request();
  });
  const end = () => {
    if (press?.isDrag) {
      box.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
      setTimeout(() => box.classList.remove("sg-panning"));
    }
    press = null;
  };
  for (const event of ["pointerup", "pointercancel"]) box.addEventListener(event, end);
}
function zoomByPinching(zoom, box) {
  const fingers = /* @__PURE__ */ new Map();
  let lastDistance = 0;
  const distance = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const note = (event) => fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    note(event);
    if (fingers.size === 2) lastDistance = distance();
  });
  box.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    note(event);
    if (fingers.size !== 2 || !lastDistance) return;
    const [a, b] = [...fingers.values()];
    const { left, top } = box.getBoundingClientRect();
    zoom.by(distance() / lastDistance, (a.x + b.x) / 2 - left, (a.y + b.y) / 2 - top, true);
    lastDistance = distance();
  });
  const lift = ({ pointerId }) => fingers.delete(pointerId);
  box.addEventListener("pointerup", lift);
  box.addEventListener("pointercancel", lift);
  box.addEventListener("pointerleave", lift);
}

// explore/page/graph.js
var LARGE = 80;
var MAX_WHOLE_HEIGHT = 900;
var RESIZE_DELAY = 200;
var MAX_GRAPHS = 8;
function putGraph(view, scene) {
  const { box, zoom } = graphBox(view);
  const left = box.scrollLeft;
  if (view.graph) showDetail(view, -1);
  const graph = view.graphs.get(scene.key) ?? buildGraph(view, scene, box);
  remember(view.graphs, scene.key, graph, MAX_GRAPHS);
  box.classList.toggle("sg-low", scene.height <= MAX_WHOLE_HEIGHT);
  zoom.show(graph.svg, scene);
  view.direction?.show(scene);
  box.scrollLeft = left;
  graph.viewport?.update();
  return graph;
}
function buildGraph(view, scene, box) {
  const svg = createSvg("svg", { class: "sg-svg", viewBox: `0 0 ${scene.width} ${scene.height}`, role: "none" });
  buildFrames(view, scene, svg);
  const lines = addSvg(svg, "g", "sg-lines");
  const tags = addSvg(svg, "g", "sg-tags");
  const graph = {
    svg,
    lines,
    tags,
    connectors: [],
    overlay: createSvg("g", { class: "sg-overlay" }),
    nodes: [],
    edges: [],
    active: -1,
    pointed: -1,
    labelled: "",
    scrolledTo: -1,
    viewport: null,
    times: stepTimes(scene.nodes.length, scene.steps),
    hasSavedTensors: false,
    hasNudge: false,
    hasFailed: false
  };
  if (scene.nodes.length > LARGE) {
    graph.edges.length = scene.edges.length;
    graph.nodes.length = scene.nodes.length;
    graph.viewport = createViewport(view, scene, graph, box);
    svg.append(graph.overlay);
    return graph;
  }
  graph.edges = scene.edges.map((edge) => buildEdge(view, scene, edge, lines, tags));
  graph.nodes = scene.nodes.map((node, i) => buildNode(view, node, i));
  graph.connectors = scene.connectors.map((each) => buildConnector(lines, each, view.labels.connector));
  svg.append(...graph.nodes.map(({ group }) => group), graph.overlay);
  return graph;
}
function graphBox(view) {
  const { stage } = view.elements;
  const known = stage.querySelector(".sg-graph");
  if (known && view.zoom) return { box: known, zoom: view.zoom };
  const tools = addHtml(stage, "div", "sg-tools");
  addHtml(tools, "div", "sg-chips");
  const box = suppressShortcuts(addHtml(stage, "div", "sg-graph"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", view.labels.graph.replace("{name}", view.labels.name));
  box.addEventListener("keydown", (event) => chooseRoundByKey(view, event));
  box.addEventListener("keydown", (event) => moveFocus(view, event));
  box.addEventListener("keydown", (event) => switchModule(view, event));
  const handleMove = () => {
    view.graph?.viewport?.update();
    minimap?.update();
  };
  box.addEventListener("scroll", createFrameAction(handleMove).request);
  box.addEventListener("focusout", (event) => {
    if (!box.contains(
      /** @type {Node | null} */
      event.relatedTarget
    )) showDetail(view, -1);
  });
  view.direction = createDirectionButton(view, tools);
  view.search = createSearch(view, tools);
  const zoom = createZoom(view, box, tools, handleMove);
  const minimap = createMinimap(view, box, zoom);
  view.zoom = zoom;
  reportWidth(view, box);
  return { box, zoom };
}
function reportWidth(view, box) {
  const { model, timers, widget } = view;
  const report = () => {
    const width = Math.floor(box.clientWidth / view.layout.graphScale());
    if (!width || width === model.get("graph_width") || widget.classList.contains("sg-comparing")) return;
    model.set("graph_width", width);
    model.save_changes();
  };
  view.reportWidth = report;
  let isFirst = true;
  new ResizeObserver(() => {
    if (isFirst && box.clientWidth) report();
    else timers.debounce("width", report, RESIZE_DELAY);
    isFirst &&= !box.clientWidth;
  }).observe(box);
}

// explore/page/jacobian.js
var HEADING_CELLS = 2;
function createJacobian(view) {
  const { model, labels } = view;
  const words = labels.jacobian;
  const panel = view.elements.jacobian;
  const choice = addHtml(panel, "label", "sg-choice sg-jacobian-choice");
  addHtml(choice, "span").textContent = words.jacobian_input;
  const menu = suppressShortcuts(addHtml(choice, "select", "sg-select"));
  menu.addEventListener("change", () => {
    model.set("jacobian_input", menu.value);
    model.save_changes();
  });
  const note = addHtml(panel, "div", "sg-muted sg-jacobian-note");
  const title = addHtml(panel, "div", "sg-muted sg-jacobian-title");
  title.textContent = words.jacobian;
  const box = suppressShortcuts(addHtml(panel, "div", "sg-jacobian-wrap"));
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.jacobian);
  const table = addHtml(box, "table", "sg-jacobian-table");
  table.setAttribute("aria-label", words.jacobian);
  const verdict = addHtml(panel, "div", "sg-jacobian-verdict");
  let shownInputs = "";
  let shownForm = "";
  let built = null;
  const showMenu2 = ({ inputs, input }) => {
    const offered = ["", ...inputs].filter((name) => offers(model, "jacobian_input", name));
    choice.hidden = offered.length < 2;
    if (keyOf(offered) !== shownInputs) {
      const options = offered.map((value) => createHtml("option", { value }, value || words.jacobian_all));
      menu.replaceChildren(...options);
    }
    shownInputs = keyOf(offered);
    const hasFocus = menu === menu.ownerDocument.activeElement;
    if (!hasFocus || menu.value !== model.get("jacobian_input")) menu.value = input;
  };
  const show = () => {
    const { jacobian } = view.shown.state;
    panel.hidden = !jacobian;
    if (!jacobian) return;
    showMenu2(jacobian);
    const hasNote = jacobian.note !== void 0;
    setText(note, jacobian.note ?? "");
    title.hidden = box.hidden = verdict.hidden = hasNote;
    if (hasNote) return;
    const form = keyOf([jacobian.rows, jacobian.columns, jacobian.starts]);
    if (built === null || form !== shownForm) built = buildTable(table, words, jacobian);
    shownForm = form;
    fillTable(built, jacobian);
    setText(verdict, jacobian.same ? words.jacobian_same : words.jacobian_other);
    verdict.classList.toggle("sg-bad", !jacobian.same);
  };
  return { show };
}
function buildTable(table, words, { rows: names, columns, starts }) {
  table.replaceChildren();
  const head = addHtml(addHtml(table, "thead"), "tr");
  for (const text of [words.jacobian_weights, "", ...columns]) {
    const cell = addHtml(head, text ? "th" : "td");
    cell.textContent = text;
    if (text) cell.scope = "col";
  }
  const body = addHtml(table, "tbody");
  const rows = names.map((name) => buildRow(body, name, "sg-jacobian-row", columns.length));
  const foot = addHtml(table, "tfoot");
  const sum = buildRow(foot, words.jacobian_sum, "sg-jacobian-sum", columns.length);
  const grad = buildRow(foot, words.jacobian_gradient, "sg-jacobian-grad", columns.length);
  for (const row of table.rows) {
    for (const column of starts) row.cells[column + HEADING_CELLS].classList.add("sg-begins");
  }
  return { rows, sum, grad };
}
function buildRow(section, heading, className, count) {
  const row = addHtml(section, "tr", className);
  const weight = addHtml(row, "td", "sg-weight");
  const name = addHtml(row, "th");
  name.scope = "row";
  name.textContent = heading;
  return { row, weight, cells: Array.from({ length: count }, () => addHtml(row, "td")) };
}
function fillTable({ rows, sum, grad }, jacobian) {
  rows.forEach((row, i) => {
    setText(row.weight, jacobian.weights[i]);
    row.row.style.setProperty("--sg-light", String(jacobian.lights[i]));
    fillCells(row, jacobian.cells[i]);
    row.cells.forEach((cell, j) => {
      const part = jacobian.parts[i][j];
      cell.classList.toggle("sg-below", (part ?? 1) < 0);
      cell.style.setProperty("--sg-part", barLength(part));
    });
  });
  fillCells(sum, jacobian.sum);
  fillCells(grad, jacobian.grads);
}
function fillCells({ cells }, texts) {
  cells.forEach((cell, j) => {
    setText(cell, texts[j]);
  });
}

// explore/page/layout.js
var MIN_WIDE = 860;
var [PLOT_COLUMN, COLUMN_GAP] = [302, 14];
var SCALES = { graph: 0.88, jacobian: 0.86, controls: 1, none: 1 };
var [ROW, NARROW_ROW, HEADING, PLOT, READING, LEGEND, BUTTONS] = [31, 57, 42, 410, 150, 26, 46];
var LAYOUT_LOSS = 1.1;
function columnsFor(width, graph, { plot, jacobian, rows }) {
  if (width < MIN_WIDE) return "none";
  if (!plot) return jacobian ? "jacobian" : "none";
  const column = width - PLOT_COLUMN - COLUMN_GAP;
  const scale = Math.min(1, column / graph.width);
  const narrowHeight = scale >= SCALES.graph ? graph.height * scale : graph.width * graph.height * LAYOUT_LOSS * SCALES.graph ** 2 / column;
  const besideGraph = HEADING + ROW * rows + Math.max(LEGEND + narrowHeight + BUTTONS, PLOT + READING);
  const besideControls = Math.max(NARROW_ROW * rows + BUTTONS + READING, PLOT) + LEGEND + graph.height * Math.min(1, width / graph.width);
  return besideGraph < besideControls ? "graph" : "controls";
}
function createLayout(view) {
  const { body } = view.elements;
  let isForGraph = false;
  let lastWidth = 0;
  let beforeResize = null;
  const arrange = () => {
    const { scene, state } = view.shown;
    const width = body.clientWidth;
    if (!width) return;
    lastWidth = width;
    isForGraph = scene.nodes.length > 0;
    const plot = view.model.get("plot_choice").inputs.length > 0;
    body.dataset.columns = columnsFor(width, scene, {
      plot,
      jacobian: state.jacobian !== void 0,
      rows: view.rows.length
    });
  };
  const sizes = new ResizeObserver(() => {
    if (body.clientWidth === lastWidth) return;
    if (lastWidth) beforeResize = { ...view.shown };
    arrange();
  });
  sizes.observe(body);
  return {
    arrange,
    show() {
      const { scene, state } = view.shown;
      const isOther = beforeResize !== null && beforeResize.scene !== scene;
      const isMoved = beforeResize !== null && String(beforeResize.state.position) !== String(state.position);
      if (isOther || isMoved) beforeResize = null;
      if (scene.nodes.length && (!isForGraph || isOther && !isMoved)) arrange();
    },
    /** Whether the plot stands beside something, and has to be low. */
    isBeside: () => body.dataset.columns === "graph" || body.dataset.columns === "controls",
    /** How far a graph that is laid out for the page is to be shrunk. */
    graphScale: () => SCALES[
      /** @type {Columns} */
      body.dataset.columns ?? "none"
    ],
    stop: () => sizes.disconnect()
  };
}

// page/sentences.js
function joined(sentences) {
  return sentences.filter(Boolean).join(" ").replace(/([。！？]) /g, "$1");
}

// page/scales.js
function shareOf({ scale: [offset, rate], log }, x) {
  if (!log) return offset + rate * x;
  return x > 0 ? offset + rate * Math.log10(x) : NaN;
}
function valueAtShare({ scale: [offset, rate], log }, share) {
  const x = (share - offset) / rate;
  return log ? 10 ** x : x;
}

// explore/page/plot-geometry.js
var FAR = 1e6;
var ARROW_PROBES = 20;
var [ABOVE_NUMBER, BELOW_NUMBER] = [17, 9];
function isOutdated(plot, position) {
  const own = plot.axes.map((axis) => axis.slider);
  return position.some((x, i) => !own.includes(i) && x !== plot.position[i]);
}
function pointAt({ across, up, width, height }, x, y) {
  return [shareOf(across, x) * width, (1 - shareOf(up, y)) * height];
}
function isPlaced([x, y]) {
  return Number.isFinite(x + y);
}
function limited([x, y]) {
  return [clamp(x, -FAR, FAR), clamp(y, -FAR, FAR)];
}
function lineThrough(points) {
  let isOpen = false;
  return points.map((point2) => {
    const wasOpen = isOpen;
    isOpen = isPlaced(point2);
    return isOpen ? `${wasOpen ? "L" : "M"}${point2[0].toFixed(2)} ${point2[1].toFixed(2)}` : "";
  }).join("");
}
function dotsAt(points) {
  return points.filter(isPlaced).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
}
function tangentPath({ up, width, height }, values) {
  const points = values.map((value, k) => {
    const y = value === null ? NaN : (1 - shareOf(up, value)) * height;
    return (
      /** @type {Point} */
      [k / (values.length - 1) * width, Math.abs(y) < FAR ? y : NaN]
    );
  });
  return lineThrough(points);
}
function scaledLines(lines, scale) {
  return lines.map((points) => `M${points.map(([x, y]) => `${x * scale} ${y * scale}`).join("L")}`).join("");
}
function isCovered({ x, y, half }, dot, tip) {
  if (!dot) return false;
  return Array.from({ length: ARROW_PROBES + 1 }, (_, k) => k / ARROW_PROBES).some((share) => {
    const [a, b] = dot.map((start, i) => start + (tip[i] - start) * share);
    return Math.abs(a - x) < half + 6 && b > y - ABOVE_NUMBER && b < y + BELOW_NUMBER;
  });
}
function tickInterval(ticks, width) {
  const longest2 = Math.max(1, ...ticks.map(([, text]) => text.length));
  return Math.ceil((longest2 * 7 + 14) * ticks.length / width);
}

// explore/page/plot-menu.js
var MAX_PAIRED = 8;
var MAX_STEPS = 200;
var DEFAULT_STEPS = 10;
function createPlotMenu(view, inputs) {
  const { model, labels } = view;
  const words = labels.plot;
  const bar = addHtml(view.elements.extras.plot, "div", "sg-plot-bar");
  const isOffered = (changes) => offers(model, "plot_choice", { ...model.get("plot_choice"), ...changes });
  const change = (changes) => {
    model.set("plot_choice", { ...model.get("plot_choice"), ...changes });
    model.save_changes();
  };
  const menu = suppressShortcuts(addHtml(addChoice(bar, words.plot).label, "select", "sg-plot-menu"));
  const addOption = (names, text) => {
    const option = addHtml(menu, "option");
    option.value = keyOf(names);
    option.textContent = text;
  };
  addOption([], words.none);
  const offersAlong = (names) => isOffered({ inputs: names, log: [], steps: 0 });
  for (const { label } of inputs) if (offersAlong([label])) addOption([label], words.along.replace("{name}", label));
  const paired = inputs.slice(0, MAX_PAIRED).map(({ label }) => label);
  paired.forEach((a, i) => {
    for (const b of paired.slice(i + 1)) {
      if (offersAlong([a, b])) addOption([a, b], words.over.replace("{names}", `${a}, ${b}`));
    }
  });
  menu.addEventListener("change", () => change({ inputs: JSON.parse(menu.value), log: [] }));
  const derivative = addSwitch(bar, words.derivative, (isOn) => change({ derivative: isOn }));
  const setLogarithmic = (axis) => (isOn) => {
    const others = model.get("plot_choice").log.filter((other) => other !== axis);
    change({ log: [...others, ...isOn ? [axis] : []].sort((a, b) => a - b) });
  };
  const logSwitches = [0, 1, -1].map((axis) => ({ axis, ...addSwitch(bar, "", setLogarithmic(axis)) }));
  const descent = addSwitch(bar, words.descent, (isOn) => change({ steps: isOn ? DEFAULT_STEPS : 0 }));
  const addField = (key, text, limits, isAllowed) => {
    const { label } = addChoice(bar, text);
    const field = addInput(label, "number", "sg-exact sg-plot-number", text);
    Object.assign(field, limits);
    field.addEventListener("change", () => {
      if (isAllowed(field.valueAsNumber)) change({ [key]: field.valueAsNumber });
      else field.value = String(model.get("plot_choice")[key]);
    });
    return { key, label, field };
  };
  const isCount = (x) => Number.isInteger(x) && x >= 1 && x <= MAX_STEPS;
  const isRate = (x) => x > 0 && Number.isFinite(x);
  const fields2 = [
    addField("steps", words.steps_label, { min: "1", max: String(MAX_STEPS), step: "1" }, isCount),
    addField("lr", words.lr_label, { min: "0", step: "any" }, isRate)
  ];
  const showLogSwitches = ({ inputs: names, log }) => {
    for (const { axis, label, text, box } of logSwitches) {
      const isValue = axis < 0;
      const name = isValue ? words.value : names[axis] ?? "";
      label.title = words.log_axis.replace("{name}", name);
      setText(text, label.title);
      box.setAttribute("aria-label", label.title);
      const isPositive = (inputs.find((input) => input.label === name)?.low ?? 0) > 0;
      box.checked = log.includes(axis);
      const others = log.filter((other) => other !== axis);
      const toggled2 = [...others, ...box.checked ? [] : [axis]].sort((a, b) => a - b);
      label.hidden = !names.length || !isValue && !isPositive || !isOffered({ log: toggled2 });
    }
  };
  return {
    show() {
      const choice = model.get("plot_choice");
      const names = choice.inputs;
      const key = keyOf(names);
      if (![...menu.options].some(({ value }) => value === key)) {
        addOption(names, words.over.replace("{names}", names.join(", ")));
      }
      for (const option of menu.options) {
        option.disabled = option.value !== key && !isOffered({ inputs: JSON.parse(option.value), log: [] });
      }
      menu.value = key;
      menu.title = menu.selectedOptions[0].textContent ?? "";
      derivative.label.hidden = names.length !== 1 || !isOffered({ derivative: !choice.derivative });
      derivative.box.checked = choice.derivative;
      showLogSwitches(choice);
      descent.label.hidden = !names.length || !isOffered({ steps: choice.steps > 0 ? 0 : DEFAULT_STEPS });
      descent.box.checked = choice.steps > 0;
      for (const { key: name, label, field } of fields2) {
        label.hidden = !names.length || !choice.steps || Boolean(model.offers);
        if (field !== field.ownerDocument.activeElement) field.value = String(choice[name]);
      }
    }
  };
}
function addChoice(bar, content) {
  const label = addHtml(bar, "label", "sg-plot-choice");
  const text = addHtml(label, "span");
  text.textContent = content;
  return { label, text };
}
function addSwitch(bar, content, action) {
  const { label, text } = addChoice(bar, content);
  const box = addInput(label, "checkbox", "sg-plot-check", content);
  label.prepend(box);
  box.addEventListener("change", () => action(box.checked));
  return { label, text, box };
}

// explore/page/plot-panels.js
var PANEL_MARGINS = { left: 58, right: 16, top: 22, bottom: 42, between: 28 };
var MAX_PANEL_WIDTH = 640;
var BESIDE_SCALE = 0.75;
var MAX_BESIDE_HEIGHT = 290;
var CHARACTER_HALF_WIDTH = 3.5;
var NAME_DISTANCE = 36;
var DOT_RADIUS = 6;
var TANGENT_MARGIN = 1e3;
var DOT_OVERHANG = 1;
function buildPanels(svg, plot, space, isBeside) {
  const { left, right, top, bottom, between } = PANEL_MARGINS;
  const isCurve = plot.kind === "curve";
  const most = isBeside ? Math.min(plot.width, MAX_BESIDE_HEIGHT * plot.width / plot.height) : plot.width;
  const width = isCurve ? space : Math.min(space, most);
  const curves = [plot.value, plot.derivative].filter((curve) => curve != null);
  const scale = isBeside ? BESIDE_SCALE : 1;
  const heights = isCurve ? curves.map(({ height }) => height * scale) : [plot.height * width / plot.width];
  svg.replaceChildren();
  let y = top;
  const panels = heights.map((height, index) => {
    const isLast = index === heights.length - 1;
    const className = index ? "sg-panel sg-slopes" : "sg-panel";
    const group = addSvg(svg, "g", className, { transform: `translate(${left} ${y})` });
    y += height + (isLast ? bottom : between);
    const layout = { width, height, isLast, index };
    return isCurve ? buildCurvePanel(group, plot, curves[index], layout) : buildContourPanel(group, plot, layout);
  });
  const size = [left + width + right, panels.length ? y : 0];
  svg.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  svg.setAttribute("width", String(size[0]));
  svg.setAttribute("height", String(size[1]));
  return panels;
}
function buildCurvePanel(group, plot, curve, { width, height, isLast }) {
  addSvg(group, "rect", "sg-plot-ground", { width, height });
  const samples = addSvg(group, "g", "sg-plot-samples");
  addTicksUp(group, curve.axis, height);
  for (const [share] of curve.axis.ticks) {
    addSvg(samples, "path", "sg-plot-grid", { d: `M0 ${(1 - share) * height}h${width}` });
  }
  const scale = width / plot.width;
  const stretched = addStretched(samples, width, height, plot.width, curve.height);
  addSvg(stretched, "path", "sg-plot-curve", { d: curve.d });
  for (const [x, y, isIncluded] of curve.ends) {
    const className = isIncluded ? "sg-plot-end sg-included" : "sg-plot-end";
    addSvg(group, "circle", className, { cx: x * scale, cy: y * height / curve.height, r: 3.5 });
  }
  addSvg(group, "rect", "sg-plot-edge", { width, height });
  addTicksAcross(group, plot.axes[0], width, height, isLast);
  addName(group, "sg-plot-name", [0, -7, 12, "start"], curve.axis.name, width + PANEL_MARGINS.right);
  const marks = addSvg(group, "g", "sg-plot-marks");
  const clip = addClip(marks, width, height);
  const vector = addSvg(clip, "path", "sg-plot-vector");
  const slope = addSvg(clip, "path", "sg-plot-tangent");
  const frame = { across: plot.axes[0], up: curve.axis, width, height };
  return { ...frame, isCurve: true, numbers: [], vector, slope, ...addDescentAndDot(marks, clip, width, height) };
}
function buildContourPanel(group, plot, { width, height, isLast }) {
  const [across, up] = plot.axes;
  addSvg(group, "rect", "sg-plot-ground", { width, height });
  const samples = addSvg(group, "g", "sg-plot-samples");
  const stretched = addStretched(samples, width, height, plot.width, plot.height);
  const numbers = plot.field ? addContours(samples, stretched, plot.field, width / plot.width) : [];
  addSvg(group, "rect", "sg-plot-edge", { width, height });
  addTicksUp(group, up, height);
  addTicksAcross(group, across, width, height, isLast);
  const namePosition = plot.name_beside ? [-40, height / 2 + 4, 13, "middle"] : [0, -7, 13, "start"];
  addName(group, "sg-plot-name", namePosition, up.name, width + PANEL_MARGINS.right);
  const marks = addSvg(group, "g", "sg-plot-marks");
  const clip = addClip(marks, width, height);
  const vector = addSvg(clip, "path", "sg-plot-vector");
  const slope = addSvg(marks, "path", "sg-plot-arrow");
  return {
    across,
    up,
    width,
    height,
    isCurve: false,
    numbers,
    vector,
    slope,
    ...addDescentAndDot(marks, clip, width, height)
  };
}
function addStretched(group, width, height, drawnWidth, drawnHeight) {
  const viewBox = `0 0 ${drawnWidth} ${drawnHeight}`;
  return addSvg(group, "svg", "", { width, height, viewBox, preserveAspectRatio: "none" });
}
function addContours(samples, stretched, field, scale) {
  return field.flatMap((shape) => {
    if (shape[1] !== "text") {
      stretched.append(createShape(shape));
      return [];
    }
    const [name, , x, y, anchor, text] = shape;
    const element = addText(samples, `sg-${name}`, [x * scale, y * scale, null, anchor], text);
    return [{ element, x: x * scale, y: y * scale, half: CHARACTER_HALF_WIDTH * text.length }];
  });
}
function addClip(marks, width, height) {
  const clip = addSvg(marks, "svg", "", { width, height, viewBox: `0 0 ${width} ${height}` });
  addArea(clip, width, height, TANGENT_MARGIN);
  return clip;
}
function addArea(parent, width, height, margin) {
  const size = { width: width + 2 * margin, height: height + 2 * margin };
  addSvg(parent, "rect", "sg-plot-area", { x: -margin, y: -margin, ...size });
}
function addDescentAndDot(marks, clip, width, height) {
  const path = addSvg(clip, "path", "sg-plot-path");
  const steps = addSvg(clip, "path", "sg-plot-steps");
  addArea(marks, width, height, DOT_RADIUS + DOT_OVERHANG + 1);
  return { path, steps, dot: addSvg(marks, "circle", "sg-plot-dot", { r: DOT_RADIUS }) };
}
function addTicksUp(group, axis, height) {
  for (const [share, text] of axis.ticks) {
    const y = (1 - share) * height;
    addSvg(group, "path", "sg-plot-tick", { d: `M0 ${y}h-5` });
    addText(group, "sg-plot-number-text", [-8, y + 4, null, "end"], text);
  }
}
function addTicksAcross(group, axis, width, height, hasText) {
  const interval = tickInterval(axis.ticks, width);
  const zero = Math.max(
    0,
    axis.ticks.findIndex(([, text]) => text === "0")
  );
  axis.ticks.forEach(([share, text], i) => {
    const x = share * width;
    addSvg(group, "path", "sg-plot-tick", { d: `M${x} ${height}v5` });
    if (hasText && (i - zero) % interval === 0) {
      addText(group, "sg-plot-number-text", [x, height + 18, null, "middle"], text);
    }
  });
  if (!hasText) return;
  const room = width + 2 * PANEL_MARGINS.right;
  addName(group, "sg-plot-input", [width / 2, height + NAME_DISTANCE, 13, "middle"], axis.name, room);
}
function addName(group, className, position, name, width) {
  const element = addText(group, className, position, name);
  let letters = [...name];
  while (letters.length > 1 && element.getComputedTextLength() > width) {
    const share = Math.ceil(letters.length * width / element.getComputedTextLength());
    letters = letters.slice(0, Math.min(letters.length - 1, share));
    element.textContent = `${letters.join("")}…`;
  }
  if (letters.length < [...name].length) addSvg(element, "title").textContent = name;
}
function markPanels(panels, plot, position, point2) {
  const values = plot.axes.map((axis) => position[axis.slider]);
  panels.forEach((panel, i) => {
    const y = panel.isCurve ? i ? point2?.slopes[0] : point2?.y : values[1];
    const center = y == null ? [NaN, NaN] : pointAt(panel, values[0], y);
    const isInside = isPlaced(center) && center[1] >= -DOT_OVERHANG && center[1] <= panel.height + DOT_OVERHANG && (panel.isCurve || point2 !== null);
    showDot(panel, isInside ? center : null);
    const origin = pointAt(panel, 0, 0);
    setAttribute(panel.vector, "d", plot.vector && isInside ? `M${origin}L${center[0]} ${center[1]}` : "");
    if (panel.isCurve) {
      const tangent = i === 0 && isPlaced(center) ? point2?.tangent : void 0;
      setAttribute(panel.slope, "d", tangent ? tangentPath(panel, tangent) : "");
    } else showGradient(panel, center, isInside ? point2 : null, panel.width / plot.width);
    if (i === 0) showDescent(panel, plot, position);
  });
}
function showDot({ dot }, center) {
  setAttribute(dot, "visibility", center ? "visible" : "hidden");
  if (!center) return;
  setAttribute(dot, "cx", String(center[0]));
  setAttribute(dot, "cy", String(center[1]));
}
function showGradient(panel, center, point2, scale) {
  const arrow = point2?.arrow ?? [];
  setAttribute(panel.slope, "d", scaledLines(arrow, scale));
  const [x, y] = arrow[0]?.[1] ?? [];
  const tip = x === void 0 ? center : [x * scale, y * scale];
  for (const number of panel.numbers) {
    const isHidden = isCovered(number, point2 && center, tip);
    setAttribute(number.element, "visibility", isHidden ? "hidden" : "visible");
  }
}
function showDescent(panel, { descent }, position) {
  const isCurrent = descent && keyOf(descent.start) === keyOf(position);
  const points = (isCurrent ? descent.points : []).map((values) => {
    const x = values[0] ?? NaN;
    const y = (panel.isCurve ? values.at(-1) : values[1]) ?? NaN;
    return limited(pointAt(panel, x, y));
  });
  setAttribute(panel.path, "d", lineThrough(points));
  setAttribute(panel.steps, "d", dotsAt(points.slice(1)));
}

// explore/page/plot-pointer.js
var KEYS = /* @__PURE__ */ new Map([
  ["ArrowRight", [0, 1]],
  ["ArrowLeft", [0, -1]],
  ["ArrowUp", [1, 1]],
  ["ArrowDown", [1, -1]],
  ["PageUp", [0, 10]],
  ["PageDown", [0, -10]],
  ["Home", [0, -Infinity]],
  ["End", [0, Infinity]]
]);
function moveByPlot(view, box, svg, { currentPlot, firstPanel }) {
  const { model } = view;
  const sliderOf = (axis) => {
    const row = view.rows.find(({ slider }) => slider === axis.slider);
    return { range: (
      /** @type {HTMLInputElement} */
      row?.range
    ), step: (
      /** @type {number} */
      row?.step
    ) };
  };
  const moveTo = (values) => {
    const sliders = [...model.get("sliders")];
    currentPlot()?.axes.forEach((axis, i) => {
      const value = values[i];
      if (value === void 0) return;
      const { range, step } = sliderOf(axis);
      sliders[axis.slider] = createProbe(range, step)(value);
    });
    if (keyOf(sliders) !== keyOf(model.get("sliders"))) moveSliders(view, sliders);
  };
  const moveToPointer = (event) => {
    const ground = svg.querySelector(".sg-panel .sg-plot-ground");
    const plot = currentPlot();
    if (!ground || !plot) return;
    const { left, top, width, height } = ground.getBoundingClientRect();
    const shares = [(event.clientX - left) / width, 1 - (event.clientY - top) / height];
    moveTo(plot.axes.map((axis, i) => valueAtShare(axis, clamp(shares[i], 0, 1))));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !firstPanel() || !currentPlot()) return;
    svg.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
    moveToPointer(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) moveToPointer(event);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === " ") event.preventDefault();
    const [i, steps] = KEYS.get(event.key) ?? [-1, 0];
    const axis = currentPlot()?.axes[i];
    if (!axis) return;
    event.preventDefault();
    const { range, step } = sliderOf(axis);
    const end = steps < 0 ? axis.low : axis.high;
    const values = [void 0, void 0];
    values[i] = Number.isFinite(steps) ? range.valueAsNumber + steps * step : end;
    moveTo(values);
  });
  const candidates = (sliders) => (currentPlot()?.axes ?? []).flatMap((axis) => {
    const { range, step } = sliderOf(axis);
    return neighbours(range, step, sliders, axis.slider).slice(0, AHEAD_RANGE);
  });
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => aimAt(view, candidates));
}

// explore/page/plot.js
var REFINE_DELAY = 160;
var REFINE_TOLERANCE = 20;
var MIN_PANEL_WIDTH = 40;
function showEquations(part, equations) {
  if (equations.length === 1) {
    setText(part, equations[0]);
    return;
  }
  const texts = equations.map((text, i) => i < equations.length - 1 ? `${text},` : text);
  if (part.children.length !== texts.length)
    part.replaceChildren(...texts.flatMap((_, i) => [i ? " " : "", createHtml("span")]));
  texts.forEach((text, i) => {
    setText(part.children[i], text);
  });
}
function keepHighest(element) {
  let [width, height] = [0, 0];
  const sizes = new ResizeObserver(([{ borderBoxSize }]) => {
    const { inlineSize, blockSize } = borderBoxSize[0];
    height = inlineSize === width ? Math.max(height, blockSize) : 0;
    width = inlineSize;
    element.style.minHeight = height ? `${height}px` : "";
  });
  sizes.observe(element);
  return sizes;
}
function createPlot(view) {
  const { model, labels, timers } = view;
  const { plots } = view.elements;
  const inputs = plottableInputs(view);
  if (!inputs.length) {
    plots.remove();
    view.elements.extras.plot.hidden = true;
    return { draw() {
    }, mark() {
    }, receive() {
    }, showMenu() {
    }, stop() {
    } };
  }
  const menu = createPlotMenu(view, inputs);
  const box = suppressShortcuts(addHtml(plots, "div", "sg-plot"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  const caption = addAlone(box, "sg-plot-caption");
  const captionParts = ["", "sg-forward", "sg-backward"].map((name) => addHtml(caption, "span", name));
  const svg = addSvg(box, "svg", "sg-plot-svg", { role: "img" });
  const notes = addHtml(plots, "div", "sg-plot-notes");
  let panels = [];
  let isAsked = false;
  let lastMove = 0;
  let markedPosition = "";
  const currentPlot = () => {
    const plot = model.get("plot_data");
    const isChosen = keyOf(plot.choice?.inputs) === keyOf(model.get("plot_choice").inputs);
    return isChosen && plot.kind ? plot : null;
  };
  const draw = () => {
    const chosen = model.get("plot_choice").inputs;
    menu.show();
    box.hidden = notes.hidden = !chosen.length;
    if (!chosen.length) return;
    const plot = currentPlot();
    setText(notes, plot ? joined(plot.notes) : labels.plot.drawing);
    if (!plot) return;
    box.setAttribute("aria-label", labels.plot.keys.replace("{name}", chosen.join(", ")));
    box.classList.toggle("sg-over", plot.kind === "contours");
    const margins = PANEL_MARGINS.left + PANEL_MARGINS.right;
    const space = Math.min(plots.clientWidth, MAX_PANEL_WIDTH + margins) - margins;
    if (space > MIN_PANEL_WIDTH) panels = buildPanels(svg, plot, space, view.layout?.isBeside() ?? false);
    mark();
  };
  const mark = () => {
    const plot = model.get("plot_choice").inputs.length ? currentPlot() : null;
    if (!plot) return;
    const { state } = view.shown;
    const point2 = state.fresh ? state.point ?? null : null;
    plots.classList.toggle("sg-old", isOutdated(plot, state.position));
    showTexts(plot, state.position, point2);
    markPanels(panels, plot, state.position, point2);
    if (keyOf(state.position) !== markedPosition) {
      markedPosition = keyOf(state.position);
      lastMove = performance.now();
      timers.debounce("plot", ask, REFINE_DELAY);
    }
    ask();
  };
  const showTexts = (plot, position, point2) => {
    const values = plot.axes.map((axis) => shortest(position[axis.slider]));
    const norm = plot.vector && point2?.norm ? [`‖${plot.vector}‖ = ${point2.norm}`] : [];
    const equations = [...plot.axes.map((axis, i) => `${axis.name} = ${values[i]}`), ...norm];
    const [y, ...slopes] = point2?.texts ?? ["?", "?"];
    const slopeEquations = plot.axes.map((axis, i) => `∂${plot.name}/∂${axis.name} = ${slopes[i] ?? "?"}`);
    [equations, [`${plot.name} = ${y}`], slopeEquations].forEach((texts, i) => {
      showEquations(captionParts[i], texts);
    });
    const isCurve = plot.kind === "curve";
    const sentence = isCurve ? labels.plot.curve : labels.plot.contours;
    const fields2 = /* @__PURE__ */ new Map([
      ["name", plot.name],
      ["input", plot.axes.map((axis) => axis.name).join(", ")],
      ["x", isCurve ? values[0] : equations.join(", ")],
      ["y", y],
      ["slope", slopes.join(", ")]
    ]);
    svg.setAttribute(
      "aria-label",
      sentence.replace(/\{(\w+)\}/g, (_, key) => String(fields2.get(key)))
    );
  };
  const ask = () => {
    const plot = currentPlot();
    if (isAsked || !model.get("plot_choice").inputs.length || !plot) return;
    const { position } = model.get("state");
    const isMoved = keyOf(plot.position) !== keyOf(position);
    const isOld = isOutdated(plot, position) || plot.choice.steps > 0 && isMoved;
    const isResting = performance.now() - lastMove >= REFINE_DELAY - REFINE_TOLERANCE;
    if (!isOld && (plot.done || !isResting)) return;
    isAsked = true;
    model.send({ plot: isResting ? "fine" : "coarse" });
  };
  const receive = () => {
    isAsked = false;
    view.widget.dataset.plot = model.get("plot_data").done ? "done" : "coarse";
    draw();
  };
  const sizes = new ResizeObserver(draw);
  sizes.observe(plots);
  const captions = keepHighest(caption);
  moveByPlot(view, box, svg, { currentPlot, firstPanel: () => panels[0] ?? null });
  const stop = () => {
    sizes.disconnect();
    captions.disconnect();
  };
  draw();
  return { draw, mark, receive, showMenu: menu.show, stop };
}
function plottableInputs({ model }) {
  return model.get("controls").filter(({ is_v, kind }) => !is_v && (kind === "number" || kind === "vector")).flatMap(({ labels, first, low }) => labels.map((label, i) => ({ label, slider: first + i, low })));
}

// explore/page/skeleton.js
function createElements(widget, labels, places) {
  const head = addAlone(widget, "sg-head");
  const call = addHtml(head, "code", "sg-call");
  const output = addHtml(head, "output", "sg-output");
  const buttons = addHtml(head, "span", "sg-buttons");
  const reset = suppressShortcuts(addHtml(buttons, "button", "sg-button sg-reset"));
  reset.type = "button";
  reset.textContent = labels.reset;
  const body = addHtml(widget, "div", "sg-body");
  const controls = addHtml(body, "div", "sg-controls");
  const table = addHtml(addHtml(controls, "div", "sg-inputs"), "table", "sg-table");
  const nudge = addHtml(controls, "div", "sg-nudge");
  const jacobian = addHtml(body, "div", "sg-jacobian");
  const plots = addHtml(body, "div", "sg-plots");
  const bar = addHtml(body, "div", "sg-bar");
  const tip = addHtml(bar, "div", "sg-tip-line");
  const problem = addHtml(bar, "div", "sg-problem");
  const legend = addHtml(bar, "div", "sg-legend");
  addHtml(legend, "span", "sg-forward").textContent = `→ ${labels.forward}`;
  addHtml(legend, "span", "sg-backward").textContent = `← ${labels.backward}`;
  const pair = addHtml(body, "div", "sg-pair");
  const baseline = addHtml(pair, "div", "sg-baseline");
  const stage = addHtml(pair, "div", "sg-stage");
  const actions = addHtml(body, "div", "sg-actions");
  const toolbar = addHtml(actions, "div", "sg-toolbar");
  const steps = addHtml(toolbar, "div", "sg-steps");
  const shownExtras = addHtml(toolbar, "div", "sg-extras");
  const more = addHtml(actions, "div", "sg-more");
  const extras = createExtras2(places, { shown: shownExtras, more });
  const reading = addHtml(addHtml(body, "div", "sg-reading"), "div", "sg-reading-parts");
  const detail = addHtml(reading, "div", "sg-detail");
  const source = addHtml(reading, "pre", "sg-source");
  const printed = addHtml(body, "pre", "sg-printed");
  const live = addHtml(widget, "div", "sg-live");
  live.setAttribute("aria-live", "polite");
  live.setAttribute("role", "status");
  return {
    call,
    output,
    reset,
    body,
    table,
    nudge,
    jacobian,
    plots,
    tip,
    problem,
    pair,
    baseline,
    stage,
    toolbar,
    steps,
    shownExtras,
    more,
    extras,
    detail,
    source,
    printed,
    live
  };
}
function createExtras2(places, parents) {
  const create = (name) => {
    const element = createHtml("div", { class: `sg-extra sg-extra-${name}` });
    const parent = places[name];
    if (parent !== "none") parents[parent].append(element);
    return element;
  };
  return {
    saved: create("saved"),
    cut: create("cut"),
    keep: create("keep"),
    shapes: create("shapes"),
    plot: create("plot")
  };
}

// explore/page/tip.js
function createTip({ model, labels, elements }) {
  const { tip } = elements;
  const hasSlider = model.get("controls").some(({ kind }) => kind !== "fixed");
  tip.hidden = !hasSlider || hasMovedSlider();
  setText(tip, labels.tip);
  return {
    /** The learner has moved a slider. The line keeps its place, so that nothing jumps below the mouse. */
    done() {
      if (tip.classList.contains("sg-done")) return;
      tip.classList.add("sg-done");
      rememberMove();
    }
  };
}

// explore/page/index.js
var NEAR_DELAY = 50;
var CHECK_DELAY = 160;
function render({ model, el }) {
  const view = createView(model, el);
  const { timers } = view;
  const draw = () => {
    showContent(view);
    timers.debounce("announce", () => announce(view), ANNOUNCE_DELAY);
    timers.debounce("check", () => askForCheck(view), CHECK_DELAY);
  };
  const showSliders = () => {
    for (const row of view.rows) row.show(model.get("sliders"));
  };
  const handleSliders = () => {
    showSliders();
    if (view.moveCount) view.tip.done();
    if (!isAhead(view) && !isAnswered(view)) return view.silence.expect();
    view.silence.end();
    draw();
    timers.throttle("near", () => requestAhead(view), NEAR_DELAY);
  };
  const handleState = () => {
    if (isAnswered(view)) view.silence.end();
    draw();
    requestAhead(view);
  };
  const expectAnswer = () => {
    if (model.get("state").fresh) view.silence.expect();
  };
  const expectNumbers = () => {
    if (model.get("state").complete) expectAnswer();
  };
  const listeners = {
    "change:scene": draw,
    "change:state": handleState,
    "change:check": draw,
    "change:sliders": handleSliders,
    "change:cuts": () => {
      view.silence.expect();
      view.cuts.show();
    },
    "change:saved_tensors": () => {
      view.silence.expect();
      view.savedTensors.showChoice();
    },
    "change:opened": expectAnswer,
    "change:jacobian_input": expectNumbers,
    "change:nudge_choice": () => {
      expectNumbers();
      view.nudge.showChoice();
    },
    "change:more_open": view.extras.showMore,
    "change:plot_choice": () => {
      view.silence.expect();
      view.layout.arrange();
      view.plot.draw();
    },
    "change:plot_data": () => {
      if (isAnswered(view)) view.silence.end();
      view.plot.receive();
    },
    "msg:custom": ({ ahead, search }) => {
      receiveAhead(view, ahead);
      if (search) view.search?.receive(search);
    }
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  showSliders();
  view.savedTensors.showChoice();
  view.nudge.showChoice();
  draw();
  view.extras.showMore();
  view.layout.arrange();
  announce(view);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
    view.stepper.stop();
    view.plot.stop();
    view.layout.stop();
    view.zoom?.stop();
    timers.stop();
    view.widget.remove();
  };
}
function createView(model, el) {
  const labels = model.get("labels");
  const widget = addHtml(el, "div", "sg sg-widget sg-explore");
  widget.lang = labels.language;
  const base = {
    model,
    labels,
    widget,
    elements: createElements(widget, labels, model.get("extras")),
    timers: createTimers(),
    ahead: createAhead(),
    shown: { state: model.get("state"), scene: EMPTY_SCENE, cells: void 0, isChecked: false },
    graph: null,
    graphs: /* @__PURE__ */ new Map(),
    moves: /* @__PURE__ */ new Map(),
    moveCount: 0,
    lastMove: -Infinity,
    unconfirmedSince: Infinity,
    focusedModule: null,
    chosenRounds: /* @__PURE__ */ new Map(),
    announced: null
  };
  const view = (
    /** @type {View} */
    /** @type {unknown} */
    base
  );
  view.silence = createSilence(
    widget,
    base.timers,
    () => labels.silent.replace("{position}", model.get("state").call ?? "")
  );
  view.stepper = createStepper(view);
  view.rows = createControls(view);
  view.savedTensors = createSavedTensors(view);
  view.cuts = createCuts(view);
  view.baseline = createBaseline(view);
  view.previews = createPreviews(view);
  view.jacobian = createJacobian(view);
  view.plot = createPlot(view);
  view.nudge = createNudge(view);
  view.extras = createExtras(view);
  view.layout = createLayout(view);
  view.tip = createTip(view);
  return view;
}
function showContent(view) {
  const { scene: sceneBefore } = view.shown;
  const content = currentContent(view);
  const isNewScene = content.scene !== sceneBefore;
  if (isNewScene) view.graph = content.scene.nodes.length ? putGraph(view, content.scene) : null;
  view.shown = content;
  showOpenModules(view);
  if (isNewScene) view.zoom?.refresh();
  showResults(view);
  showCheck(view);
  view.stepper.show();
  view.savedTensors.show();
  view.cuts.show();
  view.baseline.show();
  view.previews.show();
  view.jacobian.show();
  view.nudge.show();
  settleFocus(view);
  view.plot.mark();
  if (view.model.offers) {
    view.savedTensors.showChoice();
    view.nudge.showChoice();
    view.plot.showMenu();
  }
  view.extras.show();
  view.layout.show();
}
function receiveAhead(view, answer) {
  if (!answer) return;
  storeAnswer(view.ahead, answer);
  if (answer.forget) return;
  view.widget.dataset.ahead = String(view.ahead.entries.size);
  if (isAhead(view) && view.shown.state !== currentContent(view).state) showContent(view);
  requestAhead(view);
}
var page_default = { render };
export {
  page_default as default
};
