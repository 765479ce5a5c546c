// Moves of the sliders, from whichever control, to the kernel. No elements.

import { isAhead } from "./ahead.js";
import { keyOf, remember } from "./cache.js";

/** @import { View } from "./view" */

const CONFIRM_INTERVAL = 100; // ms between the positions that the kernel gets while what is shown was run ahead
const MAX_MOVES = 700; // of which it is known when they were made

/**
 * Move one slider.
 * @param {View} view
 * @param {number} index
 * @param {number} x
 */
export function moveSlider(view, index, x) {
  const sliders = [...view.model.get("sliders")];
  if (sliders[index] === x) return;
  sliders[index] = x;
  moveSliders(view, sliders);
}

/**
 * Move all sliders. What was run ahead is in the page by now, and the kernel need not get every position on the way. For
 * the others the widget manager keeps one message under way and sends the newest waiting one when the kernel is idle again.
 * @param {View} view
 * @param {number[]} sliders
 */
export function moveSliders(view, sliders) {
  const { model, timers } = view;
  view.moveCount += 1;
  remember(view.moves, keyOf(sliders), view.moveCount, MAX_MOVES);
  model.set("sliders", sliders);
  if (isAhead(view)) timers.throttle("confirm", () => model.save_changes(), CONFIRM_INTERVAL);
  else model.save_changes();
}
