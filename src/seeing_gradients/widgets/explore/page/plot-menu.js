// What is plotted: a menu of inputs, and a few switches.

import { addHtml, addInput, setText, suppressShortcuts } from "../../page/elements.js";
import { offers } from "../../page/offers.js";
import { keyOf } from "./cache.js";

/** @import { PlotChoice } from "./data" */
/** @import { PlottableInput } from "./plot.js" */
/** @import { View } from "./view" */

const MAX_PAIRED = 8; // sliders that are offered in pairs
const MAX_STEPS = 200; // of descent
const DEFAULT_STEPS = 10;

/**
 * @param {View} view
 * @param {PlottableInput[]} inputs
 */
export function createPlotMenu(view, inputs) {
  const { model, labels } = view;
  const words = labels.plot;
  const bar = addHtml(view.elements.extras.plot, "div", "sg-plot-bar");
  /** @param {Partial<PlotChoice>} changes */
  const isOffered = (changes) => offers(model, "plot_choice", { ...model.get("plot_choice"), ...changes });
  /** @param {Partial<PlotChoice>} changes */
  const change = (changes) => {
    model.set("plot_choice", { ...model.get("plot_choice"), ...changes });
    model.save_changes();
  };
  const menu = suppressShortcuts(addHtml(addChoice(bar, words.plot).label, "select", "sg-plot-menu"));
  /**
   * @param {string[]} names
   * @param {string} text
   */
  const addOption = (names, text) => {
    const option = addHtml(menu, "option");
    option.value = keyOf(names);
    option.textContent = text;
  };
  addOption([], words.none);
  const offersAlong = (/** @type {string[]} */ names) => isOffered({ inputs: names, log: [], steps: 0 });
  for (const { label } of inputs) if (offersAlong([label])) addOption([label], words.along.replace("{name}", label));
  const paired = inputs.slice(0, MAX_PAIRED).map(({ label }) => label);
  paired.forEach((a, i) => {
    for (const b of paired.slice(i + 1)) {
      if (offersAlong([a, b])) addOption([a, b], words.over.replace("{names}", `${a}, ${b}`));
    }
  });
  menu.addEventListener("change", () => change({ inputs: JSON.parse(menu.value), log: [] }));

  const derivative = addSwitch(bar, words.derivative, (isOn) => change({ derivative: isOn }));
  /** @param {number} axis */
  const setLogarithmic = (axis) => (/** @type {boolean} */ isOn) => {
    const others = model.get("plot_choice").log.filter((other) => other !== axis);
    change({ log: [...others, ...(isOn ? [axis] : [])].sort((a, b) => a - b) });
  };
  const logSwitches = [0, 1, -1].map((axis) => ({ axis, ...addSwitch(bar, "", setLogarithmic(axis)) }));
  const descent = addSwitch(bar, words.descent, (isOn) => change({ steps: isOn ? DEFAULT_STEPS : 0 }));
  /**
   * A field for a number of the descent.
   * @param {"steps" | "lr"} key
   * @param {string} text
   * @param {Record<string, string>} limits
   * @param {(x: number) => boolean} isAllowed
   */
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
  const isCount = (/** @type {number} */ x) => Number.isInteger(x) && x >= 1 && x <= MAX_STEPS;
  const isRate = (/** @type {number} */ x) => x > 0 && Number.isFinite(x);
  const fields = [
    addField("steps", words.steps_label, { min: "1", max: String(MAX_STEPS), step: "1" }, isCount),
    addField("lr", words.lr_label, { min: "0", step: "any" }, isRate),
  ];

  /** @param {PlotChoice} choice */
  const showLogSwitches = ({ inputs: names, log }) => {
    for (const { axis, label, text, box } of logSwitches) {
      const isValue = axis < 0;
      const name = isValue ? words.value : (names[axis] ?? "");
      label.title = words.log_axis.replace("{name}", name);
      setText(text, label.title);
      box.setAttribute("aria-label", label.title);
      const isPositive = (inputs.find((input) => input.label === name)?.low ?? 0) > 0;
      box.checked = log.includes(axis);
      const others = log.filter((other) => other !== axis);
      const toggled = [...others, ...(box.checked ? [] : [axis])].sort((a, b) => a - b);
      label.hidden = !names.length || (!isValue && !isPositive) || !isOffered({ log: toggled });
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
      for (const { key: name, label, field } of fields) {
        label.hidden = !names.length || !choice.steps || Boolean(model.offers);
        if (field !== field.ownerDocument.activeElement) field.value = String(choice[name]);
      }
    },
  };
}

/**
 * A label for a control that is added to it.
 * @param {HTMLElement} bar
 * @param {string} content
 */
function addChoice(bar, content) {
  const label = addHtml(bar, "label", "sg-plot-choice");
  const text = addHtml(label, "span");
  text.textContent = content;
  return { label, text };
}

/**
 * @param {HTMLElement} bar
 * @param {string} content
 * @param {(isOn: boolean) => void} action
 */
function addSwitch(bar, content, action) {
  const { label, text } = addChoice(bar, content);
  const box = addInput(label, "checkbox", "sg-plot-check", content);
  label.prepend(box);
  box.addEventListener("change", () => action(box.checked));
  return { label, text, box };
}
