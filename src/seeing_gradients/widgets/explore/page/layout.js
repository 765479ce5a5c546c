// The columns of a wide page. The plot stands beside a high graph, else beside the sliders; the Jacobian beside the
// sliders that weight its rows. In a narrow page everything stands below the sliders.

/** @import { Size } from "./zoom-math.js" */
/** @import { View } from "./view" */

/** @typedef {"graph" | "controls" | "jacobian" | "none"} Columns what the plot or the Jacobian stands beside */

export const MIN_WIDE = 860; // px inside the widget, from which on there are two columns
const [PLOT_COLUMN, COLUMN_GAP] = [302, 14]; // px, beside a graph: as main.css has them
// How far a graph is drawn smaller than laid out. main.css makes its smallest text larger there, so that it has 11 px.
const SCALES = { graph: 0.88, jacobian: 0.86, controls: 1, none: 1 };
// px: heights of a slider's row in a wide and in half a page, the heading of the rows, the plot, the sentences below it,
// the legend, the buttons.
const [ROW, NARROW_ROW, HEADING, PLOT, READING, LEGEND, BUTTONS] = [31, 57, 42, 410, 150, 26, 46];
const LAYOUT_LOSS = 1.1; // a graph that is laid out for less width takes up about so much more room

/**
 * Choose what keeps the explorer lowest.
 * @param {number} width px inside the widget
 * @param {Size} graph its natural size
 * @param {{ plot: boolean, jacobian: boolean, rows: number }} shown
 * @returns {Columns}
 */
export function columnsFor(width, graph, { plot, jacobian, rows }) {
  if (width < MIN_WIDE) return "none";
  if (!plot) return jacobian ? "jacobian" : "none";
  const column = width - PLOT_COLUMN - COLUMN_GAP;
  const scale = Math.min(1, column / graph.width);
  const narrowHeight =
    scale >= SCALES.graph
      ? graph.height * scale
      : (graph.width * graph.height * LAYOUT_LOSS * SCALES.graph ** 2) / column;
  const besideGraph = HEADING + ROW * rows + Math.max(LEGEND + narrowHeight + BUTTONS, PLOT + READING);
  const besideControls =
    Math.max(NARROW_ROW * rows + BUTTONS + READING, PLOT) + LEGEND + graph.height * Math.min(1, width / graph.width);
  return besideGraph < besideControls ? "graph" : "controls";
}

/**
 * Choose the columns, for the first graph and when the width or the plot changes, then once more for the graph that is
 * laid out for that width. A slider that changes the graph leaves them alone: what the learner looks at must not move
 * away.
 * @param {View} view
 */
export function createLayout(view) {
  const { body } = view.elements;
  let isForGraph = false;
  let lastWidth = 0;
  /** @type {View["shown"] | null} */
  let beforeResize = null; // what was shown when the width changed, until another graph is shown
  const arrange = () => {
    const { scene, state } = view.shown;
    const width = body.clientWidth;
    if (!width) return;
    lastWidth = width;
    isForGraph = scene.nodes.length > 0;
    const plot = view.model.get("plot_choice").inputs.length > 0;
    body.dataset.columns = columnsFor(width, scene, {
      plot,
      jacobian: state.jacobian !== undefined,
      rows: view.rows.length,
    });
  };
  const sizes = new ResizeObserver(() => {
    if (body.clientWidth === lastWidth) return;
    if (lastWidth) beforeResize = { ...view.shown };
    arrange();
  });
  sizes.observe(body);
  return {
    arrange,
    show() {
      const { scene, state } = view.shown;
      const isOther = beforeResize !== null && beforeResize.scene !== scene;
      const isMoved = beforeResize !== null && String(beforeResize.state.position) !== String(state.position);
      if (isOther || isMoved) beforeResize = null;
      if (scene.nodes.length && (!isForGraph || (isOther && !isMoved))) arrange();
    },
    /** Whether the plot stands beside something, and has to be low. */
    isBeside: () => body.dataset.columns === "graph" || body.dataset.columns === "controls",
    /** How far a graph that is laid out for the page is to be shrunk. */
    graphScale: () => SCALES[/** @type {Columns} */ (body.dataset.columns ?? "none")],
    stop: () => sizes.disconnect(),
  };
}
