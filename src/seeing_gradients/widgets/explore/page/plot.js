// The plot: f along one slider or over two. Samples come from the kernel; the point moves at once, without it.

import { addAlone, addHtml, addSvg, createHtml, setText, suppressShortcuts } from "../../page/elements.js";
import { shortest } from "../../page/numbers.js";
import { joined } from "../../page/sentences.js";
import { keyOf } from "./cache.js";
import { isOutdated } from "./plot-geometry.js";
import { createPlotMenu } from "./plot-menu.js";
import { buildPanels, MAX_PANEL_WIDTH, markPanels, PANEL_MARGINS } from "./plot-panels.js";
import { moveByPlot } from "./plot-pointer.js";

/** @import { Plot, PlotPoint } from "./data" */
/** @import { Panel } from "./plot-panels.js" */
/** @import { View } from "./view" */

/** @typedef {{ label: string, slider: number, low: number }} PlottableInput */

const REFINE_DELAY = 160; // ms without a move, after which the plot is refined
const REFINE_TOLERANCE = 20; // ms by which a timer may be early
const MIN_PANEL_WIDTH = 40; // px

/**
 * Show equations in a part of the caption, with commas between them; a line breaks between two rather than within one.
 * @param {HTMLElement} part
 * @param {string[]} equations
 */
function showEquations(part, equations) {
  if (equations.length === 1) {
    setText(part, equations[0]); // a box of its own would be laid out at every move
    return;
  }
  const texts = equations.map((text, i) => (i < equations.length - 1 ? `${text},` : text));
  if (part.children.length !== texts.length)
    part.replaceChildren(...texts.flatMap((_, i) => [i ? " " : "", createHtml("span")]));
  texts.forEach((text, i) => {
    setText(part.children[i], text);
  });
}

/**
 * Keep an element as high as it was at most at its present width, so that fewer digits do not move what is below.
 * @param {HTMLElement} element
 */
function keepHighest(element) {
  let [width, height] = [0, 0];
  const sizes = new ResizeObserver(([{ borderBoxSize }]) => {
    const { inlineSize, blockSize } = borderBoxSize[0];
    height = inlineSize === width ? Math.max(height, blockSize) : 0;
    width = inlineSize;
    element.style.minHeight = height ? `${height}px` : "";
  });
  sizes.observe(element);
  return sizes;
}

/** @param {View} view */
export function createPlot(view) {
  const { model, labels, timers } = view;
  const { plots } = view.elements;
  const inputs = plottableInputs(view);
  if (!inputs.length) {
    plots.remove();
    view.elements.extras.plot.hidden = true;
    return { draw() {}, mark() {}, receive() {}, showMenu() {}, stop() {} };
  }
  const menu = createPlotMenu(view, inputs);
  const box = suppressShortcuts(addHtml(plots, "div", "sg-plot"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  const caption = addAlone(box, "sg-plot-caption");
  const captionParts = ["", "sg-forward", "sg-backward"].map((name) => addHtml(caption, "span", name));
  const svg = addSvg(box, "svg", "sg-plot-svg", { role: "img" });
  const notes = addHtml(plots, "div", "sg-plot-notes");
  /** @type {Panel[]} */
  let panels = [];
  let isAsked = false;
  let lastMove = 0; // ms
  let markedPosition = "";

  /** The plot of the current choice, or null until the kernel has sent it. */
  const currentPlot = () => {
    const plot = model.get("plot_data");
    const isChosen = keyOf(plot.choice?.inputs) === keyOf(model.get("plot_choice").inputs);
    return isChosen && plot.kind ? plot : null;
  };
  const draw = () => {
    const chosen = model.get("plot_choice").inputs;
    menu.show();
    box.hidden = notes.hidden = !chosen.length;
    if (!chosen.length) return;
    const plot = currentPlot();
    setText(notes, plot ? joined(plot.notes) : labels.plot.drawing);
    if (!plot) return;
    box.setAttribute("aria-label", labels.plot.keys.replace("{name}", chosen.join(", ")));
    box.classList.toggle("sg-over", plot.kind === "contours");
    const margins = PANEL_MARGINS.left + PANEL_MARGINS.right;
    const space = Math.min(plots.clientWidth, MAX_PANEL_WIDTH + margins) - margins;
    if (space > MIN_PANEL_WIDTH) panels = buildPanels(svg, plot, space, view.layout?.isBeside() ?? false);
    mark();
  };
  /** Show the position of the sliders. */
  const mark = () => {
    const plot = model.get("plot_choice").inputs.length ? currentPlot() : null;
    if (!plot) return;
    const { state } = view.shown;
    const point = state.fresh ? (state.point ?? null) : null;
    plots.classList.toggle("sg-old", isOutdated(plot, state.position));
    showTexts(plot, state.position, point);
    markPanels(panels, plot, state.position, point);
    if (keyOf(state.position) !== markedPosition) {
      markedPosition = keyOf(state.position);
      lastMove = performance.now();
      timers.debounce("plot", ask, REFINE_DELAY);
    }
    ask();
  };
  /**
   * Describe the plot in words, in its caption and for screen readers.
   * @param {Plot} plot
   * @param {number[]} position
   * @param {PlotPoint | null} point
   */
  const showTexts = (plot, position, point) => {
    const values = plot.axes.map((axis) => shortest(position[axis.slider]));
    const norm = plot.vector && point?.norm ? [`‖${plot.vector}‖ = ${point.norm}`] : [];
    const equations = [...plot.axes.map((axis, i) => `${axis.name} = ${values[i]}`), ...norm];
    const [y, ...slopes] = point?.texts ?? ["?", "?"];
    const slopeEquations = plot.axes.map((axis, i) => `∂${plot.name}/∂${axis.name} = ${slopes[i] ?? "?"}`);
    [equations, [`${plot.name} = ${y}`], slopeEquations].forEach((texts, i) => {
      showEquations(captionParts[i], texts);
    });
    const isCurve = plot.kind === "curve";
    const sentence = isCurve ? labels.plot.curve : labels.plot.contours;
    const fields = new Map([
      ["name", plot.name],
      ["input", plot.axes.map((axis) => axis.name).join(", ")],
      ["x", isCurve ? values[0] : equations.join(", ")],
      ["y", y],
      ["slope", slopes.join(", ")],
    ]);
    svg.setAttribute(
      "aria-label",
      sentence.replace(/\{(\w+)\}/g, (_, key) => String(fields.get(key))),
    );
  };
  /** Ask the kernel for samples if those that are drawn are outdated or coarse; one request at a time. */
  const ask = () => {
    const plot = currentPlot();
    if (isAsked || !model.get("plot_choice").inputs.length || !plot) return;
    const { position } = model.get("state");
    const isMoved = keyOf(plot.position) !== keyOf(position);
    const isOld = isOutdated(plot, position) || (plot.choice.steps > 0 && isMoved);
    const isResting = performance.now() - lastMove >= REFINE_DELAY - REFINE_TOLERANCE;
    if (!isOld && (plot.done || !isResting)) return;
    isAsked = true;
    model.send({ plot: isResting ? "fine" : "coarse" });
  };
  const receive = () => {
    isAsked = false;
    view.widget.dataset.plot = model.get("plot_data").done ? "done" : "coarse";
    draw();
  };

  const sizes = new ResizeObserver(draw);
  sizes.observe(plots);
  const captions = keepHighest(caption);
  moveByPlot(view, box, svg, { currentPlot, firstPanel: () => panels[0] ?? null });
  const stop = () => {
    sizes.disconnect();
    captions.disconnect();
  };
  draw();
  return { draw, mark, receive, showMenu: menu.show, stop };
}

/**
 * The sliders along which f can be plotted.
 * @param {View} view
 * @returns {PlottableInput[]}
 */
function plottableInputs({ model }) {
  return model
    .get("controls")
    .filter(({ is_v, kind }) => !is_v && (kind === "number" || kind === "vector"))
    .flatMap(({ labels, first, low }) => labels.map((label, i) => ({ label, slider: first + i, low })));
}
