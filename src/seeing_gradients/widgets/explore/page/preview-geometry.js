// Tensor previews: a strip of bars in a node, and shapes on edges. Pure arithmetic.

import { roundToTenth } from "../../page/numbers.js";

/** @import { SceneEdge, SceneNode, TensorPreview } from "./data" */

const CHARACTER_WIDTH = 7; // px of a character in a node's text, about
const PREVIEW_HEIGHT = 14; // px
const MAX_BAR_WIDTH = 12; // px
const OPEN_SIGN = 16; // px at the right end of a module
const MIN_PREVIEW_WIDTH = 18; // px; a narrower strip is left out
const ROW_GAP = 0.7; // between the rows of a matrix, in widths of a bar
const NEAR_LABEL = 30; // px above or below, within which another edge's label stands in the way

/**
 * The part of a node's text that stays beside a strip: sign and shape, "→ (3,)" of "→ (3,) 1 2 3"; null if none.
 * @param {string} text
 */
export function shapeText(text) {
  return /^(. )(\([\d, ]*\))/.exec(text)?.[0] ?? null;
}

/**
 * The same of a gradient, which has the shape of its value: it may stand there alone.
 * @param {string} text of the gradient
 * @param {string} value the text of the value
 */
export function gradientShapeText(text, value) {
  return shapeText(text) ?? shapeText(value)?.replace(/^./, "←") ?? null;
}

/**
 * Where a text and a strip stand side by side, in the space that a node has for a text centred at x, or in a bar for
 * one that begins there; null if there is no space for the strip.
 * @param {SceneNode} node
 * @param {string} text
 * @param {[number, number, number | null, string]} position of the text
 */
export function previewPosition(node, text, [x, , , anchor]) {
  let room = node.kind === "op" || node.kind === "detached" ? node.w - node.h - 18 : node.w - 20;
  let textLeft = x - room / 2;
  if (anchor === "start") {
    const end = node.grad && node.grad[0] > x ? node.grad[0] : node.w - (node.group ? OPEN_SIGN : 0);
    [room, textLeft] = [end - x - 10, x];
  }
  const textWidth = CHARACTER_WIDTH * text.length + 6;
  const width = room - textWidth;
  if (width < MIN_PREVIEW_WIDTH) return null;
  return { textLeft, left: textLeft + textWidth, width };
}

/**
 * Path data of one bar for each element: up if it is positive, down if negative, of full height for nan and infinity.
 * There are gaps between rows.
 * @param {Pick<TensorPreview, "rows" | "bars">} preview
 * @param {number} left
 * @param {number} middle
 * @param {number} room
 */
export function previewBars({ rows, bars }, left, middle, room) {
  const columns = bars.length / rows;
  const step = Math.min(MAX_BAR_WIDTH, room / (bars.length + ROW_GAP * (rows - 1)));
  const width = Math.max(step * 0.8, 0.6);
  const [forth, back] = [`h${roundToTenth(width)}`, `h${roundToTenth(-width)}z`];
  return bars
    .map((part, i) => {
      const x = roundToTenth(left + step * (i + ROW_GAP * Math.floor(i / columns)));
      if (part === null) return `M${x} ${middle - PREVIEW_HEIGHT / 2}${forth}v${PREVIEW_HEIGHT}${back}`;
      const height = Math.max((Math.abs(part) * PREVIEW_HEIGHT) / 2, 0.5);
      return `M${x} ${roundToTenth(middle)}${forth}v${roundToTenth(part < 0 ? height : -height)}${back}`;
    })
    .join("");
}

/**
 * Whether the label of another edge stands just above (-1) or below (1) that of an edge.
 * @param {(number[] | null)[]} slots of all edges
 * @param {number[]} slot
 * @param {-1 | 1} side
 */
export function isCrowded(slots, [x, y, width], side) {
  return slots.some((other) => {
    if (!other) return false;
    const distance = side * (other[1] - y);
    return distance > 4 && distance < NEAR_LABEL && Math.abs(other[0] - x) < (width + other[2]) / 2;
  });
}

/**
 * Where an edge's shape stands: above its label, or below it if another label is above; null if it is between two
 * others, whose edges show the shape.
 * @param {SceneEdge} edge
 * @param {(number[] | null)[]} slots of all edges that are drawn
 * @param {() => number[]} middle of the edge's line, for an edge without a label
 * @returns {[number, number] | null}
 */
export function shapePosition({ slot }, slots, middle) {
  const [x, y] = slot ?? middle();
  const isAbove = slot !== null && isCrowded(slots, slot, -1);
  if (isAbove && isCrowded(slots, slot, 1)) return null;
  return [x, isAbove ? y + 18 : y - 10];
}
