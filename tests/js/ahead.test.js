import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  aimAt,
  cacheSize,
  createAhead,
  currentContent,
  isAhead,
  isAnswered,
  requestAhead,
  storeAnswer,
} from "../../src/seeing_gradients/widgets/explore/page/ahead.js";
import { keyOf, remember } from "../../src/seeing_gradients/widgets/explore/page/cache.js";
import { EMPTY_SCENE } from "../../src/seeing_gradients/widgets/explore/page/packing.js";
import { moveSlider, moveSliders } from "../../src/seeing_gradients/widgets/explore/page/sliders.js";

const SCENE = { ...EMPTY_SCENE, key: 1 };
const OTHER_SCENE = { ...EMPTY_SCENE, key: 2 };

function stateAt(at, rest = {}) {
  return { sequence: 1, position: at, call: "f", problem: null, printed: "", fresh: true, scene: 1, ...rest };
}

const ROWS = [["2", "="]];
let traits = {};
let sent = [];
let saves = 0;
let delayed = new Map(); // actions by name
let view;

beforeEach(() => {
  const check = { sequence: 1, cells: [["1", "="]] };
  traits = { sliders: [0], state: stateAt([0]), check, scene: SCENE };
  sent = [];
  saves = 0;
  delayed = new Map();
  const model = {
    get: (name) => traits[name],
    set: (name, value) => Object.assign(traits, { [name]: value }),
    send: (message) => sent.push(message),
    save_changes: () => {
      saves += 1;
    },
  };
  const timers = { debounce: (name, action) => delayed.set(name, action), cancel: (name) => delayed.delete(name) };
  const shown = { state: stateAt([0]), scene: SCENE, cells: undefined, isChecked: false };
  const stepper = { isStepping: () => false };
  view = { model, timers, shown, stepper, ahead: createAhead(), moves: new Map(), moveCount: 0 };
  Object.assign(view, { lastMove: -Infinity, unconfirmedSince: Infinity });
});

/** The kernel ran position [1] before the slider got there. */
function runAhead(rows = ROWS) {
  const state = stateAt([1], { scene: 2 });
  storeAnswer(view.ahead, { entries: [{ position: [1], state, cells: rows }], scenes: [OTHER_SCENE] });
  return state;
}

test("a cache holds so much and no more; what is used again stays longest", () => {
  const cache = new Map();
  for (const key of ["a", "b", "a", "c"]) remember(cache, key, cache.size, 2);
  assert.deepEqual([...cache.keys()], ["a", "c"]);
});

test("equal positions have equal keys", () => {
  assert.equal(keyOf([1, 2.5]), keyOf([1, 2.5]));
  assert.notEqual(keyOf([1, 2]), keyOf([12]));
});

test("the kernel's answer is shown where it is of this position", () => {
  const { state, scene, cells, isChecked } = currentContent(view);
  assert.deepEqual([state, scene, cells, isChecked], [traits.state, SCENE, [["1", "="]], true]);
  assert.ok(isAnswered(view) && !isAhead(view));
});

test("a check of an earlier state is shown as such", () => {
  traits.check = { sequence: 0, cells: ROWS };
  assert.deepEqual([currentContent(view).cells, currentContent(view).isChecked], [ROWS, false]);
});

test("a position that was run ahead is shown at once, with its own scene and check", () => {
  const state = runAhead();
  traits.sliders = [1];
  assert.ok(isAhead(view) && !isAnswered(view));
  assert.deepEqual(currentContent(view), { state, scene: OTHER_SCENE, cells: ROWS, isChecked: true });
});

test("the kernel's own answer replaces what was run ahead, whose check it keeps until it has one", () => {
  runAhead();
  traits.sliders = [1];
  traits.state = stateAt([1], { sequence: 2 });
  assert.ok(!isAhead(view));
  const { state, cells, isChecked } = currentContent(view);
  assert.deepEqual([state.sequence, cells, isChecked], [2, ROWS, true]);
});

test("what must not be asked again is not shown either", () => {
  storeAnswer(view.ahead, { entries: [{ position: [1], state: null, cells: null }] });
  traits.sliders = [1];
  assert.ok(!isAhead(view) && view.ahead.entries.size === 1);
});

test("no picture goes back: an answer of an earlier position is not shown", () => {
  for (const x of [1, 2, 3]) moveSliders(view, [x]);
  view.shown = { ...view.shown, state: stateAt([2]) };
  traits.state = stateAt([1]);
  assert.equal(currentContent(view), view.shown);
  traits.state = stateAt([3]);
  assert.equal(currentContent(view).state, traits.state);
});

test("positions around the slider are asked for, one question at a time", () => {
  aimAt(view, ([x]) => [[x + 1], [x - 1]]);
  assert.deepEqual(sent, [{ ahead: [[1], [-1]], scenes: [1], captions: false }]);
  requestAhead(view);
  assert.equal(sent.length, 1);
  runAhead();
  requestAhead(view);
  assert.deepEqual(sent[1], { ahead: [[-1]], scenes: [1, 2], captions: false });
});

test("nothing is asked for where nothing is missing, no control is aimed at, or f is left alone", () => {
  requestAhead(view);
  aimAt(view, () => []);
  storeAnswer(view.ahead, { off: true });
  aimAt(view, () => [[1]]);
  assert.deepEqual(sent, []);
});

test("one question has at most 64 positions, and names no scene before there is one", () => {
  traits.scene = {};
  aimAt(view, () => Array.from({ length: 100 }, (_, i) => [i]));
  const [{ ahead, scenes }] = sent;
  assert.deepEqual([ahead.length, scenes], [64, [null]]);
});

test("all is forgotten where the kernel says so", () => {
  runAhead();
  storeAnswer(view.ahead, { forget: true });
  assert.equal(view.ahead.entries.size, 0);
});

test("at most 700 positions are in the cache", () => {
  const entries = Array.from({ length: 800 }, (_, i) => ({ position: [i], state: null, cells: null }));
  storeAnswer(view.ahead, { entries });
  assert.ok(view.ahead.entries.size === 700 && !view.ahead.entries.has("[0]") && view.ahead.entries.has("[799]"));
});

test("a page that begins to show steps asks for what was run ahead once more, with its sentences", () => {
  runAhead();
  view.stepper.isStepping = () => true;
  aimAt(view, () => [[1]]);
  assert.deepEqual(sent, [{ ahead: [[1]], scenes: [1, 2], captions: true }]);
  storeAnswer(view.ahead, { entries: [{ position: [1], state: stateAt([1], { step_captions: [] }), cells: null }] });
  requestAhead(view);
  assert.equal(sent.length, 1);
});

test("a move is sent to the kernel at once, or at rest where what is shown was run ahead", () => {
  moveSlider(view, 0, 5);
  assert.deepEqual([traits.sliders, saves, delayed.size], [[5], 1, 0]);
  runAhead();
  moveSlider(view, 0, 1);
  assert.deepEqual([traits.sliders, saves, delayed.size], [[1], 1, 1]);
  delayed.get("confirm")();
  assert.equal(saves, 2);
});

test("in a long drag through what was run ahead the kernel is told now and then", () => {
  runAhead();
  moveSlider(view, 0, 1);
  assert.equal(saves, 0);
  view.unconfirmedSince -= 2000;
  traits.sliders = [0];
  moveSlider(view, 0, 1);
  assert.deepEqual([saves, delayed.has("confirm"), view.unconfirmedSince], [1, false, Infinity]);
});

test("while a slider moves the page asks for its neighbours alone, and at rest for the others", () => {
  moveSlider(view, 0, 5);
  aimAt(view, ([x]) => Array.from({ length: 60 }, (_, i) => [x + i + 1]));
  assert.equal(sent[0].ahead.length, 24);
  const entries = sent[0].ahead.map((position) => ({ position, state: null, cells: null }));
  storeAnswer(view.ahead, { entries });
  requestAhead(view);
  assert.equal(sent.length, 1);
  view.lastMove -= 1000;
  delayed.get("ahead")();
  assert.equal(sent[1].ahead.length, 36);
});

test("a slider that stays is not sent", () => {
  moveSlider(view, 0, 0);
  assert.equal(saves, 0);
});

test("of a large graph fewer positions are held, and no more are asked for than are held", () => {
  assert.deepEqual([10, 120, 500, 100_000].map(cacheSize), [700, 700, 168, 60]);
  view.shown.scene = { ...SCENE, nodes: { length: 10_000 } };
  const around = Array.from({ length: 200 }, (_, i) => [i + 1]);
  aimAt(view, () => around);
  const values = { length: 10_000 };
  const answer = () => {
    const entries = sent
      .at(-1)
      .ahead.map((position) => ({ position, state: stateAt(position, { values }), cells: null }));
    storeAnswer(view.ahead, { entries });
  };
  answer();
  requestAhead(view);
  assert.deepEqual([sent.length, view.ahead.entries.size], [1, 60]);
});

test("an answer for the scene that the kernel had before is shown with that scene", () => {
  currentContent(view);
  traits.scene = OTHER_SCENE; // e.g. the page was made narrower while the answer was on its way
  const state = stateAt([1], { scene: 1 });
  storeAnswer(view.ahead, { entries: [{ position: [1], state, cells: ROWS }], scenes: [] });
  traits.sliders = [1];
  assert.equal(currentContent(view).scene, SCENE);
});

test("an answer for a scene that the page does not have waits for the kernel", () => {
  const state = stateAt([1], { scene: 3 });
  storeAnswer(view.ahead, { entries: [{ position: [1], state, cells: ROWS }], scenes: [] });
  traits.sliders = [1];
  assert.ok(!isAhead(view));
});
