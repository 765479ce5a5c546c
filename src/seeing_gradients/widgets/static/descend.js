// Built by "make js" from sources with the hash 4232cc13263196e3. Change those, not this file.

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
function addButton(parent, className, action) {
  const button = suppressShortcuts(addHtml(parent, "button", className));
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

// page/axes.js
function createAxes(width, height, [across, up], { below, left }, attributes = {}) {
  const group = createSvg("g", { class: "sg-axes", ...attributes }, createSvg("rect", { width, height }));
  for (const [share, text] of across) {
    const x = share * width;
    group.append(
      createSvg("path", { d: `M${x},${height}v5` }),
      createSvg("text", { x, y: height + below, "text-anchor": "middle" }, text)
    );
  }
  for (const [share, text] of up) {
    const y = (1 - share) * height;
    group.append(
      createSvg("path", { d: `M0,${y}h-5` }),
      createSvg("text", { x: -left, y: y + 4, "text-anchor": "end" }, text)
    );
  }
  return group;
}

// page/numbers.js
var DEFAULT_DIGITS = 7;
function roundTo(x, digits = 3) {
  return Number(x.toPrecision(digits));
}
function shortest(x, digits = DEFAULT_DIGITS) {
  return String(roundTo(x, digits));
}
function clamp(x, low, high) {
  return Math.min(Math.max(x, low), high);
}
function snapToStep(x, { low, high, step }) {
  return clamp(roundTo(Math.round(x / step) * step, 12), low, high);
}

// page/scales.js
function axisShare({ low, high, log }, x) {
  if (!log) return (x - low) / (high - low);
  return x > 0 ? Math.log(x / low) / Math.log(high / low) : NaN;
}
function axisValue({ low, high, log }, share) {
  return log ? low * (high / low) ** share : low + share * (high - low);
}
function notchOf({ low, high }, value, notches) {
  return Math.round(notches * Math.log(value / low) / Math.log(high / low));
}
function valueAtNotch({ low, high }, notch, notches) {
  return low * (high / low) ** (notch / notches);
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

// descend/descend.js
var ANNOUNCE_DELAY = 500;
var LEARNING_RATE_NOTCHES = 100;
var MAX_STEPS_OF_SLIDER = 50;
var ARROW_DIRECTIONS = /* @__PURE__ */ new Map([
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
  ["ArrowUp", [0, 1]],
  ["ArrowDown", [0, -1]]
]);
function render({ model, el }) {
  const spec = model.get("spec");
  const { axes, width, height, title, labels } = spec;
  const freeAxes = axes.slice(0, model.get("start").length);
  const isCurve = freeAxes.length === 1;
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  let draggedStart = null;
  const move = (changes) => {
    for (const [name, value] of Object.entries(changes)) {
      model.set(
        /** @type {keyof DescendTraits} */
        name,
        /** @type {never} */
        value
      );
    }
    showMoves();
    sending.request();
  };
  const picture = createPicture(model, isCurve);
  const readout = createReadout(model, freeAxes);
  const controls = createControls(model, freeAxes, move);
  const { handle, inside } = picture;
  const startAt = (event) => {
    const matrix = (
      /** @type {DOMMatrix} */
      inside.getScreenCTM().inverse()
    );
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    const values = [axisValue(axes[0], x / width), axisValue(axes[1], 1 - y / height)];
    return freeAxes.map((axis, i) => snapToStep(values[i], axis));
  };
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    draggedStart = model.get("start");
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (draggedStart === null) return;
    draggedStart = startAt(event);
    move({ start: draggedStart });
  });
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  for (const end of ["pointerup", "pointercancel"]) {
    handle.addEventListener(end, () => {
      draggedStart = null;
      showMoves();
    });
  }
  inside.addEventListener("click", (event) => move({ start: startAt(event) }));
  handle.addEventListener("keydown", (event) => {
    const direction = ARROW_DIRECTIONS.get(event.key);
    if (!direction) return;
    event.preventDefault();
    const count = event.shiftKey ? 10 : 1;
    const steps = isCurve ? [direction[0] + direction[1]] : direction;
    const start = model.get("start").map((x, i) => snapToStep(x + count * steps[i] * axes[i].step, axes[i]));
    move({ start });
  });
  const showMoves = () => {
    picture.showStart(draggedStart ?? model.get("start"));
    controls.show();
  };
  const showDescent = () => {
    const shown = model.get("shown");
    picture.show(shown);
    readout.show(shown);
    timers.debounce("announce", () => readout.announce(shown.summary || shown.note), ANNOUNCE_DELAY);
    showMoves();
  };
  const showField = () => picture.showField(model.get("field"));
  el.classList.add("sg-host");
  el.replaceChildren(
    createHtml(
      "div",
      { class: `sg sg-widget sg-descend${isCurve ? " sg-of-one" : ""}`, role: "group", "aria-label": title },
      createHtml("div", { class: "sg-head" }, createHtml("strong", {}, title), readout.count),
      createHtml(
        "div",
        { class: "sg-body" },
        createHtml(
          "div",
          { class: "sg-left", style: `width: ${Math.max(picture.width, 400)}px` },
          picture.svg,
          createLegend(labels)
        ),
        createHtml(
          "div",
          { class: "sg-right" },
          controls.buttons,
          controls.sliders,
          readout.note,
          readout.table,
          readout.nextStep,
          readout.history
        )
      ),
      createHtml("p", { class: "sg-help" }, labels.start_help),
      readout.status
    )
  );
  const listeners = [
    ["change:shown", showDescent],
    ["change:field", showField],
    ["change:start change:lr change:steps change:values", showMoves]
  ];
  for (const [names, listener] of listeners) model.on(names, listener);
  showField();
  showDescent();
  return () => {
    sending.cancel();
    timers.stop();
    for (const [names, listener] of listeners) model.off(names, listener);
  };
}
function createPicture(model, isCurve) {
  const { axes, width, height, margin, ticks, title, labels } = model.get("spec");
  const [across, up] = axes;
  const [top, right, bottom, left] = margin;
  const field = createSvg("g", { "aria-hidden": "true" });
  const path = createSvg("path", { class: "sg-path" });
  const dots = createSvg("path", { class: "sg-dots" });
  const lead = createSvg("path", { class: "sg-lead" });
  const ghost = createSvg("circle", { class: "sg-ghost", r: 5 });
  const arrow = createSvg("path", { class: "sg-arrow" });
  const point = createSvg("circle", { class: "sg-point", r: 6.5 });
  const marks = createSvg("g", { "aria-hidden": "true", class: "sg-marks" }, path, dots, lead, ghost, arrow, point);
  const inside = createSvg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, overflow: "hidden" },
    createSvg("rect", { class: "sg-ground", width, height }),
    field
  );
  const handle = createSvg(
    "g",
    {
      class: "sg-handle",
      role: "slider",
      tabindex: 0,
      "aria-label": `${labels.start}: ${labels.start_help}`,
      "aria-valuemin": across.low,
      "aria-valuemax": across.high
    },
    createSvg("circle", { class: "sg-hit-area", r: 20 }),
    createSvg("circle", { class: "sg-ring", r: 11 })
  );
  suppressShortcuts(handle);
  const frame = createAxes(width, height, ticks, { below: 18, left: 9 }, { "aria-hidden": "true" });
  const nameOfUp = isCurve ? { x: width / 2, y: 18 } : { x: -36, y: height / 2 + 4 };
  frame.append(
    createSvg("text", { class: "sg-name", x: width / 2, y: height + 36, "text-anchor": "middle" }, across.name),
    createSvg("text", { class: "sg-name", ...nameOfUp, "text-anchor": "middle" }, up.name)
  );
  const size = [left + width + right, top + height + bottom];
  const plot = createSvg("g", { transform: `translate(${left} ${top})` }, inside, frame, marks, handle);
  const svg = createSvg(
    "svg",
    {
      class: "sg-picture",
      viewBox: `0 0 ${size.join(" ")}`,
      role: "group",
      "aria-label": `${isCurve ? labels.plot_curve : labels.plot}, ${title}`,
      style: `max-width: ${size[0]}px`
    },
    plot
  );
  return {
    svg,
    width: size[0],
    handle,
    inside,
    /** @param {DescendTraits["field"]} drawn */
    showField({ ground, bands, lines, labels: numbers }) {
      field.replaceChildren(
        createSvg("path", { class: "sg-finite", d: ground }),
        ...bands.map((d) => createSvg("path", { class: "sg-band", d })),
        ...lines.map((d) => createSvg("path", { class: "sg-contour", d })),
        ...numbers.map(
          ([x, y, text]) => createSvg("text", { class: "sg-level", x, y: y + 4, "text-anchor": "middle" }, text)
        )
      );
    },
    /** @param {number[]} start */
    showStart(start) {
      const y = isCurve ? model.get("shown").start[1] : (1 - axisShare(up, start[1])) * height;
      moveTo(handle, [axisShare(across, start[0]) * width, y]);
      handle.setAttribute("aria-valuenow", String(start[0]));
      const texts = start.map((x, i) => `${axes[i].name} = ${roundTo(x)}`);
      handle.setAttribute("aria-valuetext", texts.join(", "));
    },
    /** @param {DescendTraits["shown"]} shown */
    show(shown) {
      path.setAttribute("d", shown.path);
      dots.setAttribute("d", shown.dots);
      lead.setAttribute("d", shown.ghost?.line ?? "");
      moveTo(ghost, shown.ghost?.end ?? null);
      moveTo(point, shown.point);
      arrow.setAttribute("d", shown.arrow ?? "");
    }
  };
}
function moveTo(mark, position) {
  mark.style.display = position ? "" : "none";
  if (position) mark.setAttribute("transform", `translate(${position[0]} ${position[1]})`);
}
function createReadout(model, freeAxes) {
  const { title, labels, history_size: historySize } = model.get("spec");
  const [historyWidth, historyHeight] = historySize;
  const count = createHtml("span", { class: "sg-count" });
  const rows = freeAxes.map(({ name }) => ({
    name,
    value: createHtml("td", { class: "sg-value" }),
    grad: createHtml("td", { class: "sg-grad" })
  }));
  const loss = createHtml("td", { class: "sg-value" });
  const rowHeading = (text) => createHtml("th", { scope: "row" }, text);
  const table = createHtml(
    "table",
    { class: "sg-numbers" },
    createHtml(
      "thead",
      {},
      createHtml(
        "tr",
        {},
        createHtml("td"),
        createHtml("th", { scope: "col" }, labels.value),
        createHtml("th", { scope: "col" }, labels.gradient)
      )
    ),
    createHtml(
      "tbody",
      {},
      ...rows.map((row) => createHtml("tr", {}, rowHeading(row.name), row.value, row.grad)),
      createHtml("tr", {}, rowHeading(title.split("(")[0]), loss, createHtml("td"))
    )
  );
  const rule = createHtml("div", { class: "sg-rule" });
  const nextStep = createHtml(
    "div",
    { class: "sg-next" },
    createHtml("div", { class: "sg-caption" }, labels.next_step),
    rule
  );
  const note = createHtml("p", { class: "sg-note" });
  const status = createHtml("p", { class: "sg-hidden", role: "status" });
  const historyLine = createSvg("path", { class: "sg-history-line" });
  const historyBase = createSvg("path", { class: "sg-history-base", d: `M0,${historyHeight}H${historyWidth}` });
  const history = createHtml(
    "figure",
    { class: "sg-history" },
    createHtml("figcaption", {}, labels.history),
    createSvg(
      "svg",
      { viewBox: `-3 -4 ${historyWidth + 6} ${historyHeight + 8}`, "aria-hidden": "true" },
      historyBase,
      historyLine
    )
  );
  return {
    count,
    table,
    nextStep,
    note,
    status,
    history,
    /** @param {DescendTraits["shown"]} shown */
    show(shown) {
      rows.forEach((row, i) => {
        row.value.textContent = shown.rows[i].value;
        row.grad.textContent = `← ${shown.rows[i].grad}`;
      });
      loss.textContent = shown.loss;
      count.textContent = shown.count;
      rule.replaceChildren(
        ...shown.formulas.flatMap((formula, i) => [
          createHtml("div", { class: "sg-general" }, shown.rule[i]),
          createHtml("div", {}, formula)
        ])
      );
      note.textContent = shown.note;
      note.classList.toggle("sg-trouble", shown.trouble);
      historyLine.setAttribute("d", shown.history);
      history.classList.toggle("sg-empty", !shown.history);
    },
    /** @param {string} text */
    announce(text) {
      status.textContent = text;
    }
  };
}
function createControls(model, freeAxes, move) {
  const { sliders, lr, labels, max_steps: maxSteps } = model.get("spec");
  const stepsTaken = () => {
    const { trouble, reached } = model.get("shown");
    return trouble ? Math.min(model.get("steps"), reached) : model.get("steps");
  };
  const buttons = createHtml("div", { class: "sg-buttons" });
  const button = (text, action, kind = "") => {
    const added = addButton(buttons, `sg-button ${kind}`, action);
    added.textContent = text;
    return added;
  };
  const step = button(labels.step, () => move({ steps: model.get("steps") + 1 }), "sg-main");
  const tenSteps = button(labels.steps_10, () => move({ steps: model.get("steps") + 10 }));
  const undo = button(labels.undo, () => move({ steps: Math.max(stepsTaken() - 1, 0) }));
  button(
    labels.reset,
    () => move({
      steps: 0,
      lr: lr.value,
      start: freeAxes.map((axis) => axis.value),
      values: Object.fromEntries(sliders.map(({ name, value }) => [name, value]))
    })
  );
  const slider = (text, range, { read, write }) => {
    const output = createHtml("output");
    const input = suppressShortcuts(createHtml("input", { type: "range", ...range }));
    input.addEventListener("input", () => write(input.valueAsNumber));
    const element = createHtml("label", { class: "sg-slider" }, createHtml("span", {}, text), input, output);
    const show = () => {
      const { position, text: shown } = read(input);
      if (input.valueAsNumber !== position) input.value = String(position);
      output.textContent = shown;
      input.setAttribute("aria-valuetext", shown);
    };
    return { element, show };
  };
  const rateSlider = slider(
    labels.lr,
    { min: 0, max: LEARNING_RATE_NOTCHES, step: 1 },
    {
      read: () => ({
        position: notchOf(lr, model.get("lr"), LEARNING_RATE_NOTCHES),
        text: String(roundTo(model.get("lr")))
      }),
      write: (notch) => {
        const isMiddle = 2 * notch === LEARNING_RATE_NOTCHES;
        move({ lr: isMiddle ? lr.value : roundTo(valueAtNotch(lr, notch, LEARNING_RATE_NOTCHES), 2) });
      }
    }
  );
  const stepSlider = slider(
    labels.number_of_steps,
    { min: 0, max: MAX_STEPS_OF_SLIDER, step: 1 },
    {
      read: (input) => {
        const steps = stepsTaken();
        input.max = String(Math.max(MAX_STEPS_OF_SLIDER, steps));
        return { position: steps, text: String(steps) };
      },
      write: (steps) => move({ steps })
    }
  );
  const valueSliders = sliders.map(
    ({ name, low, high, step: stepSize }) => slider(
      name,
      { min: low, max: high, step: stepSize },
      {
        read: () => ({ position: model.get("values")[name], text: shortest(model.get("values")[name], 6) }),
        write: (value) => move({ values: { ...model.get("values"), [name]: value } })
      }
    )
  );
  const allSliders = [rateSlider, stepSlider, ...valueSliders];
  return {
    buttons,
    sliders: createHtml("div", { class: "sg-sliders" }, ...allSliders.map(({ element }) => element)),
    show() {
      for (const { show } of allSliders) show();
      undo.disabled = stepsTaken() === 0;
      step.disabled = tenSteps.disabled = model.get("shown").trouble || model.get("steps") >= maxSteps;
    }
  };
}
function createLegend(labels) {
  const entry = (kind, text) => createHtml("span", {}, createHtml("i", { class: `sg-sign sg-sign-${kind}` }), text);
  return createHtml(
    "p",
    { class: "sg-legend", "aria-hidden": "true" },
    entry("ring", labels.start),
    entry("point", labels.position),
    entry("arrow", labels.uphill),
    entry("lead", labels.leads)
  );
}
var descend_default = { render };
export {
  descend_default as default
};
