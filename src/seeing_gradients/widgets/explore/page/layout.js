// Where the plot stands: beside the graph if that is high and narrow, else beside the sliders; in a narrow page below them.

import { MIN_GRAPH_SCALE } from "./geometry.js";

/** @import { Size } from "./zoom-math.js" */
/** @import { View } from "./view" */

/** @typedef {"graph" | "controls" | "below"} PlotPlace */

export const MIN_WIDE = 860; // px inside the widget, from which on there are two columns
const SIDE_COLUMN = 396; // px, as main.css has it
const COLUMN_GAP = 18; // px
const LOW_GRAPH = 230; // px: a lower graph stands below the sliders and the plot

/**
 * @param {number} width px inside the widget
 * @param {Size} graph its natural size
 * @returns {PlotPlace}
 */
export function plotPlace(width, graph) {
  if (width < MIN_WIDE) return "below";
  const column = width - SIDE_COLUMN - COLUMN_GAP;
  const scale = Math.min(1, column / graph.width);
  return scale >= MIN_GRAPH_SCALE && scale * graph.height > LOW_GRAPH ? "graph" : "controls";
}

/**
 * Put the plot and the Jacobian into their columns, now and when the width changes. A slider that changes the graph
 * leaves them where they are: what the learner looks at must not move away.
 * @param {View} view
 */
export function createLayout(view) {
  const { body } = view.elements;
  let knownGraph = false;
  const arrange = () => {
    const { scene } = view.shown;
    const width = body.clientWidth;
    if (!width) return;
    knownGraph = scene.nodes.length > 0;
    const hasPlot = view.model.get("plot_choice").inputs.length > 0;
    body.dataset.plot = hasPlot ? plotPlace(width, scene) : "none";
    body.classList.toggle("sg-wide", width >= MIN_WIDE);
    body.classList.toggle("sg-with-jacobian", view.shown.state.jacobian !== undefined);
  };
  const sizes = new ResizeObserver(arrange);
  sizes.observe(body);
  return {
    arrange,
    /** Arrange everything for the first graph that there is. */
    show() {
      if (!knownGraph && view.shown.scene.nodes.length) arrange();
    },
    isBeside: () => body.classList.contains("sg-wide") && ["graph", "controls"].includes(body.dataset.plot ?? ""),
    stop: () => sizes.disconnect(),
  };
}
