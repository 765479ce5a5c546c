// Large graphs: of all nodes and edges the page holds only those in sight and a little around them.
// The lists of a large graph's drawn nodes and edges have gaps: forEach visits what is drawn, length counts all.

import { addSvg } from "../../page/elements.js";
import { labelNode, markActive } from "./detail.js";
import { boundsOf, boxOf, overlaps, serves, windowAround } from "./geometry.js";
import { mergePaths } from "./merged.js";
import { buildConnector, buildEdge, buildNode, showNumbers } from "./nodes.js";
import { showSavedTensors } from "./saved-tensors.js";
import { showProgress } from "./stepper.js";

/** @import { Scene } from "./data" */
/** @import { Box } from "./geometry" */
/** @import { Graph, View } from "./view" */

// Where text is too small to be read, or where there are more nodes than can be, only their outlines are drawn.
const FAR_SCALE = 0.35; // of the natural size; text is 4.5 px high then
const MAX_DRAWN = 500; // nodes in sight
const FIRST_SIGHT = [1200, 700]; // px, before the page has laid the box out

/**
 * Draw the part of a graph that is in sight, again whenever that changes.
 * @param {View} view
 * @param {Scene} scene
 * @param {Graph} graph
 * @param {HTMLElement} box
 */
export function createViewport(view, scene, graph, box) {
  const { svg } = graph;
  const merged = addSvg(graph.lines, "g", "sg-merged");
  const bounds = scene.edges.map(({ pieces }) => boundsOf(pieces));
  /** @type {Box | null} what is drawn */
  let window = null;
  /** @type {number[]} nodes in the window */
  let inside = [];
  let hasOutlinesOnly = false;
  let [isFar, wasFar] = [false, false]; // whether the scale is below FAR_SCALE, now and when the window was drawn
  let isLaidOut = false;

  /** @returns {Box} */
  const inSight = () => {
    const [picture, frame] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const scale = picture.width / scene.width;
    if (!scale || !frame.width) {
      const { x, y } = scene.nodes[0];
      return [x - FIRST_SIGHT[0] / 2, y - FIRST_SIGHT[1] / 2, x + FIRST_SIGHT[0], y + FIRST_SIGHT[1] / 2];
    }
    isLaidOut = true;
    isFar = scale < FAR_SCALE;
    const [left, top] = [(frame.left - picture.left) / scale, (frame.top - picture.top) / scale];
    return [left, top, left + frame.width / scale, top + Math.max(frame.height, 100) / scale];
  };
  /** @param {number} i */
  const isPinned = (i) =>
    i === graph.active || i === graph.scrolledTo || graph.nodes[i]?.group === document.activeElement;

  const update = () => {
    const wasLaidOut = isLaidOut;
    const sight = inSight();
    if (!wasLaidOut && isLaidOut) {
      scrollTo(0); // where the graph begins, even if that is far below the upper left corner
      return;
    }
    if (serves(window, sight) && isFar === wasFar) return;
    wasFar = isFar;
    window = windowAround(sight);
    drawNodes(window);
    drawEdges(window);
    drawConnectors(window);
    drawMerged();
    if (view.graph === graph && view.shown.scene === scene) refresh(view);
  };

  /**
   * Draw node i, too, and scroll to it if it is out of sight.
   * @param {number} i
   */
  const scrollTo = (i) => {
    const node = scene.nodes[i];
    const [left, top, right, bottom] = inSight();
    const scale = svg.getBoundingClientRect().width / scene.width || 1;
    if (node.x < left || node.x + node.w > right) box.scrollLeft += (node.x + node.w / 2 - (left + right) / 2) * scale;
    if (node.y < top || node.y + node.h > bottom) box.scrollTop += (node.y + node.h / 2 - (top + bottom) / 2) * scale;
    if (!graph.nodes[i]) window = null;
    graph.scrolledTo = i;
    update();
  };

  /** @param {Box} area */
  const drawNodes = (area) => {
    inside = [];
    scene.nodes.forEach((node, i) => {
      if (overlaps(boxOf(node), area)) inside.push(i);
    });
    hasOutlinesOnly = isFar || inside.length > MAX_DRAWN;
    const wanted = new Set(hasOutlinesOnly ? [] : inside);
    scene.nodes.forEach((_, i) => {
      if (isPinned(i)) wanted.add(i);
    });
    graph.nodes.forEach(({ group }, i) => {
      if (wanted.has(i)) return;
      group.remove();
      delete graph.nodes[i];
    });
    /** @type {SVGElement | null} */
    let next = null; // in the order of the graph, in which screen readers go through them
    for (const i of [...wanted].sort((a, b) => b - a)) {
      if (!graph.nodes[i]) {
        graph.nodes[i] = buildNode(view, scene.nodes[i], i);
        svg.insertBefore(graph.nodes[i].group, next ?? graph.overlay);
      }
      next = graph.nodes[i].group;
    }
  };

  /**
   * Draw an edge by itself if its label (its tip if it has none) is in the area. Elsewhere many edges share one path.
   * @param {Box} area
   */
  const drawEdges = (area) => {
    scene.edges.forEach((edge, i) => {
      const [x, y] = edge.slot ?? edge.tip;
      const isWanted = !hasOutlinesOnly && overlaps([x, y, x, y], area);
      if (isWanted && !graph.edges[i]) graph.edges[i] = buildEdge(view, scene, edge, graph.lines, graph.tags);
      if (isWanted || !graph.edges[i]) return;
      graph.edges[i].group.remove();
      graph.edges[i].label?.tag.remove();
      delete graph.edges[i];
    });
  };

  /** @param {Box} area */
  const drawConnectors = (area) => {
    for (const { group } of graph.connectors) group.remove();
    const inArea = scene.connectors.filter(({ x, y }) => !hasOutlinesOnly && overlaps([x, y, x, y], area));
    graph.connectors = inArea.map((each) => buildConnector(graph.lines, each, view.labels.connector));
  };

  /** Draw what is in sight but not drawn one by one, as it is at the current step. */
  const drawMerged = () => {
    if (!window) return;
    const progress = { step: view.stepper.current(), times: graph.times };
    const isEdgeDrawn = (/** @type {number} */ i) => Boolean(graph.edges[i]);
    const outlinedNodes = hasOutlinesOnly ? inside.filter((i) => !graph.nodes[i]) : [];
    const groups = mergePaths(scene, bounds, window, progress, { isEdgeDrawn, outlinedNodes });
    merged.replaceChildren();
    for (const [className, paths] of groups) {
      const group = addSvg(merged, "g", className);
      for (const [name, data] of Object.entries(paths)) {
        if (data.size) addSvg(group, "path", name, { d: [...data].join("") });
      }
    }
  };

  return { update, scrollTo, drawMerged, window: () => window };
}

/**
 * Add the numbers, marks and descriptions of the shown state to what has just been drawn.
 * @param {View} view
 */
function refresh(view) {
  const graph = /** @type {Graph} */ (view.graph);
  showNumbers(view);
  graph.step = undefined;
  showProgress(view, view.stepper.current(), false);
  showSavedTensors(view);
  view.baseline.show();
  view.previews.show();
  view.cuts.show();
  markActive(graph);
  graph.nodes.forEach(({ group }, i) => {
    labelNode(view, i, group);
  });
}
