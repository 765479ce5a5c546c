import assert from "node:assert/strict";
import { test } from "node:test";
import {
  barLength,
  clamp,
  compactPosition,
  formatPosition,
  roundTo,
  roundToTenth,
  shortest,
  snapToStep,
  valuesAround,
} from "../../src/seeing_gradients/widgets/page/numbers.js";

test("a number is rounded to significant digits, not to decimals", () => {
  assert.equal(roundTo(0.0123456), 0.0123);
  assert.equal(roundTo(123456, 2), 120000);
  assert.equal(roundTo(-0.0999, 1), -0.1);
});

test("a number is written as short as its digits allow", () => {
  assert.equal(shortest(0.1 + 0.2), "0.3");
  assert.equal(shortest(1 / 3, 3), "0.333");
  assert.equal(shortest(1e21), "1e+21");
  assert.equal(shortest(-0), "0");
});

test("tenths are rounded as the kernel rounds coordinates that are no ties", () => {
  assert.equal(roundToTenth(12.34), 12.3);
  assert.equal(roundToTenth(-12.36), -12.4);
});

test("a number outside a range becomes the nearer end", () => {
  assert.deepEqual(
    [-1, 0, 0.5, 1, 7].map((x) => clamp(x, 0, 1)),
    [0, 0, 0.5, 1, 1],
  );
});

test("a start snaps to a multiple of the step, without the digits that floating point leaves", () => {
  const axis = { low: -3, high: 4, step: 0.1 };
  assert.equal(snapToStep(0.31, axis), 0.3); // 3 * 0.1 is 0.30000000000000004
  assert.equal(snapToStep(9, axis), 4);
  assert.equal(snapToStep(-9, axis), -3);
});

test("a position has as many digits as tell it from the next step", () => {
  assert.equal(formatPosition(1000000.5, { kind: "number", step: 0.5 }), "1000000.5");
  assert.equal(formatPosition(0.1 + 0.2, { kind: "number", step: 0.1 }), "0.3");
  assert.equal(formatPosition(0, { kind: "number", step: 0.01 }), "0");
});

test("a long position is written as a power of ten where that is shorter", () => {
  assert.equal(formatPosition(5e11, { kind: "number", step: 1e9 }), "5e11");
  assert.equal(formatPosition(1e-9, { kind: "number", step: 1e-11 }), "1e-9");
});

test("an integer is written as it is", () => {
  assert.equal(formatPosition(123456789012, { kind: "integer", step: 1 }), "123456789012");
});

/** As a slider of the browser does: to the nearest step, within the range. */
const snap = (x) => clamp(Math.round(x), 0, 10);

test("the values around a position come nearest first, the higher one before the lower one", () => {
  assert.deepEqual(valuesAround(5, { low: 0, step: 1 }, snap, 2), [6, 4, 7, 3]);
});

test("values beyond the ends of a slider are left out", () => {
  assert.deepEqual(valuesAround(9, { low: 0, step: 1 }, snap, 3), [10, 8, 7, 6]);
  assert.deepEqual(valuesAround(0, { low: 0, step: 1 }, snap, 2), [1, 2]);
});

test("around a position between two steps the values are those of the slider", () => {
  assert.deepEqual(valuesAround(4.4, { low: 0, step: 1 }, snap, 1), [5, 3]);
});

test("the bar behind a number is as long as its share of the largest one, full for nan and infinity", () => {
  assert.deepEqual([0, 0.5, -1, null, undefined].map(barLength), ["0%", "23%", "45%", "45%", "45%"]);
});

test("the ends of a slider are short", () => {
  const number = { kind: "number", step: 0.1 };
  assert.deepEqual(
    [-600, 0.0001, -1 / 3, 1e12, 123456.75].map((x) => compactPosition(x, number)),
    ["-600", "0.0001", "-0.333", "1e12", "123000"],
  );
  assert.equal(compactPosition(12, { kind: "integer", step: 1 }), "12");
});
