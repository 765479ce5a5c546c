import assert from "node:assert/strict";
import { test } from "node:test";
import {
  gradientShapeText,
  isCrowded,
  previewBars,
  previewPosition,
  shapePosition,
  shapeText,
} from "../../src/seeing_gradients/widgets/explore/page/preview-geometry.js";

const OPERATION = { kind: "op", w: 198, h: 46 };
const LEAF = { kind: "leaf", w: 172, h: 58 };

test("beside its preview a tensor's text is its shape", () => {
  assert.equal(shapeText("→ (2, 3) 1 2 .."), "→ (2, 3)");
  assert.equal(shapeText("← (3,) 0.5 1 2"), "← (3,)");
  assert.equal(shapeText("→ 3.5"), null);
});

test("text and preview share the room of the node", () => {
  // an operation: 198 - 46 - 18 = 134 px around x, of which the text takes 7 * 6 + 6 = 48
  assert.deepEqual(previewPosition(OPERATION, "→ (3,)", [100, 20, 12.5, "middle"]), {
    textLeft: 33,
    left: 81,
    width: 86,
  });
  assert.deepEqual(previewPosition(LEAF, "→ (3,)", [100, 20, 12.5, "middle"]), { textLeft: 24, left: 72, width: 104 });
});

test("in a bar text and preview begin at the column of the number", () => {
  const bar = { kind: "module", w: 300, h: 36, grad: [150, 30, 12.5, "start"] };
  assert.deepEqual(previewPosition(bar, "→ (3,)", [150, 15, 12.5, "start"]), { textLeft: 150, left: 198, width: 92 });
  const line = { kind: "module", w: 648, h: 26, grad: [486, 17, 12.5, "start"] };
  assert.deepEqual(previewPosition(line, "→ (3,)", [314, 17, 12.5, "start"]), { textLeft: 314, left: 362, width: 114 });
});

test("a gradient has the shape of its value", () => {
  assert.equal(gradientShapeText("← -1 .. 2", "→ (2, 3) 1 .. 2"), "← (2, 3)");
  assert.equal(gradientShapeText("← -1 .. 2", "Δ (2, 3)"), "← (2, 3)"); // in a nudge
  assert.equal(gradientShapeText("← -1", "→ 3.5"), null);
});

test("a preview without room is left out", () => {
  assert.equal(previewPosition({ ...LEAF, w: 90 }, "→ (3, 1)", [45, 20, 12.5, "middle"]), null);
});

test("bars go up and down from the middle by their part of the largest, seven px for the largest", () => {
  // 2 bars in 20 px: 10 px a bar, 8 px wide
  assert.equal(previewBars({ rows: 1, bars: [1, -0.5] }, 5, 30, 20), "M5 30h8v-7h-8zM15 30h8v3.5h-8z");
});

test("zero is still seen, nan and infinity fill the height", () => {
  assert.equal(previewBars({ rows: 1, bars: [0, null] }, 0, 30, 20), "M0 30h8v-0.5h-8zM10 23h8v14h-8z");
});

test("between the rows of a matrix there is a gap", () => {
  const starts = [...previewBars({ rows: 2, bars: [1, 1, 1, 1] }, 0, 0, 47).matchAll(/M([\d.]+)/g)];
  assert.deepEqual(
    starts.map(([, x]) => Number(x)),
    [0, 10, 27, 37],
  ); // bars of 10 px, and 7 px between the rows
});

test("bars are never wider than twelve px", () => {
  assert.equal(previewBars({ rows: 1, bars: [1] }, 0, 0, 100), "M0 0h9.6v-7h-9.6z");
});

test("a label just above or below another crowds it, one farther away or beside it does not", () => {
  const slot = [100, 100, 60, 17];
  assert.ok(isCrowded([slot, [120, 80, 60, 17]], slot, -1));
  assert.ok(!isCrowded([slot, [120, 80, 60, 17]], slot, 1));
  assert.ok(isCrowded([slot, [120, 120, 60, 17]], slot, 1));
  assert.ok(!isCrowded([slot, [100, 60, 60, 17]], slot, -1));
  assert.ok(!isCrowded([slot, [170, 80, 60, 17]], slot, -1));
  assert.ok(!isCrowded([slot, null], slot, -1));
});

test("a shape stands above its edge's label, below it under another label, nowhere between two", () => {
  const edge = { slot: [100, 100, 60, 17] };
  const [above, below] = [
    [100, 80, 60, 17],
    [100, 120, 60, 17],
  ];
  const middle = () => assert.fail("an edge with a label needs no middle");
  assert.deepEqual(shapePosition(edge, [edge.slot], middle), [100, 90]);
  assert.deepEqual(shapePosition(edge, [edge.slot, above], middle), [100, 118]);
  assert.equal(shapePosition(edge, [edge.slot, above, below], middle), null);
});

test("the shape of an edge without a label stands above its middle", () => {
  const edge = { slot: null };
  assert.deepEqual(
    shapePosition(edge, [], () => [7, 50]),
    [7, 40],
  );
});
