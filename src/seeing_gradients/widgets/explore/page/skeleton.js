// The elements of the widget's parts from top to bottom, still empty.

import { addAlone, addHtml, createHtml, suppressShortcuts } from "../../page/elements.js";

/** @import { ExtraName, Extras, Labels } from "./data" */

/**
 * @param {HTMLElement} widget
 * @param {Labels} labels
 * @param {Extras} places of the extras
 */
export function createElements(widget, labels, places) {
  const head = addAlone(widget, "sg-head");
  const call = addHtml(head, "code", "sg-call");
  const output = addHtml(head, "output", "sg-output");
  const buttons = addHtml(head, "span", "sg-buttons");
  const reset = suppressShortcuts(addHtml(buttons, "button", "sg-button sg-reset"));
  reset.type = "button";
  reset.textContent = labels.reset;
  const body = addHtml(widget, "div", "sg-body"); // a grid; layout.js decides where the plot stands in it
  const controls = addHtml(body, "div", "sg-controls");
  const table = addHtml(addHtml(controls, "div", "sg-inputs"), "table", "sg-table");
  const nudge = addHtml(controls, "div", "sg-nudge");
  const jacobian = addHtml(body, "div", "sg-jacobian");
  const plots = addHtml(body, "div", "sg-plots");
  const bar = addHtml(body, "div", "sg-bar");
  const tip = addHtml(bar, "div", "sg-tip-line");
  const problem = addHtml(bar, "div", "sg-problem");
  const legend = addHtml(bar, "div", "sg-legend");
  addHtml(legend, "span", "sg-forward").textContent = `→ ${labels.forward}`;
  addHtml(legend, "span", "sg-backward").textContent = `← ${labels.backward}`;
  const pair = addHtml(body, "div", "sg-pair");
  const baseline = addHtml(pair, "div", "sg-baseline");
  const stage = addHtml(pair, "div", "sg-stage");
  const actions = addHtml(body, "div", "sg-actions");
  const toolbar = addHtml(actions, "div", "sg-toolbar");
  const steps = addHtml(toolbar, "div", "sg-steps");
  const shownExtras = addHtml(toolbar, "div", "sg-extras");
  const more = addHtml(actions, "div", "sg-more");
  const extras = createExtras(places, { shown: shownExtras, more });
  const reading = addHtml(addHtml(body, "div", "sg-reading"), "div", "sg-reading-parts");
  const detail = addHtml(reading, "div", "sg-detail");
  const source = addHtml(reading, "pre", "sg-source");
  const printed = addHtml(body, "pre", "sg-printed");
  const live = addHtml(widget, "div", "sg-live");
  live.setAttribute("aria-live", "polite");
  live.setAttribute("role", "status");
  return {
    call,
    output,
    reset,
    body,
    table,
    nudge,
    jacobian,
    plots,
    tip,
    problem,
    pair,
    baseline,
    stage,
    toolbar,
    steps,
    shownExtras,
    more,
    extras,
    detail,
    source,
    printed,
    live,
  };
}

/**
 * An element for each extra: in the toolbar, behind "more", or outside the page.
 * @param {Extras} places
 * @param {{ shown: HTMLElement, more: HTMLElement }} parents
 * @returns {Record<ExtraName, HTMLElement>}
 */
function createExtras(places, parents) {
  /** @param {ExtraName} name */
  const create = (name) => {
    const element = createHtml("div", { class: `sg-extra sg-extra-${name}` });
    const parent = places[name];
    if (parent !== "none") parents[parent].append(element);
    return element;
  };
  return {
    saved: create("saved"),
    cut: create("cut"),
    keep: create("keep"),
    shapes: create("shapes"),
    plot: create("plot"),
  };
}
