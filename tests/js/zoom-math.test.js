import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clampScale,
  scrollAfterScaling,
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

test("the point below the pointer stays where it is", () => {
  const [scroll, point, ratio] = [300, 120, 1.25];
  const before = (scroll + point) / 1;
  const after = (scrollAfterScaling(scroll, point, ratio) + point) / ratio;
  assert.equal(after, before);
});
