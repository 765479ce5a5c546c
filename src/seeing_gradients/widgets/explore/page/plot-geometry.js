// Geometry of the plot: lines, dots and numbers, px of a panel. Pure arithmetic. Python computes tangents and arrows.

import { clamp } from "../../page/numbers.js";
import { shareOf } from "../../page/scales.js";

/** @import { Plot, PlotAxis } from "./data" */

/** @typedef {{ across: PlotAxis, up: PlotAxis, width: number, height: number }} Frame two axes and their size in px */
/** @typedef {[x: number, y: number]} Point px from the upper left corner of a frame */

const FAR = 1e6; // px: beyond this, lines are not drawn exactly
const ARROW_PROBES = 20; // points of an arrow at which it is checked for numbers below it
// px from a number's base line: an arrow or a dot so close above or below covers the number.
const [ABOVE_NUMBER, BELOW_NUMBER] = [17, 9];

/**
 * Whether a slider that is not plotted has moved since the samples were taken.
 * @param {Pick<Plot, "position" | "axes">} plot
 * @param {number[]} position
 */
export function isOutdated(plot, position) {
  const own = plot.axes.map((axis) => axis.slider);
  return position.some((x, i) => !own.includes(i) && x !== plot.position[i]);
}

/**
 * Where a pair of values lies in a frame; NaN if an axis has no position for it.
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 * @returns {Point}
 */
export function pointAt({ across, up, width, height }, x, y) {
  return [shareOf(across, x) * width, (1 - shareOf(up, y)) * height];
}

/**
 * Whether a point has a position on both axes; a negative number has none on a logarithmic axis.
 * @param {Point} point
 */
export function isPlaced([x, y]) {
  return Number.isFinite(x + y);
}

/**
 * A point, moved closer if it is too far away to be drawn.
 * @param {Point} point
 * @returns {Point}
 */
export function limited([x, y]) {
  return [clamp(x, -FAR, FAR), clamp(y, -FAR, FAR)];
}

/**
 * Path data of a line through points, with a gap where one has no position.
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
 * Path data of a tangent, which is curved if an axis is logarithmic.
 * @param {Frame} frame
 * @param {(number | null)[]} values at equal distances along the axis across
 */
export function tangentPath({ up, width, height }, values) {
  const points = values.map((value, k) => {
    const y = value === null ? NaN : (1 - shareOf(up, value)) * height;
    return /** @type {Point} */ ([(k / (values.length - 1)) * width, Math.abs(y) < FAR ? y : NaN]);
  });
  return lineThrough(points);
}

/**
 * Path data of lines that are drawn at another size.
 * @param {Point[][]} lines
 * @param {number} scale
 */
export function scaledLines(lines, scale) {
  return lines.map((points) => `M${points.map(([x, y]) => `${x * scale} ${y * scale}`).join("L")}`).join("");
}

/**
 * Whether a number in the plot lies below an arrow or the dot at its start.
 * @param {{ x: number, y: number, half: number }} number the middle of its base line, and half its width
 * @param {Point | null} dot
 * @param {Point} tip
 */
export function isCovered({ x, y, half }, dot, tip) {
  if (!dot) return false;
  return Array.from({ length: ARROW_PROBES + 1 }, (_, k) => k / ARROW_PROBES).some((share) => {
    const [a, b] = dot.map((start, i) => start + (tip[i] - start) * share);
    return Math.abs(a - x) < half + 6 && b > y - ABOVE_NUMBER && b < y + BELOW_NUMBER;
  });
}

/**
 * How many ticks apart numbers must be to have space beside each other: 1 if every tick can have one.
 * @param {[number, string][]} ticks
 * @param {number} width
 */
export function tickInterval(ticks, width) {
  const longest = Math.max(1, ...ticks.map(([, text]) => text.length));
  return Math.ceil(((longest * 7 + 14) * ticks.length) / width);
}
