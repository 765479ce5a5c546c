// The page's side of descend: draws what Python computed, and turns moves into traits. No numbers of f are made here.

const SVG = "http://www.w3.org/2000/svg";

function make(space, tag, attributes, children) {
  const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
const html = (tag, attributes = {}, ...children) => make(null, tag, attributes, children);
const svg = (tag, attributes = {}, ...children) => make(SVG, tag, attributes, children);

// JupyterLab's command mode takes keys from every focused element that does not say this about itself.
const KEYS = { "data-lm-suppress-shortcuts": "true" };

/** A number that one can say. */
const tidy = (value, digits = 3) => Number(value.toPrecision(digits));

function render({ model, el }) {
  const { axes, sliders, lr, width, height, margin, ticks, title, labels, max_steps: most } = model.get("spec");
  const [top, right, bottom, left] = margin;
  const free = axes.slice(0, model.get("start").length); // of a single input, the axis up is the loss
  const isCurve = free.length === 1;
  let frame = 0;
  let speak = 0;
  let held = null; // the start while it is dragged: the pointer is ahead of Python

  // ---- the picture
  const field = svg("g", { "aria-hidden": "true" });
  const path = svg("path", { class: "sg-path" });
  const dots = svg("path", { class: "sg-dots" });
  const lead = svg("path", { class: "sg-lead" });
  const ghost = svg("circle", { class: "sg-ghost", r: 5 });
  const arrow = svg("path", { class: "sg-arrow" });
  const point = svg("circle", { class: "sg-point", r: 6.5 });
  const inside = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, overflow: "hidden" });
  const ground = svg("rect", { class: "sg-ground", width, height });
  inside.append(ground, field);
  const handle = svg(
    "g",
    { class: "sg-handle", role: "slider", tabindex: 0, "aria-label": `${labels.start}: ${labels.start_help}`,
      "aria-valuemin": axes[0].low, "aria-valuemax": axes[0].high, ...KEYS },
    svg("circle", { class: "sg-reach", r: 20 }), svg("circle", { class: "sg-ring", r: 11 }),
  );
  const marks = svg("g", { "aria-hidden": "true", class: "sg-marks" }, path, dots, lead, ghost, arrow, point);
  const plot = svg("g", { transform: `translate(${left} ${top})` }, inside, drawAxes(), marks, handle);
  const full = [left + width + right, top + height + bottom];
  const picture = svg("svg", { class: "sg-picture", viewBox: `0 0 ${full.join(" ")}`, role: "group",
    "aria-label": `${isCurve ? labels.plot_curve : labels.plot}, ${title}`, style: `max-width: ${full[0]}px` }, plot);

  function drawAxes() {
    const group = svg("g", { class: "sg-axes", "aria-hidden": "true" });
    group.append(svg("rect", { width, height }));
    for (const [share, text] of ticks[0]) {
      group.append(svg("path", { d: `M${share * width},${height}v5` }),
        svg("text", { x: share * width, y: height + 18, "text-anchor": "middle" }, text));
    }
    for (const [share, text] of ticks[1]) {
      group.append(svg("path", { d: `M0,${(1 - share) * height}h-5` }),
        svg("text", { x: -9, y: (1 - share) * height + 4, "text-anchor": "end" }, text));
    }
    group.append(svg("text", { class: "sg-name", x: width / 2, y: height + 36, "text-anchor": "middle" }, axes[0].name),
      svg("text", { class: "sg-name", ...(isCurve ? { x: width / 2, y: 18, "text-anchor": "middle" } : { x: -36, y: height / 2 + 4, "text-anchor": "middle" }) }, axes[1].name));
    return group;
  }

  function drawField() {
    const { ground: finite, bands, lines, labels: numbers } = model.get("field");
    field.replaceChildren(
      svg("path", { class: "sg-finite", d: finite }),
      ...bands.map((d) => svg("path", { class: "sg-band", d })),
      ...lines.map((d) => svg("path", { class: "sg-contour", d })),
      ...numbers.map(([x, y, text]) => svg("text", { class: "sg-level", x, y: y + 4, "text-anchor": "middle" }, text)),
    );
  }

  // ---- the numbers
  const count = html("span", { class: "sg-count" });
  const rows = free.map(({ name }) => ({ name, value: html("td", { class: "sg-value" }), grad: html("td", { class: "sg-grad" }) }));
  const loss = html("td", { class: "sg-value" });
  const table = html("table", { class: "sg-numbers" },
    html("thead", {}, html("tr", {}, html("td"), html("th", { scope: "col" }, labels.value), html("th", { scope: "col" }, labels.gradient))),
    html("tbody", {}, ...rows.map((row) => html("tr", {}, html("th", { scope: "row" }, row.name), row.value, row.grad)),
      html("tr", {}, html("th", { scope: "row" }, title.split("(")[0]), loss, html("td"))));
  const rule = html("div", { class: "sg-rule" });
  const note = html("p", { class: "sg-note" });
  const status = html("p", { class: "sg-hidden", role: "status" });
  const curve = svg("path", { class: "sg-curve" });
  const history = html("figure", { class: "sg-history" }, html("figcaption", {}, labels.history),
    svg("svg", { viewBox: "-3 -4 226 56", "aria-hidden": "true" }, svg("path", { class: "sg-base", d: "M0,48H220" }), curve));

  // ---- what can be moved
  function button(text, act, kind = "") {
    const element = html("button", { type: "button", class: `sg-button ${kind}`, ...KEYS }, text);
    element.addEventListener("click", act);
    return element;
  }
  const step = button(labels.step, () => move({ steps: model.get("steps") + 1 }), "sg-main");
  const ten = button(labels.steps_10, () => move({ steps: model.get("steps") + 10 }));
  const undo = button(labels.undo, () => move({ steps: Math.max(taken() - 1, 0) }));
  const reset = button(labels.reset, () => move({
    steps: 0, lr: lr.value, start: free.map((axis) => axis.value),
    values: Object.fromEntries(sliders.map(({ name, value }) => [name, value])),
  }));

  function slider(text, range, { read, write }) {
    const output = html("output");
    const input = html("input", { type: "range", ...range, ...KEYS });
    input.addEventListener("input", () => write(input.valueAsNumber));
    const element = html("label", { class: "sg-slider" }, html("span", {}, text), input, output);
    const show = () => {
      const { position, text: now } = read();
      if (input.valueAsNumber !== position) input.value = position;
      output.textContent = now;
      input.setAttribute("aria-valuetext", now);
    };
    return { element, input, show };
  }
  const ratio = lr.high / lr.low;
  const rate = slider(labels.lr, { min: 0, max: 100, step: 1 }, {
    read: () => ({ position: Math.round((100 * Math.log(model.get("lr") / lr.low)) / Math.log(ratio)), text: String(tidy(model.get("lr"))) }),
    write: (position) => move({ lr: position === 50 ? lr.value : tidy(lr.low * ratio ** (position / 100), 2) }),
  });
  const number = slider(labels.number_of_steps, { min: 0, max: 50, step: 1 }, {
    read: () => {
      const steps = taken();
      number.input.max = Math.max(50, steps);
      return { position: steps, text: String(steps) };
    },
    write: (steps) => move({ steps }),
  });
  const others = sliders.map(({ name, low, high, step: by }) => slider(name, { min: low, max: high, step: by }, {
    read: () => ({ position: model.get("values")[name], text: String(Number(model.get("values")[name].toPrecision(6))) }),
    write: (value) => move({ values: { ...model.get("values"), [name]: value } }),
  }));
  const all = [rate, number, ...others];

  /** The steps that are wanted, or those that were possible. */
  function taken() {
    const { trouble, reached } = model.get("shown");
    return trouble ? Math.min(model.get("steps"), reached) : model.get("steps");
  }

  /** Set traits now, send them with the next frame: of many moves in between, the newest. */
  function move(changes) {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    showMoves();
    if (!frame) frame = requestAnimationFrame(send);
  }
  function send() {
    frame = 0;
    model.save_changes();
  }

  // ---- the start: dragged, clicked, moved by keys
  const snap = (value, { low, high, step: by }) => Math.min(Math.max(Number((Math.round(value / by) * by).toPrecision(12)), low), high);
  function startFrom(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(inside.getScreenCTM().inverse());
    const [across, up] = axes;
    const values = [across.low + (at.x / width) * (across.high - across.low), up.high - (at.y / height) * (up.high - up.low)];
    return free.map((axis, i) => snap(values[i], axis));
  }
  function drag(event) {
    if (held === null) return;
    held = startFrom(event);
    move({ start: held });
  }
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    held = model.get("start");
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  handle.addEventListener("pointermove", drag);
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // the page stays put
  for (const end of ["pointerup", "pointercancel"]) {
    handle.addEventListener(end, () => { held = null; showMoves(); });
  }
  inside.addEventListener("click", (event) => move({ start: startFrom(event) }));
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  handle.addEventListener("keydown", (event) => {
    const direction = ARROWS[event.key];
    if (!direction) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    move({ start: model.get("start").map((value, i) => snap(value + far * (isCurve ? direction[0] + direction[1] : direction[i]) * axes[i].step, axes[i])) });
  });

  // ---- patching
  function place(element, at) {
    element.style.display = at ? "" : "none";
    if (at) element.setAttribute("transform", `translate(${at[0]} ${at[1]})`);
  }
  function showMoves() {
    const at = held ?? model.get("start");
    const [a, b] = at;
    const [across, up] = axes;
    place(handle, [((a - across.low) / (across.high - across.low)) * width,
      isCurve ? model.get("shown").start[1] : ((up.high - b) / (up.high - up.low)) * height]);
    handle.setAttribute("aria-valuenow", a);
    handle.setAttribute("aria-valuetext", free.map(({ name }, i) => `${name} = ${tidy(at[i])}`).join(", "));
    for (const { show } of all) show();
    undo.disabled = taken() === 0;
    const stuck = model.get("shown").trouble || model.get("steps") >= most;
    step.disabled = ten.disabled = stuck;
  }
  function showDescent() {
    const shown = model.get("shown");
    path.setAttribute("d", shown.path);
    dots.setAttribute("d", shown.dots);
    lead.setAttribute("d", shown.ghost?.line ?? "");
    place(ghost, shown.ghost?.at);
    place(point, shown.point);
    arrow.setAttribute("d", shown.arrow ?? "");
    rows.forEach((row, i) => {
      row.value.textContent = shown.rows[i].value;
      row.grad.textContent = `← ${shown.rows[i].grad}`;
    });
    loss.textContent = shown.loss;
    count.textContent = shown.count;
    rule.replaceChildren(...shown.formulas.flatMap((text, i) => [html("div", { class: "sg-general" }, shown.rule[i]), html("div", {}, text)]));
    note.textContent = shown.note;
    note.classList.toggle("sg-trouble", shown.trouble);
    curve.setAttribute("d", shown.history);
    history.classList.toggle("sg-empty", !shown.history);
    clearTimeout(speak);
    speak = setTimeout(() => { status.textContent = shown.summary || shown.note; }, 500);
    showMoves();
  }

  const sign = (kind) => html("i", { class: `sg-sign ${kind}` });
  const legend = html("p", { class: "sg-legend", "aria-hidden": "true" },
    html("span", {}, sign("sg-sign-ring"), labels.start), html("span", {}, sign("sg-sign-point"), labels.here),
    html("span", {}, sign("sg-sign-arrow"), labels.uphill), html("span", {}, sign("sg-sign-lead"), labels.leads));
  el.classList.add("sg-host");
  el.replaceChildren(html("div", { class: `sg sg-widget sg-descend${isCurve ? " sg-of-one" : ""}`, role: "group", "aria-label": title },
    html("div", { class: "sg-head" }, html("strong", {}, title), count),
    html("div", { class: "sg-body" },
      html("div", { class: "sg-left", style: `width: ${Math.max(full[0], 400)}px` }, picture, legend),
      html("div", { class: "sg-right" },
        html("div", { class: "sg-buttons" }, step, ten, undo, reset),
        html("div", { class: "sg-sliders" }, ...all.map(({ element }) => element)),
        note, table, html("div", { class: "sg-next" }, html("div", { class: "sg-caption" }, labels.next_step), rule),
        history)),
    html("p", { class: "sg-help" }, labels.start_help), status));

  const listeners = [["change:shown", showDescent], ["change:field", drawField], ["change:start change:lr change:steps change:values", showMoves]];
  for (const [names, act] of listeners) model.on(names, act);
  drawField();
  showDescent();
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(speak);
    for (const [names, act] of listeners) model.off(names, act);
  };
}

export default { render };
