// The keys of the graph: they move the focus between nodes, and open and close modules. zoom.js has
// the zoom's keys, rounds.js those of a loop's rounds.

import { labelNode } from "./detail.js";
import { closeModule, openModule } from "./modules.js";

/** @import { View } from "./view" */

/**
 * Arrow keys, Home and End move the focus from node to node, in the order of the run.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
export function moveFocus(view, event) {
  const { graph } = view;
  if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own: Alt and an arrow goes back a page
  if (event.key === " ") event.preventDefault(); // otherwise the notebook scrolls down by a page
  if (!graph) return;
  const target = nextFocus(event.key, graph.active, graph.nodes.length);
  if (target === null) return;
  event.preventDefault();
  graph.viewport?.scrollTo(target);
  const { group } = graph.nodes[target];
  labelNode(view, target, group);
  group.focus({ preventScroll: true });
  group.scrollIntoView({ block: "nearest", inline: "center" });
}

/**
 * The node to which a key moves the focus; null for every other key.
 * @param {string} key
 * @param {number} active the node that has the focus, or -1
 * @param {number} count of nodes
 */
export function nextFocus(key, active, count) {
  if (key === "ArrowRight" || key === "ArrowDown") return Math.min(active + 1, count - 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return Math.max(active - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}

/**
 * Enter and the space bar open the module of the focused node; Escape closes the innermost module around it.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
export function switchModule(view, event) {
  const { graph } = view;
  // Not graph.active: that is another node while the pointer is on it.
  const focused = graph?.nodes.findIndex((drawn) => drawn?.group.contains(/** @type {Node} */ (event.target))) ?? -1;
  if (!graph || focused < 0) return;
  const { group } = graph.nodes[focused].node;
  if ((event.key === "Enter" || event.key === " ") && group) {
    event.preventDefault();
    openModule(view, group);
  } else if (event.key === "Escape") {
    const innermost = (view.shown.scene.frames ?? []).findLast(({ nodes }) => nodes.includes(focused));
    if (!innermost) return;
    event.preventDefault();
    closeModule(view, innermost.key);
  }
}
