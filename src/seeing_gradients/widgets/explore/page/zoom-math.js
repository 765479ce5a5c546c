// Zooming: scales and where to scroll. Pure arithmetic.

import { clamp } from "../../page/numbers.js";

const MIN_SCALE = 0.05;
const MAX_SCALE = 3;
const WHEEL_RATE = 0.006; // of the logarithm of the scale for each px that a wheel turns
const MAX_WHEEL_TURN = 60; // px of one event
const WHEEL_LINE = 16; // px of a line, in which some browsers count

/** @typedef {{ width: number, height: number }} Size */

/** @param {number} scale */
export function clampScale(scale) {
  return clamp(scale, MIN_SCALE, MAX_SCALE);
}

/**
 * The scale at which all of a graph is in sight at once, no larger than its natural size.
 * @param {Size} graph
 * @param {Size} box
 */
export function wholeScale(graph, box) {
  return Math.max(Math.min(box.width / graph.width, box.height / graph.height, 1), MIN_SCALE);
}

/**
 * The factor by which a turn of the wheel scales.
 * @param {{ deltaY: number, deltaMode: number }} event
 */
export function wheelFactor({ deltaY, deltaMode }) {
  const turn = deltaY * (deltaMode === 1 ? WHEEL_LINE : 1);
  return Math.exp(-clamp(turn, -MAX_WHEEL_TURN, MAX_WHEEL_TURN) * WHEEL_RATE);
}

/**
 * Where to scroll so that a point of the box shows the same point of the graph after scaling.
 * @param {number} scroll before
 * @param {number} point px from the edge of the box
 * @param {number} ratio of the new scale to the old one
 */
export function scrollAfterScaling(scroll, point, ratio) {
  return (scroll + point) * ratio - point;
}
