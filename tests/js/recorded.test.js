// Recordings without a browser: packed texts, the nearest position, and the model that answers in place of the kernel.

import assert from "node:assert/strict";
import test from "node:test";
import { createModel } from "../../src/seeing_gradients/widgets/recorded/model.js";
import { nearestPosition } from "../../src/seeing_gradients/widgets/recorded/nearest.js";
import { unpack } from "../../src/seeing_gradients/widgets/recorded/packing.js";
import { createPlayer, wholePaths } from "../../src/seeing_gradients/widgets/recorded/players.js";
import {
  createPredictPlayer,
  formatNumber,
  isAmbiguous,
  parseNumber,
} from "../../src/seeing_gradients/widgets/recorded/predict-player.js";

const LINE = [[0], [5], [10]];
const SCALE = [[0, 10, false]];

/** A recording of an explorer with one slider and saved tensors on or off, whose output is the position or its double. */
function recording() {
  const texts = [];
  const text = (value) => texts.push(JSON.stringify(value)) - 1;
  const variant = (settings, factor) => ({
    settings,
    positions: LINE,
    contents: LINE.map(([x]) => [
      text({ scene: 7, output: String(factor * x) }),
      text([["1", "="]]),
      text({ done: true }),
    ]),
  });
  const on = { on: true, retain: false, twice: false };
  const variants = [variant({}, 1), variant({ saved_tensors: on }, 2)];
  const scenes = { 7: text({ key: 7, nodes: [] }), 8: text({ key: 8, nodes: [] }) };
  return {
    kind: "explore",
    traits: { graph_width: 890, sliders: [5], saved_tensors: { on: false, retain: false, twice: false }, cuts: [] },
    settings: ["saved_tensors", "cuts"],
    scales: SCALE,
    names: ["w"],
    variants,
    texts: { templates: texts.map((each) => [each]), columns: texts.map(() => []), texts: texts.map((_, i) => i) },
    scenes,
    narrow: { 7: [700, 8] },
    labels: {},
  };
}

/** @param {object} data */
function play(data) {
  const player = createPlayer(data);
  const reports = [];
  const model = createModel(player.start(), player, (snapped) => reports.push(snapped));
  const events = [];
  for (const name of ["sliders", "state", "check", "scene", "saved_tensors", "cuts"]) {
    model.on(`change:${name}`, () => events.push(name));
  }
  const move = async (name, value) => {
    model.set(name, value);
    model.save_changes();
    await null;
    await null;
  };
  return { model, events, reports, move };
}

test("a text is its template with the numbers of its row", () => {
  const text = unpack({
    templates: [["w = ", 0, ", again ", 0], ["none"]],
    columns: [["1 -2.5"], []],
    texts: [0, 1, 0],
  });
  assert.deepEqual([0, 1, 2].map(text), ["w = 1, again 1", "none", "w = -2.5, again -2.5"]);
});

test("a slider moves to the nearest recorded position", () => {
  assert.equal(nearestPosition(LINE, SCALE, [8], [0], [0]), 2);
  assert.equal(nearestPosition(LINE, SCALE, [3], [10], [10]), 1);
});

test("a key press that reaches no other position goes on to the next one in its direction", () => {
  assert.equal(nearestPosition(LINE, SCALE, [1], [0], [0]), 1);
  assert.equal(nearestPosition(LINE, SCALE, [4], [5], [5]), 0);
  assert.equal(nearestPosition(LINE, SCALE, [11], [10], [10]), 2);
});

test("a drag that is ahead of the pointer does not go back", () => {
  assert.equal(nearestPosition(LINE, SCALE, [2], [5], [1]), 1);
  assert.equal(nearestPosition(LINE, SCALE, [6], [5], [5]), 2);
  assert.equal(nearestPosition(LINE, SCALE, [2], [5], [3]), 0);
});

test("of recorded axes the moved slider's own one is taken, and the others go back", () => {
  const axes = [
    [0, 0],
    [5, 0],
    [0, 5],
  ];
  assert.equal(nearestPosition(axes, [...SCALE, ...SCALE], [5, 4], [5, 0], [5, 0]), 2);
});

test("a logarithmic slider measures distances in powers of ten", () => {
  assert.equal(nearestPosition([[1], [100]], [[1, 100, true]], [12], [1], [1]), 1);
});

test("the model answers with the recorded state and moves the slider to its position", async () => {
  const { model, events, reports, move } = play(recording());
  assert.equal(model.get("state").output, "5");
  assert.equal(model.get("scene").key, 7);
  await move("sliders", [9]);
  assert.deepEqual(model.get("sliders"), [10]);
  assert.deepEqual([model.get("state").output, model.get("state").position], ["10", [10]]);
  assert.equal(model.get("check").sequence, model.get("state").sequence);
  assert.deepEqual(events, ["sliders", "sliders", "state", "check"]);
  await move("sliders", [0]);
  assert.deepEqual(reports, [["w = 10"], []]);
});

test("where the graph does not fit, the page gets the one that was laid out for a telephone", async () => {
  const { model, move } = play(recording());
  await move("graph_width", 699);
  assert.deepEqual([model.get("scene").key, model.get("state").scene], [8, 8]);
  await move("graph_width", 700);
  assert.deepEqual([model.get("scene").key, model.get("state").scene], [7, 7]);
});

test("a choice that was recorded is offered and answered, another one is neither", async () => {
  const { model, move } = play(recording());
  const on = { on: true, retain: false, twice: false };
  assert.equal(model.offers("saved_tensors", on), true);
  assert.equal(model.offers("saved_tensors", { ...on, retain: true }), false);
  assert.equal(model.offers("cuts", [[1, "mul", 0]]), false);
  await move("saved_tensors", on);
  assert.equal(model.get("state").output, "10");
  await move("cuts", [[1, "mul", 0]]);
  assert.deepEqual([model.get("cuts"), model.get("state").output], [[], "10"]);
});

test("a path is recorded once, and earlier steps of it by their length", () => {
  const shown = [
    { marks: [["path", "path", 2]] },
    { marks: [["path", "path", 4]] },
    { marks: [["path", "path", "M0,1L2"]] },
  ];
  assert.deepEqual(wholePaths(shown, 1), [["path", "path", "M0,1"]]);
  assert.deepEqual(wholePaths(shown, 2), [["path", "path", "M0,1L2"]]);
});

test("what a learner types is a number as Python reads it", () => {
  for (const [typed, value] of [
    ["−0.5", -0.5],
    ["1,5", 1.5],
    ["１２", 12],
    ["½", 0.5],
    ["3/4", 0.75],
    ["1e-3", 0.001],
  ]) {
    assert.equal(parseNumber(typed), value);
  }
  for (const typed of ["102,400", "-1,234,567"])
    assert.deepEqual([parseNumber(typed), isAmbiguous(typed)], [null, true]);
  assert.deepEqual([parseNumber("0,125"), isAmbiguous("0,125")], [0.125, false]);
  for (const typed of ["", "w", "1/0", "1/2/3", "inf", "0x10"]) assert.equal(parseNumber(typed), null);
});

test("a number is written as Python's format g writes it", () => {
  const written = [0, -0, 1 / 3, 123456, 1234567, 0.0001, 0.00001, -2.5].map(formatNumber);
  assert.deepEqual(written, ["0", "0", "0.333333", "123456", "1.23457e+06", "0.0001", "1e-05", "-2.5"]);
});

test("a prediction is compared, and the browser remembers it", () => {
  const stored = new Map();
  const storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text) };
  const data = { traits: { card: { id: "02.p1", kind: "number", options: [] } } };
  const sentences = { recorded: "said {answer}", skipped: "skipped", unanswered: "is 3", same: "yes {answer}" };
  const replies = {
    actual: 3,
    actual_text: "3",
    tolerance: 0.1,
    near: "near",
    other: "no",
    why: "since",
    problem: "?",
    ...sentences,
  };
  const player = createPredictPlayer(data, replies, storage);
  const press = (action, answer) => player.answer({ sent: { action, answer } }, {}).state;
  assert.equal(press("record", "x").problem, "?");
  assert.equal(press("record", "3").text, "said 3");
  const again = createPredictPlayer(data, replies, storage);
  assert.equal(again.start().state.text, "said 3");
  assert.deepEqual(press("compare"), { stage: "compared", text: "yes 3", why: "since", problem: "" });
});
