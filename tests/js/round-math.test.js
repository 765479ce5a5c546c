import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenRound, knownRounds, moveRound } from "../../src/seeing_gradients/widgets/explore/page/round-math.js";

const NINE = { count: 9, default: 4 };

test("the middle round is shown until another one is chosen", () => {
  assert.equal(chosenRound(NINE, undefined), 4);
  assert.equal(chosenRound(NINE, 2), 2);
  assert.equal(chosenRound({ count: 2, default: -1 }, 1), -1);
});

test("a round that the loop no longer has is the last one before the end", () => {
  assert.equal(chosenRound({ count: 5, default: 2 }, 7), 3);
});

test("the round of the current step is shown unless it is the first or the last, which are always there", () => {
  assert.equal(chosenRound(NINE, 2, 6), 6);
  assert.equal(chosenRound(NINE, 2, 0), 2);
  assert.equal(chosenRound(NINE, 2, 8), 2);
});

test("choosing stops beside the first and the last round", () => {
  assert.equal(moveRound(NINE, 4, 1), 5);
  assert.equal(moveRound(NINE, 1, -1), 1);
  assert.equal(moveRound(NINE, 4, Number.POSITIVE_INFINITY), 7);
  assert.equal(moveRound(NINE, 4, Number.NEGATIVE_INFINITY), 1);
});

test("values are known from the first round on, gradients from the last", () => {
  const forward = [0, 1, 2].map((round) => ["forward", 1, round]);
  const backward = [2, 1, 0].map((round) => ["backward", 1, round]);
  const steps = [["inputs", -1], ...forward, ["forward", 2], ["backward", 2], ...backward];
  const at = (step) => knownRounds(steps, step, 1, 3);
  assert.deepEqual(at(0), { computed: 0, waiting: 3, now: -1 });
  assert.deepEqual(at(2), { computed: 2, waiting: 3, now: 1 });
  assert.deepEqual(at(5), { computed: 3, waiting: 3, now: -1 });
  assert.deepEqual(at(6), { computed: 3, waiting: 2, now: 2 });
  assert.deepEqual(at(8), { computed: 3, waiting: 0, now: 0 });
  assert.deepEqual(at(9), { computed: 3, waiting: 0, now: -1 });
});
