// One line that says what can be done here; it goes once the learner has done it.

import { setText } from "../../page/elements.js";
import { hasMovedSlider, rememberMove } from "./memory.js";

/** @import { View } from "./view" */

/** @param {View} view */
export function createTip({ model, labels, elements }) {
  const { tip } = elements;
  const hasSlider = model.get("controls").some(({ kind }) => kind !== "fixed");
  tip.hidden = !hasSlider || hasMovedSlider();
  setText(tip, labels.tip);
  return {
    /** The learner has moved a slider. The line keeps its place, so that nothing jumps below the mouse. */
    done() {
      if (tip.classList.contains("sg-done")) return;
      tip.classList.add("sg-done");
      rememberMove();
    },
  };
}
