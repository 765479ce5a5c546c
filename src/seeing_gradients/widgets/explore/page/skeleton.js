// The elements of the widget's parts from top to bottom, still empty.

import { addHtml, suppressShortcuts } from "../../page/elements.js";

/** @import { Labels } from "./data" */

/**
 * @param {HTMLElement} widget
 * @param {Labels} labels
 */
export function createElements(widget, labels) {
  const head = addHtml(widget, "div", "sg-head");
  const call = addHtml(head, "code", "sg-call");
  const output = addHtml(head, "output", "sg-output");
  const buttons = addHtml(head, "span", "sg-buttons"); // together, so that neither stands alone on a line
  const reset = suppressShortcuts(addHtml(buttons, "button", "sg-button sg-reset"));
  reset.type = "button";
  reset.textContent = labels.reset;
  const table = addHtml(widget, "table", "sg-table");
  const nudge = addHtml(widget, "div", "sg-nudge");
  const jacobian = addHtml(widget, "div", "sg-jacobian");
  const bar = addHtml(widget, "div", "sg-bar");
  const problem = addHtml(bar, "div", "sg-problem");
  const legend = addHtml(bar, "div", "sg-legend");
  addHtml(legend, "span", "sg-forward").textContent = `→ ${labels.forward}`;
  addHtml(legend, "span", "sg-backward").textContent = `← ${labels.backward}`;
  const pair = addHtml(widget, "div", "sg-pair");
  const baseline = addHtml(pair, "div", "sg-baseline");
  const stage = addHtml(pair, "div", "sg-stage");
  const steps = addHtml(widget, "div", "sg-steps");
  const detail = addHtml(widget, "div", "sg-detail");
  const options = addHtml(widget, "div", "sg-options");
  const savedTensors = addHtml(options, "div", "sg-saved-bar");
  const cuts = addHtml(options, "div", "sg-cuts");
  const plots = addHtml(widget, "div", "sg-plots");
  const source = addHtml(widget, "pre", "sg-source");
  const printed = addHtml(widget, "pre", "sg-printed");
  const live = addHtml(widget, "div", "sg-live");
  live.setAttribute("aria-live", "polite");
  live.setAttribute("role", "status");
  return {
    call,
    output,
    buttons,
    reset,
    table,
    nudge,
    jacobian,
    problem,
    pair,
    baseline,
    stage,
    steps,
    detail,
    options,
    savedTensors,
    cuts,
    plots,
    source,
    printed,
    live,
  };
}
