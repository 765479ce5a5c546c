// The controls of the choices: sliders, menus and switches. Each change trains a new model in the kernel.

import { createHtml, suppressShortcuts } from "../page/elements.js";
import { roundTo } from "../page/numbers.js";
import { notchOf, valueAtNotch } from "../page/scales.js";

/** @import { Model } from "../page/anywidget" */
/** @import { WatchControl, WatchTraits } from "./data" */

const NOTCHES = 60; // positions of a slider over floats

/**
 * The notch of a value on a slider over floats.
 * @param {WatchControl} control
 * @param {number} value
 */
export function notchOfValue(control, value) {
  if (control.log) return notchOf(control, value, NOTCHES);
  return Math.round(((value - control.low) / (control.high - control.low)) * NOTCHES);
}

/**
 * The value at a notch, rounded, but never beyond the ends.
 * @param {WatchControl} control
 * @param {number} notch
 */
export function valueOfNotch(control, notch) {
  if (notch === 0) return control.low;
  if (notch === NOTCHES) return control.high;
  if (control.log) return roundTo(valueAtNotch(control, notch, NOTCHES), 2);
  return roundTo(control.low + (notch / NOTCHES) * (control.high - control.low), 3);
}

/**
 * @param {Model<WatchTraits>} model
 * @param {(choices: Record<string, number>) => void} choose
 */
export function createChoices(model, choose) {
  const { controls } = model.get("spec");
  /** @param {WatchControl} control */
  const create = (control) => {
    /** @param {number} value */
    const change = (value) => choose({ ...model.get("choices"), [control.name]: value });
    if (control.kind === "menu") return createMenu(control, change);
    return control.kind === "switch" ? createSwitch(control, change) : createSlider(control, change);
  };
  const all = controls.map((control) => ({ name: control.name, ...create(control) }));
  return {
    element: createHtml("div", { class: "sg-choices" }, ...all.map(({ element }) => element)),
    show() {
      for (const { name, show } of all) show(model.get("choices")[name]);
    },
  };
}

/**
 * @param {WatchControl} control
 * @param {(value: number) => void} change
 */
function createSlider(control, change) {
  const isInteger = control.kind === "integer";
  const ends = isInteger ? { min: control.low, max: control.high } : { min: 0, max: NOTCHES };
  const input = suppressShortcuts(createHtml("input", { type: "range", step: 1, ...ends }));
  const output = createHtml("output");
  const label = createHtml("label", { class: "sg-choice" }, createHtml("span", {}, control.name), input, output);
  /** @param {number} value */
  const show = (value) => {
    const notch = isInteger ? value : notchOfValue(control, value);
    if (input.valueAsNumber !== notch) input.value = String(notch);
    const text = String(roundTo(value));
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    const value = isInteger ? input.valueAsNumber : valueOfNotch(control, input.valueAsNumber);
    change(value);
    show(value);
  });
  return { element: label, show };
}

/**
 * @param {WatchControl} control
 * @param {(value: number) => void} change
 */
function createMenu(control, change) {
  const options = control.options.map((text, value) => createHtml("option", { value }, text));
  const select = suppressShortcuts(createHtml("select", {}, ...options));
  select.addEventListener("change", () => change(Number(select.value)));
  const element = createHtml("label", { class: "sg-choice" }, createHtml("span", {}, control.name), select);
  /** @param {number} value */
  const show = (value) => {
    select.value = String(value);
  };
  return { element, show };
}

/**
 * @param {WatchControl} control
 * @param {(value: number) => void} change
 */
function createSwitch(control, change) {
  const input = suppressShortcuts(createHtml("input", { type: "checkbox" }));
  input.addEventListener("change", () => change(Number(input.checked)));
  const element = createHtml("label", { class: "sg-choice" }, input, createHtml("span", {}, control.name));
  /** @param {number} value */
  const show = (value) => {
    input.checked = value !== 0;
  };
  return { element, show };
}
