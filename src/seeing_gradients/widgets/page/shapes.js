// Draw shapes in the page: drawing primitives that Python makes (picture/shapes.py) and also paints in static pictures.

import { createSvg } from "./elements.js";

/**
 * A drawing primitive, px. The element's class is the name with "sg-" before it; the style sheet says how it looks.
 * @typedef {[name: string, tag: "path", d: string]
 *   | [name: string, tag: "circle", x: number, y: number, radius: number]
 *   | [name: string, tag: "rect", x: number, y: number, width: number, height: number, radius: number]
 *   | [name: string, tag: "text", x: number, y: number, anchor: string, words: string]} Shape
 */

/**
 * A new element for a shape, not yet in the page.
 * @param {Shape} shape
 * @returns {SVGElement}
 */
export function createShape(shape) {
  const name = `sg-${shape[0]}`;
  switch (shape[1]) {
    case "path": {
      return createSvg("path", { class: name, d: shape[2] });
    }
    case "circle": {
      const [, , cx, cy, r] = shape;
      return createSvg("circle", { class: name, cx, cy, r });
    }
    case "rect": {
      const [, , x, y, width, height, rx] = shape;
      return createSvg("rect", { class: name, x, y, width, height, rx });
    }
    case "text": {
      const [, , x, y, anchor, words] = shape;
      return createSvg("text", { class: name, x, y, "text-anchor": anchor }, words);
    }
  }
}

/**
 * Replace the content of an element by shapes.
 * @param {SVGElement} parent
 * @param {Shape[]} shapes
 */
export function showShapes(parent, shapes) {
  parent.replaceChildren(...shapes.map(createShape));
}
