// Where the plot stands, by the width of the page and the size of the graph.

import assert from "node:assert/strict";
import test from "node:test";
import { MIN_WIDE, plotPlace } from "../../src/seeing_gradients/widgets/explore/page/layout.js";

test("in a narrow page the plot stands below the sliders", () => {
  assert.equal(plotPlace(MIN_WIDE - 1, { width: 300, height: 400 }), "below");
});

test("beside a graph that is high and narrow", () => {
  assert.equal(plotPlace(930, { width: 500, height: 400 }), "graph");
});

test("beside the sliders if the graph is low, or could not be read in half a page", () => {
  assert.equal(plotPlace(930, { width: 500, height: 120 }), "controls");
  assert.equal(plotPlace(930, { width: 1500, height: 400 }), "controls");
});
