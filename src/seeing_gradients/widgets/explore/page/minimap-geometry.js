// The minimap: its size, what of it is in sight, and the corner where it hides least. Pure arithmetic.

import { clamp } from "../../page/numbers.js";
import { overlaps } from "./geometry.js";

/** @import { Scene } from "./data" */
/** @import { Box } from "./geometry" */
/** @import { Size } from "./zoom-math" */

const MOST = { width: 168, height: 112 }; // px
const PART = { width: 0.3, height: 0.4 }; // of the box, at most
const LEAST_SIDE = 18; // px, even of a strip
const SMALLEST_MARK = 1.5; // px of a node

/** @typedef {"sg-mini-frame" | "sg-mini-node" | "sg-mini-leaf" | "sg-mini-output"} MarkClass in the order of painting */

/**
 * The size of the minimap of a graph, or null in a box that is too small for one.
 * @param {Size} graph
 * @param {Size} box
 * @returns {Size | null}
 */
export function minimapSize(graph, box) {
  const [width, height] = [
    Math.min(MOST.width, PART.width * box.width),
    Math.min(MOST.height, PART.height * box.height),
  ];
  if (Math.min(width, height) < LEAST_SIDE) return null;
  const scale = Math.min(width / graph.width, height / graph.height);
  return {
    width: Math.round(clamp(graph.width * scale, LEAST_SIDE, width)),
    height: Math.round(clamp(graph.height * scale, LEAST_SIDE, height)),
  };
}

/**
 * What a minimap shows: one path of rectangles for each kind, each place once.
 * @param {Scene} scene
 * @param {Size} size of the minimap
 * @returns {Record<MarkClass, string>} path data, px of the minimap
 */
export function minimapMarks(scene, size) {
  const [x, y] = [size.width / scene.width, size.height / scene.height];
  /** @type {Record<MarkClass, Set<string>>} */
  const marks = {
    "sg-mini-frame": new Set(),
    "sg-mini-node": new Set(),
    "sg-mini-leaf": new Set(),
    "sg-mini-output": new Set(),
  };
  for (const [left, top, w, h] of scene.frames.flatMap(({ boxes }) => boxes)) {
    marks["sg-mini-frame"].add(rectangle(left * x, top * y, w * x, h * y));
  }
  for (const node of scene.nodes) {
    const kind = node.root ? "sg-mini-output" : node.kind === "leaf" && node.grad ? "sg-mini-leaf" : "sg-mini-node";
    const [w, h] = [Math.max(node.w * x, SMALLEST_MARK), Math.max(node.h * y, SMALLEST_MARK)];
    marks[kind].add(rectangle(node.x * x, node.y * y, w, h));
  }
  const joined = Object.entries(marks).map(([kind, paths]) => [kind, [...paths].join("")]);
  return Object.fromEntries(joined);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 */
function rectangle(x, y, w, h) {
  const [left, top, width, height] = [x, y, w, h].map((number) => Math.round(number * 2) / 2);
  return `M${left} ${top}h${width}v${height}h${-width}z`;
}

/**
 * The part of a minimap whose nodes are in sight.
 * @param {Box} sight px of the graph
 * @param {Size} graph
 * @param {Size} size of the minimap
 */
export function markedPart([left, top, right, bottom], graph, size) {
  const across = (/** @type {number} */ x) => clamp(x / graph.width, 0, 1) * size.width;
  const down = (/** @type {number} */ y) => clamp(y / graph.height, 0, 1) * size.height;
  return { x: across(left), y: down(top), width: across(right) - across(left), height: down(bottom) - down(top) };
}

/**
 * The corner of a box in which a minimap hides least: the one it is in if nothing is there. To hide the output is worse
 * than to hide all other nodes.
 * @param {number} current 0 to 3: right below, right above, left above, left below
 * @param {Box[]} nodes px of the box, those in sight
 * @param {Size} size of the minimap with its margin
 * @param {Size} box
 * @param {Box | null} output px of the box, if it is in sight
 */
export function freestCorner(current, nodes, size, box, output = null) {
  let [best, least] = [current, Infinity];
  for (const corner of [current, 0, 1, 2, 3]) {
    const [left, top] = cornerPosition(corner, size, box);
    /** @type {Box} */
    const area = [left, top, left + size.width, top + size.height];
    const hidden = nodes.filter((node) => overlaps(node, area)).length;
    const cost = output && overlaps(output, area) ? nodes.length + hidden : hidden;
    if (cost < least) [best, least] = [corner, cost];
  }
  return best;
}

/**
 * The upper left corner of something in a corner of a box, px.
 * @param {number} corner 0 to 3: right below, right above, left above, left below
 * @param {Size} size
 * @param {Size} box
 */
export function cornerPosition(corner, size, box) {
  return [corner < 2 ? box.width - size.width : 0, corner % 3 === 0 ? box.height - size.height : 0];
}
