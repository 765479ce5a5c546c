import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decadeNotch,
  notchOf,
  shareOf,
  valueAtDecadeNotch,
  valueAtNotch,
  valueAtShare,
} from "../../src/seeing_gradients/widgets/page/scales.js";

const LINEAR = { low: -1, high: 3, scale: [0.25, 0.25] };
const LOGARITHMIC = { low: 0.01, high: 100, log: true, scale: [0.5, 0.25] };

function assertClose(actual, expected) {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

test("the ends of an axis are its shares 0 and 1, the middle of a logarithmic one its geometric mean", () => {
  for (const axis of [LINEAR, LOGARITHMIC]) {
    assertClose(shareOf(axis, axis.low), 0);
    assertClose(shareOf(axis, axis.high), 1);
  }
  assert.equal(shareOf(LINEAR, 1), 0.5);
  assertClose(shareOf(LOGARITHMIC, 1), 0.5);
});

test("a logarithmic axis has no place for zero and below", () => {
  assert.ok(Number.isNaN(shareOf(LOGARITHMIC, 0)) && Number.isNaN(shareOf(LOGARITHMIC, -1)));
});

test("a share and its value are each other's inverse", () => {
  for (const axis of [LINEAR, LOGARITHMIC]) {
    for (const share of [0, 0.25, 0.7, 1, 1.3]) assertClose(shareOf(axis, valueAtShare(axis, share)), share);
  }
});

test("the notches of a logarithmic slider divide its range into equal ratios", () => {
  const range = { low: 0.02 / 25, high: 0.02 * 25 };
  assert.equal(notchOf(range, 0.02, 100), 50);
  assert.equal(notchOf(range, range.low, 100), 0);
  assert.equal(notchOf(range, range.high, 100), 100);
  assertClose(valueAtNotch(range, 50, 100), 0.02);
  for (const notch of [0, 1, 33, 99, 100]) assert.equal(notchOf(range, valueAtNotch(range, notch, 100), 100), notch);
});

test("notches by powers of ten count from 1", () => {
  assert.equal(decadeNotch(1, 10), 0);
  assert.equal(decadeNotch(1e-16, 10), -160);
  assert.equal(decadeNotch(0.5, 10), -3);
  assert.equal(valueAtDecadeNotch(-30, 10), 0.001);
  assertClose(valueAtDecadeNotch(-3, 10), 0.5011872336);
});
