// Geometry of the plot: tangents, arrows, lines and numbers. Pure arithmetic, px of a panel.

import { clamp } from "../../page/numbers.js";
import { axisRate, axisShare, axisValue } from "../../page/scales.js";

/** @import { Plot, PlotAxis } from "./data" */

/** @typedef {{ across: PlotAxis, up: PlotAxis, width: number, height: number }} Frame two axes and their size in px */
/** @typedef {[x: number, y: number]} Point px from the upper left corner of a frame */

const FAR = 1e6; // px: a line that goes farther is not drawn exactly any more
const TANGENT_PARTS = 60; // of a tangent, where an axis is logarithmic
const MIN_ARROW = 14; // px: the dot and a head, which an arrow has even if there is no room for it
const ARROW_HEAD = 8; // px
const ARROW_PROBES = 20; // points of an arrow at which it is checked for numbers below it
const NUMBER_HEIGHT = 13; // px above and below a number's middle

/**
 * Whether the samples were taken while another slider stood elsewhere.
 * @param {Pick<Plot, "position" | "axes">} plot
 * @param {number[]} position
 */
export function isOutdated(plot, position) {
  const own = plot.axes.map((axis) => axis.slider);
  return position.some((x, i) => !own.includes(i) && x !== plot.position[i]);
}

/**
 * Where a pair of values lies in a frame; NaN where an axis has no place for it.
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
export function pointAt({ across, up, width, height }, x, y) {
  return [axisShare(across, x) * width, (1 - axisShare(up, y)) * height];
}

/**
 * Whether a point lies on both axes, which a negative number does not where an axis is logarithmic.
 * @param {Point} point
 */
export function isPlaced([x, y]) {
  return Number.isFinite(x + y);
}

/**
 * A point, no farther away than can be drawn.
 * @param {Point} point
 * @returns {Point}
 */
export function limited([x, y]) {
  return [clamp(x, -FAR, FAR), clamp(y, -FAR, FAR)];
}

/**
 * Path data of a line through points, broken where one has no place.
 * @param {Point[]} points
 */
export function lineThrough(points) {
  let isOpen = false;
  return points
    .map((point) => {
      const wasOpen = isOpen;
      isOpen = isPlaced(point);
      return isOpen ? `${wasOpen ? "L" : "M"}${point[0].toFixed(2)} ${point[1].toFixed(2)}` : "";
    })
    .join("");
}

/**
 * Path data of dots, which a round line cap makes visible.
 * @param {Point[]} points
 */
export function dotsAt(points) {
  return points
    .filter(isPlaced)
    .map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`)
    .join("");
}

/**
 * Path data of the tangent at (x, y), a curve where an axis is logarithmic.
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 * @param {number} slope
 */
export function tangentPath(frame, x, y, slope) {
  const parts = frame.across.log || frame.up.log ? TANGENT_PARTS : 1;
  const points = Array.from({ length: parts + 1 }, (_, k) => {
    const u = axisValue(frame.across, k / parts);
    const [px, py] = pointAt(frame, u, y + slope * (u - x));
    return /** @type {Point} */ ([px, Math.abs(py) < FAR ? py : NaN]);
  });
  return lineThrough(points);
}

/**
 * The tip of an arrow uphill from a point, as gradient_arrow in Python has it: its length grows with the gradient, up to
 * the frame. null without a gradient.
 * @param {Frame} frame
 * @param {Point} point
 * @param {number[]} position the values at the point
 * @param {(number | null)[]} slopes
 * @returns {Point | null}
 */
export function arrowTip({ across, up, width, height }, [x, y], position, slopes) {
  const [g, h] = slopes.map((slope) => slope ?? 0);
  const size = Math.hypot(g, h);
  if (!(size > 0 && Number.isFinite(size))) return null;
  const dx = (g / size) * axisRate(across, position[0]) * width;
  const dy = (-h / size) * axisRate(up, position[1]) * height;
  const [u, v] = [dx, dy].map((part) => part / Math.hypot(dx, dy));
  const roomAcross = u ? ((u > 0 ? width : 0) - x) / u : Infinity;
  const roomUp = v ? ((v > 0 ? height : 0) - y) / v : Infinity;
  const length = Math.min(24 + (56 * size) / (size + 10), Math.max(Math.min(roomAcross, roomUp), MIN_ARROW));
  return [x + u * length, y + v * length];
}

/**
 * Path data of an arrow.
 * @param {Point} start
 * @param {Point} tip
 */
export function arrowPath([x, y], [a, b]) {
  const length = Math.hypot(a - x, b - y);
  const [p, q] = [a - x, b - y].map((part) => (ARROW_HEAD * part) / length);
  return `M${x} ${y}L${a} ${b}M${a - p + 0.6 * q} ${b - q - 0.6 * p}L${a} ${b}L${a - p - 0.6 * q} ${b - q + 0.6 * p}`;
}

/**
 * Whether a number in the plot lies below an arrow or the dot at its start.
 * @param {{ x: number, y: number, half: number }} number its middle, and half its width
 * @param {Point | null} dot
 * @param {Point} tip
 */
export function isCovered({ x, y, half }, dot, tip) {
  if (!dot) return false;
  return Array.from({ length: ARROW_PROBES + 1 }, (_, k) => k / ARROW_PROBES).some((share) => {
    const [a, b] = dot.map((start, i) => start + (tip[i] - start) * share);
    return Math.abs(a - x) < half + 6 && Math.abs(b - y) < NUMBER_HEIGHT;
  });
}

/**
 * Every how many ticks a number has room beside the last one.
 * @param {[number, string][]} ticks
 * @param {number} width
 */
export function tickInterval(ticks, width) {
  const longest = Math.max(1, ...ticks.map(([, text]) => text.length));
  return Math.ceil(((longest * 7 + 14) * ticks.length) / width);
}
