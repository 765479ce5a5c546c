import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY_SCENE, unpackScene } from "../../src/seeing_gradients/widgets/explore/page/packing.js";

// x -> tanh -> detach, with a label on the first edge, the second one cut: as widgets/explore/packing.py sends it.
const CONTENT = {
  width: 300,
  height: 80,
  arrow_heads: ["l-7 -4v8Z", "l7 -4v8Z"],
  label: { scale: [8, 7], base_line: 4 },
  frames: [],
  nodes: {
    forms: [
      { kind: "leaf", w: 96, h: 58 },
      { kind: "op", w: 122, h: 46 },
    ],
    form: [0, 1, 1],
    x: [140, 1601, 3000],
    y: [140, 205, 205],
  },
  edges: {
    src: [0, 1],
    dst: [1, 2],
    kinds: { cut: [1], plain: [] },
    pieces: [2, 1],
    lengths: "484",
    dx: [1100, 100, 0, 100, 0, 301, 99, 100],
    dy: [430, 0, 0, 50, 5, 0, -55, 0],
    back: [8, null],
    mark: { 1: [1, 2, 3, 4, 5, 6, 7, 8] },
    slots: [[0, 115, 40, 66, 17]],
    bundles: { 0: { count: 16, key: "x=>tanh" } },
    edge_keys: { 1: [[3, "detach", 0], "tanh → detach"] },
  },
  steps: [
    ["given", [-1]],
    ["forward", [1, 2]],
    ["backward", [1, 0, [2, 4]]],
  ],
};
const SCENE = unpackScene({ key: 7, packed: JSON.stringify(CONTENT) });

test("a small scene comes as it is", () => {
  const scene = { ...EMPTY_SCENE, key: 3, nodes: SCENE.nodes };
  assert.equal(unpackScene(scene), scene);
});

test("before f has run there is nothing to draw", () => {
  assert.equal(unpackScene({}), EMPTY_SCENE);
});

test("what is not packed stays", () => {
  const { key, width, height, frames } = SCENE;
  assert.deepEqual({ key, width, height, frames }, { key: 7, width: 300, height: 80, frames: [] });
  assert.deepEqual(SCENE.label, CONTENT.label);
});

test("nodes have what their form shares and a position of their own", () => {
  assert.deepEqual(SCENE.nodes, [
    { kind: "leaf", w: 96, h: 58, form: 0, id: 0, x: 14, y: 14 },
    { kind: "op", w: 122, h: 46, form: 1, id: 1, x: 160.1, y: 20.5 },
    { kind: "op", w: 122, h: 46, form: 1, id: 2, x: 300, y: 20.5 },
  ]);
});

test("curves are put together from steps in tenths of a px", () => {
  assert.deepEqual(SCENE.edges[0].pieces, [
    [110, 43, 120, 43],
    [120, 43, 130, 48, 130, 48.5, 160.1, 48.5],
  ]);
  assert.deepEqual(SCENE.edges[1].pieces, [[170, 43, 180, 43]]);
});

test("arrow heads are at the ends of the curve, the backward one as far off as it was", () => {
  assert.deepEqual(SCENE.edges[0].tip, [160.1, 48.5]);
  assert.deepEqual(SCENE.edges[0].back, [118, 43]);
  assert.equal(SCENE.edges[1].back, null);
});

test("kinds, marks, labels and what can be cut come back", () => {
  const [first, second] = SCENE.edges;
  assert.deepEqual([first.kind, second.kind], ["flow", "cut"]);
  assert.deepEqual([first.mark, second.mark], [null, [1, 2, 3, 4, 5, 6, 7, 8]]);
  assert.deepEqual([first.slot, second.slot], [[115, 40, 66, 17], null]);
  assert.equal(first.at, undefined);
  assert.deepEqual([second.edge_key, second.cut_name], [[3, "detach", 0], "tanh → detach"]);
});

test("steps in a row come back one by one", () => {
  assert.deepEqual(SCENE.steps, [
    ["given", -1],
    ["forward", 1],
    ["forward", 2],
    ["backward", 1],
    ["backward", 0],
    ["backward", 2, 4],
  ]);
});

test("an edge that stands for several says how many", () => {
  assert.deepEqual(SCENE.edges[0].bundle, { count: 16, key: "x=>tanh" });
  assert.equal(SCENE.edges[1].bundle, undefined);
});

test("a step of a folded loop has its round", () => {
  assert.deepEqual(SCENE.steps.at(-1), ["backward", 2, 4]);
  assert.deepEqual(SCENE.steps.at(-2), ["backward", 0]);
});
