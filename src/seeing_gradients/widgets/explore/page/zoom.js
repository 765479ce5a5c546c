// Pan and zoom, for graphs larger than their box: the picture is only moved and scaled, its layout stays.

import { addButton, addHtml, addSvg } from "../../page/elements.js";
import { createFrameAction } from "../../page/timers.js";
import { fittingWidth } from "./geometry.js";
import { clampScale, cornerOf, scaleAround, wheelFactor, wholeScale } from "./zoom-math.js";

/** @import { Box } from "./geometry" */
/** @import { View } from "./view" */
/** @import { Position, Size } from "./zoom-math.js" */

const SCALE_STEP = 1.25;
const REST_DELAY = 160; // ms after the last turn of the wheel, when the picture is drawn sharp at its new size
const READABLE_SCALE = 0.6; // below it a node that was searched for could not be read
const DRAG_DISTANCE = 4; // px of movement that make a press a drag

/**
 * @typedef {object} Zoom
 * @property {(factor: number, x?: number, y?: number, isMoving?: boolean) => void} by scale around a point of the box
 * @property {() => void} fit
 * @property {() => boolean} overflows
 */

/**
 * @typedef {Position & { origin: { left: number, top: number } }} Moving a picture that is moved by the compositor, from
 *   where its untransformed corner is, px from that of the box, until it is scrolled to its position
 */

/**
 * While the scale changes, the picture is one layer that the compositor moves and scales, and nothing is laid out. At
 * rest it keeps the size in which it was laid out, under a transform: at a new size all of its text would be laid out.
 * @param {View} view
 * @param {HTMLElement} box
 * @param {HTMLElement} tools
 * @param {() => void} handleMove called when another part of the graph may be in sight
 */
export function createZoom(view, box, tools, handleMove) {
  const { labels } = view;
  const world = addHtml(box, "div", "sg-world"); // as large as the picture looks
  /** @type {number | null} null: as wide as the box, if that is not too small to read */
  let scale = null;
  /** @type {{ scale: number | null, x: number, y: number, isMoving: boolean } | null} what the next frame shows */
  let wanted = null;
  /** @type {Moving | null} */
  let moving = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let restTimer;
  const naturalSize = () => view.shown.scene;
  const roomOf = () => ({ width: box.clientWidth, height: box.clientHeight });
  const shownScale = () => {
    if (moving) return moving.scale;
    return view.graph ? view.graph.svg.getBoundingClientRect().width / naturalSize().width : 1;
  };

  /**
   * Give a picture at rest its size in the page.
   * @param {SVGSVGElement} svg
   * @param {Size} size its natural one
   * @param {number} width in which it is laid out, px
   */
  const resize = (svg, size, width) => {
    const [factor, isScaled] = [scale ?? 1, scale !== null];
    world.style.width = isScaled ? `${size.width * factor}px` : "";
    world.style.height = isScaled ? `${size.height * factor}px` : "";
    Object.assign(svg.style, {
      width: isScaled ? `${width}px` : fittingWidth(size.width),
      margin: isScaled ? "0" : "",
      transform: isScaled ? `scale(${(factor * size.width) / width})` : "",
      willChange: "",
    });
  };
  /**
   * Put a picture into the box.
   * @param {SVGSVGElement} svg
   * @param {Size} size its natural one
   */
  const show = (svg, size) => {
    clearTimeout(restTimer);
    moving = null;
    resize(svg, size, size.width);
    world.replaceChildren(svg);
  };
  /** Whether the graph is larger than its box; small ones are left alone. */
  const overflows = () => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  const refresh = () => {
    buttons.hidden = scale === null && !overflows();
    box.classList.toggle("sg-pans", overflows());
    const hasModules = naturalSize().nodes.some(({ group }) => group !== undefined);
    view.search?.offer(!buttons.hidden || hasModules || naturalSize().frames?.length > 0);
    handleMove();
  };
  const rest = () => {
    if (!view.graph) return;
    const { svg } = view.graph;
    const [left, top] = moving ? [moving.left, moving.top] : [box.scrollLeft, box.scrollTop];
    moving = null;
    resize(svg, naturalSize(), svg.clientWidth);
    box.scrollTo(left, top);
    refresh();
  };
  /**
   * Begin to move the picture from where it is at rest.
   * @param {SVGSVGElement} svg
   * @returns {Moving}
   */
  const lift = (svg) => {
    const [picture, frame] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const origin = { left: picture.left - frame.left, top: picture.top - frame.top };
    return { scale: shownScale(), left: box.scrollLeft, top: box.scrollTop, origin };
  };
  const apply = () => {
    const change = wanted;
    wanted = null;
    if (!view.graph || !change) return;
    clearTimeout(restTimer);
    const { svg } = view.graph;
    const before = moving ?? lift(svg);
    scale = change.scale;
    if (scale !== null) {
      const [size, room] = [naturalSize(), roomOf()];
      const after = scaleAround(before, scale, change, size, room);
      moving = { ...after, origin: before.origin };
      if (change.isMoving) {
        const [x, y] = cornerOf(after, size, room);
        const factor = (scale * size.width) / svg.clientWidth;
        svg.style.willChange = "transform";
        svg.style.transform = `translate(${x - before.origin.left}px, ${y - before.origin.top}px) scale(${factor})`;
        restTimer = setTimeout(rest, REST_DELAY);
      }
    }
    if (!change.isMoving || scale === null) rest();
    else handleMove();
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
  const sizes = new ResizeObserver(refresh);
  sizes.observe(box);
  const stop = () => {
    applying.cancel();
    clearTimeout(restTimer);
  };
  /**
   * The part of the graph that is in sight, px of the graph.
   * @returns {Box}
   */
  const sight = () => {
    const room = roomOf();
    const position = moving ?? { scale: shownScale(), left: box.scrollLeft, top: box.scrollTop };
    const [x, y] = cornerOf(position, naturalSize(), room).map((distance) => -distance / position.scale);
    return [x, y, x + room.width / position.scale, y + room.height / position.scale];
  };
  /**
   * Scroll so that a point of the graph is in the middle.
   * @param {number} x px of the graph
   * @param {number} y
   */
  const centre = (x, y) => {
    if (moving) rest();
    const [left, top, right, bottom] = sight();
    const factor = shownScale();
    box.scrollBy((x - (left + right) / 2) * factor, (y - (top + bottom) / 2) * factor);
  };
  /** Enlarge a graph of which nothing can be read to its natural size, at once. */
  const makeReadable = () => {
    if (shownScale() >= READABLE_SCALE) return;
    wanted = { scale: 1, x: 0, y: 0, isMoving: false };
    applying.cancel();
    apply();
  };
  return { show, refresh, stop, sight, centre, overflows, makeReadable };
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
