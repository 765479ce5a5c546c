// The graph: built once for each scene.

import { addHtml, addSvg, createSvg, suppressShortcuts } from "../../page/elements.js";
import { createFrameAction } from "../../page/timers.js";
import { remember } from "./cache.js";
import { showDetail } from "./detail.js";
import { createDirectionButton } from "./direction.js";
import { moveFocus, switchModule } from "./keyboard.js";
import { createMinimap } from "./minimap.js";
import { buildFrames } from "./modules.js";
import { buildConnector, buildEdge, buildNode } from "./nodes.js";
import { chooseRoundByKey } from "./rounds.js";
import { createSearch } from "./search.js";
import { stepTimes } from "./steps.js";
import { createViewport } from "./viewport.js";
import { createZoom } from "./zoom.js";

/** @import { Scene } from "./data" */
/** @import { Graph, View } from "./view" */

const LARGE = 80; // of a graph with more nodes, only what is in sight is drawn
const MAX_WHOLE_HEIGHT = 900; // px of a graph that is shown whole, however high its box may be otherwise
const RESIZE_DELAY = 200; // ms without a change of the width, after which the graph is laid out for it
const MAX_GRAPHS = 8; // drawings in the cache, for functions with branches

/**
 * Put the graph of a scene into the page.
 * @param {View} view
 * @param {Scene} scene
 * @returns {Graph}
 */
export function putGraph(view, scene) {
  const { box, zoom } = graphBox(view);
  const left = box.scrollLeft;
  if (view.graph) showDetail(view, -1);
  const graph = view.graphs.get(scene.key) ?? buildGraph(view, scene, box);
  remember(view.graphs, scene.key, graph, MAX_GRAPHS);
  box.classList.toggle("sg-low", scene.height <= MAX_WHOLE_HEIGHT);
  zoom.show(graph.svg, scene);
  view.direction?.show(scene);
  box.scrollLeft = left;
  graph.viewport?.update();
  return graph;
}

/**
 * @param {View} view
 * @param {Scene} scene
 * @param {HTMLElement} box
 * @returns {Graph}
 */
function buildGraph(view, scene, box) {
  const svg = createSvg("svg", { class: "sg-svg", viewBox: `0 0 ${scene.width} ${scene.height}`, role: "none" });
  buildFrames(view, scene, svg);
  const lines = addSvg(svg, "g", "sg-lines");
  const tags = addSvg(svg, "g", "sg-tags");
  /** @type {Graph} */
  const graph = {
    svg,
    lines,
    tags,
    connectors: [],
    overlay: createSvg("g", { class: "sg-overlay" }),
    nodes: [],
    edges: [],
    active: -1,
    pointed: -1,
    labelled: "",
    scrolledTo: -1,
    viewport: null,
    times: stepTimes(scene.nodes.length, scene.steps),
    hasSavedTensors: false,
    hasNudge: false,
    hasFailed: false,
  };
  if (scene.nodes.length > LARGE) {
    graph.edges.length = scene.edges.length;
    graph.nodes.length = scene.nodes.length;
    graph.viewport = createViewport(view, scene, graph, box);
    svg.append(graph.overlay);
    return graph;
  }
  graph.edges = scene.edges.map((edge) => buildEdge(view, scene, edge, lines, tags));
  graph.nodes = scene.nodes.map((node, i) => buildNode(view, node, i));
  graph.connectors = scene.connectors.map((each) => buildConnector(lines, each, view.labels.connector));
  svg.append(...graph.nodes.map(({ group }) => group), graph.overlay);
  return graph;
}

/**
 * The box that holds the graphs, and its zoom; both are made for the first graph.
 * @param {View} view
 */
function graphBox(view) {
  const { stage } = view.elements;
  /** @type {HTMLElement | null} */
  const known = stage.querySelector(".sg-graph");
  if (known && view.zoom) return { box: known, zoom: view.zoom };
  const tools = addHtml(stage, "div", "sg-tools");
  addHtml(tools, "div", "sg-chips");
  const box = suppressShortcuts(addHtml(stage, "div", "sg-graph"));
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", view.labels.graph.replace("{name}", view.labels.name));
  box.addEventListener("keydown", (event) => chooseRoundByKey(view, event));
  box.addEventListener("keydown", (event) => moveFocus(view, event));
  box.addEventListener("keydown", (event) => switchModule(view, event));
  const handleMove = () => {
    view.graph?.viewport?.update();
    minimap?.update();
  };
  box.addEventListener("scroll", createFrameAction(handleMove).request);
  box.addEventListener("focusout", (event) => {
    if (!box.contains(/** @type {Node | null} */ (event.relatedTarget))) showDetail(view, -1);
  });
  view.direction = createDirectionButton(view, tools);
  view.search = createSearch(view, tools);
  const zoom = createZoom(view, box, tools, handleMove);
  const minimap = createMinimap(view, box, zoom);
  view.zoom = zoom;
  reportWidth(view, box);
  return { box, zoom };
}

/**
 * Tell the kernel how wide the page is for the graph, which it then lays out for this width. Beside an earlier run there
 * is less space, but both pictures stay laid out alike. Beside a plot it may be drawn smaller than it is laid out.
 * @param {View} view
 * @param {HTMLElement} box
 */
function reportWidth(view, box) {
  const { model, timers, widget } = view;
  const report = () => {
    const width = Math.floor(box.clientWidth / view.layout.graphScale());
    if (!width || width === model.get("graph_width") || widget.classList.contains("sg-comparing")) return;
    model.set("graph_width", width);
    model.save_changes();
  };
  view.reportWidth = report;
  let isFirst = true;
  new ResizeObserver(() => {
    if (isFirst && box.clientWidth) report();
    else timers.debounce("width", report, RESIZE_DELAY);
    isFirst &&= !box.clientWidth;
  }).observe(box);
}
