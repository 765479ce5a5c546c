// The results of a run: the call and its output, gradients and checks in the table, problems, and what f printed.

import { addHtml, setText } from "../../page/elements.js";
import { isAhead } from "./ahead.js";
import { labelNode } from "./detail.js";
import { showNumbers } from "./nodes.js";

/** @import { Problem } from "./data" */
/** @import { View } from "./view" */

/** @param {View} view */
export function showResults(view) {
  const { widget, labels, elements } = view;
  const { state } = view.shown;
  widget.classList.toggle("sg-stale", !state.fresh);
  setText(elements.call, state.call ?? "");
  setText(elements.output, state.fresh ? `= ${state.output}` : "= ?");
  view.rows.forEach((row, i) => {
    setText(row.gradient, gradientText(state.gradients?.[i]));
  });
  showProblem(elements.problem, state.problem);
  setText(elements.printed, state.printed ? `${labels.printed}\n${state.printed}` : "");
  showNumbers(view);
  widget.dataset.position = JSON.stringify(state.position);
  widget.dataset.run = isAhead(view) ? "ahead" : "here";
}

/** @param {string | undefined} text */
function gradientText(text) {
  if (text === undefined) return "?";
  return text === "-" ? "" : text;
}

/**
 * @param {HTMLElement} box
 * @param {Problem | null} problem
 */
function showProblem(box, problem) {
  const key = JSON.stringify(problem ? [problem.text, problem.code] : []);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.replaceChildren();
  const isWarning = problem?.severity === "warning";
  box.classList.toggle("sg-warning", isWarning);
  if (!problem) return;
  addHtml(box, "span", "sg-sign").textContent = isWarning ? "△" : "✗";
  const sentence = addHtml(box, "div", "sg-sentence");
  addHtml(sentence, "span").textContent = problem.text;
  if (problem.code) addHtml(sentence, "code").textContent = problem.code;
}

/** @param {View} view */
export function showCheck(view) {
  const { labels } = view;
  const { cells, isChecked } = view.shown;
  view.rows.forEach(({ check, checkText }, i) => {
    const [text, sign] = cells?.[i] ?? ["", ""];
    setText(checkText, `${sign} ${text}`.trim());
    check.classList.toggle("sg-good", sign === "=");
    check.classList.toggle("sg-bad", sign === "≠");
    check.title = sign ? `${sign === "=" ? labels.agrees : labels.differs}: ${labels.check_long}` : "";
  });
  view.widget.classList.toggle("sg-unchecked", !isChecked);
}

/**
 * Ask the kernel for the check of its last answer, if it left it out because it takes long.
 * @param {View} view
 */
export function askForCheck(view) {
  const { model } = view;
  if (isAhead(view)) return;
  const { sequence } = model.get("state");
  if (model.get("check").sequence === sequence || model.get("check_requested") === sequence) return;
  model.set("check_requested", sequence);
  model.save_changes();
}

/**
 * Announce the current step or the whole run to screen readers. The same run is not announced again, even if other news
 * came after it.
 * @param {View} view
 */
export function announce(view) {
  const { state } = view.shown;
  if (view.stepper.announce()) {
    view.announced = null;
    return;
  }
  const text = state.problem?.severity === "error" ? state.problem.text : (state.summary ?? "");
  if (text !== view.announced) setText(view.elements.live, text);
  view.announced = text;
  view.graph?.nodes.forEach(({ group }, i) => {
    labelNode(view, i, group);
  });
}
