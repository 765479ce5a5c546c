// The inputs and steps that a nudge offers, and where its products stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  nextElement,
  nudgeableLabels,
  productPosition,
  stepsWith,
} from "../../src/seeing_gradients/widgets/explore/page/nudge.js";

const CONTROLS = [
  { name: "w", kind: "number", nudges: ["w"] },
  { name: "n", kind: "integer", nudges: [] },
  { name: "x", kind: "vector", nudges: ["x[0]", "x[1]", "x"] },
  { name: "batch", kind: "fixed", nudges: ["batch"] },
];

test("inputs with a gradient can be nudged, v and what has none cannot", () => {
  assert.deepEqual(nudgeableLabels(CONTROLS), ["w", "x[0]", "x[1]", "x", "batch"]);
});

test("a click on a leaf nudges it, another click its next element", () => {
  assert.equal(nextElement(CONTROLS, "x", "w"), "x[0]");
  assert.equal(nextElement(CONTROLS, "x", "x[0]"), "x[1]");
  assert.equal(nextElement(CONTROLS, "x", "x[1]"), "x");
  assert.equal(nextElement(CONTROLS, "x", "x"), "x[0]");
  assert.equal(nextElement(CONTROLS, "w", "w"), "w");
  assert.equal(nextElement(CONTROLS, "n", "w"), null);
  assert.equal(nextElement(CONTROLS, "a parameter", "w"), null);
});

test("a step that Python chose is among those of the slider, in order", () => {
  const steps = stepsWith(0.03);
  assert.equal(steps[steps.indexOf(0.03) - 1], 0.02);
  assert.equal(steps[steps.indexOf(0.03) + 1], 0.05);
  assert.equal(stepsWith(0.01).filter((step) => step === 0.01).length, 1);
});

test("a product stands in place of the caption below its node", () => {
  const above = ["caption", 95, -6, 10.5, "middle", "layers.0"];
  const below = ["caption", 95, 74, 9.5, "middle", "3 ops"];
  assert.deepEqual(productPosition({ w: 190, h: 62, marks: [above, below] }), [95, 75, 11, "middle"]);
  assert.deepEqual(productPosition({ w: 190, h: 62, marks: [above] }), [95, 73.5, 11, "middle"]);
});

test("in a bar a product stands in place of its caption", () => {
  const caption = ["caption", 160, 17.5, 11, "start", "layer1"];
  assert.deepEqual(productPosition({ w: 648, h: 26, marks: [caption] }), [160, 18.5, 11, "start"]);
});
