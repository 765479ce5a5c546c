// What each kind of widget answers from its recording. No elements.

import { createPredictPlayer } from "./predict-player.js";
import { createLookup } from "./variants.js";

/** @import { RecordingData } from "./data" */
/** @import { Player } from "./model.js" */

/** @typedef {Record<string, any>} Traits */

/**
 * @param {RecordingData} data
 * @returns {Player & { start(): Traits }} start: the traits at first
 */
export function createPlayer(data) {
  switch (data.kind) {
    case "explore":
      return createExplorePlayer(data);
    case "descend":
      return createDescendPlayer(data);
    case "secant":
      return createSecantPlayer(data);
    case "watch":
      return createWatchPlayer(data);
    case "predict":
      return createPredictPlayer(data, createLookup(data).value(0));
  }
}

/**
 * @param {RecordingData} data
 * @returns {Player & { start(): Traits }}
 */
function createExplorePlayer(data) {
  const lookup = createLookup(data);
  let sequence = 0;
  /**
   * @param {Traits} traits
   * @param {Traits} before
   */
  const answer = (traits, before) => {
    const variant = lookup.variant(traits);
    if (!variant) return Object.fromEntries(data.settings.map((name) => [name, before[name]]));
    const index = lookup.nearest(variant, traits.sliders, before.sliders);
    const position = variant.positions[index];
    const [stateText, checkText, plotText] = variant.contents[index];
    sequence += 1;
    const state = { ...lookup.value(stateText), sequence, position };
    const [width, narrow] = data.narrow[state.scene] ?? [0, 0];
    if (traits.graph_width < width) state.scene = narrow;
    const scene = data.scenes[state.scene];
    return {
      sliders: position,
      ...(scene === undefined || traits.scene?.key === state.scene ? {} : { scene: lookup.value(scene) }),
      state,
      check: { sequence, cells: lookup.value(checkText) },
      plot_data: { ...lookup.value(plotText), sequence, position },
    };
  };
  return {
    answer,
    offers: lookup.offers,
    settle: lookup.settle,
    snapped: lookup.snapped,
    receive(content, traits) {
      if ("plot" in content)
        return { plot_data: { .../** @type {object} */ (traits.plot_data), sequence: ++sequence } };
      return {};
    },
    start() {
      const first = { scene: {}, ...data.traits };
      return { ...first, ...answer(first, first) };
    },
  };
}

/**
 * @param {RecordingData} data
 * @returns {Player & { start(): Traits }}
 */
function createDescendPlayer(data) {
  const lookup = createLookup(data);
  const [variant] = data.variants;
  const names = Object.keys(/** @type {object} */ (data.traits.values));
  /** @param {Traits} traits */
  const positionOf = ({ start, lr, values }) => [...start, lr, ...names.map((name) => values[name])];
  /**
   * @param {Traits} traits
   * @param {Traits} before
   */
  const answer = (traits, before) => {
    const index = lookup.nearest(variant, positionOf(traits), positionOf(before));
    const [shownText, fieldText] = variant.contents[index];
    const position = variant.positions[index];
    const count = traits.start.length;
    const shown = lookup.value(shownText);
    const marks = wholePaths(shown, Math.min(traits.steps, shown.length - 1));
    return {
      start: position.slice(0, count),
      lr: position[count],
      values: Object.fromEntries(names.map((name, i) => [name, position[count + 1 + i]])),
      steps: Math.min(traits.steps, traits.spec.max_steps),
      shown: { ...shown[Math.min(traits.steps, shown.length - 1)], marks },
      field: lookup.value(fieldText),
    };
  };
  return {
    answer,
    offers: lookup.offers,
    settle: lookup.settle,
    snapped: lookup.snapped,
    start: () => ({ ...data.traits, ...answer(data.traits, data.traits) }),
  };
}

/**
 * The marks of a step. A path with which that of a later step begins was recorded by its length.
 * @param {{ marks: any[][] }[]} shown after each number of steps
 * @param {number} step
 */
export function wholePaths(shown, step) {
  return shown[step].marks.map(([name, form, data, ...rest]) => {
    if (form !== "path" || typeof data !== "number") return [name, form, data, ...rest];
    const later = shown.slice(step).flatMap(({ marks }) => marks.filter((mark) => mark[0] === name));
    const whole = later.find((mark) => typeof mark[2] === "string");
    return [name, form, /** @type {any} */ (whole)[2].slice(0, data), ...rest];
  });
}

/**
 * @param {RecordingData} data
 * @returns {Player & { start(): Traits }}
 */
function createSecantPlayer(data) {
  const lookup = createLookup(data);
  /**
   * @param {Traits} traits
   * @param {Traits} before
   */
  const answer = (traits, before) => {
    const variant = /** @type {import("./data").Variant} */ (lookup.variant(traits));
    const index = lookup.nearest(variant, [traits.h], [before.h]);
    return { h: variant.positions[index][0], shown: lookup.value(variant.contents[index][0]) };
  };
  return {
    answer,
    offers: lookup.offers,
    settle: lookup.settle,
    snapped: lookup.snapped,
    start: () => ({ ...data.traits, ...answer(data.traits, data.traits) }),
  };
}

/**
 * @param {RecordingData} data
 * @returns {Player & { start(): Traits }}
 */
function createWatchPlayer(data) {
  const lookup = createLookup(data);
  const [content] = data.variants[0].contents;
  return {
    answer: () => ({}),
    offers: (name) => name !== "explorer" && name !== "baseline",
    start: () => ({ ...data.traits, shown: lookup.value(content[0]) }),
  };
}
