// Built by "make js" from sources with the hash 042e0e64ed152ce9. Change those, not this file.

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
function shareOf({ scale: [offset, rate], log }, x) {
  if (!log) return offset + rate * x;
  return x > 0 ? offset + rate * Math.log10(x) : NaN;
}
function valueAtShare({ scale: [offset, rate], log }, share) {
  const x = (share - offset) / rate;
  return log ? 10 ** x : x;
}
function notchOf({ low, high }, value, notches) {
  return Math.round(notches * Math.log(value / low) / Math.log(high / low));
}
function valueAtNotch({ low, high }, notch, notches) {
  return low * (high / low) ** (notch / notches);
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
function showShapes(parent, shapes) {
  parent.replaceChildren(...shapes.map(createShape));
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

// descend/descend.js
var ANNOUNCE_DELAY = 500;
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
    silence.expect();
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
    const values = [valueAtShare(axes[0], x / width), valueAtShare(axes[1], 1 - y / height)];
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
      { class: "sg sg-widget sg-descend", role: "group", "aria-label": title },
      createHtml("div", { class: "sg-head" }, createHtml("strong", {}, title), readout.count),
      createHtml(
        "div",
        { class: "sg-body" },
        createHtml(
          "div",
          { class: "sg-left", style: `width: ${Math.max(picture.width, 400)}px` },
          // The note lies on the picture, so that nothing moves when it comes and goes.
          createHtml("div", { class: "sg-noted", style: picture.insets }, picture.svg, readout.note),
          createLegend(labels)
        ),
        createHtml(
          "div",
          { class: "sg-right" },
          controls.buttons,
          controls.sliders,
          readout.table,
          readout.nextStep,
          readout.lossByStep
        )
      ),
      createHtml("p", { class: "sg-help" }, labels.start_help),
      readout.status
    )
  );
  const silence = createSilence(
    /** @type {HTMLElement} */
    el.firstElementChild,
    timers,
    () => labels.silent.replace("{position}", String(model.get("shown").reached))
  );
  const listeners = [
    ["change:answered", silence.end],
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
  const { axes, width, height, margin, frame, title, labels } = model.get("spec");
  const [across, up] = axes;
  const [top, right, bottom, left] = margin;
  const field = createSvg("g", { "aria-hidden": "true" });
  const marks = createSvg("g", { "aria-hidden": "true", class: "sg-marks" });
  const inside = createSvg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, overflow: "hidden" }, field);
  const ring = createSvg("circle", { class: "sg-start" });
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
    ring
  );
  suppressShortcuts(handle);
  const axesGroup = createSvg("g", { class: "sg-axes", "aria-hidden": "true" });
  showShapes(axesGroup, frame);
  const size = [left + width + right, top + height + bottom];
  const plot = createSvg("g", { transform: `translate(${left} ${top})` }, inside, axesGroup, marks, handle);
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
  const [fromTop, fromRight, fromLeft] = [top / size[1], right / size[0], left / size[0]].map(
    (share) => `${100 * share}%`
  );
  return {
    svg,
    width: size[0],
    /** How wide the picture is at most, and where the frame is in it: the style of what holds a note on the picture. */
    insets: `max-width: ${size[0]}px; --sg-note-inset: ${fromTop} ${fromRight} auto ${fromLeft}`,
    handle,
    inside,
    /** @param {DescendTraits["field"]} shapes */
    showField(shapes) {
      showShapes(field, shapes);
    },
    /** @param {number[]} start */
    showStart(start) {
      const [, , , shownY, radius] = startMark(model.get("shown"));
      const y = isCurve ? shownY : (1 - shareOf(up, start[1])) * height;
      handle.setAttribute("transform", `translate(${shareOf(across, start[0]) * width} ${y})`);
      handle.setAttribute("aria-valuenow", String(start[0]));
      const texts = start.map((x, i) => `${axes[i].name} = ${roundTo(x)}`);
      handle.setAttribute("aria-valuetext", texts.join(", "));
      ring.setAttribute("r", String(radius));
    },
    /** @param {DescendTraits["shown"]} shown */
    show(shown) {
      showShapes(
        marks,
        shown.marks.filter(([name]) => name !== "start")
        // the handle stands for it
      );
    }
  };
}
function startMark({ marks }) {
  return (
    /** @type {[string, "circle", number, number, number]} */
    marks.find(([name]) => name === "start")
  );
}
function createReadout(model, freeAxes) {
  const { title, labels, loss_by_step_size: lossByStepSize } = model.get("spec");
  const [lossWidth, lossHeight] = lossByStepSize;
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
  const lossByStepLine = createSvg("path", { class: "sg-loss-by-step-line" });
  const lossByStepBase = createSvg("path", { class: "sg-loss-by-step-base", d: `M0,${lossHeight}H${lossWidth}` });
  const lossByStep = createHtml(
    "figure",
    { class: "sg-loss-by-step" },
    createHtml("figcaption", {}, labels.loss_by_step),
    createSvg(
      "svg",
      { viewBox: `-3 -4 ${lossWidth + 6} ${lossHeight + 8}`, "aria-hidden": "true" },
      lossByStepBase,
      lossByStepLine
    )
  );
  return {
    count,
    table,
    nextStep,
    note,
    status,
    lossByStep,
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
      lossByStepLine.setAttribute("d", shown.loss_by_step);
      lossByStep.classList.toggle("sg-empty", !shown.loss_by_step);
    },
    /** @param {string} text */
    announce(text) {
      status.textContent = text;
    }
  };
}
function createControls(model, freeAxes, move) {
  const { sliders, lr, labels, max_steps: maxSteps, rate_notches: notches } = model.get("spec");
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
    { min: 0, max: notches, step: 1 },
    {
      read: () => ({
        position: notchOf(lr, model.get("lr"), notches),
        text: String(roundTo(model.get("lr")))
      }),
      write: (notch) => {
        const isMiddle = 2 * notch === notches;
        move({ lr: isMiddle ? lr.value : roundTo(valueAtNotch(lr, notch, notches), 2) });
      }
    }
  );
  const stepSlider = slider(
    labels.number_of_steps,
    { min: 0, max: Math.min(MAX_STEPS_OF_SLIDER, maxSteps), step: 1 },
    {
      read: (input) => {
        const steps = stepsTaken();
        input.max = String(Math.max(Math.min(MAX_STEPS_OF_SLIDER, maxSteps), steps));
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
