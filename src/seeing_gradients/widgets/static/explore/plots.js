// ---- the plot: f along one slider or over two; samples come from the kernel, the point moves at once ----

const PLOT_REST = 160; // ms without a move, after which the plot is refined
const MOST_PAIRED = 8; // sliders that are offered in pairs
const PLOT_EDGES = { left: 58, right: 16, top: 22, bottom: 42, between: 28 }; // px; a curve has its name above it
const WIDEST_PLOT = 640;
const TANGENT_PARTS = 60;
const FARTHEST = 1e6; // px: a line that goes farther is drawn no more exactly
const MOST_BESIDE = 4; // letters of a name at the left of an axis
const LEAST_ARROW = 14; // px: the dot and a head, which an arrow has where no room is left, too
const ARROW_PARTS = 20; // in which it is looked for numbers below an arrow

function plotter(view) {
  const { model, labels, plots, clock } = view;
  const self = { asked: false, moved: 0, panels: [], at: "" };
  const movable = model
    .get("controls")
    .filter((control) => !control.weighs && (control.kind === "number" || control.kind === "vector"))
    .flatMap((control) => control.labels.map((label, i) => ({ label, place: control.first + i, low: control.low })));
  if (!movable.length) {
    plots.remove();
    return { mark() {}, draw() {}, stop() {} };
  }
  const bar = plotBar(view, movable);
  const box = make("div", "sg-plot", plots);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  suppressShortcuts(box);
  const caption = make("div", "sg-plot-caption", box);
  const said = ["", "sg-forward", "sg-backward"].map((name) => make("span", name, caption));
  const svg = shape("svg", "sg-plot-svg", box, { role: "img" });
  const notes = make("div", "sg-plot-notes", plots);
  const sizes = new ResizeObserver(() => self.draw());
  sizes.observe(plots);
  plotHands(view, self, box, svg);

  self.drawn = () => {
    const drawn = model.get("plotted");
    return JSON.stringify(drawn.choice?.inputs) === JSON.stringify(model.get("plotting").inputs) && drawn.kind ? drawn : null;
  };
  self.draw = () => {
    const { inputs } = model.get("plotting");
    bar.show();
    box.hidden = notes.hidden = !inputs.length;
    if (!inputs.length) return;
    const drawn = self.drawn();
    setText(notes, drawn ? drawn.notes.join(" ") : labels.plots.drawing);
    if (!drawn) return;
    box.setAttribute("aria-label", labels.plots.keys.replace("{name}", inputs.join(", ")));
    box.classList.toggle("sg-over", drawn.kind === "contours");
    const space = Math.min(plots.clientWidth, WIDEST_PLOT + PLOT_EDGES.left + PLOT_EDGES.right) - PLOT_EDGES.left - PLOT_EDGES.right;
    if (space > 40) buildPlot(self, svg, drawn, space);
    self.mark();
  };
  self.mark = () => {
    const drawn = model.get("plotting").inputs.length ? self.drawn() : null;
    if (!drawn || !view.shown) return;
    const { state } = view.shown;
    const point = state.fresh ? state.point : null;
    const at = drawn.axes.map((axis) => state.at[axis.place]);
    plots.classList.toggle("sg-old", isPlotOld(drawn, state.at));
    const norm = drawn.vector && point?.norm ? [`‖${drawn.vector}‖ = ${point.norm}`] : [];
    const names = [...drawn.axes.map((axis, i) => `${axis.name} = ${shortest(at[i])}`), ...norm].join(", ");
    const [y, ...slopes] = point?.texts ?? ["?", "?"];
    const slope = drawn.axes.map((axis, i) => `∂${drawn.name}/∂${axis.name} = ${slopes[i] ?? "?"}`).join(", ");
    [names, `${drawn.name} = ${y}`, slope].forEach((text, i) => setText(said[i], text));
    const words = drawn.kind === "curve" ? labels.plots.curve : labels.plots.contours;
    const fields = { name: drawn.name, input: drawn.axes.map((axis) => axis.name).join(", "), x: drawn.kind === "curve" ? shortest(at[0]) : names, y, slope: slopes.join(", ") };
    svg.setAttribute("aria-label", words.replace(/\{(\w+)\}/g, (_, key) => fields[key]));
    if (self.panels.length) markPlot(self, drawn, at, point, state.at);
    if (keyOf(state.at) !== self.at) {
      self.at = keyOf(state.at);
      self.moved = performance.now();
      clock.later("plot", self.ask, PLOT_REST);
    }
    self.ask();
  };
  self.ask = () => {
    const drawn = self.drawn();
    if (self.asked || !model.get("plotting").inputs.length || !drawn) return;
    const { at } = model.get("state");
    const old = isPlotOld(drawn, at) || (drawn.choice.steps > 0 && keyOf(drawn.at) !== keyOf(at));
    const resting = performance.now() - self.moved >= PLOT_REST - 20;
    if (!old && (drawn.done || !resting)) return;
    self.asked = true;
    model.send({ plot: resting ? "fine" : "coarse" });
  };
  self.answered = () => {
    self.asked = false;
    view.root.dataset.plotted = model.get("plotted").done ? "done" : "coarse";
    self.draw();
  };
  self.stop = () => sizes.disconnect();
  self.draw();
  return self;
}

/** Whether the samples were taken while another slider stood elsewhere. */
function isPlotOld(drawn, at) {
  const own = drawn.axes.map((axis) => axis.place);
  return at.some((x, i) => !own.includes(i) && x !== drawn.at[i]);
}

// ---- what is plotted: a menu, and a few switches ----

function plotBar(view, movable) {
  const { model, labels, plots } = view;
  const words = labels.plots;
  const bar = make("div", "sg-plot-bar", view.means);
  const change = (changes) => {
    model.set("plotting", { ...model.get("plotting"), ...changes });
    model.save_changes();
  };
  const named = (text) => {
    const label = make("label", "sg-plot-choice", bar);
    const before = make("span", "", label);
    before.textContent = text;
    return { label, before };
  };
  const menu = make("select", "sg-plot-menu", named(words.plot).label);
  suppressShortcuts(menu);
  const option = (inputs, text) => {
    const made = make("option", "", menu);
    made.value = JSON.stringify(inputs);
    made.textContent = text;
  };
  option([], words.none);
  for (const { label } of movable) option([label], words.along.replace("{name}", label));
  movable.slice(0, MOST_PAIRED).forEach((a, i) => {
    for (const b of movable.slice(i + 1, MOST_PAIRED)) option([a.label, b.label], words.over.replace("{names}", `${a.label}, ${b.label}`));
  });
  menu.addEventListener("change", () => change({ inputs: JSON.parse(menu.value), log: [] }));

  const box = (text, action) => {
    const { label, before } = named(text);
    const made = input(label, "checkbox", "sg-plot-check", text);
    label.prepend(made);
    made.addEventListener("change", () => action(made.checked));
    return { label, before, box: made };
  };
  const log = (i) => (on) => change({ log: [...model.get("plotting").log.filter((j) => j !== i), ...(on ? [i] : [])].sort((a, b) => a - b) });
  const derivative = box(words.derivative, (on) => change({ derivative: on }));
  const logs = [0, 1, -1].map((i) => ({ i, ...box("", log(i)) }));
  const descent = box(words.descent, (on) => change({ steps: on ? 10 : 0 }));
  const number = (text, key, limits, isGood) => {
    const { label } = named(text);
    const field = input(label, "number", "sg-exact sg-plot-number", text);
    Object.assign(field, limits);
    field.addEventListener("change", () => {
      if (isGood(field.valueAsNumber)) change({ [key]: field.valueAsNumber });
      else field.value = model.get("plotting")[key];
    });
    return { label, field, key };
  };
  const numbers = [
    number(words.steps_label, "steps", { min: 1, max: 200, step: 1 }, (x) => Number.isInteger(x) && x >= 1 && x <= 200),
    number(words.lr_label, "lr", { min: 0, step: "any" }, (x) => x > 0 && Number.isFinite(x)),
  ];
  return {
    show() {
      const choice = model.get("plotting");
      const { inputs } = choice;
      const wanted = JSON.stringify(inputs);
      if (![...menu.options].some((one) => one.value === wanted)) option(inputs, words.over.replace("{names}", inputs.join(", ")));
      menu.value = wanted;
      menu.title = menu.selectedOptions[0].textContent;
      derivative.label.hidden = inputs.length !== 1;
      derivative.box.checked = choice.derivative;
      for (const { i, label, before, box: made } of logs) {
        const name = i < 0 ? words.value : inputs[i] ?? "";
        const text = words.log_axis.replace("{name}", name);
        setText(before, text);
        label.title = text;
        made.setAttribute("aria-label", text);
        label.hidden = !inputs.length || (i >= 0 && !(movable.find((one) => one.label === name)?.low > 0));
        made.checked = choice.log.includes(i);
      }
      descent.label.hidden = !inputs.length;
      descent.box.checked = choice.steps > 0;
      for (const { label, field, key } of numbers) {
        label.hidden = !inputs.length || !choice.steps;
        if (field !== field.ownerDocument.activeElement) field.value = choice[key];
      }
    },
  };
}

// ---- drawing ----

function axisShare(axis, x) {
  if (!axis.log) return (x - axis.low) / (axis.high - axis.low);
  return x > 0 ? Math.log(x / axis.low) / Math.log(axis.high / axis.low) : NaN;
}

function axisValue(axis, share) {
  return axis.log ? axis.low * (axis.high / axis.low) ** share : axis.low + share * (axis.high - axis.low);
}

/** How fast the share grows with x. */
function axisRate(axis, x) {
  return 1 / (axis.log ? x * Math.log(axis.high / axis.low) : axis.high - axis.low);
}

function buildPlot(self, svg, drawn, space) {
  const { left, right, top, bottom, between } = PLOT_EDGES;
  const isCurve = drawn.kind === "curve";
  const width = isCurve ? space : Math.min(space, drawn.width);
  const channels = isCurve ? [drawn.value, drawn.derivative].filter(Boolean) : [drawn];
  svg.replaceChildren();
  self.panels = [];
  let y = top;
  channels.forEach((channel, i) => {
    const height = isCurve ? channel.height : (channel.height * width) / drawn.width;
    const last = i === channels.length - 1;
    const panel = shape("g", `sg-panel ${i ? "sg-slopes" : ""}`, svg, { transform: `translate(${left} ${y})` });
    self.panels.push(buildPanel(panel, drawn, channel, { width, height, last, isCurve }));
    y += height + (last ? bottom : between);
  });
  const size = [left + width + right, channels.length ? y : 0];
  svg.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  svg.setAttribute("width", size[0]);
  svg.setAttribute("height", size[1]);
}

function buildPanel(panel, drawn, channel, { width, height, last, isCurve }) {
  const across = drawn.axes[0];
  const up = isCurve ? channel.axis : drawn.axes[1];
  shape("rect", "sg-plot-ground", panel, { width, height });
  const lines = shape("g", "sg-plot-samples", panel);
  if (isCurve) upTicks(panel, up, width, height, lines);
  const inner = shape("svg", "", lines, { width, height, viewBox: `0 0 ${drawn.width} ${isCurve ? channel.height : drawn.height}`, preserveAspectRatio: "none" });
  const scale = width / drawn.width;
  if (isCurve) {
    shape("path", "sg-plot-curve", inner, { d: channel.d });
    for (const [x, y, taken] of channel.ends) shape("circle", taken ? "sg-plot-end sg-taken" : "sg-plot-end", panel, { cx: x * scale, cy: y, r: 3.5 });
  } else if (drawn.field) {
    const { ground, bands, lines: levels } = drawn.field;
    if (ground) shape("path", "sg-plot-level-ground", inner, { d: ground });
    for (const d of bands) shape("path", "sg-plot-band", inner, { d });
    for (const d of levels) shape("path", "sg-plot-level", inner, { d });
  }
  const numbers = (drawn.field?.labels ?? []).map(([x, y, text]) => {
    const element = write(lines, "sg-plot-label", [x * scale, y * scale + 4, 11, "middle"]);
    element.textContent = text;
    return { element, x: x * scale, y: y * scale, half: 3.5 * text.length };
  });
  shape("rect", "sg-plot-edge", panel, { width, height });
  if (!isCurve) upTicks(panel, up, width, height, null);
  acrossTicks(panel, across, width, height, last);
  const beside = !isCurve && up.name.length <= MOST_BESIDE; // a longer name lies above the frame, where there is room
  const title = beside ? [-40, height / 2 + 4, 13, "middle"] : [0, -7, isCurve ? 12 : 13, "start"];
  writeName(panel, "sg-plot-name", title, up.name, width + PLOT_EDGES.right);
  const marks = shape("g", "sg-plot-marks", panel);
  const clip = shape("svg", "", marks, { width, height, viewBox: `0 0 ${width} ${height}` });
  const vector = shape("path", "sg-plot-vector", clip);
  const slope = shape("path", isCurve ? "sg-plot-tangent" : "sg-plot-arrow", isCurve ? clip : marks);
  return {
    across, up, width, height, isCurve, vector, slope, numbers,
    path: shape("path", "sg-plot-path", clip),
    steps: shape("path", "sg-plot-steps", clip),
    dot: shape("circle", "sg-plot-dot", marks, { r: 6 }),
  };
}

function upTicks(panel, axis, width, height, grid) {
  for (const [share, text] of axis.ticks) {
    const y = (1 - share) * height;
    shape("path", "sg-plot-tick", panel, { d: `M0 ${y}h-5` });
    if (grid) shape("path", "sg-plot-grid", grid, { d: `M0 ${y}h${width}` });
    write(panel, "sg-plot-number-text", [-8, y + 4, 11, "end"]).textContent = text;
  }
}

function acrossTicks(panel, axis, width, height, withText) {
  const longest = Math.max(1, ...axis.ticks.map(([, text]) => text.length));
  const every = Math.ceil(((longest * 7 + 14) * axis.ticks.length) / width);
  const zero = Math.max(0, axis.ticks.findIndex(([, text]) => text === "0"));
  axis.ticks.forEach(([share, text], i) => {
    const x = share * width;
    shape("path", "sg-plot-tick", panel, { d: `M${x} ${height}v5` });
    if (withText && (i - zero) % every === 0) write(panel, "sg-plot-number-text", [x, height + 18, 11, "middle"]).textContent = text;
  });
  if (withText) writeName(panel, "sg-plot-input", [width / 2, height + 36, 13, "middle"], axis.name, width + 2 * PLOT_EDGES.right);
}

/** A name, shortened to a width in px with "…"; it is whole in its title, and in the sentence for screen readers. */
function writeName(panel, name, place, text, width) {
  const element = write(panel, name, place);
  element.textContent = text;
  let letters = [...text];
  while (letters.length > 1 && element.getComputedTextLength() > width) {
    letters = letters.slice(0, Math.min(letters.length - 1, Math.ceil((letters.length * width) / element.getComputedTextLength())));
    element.textContent = `${letters.join("")}…`;
  }
  if (letters.length < [...text].length) shape("title", "", element).textContent = text;
}

/** Put the point, its tangent or gradient, and the steps of descent where the sliders stand. */
function markPlot(self, drawn, at, point, sliders) {
  self.panels.forEach((panel, i) => {
    const { across, up, width, height, isCurve } = panel;
    const place = ([x, y]) => [axisShare(across, x) * width, (1 - axisShare(up, y)) * height];
    const y = isCurve ? (i ? point?.slopes[0] : point?.y) : at[1];
    const [px, py] = y === null || y === undefined ? [NaN, NaN] : place([at[0], y]);
    const inside = Number.isFinite(px + py) && py >= -1 && py <= height + 1 && (isCurve || point);
    panel.dot.setAttribute("visibility", inside ? "visible" : "hidden");
    if (inside) {
      panel.dot.setAttribute("cx", px);
      panel.dot.setAttribute("cy", py);
    }
    panel.vector.setAttribute("d", drawn.vector && inside ? `M${place([0, 0])}L${px} ${py}` : "");
    let d = "";
    if (Number.isFinite(px + py) && isCurve && i === 0 && point.slopes[0] !== null) d = tangentPath(panel, place, [at[0], y], point.slopes[0]);
    if (!isCurve) {
      const tip = inside ? arrowTip(panel, [px, py], at, point.slopes) : null;
      if (tip) d = arrowPath([px, py], tip);
      showNumbers(panel, inside ? [px, py] : null, tip ?? [px, py]);
    }
    panel.slope.setAttribute("d", d);
    if (i === 0) {
      const current = drawn.descent && keyOf(drawn.descent.at) === keyOf(sliders);
      const steps = current ? drawn.descent.points.map((p) => place(isCurve ? [p[0], p.at(-1)] : p).map((u) => Math.min(Math.max(u, -FARTHEST), FARTHEST))) : [];
      panel.path.setAttribute("d", lineOf(steps));
      panel.steps.setAttribute("d", steps.slice(1).filter(isPlace).map(([a, b]) => `M${a.toFixed(1)} ${b.toFixed(1)}h0`).join(""));
    }
  });
}

function tangentPath({ across, up }, place, [x, y], slope) {
  const parts = across.log || up.log ? TANGENT_PARTS : 1;
  const places = Array.from({ length: parts + 1 }, (_, k) => axisValue(across, k / parts)).map((u) => place([u, y + slope * (u - x)]));
  return lineOf(places.map(([a, b]) => [a, Math.abs(b) < FARTHEST ? b : NaN]));
}

/** Whether a point lies on both axes, which a negative number does not where an axis is logarithmic. */
function isPlace([a, b]) {
  return Number.isFinite(a + b);
}

/** A line through points, broken where one has no place. */
function lineOf(points) {
  let open = false;
  return points
    .map((point) => {
      const good = isPlace(point);
      const d = good ? `${open ? "L" : "M"}${point[0].toFixed(2)} ${point[1].toFixed(2)}` : "";
      open = good;
      return d;
    })
    .join("");
}

// Where the gradient points, uphill; its length grows with the gradient up to the frame, as helpers/chart/lines.py has it.
function arrowTip({ across, up, width, height }, [x, y], at, slopes) {
  const [g, h] = slopes.map((slope) => slope ?? 0);
  const size = Math.hypot(g, h);
  if (!(size > 0 && Number.isFinite(size))) return null;
  const direction = [(g / size) * axisRate(across, at[0]) * width, (-h / size) * axisRate(up, at[1]) * height];
  const [u, v] = direction.map((part) => part / Math.hypot(...direction));
  const room = Math.min(u ? ((u > 0 ? width : 0) - x) / u : Infinity, v ? ((v > 0 ? height : 0) - y) / v : Infinity);
  const length = Math.min(24 + (56 * size) / (size + 10), Math.max(room, LEAST_ARROW));
  return [x + u * length, y + v * length];
}

function arrowPath([x, y], [a, b]) {
  const [p, q] = [a - x, b - y].map((part) => (8 * part) / Math.hypot(a - x, b - y));
  return `M${x} ${y}L${a} ${b}M${a - p + 0.6 * q} ${b - q - 0.6 * p}L${a} ${b}L${a - p - 0.6 * q} ${b - q + 0.6 * p}`;
}

/** Show the numbers of the contours but for those below the dot or the arrow. */
function showNumbers({ numbers }, dot, tip) {
  const way = dot ? Array.from({ length: ARROW_PARTS + 1 }, (_, k) => dot.map((start, i) => start + ((tip[i] - start) * k) / ARROW_PARTS)) : [];
  for (const { element, x, y, half } of numbers) {
    const below = way.some(([a, b]) => Math.abs(a - x) < half + 6 && Math.abs(b - y) < 13);
    element.setAttribute("visibility", below ? "hidden" : "visible");
  }
}

// ---- hands: a click, a drag or the arrow keys move the plotted sliders ----

function plotHands(view, self, box, svg) {
  const { model } = view;
  const row = (axis) => view.rows.find(({ place }) => place === axis.place);
  const slider = (axis) => row(axis)?.line.querySelector(".sg-range");
  const go = (values) => {
    const drawn = self.drawn();
    const sliders = [...model.get("sliders")];
    drawn.axes.forEach((axis, i) => {
      if (values[i] === undefined) return;
      const probe = slider(axis).cloneNode(); // a position of the slider, exactly as it would give it
      probe.step = row(axis).step;
      probe.value = values[i];
      sliders[axis.place] = probe.valueAsNumber;
    });
    if (keyOf(sliders) !== keyOf(model.get("sliders"))) send(view, sliders);
  };
  const reach = (event) => {
    const [panel] = self.panels;
    const frame = svg.querySelector(".sg-panel .sg-plot-ground").getBoundingClientRect();
    const shares = [(event.clientX - frame.left) / frame.width, 1 - (event.clientY - frame.top) / frame.height];
    const axes = panel.isCurve ? [panel.across] : [panel.across, panel.up];
    go(axes.map((axis, i) => axisValue(axis, Math.min(Math.max(shares[i], 0), 1))));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !self.panels.length || !self.drawn()) return;
    svg.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
    reach(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) reach(event);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === " ") event.preventDefault(); // else the notebook goes on by a page
    const drawn = self.drawn();
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowUp: [1, 1], ArrowDown: [1, -1], PageUp: [0, 10], PageDown: [0, -10], Home: [0, -Infinity], End: [0, Infinity] };
    const [i, steps] = moves[event.key] ?? [];
    const axis = drawn?.axes[i];
    if (!axis) return;
    event.preventDefault();
    const range = slider(axis);
    const values = [];
    values[i] = Number.isFinite(steps) ? range.valueAsNumber + steps * row(axis).step : steps < 0 ? axis.low : axis.high;
    go(values);
  });
  const aim = {
    near: (sliders) => (self.drawn()?.axes ?? []).flatMap((axis) => nearby(slider(axis), row(axis).step, sliders, axis.place).slice(0, REACH)),
  };
  for (const event of ["pointerenter", "focusin"]) {
    box.addEventListener(event, () => {
      view.ahead.aim = aim;
      lookAhead(view);
    });
  }
}
