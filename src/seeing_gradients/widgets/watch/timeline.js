// Positions in time: which snapshot belongs to a pointer, a step or a frame of the film. Pure functions.

import { clamp } from "../page/numbers.js";

const MAX_FRAMES = 90; // of the film; a longer run leaves some snapshots out
const MAX_CALM_FRAMES = 12; // where the reader asked for less motion

/**
 * The index of the number that is nearest to a value; 0 if there is none.
 * @param {number[]} numbers in ascending order
 * @param {number} value
 */
export function nearestIndex(numbers, value) {
  let nearest = 0;
  for (let i = 1; i < numbers.length; i += 1) {
    if (Math.abs(numbers[i] - value) < Math.abs(numbers[nearest] - value)) nearest = i;
  }
  return nearest;
}

/**
 * The index that a position stands for: itself, or the last one for -1 and beyond the end.
 * @param {number} position
 * @param {number} count how many snapshots there are
 */
export function indexOfPosition(position, count) {
  return position < 0 ? Math.max(count - 1, 0) : clamp(position, 0, Math.max(count - 1, 0));
}

/**
 * The position that stands for an index; -1 for the last one, so that a running training is followed.
 * @param {number} index
 * @param {number} count
 */
export function positionOfIndex(index, count) {
  return index >= count - 1 ? -1 : Math.max(index, 0);
}

/**
 * The indices that a film shows from an index on, the last one included.
 * @param {number} first
 * @param {number} count how many snapshots there are
 * @param {boolean} isCalm few of them
 */
export function filmIndices(first, count, isCalm) {
  const last = count - 1;
  const stride = Math.max(1, Math.ceil((last - first) / (isCalm ? MAX_CALM_FRAMES : MAX_FRAMES)));
  const indices = [];
  for (let i = first; i < last; i += stride) indices.push(i);
  return [...indices, last];
}

/**
 * A text with the values of its fields: "step {step}".
 * @param {string} template
 * @param {Record<string, string | number>} fields
 */
export function fill(template, fields) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(fields[name] ?? whole)).trim();
}
