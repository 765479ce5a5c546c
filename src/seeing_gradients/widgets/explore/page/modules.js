// Modules: each is one node until the learner opens it. The kernel folds its last recording; f does not run.

import { addButton, addHtml, addSvg, addText } from "../../page/elements.js";
import { labelNode } from "./detail.js";

/** @import { Scene, SceneNode } from "./data" */
/** @import { View } from "./view" */

const FRAME_MARGIN = 60; // px left of the first node of a module that was just opened

/**
 * @param {View} view
 * @param {string[]} opened
 * @param {View["focusedModule"]} focusedModule
 */
function setOpened(view, opened, focusedModule) {
  view.focusedModule = focusedModule;
  view.ahead.entries.clear();
  view.model.set("opened", opened);
  view.model.save_changes();
}

/**
 * @param {View} view
 * @param {string} key
 */
export function openModule(view, key) {
  setOpened(view, [...new Set([...view.model.get("opened"), key])], { opened: key });
}

/**
 * @param {View} view
 * @param {string} key
 */
export function closeModule(view, key) {
  const opened = view.model.get("opened").filter((other) => other !== key);
  setOpened(view, opened, { closed: key });
}

/**
 * Make a node of the graph a button that opens the module it stands for.
 * @param {View} view
 * @param {SVGGElement} group
 * @param {SceneNode} node
 * @param {string} key of the module
 */
export function makeOpenable(view, group, node, key) {
  const [x, y] = [node.w - 13, 13];
  addSvg(group, "circle", "sg-open-ring", { cx: x, cy: y, r: 6.5 });
  addSvg(group, "path", "sg-open-sign", { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
  group.setAttribute("role", "button");
  group.addEventListener("click", () => openModule(view, key));
}

/**
 * The frames around open modules, each with a button in its corner.
 * @param {View} view
 * @param {Scene} scene
 * @param {SVGSVGElement} svg
 */
export function buildFrames(view, scene, svg) {
  const frames = addSvg(svg, "g", "sg-frames");
  for (const { key, box, text } of scene.frames ?? []) {
    if (!box) continue;
    const [x, y, width, height] = box;
    addSvg(frames, "rect", "sg-frame", { x, y, width, height });
    addText(frames, "sg-frame-title", [x + 11, y + 15.5, null, "start"], text);
    const close = addSvg(frames, "g", "sg-frame-close");
    addSvg(close, "rect", "sg-frame-corner", { x: x + width - 24, y, width: 24, height: 22 });
    addSvg(close, "path", "sg-open-sign", { d: `M${x + width - 16} ${y + 7}l8 8m0 -8l-8 8` });
    close.addEventListener("click", () => closeModule(view, key));
  }
}

/**
 * The row above the graph: a button for each open module, which closes it.
 * @param {View} view
 */
export function showOpenModules(view) {
  const { labels, shown } = view;
  /** @type {HTMLElement | null} */
  const chips = view.elements.stage.querySelector(".sg-chips");
  const frames = shown.scene.frames ?? [];
  const key = JSON.stringify(frames.map((frame) => frame.key));
  if (!chips || chips.dataset.shown === key) return;
  chips.dataset.shown = key;
  chips.replaceChildren();
  for (const frame of frames) {
    const chip = addButton(chips, "sg-chip", () => closeModule(view, frame.key));
    addHtml(chip, "span").textContent = frame.title;
    addHtml(chip, "span", "sg-chip-name").textContent = frame.name;
    const cross = addHtml(chip, "span", "sg-chip-close");
    cross.textContent = "×";
    cross.setAttribute("aria-hidden", "true");
    chip.title = labels.close_group.replace("{name}", `${frame.title} ${frame.name}`);
    chip.setAttribute("aria-label", chip.title);
  }
}

/**
 * After a module was opened or closed, move the focus to it and keep it in sight.
 * @param {View} view
 */
export function settleFocus(view) {
  const { focusedModule, graph } = view;
  const { scene } = view.shown;
  if (!focusedModule || !graph) return;
  const frame = scene.frames?.find(({ key }) => key === focusedModule.opened);
  const i = frame ? frame.first : scene.nodes.findIndex(({ group }) => group === focusedModule.closed);
  if (i < 0 || (focusedModule.opened && !frame)) return;
  view.focusedModule = null;
  graph.viewport?.scrollTo(i);
  const { group } = graph.nodes[i];
  labelNode(view, i, group);
  group.focus({ preventScroll: true });
  const box = /** @type {HTMLElement} */ (view.elements.stage.querySelector(".sg-graph"));
  const [node, frameBox] = [group.getBoundingClientRect(), box.getBoundingClientRect()];
  const distance = frame
    ? frameBox.left + FRAME_MARGIN - node.left
    : (frameBox.left + frameBox.right - node.left - node.right) / 2;
  box.scrollLeft -= distance;
  box.scrollTop += (node.top + node.bottom - frameBox.top - frameBox.bottom) / 2;
}
