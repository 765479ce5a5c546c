// The controls: a table of inputs, gradients and checks, one row for each slider.

import { addHtml, addInput } from "../../page/elements.js";
import { clamp, compactPosition, FIELD_CHARACTERS, formatPosition, valuesAround } from "../../page/numbers.js";
import { AHEAD_RANGE, aimAt } from "./ahead.js";
import { moveSlider, moveSliders } from "./sliders.js";

/** @import { Control } from "./data" */
/** @import { View } from "./view" */

/**
 * @typedef {object} Row
 * @property {string} label
 * @property {HTMLTableRowElement} line
 * @property {string} argument of f
 * @property {number | null} slider its index; null for a fixed argument
 * @property {number} step of the slider
 * @property {HTMLElement} gradient
 * @property {HTMLElement} baselineValue what the gradient is in the baseline
 * @property {HTMLElement} check
 * @property {HTMLElement} checkText in it
 * @property {HTMLInputElement | null} range
 * @property {(sliders: number[]) => void} show
 */

const MAX_FIELD_CHARACTERS = 17; // a field is widened for positions of up to so many characters
const [FIELD_WIDTH, FIELD_CHARACTER_WIDTH] = [84, 9]; // px
const KEYS_THAT_MOVE = /^(Arrow|Page|Home|End)/; // a slider

/**
 * @param {View} view
 * @returns {Row[]}
 */
export function createControls(view) {
  const { labels, model } = view;
  const { table, reset } = view.elements;
  const headings = addHtml(addHtml(table, "thead"), "tr");
  for (const key of /** @type {const} */ (["input", "value", "gradient", "check"])) {
    const cell = addHtml(headings, "th", `sg-h-${key}`);
    cell.scope = "col";
    cell.textContent = key === "gradient" ? `← ${labels[key]}` : labels[key];
    if (key === "check") cell.title = labels.check_long;
  }
  const body = addHtml(table, "tbody");
  const rows = model
    .get("controls")
    .flatMap((control) => control.labels.map((label, i) => createRow(view, body, control, label, i)));
  const longestName = Math.max(0, ...rows.map((row) => row.label.length));
  table.style.setProperty("--sg-longest-name", String(longestName));
  reset.hidden = !rows.some((row) => row.slider !== null);
  reset.addEventListener("click", () => moveSliders(view, model.get("home")));
  return rows;
}

/**
 * @param {View} view
 * @param {HTMLElement} body
 * @param {Control} control
 * @param {string} label
 * @param {number} i which of the control's sliders
 * @returns {Row}
 */
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
    checkText: addHtml(check, "span"),
  };
  if (isFixed) {
    addHtml(cell, "span", "sg-fixed").textContent = view.labels.fixed.replace("{text}", control.text);
    return { ...row, range: null, show() {} };
  }
  if (control.kind === "switch") return { ...row, range: null, show: createSwitch(view, cell, label, slider) };
  return { ...row, ...createSlider(view, cell, control, label, slider) };
}

/**
 * @param {View} view
 * @param {HTMLElement} cell
 * @param {string} label
 * @param {number} index
 * @returns {Row["show"]}
 */
function createSwitch(view, cell, label, index) {
  const box = addInput(cell, "checkbox", "sg-switch", label);
  box.addEventListener("change", () => moveSlider(view, index, box.checked ? 1 : 0));
  return (sliders) => {
    box.checked = sliders[index] !== 0;
  };
}

/**
 * A slider, and beside it a field for the exact number.
 * @param {View} view
 * @param {HTMLElement} cell
 * @param {Control} control
 * @param {string} label
 * @param {number} index
 * @returns {Pick<Row, "range" | "show">}
 */
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
    },
  };
}

/**
 * Write a number into a field: as its default, as long as nobody has typed into it. A value would move its caret, at which
 * every editor of the notebook looks where the selection is now.
 * @param {HTMLInputElement} field
 * @param {string} text
 */
function writeNumber(field, text) {
  field.defaultValue = text;
  if (field.value !== text) field.value = text;
}

/**
 * The number at an end of a slider. Screen readers are told both ends with the slider.
 * @param {HTMLElement} wrap
 * @param {number} x
 * @param {Control} control
 */
function addEnd(wrap, x, control) {
  const end = addHtml(wrap, "span", "sg-end");
  end.setAttribute("aria-hidden", "true");
  end.textContent = compactPosition(x, control);
}

/**
 * Widen a field for numbers that are longer than usual.
 * @param {HTMLInputElement} field
 * @param {Control} control
 */
function widen(field, control) {
  const numbers = [control.low, control.high, control.low + control.step];
  const longest = Math.max(...numbers.map((x) => formatPosition(x, control).length));
  if (longest <= FIELD_CHARACTERS) return;
  const more = Math.min(longest, MAX_FIELD_CHARACTERS) - FIELD_CHARACTERS;
  field.style.flexBasis = field.style.width = `${FIELD_WIDTH + more * FIELD_CHARACTER_WIDTH}px`;
}

/**
 * A function that shows a position on a slider. If the position lies between two steps, the slider has the step "any"
 * until someone moves it, so that it can stand there.
 * @param {View} view
 * @param {HTMLInputElement} range
 * @param {Control} control
 * @param {number} index
 */
function createRangeDisplay(view, range, control, index) {
  /** @param {number} x */
  const show = (x) => {
    for (const step of [String(control.step), "any"]) {
      if (range.step && range.valueAsNumber === x) return;
      range.step = step;
      range.value = String(x);
    }
  };
  /** @param {string} key that moves the slider, "" for the pointer */
  const restoreStep = (key) => {
    if (range.step !== "any" || (key && !KEYS_THAT_MOVE.test(key))) return;
    const steps = (range.valueAsNumber - control.low) / control.step;
    range.step = String(control.step);
    let from = Math.round(steps);
    if (key === "ArrowRight" || key === "ArrowUp") from = Math.floor(steps);
    if (key === "ArrowLeft" || key === "ArrowDown") from = Math.ceil(steps);
    range.value = String(control.low + from * control.step); // from there the browser takes its step
  };
  range.addEventListener("pointerdown", () => restoreStep(""));
  range.addEventListener("keydown", (event) => restoreStep(event.key));
  for (const event of ["pointerup", "pointercancel", "keyup"]) {
    range.addEventListener(event, () => show(view.model.get("sliders")[index]));
  }
  return show;
}

/**
 * @param {View} view
 * @param {HTMLInputElement} field
 * @param {Control} control
 * @param {number} index
 */
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
    writeNumber(field, formatPosition(view.model.get("sliders")[index], control)); // a recording may have moved elsewhere
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter")
      settle(); // JupyterLab keeps the browser from doing what Enter does in a field
    else moveByStep(event, field, control);
  });
}

/**
 * Move a field's number by the slider's own step: with step "any" the browser would move it by 1.
 * @param {KeyboardEvent} event
 * @param {HTMLInputElement} field
 * @param {Control} control
 */
function moveByStep(event, field, control) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  event.preventDefault();
  const direction = event.key === "ArrowUp" ? 1 : -1;
  const x = (field.valueAsNumber || 0) + direction * control.step;
  field.value = formatPosition(clamp(x, control.low, control.high), control);
  field.dispatchEvent(new Event("input"));
}

/**
 * The positions around the current one along one slider, nearest first, with exactly the numbers that the slider would
 * give.
 * @param {HTMLInputElement} range
 * @param {number} step
 * @param {number[]} sliders
 * @param {number} index
 */
export function neighbours(range, step, sliders, index) {
  const probe = createProbe(range, step);
  const values = valuesAround(range.valueAsNumber, { low: Number(range.min), step }, probe, AHEAD_RANGE);
  return values.map((value) => sliders.map((other, i) => (i === index ? value : other)));
}

/** @type {WeakMap<HTMLInputElement, { form: string, values: Map<number, number> }>} what each slider made of numbers */
const snapped = new WeakMap();
const MAX_SNAPPED = 5000; // numbers

/**
 * A function from a number to the position that a slider would make of it. It remembers them: to ask the browser takes
 * long, and the page asks for some hundred at each answer.
 * @param {HTMLInputElement} range
 * @param {number} step
 */
export function createProbe(range, step) {
  const form = [range.min, range.max, step].join(" ");
  let known = snapped.get(range);
  if (known?.form !== form || known.values.size > MAX_SNAPPED) {
    known = { form, values: new Map() };
    snapped.set(range, known);
  }
  const { values } = known;
  /** @type {HTMLInputElement | undefined} */
  let probe;
  return (/** @type {number} */ value) => {
    const before = values.get(value);
    if (before !== undefined) return before;
    if (!probe) {
      probe = /** @type {HTMLInputElement} */ (range.cloneNode());
      probe.step = String(step);
    }
    probe.value = String(value);
    values.set(value, probe.valueAsNumber);
    return probe.valueAsNumber;
  };
}
