// Tensor previews: a strip of bars in each node, a table of its exact elements on demand, and shapes on the edges.

import { addHtml, addInput, addSvg, addText, createHtml, setText } from "../../page/elements.js";
import { barLength } from "../../page/numbers.js";
import { clearOfNodes, labelPosition, obstacles } from "./geometry.js";
import { gradientShapeText, previewBars, previewPosition, shapePosition, shapeText } from "./preview-geometry.js";

/** @import { TextPosition } from "../../page/elements.js" */
/** @import { PreviewLabels, Scene, SceneNode, TensorPreview } from "./data" */
/** @import { DrawnEdge, DrawnNode, View } from "./view" */

const SHAPE_SIZE = 11; // px of its text
const SHAPE_RATE = 6.5; // px of a character
const SHAPE_RISE = 4; // px from its baseline to its middle
const SHAPE_BASE_LINE = 14; // px: `shapePosition` puts a text 10 px higher; its baseline is 4 px below its middle

/** @param {View} view */
export function createPreviews(view) {
  const { labels, widget } = view;
  const label = createHtml("label", { class: "sg-choice sg-shapes-choice" });
  const extra = view.elements.extras.shapes;
  extra.append(label);
  const box = addInput(label, "checkbox", "sg-switch", labels.tensor_previews.shapes);
  addHtml(label, "span").textContent = labels.tensor_previews.shapes;
  const show = () => {
    const { graph } = view;
    const { values, shapes = [], tensor_previews: previews = [] } = view.shown.state;
    extra.hidden = !shapes.length;
    if (!graph || values?.length !== graph.nodes.length) return;
    const moved = view.shown.state.nudge?.previews;
    if (previews.length) {
      graph.nodes.forEach((drawn, i) => {
        showPreviews(drawn, moved ? [moved[i], previews[i]?.[1] ?? null] : previews[i]);
      });
    }
    if (!box.checked || !shapes.length) return;
    const slots = graph.edges.map(({ edge }) => edge.slot);
    const told = new Set(); // nodes whose shape stands on one of their edges, which is enough
    graph.edges.forEach((drawn, i) => {
      if (told.has(drawn.edge.src) && !shapes[i][1]) return;
      told.add(drawn.edge.src);
      showShape(drawn, shapes[i], slots, view.shown.scene, labels.tensor_previews);
    });
  };
  box.addEventListener("change", () => {
    widget.classList.toggle("sg-with-shapes", box.checked);
    show();
  });
  return { show };
}

/**
 * If the numbers of a tensor do not fit into its node, show its shape there and a strip of its elements.
 * @param {DrawnNode} drawn
 * @param {[TensorPreview | null, TensorPreview | null] | null} previews of value and gradient
 */
function showPreviews(drawn, previews) {
  const { node, group, value, grad } = drawn;
  const hidden = { text: null, d: "" };
  const shape = shapeText(value.textContent ?? "");
  const valueLayout = previews?.[0] ? layOutPreview(node, shape, node.value, previews[0]) : hidden;
  const valuePath = putPreview(group, drawn.valueBars, "sg-bars sg-bars-value", value, node.value, valueLayout);
  if (valuePath) drawn.valueBars = valuePath;
  if (!grad || !node.grad) return;
  const gradShape = gradientShapeText(grad.textContent ?? "", shape ?? "");
  const gradLayout = previews?.[1] ? layOutPreview(node, gradShape, node.grad, previews[1]) : hidden;
  const gradPath = putPreview(group, drawn.gradBars, "sg-bars sg-bars-grad", grad, node.grad, gradLayout);
  if (gradPath) drawn.gradBars = gradPath;
}

/**
 * @typedef {object} PreviewLayout
 * @property {{ content: string, left: number } | null} text beside the strip; null without a strip
 * @property {string} d path data of the strip; "" without one
 */

/**
 * @param {SceneNode} node
 * @param {string | null} content what stands beside the strip
 * @param {TextPosition} place
 * @param {TensorPreview} preview
 * @returns {PreviewLayout}
 */
function layOutPreview(node, content, place, preview) {
  const y = place[1];
  const position = content && previewPosition(node, content, place);
  if (!content || !position) return { text: null, d: "" };
  return {
    text: { content, left: position.textLeft },
    d: previewBars(preview, position.left, y - 4.5, position.width),
  };
}

/**
 * Show a strip and move the text aside, or put the text back.
 * @param {SVGGElement} group
 * @param {SVGPathElement | undefined} path of the strip, if there is one
 * @param {string} className
 * @param {SVGTextElement} element
 * @param {TextPosition} position of the text without a strip
 * @param {PreviewLayout} layout
 */
function putPreview(group, path, className, element, [x, , , anchor], { text, d }) {
  if (text) {
    setText(element, text.content);
    placeText(element, text.left, "start");
  } else if (element.getAttribute("text-anchor") !== anchor) placeText(element, x, anchor);
  if (!d && !path) return null;
  const drawn = path ?? addSvg(group, "path", className);
  if (drawn.getAttribute("d") !== d) drawn.setAttribute("d", d);
  return drawn;
}

/**
 * @param {SVGTextElement} text
 * @param {number} x
 * @param {string} anchor
 */
function placeText(text, x, anchor) {
  text.setAttribute("x", String(x));
  text.setAttribute("text-anchor", anchor);
}

/**
 * @param {DrawnEdge} drawn
 * @param {[string, string]} shapes of the value, and the one to which it is broadcast or ""
 * @param {(number[] | null)[]} slots
 * @param {Scene} scene
 * @param {PreviewLabels} labels
 */
function showShape(drawn, [own, broadcast], slots, scene, labels) {
  if (!drawn.shape) {
    const width = SHAPE_RATE * (broadcast ? `${own} ⇢ ${broadcast}` : own).length;
    const position = shapePosition(drawn.edge, slots, () => {
      const [x, y] = labelPosition(drawn.edge.pieces, width, scene.direction);
      return [x, y + SHAPE_BASE_LINE];
    });
    if (!position) return;
    const [x, y] = clearOfNodes([position[0], position[1] - SHAPE_RISE, width, SHAPE_SIZE], obstacles(scene));
    drawn.shape = addText(drawn.group, "sg-shape", [x, y + SHAPE_RISE, SHAPE_SIZE, "middle"]);
  }
  const { shape } = drawn;
  shape.classList.toggle("sg-broadcast", Boolean(broadcast));
  const isNew = setText(shape, broadcast ? `${own} ⇢ ${broadcast}` : own);
  if (!isNew || !broadcast) return;
  addSvg(shape, "title").textContent = labels.broadcast.replace("{shape}", own).replace("{whole}", broadcast);
}

/**
 * The elements of a node's tensors as tables, for the box below the graph.
 * @param {View} view
 * @param {number} i
 */
export function previewTables(view, i) {
  const previews = view.shown.state.tensor_previews?.[i] ?? [];
  return previews.flatMap((preview, n) =>
    preview ? [previewTable(view, preview, n ? "sg-backward" : "sg-forward")] : [],
  );
}

/**
 * @param {View} view
 * @param {TensorPreview} preview
 * @param {string} className
 */
function previewTable(view, { rows, bars, texts, part }, className) {
  const table = createHtml("table", { class: `sg-cells ${className}` });
  const columns = bars.length / rows;
  for (let r = 0; r < rows; r += 1) {
    const line = addHtml(table, "tr");
    for (let k = r * columns; k < (r + 1) * columns; k += 1) {
      const cell = addHtml(line, "td", (bars[k] ?? 0) < 0 ? "sg-below" : "");
      cell.textContent = texts[k];
      cell.style.setProperty("--sg-part", barLength(bars[k]));
    }
  }
  const { labels } = view;
  const name = className === "sg-forward" ? `→ ${labels.value}` : `← ${labels.gradient}`;
  addHtml(table, "caption").textContent = part ? `${name}: ${labels.tensor_previews.thumbnail}` : name;
  return table;
}
