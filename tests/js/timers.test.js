import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { createFrameAction, createTimers } from "../../src/seeing_gradients/widgets/page/timers.js";

const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
let done = [];
const act = (name) => () => done.push(name);
let waiting = new Map();
let now = 0;

/** Let so many ms pass. */
function tick(ms) {
  now += ms;
  const due = [...waiting].filter(([, { time }]) => time <= now).sort(([, a], [, b]) => a.time - b.time);
  for (const [id, { action }] of due) {
    waiting.delete(id);
    action();
  }
}

beforeEach(() => {
  done = [];
  waiting = new Map();
  let count = 0;
  const start = (action, delay) => {
    count += 1;
    waiting.set(count, { action, time: now + delay });
    return count;
  };
  Object.assign(globalThis, { setTimeout: start, clearTimeout: (id) => waiting.delete(id) });
});

after(() => Object.assign(globalThis, { setTimeout: realSetTimeout, clearTimeout: realClearTimeout }));

test("a debounced action runs once, after the last request", () => {
  const timers = createTimers();
  timers.debounce("a", act("first"), 100);
  tick(60);
  timers.debounce("a", act("second"), 100);
  tick(99);
  assert.deepEqual(done, []);
  tick(1);
  assert.deepEqual(done, ["second"]);
});

test("a throttled action runs while requests go on", () => {
  const timers = createTimers();
  for (let i = 0; i < 5; i += 1) {
    timers.throttle("a", act(`${i}`), 100);
    tick(40);
  }
  assert.deepEqual(done, ["0"]); // at 100 ms; the next one, asked for at 120 ms, runs at 220 ms
  tick(20);
  assert.deepEqual(done, ["0", "3"]);
});

test("timers of different names do not disturb each other, and one can be cancelled", () => {
  const timers = createTimers();
  timers.debounce("a", act("a"), 10);
  timers.debounce("b", act("b"), 10);
  timers.cancel("a");
  tick(10);
  assert.deepEqual(done, ["b"]);
});

test("nothing runs once the widget has gone", () => {
  const timers = createTimers();
  timers.debounce("a", act("a"), 10);
  timers.throttle("b", act("b"), 10);
  timers.stop();
  tick(1000);
  assert.deepEqual(done, []);
});

test("an action runs once a frame, however often it is requested", () => {
  const frames = [];
  Object.assign(globalThis, {
    requestAnimationFrame: (run) => frames.push(run),
    cancelAnimationFrame: (id) => delete frames[id - 1],
  });
  const action = createFrameAction(act("drawn"));
  action.request();
  action.request();
  assert.equal(frames.length, 1);
  frames[0]();
  action.request();
  assert.equal(frames.length, 2);
  action.cancel();
  frames[1]?.();
  assert.deepEqual(done, ["drawn"]);
});
