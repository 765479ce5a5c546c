// The baseline: an earlier run beside the current one, for comparison. What differs is marked in both.

import { addHtml, addText, createHtml, setText, suppressShortcuts } from "../../page/elements.js";
import { fittingWidth, MIN_GRAPH_SCALE } from "./geometry.js";
import { showNumbers } from "./nodes.js";
import { announce } from "./results.js";
import { showSavedTensors } from "./saved-tensors.js";

/** @import { Scene, SceneNode, State } from "./data" */
/** @import { Box } from "./geometry" */
/** @import { Graph, View } from "./view" */

/**
 * @typedef {object} Snapshot a run as it was when the learner took it
 * @property {string} call
 * @property {State} state
 * @property {Scene} scene
 * @property {Element[]} nodes groups in the copy of the picture; the list has gaps if the graph is large
 */

const BOTH_MARGINS = 50; // px around two graphs side by side
// Classes of the live picture that its copy does not keep.
const LIVE_CLASSES = ["sg-active", "sg-later", "sg-grad-later", "sg-now", "sg-now-backward", "sg-cuttable"];

/** @param {View} view */
export function createBaseline(view) {
  const { labels, elements, widget } = view;
  const words = labels.baseline;
  const button = suppressShortcuts(createHtml("button", { class: "sg-button sg-compare-button", type: "button" }));
  elements.extras.keep.append(button);
  /** @type {Snapshot | null} */
  let snapshot = null;

  const showButton = () => {
    button.textContent = snapshot ? words.compare_end : words.compare;
    button.setAttribute("aria-pressed", String(snapshot !== null));
  };
  /**
   * Mark in both pictures and in the table what differs. If f failed, there is nothing to compare; and nodes that show
   * the moves of a nudge have no marks, where "≠" means that a move is not as predicted.
   */
  const show = () => {
    const { state, scene } = view.shown;
    button.disabled = !snapshot && !view.graph;
    button.title =
      snapshot || state.fresh || !state.last_good_call ? "" : words.numbers_of.replace("{call}", state.last_good_call);
    const before = snapshot;
    const isComparable = before !== null && state.fresh && !state.nudge?.moves && haveSameNodes(before.scene, scene);
    /** @param {number} i */
    const nodeDiffers = (i) =>
      isComparable && (state.values?.[i] !== before.state.values?.[i] || state.grads?.[i] !== before.state.grads?.[i]);
    view.graph?.nodes.forEach(({ node, group }, i) => {
      markDifference(group, node, nodeDiffers(i));
    });
    before?.nodes.forEach((group, i) => {
      markDifference(group, before.scene.nodes[i], nodeDiffers(i));
    });
    view.rows.forEach((row, i) => {
      const value = before?.state.gradients?.[i];
      const differs = value !== undefined && value !== "-" && value !== state.gradients?.[i];
      setText(row.baselineValue, differs && state.fresh ? words.was.replace("{value}", value) : "");
    });
  };
  const start = () => {
    snapshot = takeSnapshot(view);
    view.timers.cancel("announce");
    announce(view);
    setText(elements.live, `${words.baseline_run} ${snapshot.call}`);
    const hasRoom = 2 * MIN_GRAPH_SCALE * snapshot.scene.width <= elements.pair.clientWidth - BOTH_MARGINS;
    elements.pair.classList.toggle("sg-side-by-side", hasRoom);
  };
  const end = () => {
    snapshot = null;
    elements.baseline.replaceChildren();
  };
  button.addEventListener("click", () => {
    if (snapshot) end();
    else start();
    widget.classList.toggle("sg-comparing", snapshot !== null);
    if (!snapshot) view.reportWidth?.(); // the page may have become wider or narrower meanwhile
    showButton();
    show();
  });
  showButton();
  return { show };
}

/**
 * Copy the current picture, with all steps and no highlights, under its call. If f failed, both are those of the last
 * good run.
 * @param {View} view
 * @returns {Snapshot}
 */
function takeSnapshot(view) {
  const { labels, elements } = view;
  const graph = /** @type {Graph} */ (view.graph);
  const { state, scene } = view.shown;
  const call = state.fresh ? state.call : (state.last_good_call ?? "");
  const head = addHtml(elements.baseline, "div", "sg-baseline-head");
  addHtml(head, "span", "sg-muted").textContent = labels.baseline.baseline_run;
  addHtml(head, "code").textContent = call;
  addHtml(head, "span", "sg-forward").textContent = `= ${state.output}`;
  const box = suppressShortcuts(addHtml(elements.baseline, "div", "sg-graph"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${labels.baseline.baseline_run} ${state.summary}`);
  showSavedTensors(view, Infinity);
  const svg = withoutNudge(view, () => /** @type {SVGSVGElement} */ (graph.svg.cloneNode(true)));
  showSavedTensors(view);
  svg.removeAttribute("style");
  svg.style.width = fittingWidth(scene.width);
  const window = graph.viewport?.window();
  if (window) cropTo(svg, window);
  svg.setAttribute("aria-hidden", "true");
  for (const element of svg.querySelectorAll("*")) {
    element.classList.remove(...LIVE_CLASSES);
    for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
  }
  for (const extra of svg.querySelectorAll(".sg-hit-area, .sg-difference, .sg-overlay")) extra.remove();
  box.append(svg);
  /** @type {Element[]} */
  const nodes = [];
  const drawn = Object.keys(graph.nodes).map(Number); // of a large graph only those in sight
  svg.querySelectorAll(".sg-node").forEach((group, n) => {
    nodes[drawn[n]] = group;
  });
  return { call, state, scene, nodes };
}

/**
 * Do something while the graph shows the values of the run, and not how far a nudge moves them.
 * @template Result
 * @param {View} view
 * @param {() => Result} action
 * @returns {Result}
 */
function withoutNudge(view, action) {
  const { shown } = view;
  if (!shown.state.nudge?.moves) return action();
  view.shown = { ...shown, state: { ...shown.state, nudge: undefined } };
  showNumbers(view);
  const result = action();
  view.shown = shown;
  showNumbers(view);
  return result;
}

/**
 * @param {SVGSVGElement} svg
 * @param {Box} box
 */
function cropTo(svg, [left, top, right, bottom]) {
  svg.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
  svg.style.width = fittingWidth(right - left);
}

/**
 * Whether two scenes have the same nodes in the same order, whichever edges are cut.
 * @param {Scene} one
 * @param {Scene} other
 */
function haveSameNodes(one, other) {
  if (one.key === other.key) return true;
  const isSame = (/** @type {SceneNode} */ node, /** @type {number} */ i) =>
    node.op === other.nodes[i].op && node.name === other.nodes[i].name;
  return one.nodes.length === other.nodes.length && one.nodes.every(isSame);
}

/**
 * @param {Element} group of the node
 * @param {SceneNode} node
 * @param {boolean} differs
 */
function markDifference(group, node, differs) {
  const mark = group.querySelector(".sg-difference");
  if (Boolean(mark) === differs) return;
  if (mark) mark.remove();
  else addText(group, "sg-difference", [node.w - 2, -3, 14, "end"], "≠");
}
