import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrowHead,
  boundsOf,
  boxOf,
  clearOfNodes,
  clipToWindow,
  contains,
  fittingWidth,
  labelPosition,
  middleOf,
  obstacles,
  overlaps,
  pathOf,
  separated,
  serves,
  strokes,
  windowAround,
} from "../../src/seeing_gradients/widgets/explore/page/geometry.js";

const LINE = [0, 0, 10, 0];
const CURVE = [10, 0, 15, 0, 15, 5, 20, 5];

test("pieces that go on where the last one ended are one path", () => {
  assert.equal(pathOf([LINE, CURVE]), "M0 0L10 0C15 0 15 5 20 5");
});

test("a piece that begins elsewhere is moved to", () => {
  assert.equal(pathOf([LINE, [11, 0, 20, 0]]), "M0 0L10 0M11 0L20 0");
  assert.equal(pathOf([]), "");
});

test("an arrow head is drawn from its point", () => {
  assert.equal(arrowHead([5, 6.5], "l-7 -4v8Z"), "M5 6.5l-7 -4v8Z");
});

test("a mark is two strokes", () => {
  assert.equal(strokes([1, 2, 3, 4, 5, 6, 7, 8]), "M1 2L3 4M5 6L7 8");
});

test("a graph shrinks to four fifths of its natural width before its box scrolls", () => {
  assert.equal(fittingWidth(1000), "min(1000px, max(100%, calc((800px - 100%) * 999)))");
});

test("a rectangle is a box of its edges", () => {
  assert.deepEqual(boxOf({ x: 1, y: 2, w: 10, h: 20 }), [1, 2, 11, 22]);
});

test("boxes that only touch overlap, boxes apart do not", () => {
  assert.ok(overlaps([0, 0, 10, 10], [10, 10, 20, 20]));
  assert.ok(overlaps([0, 0, 10, 10], [2, 2, 3, 3]));
  assert.ok(!overlaps([0, 0, 10, 10], [10.1, 0, 20, 10]));
  assert.ok(!overlaps([0, 0, 10, 10], [0, 11, 10, 12]));
});

test("a box contains itself and what is inside, not what looks out", () => {
  assert.ok(contains([0, 0, 10, 10], [0, 0, 10, 10]));
  assert.ok(contains([0, 0, 10, 10], [1, 1, 9, 9]));
  assert.ok(!contains([0, 0, 10, 10], [1, 1, 9, 10.5]));
});

test("the bounds of a curve hold all of its points", () => {
  assert.deepEqual(boundsOf([LINE, CURVE]), [0, 0, 20, 5]);
  assert.deepEqual(boundsOf([[-3, 7]]), [-3, 7, -3, 7]);
});

test("what is drawn is twice as wide and high as what is in sight", () => {
  assert.deepEqual(windowAround([100, 100, 200, 160]), [50, 70, 250, 190]);
});

test("a window serves as long as it holds what is in sight and is not much larger", () => {
  const window = windowAround([100, 100, 200, 160]);
  assert.ok(serves(window, [100, 100, 200, 160]));
  assert.ok(serves(window, [60, 80, 160, 140]));
  assert.ok(!serves(window, [40, 80, 140, 140])); // has left it
  assert.ok(!serves(window, [150, 110, 170, 122])); // zoomed in ten times
  assert.ok(!serves(null, [0, 0, 1, 1]));
});

test("only a level line is cut to the window, to whole px", () => {
  assert.deepEqual(clipToWindow([0, 5, 1000, 5], [100.4, 0, 199.6, 10]), [100, 5, 200, 5]);
  assert.deepEqual(clipToWindow([0, 5, 1000, 6], [100, 0, 200, 10]), [0, 5, 1000, 6]);
  assert.deepEqual(clipToWindow(CURVE, [12, 0, 13, 10]), CURVE);
});

test("the middle of an edge is that of its last curve, or of a line that is longer", () => {
  assert.deepEqual(
    middleOf([
      [0, 0, 10, 0],
      [10, 0, 20, 0, 20, 40, 30, 40],
      [30, 40, 32, 40],
    ]),
    [20, 20],
  );
  assert.deepEqual(middleOf([[0, 0, 40, 0]]), [20, 0]);
});

test("a label stands above a level edge, on a steep one, and beside one that runs down", () => {
  const level = [[0, 100, 40, 100]];
  const steep = [[0, 0, 20, 0, 20, 80, 40, 80]];
  assert.deepEqual(labelPosition(level, 60, "right"), [20, 75]);
  assert.deepEqual(labelPosition(steep, 60, "right"), [20, 40]);
  assert.deepEqual(labelPosition([[50, 0, 50, 40]], 60, "down"), [88, 20]);
});

test("labels that would cover each other move apart, others stay", () => {
  const slots = [
    [0, 10, 40, 17],
    [10, 12, 40, 17],
    [200, 11, 40, 17],
  ];
  assert.deepEqual(separated(slots), [
    [0, 10, 40, 17],
    [10, 29, 40, 17],
    [200, 11, 40, 17],
  ]);
});

test("a label leaves the nodes that it would cover, by as little as possible, but never for far away", () => {
  const nodes = [
    { x: 0, y: 0, w: 100, h: 72 },
    { x: 120, y: 0, w: 100, h: 72 },
  ];
  assert.deepEqual(clearOfNodes([110, 11, 60, 17], nodes), [110, -8.5, 60, 17]);
  assert.deepEqual(clearOfNodes([110, 60, 60, 17], nodes), [110, 80.5, 60, 17]);
  assert.deepEqual(clearOfNodes([110, 11, 18, 17], nodes), [110, 11, 18, 17]);
  assert.deepEqual(clearOfNodes([110, 100, 60, 17], [{ x: 0, y: 0, w: 220, h: 200 }]), [110, 100, 60, 17]);
  const broken = obstacles({ nodes, connectors: [{ x: 400, y: 50, r: 9 }] });
  assert.deepEqual(clearOfNodes([410, 52, 40, 11], broken), [410, 64.5, 40, 11]);
});
