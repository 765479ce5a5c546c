import assert from "node:assert/strict";
import { test } from "node:test";
import { lastForwardStep, savedTensorsAt, stepTimes } from "../../src/seeing_gradients/widgets/explore/page/steps.js";

// x (0) -> square (1) -> sum (2)
const STEPS = [
  ["given", -1],
  ["forward", 1],
  ["forward", 2],
  ["backward", 2],
  ["backward", 1],
  ["backward", 0],
];
const TIMES = stepTimes(3, STEPS);

/** A state whose nodes have saved these tensors. */
function stateOf(part) {
  return { sequence: 1, position: [], call: "f(1)", problem: null, printed: "", fresh: true, ...part };
}

test("values appear in the forward pass, gradients in the backward pass", () => {
  const [value, grad] = [
    [0, 1, 2],
    [5, 4, 3],
  ];
  assert.deepEqual(TIMES, { value, grad, valueBegins: value, gradBegins: grad, computed: 3 });
});

test("the gradient that arrives where backward fails appears in the step that fails", () => {
  const failing = [...STEPS.slice(0, 4), ["failed", 1]];
  assert.deepEqual(stepTimes(3, failing).grad, [0, 4, 3]);
});

test("a node that backward does not reach has no step for its gradient", () => {
  const { value, grad, computed } = stepTimes(2, STEPS.slice(0, 2));
  assert.deepEqual({ value, grad, computed }, { value: [0, 1], grad: [0, 0], computed: 2 });
});

test("a folded loop begins with its first round and is complete after its last", () => {
  const steps = [
    ["inputs", -1],
    ["forward", 1, 0],
    ["forward", 1, 1],
    ["backward", 1, 1],
    ["backward", 1, 0],
  ];
  const times = stepTimes(2, steps);
  assert.deepEqual([times.valueBegins[1], times.value[1]], [1, 2]);
  assert.deepEqual([times.gradBegins[1], times.grad[1]], [3, 4]);
});

test("the last forward step is found, and that there is none", () => {
  assert.equal(lastForwardStep(STEPS), 2);
  assert.equal(lastForwardStep([["given", -1]]), -1);
});

test("a tensor is saved from the step that computes its node, and freed once backward has passed it", () => {
  const state = stateOf({ saved_tensors: [[], [["freed", "x"]], []] });
  const at = (step) => savedTensorsAt(state, 1, step, TIMES);
  assert.deepEqual(at(0), []);
  assert.deepEqual(at(1), [["kept", "x"]]);
  assert.deepEqual(at(3), [["kept", "x"]]);
  assert.deepEqual(at(4), [["freed", "x"]]);
});

test("a tensor of a node without a gradient is never shown as freed", () => {
  const state = stateOf({ saved_tensors: [[["freed", "x"]]] });
  assert.deepEqual(savedTensorsAt(state, 0, 9, { value: [0], grad: [0], computed: 1 }), [["kept", "x"]]);
});

test("a tensor is shown as changed from the step of the node that wrote to it, by its name until then", () => {
  const state = stateOf({
    saved_tensors: [[], [["changed", "x, version 1"]], []],
    inplace_writes: [[], [["x", 2]], []],
  });
  assert.deepEqual(savedTensorsAt(state, 1, 1, TIMES), [["kept", "x"]]);
  assert.deepEqual(savedTensorsAt(state, 1, 2, TIMES), [["changed", "x, version 1"]]);
});

test("a write by no known node shows when all values are computed", () => {
  const state = stateOf({ saved_tensors: [[], [["changed", "x"]], []], inplace_writes: [[], [["x", -1]], []] });
  assert.equal(savedTensorsAt(state, 1, 2, TIMES)[0][0], "kept");
  assert.equal(savedTensorsAt(state, 1, 3, TIMES)[0][0], "changed");
});

test("a state without saved tensors has none to show", () => {
  assert.deepEqual(savedTensorsAt(stateOf({}), 1, 5, TIMES), []);
});
