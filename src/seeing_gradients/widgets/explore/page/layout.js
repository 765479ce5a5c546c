// The columns of a wide page. The plot stands beside a high graph, else beside the sliders; the Jacobian beside the
// sliders that weight its rows. In a narrow page everything stands below the sliders.

/** @import { Size } from "./zoom-math.js" */
/** @import { View } from "./view" */

/** @typedef {"graph" | "controls" | "jacobian" | "none"} Columns what the plot or the Jacobian stands beside */

export const MIN_WIDE = 860; // px inside the widget, from which on there are two columns
const [PLOT_COLUMN, COLUMN_GAP] = [340, 18]; // px, beside a graph: as main.css has them
const MIN_SCALE = 0.84; // of a graph beside the plot
const LOW_GRAPH = 230; // px: a lower graph stands below the sliders and the plot

/**
 * @param {number} width px inside the widget
 * @param {Size} graph its natural size
 * @param {{ plot: boolean, jacobian: boolean }} shown
 * @returns {Columns}
 */
export function columnsFor(width, graph, shown) {
  if (width < MIN_WIDE) return "none";
  if (!shown.plot) return shown.jacobian ? "jacobian" : "none";
  const scale = Math.min(1, (width - PLOT_COLUMN - COLUMN_GAP) / graph.width);
  return scale >= MIN_SCALE && scale * graph.height > LOW_GRAPH ? "graph" : "controls";
}

/**
 * Choose the columns, for the first graph and when the width or the plot changes. A slider that changes the graph
 * leaves them alone: what the learner looks at must not move away.
 * @param {View} view
 */
export function createLayout(view) {
  const { body } = view.elements;
  let isForGraph = false;
  let lastWidth = 0;
  const arrange = () => {
    const { scene, state } = view.shown;
    const width = body.clientWidth;
    if (!width) return;
    lastWidth = width;
    isForGraph = scene.nodes.length > 0;
    const plot = view.model.get("plot_choice").inputs.length > 0;
    body.dataset.columns = columnsFor(width, scene, { plot, jacobian: state.jacobian !== undefined });
  };
  const sizes = new ResizeObserver(() => {
    if (body.clientWidth !== lastWidth) arrange();
  });
  sizes.observe(body);
  return {
    arrange,
    show() {
      if (!isForGraph && view.shown.scene.nodes.length) arrange();
    },
    /** Whether the plot stands beside something, and has to be low. */
    isBeside: () => body.dataset.columns === "graph" || body.dataset.columns === "controls",
    /** How far a graph that is laid out for the page is to be shrunk. */
    graphScale: () => (["graph", "jacobian"].includes(body.dataset.columns ?? "") ? MIN_SCALE : 1),
    stop: () => sizes.disconnect(),
  };
}
