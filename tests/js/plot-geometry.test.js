import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrowPath,
  arrowTip,
  dotsAt,
  isCovered,
  isOutdated,
  isPlaced,
  limited,
  lineThrough,
  pointAt,
  tangentPath,
  tickInterval,
} from "../../src/seeing_gradients/widgets/explore/page/plot-geometry.js";

const AXIS = { name: "w", low: 0, high: 10, log: false, ticks: [] };
const LOG_AXIS = { ...AXIS, low: 1, high: 100, log: true };
const FRAME = { across: AXIS, up: { ...AXIS, low: -10 }, width: 200, height: 100 };

test("samples are outdated once a slider has moved that is not plotted", () => {
  const plot = { position: [1, 2, 3], axes: [{ ...AXIS, slider: 1 }] };
  assert.ok(!isOutdated(plot, [1, 9, 3]));
  assert.ok(isOutdated(plot, [1, 2, 4]));
});

test("the origin of a frame is its lower left corner", () => {
  assert.deepEqual(pointAt(FRAME, 0, -10), [0, 100]);
  assert.deepEqual(pointAt(FRAME, 10, 10), [200, 0]);
  assert.deepEqual(pointAt(FRAME, 5, 0), [100, 50]);
});

test("a negative number has no place on a logarithmic axis", () => {
  assert.ok(!isPlaced(pointAt({ ...FRAME, up: LOG_AXIS }, 5, -1)));
  assert.ok(isPlaced(pointAt({ ...FRAME, up: LOG_AXIS }, 5, 1)));
});

test("a line is broken where a point has no place", () => {
  assert.equal(
    lineThrough([
      [0, 0],
      [1, 1],
      [NaN, 2],
      [3, 3],
    ]),
    "M0.00 0.00L1.00 1.00M3.00 3.00",
  );
});

test("dots are lines of no length, where there is a place", () => {
  assert.equal(
    dotsAt([
      [1, 2],
      [NaN, 0],
      [3.14, 4],
    ]),
    "M1.0 2.0h0M3.1 4.0h0",
  );
});

test("a point far outside is drawn where it can be", () => {
  assert.deepEqual(limited([1e9, -1e9]), [1e6, -1e6]);
  assert.deepEqual(limited([1, 2]), [1, 2]);
});

test("on linear axes a tangent is one straight line across the frame", () => {
  // through (5, 0) with slope 2: from -10 at 0 to 10 at 10
  assert.equal(tangentPath(FRAME, 5, 0, 2), "M0.00 100.00L200.00 0.00");
});

test("on a logarithmic axis a tangent is a curve through its point", () => {
  const frame = { ...FRAME, across: LOG_AXIS };
  const points = [...tangentPath(frame, 10, 3, 0.5).matchAll(/([\d.-]+) ([\d.-]+)/g)].map((m) =>
    m.slice(1).map(Number),
  );
  assert.equal(points.length, 61);
  assert.deepEqual(points[30], [100, 35]); // the middle of the axis is 10; 3 lies at 65 % of the height
});

test("an arrow points uphill and grows with the gradient", () => {
  const tip = arrowTip(FRAME, [100, 50], [5, 0], [1, 0]);
  assert.deepEqual(tip, [100 + 24 + 56 / 11, 50]);
  const steeper = arrowTip(FRAME, [100, 50], [5, 0], [5, 0]);
  assert.ok(steeper && tip && steeper[0] > tip[0]);
  const up = arrowTip(FRAME, [100, 90], [5, -8], [0, 1]);
  assert.ok(up && up[0] === 100 && up[1] < 90);
});

test("an arrow ends at the frame, but is never shorter than its head", () => {
  assert.deepEqual(arrowTip(FRAME, [180, 50], [9, 0], [1000, 0]), [200, 50]);
  assert.deepEqual(arrowTip(FRAME, [199, 50], [9.95, 0], [1000, 0]), [213, 50]);
});

test("no gradient, no arrow", () => {
  for (const slopes of [
    [0, 0],
    [null, null],
    [NaN, 1],
    [Infinity, 1],
  ]) {
    assert.equal(arrowTip(FRAME, [100, 50], [5, 0], slopes), null);
  }
});

test("an arrow has a head of two strokes, symmetric about its shaft", () => {
  assert.equal(arrowPath([0, 0], [20, 0]), "M0 0L20 0M12 -4.8L20 0L12 4.8");
});

test("a number is covered by the dot and along the arrow, and not without a dot", () => {
  const number = { x: 50, y: 50, half: 10 };
  assert.ok(isCovered(number, [50, 50], [50, 50]));
  assert.ok(isCovered(number, [0, 50], [100, 50]));
  assert.ok(!isCovered(number, [0, 80], [100, 80]));
  assert.ok(!isCovered(number, null, [50, 50]));
});

test("numbers that would run into each other stand at every second or third tick", () => {
  const ticks = Array.from({ length: 11 }, (_, i) => [i / 10, `${i}.00`]);
  assert.equal(tickInterval(ticks, 600), 1);
  assert.equal(tickInterval(ticks, 300), 2);
  assert.equal(tickInterval(ticks, 200), 3);
});
