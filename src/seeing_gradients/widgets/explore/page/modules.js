// Modules: each is one node until the learner opens it. The kernel folds its last recording; f does not run.

import { addButton, addHtml, addSvg, addText, suppressShortcuts } from "../../page/elements.js";
import { offers } from "../../page/offers.js";
import { labelNode } from "./detail.js";

/** @import { Scene, SceneBundle, SceneEdge, SceneFrame, SceneNode } from "./data" */
/** @import { Findable } from "./search-ranking.js" */
/** @import { FocusTarget, Graph, View } from "./view" */

const FRAME_MARGIN = 60; // px left of the first node of a module that was just opened

/**
 * @param {View} view
 * @param {string[]} opened
 * @param {View["focusedModule"]} focusedModule
 */
function setOpened(view, opened, focusedModule) {
  if (!offers(view.model, "opened", opened)) return;
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
  setOpened(view, withOpen(view, key), { opened: key });
}

/**
 * The open modules when one more is opened.
 * @param {View} view
 * @param {string} key
 */
function withOpen({ model }, key) {
  return [...new Set([...model.get("opened"), key])];
}

/**
 * The open modules when one of them is closed.
 * @param {View} view
 * @param {string} key
 */
function withoutOpen({ model }, key) {
  return model.get("opened").filter((other) => other !== key);
}

/**
 * @param {View} view
 * @param {string} key
 */
export function closeModule(view, key) {
  setOpened(view, withoutOpen(view, key), { closed: key });
}

/**
 * Make a node of the graph a button that opens the module it stands for.
 * @param {View} view
 * @param {SVGGElement} group
 * @param {SceneNode} node
 * @param {string} key of the module
 */
export function makeOpenable(view, group, node, key) {
  if (!offers(view.model, "opened", withOpen(view, key))) return;
  const [x, y] = [node.w - 13, Math.min(13, node.h / 2)];
  addSvg(group, "circle", "sg-open-ring", { cx: x, cy: y, r: 6.5 });
  addSvg(group, "path", "sg-open-sign", { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
  group.setAttribute("role", "button");
  group.addEventListener("click", () => openModule(view, key));
}

/**
 * Make the label of an edge that stands for several a button that shows each of them.
 * @param {View} view
 * @param {Scene} scene
 * @param {SceneEdge} edge
 * @param {SceneBundle} bundle
 * @param {SVGGElement} group the edge
 * @param {SVGGElement} tag its label
 */
export function makeBundle(view, scene, edge, { count, key }, group, tag) {
  const name = [edge.src, edge.dst].map((i) => scene.nodes[i].name ?? scene.nodes[i].op).join(" → ");
  const title = view.labels.bundle.replace("{count}", String(count)).replace("{name}", name);
  if (!offers(view.model, "opened", withOpen(view, key))) return;
  group.classList.add("sg-bundle");
  tag.classList.add("sg-bundle");
  suppressShortcuts(tag);
  for (const [attribute, value] of Object.entries({ role: "button", tabindex: "0", "aria-label": title })) {
    tag.setAttribute(attribute, value);
  }
  addSvg(tag, "title").textContent = title;
  const open = () => setOpened(view, withOpen(view, key), { index: edge.dst });
  tag.addEventListener("click", open);
  tag.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
}

/**
 * The frames around open modules, each with a button in its corner.
 * @param {View} view
 * @param {Scene} scene
 * @param {SVGSVGElement} svg
 */
export function buildFrames(view, scene, svg) {
  const frames = addSvg(svg, "g", "sg-frames");
  const parts = scene.frames.flatMap(({ key, boxes, text }) =>
    boxes.map((box, n) => ({ key, box, title: n ? `… ${text}` : text })),
  );
  for (const { key, box, title } of parts) {
    const [x, y, width, height] = box;
    addSvg(frames, "rect", "sg-frame", { x, y, width, height });
    addText(frames, "sg-frame-title", [x + 11, y + 15.5, null, "start"], title);
    if (!offers(view.model, "opened", withoutOpen(view, key))) continue;
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
  const frames = (shown.scene.frames ?? []).filter((frame) =>
    offers(view.model, "opened", withoutOpen(view, frame.key)),
  );
  const key = JSON.stringify(frames.map((frame) => [frame.key, frame.title]));
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
 * Go to what a search found; open the modules around it.
 * @param {View} view
 * @param {Findable} match
 */
export function goToMatch(view, match) {
  const opened = view.model.get("opened");
  const missing = match.opens.filter((key) => !opened.includes(key));
  if (!offers(view.model, "opened", [...opened, ...missing])) return;
  if (missing.length) setOpened(view, [...opened, ...missing], { match });
  else if (match.index !== undefined) {
    view.zoom?.makeReadable();
    focusNode(view, match.index, null);
  } else {
    view.focusedModule = { match };
    settleFocus(view);
  }
}

/**
 * The node that gets the focus after modules were opened or closed, and the frame whose first node it is; -1 for none,
 * because it is not in the scene yet.
 * @param {Scene} scene
 * @param {FocusTarget} target
 * @returns {[node: number, frame: SceneFrame | undefined]}
 */
export function focusTarget(scene, { opened, closed, match, index }) {
  if (index !== undefined) return [index, undefined];
  const bundle = closed === undefined ? undefined : scene.edges?.find((edge) => edge.bundle?.key === closed);
  if (bundle) return [bundle.dst, undefined];
  const group = match?.group ?? closed;
  const frame = scene.frames?.find(({ key }) => key === opened || key === match?.group);
  if (frame) return [frame.first, frame];
  if (opened !== undefined) return [-1, undefined];
  const isTarget = (/** @type {SceneNode} */ node) =>
    group === undefined ? match !== undefined && node.name === match.node : node.group === group;
  return [scene.nodes.findIndex(isTarget), undefined];
}

/**
 * After a module was opened or closed, move the focus to it and keep it in sight.
 * @param {View} view
 */
export function settleFocus(view) {
  const { focusedModule, graph } = view;
  if (!focusedModule || !graph) return;
  const [i, frame] = focusTarget(view.shown.scene, focusedModule);
  if (i < 0) return;
  view.focusedModule = null;
  if (focusedModule.match) view.zoom?.makeReadable();
  focusNode(view, i, frame ?? null);
}

/**
 * @param {View} view
 * @param {number} i
 * @param {SceneFrame | null} frame that just opened around it
 */
function focusNode(view, i, frame) {
  const graph = /** @type {Graph} */ (view.graph);
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
