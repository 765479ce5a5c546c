// What to show: the kernel's answer to where the sliders stand, or what it ran there ahead. No elements.

import { keyOf, remember } from "./cache.js";
import { unpackScene } from "./packing.js";

/** @import { AheadAnswer, AheadEntry, Scene, State } from "./data" */
/** @import { Content, View } from "./view" */

export const AHEAD_RANGE = 150; // positions to either side of a slider that are run ahead
const MAX_POSITIONS_ASKED = 64; // in one question
const MAX_POSITIONS = 700; // in the cache

/** The cache of positions that were run ahead. */
export function createAhead() {
  return {
    /** @type {Map<string, AheadEntry>} by position */
    entries: new Map(),
    /** @type {Map<number, Scene>} by key */
    scenes: new Map(),
    /** @type {((sliders: number[]) => number[][]) | null} the positions that hand or focus may go to, nearest first */
    candidates: null,
    isAsked: false,
    isOff: false,
  };
}

/**
 * What the page knows of this position, if it was run ahead.
 * @param {View} view
 */
function entryHere({ model, ahead }) {
  return ahead.entries.get(keyOf(model.get("sliders")));
}

/**
 * Whether the kernel has not answered yet for this position but ran it ahead.
 * @param {View} view
 */
export function isAhead(view) {
  return !isAnswered(view) && entryHere(view)?.state != null;
}

/**
 * Whether the kernel's last answer is of this position. It says nothing new if the page was elsewhere only ahead of it.
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
    return { state, scene: sceneOf(view, state), cells: cells ?? check.cells, isChecked: cells !== null };
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
 * Whether this answer is of an earlier position than the one shown, and the sliders have moved on: no picture goes back.
 * @param {View} view
 * @param {State} state
 */
function isOvertaken({ model, shown, moves }, state) {
  if (keyOf(state.position) === keyOf(model.get("sliders"))) return false;
  return (moves.get(keyOf(state.position)) ?? 0) < (moves.get(keyOf(shown.state.position)) ?? 0);
}

/**
 * The scene of a state.
 * @param {View} view
 * @param {State} state
 * @returns {Scene}
 */
function sceneOf(view, state) {
  const scene = kernelScene(view);
  if (state.scene === scene.key) return scene;
  return /** @type {Scene} */ (view.ahead.scenes.get(/** @type {number} */ (state.scene)));
}

/**
 * The kernel's scene, unpacked once.
 * @param {View} view
 */
function kernelScene(view) {
  const received = view.model.get("scene");
  if (view.kernelScene?.received !== received) view.kernelScene = { received, scene: unpackScene(received) };
  return view.kernelScene.scene;
}

/**
 * Ask the kernel for positions near the present one, along the slider that hand or focus is on; one question at a time.
 * @param {View} view
 */
export function requestAhead({ model, ahead }) {
  if (ahead.isOff || ahead.isAsked || ahead.candidates === null) return;
  const positions = ahead.candidates(model.get("sliders")).filter((at) => !ahead.entries.has(keyOf(at)));
  if (!positions.length) return;
  ahead.isAsked = true;
  const { key = null } = model.get("scene");
  model.send({ ahead: positions.slice(0, MAX_POSITIONS_ASKED), scenes: [key, ...ahead.scenes.keys()] });
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
  for (const entry of entries) remember(ahead.entries, keyOf(entry.position), entry, MAX_POSITIONS);
}

/**
 * Point the cache at other positions, those near a control that hand or focus has come to.
 * @param {View} view
 * @param {(sliders: number[]) => number[][]} candidates
 */
export function aimAt(view, candidates) {
  view.ahead.candidates = candidates;
  requestAhead(view);
}
