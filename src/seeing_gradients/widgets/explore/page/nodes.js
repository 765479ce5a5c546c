// The elements of single nodes and edges, built from the scene, and their numbers.

import { addSvg, addText, createSvg, setText, suppressShortcuts } from "../../page/elements.js";
import { createShape } from "../../page/shapes.js";
import { addHitArea } from "./cuts.js";
import { showDetail } from "./detail.js";
import { buildLabel, showEdgeLabels, writeLabel } from "./edge-labels.js";
import { arrowHead, pathOf, strokes } from "./geometry.js";
import { makeBundle, makeOpenable } from "./modules.js";
import { showNudge } from "./nudge.js";
import { buildRounds, showRounds } from "./rounds.js";

/** @import { Scene, SceneConnector, SceneEdge, SceneNode } from "./data" */
/** @import { DrawnConnector, DrawnEdge, DrawnNode, View } from "./view" */

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
  group.addEventListener("pointerenter", () => point(view, edge));
  group.addEventListener("pointerleave", () => point(view, null));
  const label = edge.slot && buildLabel(tags, edge.slot, scene.label);
  if (edge.bundle && label) makeBundle(view, scene, edge, edge.bundle, group, label.tag);
  return { edge, group, label };
}

/**
 * Show the gradient of the edge under the pointer; null for none.
 * @param {View} view
 * @param {SceneEdge | null} edge
 */
function point(view, edge) {
  if (!view.graph) return;
  view.graph.pointed = edge ? view.shown.scene.edges.indexOf(edge) : -1;
  showEdgeLabels(view);
}

/**
 * A circle with a number, at which edges end and go on in another row.
 * @param {SVGGElement} lines
 * @param {SceneConnector} connector
 * @param {string} title
 * @returns {DrawnConnector}
 */
export function buildConnector(lines, connector, title) {
  const { x, y, r, number } = connector;
  const group = addSvg(lines, "g", "sg-connector");
  const sentence = title.replace("{number}", String(number));
  group.setAttribute("role", "img");
  group.setAttribute("aria-label", sentence);
  addSvg(group, "title").textContent = sentence;
  addSvg(group, "circle", "sg-connector-ring", { cx: x, cy: y, r });
  addText(group, "sg-connector-number", [x, y + 4, null, "middle"], String(number));
  return { connector, group };
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
    rounds: buildRounds(view, group, node, i),
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
  showRounds(view);
  graph.edges.forEach(({ edge, label }, i) => {
    if (label) writeLabel(label, flows[i], view.shown.scene.label, edge.bundle);
  });
  showNudge(view);
  showEdgeLabels(view);
  if (graph.active >= 0) showDetail(view, graph.active);
}
