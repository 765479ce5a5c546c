// Send moves of the sliders, made with any control, to the kernel. No elements.

import { isAhead } from "./ahead.js";
import { keyOf, remember } from "./cache.js";

/** @import { View } from "./view" */

const CONFIRM_INTERVAL = 100; // ms between two positions that are sent while the page shows what was run ahead
const MAX_MOVES = 700; // moves whose order is remembered

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
 * Move all sliders. If f ran at the new position ahead, the page can show it, and the kernel need not receive every
 * position on the way. Otherwise each is sent: the widget manager keeps one message under way, and sends the newest of
 * those that wait when the kernel is idle again.
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
