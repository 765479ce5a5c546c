// The panels of a plot: a curve and below it its derivative, or contours; and the marks that move with the sliders.

import { addSvg, addText, setAttribute } from "../../page/elements.js";
import { createShape } from "../../page/shapes.js";
import { keyOf } from "./cache.js";
import {
  dotsAt,
  isCovered,
  isPlaced,
  limited,
  lineThrough,
  pointAt,
  scaledLines,
  tangentPath,
  tickInterval,
} from "./plot-geometry.js";

/** @import { TextPosition } from "../../page/elements.js" */
/** @import { Shape } from "../../page/shapes.js" */
/** @import { Plot, PlotAxis, PlotCurve, PlotInputAxis, PlotPoint } from "./data" */
/** @import { Point } from "./plot-geometry.js" */

/** @typedef {{ element: SVGTextElement, x: number, y: number, half: number }} ContourNumber y: of its base line */

/**
 * @typedef {object} Panel
 * @property {PlotInputAxis} across
 * @property {PlotAxis} up
 * @property {number} width px
 * @property {number} height px
 * @property {boolean} isCurve
 * @property {ContourNumber[]} numbers of the contours
 * @property {SVGPathElement} vector from the origin to the point
 * @property {SVGPathElement} slope the tangent, or the gradient as an arrow
 * @property {SVGPathElement} path of the descent
 * @property {SVGPathElement} steps of the descent, as dots
 * @property {SVGCircleElement} dot
 */

/** @typedef {{ width: number, height: number, isLast: boolean, index: number }} PanelLayout */

// px; a curve has its name above it
export const PANEL_MARGINS = { left: 58, right: 16, top: 22, bottom: 42, between: 28 };
export const MAX_PANEL_WIDTH = 640; // px
const BESIDE_SCALE = 0.75; // of the height of a curve beside the graph or the sliders
const MAX_BESIDE_HEIGHT = 290; // px, of contours there
const CHARACTER_HALF_WIDTH = 3.5; // px, of a number of the contours
const NAME_DISTANCE = 36; // px from the frame to the name of the axis across
const DOT_RADIUS = 6; // px
const TANGENT_MARGIN = 1000; // px: a tangent goes on where it is cut off; with 1e6 px Chromium crashed
const DOT_OVERHANG = 1; // px outside the frame, up to which the point is still shown

/**
 * Build a plot, and remove what was drawn before.
 * @param {SVGSVGElement} svg
 * @param {Plot} plot
 * @param {number} space px across
 * @param {boolean} isBeside whether it stands beside something, and has to be low
 * @returns {Panel[]}
 */
export function buildPanels(svg, plot, space, isBeside) {
  const { left, right, top, bottom, between } = PANEL_MARGINS;
  const isCurve = plot.kind === "curve";
  const most = isBeside ? Math.min(plot.width, (MAX_BESIDE_HEIGHT * plot.width) / plot.height) : plot.width;
  const width = isCurve ? space : Math.min(space, most);
  const curves = [plot.value, plot.derivative].filter((curve) => curve != null);
  const scale = isBeside ? BESIDE_SCALE : 1;
  const heights = isCurve ? curves.map(({ height }) => height * scale) : [(plot.height * width) / plot.width];
  svg.replaceChildren();
  let y = top;
  const panels = heights.map((height, index) => {
    const isLast = index === heights.length - 1;
    const className = index ? "sg-panel sg-slopes" : "sg-panel";
    const group = addSvg(svg, "g", className, { transform: `translate(${left} ${y})` });
    y += height + (isLast ? bottom : between);
    const layout = { width, height, isLast, index };
    return isCurve ? buildCurvePanel(group, plot, curves[index], layout) : buildContourPanel(group, plot, layout);
  });
  const size = [left + width + right, panels.length ? y : 0];
  svg.setAttribute("viewBox", `0 0 ${size.join(" ")}`);
  svg.setAttribute("width", String(size[0]));
  svg.setAttribute("height", String(size[1]));
  return panels;
}

/**
 * @param {SVGGElement} group
 * @param {Plot} plot
 * @param {PlotCurve} curve
 * @param {PanelLayout} layout
 * @returns {Panel}
 */
function buildCurvePanel(group, plot, curve, { width, height, isLast }) {
  addSvg(group, "rect", "sg-plot-ground", { width, height });
  const samples = addSvg(group, "g", "sg-plot-samples");
  addTicksUp(group, curve.axis, height);
  for (const [share] of curve.axis.ticks) {
    addSvg(samples, "path", "sg-plot-grid", { d: `M0 ${(1 - share) * height}h${width}` });
  }
  const scale = width / plot.width;
  const stretched = addStretched(samples, width, height, plot.width, curve.height);
  addSvg(stretched, "path", "sg-plot-curve", { d: curve.d });
  for (const [x, y, isIncluded] of curve.ends) {
    const className = isIncluded ? "sg-plot-end sg-included" : "sg-plot-end";
    addSvg(group, "circle", className, { cx: x * scale, cy: (y * height) / curve.height, r: 3.5 });
  }
  addSvg(group, "rect", "sg-plot-edge", { width, height });
  addTicksAcross(group, plot.axes[0], width, height, isLast);
  addName(group, "sg-plot-name", [0, -7, 12, "start"], curve.axis.name, width + PANEL_MARGINS.right);
  const marks = addSvg(group, "g", "sg-plot-marks");
  const clip = addClip(marks, width, height);
  const vector = addSvg(clip, "path", "sg-plot-vector");
  const slope = addSvg(clip, "path", "sg-plot-tangent");
  const frame = { across: plot.axes[0], up: curve.axis, width, height };
  return { ...frame, isCurve: true, numbers: [], vector, slope, ...addDescentAndDot(marks, clip, width, height) };
}

/**
 * @param {SVGGElement} group
 * @param {Plot} plot
 * @param {PanelLayout} layout
 * @returns {Panel}
 */
function buildContourPanel(group, plot, { width, height, isLast }) {
  const [across, up] = plot.axes;
  addSvg(group, "rect", "sg-plot-ground", { width, height });
  const samples = addSvg(group, "g", "sg-plot-samples");
  const stretched = addStretched(samples, width, height, plot.width, plot.height);
  const numbers = plot.field ? addContours(samples, stretched, plot.field, width / plot.width) : [];
  addSvg(group, "rect", "sg-plot-edge", { width, height });
  addTicksUp(group, up, height);
  addTicksAcross(group, across, width, height, isLast);
  /** @type {TextPosition} */
  const namePosition = plot.name_beside ? [-40, height / 2 + 4, 13, "middle"] : [0, -7, 13, "start"];
  addName(group, "sg-plot-name", namePosition, up.name, width + PANEL_MARGINS.right);
  const marks = addSvg(group, "g", "sg-plot-marks");
  const clip = addClip(marks, width, height);
  const vector = addSvg(clip, "path", "sg-plot-vector");
  const slope = addSvg(marks, "path", "sg-plot-arrow");
  return {
    across,
    up,
    width,
    height,
    isCurve: false,
    numbers,
    vector,
    slope,
    ...addDescentAndDot(marks, clip, width, height),
  };
}

/**
 * Add a picture of width × height px that stretches what is drawn in it.
 * @param {SVGGElement} group
 * @param {number} width
 * @param {number} height
 * @param {number} drawnWidth
 * @param {number} drawnHeight
 */
function addStretched(group, width, height, drawnWidth, drawnHeight) {
  const viewBox = `0 0 ${drawnWidth} ${drawnHeight}`;
  return addSvg(group, "svg", "", { width, height, viewBox, preserveAspectRatio: "none" });
}

/**
 * Add the shapes of contours, and return their numbers, which are not stretched.
 * @param {SVGGElement} samples
 * @param {SVGSVGElement} stretched
 * @param {Shape[]} field
 * @param {number} scale
 * @returns {Panel["numbers"]}
 */
function addContours(samples, stretched, field, scale) {
  return field.flatMap((shape) => {
    if (shape[1] !== "text") {
      stretched.append(createShape(shape));
      return [];
    }
    const [name, , x, y, anchor, text] = shape;
    const element = addText(samples, `sg-${name}`, [x * scale, y * scale, null, anchor], text);
    return [{ element, x: x * scale, y: y * scale, half: CHARACTER_HALF_WIDTH * text.length }];
  });
}

/**
 * Add a picture of width × height px that cuts off what lies outside.
 * @param {SVGGElement} marks
 * @param {number} width
 * @param {number} height
 */
function addClip(marks, width, height) {
  const clip = addSvg(marks, "svg", "", { width, height, viewBox: `0 0 ${width} ${height}` });
  addArea(clip, width, height, TANGENT_MARGIN);
  return clip;
}

/**
 * Add an invisible rectangle around what moves. With it the bounds of the drawing stay the same, and a browser that knows
 * so (Chromium) paints the moves without composing the layers of the whole page again.
 * @param {SVGElement} parent
 * @param {number} width
 * @param {number} height
 * @param {number} margin px
 */
function addArea(parent, width, height, margin) {
  const size = { width: width + 2 * margin, height: height + 2 * margin };
  addSvg(parent, "rect", "sg-plot-area", { x: -margin, y: -margin, ...size });
}

/**
 * @param {SVGGElement} marks
 * @param {SVGSVGElement} clip
 * @param {number} width
 * @param {number} height
 */
function addDescentAndDot(marks, clip, width, height) {
  const path = addSvg(clip, "path", "sg-plot-path");
  const steps = addSvg(clip, "path", "sg-plot-steps");
  addArea(marks, width, height, DOT_RADIUS + DOT_OVERHANG + 1);
  return { path, steps, dot: addSvg(marks, "circle", "sg-plot-dot", { r: DOT_RADIUS }) };
}

/**
 * @param {SVGGElement} group
 * @param {PlotAxis} axis
 * @param {number} height
 */
function addTicksUp(group, axis, height) {
  for (const [share, text] of axis.ticks) {
    const y = (1 - share) * height;
    addSvg(group, "path", "sg-plot-tick", { d: `M0 ${y}h-5` });
    addText(group, "sg-plot-number-text", [-8, y + 4, null, "end"], text);
  }
}

/**
 * @param {SVGGElement} group
 * @param {PlotAxis} axis
 * @param {number} width
 * @param {number} height
 * @param {boolean} hasText
 */
function addTicksAcross(group, axis, width, height, hasText) {
  const interval = tickInterval(axis.ticks, width);
  const zero = Math.max(
    0,
    axis.ticks.findIndex(([, text]) => text === "0"),
  );
  axis.ticks.forEach(([share, text], i) => {
    const x = share * width;
    addSvg(group, "path", "sg-plot-tick", { d: `M${x} ${height}v5` });
    if (hasText && (i - zero) % interval === 0) {
      addText(group, "sg-plot-number-text", [x, height + 18, null, "middle"], text);
    }
  });
  if (!hasText) return;
  const room = width + 2 * PANEL_MARGINS.right;
  addName(group, "sg-plot-input", [width / 2, height + NAME_DISTANCE, 13, "middle"], axis.name, room);
}

/**
 * Add a name, shortened with "…" to a width in px. Its tooltip and the sentence for screen readers have the whole name.
 * @param {SVGGElement} group
 * @param {string} className
 * @param {TextPosition} position
 * @param {string} name
 * @param {number} width
 */
function addName(group, className, position, name, width) {
  const element = addText(group, className, position, name);
  let letters = [...name];
  while (letters.length > 1 && element.getComputedTextLength() > width) {
    const share = Math.ceil((letters.length * width) / element.getComputedTextLength());
    letters = letters.slice(0, Math.min(letters.length - 1, share));
    element.textContent = `${letters.join("")}…`;
  }
  if (letters.length < [...name].length) addSvg(element, "title").textContent = name;
}

/**
 * Show the point at the sliders' position, its tangent or gradient, and the steps of the descent.
 * @param {Panel[]} panels
 * @param {Plot} plot
 * @param {number[]} position of all sliders
 * @param {PlotPoint | null} point
 */
export function markPanels(panels, plot, position, point) {
  const values = plot.axes.map((axis) => position[axis.slider]);
  panels.forEach((panel, i) => {
    const y = panel.isCurve ? (i ? point?.slopes[0] : point?.y) : values[1];
    /** @type {Point} */
    const center = y == null ? [NaN, NaN] : pointAt(panel, values[0], y);
    const isInside =
      isPlaced(center) &&
      center[1] >= -DOT_OVERHANG &&
      center[1] <= panel.height + DOT_OVERHANG &&
      (panel.isCurve || point !== null);
    showDot(panel, isInside ? center : null);
    const origin = pointAt(panel, 0, 0);
    setAttribute(panel.vector, "d", plot.vector && isInside ? `M${origin}L${center[0]} ${center[1]}` : "");
    if (panel.isCurve) {
      const tangent = i === 0 && isPlaced(center) ? point?.tangent : undefined;
      setAttribute(panel.slope, "d", tangent ? tangentPath(panel, tangent) : "");
    } else showGradient(panel, center, isInside ? point : null, panel.width / plot.width);
    if (i === 0) showDescent(panel, plot, position);
  });
}

/**
 * @param {Panel} panel
 * @param {Point | null} center
 */
function showDot({ dot }, center) {
  setAttribute(dot, "visibility", center ? "visible" : "hidden");
  if (!center) return;
  setAttribute(dot, "cx", String(center[0]));
  setAttribute(dot, "cy", String(center[1]));
}

/**
 * Show the gradient as an arrow, and hide the numbers of the contours that it covers.
 * @param {Panel} panel
 * @param {Point} center
 * @param {PlotPoint | null} point
 * @param {number} scale at which the plot is drawn
 */
function showGradient(panel, center, point, scale) {
  const arrow = point?.arrow ?? [];
  setAttribute(panel.slope, "d", scaledLines(arrow, scale));
  const [x, y] = arrow[0]?.[1] ?? [];
  /** @type {Point} */
  const tip = x === undefined ? center : [x * scale, y * scale];
  for (const number of panel.numbers) {
    const isHidden = isCovered(number, point && center, tip);
    setAttribute(number.element, "visibility", isHidden ? "hidden" : "visible");
  }
}

/**
 * Show the steps of the descent, if they begin at the sliders' position.
 * @param {Panel} panel
 * @param {Plot} plot
 * @param {number[]} position
 */
function showDescent(panel, { descent }, position) {
  const isCurrent = descent && keyOf(descent.start) === keyOf(position);
  const points = (isCurrent ? descent.points : []).map((values) => {
    const x = values[0] ?? NaN;
    const y = (panel.isCurve ? values.at(-1) : values[1]) ?? NaN;
    return limited(pointAt(panel, x, y));
  });
  setAttribute(panel.path, "d", lineThrough(points));
  setAttribute(panel.steps, "d", dotsAt(points.slice(1)));
}
