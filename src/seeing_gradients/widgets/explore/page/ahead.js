// What to show: the kernel's answer for the sliders' position, or what it computed there ahead. No elements.

import { clamp } from "../../page/numbers.js";
import { keyOf, remember } from "./cache.js";
import { unpackScene } from "./packing.js";

/** @import { AheadAnswer, AheadEntry, Scene, State } from "./data" */
/** @import { Content, View } from "./view" */

export const AHEAD_RANGE = 150; // how many positions to either side of a slider are run ahead
const MAX_POSITIONS_ASKED = 64; // in one request
const MAX_POSITIONS = 700; // in the cache
const MAX_NUMBERS = 84_000; // nodes times positions in the cache: of a large graph it holds fewer positions
const MIN_POSITIONS = 60;
const REST = 300; // ms without a move, after which the slider is at rest
const NEAR = 24; // positions; while the slider moves, the page asks for these alone, so that nothing holds up its pictures

/** The cache of positions that were run ahead. */
export function createAhead() {
  return {
    /** @type {Map<string, AheadEntry>} by position */
    entries: new Map(),
    /** @type {Map<number, Scene>} by key */
    scenes: new Map(),
    /** @type {((sliders: number[]) => number[][]) | null} positions that pointer or focus may reach, nearest first */
    candidates: null,
    isAsked: false,
    isCaptioned: false, // whether the entries have the sentences of the steps, most of their text
    isOff: false,
  };
}

/**
 * How many positions the cache holds.
 * @param {number} nodes of the graph
 */
export function cacheSize(nodes) {
  return clamp(Math.floor(MAX_NUMBERS / Math.max(nodes, 1)), MIN_POSITIONS, MAX_POSITIONS);
}

/**
 * The cached entry of the current position, if f ran there ahead.
 * @param {View} view
 */
function entryHere({ model, ahead }) {
  return ahead.entries.get(keyOf(model.get("sliders")));
}

/**
 * Whether the kernel has not answered for this position yet, but ran f there ahead.
 * @param {View} view
 */
export function isAhead(view) {
  const state = entryHere(view)?.state;
  return !isAnswered(view) && state != null && sceneOf(view, state) !== undefined;
}

/**
 * Whether the kernel's last answer is for this position. Meanwhile the page may have shown others that were run ahead.
 * @param {View} view
 */
export function isAnswered({ model }) {
  return keyOf(model.get("state").position) === keyOf(model.get("sliders"));
}

/**
 * The state, scene and check to show.
 * @param {View} view
 * @returns {Content}
 */
export function currentContent(view) {
  const { model } = view;
  const entry = entryHere(view);
  const check = model.get("check");
  if (isAhead(view) && entry?.state) {
    const { state, cells } = entry;
    const scene = /** @type {Scene} */ (sceneOf(view, state));
    return { state, scene, cells: cells ?? check.cells, isChecked: cells !== null };
  }
  const state = model.get("state");
  if (isOvertaken(view, state)) return view.shown;
  const isChecked = check.sequence === state.sequence;
  const known =
    entry?.state && keyOf(state.position) === keyOf(entry.state.position) && state.fresh ? entry.cells : null;
  const cells = isChecked ? check.cells : (known ?? check.cells);
  return { state, scene: kernelScene(view), cells, isChecked: isChecked || Boolean(known) };
}

/**
 * Whether an answer is for an earlier position than the one shown, and the sliders have moved on. It is not shown then,
 * so that the picture never goes back.
 * @param {View} view
 * @param {State} state
 */
function isOvertaken({ model, shown, moves }, state) {
  if (keyOf(state.position) === keyOf(model.get("sliders"))) return false;
  return (moves.get(keyOf(state.position)) ?? 0) < (moves.get(keyOf(shown.state.position)) ?? 0);
}

/**
 * The scene of a state, if the page has it.
 * @param {View} view
 * @param {State} state
 * @returns {Scene | undefined}
 */
function sceneOf(view, state) {
  const scene = kernelScene(view);
  return state.scene === scene.key ? scene : view.ahead.scenes.get(/** @type {number} */ (state.scene));
}

/**
 * The kernel's scene, unpacked once. It stays in the cache when another one takes its place: `requestAhead` told the
 * kernel that the page has it, and an answer on its way may be for it.
 * @param {View} view
 */
function kernelScene(view) {
  const received = view.model.get("scene");
  if (view.kernelScene?.received !== received) {
    const scene = unpackScene(received);
    view.kernelScene = { received, scene };
    if (scene.key != null) view.ahead.scenes.set(scene.key, scene);
  }
  return view.kernelScene.scene;
}

/**
 * Ask the kernel for positions near the current one, along the slider that has the pointer or the focus. There is
 * at most one request at a time.
 * @param {View} view
 */
export function requestAhead(view) {
  const { model, ahead, shown, stepper, timers } = view;
  if (ahead.isOff || ahead.isAsked || ahead.candidates === null) return;
  if (stepper.isStepping() && !ahead.isCaptioned) ahead.entries.clear();
  ahead.isCaptioned = stepper.isStepping();
  const rest = view.lastMove + REST - performance.now(); // ms until it is at rest
  const most = Math.min(cacheSize(shown.scene.nodes.length), rest > 0 ? NEAR : Infinity);
  const near = ahead.candidates(model.get("sliders")).slice(0, most);
  const positions = near.filter((position) => !ahead.entries.has(keyOf(position)));
  if (rest > 0) timers.debounce("ahead", () => requestAhead(view), rest);
  if (!positions.length) return;
  ahead.isAsked = true;
  const { key = null } = model.get("scene");
  model.send({
    ahead: positions.slice(0, MAX_POSITIONS_ASKED),
    scenes: [key, ...ahead.scenes.keys()],
    captions: ahead.isCaptioned,
  });
}

/**
 * Put an answer of the kernel into the cache.
 * @param {View["ahead"]} ahead
 * @param {AheadAnswer} answer
 */
export function storeAnswer(ahead, { forget, entries = [], scenes = [], off = false }) {
  if (forget) {
    ahead.entries.clear();
    return;
  }
  ahead.isAsked = false;
  ahead.isOff = off;
  for (const scene of scenes) ahead.scenes.set(scene.key, scene);
  for (const entry of entries) {
    remember(ahead.entries, keyOf(entry.position), entry, cacheSize(entry.state?.values?.length ?? 0));
  }
}

/**
 * Run ahead along another control, to which the pointer or the focus has come.
 * @param {View} view
 * @param {(sliders: number[]) => number[][]} candidates
 */
export function aimAt(view, candidates) {
  view.ahead.candidates = candidates;
  requestAhead(view);
}
