// Scenes as they come from Python; a large one comes packed, see widgets/explore/packing.py.

import { roundToTenth } from "../../page/numbers.js";

/** @import { EdgeKey, ExploreTraits, Scene, SceneBundle, SceneEdge, SceneNode, SceneStep } from "./data" */

/**
 * @typedef {object} PackedEdges columns of numbers, one entry for each edge unless stated otherwise
 * @property {number[]} src
 * @property {number[]} dst
 * @property {Record<"cut" | "plain", number[]>} kinds edges of these kinds; all others are flows
 * @property {number[]} pieces how many lines and curves
 * @property {string} lengths one digit for each piece: how many numbers it has
 * @property {number[]} dx from each point to the next, in tenths of a px, one edge after the other
 * @property {number[]} dy
 * @property {(number | null)[]} back distance of the backward arrow head from the beginning
 * @property {Record<string, number[]>} mark by edge
 * @property {number[][]} slots edge, then the slot
 * @property {Record<string, SceneBundle>} bundles by edge
 * @property {Record<string, [EdgeKey, string]>} edge_keys by edge: its key and its name, if it can be cut
 */

/** @type {Scene} */
export const EMPTY_SCENE = {
  key: -1,
  direction: "right",
  width: 0,
  height: 0,
  nodes: [],
  edges: [],
  connectors: [],
  arrow_heads: ["", ""],
  label: { scale: [0, 0], base_line: 0 },
  frames: [],
  steps: [],
};

/**
 * A scene as the page uses it.
 * @param {ExploreTraits["scene"]} scene
 * @returns {Scene}
 */
export function unpackScene(scene) {
  if ("nodes" in scene) return scene;
  if (!("packed" in scene)) return EMPTY_SCENE;
  const { nodes, edges, steps, ...rest } = JSON.parse(scene.packed);
  return {
    ...rest,
    key: scene.key,
    nodes: unpackNodes(nodes),
    edges: unpackEdges(edges, rest.direction),
    steps: steps.flatMap(unpackSteps),
  };
}

/**
 * Each form was sent once; positions are in tenths of a px.
 * @param {{ forms: SceneNode[], form: number[], x: number[], y: number[] }} nodes
 * @returns {SceneNode[]}
 */
function unpackNodes({ forms, form, x, y }) {
  return form.map((which, id) => ({ ...forms[which], form: which, id, x: x[id] / 10, y: y[id] / 10 }));
}

/**
 * @param {[SceneStep[0], (number | [number, number])[]]} run a phase, and the nodes of all its steps up to the next phase, some with a round
 * @returns {SceneStep[]}
 */
function unpackSteps([phase, nodes]) {
  return nodes.map((node) => (Array.isArray(node) ? [phase, ...node] : [phase, node]));
}

/**
 * @param {PackedEdges} packed
 * @param {Scene["direction"]} direction of the graph
 * @returns {SceneEdge[]}
 */
function unpackEdges(packed, direction) {
  const { src, dst, kinds, pieces, lengths, dx, dy, back, mark, slots, bundles, edge_keys: edgeKeys } = packed;
  let [piece, point, x, y] = [0, 0, 0, 0];
  const edges = src.map((from, i) => {
    const lines = [];
    for (const last = piece + pieces[i]; piece < last; piece += 1) {
      const line = [];
      for (const end = point + Number(lengths[piece]) / 2; point < end; point += 1) {
        x += dx[point];
        y += dy[point];
        line.push(x / 10, y / 10);
      }
      lines.push(line);
    }
    const start = lines[0];
    const distance = back[i];
    /** @type {SceneEdge} */
    const edge = {
      src: from,
      dst: dst[i],
      kind: "flow",
      pieces: lines,
      tip: lines[lines.length - 1].slice(-2),
      back: distance === null ? null : moved(start, distance, direction),
      mark: mark[i] ?? null,
      slot: null,
    };
    return edgeKeys[i] ? { ...edge, edge_key: edgeKeys[i][0], cut_name: edgeKeys[i][1] } : edge;
  });
  for (const i of kinds.cut) edges[i].kind = "cut";
  for (const i of kinds.plain) edges[i].kind = "plain";
  for (const [i, ...slot] of slots) edges[i].slot = slot;
  for (const [i, bundle] of Object.entries(bundles)) edges[Number(i)].bundle = bundle;
  return edges;
}

/**
 * A point that lies at a distance from the beginning of a line, in the direction of the graph.
 * @param {number[]} start
 * @param {number} distance
 * @param {Scene["direction"]} direction
 */
function moved([x, y], distance, direction) {
  return direction === "down" ? [x, roundToTenth(y + distance)] : [roundToTenth(x + distance), y];
}
