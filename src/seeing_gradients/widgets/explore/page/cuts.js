// Cut edges with a click or, from the keyboard, with a menu. f runs again as if detach() stood there.

import { addButton, addHtml, addSvg, setText, suppressShortcuts } from "../../page/elements.js";
import { offers } from "../../page/offers.js";
import { keyOf } from "./cache.js";
import { pathOf } from "./geometry.js";

/** @import { EdgeKey, Scene, SceneEdge } from "./data" */
/** @import { View } from "./view" */

/** @param {View} view */
export function createCuts(view) {
  const { model, labels } = view;
  const words = labels.cuts;
  const bar = view.elements.extras.cut;
  bar.classList.add("sg-cuts");
  const label = addHtml(bar, "label", "sg-choice");
  addHtml(label, "span").textContent = words.cut;
  const menu = suppressShortcuts(addHtml(label, "select", "sg-select sg-cut-select"));
  const list = addHtml(bar, "span", "sg-cut-list");
  /** @type {Scene | null} */
  let shownScene = null;
  let shownCuts = "";

  /**
   * Cut an edge, or restore it.
   * @param {EdgeKey} edge
   */
  const toggle = (edge) => {
    const cuts = toggled(model.get("cuts"), edge);
    if (!offers(model, "cuts", cuts)) return;
    model.set("cuts", cuts);
    model.save_changes();
  };
  const show = () => {
    const { scene } = view.shown;
    const cuts = model.get("cuts");
    const shown = keyOf([cuts, view.extras.canCut()]);
    if (shownScene === scene && shownCuts === shown) return;
    shownScene = scene;
    shownCuts = shown;
    view.widget.classList.toggle("sg-cutting", view.extras.canCut());
    view.graph?.edges.forEach(({ edge, group }) => {
      nameHitArea(view, edge, group);
    });
    const edges = cuttableEdges(scene);
    const offered = [...edges].filter(([key]) => offers(model, "cuts", toggled(cuts, JSON.parse(key))));
    const key = keyOf([offered, cuts]);
    bar.hidden = !offered.length && !cuts.length;
    const hasUncut = offered.some(([each]) => !cuts.some((cut) => keyOf(cut) === each));
    label.hidden = Boolean(model.offers) && !hasUncut;
    if (bar.dataset.shown === key) return;
    bar.dataset.shown = key;
    showMenu(menu, words.cut_choose, offered, cuts);
    const hadFocus = list.contains(document.activeElement);
    list.replaceChildren();
    for (const cut of cuts) {
      const name = edges.get(keyOf(cut));
      const button = addButton(list, `sg-button sg-uncut${name ? "" : " sg-absent"}`, () => toggle(cut));
      button.textContent = words.cut_restore.replace("{edge}", name ?? cut[1]);
    }
    if (hadFocus) menu.focus();
  };
  menu.addEventListener("change", () => {
    if (menu.value) toggle(JSON.parse(menu.value));
    menu.value = "";
  });
  return { toggle, show };
}

/**
 * The cuts after a click on an edge.
 * @param {EdgeKey[]} cuts
 * @param {EdgeKey} edge
 */
function toggled(cuts, edge) {
  const others = cuts.filter((cut) => keyOf(cut) !== keyOf(edge));
  return others.length < cuts.length ? others : [...cuts, edge];
}

/**
 * The names of the edges that can be cut or are cut, by key.
 * @param {Scene} scene
 * @returns {Map<string, string>}
 */
function cuttableEdges(scene) {
  return new Map(scene.edges.flatMap((edge) => (edge.edge_key ? [[keyOf(edge.edge_key), edge.cut_name ?? ""]] : [])));
}

/**
 * @param {HTMLSelectElement} menu
 * @param {string} prompt
 * @param {[key: string, name: string][]} edges
 * @param {EdgeKey[]} cuts
 */
function showMenu(menu, prompt, edges, cuts) {
  const cutKeys = new Set(cuts.map(keyOf));
  const options = edges.filter(([key]) => !cutKeys.has(key));
  menu.replaceChildren();
  for (const [value, text] of [["", prompt], ...options]) {
    const option = addHtml(menu, "option");
    option.textContent = text;
    option.value = value;
  }
}

/**
 * A wide invisible line over an edge, easy to hit with a mouse or finger.
 * @param {View} view
 * @param {SceneEdge} edge
 * @param {SVGGElement} group
 */
export function addHitArea(view, edge, group) {
  const key = edge.edge_key;
  if (!key) return;
  group.classList.add("sg-cuttable");
  const area = addSvg(group, "path", "sg-hit-area", { d: pathOf(edge.pieces) });
  addSvg(area, "title");
  nameHitArea(view, edge, group);
  area.addEventListener("click", () => {
    if (view.extras.canCut()) view.cuts.toggle(key);
  });
}

/**
 * Say in an edge's tooltip what a click will do, if edges can be cut. The picture may be older than the last cut, if f failed since then.
 * @param {View} view
 * @param {SceneEdge} edge
 * @param {SVGGElement} group
 */
function nameHitArea({ model, labels, extras }, edge, group) {
  const title = group.querySelector("title");
  if (!edge.edge_key || !title) return;
  const key = keyOf(edge.edge_key);
  const isCut = model.get("cuts").some((cut) => keyOf(cut) === key);
  const sentence = labels.cuts[isCut ? "cut_restore" : "cut_here"].replace("{edge}", edge.cut_name ?? "");
  const canCut = extras.canCut() && offers(model, "cuts", toggled(model.get("cuts"), edge.edge_key));
  group.classList.toggle("sg-cuttable", canCut || !model.offers);
  setText(title, canCut ? sentence : "");
}
