// What the browser remembers: "more" of a function, and that a slider was moved.

import assert from "node:assert/strict";
import test from "node:test";
import {
  hasMovedSlider,
  rememberMore,
  rememberMove,
  wasMoreOpen,
} from "../../src/seeing_gradients/widgets/explore/page/memory.js";

/** A storage of the browser, in memory. */
function storage(texts = {}) {
  const map = new Map(Object.entries(texts));
  return { getItem: (key) => map.get(key) ?? null, setItem: (key, text) => map.set(key, text) };
}

test("more is remembered for each function by itself, until it is closed", () => {
  const local = storage();
  rememberMore("f", true, local);
  rememberMore("g", true, local);
  rememberMore("f", false, local);
  assert.deepEqual(
    ["f", "g", "h"].map((name) => wasMoreOpen(name, local)),
    [false, true, false],
  );
});

test("of many functions the newest hundred are remembered", () => {
  const local = storage();
  for (let i = 0; i < 101; i += 1) rememberMore(`f${i}`, true, local);
  assert.deepEqual(
    [wasMoreOpen("f0", local), wasMoreOpen("f1", local), wasMoreOpen("f100", local)],
    [false, true, true],
  );
});

test("what another program wrote there does no harm", () => {
  for (const text of ["no JSON", "3", '{"a": 1}', "[1, null]"]) {
    const local = storage({ "seeing-gradients.more": text });
    assert.equal(wasMoreOpen("f", local), false);
    rememberMore("f", true, local);
    assert.equal(wasMoreOpen("f", local), true);
  }
});

test("a storage that is full or missing only forgets", () => {
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  rememberMore("f", true, full);
  rememberMore("f", true, null);
  rememberMove(full);
  assert.deepEqual([wasMoreOpen("f", full), wasMoreOpen("f", null), hasMovedSlider(null)], [false, false, false]);
});

test("a moved slider is remembered", () => {
  const session = storage();
  assert.equal(hasMovedSlider(session), false);
  rememberMove(session);
  assert.equal(hasMovedSlider(session), true);
});
