import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cornerPosition,
  freestCorner,
  markedPart,
  minimapMarks,
  minimapSize,
} from "../../src/seeing_gradients/widgets/explore/page/minimap-geometry.js";

const BOX = { width: 1000, height: 600 };

test("a minimap has the form of its graph, but is no thinner than can be hit", () => {
  assert.deepEqual(minimapSize({ width: 1680, height: 560 }, BOX), { width: 168, height: 56 });
  assert.deepEqual(minimapSize({ width: 500, height: 5000 }, BOX), { width: 18, height: 112 });
  assert.deepEqual(minimapSize({ width: 185_000, height: 400 }, BOX), { width: 168, height: 18 });
});

test("it takes a part of a small box, and none of one that is too small", () => {
  assert.deepEqual(minimapSize({ width: 1000, height: 1000 }, { width: 300, height: 100 }), { width: 40, height: 40 });
  assert.equal(minimapSize({ width: 1000, height: 1000 }, { width: 300, height: 40 }), null);
});

test("what is in sight is marked, and nothing beyond the edges of the graph", () => {
  const [graph, size] = [
    { width: 2000, height: 1000 },
    { width: 200, height: 100 },
  ];
  assert.deepEqual(markedPart([500, 200, 1000, 700], graph, size), { x: 50, y: 20, width: 50, height: 50 });
  assert.deepEqual(markedPart([-300, -10, 2600, 1200], graph, size), { x: 0, y: 0, width: 200, height: 100 });
});

test("nodes are marked by kind, at least as large as can be seen, and each place once", () => {
  const node = (x, more) => ({ x, y: 0, w: 1, h: 1, kind: "op", root: false, grad: null, ...more });
  const nodes = [node(0), node(1), node(500, { kind: "leaf", grad: [] }), node(990, { root: true })];
  const frames = [{ boxes: [[0, 0, 1000, 100]] }, { boxes: [] }];
  const marks = minimapMarks({ width: 1000, height: 100, nodes, frames }, { width: 100, height: 10 });
  assert.deepEqual(marks, {
    "sg-mini-frame": "M0 0h100v10h-100z",
    "sg-mini-node": "M0 0h1.5v1.5h-1.5z",
    "sg-mini-leaf": "M50 0h1.5v1.5h-1.5z",
    "sg-mini-output": "M99 0h1.5v1.5h-1.5z",
  });
});

test("it stays where it hides nothing, and else goes where it hides least", () => {
  const [size, atRightBelow, atRightAbove] = [{ width: 100, height: 100 }, [950, 550, 990, 590], [950, 10, 990, 50]];
  assert.equal(freestCorner(2, [atRightBelow, atRightAbove], size, BOX), 2);
  assert.equal(freestCorner(0, [atRightBelow], size, BOX), 1);
  assert.equal(freestCorner(0, [atRightBelow, atRightAbove], size, BOX), 2);
  const everywhere = [atRightBelow, atRightAbove, [10, 10, 50, 50], [20, 10, 60, 50], [10, 550, 50, 590]];
  assert.equal(freestCorner(0, everywhere, size, BOX), 0);
  assert.equal(freestCorner(0, everywhere, size, BOX, atRightBelow), 1); // the output is not hidden
  const corners = [0, 1, 2, 3].map((corner) => cornerPosition(corner, size, BOX));
  assert.deepEqual(corners, [
    [900, 500],
    [900, 0],
    [0, 0],
    [0, 500],
  ]);
});
