// The nudge: one input moves by a small step, f runs there, too, and each node shows how far it really moved, and below
// it what its gradient predicts. Python makes all numbers and sentences.

import { addButton, addHtml, addInput, addText, createHtml, setText, suppressShortcuts } from "../../page/elements.js";
import { shortest } from "../../page/numbers.js";
import { offers } from "../../page/offers.js";

/** @import { TextPosition } from "../../page/elements.js" */
/** @import { Control, SceneNode } from "./data" */
/** @import { DrawnNode, View } from "./view" */

const STEPS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
const [PRODUCT_SIZE, BELOW_NODE, BELOW_CAPTION] = [11, 11.5, 1]; // px: as the static picture has them
const APART = "≠"; // the first character of a product where the moves part

/** @param {View} view */
export function createNudge(view) {
  const { model, labels, elements } = view;
  const words = labels.nudge;
  /**
   * @param {string} input
   * @param {number} step
   */
  const canNudge = (input, step) => offers(model, "nudge_choice", { input, step });
  const isOffered = (/** @type {string} */ input) => STEPS.some((step) => canNudge(input, step));
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

  /** @param {{ input?: string, step?: number }} change */
  const choose = (change) => {
    const choice = { ...model.get("nudge_choice"), ...change };
    if (choice.input && !canNudge(choice.input, choice.step)) choice.step = stepsFor(choice.input)[0] ?? choice.step;
    if (!canNudge(choice.input, choice.step)) return;
    model.set("nudge_choice", choice);
    model.save_changes();
    showChoice();
  };
  /** @param {string} input */
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
    const isWhole = fresh && complete; // else f or backward failed here: there is nothing to compare a nudge with
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
  /** @param {Event} event at a leaf, which nudges that input; again for the next element of a vector */
  const chooseLeaf = (event) => {
    const { input } = model.get("nudge_choice");
    const drawn = view.graph?.nodes.find(({ group }) => group.contains(/** @type {Node} */ (event.target)));
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

/**
 * What can be nudged, as Python has it: inputs that have a gradient, their elements, and all elements together.
 * @param {Control[]} controls
 */
export function nudgeableLabels(controls) {
  return controls.flatMap(({ nudges }) => nudges);
}

/**
 * The element of an argument to nudge after `current`; its first one if that belongs to another argument; null if the
 * argument has no gradient.
 * @param {Control[]} controls
 * @param {string} name of the argument
 * @param {string} current label
 */
export function nextElement(controls, name, current) {
  const labels = nudgeableLabels(controls.filter((control) => control.name === name));
  return labels.length ? labels[(labels.indexOf(current) + 1) % labels.length] : null;
}

/**
 * The steps on the slider, with one that Python chose among them.
 * @param {number} step > 0
 */
export function stepsWith(step) {
  return STEPS.includes(step) ? STEPS : [...STEPS, step].sort((a, b) => a - b);
}

/**
 * Write below each node what its gradient predicts, and mark what did not move and where the moves part.
 * @param {View} view
 */
export function showNudge({ graph, shown, widget }) {
  const { nudge } = shown.state;
  const hasMoves = Boolean(nudge?.moves);
  if (!graph || (!hasMoves && !graph.hasNudge)) return;
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

/**
 * @param {DrawnNode} drawn
 * @param {string} text
 */
function writeProduct(drawn, text) {
  const { node, group } = drawn;
  if (!drawn.product && !text) return;
  const isNew = !drawn.product;
  drawn.product ??= addText(group, "sg-product", productPosition(node));
  if (!setText(drawn.product, text) && !isNew) return;
  drawn.product.classList.toggle("sg-bad", text.startsWith(APART));
  captionBelow(group)?.classList.toggle("sg-covered", text !== "");
}

/**
 * Below a node, or in a bar, in place of its last caption.
 * @param {SceneNode} node
 * @returns {TextPosition}
 */
export function productPosition({ w, h, marks }) {
  const caption = marks.findLast(([kind, , y]) => kind === "caption" && y > 0);
  if (!caption) return [w / 2, h + BELOW_NODE, PRODUCT_SIZE, "middle"];
  return [caption[1], caption[2] + BELOW_CAPTION, PRODUCT_SIZE, caption[4]];
}

/** @param {SVGGElement} group of a node; that of a loop has the number of the chosen round as well, which stands inside */
function captionBelow(group) {
  return [...group.querySelectorAll(".sg-caption:not(.sg-round-number)")].at(-1);
}
