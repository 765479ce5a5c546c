// Look up what was recorded: the variant of the present choices, and in it the nearest position. No elements.

import { shortest } from "../page/numbers.js";
import { nearestPosition, shareOf } from "./nearest.js";
import { unpack } from "./packing.js";

/** @import { RecordingData, Variant } from "./data" */

const TOLERANCE = 1e-6; // share of a slider within which two numbers are the same

/**
 * A choice in a form in which equal choices have equal texts: lists whose order does not matter are sorted.
 * @param {string} name of the trait
 * @param {any} value
 */
function canonical(name, value) {
  if (name === "opened" || name === "cuts")
    return value.map((/** @type {unknown} */ each) => JSON.stringify(each)).sort();
  if (name === "saved_tensors") return value.on ? [value.retain, value.twice] : [];
  if (name === "nudge_choice") return value.input ? [value.input, value.step] : [];
  if (name === "plot_choice") {
    const { inputs, log, derivative, steps, lr } = value;
    return inputs.length ? [inputs, log, inputs.length === 1 && derivative, steps, steps ? lr : 0] : [];
  }
  return value;
}

/** @param {RecordingData} data */
export function createLookup(data) {
  const { traits: first, settings, scales, variants, texts } = data;
  const text = unpack(texts);
  /** @param {Record<string, unknown>} traits */
  const keyOf = (traits) => JSON.stringify(settings.map((name) => canonical(name, traits[name])));
  const byKey = new Map(variants.map((variant) => [keyOf({ ...first, ...variant.settings }), variant]));
  /** @type {number[] | null} */
  let lastWanted = null;
  /** @type {string[]} */
  let snapped = [];
  /**
   * @param {number} i
   * @param {number} x
   * @param {number} other
   */
  const isSame = (i, x, other) =>
    x === other || Math.abs(shareOf(scales[i], x) - shareOf(scales[i], other)) < TOLERANCE;
  return {
    /**
     * The JSON value of a text.
     * @param {number} index
     */
    value: (index) => JSON.parse(text(index)),
    /**
     * Whether a choice was recorded together with the others.
     * @param {string} name
     * @param {unknown} value
     * @param {Record<string, unknown>} traits
     */
    offers: (name, value, traits) => !settings.includes(name) || byKey.has(keyOf({ ...traits, [name]: value })),
    /** @param {Record<string, unknown>} traits */
    variant: (traits) => byKey.get(keyOf(traits)),
    /**
     * The index of the nearest recorded position.
     * @param {Variant} variant
     * @param {number[]} wanted
     * @param {number[]} before
     */
    nearest({ positions }, wanted, before) {
      const exact = positions.findIndex((position) => position.every((x, i) => x === wanted[i]));
      const index = exact >= 0 ? exact : nearestPosition(positions, scales, wanted, before, lastWanted ?? before);
      lastWanted = wanted;
      snapped = positions[index].flatMap((x, i) =>
        isSame(i, x, wanted[i]) ? [] : [`${data.names[i]} = ${shortest(x, 4)}`],
      );
      return index;
    },
    /** The sliders that the last position moved elsewhere than they were wanted. */
    snapped: () => snapped,
    /** End a drag. */
    settle() {
      lastWanted = null;
    },
  };
}
