// The button that turns a graph: from left to right, or from top to bottom. The kernel lays it out.

import { addButton, addSvg, createSvg } from "../../page/elements.js";
import { offers } from "../../page/offers.js";

/** @import { Scene } from "./data" */
/** @import { View } from "./view" */

const MIN_NODES = 30; // a smaller graph without modules runs as it fits best
const ARROWS = { right: "M2.5 8h10.5M9 4l4 4l-4 4", down: "M8 2.5v10.5M4 9l4 4l4 -4" };

/**
 * @param {View} view
 * @param {HTMLElement} tools
 */
export function createDirectionButton(view, tools) {
  const { model, labels } = view;
  const button = addButton(tools, "sg-icon sg-direction", () => {
    view.ahead.entries.clear();
    model.set("direction", otherDirection(view.shown.scene));
    model.save_changes();
  });
  const svg = createSvg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  const arrow = addSvg(svg, "path", "sg-zoom-sign");
  button.append(svg);
  button.hidden = true;
  return {
    /**
     * Offer the direction in which a scene does not run.
     * @param {Scene} scene
     */
    show(scene) {
      const next = otherDirection(scene);
      const isSmall = scene.nodes.length < MIN_NODES && !scene.nodes.some(({ group }) => group);
      button.hidden = isSmall || !offers(model, "direction", next);
      arrow.setAttribute("d", ARROWS[next]);
      button.title = labels[`direction_${next}`];
      button.setAttribute("aria-label", button.title);
    },
  };
}

/**
 * @param {Scene} scene
 * @returns {Scene["direction"]}
 */
function otherDirection({ direction }) {
  return direction === "down" ? "right" : "down";
}
