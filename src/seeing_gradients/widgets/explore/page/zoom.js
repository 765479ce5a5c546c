// Pan and zoom, for graphs larger than their box: the picture is only moved and scaled, its layout stays.

import { addButton, addHtml, addSvg } from "../../page/elements.js";
import { createFrameAction } from "../../page/timers.js";
import { fittingWidth } from "./geometry.js";
import { clampScale, scrollAfterScaling, wheelFactor, wholeScale } from "./zoom-math.js";

/** @import { View } from "./view" */
/** @import { Size } from "./zoom-math.js" */

const SCALE_STEP = 1.25;
const REST_DELAY = 160; // ms after the last turn of the wheel, when the picture is drawn sharp at its new size
const DRAG_DISTANCE = 4; // px of movement that make a press a drag

/**
 * @typedef {object} Zoom
 * @property {(factor: number, x?: number, y?: number, isMoving?: boolean) => void} by scale around a point of the box
 * @property {() => void} fit
 * @property {() => boolean} overflows
 */

/**
 * @param {View} view
 * @param {HTMLElement} box
 * @param {HTMLElement} tools
 */
export function createZoom(view, box, tools) {
  const { labels } = view;
  /** @type {number | null} null: as wide as the box, if that is not too small to read */
  let scale = null;
  /** @type {{ scale: number | null, x: number, y: number, isMoving: boolean } | null} what the next frame shows */
  let wanted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let restTimer;
  const naturalSize = () => view.shown.scene;
  const shownScale = () => (view.graph ? view.graph.svg.getBoundingClientRect().width / naturalSize().width : 1);

  /**
   * Give a picture its size in the page.
   * @param {SVGSVGElement} svg
   * @param {Size} size its natural one
   */
  const resize = (svg, { width }) => {
    Object.assign(svg.style, { willChange: "", transform: "" });
    svg.style.width = scale === null ? fittingWidth(width) : `${width * scale}px`;
  };
  /** Whether the graph is larger than its box; small ones are left alone. */
  const overflows = () => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  const refresh = () => {
    buttons.hidden = scale === null && !overflows();
    box.classList.toggle("sg-pans", overflows());
  };
  const rest = () => {
    if (!view.graph) return;
    const [left, top] = [box.scrollLeft, box.scrollTop];
    resize(view.graph.svg, naturalSize());
    box.scrollTo(left, top);
    refresh();
  };
  const apply = () => {
    const change = wanted;
    wanted = null;
    if (!view.graph || !change) return;
    const { x, y } = change;
    const ratio = (change.scale ?? 1) / shownScale();
    const [left, top] = [box.scrollLeft, box.scrollTop];
    scale = change.scale;
    clearTimeout(restTimer);
    if (change.isMoving && scale !== null) {
      const { svg } = view.graph;
      const transform = `scale(${(scale * naturalSize().width) / svg.clientWidth})`;
      Object.assign(svg.style, { willChange: "transform", transform });
      restTimer = setTimeout(rest, REST_DELAY);
    } else rest();
    if (scale !== null) {
      box.scrollLeft = scrollAfterScaling(left, x, ratio);
      box.scrollTop = scrollAfterScaling(top, y, ratio);
    }
    view.graph.viewport?.update();
  };
  const applying = createFrameAction(apply);
  /**
   * @param {number | null} newScale
   * @param {number} x
   * @param {number} y
   * @param {boolean} isMoving whether more changes follow at once; until they end, the picture may be blurred
   */
  const to = (newScale, x = box.clientWidth / 2, y = box.clientHeight / 2, isMoving = false) => {
    wanted = { scale: newScale === null ? null : clampScale(newScale), x, y, isMoving };
    applying.request();
  };
  /** @type {Zoom["by"]} */
  const by = (factor, x, y, isMoving) => to((wanted?.scale ?? shownScale()) * factor, x, y, isMoving);
  /** Show the whole graph; the second time, return to the initial size. */
  const fit = () => {
    const height = Number.parseFloat(getComputedStyle(box).maxHeight) || box.clientHeight;
    const whole = wholeScale(naturalSize(), { width: box.clientWidth, height });
    to(scale !== null && Math.abs(scale - whole) < 1e-3 ? null : whole);
  };

  const buttons = addHtml(tools, "div", "sg-zooms");
  addZoomButton(buttons, "M3 8h10", labels.zoom_out, () => by(1 / SCALE_STEP));
  addZoomButton(buttons, "M3 8h10M8 3v10", labels.zoom_in, () => by(SCALE_STEP));
  const corners = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
  addZoomButton(buttons, corners, labels.zoom_fit, fit);
  /** @type {Zoom} */
  const zoom = { by, fit, overflows };
  box.addEventListener("keydown", (event) => zoomByKey(zoom, event));
  box.addEventListener("wheel", (event) => zoomByWheel(zoom, box, event), { passive: false });
  panByDragging(zoom, box);
  zoomByPinching(zoom, box);
  const sizes = new ResizeObserver(() => {
    refresh();
    view.graph?.viewport?.update();
  });
  sizes.observe(box);
  const stop = () => {
    applying.cancel();
    clearTimeout(restTimer);
  };
  return { resize, refresh, stop };
}

/**
 * @param {HTMLElement} buttons
 * @param {string} sign path data
 * @param {string} label
 * @param {() => void} action
 */
function addZoomButton(buttons, sign, label, action) {
  const button = addButton(buttons, "sg-icon", action);
  button.title = label;
  button.setAttribute("aria-label", label);
  const svg = addSvg(button, "svg", "", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "sg-zoom-sign", { d: sign });
}

/**
 * @param {Zoom} zoom
 * @param {KeyboardEvent} event
 */
function zoomByKey(zoom, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoom.by(SCALE_STEP);
  else if (event.key === "-") zoom.by(1 / SCALE_STEP);
  else if (event.key === "0") zoom.fit();
  else return;
  event.preventDefault();
}

/**
 * A plain wheel scrolls the notebook; a pinch on a touchpad comes as a wheel with ctrl.
 * @param {Zoom} zoom
 * @param {HTMLElement} box
 * @param {WheelEvent} event
 */
function zoomByWheel(zoom, box, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const { left, top } = box.getBoundingClientRect();
  zoom.by(wheelFactor(event), event.clientX - left, event.clientY - top, true);
}

/**
 * @param {Zoom} zoom
 * @param {HTMLElement} box
 */
function panByDragging(zoom, box) {
  /** @type {{ x: number, y: number, left: number, top: number, isDrag: boolean } | null} */
  let press = null;
  let [left, top] = [0, 0];
  const scrolling = createFrameAction(() => box.scrollTo(left, top));
  box.addEventListener("pointerdown", (event) => {
    const isInside = event.offsetX < box.clientWidth || event.target !== box; // not on a scroll bar
    if (event.button || event.pointerType === "touch" || !isInside || !zoom.overflows()) return;
    press = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop, isDrag: false };
  });
  box.addEventListener("pointermove", (event) => {
    if (!press) return;
    const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
    if (!press.isDrag) {
      if (Math.hypot(dx, dy) < DRAG_DISTANCE) return;
      press.isDrag = true;
      box.setPointerCapture(event.pointerId);
      box.classList.add("sg-panning");
    }
    [left, top] = [press.left - dx, press.top - dy];
    scrolling.request();
  });
  const end = () => {
    if (press?.isDrag) {
      box.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
      setTimeout(() => box.classList.remove("sg-panning"));
    }
    press = null;
  };
  for (const event of ["pointerup", "pointercancel"]) box.addEventListener(event, end);
}

/**
 * @param {Zoom} zoom
 * @param {HTMLElement} box
 */
function zoomByPinching(zoom, box) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let lastDistance = 0;
  const distance = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  /** @param {PointerEvent} event */
  const note = (event) => fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    note(event);
    if (fingers.size === 2) lastDistance = distance();
  });
  box.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    note(event);
    if (fingers.size !== 2 || !lastDistance) return;
    const [a, b] = [...fingers.values()];
    const { left, top } = box.getBoundingClientRect();
    zoom.by(distance() / lastDistance, (a.x + b.x) / 2 - left, (a.y + b.y) / 2 - top, true);
    lastDistance = distance();
  });
  /** @param {PointerEvent} event */
  const lift = ({ pointerId }) => fingers.delete(pointerId);
  box.addEventListener("pointerup", lift);
  box.addEventListener("pointercancel", lift);
  box.addEventListener("pointerleave", lift);
}
