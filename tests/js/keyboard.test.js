import assert from "node:assert/strict";
import { test } from "node:test";
import { nextFocus } from "../../src/seeing_gradients/widgets/explore/page/keyboard.js";

const COUNT = 5;

test("arrow keys move the focus by one node and stop at the ends", () => {
  const afterEach = (key) => [-1, 0, 2, COUNT - 1].map((active) => nextFocus(key, active, COUNT));
  for (const key of ["ArrowRight", "ArrowDown"]) assert.deepEqual(afterEach(key), [0, 1, 3, 4]);
  for (const key of ["ArrowLeft", "ArrowUp"]) assert.deepEqual(afterEach(key), [0, 0, 1, 3]);
});

test("Home and End move the focus to the first and the last node", () => {
  assert.deepEqual([nextFocus("Home", 3, COUNT), nextFocus("End", 1, COUNT)], [0, COUNT - 1]);
});

test("other keys leave the focus where it is", () => {
  for (const key of ["Enter", " ", "Escape", "a", "+"]) assert.equal(nextFocus(key, 2, COUNT), null);
});
