// A small picture of a graph that is larger than its box; a click or a drag in it moves what is in sight. It is for the
// pointer alone: the keyboard moves from node to node, and the search reaches any of them.

import { addHtml, addSvg, createSvg } from "../../page/elements.js";
import { boxOf, overlaps } from "./geometry.js";
import { cornerPosition, freestCorner, markedPart, minimapMarks, minimapSize } from "./minimap-geometry.js";

/** @import { Scene } from "./data" */
/** @import { Box } from "./geometry" */
/** @import { View } from "./view" */
/** @import { Size } from "./zoom-math" */

const MARGIN = 8; // px between the minimap and the edges of the box
const NARROW = 480; // px: in a box narrower than this nothing is shown that would hide a node
const SETTLE_DELAY = 200; // ms without a movement, after which it moves out of the way of nodes

/**
 * @param {View} view
 * @param {HTMLElement} box
 * @param {{ sight: () => Box, overflows: () => boolean, centre: (x: number, y: number) => void }} window
 */
export function createMinimap(view, box, window) {
  const map = addHtml(view.elements.stage, "div", "sg-minimap");
  map.setAttribute("aria-hidden", "true");
  map.hidden = true;
  /** @type {{ scene: Scene, size: Size } | null} */
  let drawn = null;
  /** @type {SVGRectElement | null} */
  let frame = null;
  let corner = 0;

  /**
   * @param {Scene} scene
   * @param {Size} size
   */
  const draw = (scene, size) => {
    const svg = createSvg("svg", { width: size.width, height: size.height });
    for (const [kind, d] of Object.entries(minimapMarks(scene, size))) addSvg(svg, "path", kind, { d });
    frame = addSvg(svg, "rect", "sg-mini-sight");
    map.replaceChildren(svg);
    drawn = { scene, size };
  };
  const settle = () => {
    if (map.hidden || !drawn) return;
    const room = { width: box.clientWidth, height: box.clientHeight };
    const size = { width: map.offsetWidth + 2 * MARGIN, height: map.offsetHeight + 2 * MARGIN };
    const [left, top, right, bottom] = window.sight();
    const scale = room.width / (right - left);
    /** @type {Box[]} */
    const nodes = [];
    /** @type {Box | null} */
    let output = null;
    for (const node of drawn.scene.nodes) {
      if (!overlaps(boxOf(node), [left, top, right, bottom])) continue;
      const [x, y] = [(node.x - left) * scale, (node.y - top) * scale];
      nodes.push([x, y, x + node.w * scale, y + node.h * scale]);
      if (node.root) output = nodes[nodes.length - 1];
    }
    corner = freestCorner(corner, nodes, size, room, output);
    const [x, y] = cornerPosition(corner, size, room);
    map.style.left = `${box.offsetLeft + x + MARGIN}px`;
    map.style.top = `${box.offsetTop + y + MARGIN}px`;
    /** @type {Box} */
    const area = [x, y, x + size.width, y + size.height];
    const isInTheWay = room.width < NARROW && nodes.some((node) => overlaps(node, area));
    map.style.visibility = isInTheWay ? "hidden" : "";
  };
  /** Show what is in sight now. */
  const update = () => {
    const { scene } = view.shown;
    const size = window.overflows() ? minimapSize(scene, { width: box.clientWidth, height: box.clientHeight }) : null;
    map.hidden = size === null;
    if (!size) return;
    const isSame = drawn?.scene === scene && drawn.size.width === size.width && drawn.size.height === size.height;
    if (!isSame) draw(scene, size);
    const part = markedPart(window.sight(), scene, size);
    for (const [name, value] of Object.entries(part)) frame?.setAttribute(name, String(Math.round(value * 10) / 10));
    if (isSame) view.timers.debounce("minimap", settle, SETTLE_DELAY);
    else settle();
  };

  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!drawn) return;
    const { left, top } = map.getBoundingClientRect();
    const { scene, size } = drawn;
    const [x, y] = [event.clientX - left - map.clientLeft, event.clientY - top - map.clientTop];
    window.centre((x / size.width) * scene.width, (y / size.height) * scene.height);
  };
  map.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    map.setPointerCapture(event.pointerId);
    move(event);
  });
  map.addEventListener("pointermove", (event) => {
    if (map.hasPointerCapture(event.pointerId)) move(event);
  });
  return { update };
}
