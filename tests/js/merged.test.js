import assert from "node:assert/strict";
import { test } from "node:test";
import { boundsOf } from "../../src/seeing_gradients/widgets/explore/page/geometry.js";
import { mergePaths } from "../../src/seeing_gradients/widgets/explore/page/merged.js";

function edgeAt(dst, y, rest = {}) {
  return {
    src: 0,
    dst,
    kind: "flow",
    pieces: [[0, y, 100, y]],
    tip: [100, y],
    back: null,
    mark: null,
    slot: null,
    ...rest,
  };
}

const NODE = { kind: "op", x: 10, y: 20, w: 30, h: 40, root: false, grad: null };
const TIMES = { value: [0, 1, 2], grad: [0, 4, 3], computed: 3 };
const WINDOW = [20.2, 0, 60, 200];

/** The paths of these edges and outlines, as an object. */
function merge(edges, { step = 9, isEdgeDrawn = () => false, nodes = [] } = {}) {
  const scene = { edges, nodes, arrow_heads: ["l-7 -4v8Z", "l7 -4v8Z"] };
  const bounds = edges.map(({ pieces }) => boundsOf(pieces));
  const outlinedNodes = [...nodes.keys()];
  const groups = mergePaths(scene, bounds, WINDOW, { step, times: TIMES }, { isEdgeDrawn, outlinedNodes });
  const filled = [...groups].map(([name, paths]) => [
    name,
    Object.fromEntries(Object.entries(paths).flatMap(([kind, data]) => (data.size ? [[kind, [...data]]] : []))),
  ]);
  return Object.fromEntries(filled);
}

test("level lines are cut to the window, and those that become the same are drawn once", () => {
  const edges = [edgeAt(1, 5), edgeAt(1, 5, { pieces: [[-50, 5, 300, 5]] })];
  assert.deepEqual(merge(edges), { "sg-edge sg-flow": { "sg-line": ["M20 5L60 5"] } });
});

test("what is drawn itself, or out of sight, is left out", () => {
  assert.deepEqual(merge([edgeAt(1, 5)], { isEdgeDrawn: () => true }), {});
  assert.deepEqual(merge([edgeAt(1, 500)]), {});
});

test("edges of each kind and of each state of the steps are a group", () => {
  const edges = [edgeAt(1, 5), edgeAt(2, 5), edgeAt(1, 9, { kind: "cut" })];
  const names = Object.keys(merge(edges, { step: 1 }));
  assert.deepEqual(names, [
    "sg-edge sg-flow sg-grad-later",
    "sg-edge sg-flow sg-later sg-grad-later",
    "sg-edge sg-cut sg-grad-later",
  ]);
});

test("arrow heads are drawn where they are in sight", () => {
  const edges = [edgeAt(1, 5, { tip: [50, 5], back: [30, 5] }), edgeAt(1, 7, { tip: [90, 7], back: [0, 7] })];
  assert.deepEqual(merge(edges)["sg-edge sg-flow"], {
    "sg-line": ["M20 5L60 5", "M20 7L60 7"],
    "sg-tip": ["M50 5l-7 -4v8Z"],
    "sg-back": ["M30 5l7 -4v8Z"],
  });
});

test("nodes too small to be read are outlines, told apart by what they are", () => {
  const output = { ...NODE, root: true, grad: [1, 2, 3, "middle"] };
  const nodes = [NODE, output];
  assert.deepEqual(merge([], { nodes }), {
    "sg-merged-node sg-op": { "sg-outline": ["M10 20h30v40h-30z"] },
    "sg-merged-node sg-op sg-output-node sg-has-grad": { "sg-outline": ["M10 20h30v40h-30z"] },
  });
});
