// The elements of single nodes and edges, built from the scene, and their numbers.

import { addSvg, addText, createSvg, setText, suppressShortcuts } from "../../page/elements.js";
import { createShape } from "../../page/shapes.js";
import { addHitArea } from "./cuts.js";
import { showDetail } from "./detail.js";
import { arrowHead, pathOf, strokes } from "./geometry.js";
import { makeOpenable } from "./modules.js";
import { showNudge } from "./nudge.js";

/** @import { LabelForm, Scene, SceneEdge, SceneNode } from "./data" */
/** @import { DrawnEdge, DrawnLabel, DrawnNode, View } from "./view" */

/**
 * @param {View} view
 * @param {Scene} scene
 * @param {SceneEdge} edge
 * @param {SVGGElement} lines
 * @param {SVGGElement} tags
 * @returns {DrawnEdge}
 */
export function buildEdge(view, scene, edge, lines, tags) {
  const [forward, backward] = scene.arrow_heads;
  const group = addSvg(lines, "g", `sg-edge sg-${edge.kind}`);
  addSvg(group, "path", "sg-line", { d: pathOf(edge.pieces) });
  addSvg(group, "path", "sg-tip", { d: arrowHead(edge.tip, forward) });
  if (edge.back) addSvg(group, "path", "sg-back", { d: arrowHead(edge.back, backward) });
  if (edge.mark) addSvg(group, "path", "sg-mark", { d: strokes(edge.mark) });
  addHitArea(view, edge, group);
  return { edge, group, label: edge.slot && buildLabel(tags, edge.slot, scene.label) };
}

/**
 * @param {SVGGElement} tags
 * @param {number[]} slot
 * @param {LabelForm} form
 * @returns {DrawnLabel}
 */
function buildLabel(tags, slot, form) {
  const [x, y, w, h] = slot;
  const tag = addSvg(tags, "g", "sg-tag");
  const box = addSvg(tag, "rect", "sg-tag-box", { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 });
  return { tag, box, text: addText(tag, "sg-flow", [x, y + form.base_line, null, "middle"]), slot };
}

/**
 * A node, not yet in the page.
 * @param {View} view
 * @param {SceneNode} node
 * @param {number} i
 * @returns {DrawnNode}
 */
export function buildNode(view, node, i) {
  const group = createSvg("g", {
    class: `sg-node sg-${node.kind}${node.root ? " sg-output-node" : ""}${node.grad ? " sg-has-grad" : ""}`,
    transform: `translate(${node.x} ${node.y})`,
    role: "img",
    tabindex: "-1",
    "aria-label": node.name ?? node.op ?? "", // until the sliders rest; then its numbers are added
  });
  suppressShortcuts(group);
  group.append(...node.shapes.map(createShape));
  for (const [kind, x, y, size, anchor, text] of node.marks) {
    addText(group, `sg-${kind}`, [x, y, size, anchor], text);
  }
  if (node.group) makeOpenable(view, group, node, node.group);
  group.addEventListener("pointerenter", () => showDetail(view, i));
  group.addEventListener("pointerleave", () => showDetail(view, -1));
  group.addEventListener("focus", () => showDetail(view, i));
  return {
    node,
    group,
    value: addText(group, "sg-val", node.value),
    grad: node.grad && addText(group, "sg-grad", node.grad),
  };
}

/**
 * Whether the shown state has numbers for the graph that is drawn.
 * @param {View} view
 */
export function hasNumbers({ graph, shown }) {
  return graph !== null && shown.state.values?.length === graph.nodes.length;
}

/**
 * Write the numbers of the shown state into the graph.
 * @param {View} view
 */
export function showNumbers(view) {
  const { graph } = view;
  const { values, grads = [], flows = [] } = view.shown.state;
  if (!graph || values?.length !== graph.nodes.length) return;
  const moves = view.shown.state.nudge?.moves;
  graph.nodes.forEach(({ node, value, grad }, i) => {
    const sign = node.kind === "constant" ? (node.prefix ?? "") : "→ ";
    setText(value, moves?.[i] ? `Δ ${moves[i]}` : sign + values[i]);
    if (grad) setText(grad, `← ${grads[i]}`);
  });
  graph.edges.forEach(({ label }, i) => {
    if (label && setText(label.text, `← ${flows[i]}`)) fitLabel(label, view.shown.scene.label);
  });
  showNudge(view);
  if (graph.active >= 0) showDetail(view, graph.active);
}

/**
 * Make the box of a label as narrow as its text, so that it hides no more of the edge than it must.
 * @param {DrawnLabel} label
 * @param {LabelForm} form
 */
function fitLabel({ box, text, slot }, { scale: [offset, rate] }) {
  const [x, , maxWidth] = slot;
  const width = Math.min(maxWidth, offset + rate * (text.textContent ?? "").length);
  box.setAttribute("width", String(width));
  box.setAttribute("x", String(x - width / 2));
}
