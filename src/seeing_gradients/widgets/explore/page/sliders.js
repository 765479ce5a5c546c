// Send moves of the sliders, made with any control, to the kernel. No elements.

import { isAhead } from "./ahead.js";
import { keyOf, remember } from "./cache.js";

/** @import { View } from "./view" */

// ms: while the page shows what was run ahead, a position is sent once the sliders rest for so long, or have moved for so
// long. What the kernel and JupyterLab do for each position that is sent would hold up the next picture.
const [CONFIRM_DELAY, MAX_UNCONFIRMED] = [250, 1500];
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
  view.lastMove = performance.now();
  const confirm = () => {
    view.unconfirmedSince = Infinity;
    model.save_changes();
  };
  view.unconfirmedSince = Math.min(view.unconfirmedSince, view.lastMove);
  if (isAhead(view) && view.lastMove - view.unconfirmedSince < MAX_UNCONFIRMED) {
    timers.debounce("confirm", confirm, CONFIRM_DELAY);
    return;
  }
  timers.cancel("confirm");
  confirm();
}
