// What the plot and the Jacobian stand beside, by the width of the page and the size of the graph.

import assert from "node:assert/strict";
import test from "node:test";
import { columnsFor, MIN_WIDE } from "../../src/seeing_gradients/widgets/explore/page/layout.js";

const PLOT = { plot: true, jacobian: false, rows: 2 };

test("a narrow page has one column", () => {
  assert.equal(columnsFor(MIN_WIDE - 1, { width: 300, height: 400 }, { plot: true, jacobian: true, rows: 2 }), "none");
});

test("so has a wide page without plot and Jacobian", () => {
  assert.equal(columnsFor(930, { width: 500, height: 400 }, { plot: false, jacobian: false, rows: 2 }), "none");
});

test("the plot stands beside a graph that is high and narrow", () => {
  assert.equal(columnsFor(930, { width: 500, height: 400 }, PLOT), "graph");
});

test("it stands beside the sliders if the graph is low, or very wide", () => {
  assert.equal(columnsFor(930, { width: 500, height: 120 }, PLOT), "controls");
  assert.equal(columnsFor(930, { width: 1900, height: 100 }, PLOT), "controls");
});

test("the Jacobian stands beside the sliders, and makes room for a plot", () => {
  assert.equal(columnsFor(930, { width: 800, height: 400 }, { plot: false, jacobian: true, rows: 2 }), "jacobian");
  assert.notEqual(columnsFor(930, { width: 800, height: 400 }, { plot: true, jacobian: true, rows: 2 }), "jacobian");
});

test("a graph that would be laid out for less width is as high as its room says", () => {
  assert.equal(columnsFor(890, { width: 881, height: 419 }, { ...PLOT, rows: 3 }), "graph");
});
