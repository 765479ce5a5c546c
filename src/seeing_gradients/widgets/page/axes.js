// The axes of a plot: a frame with ticks, numbers and names.

import { createSvg } from "./elements.js";

/** @typedef {[share: number, text: string]} Tick where along the axis, 0 to 1, and the number beside it */

/**
 * A frame of width × height px with its ticks and the numbers beside them.
 * @param {number} width
 * @param {number} height
 * @param {Tick[][]} ticks of the axis across and of the axis up
 * @param {{ below: number, left: number }} distance px from the frame to the numbers
 * @param {Record<string, string | number>} attributes of the group
 */
export function createAxes(width, height, [across, up], { below, left }, attributes = {}) {
  const group = createSvg("g", { class: "sg-axes", ...attributes }, createSvg("rect", { width, height }));
  for (const [share, text] of across) {
    const x = share * width;
    group.append(
      createSvg("path", { d: `M${x},${height}v5` }),
      createSvg("text", { x, y: height + below, "text-anchor": "middle" }, text),
    );
  }
  for (const [share, text] of up) {
    const y = (1 - share) * height;
    group.append(
      createSvg("path", { d: `M0,${y}h-5` }),
      createSvg("text", { x: -left, y: y + 4, "text-anchor": "end" }, text),
    );
  }
  return group;
}
