import assert from "node:assert/strict";
import { test } from "node:test";
import { notchOfValue, valueOfNotch } from "../../src/seeing_gradients/widgets/watch/choices.js";
import {
  fill,
  filmIndices,
  indexOfPosition,
  nearestIndex,
  positionOfIndex,
} from "../../src/seeing_gradients/widgets/watch/timeline.js";

test("the nearest snapshot is the earlier one of two that are equally near", () => {
  const steps = [0, 1, 2, 10, 20];
  assert.deepEqual(
    [-5, 0, 5, 6, 7, 15, 99].map((step) => nearestIndex(steps, step)),
    [0, 0, 2, 2, 3, 3, 4],
  );
  assert.equal(nearestIndex([], 3), 0);
});

test("position -1 follows the last snapshot, and the last index is position -1", () => {
  assert.equal(indexOfPosition(-1, 5), 4);
  assert.equal(indexOfPosition(9, 5), 4);
  assert.equal(indexOfPosition(-1, 0), 0);
  for (let i = 0; i < 5; i += 1) assert.equal(indexOfPosition(positionOfIndex(i, 5), 5), i);
  assert.equal(positionOfIndex(4, 5), -1);
});

test("a film goes on to the last snapshot, in fewer frames where less motion is wanted", () => {
  assert.deepEqual(filmIndices(2, 6, false), [2, 3, 4, 5]);
  const [full, calm] = [filmIndices(0, 200, false), filmIndices(0, 200, true)];
  for (const film of [full, calm]) {
    assert.deepEqual([film[0], film.at(-1)], [0, 199]);
    assert.deepEqual(
      film,
      film.toSorted((a, b) => a - b),
    );
  }
  assert.ok(full.length <= 91 && calm.length <= 13 && calm.length > 5);
});

test("a field without a value stays, and an empty one leaves no space at the ends", () => {
  assert.equal(fill("step {step} of {total}", { step: 0, total: 9 }), "step 0 of 9");
  assert.equal(fill("{name} {other}", { name: "" }), "{other}");
});

test("a notch and its value belong together, at both ends exactly", () => {
  const log = { name: "lr", kind: "number", low: 0.001, high: 10, log: true, options: [] };
  const linear = { ...log, low: -1, high: 2, log: false };
  for (const control of [log, linear]) {
    assert.equal(valueOfNotch(control, 0), control.low);
    assert.equal(valueOfNotch(control, 60), control.high);
    for (let notch = 0; notch <= 60; notch += 1)
      assert.equal(notchOfValue(control, valueOfNotch(control, notch)), notch);
  }
});
