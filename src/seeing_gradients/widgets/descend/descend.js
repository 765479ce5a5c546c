// The page's side of descend. It draws what Python computed, and sets traits when the learner uses a control.
// It never evaluates f.

import { addButton, createHtml, createSvg, suppressShortcuts } from "../page/elements.js";
import { roundTo, shortest, snapToStep } from "../page/numbers.js";
import { notchOf, shareOf, valueAtNotch, valueAtShare } from "../page/scales.js";
import { showShapes } from "../page/shapes.js";
import { createSilence } from "../page/silence.js";
import { createFrameAction, createTimers } from "../page/timers.js";

/** @import { Model, RenderProps } from "../page/anywidget" */
/** @import { DescendTraits } from "./data" */

const ANNOUNCE_DELAY = 500; // ms without a change, after which a screen reader is told
const MAX_STEPS_OF_SLIDER = 50; // more if more steps were taken
const ARROW_DIRECTIONS = new Map([
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
  ["ArrowUp", [0, 1]],
  ["ArrowDown", [0, -1]],
]);

/** @param {RenderProps<DescendTraits>} props */
function render({ model, el }) {
  const spec = model.get("spec");
  const { axes, width, height, title, labels } = spec;
  const freeAxes = axes.slice(0, model.get("start").length); // with a single input, the vertical axis is the loss
  const isCurve = freeAxes.length === 1;
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  /** @type {number[] | null} the start while it is dragged; the trait may still be a position that Python sent back */
  let draggedStart = null;

  /**
   * Set traits now, and send them with the next animation frame, so that only the newest of many moves is sent.
   * @param {Partial<DescendTraits>} changes
   */
  const move = (changes) => {
    for (const [name, value] of Object.entries(changes)) {
      model.set(/** @type {keyof DescendTraits} */ (name), /** @type {never} */ (value));
    }
    showMoves();
    sending.request();
    silence.expect();
  };

  const picture = createPicture(model, isCurve);
  const readout = createReadout(model, freeAxes);
  const controls = createControls(model, freeAxes, move);
  const { handle, inside } = picture;

  /**
   * The start at the position of a pointer.
   * @param {PointerEvent | MouseEvent} event
   */
  const startAt = (event) => {
    const matrix = /** @type {DOMMatrix} */ (inside.getScreenCTM()).inverse();
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
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // no scrolling
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
          createLegend(labels),
        ),
        createHtml(
          "div",
          { class: "sg-right" },
          controls.buttons,
          controls.sliders,
          readout.table,
          readout.nextStep,
          readout.lossByStep,
        ),
      ),
      createHtml("p", { class: "sg-help" }, labels.start_help),
      readout.status,
    ),
  );

  const silence = createSilence(/** @type {HTMLElement} */ (el.firstElementChild), timers, () =>
    labels.silent.replace("{position}", String(model.get("shown").reached)),
  );
  /** @type {[string, () => void][]} */
  const listeners = [
    ["change:answered", silence.end],
    ["change:shown", showDescent],
    ["change:field", showField],
    ["change:start change:lr change:steps change:values", showMoves],
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

/**
 * The plot: contours or a curve, the path so far, the current point with its gradient, and the start, which the learner
 * can drag.
 * @param {Model<DescendTraits>} model
 * @param {boolean} isCurve
 */
function createPicture(model, isCurve) {
  const { axes, width, height, margin, frame, title, labels } = model.get("spec");
  const [across, up] = axes;
  const [top, right, bottom, left] = margin;
  const field = createSvg("g", { "aria-hidden": "true" });
  const marks = createSvg("g", { "aria-hidden": "true", class: "sg-marks" });
  const inside = createSvg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, overflow: "hidden" }, field);
  const ring = createSvg("circle", { class: "sg-start" }); // its radius comes with the first descent
  const handle = createSvg(
    "g",
    {
      class: "sg-handle",
      role: "slider",
      tabindex: 0,
      "aria-label": `${labels.start}: ${labels.start_help}`,
      "aria-valuemin": across.low,
      "aria-valuemax": across.high,
    },
    createSvg("circle", { class: "sg-hit-area", r: 20 }),
    ring,
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
      style: `max-width: ${size[0]}px`,
    },
    plot,
  );
  const [fromTop, fromRight, fromLeft] = [top / size[1], right / size[0], left / size[0]].map(
    (share) => `${100 * share}%`,
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
        shown.marks.filter(([name]) => name !== "start"), // the handle stands for it
      );
    },
  };
}

/**
 * The mark at which the descent begins; there is always one.
 * @param {DescendTraits["shown"]} shown
 */
function startMark({ marks }) {
  return /** @type {[string, "circle", number, number, number]} */ (marks.find(([name]) => name === "start"));
}

/**
 * What stands beside the plot: values, gradients, the next step, and the curve of the loss over the steps.
 * @param {Model<DescendTraits>} model
 * @param {DescendTraits["spec"]["axes"]} freeAxes
 */
function createReadout(model, freeAxes) {
  const { title, labels, loss_by_step_size: lossByStepSize } = model.get("spec");
  const [lossWidth, lossHeight] = lossByStepSize;
  const count = createHtml("span", { class: "sg-count" });
  const rows = freeAxes.map(({ name }) => ({
    name,
    value: createHtml("td", { class: "sg-value" }),
    grad: createHtml("td", { class: "sg-grad" }),
  }));
  const loss = createHtml("td", { class: "sg-value" });
  /** @param {string} text */
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
        createHtml("th", { scope: "col" }, labels.gradient),
      ),
    ),
    createHtml(
      "tbody",
      {},
      ...rows.map((row) => createHtml("tr", {}, rowHeading(row.name), row.value, row.grad)),
      createHtml("tr", {}, rowHeading(title.split("(")[0]), loss, createHtml("td")),
    ),
  );
  const rule = createHtml("div", { class: "sg-rule" });
  const nextStep = createHtml(
    "div",
    { class: "sg-next" },
    createHtml("div", { class: "sg-caption" }, labels.next_step),
    rule,
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
      lossByStepLine,
    ),
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
          createHtml("div", {}, formula),
        ]),
      );
      note.textContent = shown.note;
      note.classList.toggle("sg-trouble", shown.trouble);
      lossByStepLine.setAttribute("d", shown.loss_by_step);
      lossByStep.classList.toggle("sg-empty", !shown.loss_by_step);
    },
    /** @param {string} text */
    announce(text) {
      status.textContent = text;
    },
  };
}

/** @typedef {{ position: number, text: string }} SliderState the position of a slider, and the text beside it */

/**
 * The buttons and sliders.
 * @param {Model<DescendTraits>} model
 * @param {DescendTraits["spec"]["axes"]} freeAxes
 * @param {(changes: Partial<DescendTraits>) => void} move
 */
function createControls(model, freeAxes, move) {
  const { sliders, lr, labels, max_steps: maxSteps, rate_notches: notches } = model.get("spec");
  /** The number of steps asked for; if the descent stopped early, the number of those taken. */
  const stepsTaken = () => {
    const { trouble, reached } = model.get("shown");
    return trouble ? Math.min(model.get("steps"), reached) : model.get("steps");
  };

  const buttons = createHtml("div", { class: "sg-buttons" });
  /**
   * @param {string} text
   * @param {() => void} action
   * @param {string} kind
   */
  const button = (text, action, kind = "") => {
    const added = addButton(buttons, `sg-button ${kind}`, action);
    added.textContent = text;
    return added;
  };
  const step = button(labels.step, () => move({ steps: model.get("steps") + 1 }), "sg-main");
  const tenSteps = button(labels.steps_10, () => move({ steps: model.get("steps") + 10 }));
  const undo = button(labels.undo, () => move({ steps: Math.max(stepsTaken() - 1, 0) }));
  button(labels.reset, () =>
    move({
      steps: 0,
      lr: lr.value,
      start: freeAxes.map((axis) => axis.value),
      values: Object.fromEntries(sliders.map(({ name, value }) => [name, value])),
    }),
  );

  /**
   * A slider. `read` returns its state from the traits; `write` sets a trait to a new position.
   * @param {string} text
   * @param {{ min: number, max: number, step: number }} range
   * @param {{ read: (input: HTMLInputElement) => SliderState, write: (position: number) => void }} access
   */
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
        text: String(roundTo(model.get("lr"))),
      }),
      write: (notch) => {
        const isMiddle = 2 * notch === notches;
        move({ lr: isMiddle ? lr.value : roundTo(valueAtNotch(lr, notch, notches), 2) });
      },
    },
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
      write: (steps) => move({ steps }),
    },
  );
  const valueSliders = sliders.map(({ name, low, high, step: stepSize }) =>
    slider(
      name,
      { min: low, max: high, step: stepSize },
      {
        read: () => ({ position: model.get("values")[name], text: shortest(model.get("values")[name], 6) }),
        write: (value) => move({ values: { ...model.get("values"), [name]: value } }),
      },
    ),
  );
  const allSliders = [rateSlider, stepSlider, ...valueSliders];
  return {
    buttons,
    sliders: createHtml("div", { class: "sg-sliders" }, ...allSliders.map(({ element }) => element)),
    show() {
      for (const { show } of allSliders) show();
      undo.disabled = stepsTaken() === 0;
      step.disabled = tenSteps.disabled = model.get("shown").trouble || model.get("steps") >= maxSteps;
    },
  };
}

/** @param {DescendTraits["spec"]["labels"]} labels */
function createLegend(labels) {
  /**
   * @param {string} kind
   * @param {string} text
   */
  const entry = (kind, text) => createHtml("span", {}, createHtml("i", { class: `sg-sign sg-sign-${kind}` }), text);
  return createHtml(
    "p",
    { class: "sg-legend", "aria-hidden": "true" },
    entry("ring", labels.start),
    entry("point", labels.position),
    entry("arrow", labels.uphill),
    entry("lead", labels.leads),
  );
}

export default { render };
