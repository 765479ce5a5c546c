// The description of one node: in the box below the graph, and for screen readers.

import { addHtml, createHtml } from "../../page/elements.js";
import { showEdgeLabels } from "./edge-labels.js";
import { previewTables } from "./previews.js";
import { roundDetails } from "./rounds.js";

/** @import { Graph, View } from "./view" */

/** @typedef {[className: string, text: string]} Part of a text */

const SHRINK_DELAY = 800; // ms for which the box keeps its height after its tables are gone

/**
 * Show the description of node i; for -1 the caption of the current step.
 * @param {View} view
 * @param {number} i
 */
export function showDetail(view, i) {
  const { graph, labels, shown, stepper, timers } = view;
  const { detail } = view.elements;
  if (graph && graph.active !== i) {
    graph.active = i;
    markActive(graph);
    showEdgeLabels(view);
  }
  const isNode = graph !== null && i >= 0;
  /** @type {Part[]} */
  const captions = stepper?.captions() ?? [["", labels.hint]];
  const parts = isNode ? [...nodeDetails(view, i), ...earlierRunNotice(view)] : captions;
  const key = JSON.stringify([parts, isNode ? (shown.state.tensor_previews?.[i] ?? null) : null]);
  if (detail.dataset.shown === key) return;
  detail.dataset.shown = key;
  const tables = isNode ? previewTables(view, i) : [];
  detail.replaceChildren(
    ...parts.map(([className, text]) => createHtml("span", { class: `sg-part ${className}` }, text)),
  );
  if (tables.length) addHtml(detail, "div", "sg-tables").append(...tables);
  // What is below must not jump up as soon as the tables are gone: the learner may be about to click on it.
  if (tables.length) detail.style.minHeight = `${detail.offsetHeight}px`;
  else if (detail.style.minHeight) timers.throttle("shrink", () => shrink(detail), SHRINK_DELAY);
}

/** @param {HTMLElement} detail */
function shrink(detail) {
  if (!detail.querySelector(".sg-tables")) detail.style.minHeight = "";
}

/**
 * If f failed at the current position, a note that the numbers are those of an earlier run.
 * @param {View} view
 * @returns {Part[]}
 */
export function earlierRunNotice({ shown, labels }) {
  const { fresh, last_good_call } = shown.state;
  return fresh || !last_good_call ? [] : [["sg-muted", labels.baseline.numbers_of.replace("{call}", last_good_call)]];
}

/**
 * Mark the active node and its edges.
 * @param {Graph} graph
 */
export function markActive({ active, nodes, edges }) {
  nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-active", i === active);
  });
  edges.forEach(({ edge, group, label }) => {
    const isActive = active >= 0 && (edge.src === active || edge.dst === active);
    group.classList.toggle("sg-active", isActive);
    label?.tag.classList.toggle("sg-active", isActive);
  });
}

/**
 * @param {View} view
 * @param {number} i
 * @returns {Part[]}
 */
function nodeDetails(view, i) {
  const { labels, shown } = view;
  const { state, scene } = shown;
  const node = scene.nodes[i];
  const [value, grad, sum] = state.details?.[i] ?? [state.values?.[i] ?? "", state.grads?.[i] ?? "", ""];
  const isInput = node.kind === "constant" || node.kind === "leaf";
  const title = isInput ? (node.name ?? "") : node.name ? `${node.name} = ${node.op}` : node.op;
  const rounds = roundDetails(view, i);
  const [valueTable, gradTable] = (state.tensor_previews?.[i] ?? []).map((preview) => preview && !preview.part);
  /** @type {Part[]} */
  const parts = [
    ["sg-strong", title],
    ["", labels[`kind_${node.kind}`]],
    ...(rounds.length ? rounds : [/** @type {Part} */ (["sg-forward", valueTable ? "" : `→ ${value}`])]),
  ];
  const gradTexts = [gradTable ? "" : grad, sum].filter(Boolean); // a table below has the numbers
  if (node.grad && !rounds.length && gradTexts.length) parts.push(["sg-backward", `← ${gradTexts.join(" = ")}`]);
  for (const text of state.nudge?.details?.[i] ?? []) parts.push(["", text]);
  if (node.grad_fn) parts.push(["sg-code", node.grad_fn]);
  if (state.saved_sentences?.[i])
    parts.push(["", labels.saved_tensors.saves.replace("{saved}", state.saved_sentences[i])]);
  else if (node.saved.length) parts.push(["", labels.saved.replace("{names}", node.saved.join(", "))]);
  if (node.shape.length) parts.push(["sg-code", `(${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""})`]);
  if (node.line && !rounds.length) parts.push(["", labels.where.replace("{line}", String(node.line))]);
  return parts.filter(([, text]) => text);
}

/**
 * The description of a node for screen readers.
 * @param {View} view
 * @param {number} i
 */
function describeNode(view, i) {
  const { labels, shown } = view;
  const { state, scene } = shown;
  const node = scene.nodes[i];
  const hasOperation = ["op", "detached", "module", "loop"].includes(node.kind);
  const parts = [node.name, hasOperation ? node.op : "", labels[`kind_${node.kind}`]];
  const rounds = roundDetails(view, i).map(([, text]) => text);
  if (rounds.length) {
    parts.push(...rounds);
  } else {
    parts.push(`${labels.value} ${state.values?.[i] ?? "?"}`);
    if (node.grad) parts.push(`${labels.gradient} ${state.grads?.[i] ?? "?"}`);
  }
  parts.push(...(state.nudge?.details?.[i] ?? []));
  parts.push(...earlierRunNotice(view).map(([, text]) => text));
  return parts.filter(Boolean).join(", ");
}

/**
 * Give a node its description for screen readers.
 * @param {View} view
 * @param {number} i
 * @param {SVGElement} group
 */
export function labelNode(view, i, group) {
  group.setAttribute("aria-label", describeNode(view, i));
}
