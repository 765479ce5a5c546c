// The plot as a control: a click, a drag or the arrow keys move the plotted sliders.

import { clamp } from "../../page/numbers.js";
import { valueAtShare } from "../../page/scales.js";
import { AHEAD_RANGE, aimAt } from "./ahead.js";
import { keyOf } from "./cache.js";
import { createProbe, neighbours } from "./controls.js";
import { moveSliders } from "./sliders.js";

/** @import { Plot, PlotInputAxis } from "./data" */
/** @import { Panel } from "./plot-panels.js" */
/** @import { View } from "./view" */

/** @type {Map<string, [axis: number, steps: number]>} */
const KEYS = new Map([
  ["ArrowRight", [0, 1]],
  ["ArrowLeft", [0, -1]],
  ["ArrowUp", [1, 1]],
  ["ArrowDown", [1, -1]],
  ["PageUp", [0, 10]],
  ["PageDown", [0, -10]],
  ["Home", [0, -Infinity]],
  ["End", [0, Infinity]],
]);

/**
 * @param {View} view
 * @param {HTMLElement} box
 * @param {SVGSVGElement} svg
 * @param {{ currentPlot: () => Plot | null, firstPanel: () => Panel | null }} drawn
 */
export function moveByPlot(view, box, svg, { currentPlot, firstPanel }) {
  const { model } = view;
  /**
   * The slider of an axis in the table of controls.
   * @param {PlotInputAxis} axis
   */
  const sliderOf = (axis) => {
    const row = view.rows.find(({ slider }) => slider === axis.slider);
    return { range: /** @type {HTMLInputElement} */ (row?.range), step: /** @type {number} */ (row?.step) };
  };
  /** @param {(number | undefined)[]} values of the axes; undefined for one that does not move */
  const moveTo = (values) => {
    const sliders = [...model.get("sliders")];
    currentPlot()?.axes.forEach((axis, i) => {
      const value = values[i];
      if (value === undefined) return;
      const { range, step } = sliderOf(axis);
      sliders[axis.slider] = createProbe(range, step)(value);
    });
    if (keyOf(sliders) !== keyOf(model.get("sliders"))) moveSliders(view, sliders);
  };
  /** @param {PointerEvent} event */
  const moveToPointer = (event) => {
    const ground = svg.querySelector(".sg-panel .sg-plot-ground");
    const plot = currentPlot();
    if (!ground || !plot) return;
    const { left, top, width, height } = ground.getBoundingClientRect();
    const shares = [(event.clientX - left) / width, 1 - (event.clientY - top) / height];
    moveTo(plot.axes.map((axis, i) => valueAtShare(axis, clamp(shares[i], 0, 1))));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !firstPanel() || !currentPlot()) return;
    svg.setPointerCapture(event.pointerId);
    box.focus({ preventScroll: true });
    moveToPointer(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) moveToPointer(event);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === " ") event.preventDefault(); // otherwise the notebook scrolls down by a page
    const [i, steps] = KEYS.get(event.key) ?? [-1, 0];
    const axis = currentPlot()?.axes[i];
    if (!axis) return;
    event.preventDefault();
    const { range, step } = sliderOf(axis);
    const end = steps < 0 ? axis.low : axis.high;
    /** @type {(number | undefined)[]} */
    const values = [undefined, undefined];
    values[i] = Number.isFinite(steps) ? range.valueAsNumber + steps * step : end;
    moveTo(values);
  });
  /** @param {number[]} sliders */
  const candidates = (sliders) =>
    (currentPlot()?.axes ?? []).flatMap((axis) => {
      const { range, step } = sliderOf(axis);
      return neighbours(range, step, sliders, axis.slider).slice(0, AHEAD_RANGE);
    });
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => aimAt(view, candidates));
}
