import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dotsAt,
  isCovered,
  isOutdated,
  isPlaced,
  limited,
  lineThrough,
  pointAt,
  scaledLines,
  tangentPath,
  tickInterval,
} from "../../src/seeing_gradients/widgets/explore/page/plot-geometry.js";

const AXIS = { name: "w", low: 0, high: 10, log: false, scale: [0, 0.1], ticks: [] };
const LOG_AXIS = { ...AXIS, low: 1, high: 100, log: true, scale: [0, 0.5] };
const FRAME = { across: AXIS, up: { ...AXIS, low: -10, scale: [0.5, 0.05] }, width: 200, height: 100 };

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

test("the values of a tangent stand at equal distances across the frame", () => {
  assert.equal(tangentPath(FRAME, [-10, 10]), "M0.00 100.00L200.00 0.00");
  assert.equal(tangentPath(FRAME, [-10, 0, 10]), "M0.00 100.00L100.00 50.00L200.00 0.00");
});

test("on a logarithmic axis a tangent is drawn where its values are positive, and nowhere without a value", () => {
  const frame = { ...FRAME, up: LOG_AXIS };
  assert.equal(tangentPath(frame, [-3, 0, 1, 10, 100]), "M100.00 100.00L150.00 50.00L200.00 0.00");
  assert.equal(tangentPath(FRAME, [null, 0, 10]), "M100.00 50.00L200.00 0.00");
});

test("an arrow is drawn at the size of the plot", () => {
  const arrow = [
    [
      [0, 0],
      [20, 10],
    ],
    [
      [12, 2],
      [20, 10],
      [16, 16],
    ],
  ];
  assert.equal(scaledLines(arrow, 0.5), "M0 0L10 5M6 1L10 5L8 8");
  assert.equal(scaledLines([], 0.5), "");
});

test("a number is covered by the dot and along the arrow, and not without a dot", () => {
  const number = { x: 50, y: 50, half: 10 };
  assert.ok(isCovered(number, [50, 50], [50, 50]));
  assert.ok(isCovered(number, [0, 50], [100, 50]));
  assert.ok(!isCovered(number, [0, 80], [100, 80]));
  assert.ok(!isCovered(number, null, [50, 50]));
  assert.ok(isCovered(number, [50, 34], [50, 34]) && !isCovered(number, [50, 60], [50, 60])); // it stands on its base line
});

test("numbers that would run into each other stand at every second or third tick", () => {
  const ticks = Array.from({ length: 11 }, (_, i) => [i / 10, `${i}.00`]);
  assert.equal(tickInterval(ticks, 600), 1);
  assert.equal(tickInterval(ticks, 300), 2);
  assert.equal(tickInterval(ticks, 200), 3);
});
