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
 * A picture in a box: its scale, and how far the box is scrolled.
 * @typedef {{ scale: number, left: number, top: number }} Position
 */

/**
 * Where a picture is after it was scaled around a point: what is at that point stays there, as far as the box scrolls.
 * @param {Position} before
 * @param {number} scale
 * @param {{ x: number, y: number }} point px from the corner of the box
 * @param {Size} graph its natural size
 * @param {Size} box
 * @returns {Position}
 */
export function scaleAround(before, scale, { x, y }, graph, box) {
  const ratio = scale / before.scale;
  const [left, top] = cornerOf(before, graph, box);
  const width = graph.width * scale;
  const scrolled = [indent(width, box.width) - x + (x - left) * ratio, (y - top) * ratio - y];
  return {
    scale,
    left: clamp(scrolled[0], 0, Math.max(0, width - box.width)),
    top: clamp(scrolled[1], 0, Math.max(0, graph.height * scale - box.height)),
  };
}

/**
 * The upper left corner of a picture, px from that of the box.
 * @param {Position} position
 * @param {Size} graph its natural size
 * @param {Size} box
 */
export function cornerOf({ scale, left, top }, graph, box) {
  return [indent(graph.width * scale, box.width) - left, -top];
}

/**
 * How far from the edge of the box a picture begins: in the middle if it is narrower.
 * @param {number} width of the picture, px
 * @param {number} room of the box, px
 */
function indent(width, room) {
  return Math.max(0, (room - width) / 2);
}
