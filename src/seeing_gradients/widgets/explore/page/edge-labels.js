// The labels of edges. Where the gradients of several edges meet, each stands on its edge. Elsewhere an edge has the
// gradient of its node, and shows it while the pointer or the focus is there, or while it flows in the current step.

import { addSvg, addText, setText } from "../../page/elements.js";
import { clamp } from "../../page/numbers.js";
import { clearOfNodes, labelPosition, obstacles, separated } from "./geometry.js";

/** @import { LabelForm, SceneBundle } from "./data" */
/** @import { DrawnLabel, Graph, View } from "./view" */

const MAX_LABELS = 12; // more of them would hide the graph
const FREE_WIDTH = 150; // px at most, where nothing else stands
const FREE_HEIGHT = 17; // px
const OUTLINE = 1; // px around a label
const SIGN_RATE = 0.5; // px more for each character of a text with × and Σ, which are wider than digits

/**
 * @param {SVGGElement} tags
 * @param {number[]} slot
 * @param {LabelForm} form
 * @returns {DrawnLabel}
 */
export function buildLabel(tags, slot, form) {
  const [x, y, w, h] = slot;
  const tag = addSvg(tags, "g", "sg-tag");
  const box = addSvg(tag, "rect", "sg-tag-box", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 });
  return { tag, box, text: addText(tag, "sg-flow", [x, y + form.base_line, null, "middle"]), slot };
}

/**
 * Write a gradient into a label, and make its box as narrow as the text, so that it hides no more than it must.
 * @param {DrawnLabel} label
 * @param {string} flow
 * @param {LabelForm} form
 * @param {SceneBundle} [bundle] of an edge that stands for several
 */
export function writeLabel({ box, text, slot }, flow, form, bundle) {
  const words = bundle ? `${bundle.count} ×${flow ? ` ← ${flow}` : ""}` : `← ${flow}`;
  if (!setText(text, words)) return;
  const [x, , maxWidth] = slot;
  const signs = bundle ? SIGN_RATE * words.length : 0;
  const width = Math.min(maxWidth, widthOf(words, form) + signs);
  box.setAttribute("width", String(width));
  box.setAttribute("x", String(x - width / 2));
}

/**
 * @param {string} words
 * @param {LabelForm} form
 */
function widthOf(words, { scale: [offset, rate] }) {
  return offset + rate * words.length;
}

/**
 * Show the labels that are wanted now, above everything else.
 * @param {View} view
 */
export function showEdgeLabels(view) {
  const { graph, shown } = view;
  const { flows, values } = shown.state;
  if (!graph || !flows || values?.length !== graph.nodes.length) return;
  const { scene } = shown;
  const wanted = edgesToLabel(graph).slice(0, MAX_LABELS);
  const key = JSON.stringify(wanted.map((i) => [i, flows[i]]));
  if (graph.labelled === key) return;
  graph.labelled = key;
  graph.overlay.replaceChildren();
  const printed = graph.edges.flatMap(({ label }) => (label ? [label.slot] : []));
  const covered = [...obstacles(scene), ...printed.map(([x, y, w, h]) => ({ x: x - w / 2, y: y - h / 2, w, h }))];
  const slots = wanted.map((i) => {
    const width = Math.min(FREE_WIDTH, widthOf(`← ${flows[i]}`, scene.label));
    const [x, y] = labelPosition(scene.edges[i].pieces, width, scene.direction);
    const inside = clamp(x, width / 2, scene.width - width / 2);
    const slot = clearOfNodes([inside, y, width, FREE_HEIGHT], covered);
    const high = clamp(slot[1], FREE_HEIGHT / 2 + OUTLINE, scene.height - FREE_HEIGHT / 2 - OUTLINE);
    return [inside, high, width, FREE_HEIGHT]; // rather over the rim of a node than out of the picture
  });
  separated(slots).forEach((slot, n) => {
    writeLabel(buildLabel(graph.overlay, slot, scene.label), flows[wanted[n]], scene.label);
  });
}

/**
 * The edges that show a gradient only for now: under the pointer, at the active node, or of the current step.
 * @param {Graph} graph
 * @returns {number[]}
 */
function edgesToLabel({ edges, active, pointed, step = Infinity, times }) {
  /** @type {number[]} */
  const wanted = [];
  edges.forEach(({ edge, group, label }, i) => {
    if (label || edge.kind !== "flow" || times.grad[edge.dst] > step) return;
    const isTouched = i === pointed || (active >= 0 && (edge.src === active || edge.dst === active));
    if (isTouched || group.classList.contains("sg-now-backward")) wanted.push(i);
  });
  return wanted;
}
