import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clampScale,
  cornerOf,
  scaleAround,
  wheelFactor,
  wholeScale,
} from "../../src/seeing_gradients/widgets/explore/page/zoom-math.js";

test("a scale stays between a twentieth and three", () => {
  assert.deepEqual([0.001, 0.05, 1, 3, 99].map(clampScale), [0.05, 0.05, 1, 3, 3]);
});

test("the whole graph fits across and up, and is never enlarged", () => {
  assert.equal(wholeScale({ width: 2000, height: 400 }, { width: 1000, height: 640 }), 0.5);
  assert.equal(wholeScale({ width: 500, height: 6400 }, { width: 1000, height: 640 }), 0.1);
  assert.equal(wholeScale({ width: 100, height: 100 }, { width: 1000, height: 640 }), 1);
  assert.equal(wholeScale({ width: 1e6, height: 100 }, { width: 1000, height: 640 }), 0.05);
});

test("a turn of the wheel and the same turn back leave the scale as it was", () => {
  const [out, back] = [30, -30].map((deltaY) => wheelFactor({ deltaY, deltaMode: 0 }));
  assert.ok(out < 1 && back > 1 && Math.abs(out * back - 1) < 1e-12);
});

test("one event of a wheel scales by so much and no more, in px or in lines", () => {
  const most = Math.exp(-0.36);
  assert.equal(wheelFactor({ deltaY: 1e4, deltaMode: 0 }), most);
  assert.equal(wheelFactor({ deltaY: 100, deltaMode: 1 }), most);
  assert.equal(wheelFactor({ deltaY: 1, deltaMode: 1 }), wheelFactor({ deltaY: 16, deltaMode: 0 }));
});

const GRAPH = { width: 2000, height: 1000 };
const BOX = { width: 800, height: 400 };

/** The point of the graph that is seen at a point of the box. */
function seenAt(position, { x, y }) {
  const [left, top] = cornerOf(position, GRAPH, BOX);
  return [(x - left) / position.scale, (y - top) / position.scale];
}

test("what is below the pointer stays there", () => {
  const [before, point] = [
    { scale: 1, left: 300, top: 200 },
    { x: 120, y: 90 },
  ];
  const after = scaleAround(before, 1.25, point, GRAPH, BOX);
  assert.deepEqual(after, { scale: 1.25, left: 405, top: 272.5 });
  assert.deepEqual(seenAt(after, point), seenAt(before, point));
});

test("a picture that becomes wider than its box grows from its middle, and one that becomes narrower returns there", () => {
  const [small, middle] = [
    { scale: 0.2, left: 0, top: 0 },
    { x: 400, y: 0 },
  ];
  assert.deepEqual(cornerOf(small, GRAPH, BOX), [200, -0]);
  const large = scaleAround(small, 0.8, middle, GRAPH, BOX);
  assert.deepEqual(large, { scale: 0.8, left: 400, top: 0 });
  assert.deepEqual(seenAt(large, middle), seenAt(small, middle));
  assert.deepEqual(scaleAround(large, 0.2, { x: 10, y: 10 }, GRAPH, BOX), { scale: 0.2, left: 0, top: 0 });
});

test("nothing is scrolled beyond the end of the graph", () => {
  const end = { scale: 1, left: 1200, top: 600 };
  const after = scaleAround(end, 0.5, { x: 0, y: 0 }, GRAPH, BOX);
  assert.deepEqual(after, { scale: 0.5, left: 200, top: 100 });
});
