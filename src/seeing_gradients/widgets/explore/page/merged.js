// What is in sight of a large graph but not drawn one by one: one path for each kind and state. Pure.

import { arrowHead, boundsOf, clipToWindow, overlaps, pathOf } from "./geometry.js";

/** @import { Scene } from "./data" */
/** @import { Box } from "./geometry" */
/** @import { StepTimes } from "./steps" */

/** @typedef {"sg-line" | "sg-tip" | "sg-back" | "sg-outline"} PathClass in the order in which they are painted */
/** @typedef {Record<PathClass, Set<string>>} Paths path data; what many edges share is drawn once */

/**
 * The paths of all edges in a window that are not drawn one by one, and the outlines of nodes that are too small to be
 * read.
 * @param {Scene} scene
 * @param {Box[]} edgeBounds of all edges
 * @param {Box} window
 * @param {{ step: number, times: StepTimes }} progress
 * @param {{ isEdgeDrawn: (i: number) => boolean, outlinedNodes: number[] }} drawn
 * @returns {Map<string, Paths>} by the CSS classes of their group
 */
export function mergePaths(scene, edgeBounds, window, { step, times }, { isEdgeDrawn, outlinedNodes }) {
  /** @type {Map<string, Paths>} */
  const groups = new Map();
  /**
   * @param {string} className
   * @param {number} node whose step the group shows
   */
  const groupOf = (className, node) => {
    const later = times.value[node] > step ? " sg-later" : "";
    const gradLater = times.grad[node] > step ? " sg-grad-later" : "";
    const key = `${className}${later}${gradLater}`;
    const paths = groups.get(key) ?? emptyPaths();
    groups.set(key, paths);
    return paths;
  };

  const [forward, backward] = scene.arrow_heads;
  scene.edges.forEach((edge, i) => {
    if (isEdgeDrawn(i) || !overlaps(edgeBounds[i], window)) return;
    const paths = groupOf(`sg-edge sg-${edge.kind}`, edge.dst);
    for (const piece of edge.pieces) {
      if (overlaps(boundsOf([piece]), window)) paths["sg-line"].add(pathOf([clipToWindow(piece, window)]));
    }
    if (overlaps(boundsOf([edge.tip]), window)) paths["sg-tip"].add(arrowHead(edge.tip, forward));
    if (edge.back && overlaps(boundsOf([edge.back]), window)) paths["sg-back"].add(arrowHead(edge.back, backward));
  });
  for (const i of outlinedNodes) {
    const { kind, x, y, w, h, root, grad } = scene.nodes[i];
    const className = `sg-merged-node sg-${kind}${root ? " sg-output-node" : ""}${grad ? " sg-has-grad" : ""}`;
    groupOf(className, i)["sg-outline"].add(`M${x} ${y}h${w}v${h}h${-w}z`);
  }
  return groups;
}

/** @returns {Paths} */
function emptyPaths() {
  return { "sg-line": new Set(), "sg-tip": new Set(), "sg-back": new Set(), "sg-outline": new Set() };
}
