// The page's side of predict: a form, its buttons, and the reply of Python. PyTorch's result is sent here only when the
// learner compares.

import { createHtml, suppressShortcuts } from "../page/elements.js";
import { createSilence } from "../page/silence.js";
import { createTimers } from "../page/timers.js";

/** @import { RenderProps } from "../page/anywidget" */
/** @import { PredictTraits, PredictCard } from "./data" */

/** @typedef {{ elements: HTMLElement[], read: () => PredictTraits["sent"]["answer"] }} Answer fields and their value */

/**
 * The nodes of a sentence; text between backticks becomes a <code> element.
 * @param {string} text
 */
function withCode(text) {
  return text.split("`").map((part, i) => (i % 2 ? createHtml("code", {}, part) : part));
}

/**
 * Show what the notebook hides below a prediction: folded prose and outputs, up to the next section or prediction. Outside
 * JupyterLab there is nothing to show.
 * @param {Element} widget
 */
function revealAnswers(widget) {
  let cell = widget.closest(".jp-Cell")?.nextElementSibling;
  while (cell && !cell.querySelector(".sg-predict")) {
    for (const fold of cell.querySelectorAll(".jp-RenderedMarkdown > details")) fold.setAttribute("open", "");
    for (const placeholder of cell.querySelectorAll(".jp-OutputPlaceholder")) {
      if (placeholder instanceof HTMLElement && !placeholder.hidden) placeholder.click();
    }
    if (cell.querySelector(".jp-RenderedMarkdown h2")) return;
    cell = cell.nextElementSibling;
  }
}

/** @param {RenderProps<PredictTraits>} props */
function render({ model, el }) {
  const card = model.get("card");
  const { labels } = card;
  const group = `sg-predict-${Math.random().toString(36).slice(2)}`; // the name that joins the radio buttons
  let count = 0;

  /**
   * @param {PredictTraits["sent"]["action"]} action
   * @param {PredictTraits["sent"]["answer"]} answer
   */
  const send = (action, answer = null) => {
    count += 1;
    model.set("sent", { action, answer, count: `${group}-${count}` });
    model.save_changes();
    silence.expect();
  };

  const answer = createAnswer(card, group);
  const record = button("submit", "sg-button sg-main", labels.record);
  const skip = button("button", "sg-button", labels.skip);
  const form = createHtml(
    "form",
    { class: "sg-form" },
    ...answer.elements,
    createHtml("div", { class: "sg-buttons" }, record, skip),
  );
  const compare = button("button", "sg-button sg-main", labels.compare);
  const reply = createHtml("p", { class: "sg-reply" });
  const why = createHtml("p", { class: "sg-why" });
  const problem = createHtml("p", { class: "sg-problem" });
  const status = createHtml("div", { role: "status", "aria-live": "polite" }, problem, reply, why);
  const widget = createHtml(
    "div",
    {
      class: "sg sg-widget sg-predict",
      lang: card.language,
      role: "group",
      "aria-label": `${labels.title} ${card.id}`,
    },
    createHtml("p", { class: "sg-question" }, createHtml("strong", {}, `${labels.title} `), ...withCode(card.question)),
    ...(card.code ? [createHtml("pre", {}, createHtml("code", {}, card.code))] : []),
    form,
    status,
    compare,
  );

  const show = () => {
    const state = model.get("state");
    const hadFocus = widget.contains(document.activeElement);
    form.hidden = state.stage !== "open";
    compare.hidden = !["recorded", "skipped"].includes(state.stage);
    reply.textContent = state.text;
    why.textContent = state.why;
    problem.textContent = state.problem;
    if (hadFocus && !compare.hidden) compare.focus({ preventScroll: true });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("record", answer.read());
  });
  // JupyterLab 4.6 cancels the line break that Enter gives inside a cell, and with it the browser's own submission.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  skip.addEventListener("click", () => send("skip"));
  compare.addEventListener("click", () => {
    send("compare");
    revealAnswers(widget);
  });
  const timers = createTimers();
  const silence = createSilence(widget, timers, () => labels.silent);
  model.on("change:answered", silence.end);
  model.on("change:state", show);
  el.append(widget);
  show();
  return () => {
    timers.stop();
    model.off("change:answered", silence.end);
    model.off("change:state", show);
  };
}

/**
 * @param {"button" | "submit"} type
 * @param {string} className
 * @param {string} text
 */
function button(type, className, text) {
  return suppressShortcuts(createHtml("button", { type, class: className }, text));
}

/**
 * The fields for an answer, and a function that reads it from them.
 * @param {PredictCard} card
 * @param {string} group
 * @returns {Answer}
 */
function createAnswer(card, group) {
  if (card.kind === "number") return createNumber(card);
  return card.kind === "choice" ? createChoice(card, group) : createSlider(card);
}

/**
 * @param {PredictCard} card
 * @returns {Answer}
 */
function createNumber({ labels }) {
  const field = suppressShortcuts(
    createHtml("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "sg-field" }),
  );
  const label = createHtml("label", { class: "sg-label" }, createHtml("span", {}, labels.number), field);
  return { elements: [label], read: () => field.value };
}

/**
 * @param {PredictCard} card
 * @param {string} group
 * @returns {Answer}
 */
function createChoice({ options, labels }, group) {
  const radios = options.map((_, value) =>
    suppressShortcuts(createHtml("input", { type: "radio", name: group, value })),
  );
  const rows = options.map((text, i) =>
    createHtml("label", { class: "sg-option" }, radios[i], createHtml("span", {}, text)),
  );
  const read = () => {
    const chosen = radios.findIndex((radio) => radio.checked);
    return chosen < 0 ? null : chosen;
  };
  return { elements: [createHtml("fieldset", {}, createHtml("legend", {}, labels.choice), ...rows)], read };
}

/**
 * @param {PredictCard} card
 * @returns {Answer}
 */
function createSlider({ low, high, step, labels }) {
  const middle = (low + high) / 2;
  const slider = suppressShortcuts(createHtml("input", { type: "range", min: low, max: high, step, value: middle }));
  const output = createHtml("output", {}, String(middle));
  slider.addEventListener("input", () => {
    output.textContent = slider.value;
  });
  const together = createHtml("span", { class: "sg-slide" }, slider, output);
  const label = createHtml("label", { class: "sg-label" }, createHtml("span", {}, labels.choice), together);
  return { elements: [label], read: () => slider.value };
}

export default { render };
