// The page's half of explore(): it draws what the kernel computed. Geometry and numbers come from Python; here are only
// elements, built once for each form of the graph, and patches of text.

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 0.8; // of its natural size, to which a graph shrinks before it scrolls
const QUIET = 450; // ms without a change, after which a screen reader is told
const LABEL_CHARACTER = 7; // px of background a character of an edge's label
const CHECK_AFTER = 160; // ms without a change, after which a slow check is asked for
const REACH = 150; // positions to either side of a slider that are run ahead
const MOST_ASKED = 64; // positions in one question
const MOST_AHEAD = 700; // positions kept
const STEP = 1100; // ms that a step is shown while playing
const MOST_GRAPHS = 8; // drawings kept, for functions with branches
const CONFIRM = 50; // ms between the positions that the kernel is told of while what is shown was run ahead

function render({ model, el }) {
  const labels = model.get("labels");
  const root = make("div", "sg sg-widget sg-explore", el);
  root.lang = labels.language;
  const view = { model, labels, root, ...skeleton(root, labels) };
  view.ahead = { entries: new Map(), scenes: new Map(), aim: null, asked: false, off: false };
  view.graphs = new Map();
  view.moves = new Map(); // position -> when the sliders were last there, counted
  view.moved = 0;
  const clock = timers();
  view.clock = clock;
  view.stepper = stepper(view);
  view.rows = controlRows(view);

  const draw = () => {
    drawPresent(view);
    clock.later("announce", () => announce(view), QUIET);
    clock.later("check", () => askForCheck(view), CHECK_AFTER);
  };
  const drawSliders = () => {
    view.rows.forEach((row) => row.show(model.get("sliders")));
    if (isAhead(view)) draw();
  };
  const drawState = () => {
    draw();
    lookAhead(view);
  };
  const receive = (message) => receiveAhead(view, message.ahead);

  const listeners = {
    "change:scene": draw,
    "change:state": drawState,
    "change:check": draw,
    "change:sliders": drawSliders,
    "msg:custom": receive,
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  drawSliders();
  draw();
  announce(view);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
    clearInterval(view.stepper.playing);
    clock.stop();
    root.remove();
  };
}

// ---- what to show: the kernel's answer to where the sliders stand, or what it ran there ahead ----

const keyOf = (sliders) => JSON.stringify(sliders);

/** Whether the kernel has not answered yet for this position but ran it ahead. */
function isAhead({ model, ahead }) {
  const key = keyOf(model.get("sliders"));
  return keyOf(model.get("state").at) !== key && ahead.entries.get(key)?.state != null;
}

/** The state, scene and check to show: {state, scene, rows, checked}. */
function present(view) {
  const { model, ahead } = view;
  const known = ahead.entries.get(keyOf(model.get("sliders")));
  const check = model.get("check");
  if (isAhead(view)) return { state: known.state, scene: sceneOf(view, known.state), rows: known.rows ?? check.rows, checked: Boolean(known.rows) };
  const state = model.get("state");
  if (isOutrun(view, state)) return view.shown;
  const checked = check.of === state.sequence;
  const same = !checked && known?.rows && keyOf(state.at) === keyOf(known.state.at) && state.fresh;
  return { state, scene: model.get("scene"), rows: same ? known.rows : check.rows, checked: checked || Boolean(same) };
}

/** Whether this answer is of an earlier position than the one shown, and the sliders have moved on: no picture goes back. */
function isOutrun({ model, shown, moves }, state) {
  if (!shown || keyOf(state.at) === keyOf(model.get("sliders"))) return false;
  return (moves.get(keyOf(state.at)) ?? 0) < (moves.get(keyOf(shown.state.at)) ?? 0);
}

function sceneOf({ model, ahead }, state) {
  const scene = model.get("scene");
  return state.scene === scene.key ? scene : ahead.scenes.get(state.scene);
}

function drawPresent(view) {
  const shown = present(view);
  if (shown.scene !== view.shown?.scene) view.graph = shown.scene.nodes ? graphOf(view, shown.scene) : null;
  view.shown = shown;
  patch(view);
  patchCheck(view);
  view.stepper?.show();
}

/** Ask the kernel for positions near the present one, along the slider that hand or focus is on; one question at a time. */
function lookAhead(view) {
  const { model, ahead } = view;
  if (ahead.off || ahead.asked || ahead.aim === null) return;
  const positions = ahead.aim.near(model.get("sliders")).filter((at) => !ahead.entries.has(keyOf(at)));
  if (!positions.length) return;
  ahead.asked = true;
  model.send({ ahead: positions.slice(0, MOST_ASKED), scenes: [model.get("scene").key, ...ahead.scenes.keys()] });
}

function receiveAhead(view, answer) {
  const { ahead } = view;
  if (!answer) return;
  if (answer.forget) {
    ahead.entries.clear();
    return;
  }
  ahead.asked = false;
  ahead.off = answer.off;
  for (const scene of answer.scenes ?? []) ahead.scenes.set(scene.key, scene);
  for (const entry of answer.entries ?? []) keep(ahead.entries, keyOf(entry.at), entry, MOST_AHEAD);
  view.root.dataset.ahead = ahead.entries.size;
  if (isAhead(view) && view.shown.state !== present(view).state) drawPresent(view);
  lookAhead(view);
}

/** Put into a map; the oldest go beyond `most`. */
function keep(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}

// ---- the frame ----

function skeleton(root, labels) {
  const head = make("div", "sg-head", root);
  const call = make("code", "sg-call", head);
  const output = make("output", "sg-output", head);
  const reset = make("button", "sg-button", head);
  reset.type = "button";
  reset.textContent = labels.reset;
  suppressShortcuts(reset);
  const table = make("table", "sg-table", root);
  const bar = make("div", "sg-bar", root);
  const problem = make("div", "sg-problem", bar);
  const legend = make("div", "sg-legend", bar);
  make("span", "sg-forward", legend).textContent = `→ ${labels.forward}`;
  make("span", "sg-backward", legend).textContent = `← ${labels.backward}`;
  const stage = make("div", "sg-stage", root);
  const steps = make("div", "sg-steps", root);
  const detail = make("div", "sg-detail", root);
  const source = make("pre", "sg-source", root);
  const printed = make("pre", "sg-printed", root);
  const live = make("div", "sg-live", root);
  live.setAttribute("aria-live", "polite");
  live.setAttribute("role", "status");
  return { call, output, reset, table, problem, stage, steps, detail, source, printed, live };
}

// ---- the controls: a table of inputs, gradients and checks ----

function controlRows(view) {
  const { labels, table, model } = view;
  const headings = make("tr", "", make("thead", "", table));
  for (const key of ["input", "value", "gradient", "check"]) {
    const cell = make("th", `sg-h-${key}`, headings);
    cell.scope = "col";
    cell.textContent = key === "gradient" ? `← ${labels[key]}` : labels[key];
    if (key === "check") cell.title = labels.check_long;
  }
  const body = make("tbody", "", table);
  const rows = model.get("controls").flatMap((control) => control.labels.map((label, i) => controlRow(view, body, control, label, i)));
  view.reset.hidden = !rows.some((row) => row.place !== null);
  view.reset.addEventListener("click", () => send(view, model.get("home")));
  return rows;
}

function controlRow(view, body, control, label, i) {
  const line = make("tr", "", body);
  const name = make("th", "sg-name", line);
  name.scope = "row";
  name.textContent = label;
  const cell = make("td", "sg-value", line);
  const row = {
    label,
    line,
    argument: control.name,
    place: control.kind === "fixed" ? null : control.first + i,
    gradient: make("td", "sg-gradient", line),
    check: make("td", "sg-check", line),
  };
  if (control.kind === "fixed") {
    make("span", "sg-fixed", cell).textContent = view.labels.fixed.replace("{text}", control.text);
    row.show = () => {};
  } else if (control.kind === "switch") {
    row.show = switchInput(view, cell, row);
  } else {
    row.show = sliderInputs(view, cell, control, row);
  }
  return row;
}

function switchInput(view, cell, row) {
  const box = input(cell, "checkbox", "sg-switch", row.label);
  box.addEventListener("change", () => move(view, row.place, box.checked ? 1 : 0));
  return (sliders) => {
    box.checked = sliders[row.place] !== 0;
  };
}

function sliderInputs(view, cell, control, row) {
  const wrap = make("div", "sg-slide", cell);
  const range = input(wrap, "range", "sg-range", view.labels.slider.replace("{name}", row.label));
  const exact = input(wrap, "number", "sg-exact", view.labels.number.replace("{name}", row.label));
  for (const field of [range, exact]) {
    field.min = control.low;
    field.max = control.high;
  }
  range.step = control.step;
  exact.step = control.kind === "integer" ? 1 : "any";
  range.addEventListener("input", () => {
    exact.value = shortest(range.valueAsNumber);
    move(view, row.place, range.valueAsNumber);
  });
  const aim = { near: (sliders) => nearby(range, sliders, row.place) };
  for (const event of ["pointerenter", "focusin"]) {
    wrap.addEventListener(event, () => {
      view.ahead.aim = aim;
      lookAhead(view);
    });
  }
  const enter = () => {
    const x = exact.valueAsNumber;
    if (Number.isFinite(x) && x >= control.low && x <= control.high) move(view, row.place, x);
  };
  exact.addEventListener("input", enter);
  exact.addEventListener("change", () => {
    const x = exact.valueAsNumber;
    const allowed = Number.isFinite(x) ? Math.min(Math.max(x, control.low), control.high) : view.model.get("sliders")[row.place];
    exact.value = shortest(allowed);
    move(view, row.place, allowed);
  });
  exact.addEventListener("keydown", (event) => nudge(event, exact, control));
  return (sliders) => {
    const x = sliders[row.place];
    if (range.valueAsNumber !== x) range.value = x;
    if (exact.valueAsNumber !== x && exact !== exact.ownerDocument.activeElement) exact.value = shortest(x);
  };
}

/** The positions around the present one along one slider, nearest first, each number exactly as the slider would give it. */
function nearby(range, sliders, place) {
  const probe = range.cloneNode();
  const [step, low, x] = [Number(range.step), Number(range.min), range.valueAsNumber];
  const middle = Math.round((x - low) / step);
  const found = [];
  for (let i = 1; i <= REACH; i += 1) {
    for (const k of [middle + i, middle - i]) {
      probe.value = low + k * step;
      if (k >= 0 && Math.abs(probe.valueAsNumber - low - k * step) < step / 2) found.push(probe.valueAsNumber);
    }
  }
  return found.map((value) => sliders.map((other, i) => (i === place ? value : other)));
}

// With step "any" the browser would move by 1; the arrow keys move by the slider's own step.
function nudge(event, exact, control) {
  const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!direction) return;
  event.preventDefault();
  const x = (exact.valueAsNumber || 0) + direction * control.step;
  exact.value = shortest(Math.min(Math.max(x, control.low), control.high));
  exact.dispatchEvent(new Event("input"));
}

function move(view, place, x) {
  const sliders = [...view.model.get("sliders")];
  if (sliders[place] === x) return;
  sliders[place] = x;
  send(view, sliders);
}

// What was run ahead is in the page by now, and the kernel need not be told of every position on the way. For the others
// the widget manager keeps one message under way and sends the newest waiting one when the kernel is idle again.
function send(view, sliders) {
  const { model, clock } = view;
  view.moved += 1;
  keep(view.moves, keyOf(sliders), view.moved, MOST_AHEAD);
  model.set("sliders", sliders);
  if (isAhead(view)) clock.within("confirm", () => model.save_changes(), CONFIRM);
  else model.save_changes();
}

function shortest(x) {
  return String(Number(x.toPrecision(7)));
}

function input(parent, type, name, label) {
  const field = make("input", name, parent);
  field.type = type;
  field.setAttribute("aria-label", label);
  suppressShortcuts(field);
  return field;
}

// JupyterLab's command mode would take arrows and letters for itself.
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
}

// ---- the numbers ----

function patch(view) {
  const { root, labels } = view;
  const { state } = view.shown;
  const problem = state.problem;
  root.classList.toggle("sg-stale", !state.fresh);
  setText(view.call, state.call ?? "");
  setText(view.output, state.fresh ? `= ${state.output}` : "= ?");
  view.rows.forEach((row, i) => setText(row.gradient, gradientText(state.rows?.[i])));
  patchProblem(view.problem, problem);
  setText(view.printed, state.printed ? `${labels.printed}\n${state.printed}` : "");
  if (view.graph && state.values?.length === view.graph.nodes.length) patchGraph(view, state);
  root.dataset.at = JSON.stringify(state.at);
  root.dataset.run = isAhead(view) ? "ahead" : "here";
}

function gradientText(text) {
  return text === undefined ? "?" : text === "-" ? "" : text;
}

function patchProblem(box, problem) {
  const parts = problem ? [problem.text, problem.code] : [];
  const key = JSON.stringify(parts);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.replaceChildren();
  box.classList.toggle("sg-warning", problem?.severity === "warning");
  if (!problem) return;
  make("span", "sg-sign", box).textContent = problem.severity === "warning" ? "△" : "✗";
  const body = make("div", "sg-sentence", box);
  make("span", "", body).textContent = problem.text;
  if (problem.code) make("code", "", body).textContent = problem.code;
}

function patchCheck(view) {
  const { labels } = view;
  const { rows, checked } = view.shown;
  view.rows.forEach((row, i) => {
    const [text, sign] = rows?.[i] ?? ["", ""];
    setText(row.check, `${sign} ${text}`.trim());
    row.check.classList.toggle("sg-good", sign === "=");
    row.check.classList.toggle("sg-bad", sign === "≠");
    row.check.title = sign ? `${sign === "=" ? labels.agrees : labels.differs}: ${labels.check_long}` : "";
  });
  view.root.classList.toggle("sg-unchecked", !checked);
}

function askForCheck(view) {
  const { model } = view;
  if (isAhead(view)) return;
  const { sequence } = model.get("state");
  if (model.get("check").of === sequence || model.get("wanted") === sequence) return;
  model.set("wanted", sequence);
  model.save_changes();
}

function announce(view) {
  const { state } = view.shown;
  if (view.stepper.said()) return;
  setText(view.live, state.problem?.severity === "error" ? state.problem.text : state.summary ?? "");
  view.graph?.nodes.forEach((node, i) => node.group.setAttribute("aria-label", spoken(view, i)));
}

// ---- the graph ----

function graphOf(view, scene) {
  const { stage, graphs } = view;
  const box = stage.querySelector(".sg-graph") ?? graphBox(view);
  const left = box.scrollLeft;
  if (view.graph) showDetail(view, -1);
  const graph = graphs.get(scene.key) ?? buildGraph(view, scene);
  keep(graphs, scene.key, graph, MOST_GRAPHS);
  box.replaceChildren(graph.svg);
  box.scrollLeft = left;
  return graph;
}

function buildGraph(view, scene) {
  const svg = shape("svg", "sg-svg", null, { viewBox: `0 0 ${scene.width} ${scene.height}` });
  svg.setAttribute("role", "none");
  svg.style.width = fittingWidth(scene.width);
  const lines = shape("g", "sg-lines", svg);
  const tags = shape("g", "sg-tags", svg);
  const graph = { svg, active: -1, edges: [], nodes: [] };
  graph.edges = scene.edges.map((edge) => buildEdge(edge, lines, tags));
  graph.nodes = scene.nodes.map((node, i) => buildNode(view, node, svg, i));
  return graph;
}

// As wide as the box while that makes it no smaller than SMALLEST; else its natural width, and the box scrolls.
function fittingWidth(width) {
  return `min(${width}px, max(100%, calc((${Math.round(width * SMALLEST)}px - 100%) * 999)))`;
}

function graphBox(view) {
  const box = make("div", "sg-graph", view.stage);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", view.labels.graph.replace("{name}", view.labels.name));
  suppressShortcuts(box);
  box.addEventListener("keydown", (event) => walk(view, event));
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) showDetail(view, -1);
  });
  return box;
}

function buildEdge(edge, lines, tags) {
  const group = shape("g", `sg-edge sg-${edge.kind}`, lines);
  shape("path", "sg-line", group, { d: pathOf(edge.pieces) });
  shape("path", "sg-tip", group, { d: triangle(edge.tip) });
  if (edge.back) shape("path", "sg-back", group, { d: triangle(edge.back) });
  if (edge.mark) shape("path", "sg-mark", group, { d: strokes(edge.mark) });
  const drawn = { edge, group, flow: null, tag: null };
  if (edge.slot) {
    const [x, y, w, h] = edge.slot;
    drawn.tag = shape("g", "sg-tag", tags);
    drawn.box = shape("rect", "sg-tag-box", drawn.tag, { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 });
    drawn.flow = write(drawn.tag, "sg-flow", [x, y + 4, 11.5, "middle"]);
  }
  return drawn;
}

function buildNode(view, node, svg, i) {
  const group = shape("g", `sg-node sg-${node.kind}${node.root ? " sg-root" : ""}${node.grad ? " sg-has-grad" : ""}`, svg);
  group.setAttribute("role", "img");
  group.setAttribute("tabindex", "-1");
  suppressShortcuts(group);
  const radius = { leaf: 9, constant: 3 }[node.kind] ?? node.h / 2;
  shape("rect", "sg-outline", group, { x: node.x, y: node.y, width: node.w, height: node.h, rx: radius });
  if (node.badge) shape("circle", "sg-badge", group, { cx: node.badge[0], cy: node.badge[1], r: node.badge[2] });
  for (const [kind, x, y, size, anchor, text] of node.marks) {
    write(group, `sg-${kind}`, [x, y, size, anchor]).textContent = text;
  }
  if (node.sum) buildSum(group, node.sum);
  group.addEventListener("pointerenter", () => showDetail(view, i));
  group.addEventListener("pointerleave", () => showDetail(view, -1));
  group.addEventListener("focus", () => showDetail(view, i));
  return {
    node,
    group,
    value: write(group, "sg-val", node.value),
    grad: node.grad && write(group, "sg-grad", node.grad),
  };
}

function buildSum(group, [x, y]) {
  shape("circle", "sg-sum", group, { cx: x, cy: y, r: 7 });
  shape("path", "sg-sum", group, { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
}

function patchGraph(view, state) {
  const { graph } = view;
  graph.nodes.forEach((drawn, i) => {
    const sign = drawn.node.kind === "constant" ? drawn.node.prefix ?? "" : "→ ";
    setText(drawn.value, sign + state.values[i]);
    if (drawn.grad) setText(drawn.grad, `← ${state.grads[i]}`);
  });
  graph.edges.forEach((drawn, i) => {
    if (drawn.flow && setText(drawn.flow, `← ${state.flows[i]}`)) fitLabel(drawn);
  });
  if (graph.active >= 0) showDetail(view, graph.active);
}

// The label's background hides no more of its edge than the text needs.
function fitLabel({ edge, box, flow }) {
  const width = Math.min(edge.slot[2], LABEL_CHARACTER * flow.textContent.length + 8);
  box.setAttribute("width", width);
  box.setAttribute("x", edge.slot[0] - width / 2);
}

function walk(view, event) {
  const { graph } = view;
  const last = graph.nodes.length - 1;
  const to = {
    ArrowRight: Math.min(graph.active + 1, last),
    ArrowDown: Math.min(graph.active + 1, last),
    ArrowLeft: Math.max(graph.active - 1, 0),
    ArrowUp: Math.max(graph.active - 1, 0),
    Home: 0,
    End: last,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const { group } = graph.nodes[to];
  group.setAttribute("aria-label", spoken(view, to));
  group.focus({ preventScroll: true });
  group.scrollIntoView({ block: "nearest", inline: "center" });
}

function showDetail(view, i) {
  const { graph, detail, labels } = view;
  if (graph && graph.active !== i) {
    graph.active = i;
    graph.nodes.forEach((drawn, j) => drawn.group.classList.toggle("sg-on", i === j));
    for (const { edge, group, tag } of graph.edges) {
      const on = i >= 0 && (edge.src === i || edge.dst === i);
      group.classList.toggle("sg-on", on);
      tag?.classList.toggle("sg-on", on);
    }
  }
  const parts = graph && i >= 0 ? detailParts(view, i) : view.stepper?.parts() ?? [["", labels.hint]];
  const key = JSON.stringify(parts);
  if (detail.dataset.shown === key) return;
  detail.dataset.shown = key;
  detail.replaceChildren(
    ...parts.map(([kind, text]) => {
      const part = make("span", `sg-part ${kind}`, null);
      part.textContent = text;
      return part;
    }),
  );
}

function detailParts(view, i) {
  const { labels } = view;
  const { node } = view.graph.nodes[i];
  const { state } = view.shown;
  const [value, grad, total] = state.full?.[i] ?? [state.values[i], state.grads[i], ""];
  const title = node.kind === "constant" || node.kind === "leaf" ? node.name ?? "" : node.name ? `${node.name} = ${node.op}` : node.op;
  const parts = [
    ["sg-strong", title],
    ["", labels[`kind_${node.kind}`] ?? node.kind],
    ["sg-forward", `→ ${value}`],
  ];
  if (node.grad) parts.push(["sg-backward", total ? `← ${grad} = ${total}` : `← ${grad}`]);
  if (node.grad_fn) parts.push(["sg-code", node.grad_fn]);
  if (node.saved.length) parts.push(["", labels.saved.replace("{names}", node.saved.join(", "))]);
  if (node.shape.length) parts.push(["sg-code", `(${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""})`]);
  if (node.line) parts.push(["", labels.where.replace("{line}", node.line)]);
  return parts.filter(([, text]) => text);
}

function spoken(view, i) {
  const { labels } = view;
  const { node } = view.graph.nodes[i];
  const { state } = view.shown;
  const parts = [node.name, node.kind === "op" || node.kind === "detached" ? node.op : "", labels[`kind_${node.kind}`]];
  parts.push(`${labels.value} ${state.values?.[i] ?? "?"}`);
  if (node.grad) parts.push(`${labels.gradient} ${state.grads?.[i] ?? "?"}`);
  return parts.filter(Boolean).join(", ");
}

// ---- step by step: what is shown at step k is what was computed by then ----

function stepper(view) {
  const { labels, steps, root, clock } = view;
  const button = (icon, label, action) => {
    const made = make("button", "sg-icon", steps);
    made.type = "button";
    suppressShortcuts(made);
    paintIcon(made, icon, label);
    made.addEventListener("click", action);
    return made;
  };
  steps.setAttribute("role", "group");
  steps.setAttribute("aria-label", labels.steps);
  const self = { at: Infinity, playing: null };
  const count = () => view.shown?.scene.steps?.length ?? 0;
  const here = () => Math.min(self.at, count());
  const go = (k) => {
    self.at = k >= count() ? Infinity : Math.max(k, 0);
    self.show();
    clock.later("announce", () => announce(view), QUIET);
  };
  const halt = () => {
    clearInterval(self.playing);
    self.playing = null;
    paintIcon(play, "play", labels.play);
  };
  const by = (move) => () => {
    halt();
    go(move());
  };
  button("first", labels.to_first, by(() => 0));
  button("previous", labels.to_previous, by(() => here() - 1));
  const play = button("play", labels.play, () => {
    if (self.playing) return halt();
    if (here() >= count()) go(0);
    paintIcon(play, "pause", labels.pause);
    self.playing = setInterval(() => {
      go(here() + 1);
      if (here() >= count() || !root.isConnected) halt();
    }, STEP);
  });
  button("next", labels.to_next, by(() => here() + 1));
  button("last", labels.to_last, by(() => count()));
  const range = input(steps, "range", "sg-walk", labels.steps);
  range.addEventListener("input", by(() => range.valueAsNumber));
  const place = make("span", "sg-place", steps);
  const lines = sourceLines(view);

  const words = () =>
    here() < count() ? labels.step_number.replace("{step}", here() + 1).replace("{count}", count()) : labels.all_shown;
  self.parts = () => {
    if (here() >= count()) return [["", labels.hint]];
    const { scene, state } = view.shown;
    const [phase, i] = scene.steps[here()];
    const told = state.told?.[here()] ?? [scene.nodes[i]?.name ?? scene.nodes[i]?.op ?? labels.input];
    const kind = phase === "backward" ? "sg-backward" : "sg-forward";
    return told.map((text, n) => [n ? "" : `sg-strong ${kind}`, text]);
  };
  self.said = () => {
    if (here() >= count()) return false;
    setText(view.live, `${words()}: ${self.parts().map(([, text]) => text).join("; ")}`);
    return true;
  };
  self.show = () => {
    steps.hidden = count() < 2;
    const k = here();
    range.max = count();
    if (range.valueAsNumber !== k) range.value = k;
    range.setAttribute("aria-valuetext", words());
    setText(place, words());
    root.classList.toggle("sg-stepping", k < count());
    root.classList.toggle("sg-unfinished", k < count() && view.shown.scene.steps.findLastIndex(([phase]) => phase === "forward") > k);
    root.dataset.step = k < count() ? k : "all";
    if (view.graph) showUntil(view, k);
    showLine(lines, k < count() ? view.shown.scene.nodes[view.shown.scene.steps[k][1]]?.line : null);
    if ((view.graph?.active ?? -1) < 0) showDetail(view, -1);
  };
  return self;
}

/** Show in the graph what exists after step k, and mark what step k is about. */
function showUntil(view, k) {
  const { graph } = view;
  const { steps = [] } = view.shown.scene;
  if (graph.until === k || (graph.until === undefined && k >= steps.length)) return;
  graph.until = k;
  graph.times ??= timesOf(graph, steps);
  const { value, grad } = graph.times;
  const [phase, now] = steps[k] ?? ["", -1];
  graph.nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-later", value[i] > k);
    group.classList.toggle("sg-ungrad", grad[i] > k);
    group.classList.toggle("sg-now", i === now);
    group.classList.toggle("sg-now-back", i === now && phase === "backward");
  });
  graph.edges.forEach(({ edge, group, tag }) => {
    const about = edge.dst === now && (phase === "forward" || edge.back);
    group.classList.toggle("sg-later", value[edge.dst] > k);
    group.classList.toggle("sg-ungrad", grad[edge.dst] > k);
    group.classList.toggle("sg-now", about);
    group.classList.toggle("sg-now-back", about && phase === "backward");
    tag?.classList.toggle("sg-ungrad", grad[edge.dst] > k);
    tag?.classList.toggle("sg-now", about && phase === "backward");
  });
  for (const row of view.rows) {
    const leaf = view.shown.scene.nodes.findIndex((node) => node.kind === "leaf" && node.name === row.argument);
    row.line.classList.toggle("sg-ungrad", leaf >= 0 && grad[leaf] > k);
  }
  if (now >= 0) bringIntoView(graph.nodes[now].group, view.stage.querySelector(".sg-graph"));
}

/** For each node the step that computes its value, and the step in which its gradient is complete and passed on. */
function timesOf(graph, steps) {
  const value = graph.nodes.map(() => 0);
  const grad = graph.nodes.map(() => 0);
  steps.forEach(([phase, i], k) => {
    if (phase === "forward") value[i] = k;
    if (phase === "backward") grad[i] = k;
  });
  return { value, grad };
}

function bringIntoView(element, box) {
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.left < outer.left || inner.right > outer.right) {
    box.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }
}

function sourceLines(view) {
  const { source, labels } = view;
  if (!labels.code) {
    source.remove();
    return new Map();
  }
  source.tabIndex = 0;
  source.setAttribute("role", "group");
  source.setAttribute("aria-label", labels.source.replace("{name}", labels.name));
  suppressShortcuts(source);
  return new Map(
    labels.code.lines.map((text, i) => {
      const line = make("code", "sg-code-line", source);
      line.textContent = `${text}\n`;
      return [labels.code.first + i, line];
    }),
  );
}

function showLine(lines, number) {
  for (const [i, line] of lines) {
    line.classList.toggle("sg-here", i === number);
    if (i === number) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  }
}

const ICONS = {
  first: "M4 3h2v10H4zM13 3v10L6.5 8z",
  previous: "M11.5 3v10L5 8z",
  play: "M4.5 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4.5 3v10L11 8z",
  last: "M10 3h2v10h-2zM3 3v10l6.5-5z",
};

function paintIcon(button, icon, label) {
  const svg = shape("svg", "", null, { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  shape("path", "", svg, { d: ICONS[icon] });
  button.replaceChildren(svg);
  button.title = label;
  button.setAttribute("aria-label", label);
}

// ---- elements ----

function make(tag, name, parent) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent?.append(element);
  return element;
}

function shape(tag, name, parent, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

function write(parent, name, [x, y, size, anchor]) {
  return shape("text", name, parent, { x, y, "font-size": size, "text-anchor": anchor });
}

function setText(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

function pathOf(pieces) {
  let at = "";
  return pieces
    .map((piece) => {
      const start = `${piece[0]} ${piece[1]}`;
      const d = `${start === at ? "" : `M${start}`}${piece.length === 4 ? "L" : "C"}${piece.slice(2).join(" ")}`;
      at = piece.slice(-2).join(" ");
      return d;
    })
    .join("");
}

function triangle([x0, y0, x1, y1, x2, y2]) {
  return `M${x0} ${y0}L${x1} ${y1}L${x2} ${y2}Z`;
}

function strokes([x0, y0, x1, y1, x2, y2, x3, y3]) {
  return `M${x0} ${y0}L${x1} ${y1}M${x2} ${y2}L${x3} ${y3}`;
}

function timers() {
  const running = new Map();
  return {
    later(name, action, delay) {
      clearTimeout(running.get(name));
      running.set(name, setTimeout(action, delay));
    },
    /** Do it after the delay, unless it is going to be done by then anyway. */
    within(name, action, delay) {
      if (running.has(name)) return;
      running.set(name, setTimeout(() => { running.delete(name); action(); }, delay));
    },
    stop() {
      for (const timer of running.values()) clearTimeout(timer);
    },
  };
}

export default { render };
